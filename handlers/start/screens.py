from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.admin.callbacks import Admin
from handlers.cards.callbacks import ShowCard
from handlers.group_buys.callbacks import DealsPage
from handlers.help.callbacks import Contact
from handlers.links import WAY_IN, Links
from handlers.merchant.callbacks import Console
from handlers.offers.callbacks import MyOffers
from handlers.points.callbacks import CheckIn, PointsPage
from handlers.profile.callbacks import ShowProfile
from handlers.referrals.callbacks import Invite
from handlers.rewards.callbacks import RewardsPage, Wallet
from handlers.screens import Row, Screen, button, link_button
from handlers.shops.callbacks import Shops
from handlers.start.callbacks import Help, Home, PickLanguage
from locales.texts import LANGUAGES, Texts
from loyalty.members import Member
from loyalty.merchants import Post
from loyalty.points import Balance
from loyalty.referrals import ReferralEvent
from loyalty.services.members import Enrolment


def home(member: Member, balance: Balance, posts: Sequence[Post], texts: Texts, *, is_operator: bool = False) -> Screen:
    """Who you are here, what you have, and the ways on."""
    text = "\n".join(
        [
            texts("Hello {name}.", name=member.first_name),
            texts.plural(
                "{medal} {tier} · <b>{points}</b> point",
                "{medal} {tier} · <b>{points}</b> points",
                balance.available,
                medal=names.tier_medal(member.tier),
                tier=names.tier(texts, member.tier),
                points=balance.available,
            ),
        ]
    )
    rows = [
        [button(texts("My card"), ShowCard())],
        [button(texts("My points"), PointsPage()), button(texts("Check in"), CheckIn())],
        [button(texts("Rewards"), RewardsPage()), button(texts("My vouchers"), Wallet())],
        [button(texts("Group buys"), DealsPage()), button(texts("Today for me"), MyOffers())],
        [button(texts("Invite a friend"), Invite()), button(texts("Profile"), ShowProfile())],
    ]
    for post in {post.merchant_id: post for post in posts}.values():
        roles = [other.role for other in posts if other.merchant_id == post.merchant_id]
        label = names.way_in(texts, post.shop(texts.language), *roles)
        rows.append([button(label, Console(merchant_id=post.merchant_id))])
    rows.append([button(texts("Help"), Help()), *([button(texts("Admin"), Admin())] if is_operator else [])])
    return Screen(text, rows)


def welcome(enrolment: Enrolment, club: str, texts: Texts) -> str:
    """What stands above the home screen on the first start, or after a link that did not count."""
    lines = []
    if enrolment.is_new:
        lines.append(
            texts(
                "Welcome to {club}. One club, many shops: collect points, spend them on things you like, "
                "and buy together with friends.",
                club=club,
            )
        )
    match enrolment.referral:
        case "bound" if enrolment.referral_event is ReferralEvent.PURCHASE:
            lines.append(
                texts.plural(
                    "{name} brought you here. With your first purchase, {points} welcome point is yours.",
                    "{name} brought you here. With your first purchase, {points} welcome points are yours.",
                    enrolment.referee_points,
                    name=enrolment.referrer,
                    points=enrolment.referee_points,
                )
            )
        case "bound":
            lines.append(
                texts.plural(
                    "{name} brought you here. Check in once, and {points} welcome point is yours.",
                    "{name} brought you here. Check in once, and {points} welcome points are yours.",
                    enrolment.referee_points,
                    name=enrolment.referrer,
                    points=enrolment.referee_points,
                )
            )
        case "already_member":
            lines.append(texts("That link is for newcomers, and you are with us already."))
        case "self":
            lines.append(texts("That is your own link. Send it to a friend."))
        case None:
            pass
        case _:
            lines.append(texts("I do not know that invitation, but you are welcome all the same."))
    return "\n\n".join(lines)


def choose_language(current: str, texts: Texts) -> Screen:
    rows = [
        [button(f"{'✓ ' if code == current else ''}{name}", PickLanguage(code=code))]
        for code, name in LANGUAGES.items()
    ]
    return Screen(texts("Which language do you like best?"), [*rows, [button(texts("Home"), Home())]])


def not_understood(texts: Texts) -> Screen:
    return Screen(
        texts("I did not quite get that. Here is what I can do for you:"),
        [
            [button(texts("My points"), PointsPage()), button(texts("Rewards"), RewardsPage())],
            [button(texts("Group buys"), DealsPage()), button(texts("Invite a friend"), Invite())],
            [button(texts("Help"), Help()), button(texts("Home"), Home())],
        ],
    )


def still_not_understood(texts: Texts) -> Screen:
    """For the second thing in a row."""
    return Screen(
        texts("I do not know that one either. I read short wishes such as “points”, “shops” or “stop”."),
        _who_helps(texts),
    )


def beyond_me(texts: Texts) -> Screen:
    """And for the one after that."""
    return Screen(
        texts("Sorry, I am a program, and this is beyond me. Under Contact you find a person to ask."),
        _who_helps(texts),
    )


def _who_helps(texts: Texts) -> list[Row]:
    return [
        [button(texts("Help"), Help()), button(texts("Shops"), Shops())],
        [button(texts("Contact"), Contact()), button(texts("Home"), Home())],
    ]


def not_text(texts: Texts) -> Screen:
    return Screen(
        texts("Thank you. I can only read words and buttons, though. What would you like to do?"),
        not_understood(texts).rows,
    )


def help_here(texts: Texts, links: Links) -> Screen:
    """What the bot does in a chat of many."""
    return Screen(
        texts("In this chat we buy together: /groupbuy shows what there is. Everything else is between you and me."),
        [[link_button(texts("Open the chat"), links.start(WAY_IN))]],
    )


def only_in_private(texts: Texts, links: Links) -> Screen:
    """What is asked for in a group and is nobody else's business."""
    return Screen(
        texts("That is between you and me. Let us talk in private."),
        [[link_button(texts("Open the chat"), links.start(WAY_IN))]],
    )
