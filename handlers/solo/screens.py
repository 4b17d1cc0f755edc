from __future__ import annotations

from handlers.group_buys.callbacks import ShowDeal
from handlers.group_buys.prices import to_pay
from handlers.group_buys.screens import heading, picture_of
from handlers.screens import Screen, button
from handlers.solo.callbacks import BuySolo
from locales.texts import Texts
from loyalty.services.solo import SoloQuote


def question(quote: SoloQuote, texts: Texts) -> Screen:
    """What is about to happen to the points, before it does."""
    deal = quote.deal
    lines: list[str] = [
        heading(texts, deal),
        "",
        texts.plural(
            "Buy this alone for <b>{points}</b> point? You keep {left}.",
            "Buy this alone for <b>{points}</b> points? You keep {left}.",
            deal.solo_points,
            points=deal.solo_points,
            left=quote.available - deal.solo_points,
        ),
        *to_pay(texts, deal.solo_price_minor, quote.currency),
        texts.plural(
            "You get a voucher for the counter, good for {n} day.",
            "You get a voucher for the counter, good for {n} days.",
            quote.voucher_days,
        ),
        texts("It is not given back afterwards."),
    ]
    confirm = BuySolo(deal_id=deal.id, nonce=quote.nonce, points=deal.solo_points, price=deal.solo_price_minor)
    return Screen(
        "\n".join(lines),
        [[button(texts("Confirm"), confirm)], [button(texts("Cancel"), ShowDeal(deal_id=deal.id))]],
        picture=picture_of(deal),
    )
