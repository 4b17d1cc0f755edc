"""The member's vouchers: the shelves, and one voucher with its QR."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from handlers.links import Links
from handlers.paging import newest_and_older
from handlers.pictures.cards import voucher_card
from handlers.rewards.callbacks import AskGiveBack, GiveBack, RewardsPage, ShowVoucher, Wallet
from handlers.rewards.titles import last_day, voucher_shop, voucher_title
from handlers.screens import Row, Screen, button, plain, shortened
from handlers.start.callbacks import Home
from locales.texts import Markup, Texts
from loyalty.codes import grouped
from loyalty.members import Member
from loyalty.services.rewards import Redemption
from loyalty.services.vouchers import GivenBack
from loyalty.services.vouchers import Wallet as Page
from loyalty.vouchers import Shelf, Voucher, VoucherState


def wallet(seen: Page, member: Member, texts: Texts) -> Screen:
    """A page of one shelf, and the ways to the others."""
    lines: list[str] = [texts("<b>My vouchers</b> · {shelf}", shelf=_shelf(seen.shelf, texts)), ""]
    lines += [f"{heading(voucher, texts)}\n      {_state(voucher, member.zone, texts)}" for voucher in seen.vouchers]
    if not seen.vouchers:
        lines.append(_nothing(seen, texts))
    rows: list[Row] = [
        [button(f"🎟 {shortened(voucher_title(voucher, texts))}", ShowVoucher(voucher_id=voucher.id))]
        for voucher in seen.vouchers
    ]
    paging = newest_and_older(
        None if seen.is_first_page else Wallet(shelf=seen.shelf),
        None if seen.older_than is None else Wallet(before=seen.older_than, shelf=seen.shelf),
        texts,
    )
    shelves = [button(_shelf(shelf, texts), Wallet(shelf=shelf)) for shelf in Shelf if shelf is not seen.shelf]
    ways = [button(texts("Rewards"), RewardsPage()), button(texts("Home"), Home())]
    return Screen("\n".join(lines), [*rows, paging, shelves, ways])


async def redeemed(result: Redemption, member: Member, texts: Texts, links: Links) -> Screen:
    """The voucher just got, the same again for the same confirmation."""
    left = texts.plural(
        "It is yours. You have <b>{points}</b> point left.",
        "It is yours. You have <b>{points}</b> points left.",
        result.available,
        points=result.available,
    )
    return await voucher_screen(result.voucher, member, texts, links, above=left)


async def voucher_screen(
    voucher: Voucher, member: Member, texts: Texts, links: Links, *, above: Markup | None = None
) -> Screen:
    """A voucher; with its QR and code while it can be handed in."""
    lines: list[str] = [above, ""] if above else []
    lines += [
        f"🎟 {heading(voucher, texts)}",
        "",
        _state(voucher, member.zone, texts),
    ]
    picture = None
    if voucher.state is VoucherState.ISSUED:
        lines += [
            texts("Code: <code>{code}</code>", code=grouped(voucher.code)),
            "",
            texts("Show this at the counter; they scan it or type the code."),
        ]
        if voucher.price_minor:
            price = texts.money(voucher.price_minor, voucher.currency)
            lines.append(texts("You pay {price} on top, at the counter.", price=price))
        if voucher.is_returnable and voucher.returnable_until is not None:
            until = last_day(voucher.returnable_until, texts)
            lines.append(texts("Changed your mind? You can give it back until {date}.", date=until))
        # A fifteenth of a second of drawing, during which others are answered.
        picture = await asyncio.to_thread(
            voucher_card,
            links.voucher(voucher.code),
            voucher_title(voucher, texts),
            voucher_shop(voucher, texts),
            grouped(voucher.code),
            plain(_state(voucher, member.zone, texts)),
        )
    back = [button(texts("Give it back"), AskGiveBack(voucher_id=voucher.id))] if voucher.is_returnable else []
    ways = [button(texts("My vouchers"), Wallet()), button(texts("Home"), Home())]
    shown_id = voucher.id if picture is not None else None
    return Screen("\n".join(lines), [back, ways], picture=picture, voucher_id=shown_id)


def give_back_question(voucher: Voucher, texts: Texts) -> Screen:
    """What becomes of the voucher and of the points, before it does."""
    return Screen(
        "\n".join(
            [
                f"🎟 {heading(voucher, texts)}",
                "",
                _ask_back(voucher, texts),
            ]
        ),
        [
            [button(texts("Give it back"), GiveBack(voucher_id=voucher.id))],
            [button(texts("Keep it"), ShowVoucher(voucher_id=voucher.id))],
        ],
    )


def given_back(result: GivenBack, texts: Texts) -> Screen:
    """The same for the same wish once more."""
    return Screen(
        "\n".join(
            [
                f"🎟 {heading(result.voucher, texts)}",
                "",
                *_back(result, texts),
            ]
        ),
        [
            [button(texts("Rewards"), RewardsPage()), button(texts("My vouchers"), Wallet())],
            [button(texts("Home"), Home())],
        ],
    )


def _ask_back(voucher: Voucher, texts: Texts) -> Markup:
    if not voucher.points:
        return texts("Give this voucher back? Somebody else can have it then, and its code will stop working.")
    return texts.plural(
        "Give this voucher back for {n} point? Its code will stop working.",
        "Give this voucher back for {n} points? Its code will stop working.",
        voucher.points,
    )


def _back(result: GivenBack, texts: Texts) -> list[str]:
    if not result.voucher.points:
        return [texts("Given back. Thank you: now somebody else can have it.")]
    return [
        texts.plural(
            "Given back. {n} point is yours again, with the day of expiry that it had.",
            "Given back. {n} points are yours again, with the days of expiry that they had.",
            result.voucher.points,
        ),
        texts.plural(
            "You have <b>{points}</b> point now.",
            "You have <b>{points}</b> points now.",
            result.available,
            points=result.available,
        ),
    ]


def heading(voucher: Voucher, texts: Texts) -> Markup:
    return texts("<b>{title}</b> · {shop}", title=voucher_title(voucher, texts), shop=voucher_shop(voucher, texts))


def _shelf(shelf: Shelf, texts: Texts) -> Markup:
    match shelf:
        case Shelf.WAITING:
            return texts("Waiting")
        case Shelf.USED:
            return texts("Used")
        case Shelf.EXPIRED:
            return texts("Expired")


def _state(voucher: Voucher, zone: ZoneInfo, texts: Texts) -> Markup:
    match voucher.state:
        case VoucherState.ISSUED:
            return texts("Good until {date}", date=last_day(voucher.expires_at, texts))
        case VoucherState.USED:
            at = texts.moment(voucher.used_at, zone) if voucher.used_at else ""
            return texts("Used on {at}", at=at)
        case VoucherState.EXPIRED:
            return texts("Was good until {date}", date=last_day(voucher.expires_at, texts))
        case VoucherState.CANCELLED:
            return texts("Cancelled")


def _nothing(seen: Page, texts: Texts) -> Markup:
    if not seen.is_first_page:
        return texts("That was all of them.")
    match seen.shelf:
        case Shelf.WAITING:
            return texts("Nothing waits for you at a counter. Pick something among the rewards.")
        case Shelf.USED:
            return texts("You have not handed in a voucher yet.")
        case Shelf.EXPIRED:
            return texts("Nothing has expired. Well done.")
