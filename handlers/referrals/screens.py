from __future__ import annotations

from aiogram.types import InlineQueryResultArticle, InputTextMessageContent

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.screens import Screen, button, copy_button, link_button, plain, share_button
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.members import Member
from loyalty.referrals import ReferralEvent
from loyalty.services.referrals import Invitation

SHARE = "r"


def invite(invitation: Invitation, card: bytes, links: Links, texts: Texts) -> Screen:
    """Code, link and card, what both sides get, and what came of it so far."""
    referred = invitation.referred
    lines = [
        _promise(invitation, texts),
        "",
        texts("Your code: <code>{code}</code>", code=invitation.code),
        links.referral(invitation.code),
        "",
    ]
    if referred.joined:
        lines.append(
            texts.plural("{n} friend came", "{n} friends came", referred.joined)
            + " · "
            + texts("{n} took part", n=referred.qualified)
            + " · "
            + texts.plural("{points} point for you", "{points} points for you", referred.points, points=referred.points)
        )
    else:
        lines.append(texts("Nobody has come through you yet. The first one is the nicest."))
    return Screen(
        "\n".join(lines),
        [
            [share_button(texts("Share with a friend"), SHARE)],
            [copy_button(texts("Copy link"), links.referral(invitation.code))],
            [button(texts("My points"), PointsPage()), button(texts("Home"), Home())],
        ],
        picture=card,
    )


def _promise(invitation: Invitation, texts: Texts) -> Markup:
    mine, theirs = invitation.referrer_points, invitation.referee_points
    if invitation.event is ReferralEvent.PURCHASE:
        return texts.plural(
            "Bring a friend: when they buy something for the first time, you get <b>{mine}</b> point "
            "and they get <b>{theirs}</b>.",
            "Bring a friend: when they buy something for the first time, you get <b>{mine}</b> "
            "points and they get <b>{theirs}</b>.",
            mine,
            mine=mine,
            theirs=theirs,
        )
    return texts.plural(
        "Bring a friend: when they check in for the first time, you get <b>{mine}</b> point and they "
        "get <b>{theirs}</b>.",
        "Bring a friend: when they check in for the first time, you get <b>{mine}</b> points and "
        "they get <b>{theirs}</b>.",
        mine,
        mine=mine,
        theirs=theirs,
    )


def shared(invitation: Invitation, member: Member, club: str, links: Links, texts: Texts) -> InlineQueryResultArticle:
    """What a friend sees in their own chat."""
    join = Screen(
        texts.plural(
            "{name} invites you to {club}: points at many shops, rewards, and buying together. "
            "With your first purchase, {points} point is yours as a welcome.",
            "{name} invites you to {club}: points at many shops, rewards, and buying together. "
            "With your first purchase, {points} points are yours as a welcome.",
            invitation.referee_points,
            name=member.name,
            club=club,
            points=invitation.referee_points,
        )
        if invitation.event is ReferralEvent.PURCHASE
        else texts.plural(
            "{name} invites you to {club}: points at many shops, rewards, and buying together. "
            "{points} point waits for you as a welcome.",
            "{name} invites you to {club}: points at many shops, rewards, and buying together. "
            "{points} points wait for you as a welcome.",
            invitation.referee_points,
            name=member.name,
            club=club,
            points=invitation.referee_points,
        ),
        [[link_button(texts("Join {club}", club=club), links.referral(invitation.code))]],
    )
    return InlineQueryResultArticle(
        id=SHARE,
        title=plain(texts("Invite to {club}", club=club)),
        description=plain(texts("Both of you get points")),
        input_message_content=InputTextMessageContent(message_text=join.text, parse_mode="HTML"),
        reply_markup=join.keyboard,
    )
