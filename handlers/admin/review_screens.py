"""Unusually large sales, as the operator sees them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers.admin.callbacks import Admin, RefuseSale, ReleaseSale, ReviewsPage, ShowReview
from handlers.paging import newest_and_older
from handlers.screens import Row, Screen, button, shortened
from locales.texts import Markup, Texts
from loyalty.ceilings import Review, ReviewState
from loyalty.services.reviews import Waiting


def waiting(seen: Waiting, zone: ZoneInfo, texts: Texts) -> Screen:
    lines = [texts("<b>Large sales that wait for you</b>"), ""]
    lines += [_line(one, zone, texts) for one in seen.reviews]
    if not seen.reviews:
        lines.append(texts("None."))
    rows: list[Row] = [
        [
            button(
                f"{shortened(one.shop)} · {texts.money(one.amount_minor, one.currency)}",
                ShowReview(purchase_id=one.purchase_id),
            )
        ]
        for one in seen.reviews
    ]
    paging = newest_and_older(
        None if seen.is_first_page else ReviewsPage(),
        None if seen.older_than is None else ReviewsPage(before=seen.older_than),
        texts,
    )
    return Screen("\n".join(lines), [*rows, paging, [button(texts("Admin"), Admin())]])


def card(review: Review, zone: ZoneInfo, texts: Texts) -> Screen:
    ways = [button(texts("Large sales"), ReviewsPage()), button(texts("Admin"), Admin())]
    lines = [_line(review, zone, texts), "", _stands(review, zone, texts)]
    return Screen("\n".join(lines), [decide(review.purchase_id, texts), ways] if _is_open(review) else [ways])


def decide(purchase_id: int, texts: Texts) -> Row:
    return [
        button(texts("Let the points through"), ReleaseSale(purchase_id=purchase_id)),
        button(texts("Refuse the sale"), RefuseSale(purchase_id=purchase_id)),
    ]


def _is_open(review: Review) -> bool:
    return review.state is ReviewState.WAITING


def _line(review: Review, zone: ZoneInfo, texts: Texts) -> Markup:
    return texts.plural(
        "{at} · <b>{shop}</b> · {amount} for {name} · {n} point",
        "{at} · <b>{shop}</b> · {amount} for {name} · {n} points",
        review.points,
        at=texts.moment(review.at, zone),
        shop=review.shop,
        amount=texts.money(review.amount_minor, review.currency),
        name=review.buyer,
    )


def _stands(review: Review, zone: ZoneInfo, texts: Texts) -> Markup:
    match review.state:
        case ReviewState.RELEASED:
            return texts("You have let the points through.")
        case ReviewState.REFUSED:
            return texts("Refused: the sale is as if it had never been, and the customer is told.")
        case ReviewState.UNDONE:
            return texts("The shop has undone it.")
        case ReviewState.WAITING:
            return texts(
                "It is unusually large. If you say nothing, the points come on {date}.",
                date=texts.date(review.releases_at.astimezone(zone).date()),
            )
