from __future__ import annotations

from collections.abc import Sequence

from handlers import names
from handlers.broadcasts.callbacks import Compose
from handlers.deals.callbacks import ShowShopDeals
from handlers.earning.callbacks import ShowRule
from handlers.merchant.callbacks import CheckVoucher, Console, PutBack, UseVoucher
from handlers.offer_desk.callbacks import ShowShopOffers
from handlers.rewards.callbacks import RewardsPage
from handlers.rewards.titles import last_day, voucher_shop, voucher_title
from handlers.rewards.wallet import heading
from handlers.screens import Button, Screen, button
from handlers.settlements.callbacks import ShopStatement
from handlers.shelf.callbacks import ShowShelf
from handlers.staff.callbacks import AskLeave, ShowStaff
from handlers.start.callbacks import Home
from handlers.till.callbacks import OpenTill
from locales.texts import Markup, Texts
from loyalty.codes import grouped
from loyalty.members import Member
from loyalty.merchants import Post, Right, may
from loyalty.vouchers import Voucher


def console(posts: Sequence[Post], texts: Texts) -> Screen:
    """What staff can do for one shop, by all of their roles there; the highest comes first."""
    post = posts[0]
    lines: list[str] = [
        texts("<b>{shop}</b> · {role}", shop=post.shop(texts.language), role=names.role(texts, post.role)),
    ]
    rows = []
    if may(posts, Right.SELL):
        lines += ["", texts("A customer with a voucher? Scan its QR with your phone, or type its code at the till.")]
        rows.append([button(texts("Till"), OpenTill(merchant_id=post.merchant_id))])
        rows.append([button(texts("Check a voucher"), CheckVoucher(merchant_id=post.merchant_id))])
    if may(posts, Right.REWARDS):
        rows.append([button(texts("Our rewards"), ShowShelf(merchant_id=post.merchant_id))])
    if may(posts, Right.DEALS):
        rows.append([button(texts("Our group buys"), ShowShopDeals(merchant_id=post.merchant_id))])
    if may(posts, Right.OFFERS):
        rows.append([button(texts("Our offers"), ShowShopOffers(merchant_id=post.merchant_id))])
    if may(posts, Right.BROADCAST):
        rows.append([button(texts("Tell your customers"), Compose(merchant_id=post.merchant_id))])
    if may(posts, Right.RULES):
        rows.append([button(texts("How purchases earn"), ShowRule(merchant_id=post.merchant_id))])
    if may(posts, Right.STATEMENT):
        rows.append([button(texts("Statement"), ShopStatement(merchant_id=post.merchant_id))])
    if may(posts, Right.STAFF):
        rows.append([button(texts("Staff"), ShowStaff(merchant_id=post.merchant_id))])
    leave = button(texts("Leave the staff"), AskLeave(merchant_id=post.merchant_id))
    return Screen("\n".join(lines), [*rows, [leave, button(texts("Home"), Home())]])


def ask_code(merchant_id: int, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with the code that was typed; the form is still open."""
    ask = texts("Type the customer's code, or scan their QR with your phone's camera.")
    return Screen(
        f"{complaint}\n\n{ask}" if complaint else ask,
        [[button(texts("Cancel"), Console(merchant_id=merchant_id))]],
    )


def no_picture(texts: Texts) -> str:
    return texts("I cannot read a QR from a picture here. Scan it with your phone's camera, or type the code.")


def checked(voucher: Voucher, member: Member, texts: Texts) -> Screen:
    """A voucher that can be taken now, to `member`, who is staff."""
    return Screen(
        "\n".join(
            [
                f"🎟 {heading(voucher, texts)}",
                texts("Code: <code>{code}</code>", code=grouped(voucher.code)),
                "",
                _for_whom(voucher, texts),
                *to_collect(voucher, texts),
                texts("Issued on {at}", at=texts.moment(voucher.issued_at, member.zone)),
                texts("Good until {date}", date=last_day(voucher.expires_at, texts)),
                texts("Not used yet."),
            ]
        ),
        [
            [button(texts("Take it"), UseVoucher(voucher_code=voucher.code))],
            [button(texts("Cancel"), Console(merchant_id=voucher.merchant_id))],
        ],
    )


def _for_whom(voucher: Voucher, texts: Texts) -> Markup:
    if not voucher.points:
        return texts("For {name}", name=voucher.first_name)
    return texts.plural(
        "For {name}, {points} point",
        "For {name}, {points} points",
        voucher.points,
        name=voucher.first_name,
        points=voucher.points,
    )


def to_collect(voucher: Voucher, texts: Texts) -> list[str]:
    """What is left to be paid: the points are spent already."""
    if not voucher.price_minor:
        return []
    return [texts("<b>Collect {price}</b>", price=texts.money(voucher.price_minor, voucher.currency))]


def taken(voucher: Voucher, member: Member, undo_minutes: int, texts: Texts) -> Screen:
    at = texts.moment(voucher.used_at, member.zone) if voucher.used_at else ""
    done: Markup = texts(
        "Done. {name} gets <b>{title}</b>, taken on {at}.",
        name=voucher.first_name,
        title=voucher_title(voucher, texts),
        at=at,
    )
    return Screen(
        done,
        [
            [undo_taking(voucher, undo_minutes, texts)],
            [button(texts("Check a voucher"), CheckVoucher(merchant_id=voucher.merchant_id))],
            [button(texts("Next customer"), OpenTill(merchant_id=voucher.merchant_id)), button(texts("Home"), Home())],
        ],
    )


def undo_taking(voucher: Voucher, minutes: int, texts: Texts) -> Button:
    return button(texts("Undo ({n} min)", n=minutes), PutBack(voucher_id=voucher.id))


def put_back(voucher: Voucher, texts: Texts) -> Screen:
    """The same for the same wish once more."""
    return Screen(
        texts(
            "Undone: {name} keeps the voucher for <b>{title}</b>, as good as before.",
            name=voucher.first_name,
            title=voucher_title(voucher, texts),
        ),
        [
            [button(texts("Check a voucher"), CheckVoucher(merchant_id=voucher.merchant_id))],
            [button(texts("Next customer"), OpenTill(merchant_id=voucher.merchant_id)), button(texts("Home"), Home())],
        ],
    )


def somebodys(voucher: Voucher, texts: Texts) -> Screen:
    """To whoever scanned a voucher that is not theirs and not for their counter: no more than where it belongs."""
    return Screen(
        texts(
            "This is somebody's voucher. It is taken at the counter of {shop}; show it there.",
            shop=voucher_shop(voucher, texts),
        ),
        [[button(texts("Rewards"), RewardsPage()), button(texts("Home"), Home())]],
    )
