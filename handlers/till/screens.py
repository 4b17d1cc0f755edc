"""Selling: who, how much, done."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from handlers import names
from handlers.merchant.callbacks import Console
from handlers.merchant.screens import to_collect
from handlers.rewards.titles import last_day, reward_name, voucher_title
from handlers.screens import Row, Screen, button, shortened
from handlers.start.callbacks import Home
from handlers.till.callbacks import (
    BookSale,
    ChangeAmount,
    ListSales,
    OpenTill,
    PickCustomer,
    ServeCard,
    TakeVoucher,
    UndoSale,
)
from locales.texts import Markup, Texts
from loyalty.merchants import Post
from loyalty.purchases import AwardRole, Purchase
from loyalty.services.customers import Candidates, Customer, Face
from loyalty.services.till import Booked, TillQuote


def choose_shop(posts: Sequence[Post], texts: Texts, code: str | None = None) -> Screen:
    """For who works at several shops. `code`: the card that was scanned already."""
    rows = [
        [
            button(
                post.shop(texts.language),
                OpenTill(merchant_id=post.merchant_id)
                if code is None
                else ServeCard(merchant_id=post.merchant_id, code=code),
            )
        ]
        for post in posts
    ]
    return Screen(texts("At which shop are you?"), [*rows, [button(texts("Home"), Home())]])


def ask_customer(post: Post, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    lines: list[str] = [complaint, ""] if complaint else []
    lines += [
        texts("<b>{shop}</b> · till", shop=post.shop(texts.language)),
        texts("Scan the customer's card with your phone's camera, or type its code or the last digits of their phone."),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Purchases and refunds"), ListSales(merchant_id=post.merchant_id))],
            [button(texts("Cancel"), Console(merchant_id=post.merchant_id))],
        ],
    )


def choose_customer(found: Candidates, merchant_id: int, texts: Texts) -> Screen:
    lines: list[str] = [texts("Who is it?")]
    if found.has_more:
        lines.append(texts("There are more than these. If none is right, type more of the digits."))
    rows = [[button(_label(face, texts), PickCustomer(customer_id=face.id))] for face in found.faces]
    return Screen("\n".join(lines), [*rows, [button(texts("Cancel"), OpenTill(merchant_id=merchant_id))]])


def ask_amount(
    seen: Customer, merchant_id: int, example: str, zone: ZoneInfo, texts: Texts, complaint: str | None = None
) -> Screen:
    lines: list[str] = [complaint, ""] if complaint else []
    lines += [
        _heading(seen.face, texts),
        *_has_here(seen, zone, texts),
        "",
        texts("What is the amount? Type it like this, with a receipt's number and a word if you like:"),
        f"<code>{example}</code> · <code>{example} #A-1007 {texts('coffee')}</code>",
    ]
    cancel = [button(texts("Cancel"), OpenTill(merchant_id=merchant_id))]
    return Screen("\n".join(lines), [*_take(seen, texts), cancel])


def question(quote: TillQuote, merchant_id: int, zone: ZoneInfo, texts: Texts) -> Screen:
    """What would be booked, what it earns, and what else the customer has here."""
    lines: list[str] = [
        _heading(quote.customer.face, texts),
        _what(texts.money(quote.typed.amount_minor, quote.currency), quote.typed.receipt, quote.typed.words, texts),
        *_earns(quote, texts),
        *_has_here(quote.customer, zone, texts),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Confirm"), BookSale(nonce=quote.nonce))],
            *_take(quote.customer, texts),
            [
                button(texts("Change amount"), ChangeAmount()),
                button(texts("Cancel"), OpenTill(merchant_id=merchant_id)),
            ],
        ],
    )


def done(booked: Booked, texts: Texts) -> Screen:
    """The purchase in the books; where it was undone since, that."""
    purchase, name = booked.sold.purchase, booked.sold.first_name
    if purchase.is_undone:
        return undone(purchase, name, booked.points, texts)
    amount = _amount(purchase, texts)
    if booked.points:
        said = texts.plural(
            "Done. <b>+{n}</b> point for {name}, for {amount}.",
            "Done. <b>+{n}</b> points for {name}, for {amount}.",
            booked.points,
            name=name,
            amount=amount,
        )
    else:
        said = texts("Done. {amount} is booked for {name}; it earns no points.", name=name, amount=amount)
    lines: list[str] = [said]
    if purchase.wish.receipt is not None:
        lines.append(texts("Receipt {receipt}", receipt=purchase.wish.receipt))
    undo = button(texts("Undo ({n} min)", n=booked.undo_minutes), UndoSale(purchase_id=purchase.id))
    return Screen("\n".join(lines), [[undo], *_ways_on(purchase, texts)])


def undone(purchase: Purchase, name: str, points: int, texts: Texts) -> Screen:
    lines: list[str] = [
        texts("Undone: {amount} for {name}. It is as if it had never been.", amount=_amount(purchase, texts), name=name)
    ]
    if points:
        lines.append(texts.plural("{n} point went back.", "{n} points went back.", points))
    return Screen("\n".join(lines), _ways_on(purchase, texts))


def not_at_a_till(is_own: bool, texts: Texts) -> Screen:
    """To whoever scanned a card and stands at no till. Of somebody else's card they learn nothing."""
    said = (
        texts("This is your card. Show it at the till of a shop, and your points are counted.")
        if is_own
        else texts("This is a member's card. It is scanned at the tills of our shops.")
    )
    return Screen(said, [[button(texts("Home"), Home())]])


def _ways_on(purchase: Purchase, texts: Texts) -> list[Row]:
    till = OpenTill(merchant_id=purchase.wish.merchant_id)
    return [[button(texts("Next customer"), till), button(texts("Home"), Home())]]


def _heading(face: Face, texts: Texts) -> Markup:
    return texts(
        "<b>{name}</b> · {medal} {tier}",
        name=face.first_name,
        medal=names.tier_medal(face.tier),
        tier=names.tier(texts, face.tier),
    )


def _label(face: Face, texts: Texts) -> str:
    return f"{texts.person(shortened(face.first_name))} · {names.tier_medal(face.tier)} {names.tier(texts, face.tier)}"


def _what(amount: str, receipt: str | None, words: Sequence[str], texts: Texts) -> str:
    """ "€12.50 · Receipt A-1007 · Note: coffee"."""
    parts = [f"<b>{amount}</b>"]
    if receipt is not None:
        parts.append(texts("Receipt {receipt}", receipt=receipt))
    if words:
        parts.append(texts("Note: {what}", what=" ".join(words)))
    return " · ".join(parts)


def _earns(quote: TillQuote, texts: Texts) -> list[str]:
    earns = quote.earns
    if not earns.points:
        return [texts("This purchase earns no points.")]
    lines: list[str] = [texts.plural("Earns <b>{n}</b> point", "Earns <b>{n}</b> points", earns.points)]
    for bonus in earns.bonuses:
        if bonus.role is AwardRole.FIRST:
            lines.append(texts("– {points} of them for the first purchase here", points=bonus.points))
        else:
            lines.append(texts("– {points} of them for the month of the birthday", points=bonus.points))
    return lines


def _has_here(seen: Customer, zone: ZoneInfo, texts: Texts) -> list[str]:
    lines: list[str] = []
    if seen.vouchers:
        lines += ["", texts("Vouchers for you to take:")]
        lines += [
            " · ".join(
                [
                    texts(
                        "🎟 {title}, good until {date}",
                        title=voucher_title(voucher, texts),
                        date=last_day(voucher.expires_at, zone, texts),
                    ),
                    *to_collect(voucher, texts),
                ]
            )
            for voucher in seen.vouchers
        ]
    if seen.rewards:
        lines += ["", texts("Has the points for:")]
        lines += [
            texts("🎁 {title} ({points} points)", title=reward_name(reward, texts), points=reward.points)
            for reward in seen.rewards
        ]
    return lines


def _take(seen: Customer, texts: Texts) -> list[Row]:
    titles = [(voucher.id, shortened(voucher_title(voucher, texts))) for voucher in seen.vouchers]
    return [[button(texts("Take: {title}", title=title), TakeVoucher(voucher_id=number))] for number, title in titles]


def _amount(purchase: Purchase, texts: Texts) -> str:
    return texts.money(purchase.wish.amount_minor, purchase.wish.currency)
