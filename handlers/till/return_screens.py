"""What was sold, and how it goes back."""

from __future__ import annotations

from handlers.paging import newest_and_older
from handlers.screens import Screen, button, shortened
from handlers.start.callbacks import Home
from handlers.till.callbacks import (
    AskPart,
    AskRefund,
    ListSales,
    OpenTill,
    RefundSale,
    ShowSale,
    UndoSale,
)
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Post
from loyalty.purchases import Purchase, Sold
from loyalty.services.till import RefundQuote, Sale, Sales, TakenBackSale, is_own


def sales(seen: Sales, post: Post, member: Member, texts: Texts, complaint: str | None = None) -> Screen:
    """The shop's purchases, newest first, and the form that asks for a receipt."""
    lines: list[str] = [complaint, ""] if complaint else []
    lines += [texts("<b>{shop}</b> · purchases", shop=post.shop(texts.language)), ""]
    if seen.receipt is not None:
        lines += [texts("Receipt {receipt} was given out on several days. Which one is it?", receipt=seen.receipt), ""]
    lines += [f"{number}. {_line(sold, member, texts)}" for number, sold in enumerate(seen.sales, 1)]
    lines += (
        ["", texts("Pick one, or type the number of its receipt.")]
        if seen.sales
        else [texts("Nothing was sold here yet.") if seen.is_first_page else texts("That was all of them.")]
    )
    rows = [
        [
            button(
                f"{number}. {texts.person(shortened(sold.first_name))} · {_amount(sold.purchase, texts)}",
                _show(sold.purchase),
            )
        ]
        for number, sold in enumerate(seen.sales, 1)
    ]
    paging = newest_and_older(
        None if seen.is_first_page else ListSales(merchant_id=seen.merchant_id),
        None if seen.older_than is None else ListSales(merchant_id=seen.merchant_id, before=seen.older_than),
        texts,
    )
    back = [button(texts("Back to the till"), OpenTill(merchant_id=seen.merchant_id))]
    return Screen("\n".join(lines), [*rows, paging, back])


def sale(seen: Sale, member: Member, texts: Texts) -> Screen:
    """One purchase, and the ways in which it can go back."""
    purchase = seen.sold.purchase
    lines: list[str] = [
        texts("<b>{amount}</b> · {name}", amount=_amount(purchase, texts), name=seen.sold.first_name),
        texts.moment(purchase.wish.at, member.zone),
    ]
    if purchase.wish.receipt is not None:
        lines.append(texts("Receipt {receipt}", receipt=purchase.wish.receipt))
    if purchase.wish.note:
        lines.append(texts("Note: {what}", what=purchase.wish.note))
    if is_own(purchase):
        lines.append(texts("own purchase"))
    lines += _gone_back(purchase, texts)
    ways = []
    if purchase.left_minor:
        ways = [
            button(texts("Refund all"), AskRefund(purchase_id=purchase.id)),
            button(texts("Refund a part"), AskPart(purchase_id=purchase.id)),
        ]
    undo = [button(texts("Undo"), UndoSale(purchase_id=purchase.id))] if seen.can_undo else []
    back = [button(texts("« Back"), ListSales(merchant_id=purchase.wish.merchant_id))]
    return Screen("\n".join(lines), [undo, ways, back])


def ask_part(seen: Sale, example: str, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    purchase = seen.sold.purchase
    lines: list[str] = [complaint, ""] if complaint else []
    lines.append(
        texts(
            "How much goes back to {name}? At most {left}. Type it like {example}.",
            name=seen.sold.first_name,
            left=texts.money(purchase.left_minor, purchase.wish.currency),
            example=example,
        )
    )
    return Screen("\n".join(lines), [[button(texts("Cancel"), _show(purchase))]])


def question(quote: RefundQuote, texts: Texts) -> Screen:
    purchase = quote.sold.purchase
    amount = texts.money(quote.amount_minor, purchase.wish.currency)
    return Screen(
        "\n".join(
            [
                texts("Give {amount} back to {name}?", amount=amount, name=quote.sold.first_name),
                texts.plural(
                    "{name} loses {n} point.", "{name} loses {n} points.", quote.points, name=quote.sold.first_name
                )
                if quote.points
                else texts("{name} loses no points.", name=quote.sold.first_name),
            ]
        ),
        [
            [
                button(
                    texts("Refund"),
                    RefundSale(purchase_id=purchase.id, amount_minor=quote.amount_minor, nonce=quote.nonce),
                ),
                button(texts("Cancel"), _show(purchase)),
            ]
        ],
    )


def refunded(result: TakenBackSale, texts: Texts) -> Screen:
    purchase = result.sold.purchase
    lines: list[str] = [
        texts(
            "Done. {amount} goes back to {name}.",
            amount=texts.money(result.amount_minor, purchase.wish.currency),
            name=result.sold.first_name,
        )
    ]
    if result.points:
        lines.append(texts.plural("{n} point went back.", "{n} points went back.", result.points))
    merchant_id = purchase.wish.merchant_id
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Purchases and refunds"), ListSales(merchant_id=merchant_id))],
            [button(texts("Next customer"), OpenTill(merchant_id=merchant_id)), button(texts("Home"), Home())],
        ],
    )


def _line(sold: Sold, member: Member, texts: Texts) -> str:
    """ "5/1/26, 10:00 · Ana · €12.50 · Receipt A-1007 · refunded"."""
    purchase = sold.purchase
    at = texts.moment(purchase.wish.at, member.zone)
    parts: list[str] = [texts("{at} · {name} · {amount}", at=at, name=sold.first_name, amount=_amount(purchase, texts))]
    if purchase.wish.receipt is not None:
        parts.append(texts("Receipt {receipt}", receipt=purchase.wish.receipt))
    parts += [texts("own purchase")] if is_own(purchase) else []
    return " · ".join([*parts, *_gone_back(purchase, texts)])


def _gone_back(purchase: Purchase, texts: Texts) -> list[str]:
    if purchase.is_undone:
        return [texts("undone")]
    if purchase.left_minor == 0:
        return [texts("refunded")]
    if purchase.refunded_minor:
        return [texts("{amount} refunded", amount=texts.money(purchase.refunded_minor, purchase.wish.currency))]
    return []


def _show(purchase: Purchase) -> ShowSale:
    return ShowSale(purchase_id=purchase.id)


def _amount(purchase: Purchase, texts: Texts) -> str:
    return texts.money(purchase.wish.amount_minor, purchase.wish.currency)
