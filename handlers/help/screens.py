"""What people ask first: what this is, what it costs, where, and how to earn; and the way to somebody who answers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from aiogram.types import BotCommand

from handlers import menu
from handlers.cards.callbacks import ShowCard
from handlers.help.callbacks import Contact, HelpOn, HelpTopic
from handlers.points.callbacks import CheckIn, PointsPage
from handlers.privacy.callbacks import Privacy
from handlers.referrals.callbacks import Invite
from handlers.rewards.callbacks import RewardsPage, Wallet
from handlers.screens import Row, Screen, button, link_button
from handlers.shops.callbacks import Shops
from handlers.shops.screens import where
from handlers.start.callbacks import Help, Home
from locales.texts import Markup, Texts
from loyalty.fronts import ShopFronts
from loyalty.merchants import Post
from loyalty.programme import Programme
from loyalty.referrals import ReferralEvent


def help_screen(
    shops: ShopFronts, programme: Programme, posts: Sequence[Post], texts: Texts, *, is_operator: bool
) -> Screen:
    """The questions of everybody; whoever works here finds their own commands first."""
    lines: list[str] = [
        *_work(posts, texts, is_operator=is_operator),
        texts("<b>What is this?</b>"),
        texts(
            "{club} is one club of many shops. You show your card when you pay, collect points, and get things you "
            "like for them.",
            club=programme.club,
        ),
        "",
        texts("<b>What does it cost?</b>"),
        _costs(texts),
        "",
        texts("<b>Where?</b>"),
        where(shops, texts),
        "",
        texts("<b>How do I get points?</b>"),
        *_earnings(programme, texts),
        "",
        texts("You can also just say what you want, such as “how many points do I have”."),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Shops"), Shops()), button(texts("My card"), ShowCard())],
            [button(texts("Check in"), CheckIn()), button(texts("Rewards"), RewardsPage())],
            [button(texts("Everything I understand"), HelpOn(topic=HelpTopic.COMMANDS))],
            [button(texts("Contact"), Contact()), button(texts("Privacy"), Privacy())],
            [button(texts("Home"), Home())],
        ],
    )


def cost(texts: Texts) -> Screen:
    return Screen(_costs(texts), [[button(texts("Shops"), Shops())], _ways_on(texts)])


def earn(programme: Programme, texts: Texts) -> Screen:
    lines: list[str] = [texts("<b>How do I get points?</b>"), *_earnings(programme, texts)]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Shops"), Shops()), button(texts("My card"), ShowCard())],
            [button(texts("Check in"), CheckIn()), button(texts("Invite a friend"), Invite())],
            _ways_on(texts),
        ],
    )


def refund(programme: Programme, texts: Texts) -> Screen:
    """How money, points and vouchers go back."""
    lines: list[str] = [
        texts("<b>Bringing something back</b>"),
        texts(
            "The shop gives the money back, at its counter. Staff book it at the till, the points of that purchase go "
            "back with it, and you get a message."
        ),
    ]
    if programme.voucher_cancel_days:
        lines.append(
            texts.plural(
                "A voucher that you have not used becomes points again within {n} day: open it in /vouchers.",
                "A voucher that you have not used becomes points again within {n} days: open it in /vouchers.",
                programme.voucher_cancel_days,
            )
        )
    lines.append(
        texts("If a group buy does not fill, its points come back by themselves, unless you choose otherwise.")
    )
    ways: Row = [button(texts("My points"), PointsPage()), button(texts("My vouchers"), Wallet())]
    return Screen("\n\n".join(lines), [ways, [button(texts("Contact"), Contact())], _ways_on(texts)])


def thanks(texts: Texts) -> Screen:
    return Screen(texts("You are welcome, and see you soon."), [[button(texts("Home"), Home())]])


def everything(texts: Texts, programme: Programme, posts: Sequence[Post], *, is_operator: bool) -> Screen:
    """Each command that this person may use."""
    lines: list[str] = [texts("<b>Everything I understand</b>")]
    lines += map(_line, menu.commands(texts, programme, posts, is_operator=is_operator))
    lines += ["", texts("You can also just say what you want, such as “how many points do I have”.")]
    return Screen("\n".join(lines), [_ways_on(texts)])


def contact(programme: Programme, texts: Texts) -> Screen:
    at_the_shop = texts("About a purchase, a voucher or a complaint, the shop itself can act at once, at its counter.")
    if programme.contact:
        lines = [
            texts("You reach the people who run {club} here: {contact}", club=programme.club, contact=programme.contact)
        ]
    else:
        lines = [
            texts(
                "I am a program, and {club} has not named anybody to write to. Please ask the staff of a shop: they "
                "know who runs the club.",
                club=programme.club,
            )
        ]
    url = url_of(programme.contact)
    write = [link_button(texts("Write to them"), url)] if url is not None else []
    return Screen("\n\n".join([*lines, at_the_shop]), [write, [button(texts("Shops"), Shops())], _ways_on(texts)])


def url_of(contact: str) -> str | None:
    """Where a tap leads that reaches this contact in Telegram; None for what is dialled or written elsewhere."""
    if contact.startswith("@"):
        return f"https://t.me/{contact[1:]}"
    if "t.me/" in contact:
        return contact if contact.startswith("https://") else f"https://{contact}"
    return None


def _costs(texts: Texts) -> Markup:
    return texts("Nothing. Joining is free and stays free. You pay for what you buy, as ever, and for nothing else.")


def _earnings(programme: Programme, texts: Texts) -> list[str]:
    """Each way to points that is open in this club."""
    lines: list[str] = [
        texts("– Show your /card before you pay. What a purchase brings, each shop says in /shops."),
    ]
    if programme.checkin_points:
        least, most = min(programme.checkin_points), max(programme.checkin_points)
        if least == most:
            lines.append(texts.plural("– /checkin: {n} point each day.", "– /checkin: {n} points each day.", most))
        else:
            lines.append(texts("– /checkin: {least} to {most} points each day.", least=least, most=most))
    mine = programme.referrer_points
    if mine and programme.referral_event is ReferralEvent.PURCHASE:
        lines.append(
            texts.plural(
                "– /invite a friend: {n} point when they buy something for the first time.",
                "– /invite a friend: {n} points when they buy something for the first time.",
                mine,
            )
        )
    elif mine:
        lines.append(
            texts.plural(
                "– /invite a friend: {n} point when they check in for the first time.",
                "– /invite a friend: {n} points when they check in for the first time.",
                mine,
            )
        )
    return lines


def _work(posts: Sequence[Post], texts: Texts, *, is_operator: bool) -> list[str]:
    lines: list[str] = []
    if is_operator:
        lines += [texts("<b>Running the club</b>"), f"/admin – {texts('Run the club')}", ""]
    if at_the_shop := menu.work_at_shops(texts, posts):
        lines += [texts("<b>At the counter</b>"), *map(_line, at_the_shop), ""]
    return lines


def _line(command: BotCommand) -> str:
    return f"/{command.command} – {escape(command.description, quote=False)}"


def _ways_on(texts: Texts) -> Row:
    return [button(texts("Help"), Help()), button(texts("Home"), Home())]
