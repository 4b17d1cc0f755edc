from __future__ import annotations

from collections.abc import Callable

from handlers.group_buys.callbacks import DealsPage
from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def ended(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To everybody in a group that its shop called off."""
    facts = delivery.facts
    title = facts["titles"].get(texts.language, facts["title"])
    said: str = texts.plural(
        "The shop had to call off the group for {title}, and is sorry. Your {points} point is back.",
        "The shop had to call off the group for {title}, and is sorry. Your {points} points are back.",
        facts["points"],
        title=title,
        points=facts["points"],
    )
    return Screen(said, [[button(texts("Group buys"), DealsPage()), button(texts("My points"), PointsPage())]])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"group_ended": ended}
