from __future__ import annotations

from collections.abc import Callable

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.points.notices import amount_of, how_it_stands, shop_of
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def undone(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To who was told of a purchase that was a mistake."""
    facts = delivery.facts
    lines: list[str] = [
        texts(
            "{shop} has undone a purchase of {amount}: it was booked by mistake.",
            shop=shop_of(delivery, texts),
            amount=amount_of(delivery, texts),
        )
    ]
    if facts["points"]:
        lines.append(texts.plural("{n} point went back.", "{n} points went back.", facts["points"]))
        lines.append(how_it_stands(facts["available"], texts))
    return Screen("\n".join(lines), [[button(texts("My points"), PointsPage())]])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"purchase_undone": undone}
