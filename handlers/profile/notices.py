from __future__ import annotations

from collections.abc import Callable

from handlers.footers import footer, noted
from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.rewards.callbacks import RewardsPage
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def birthday(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    lines: list[str] = [texts("🎂 Happy birthday, {name}. May it be a good day.", name=delivery.name)]
    ways = [button(texts("Rewards"), RewardsPage())]
    if delivery.facts["points"]:
        lines.append(
            texts.plural(
                "Your gift: <b>{points}</b> point, yours already.",
                "Your gift: <b>{points}</b> points, yours already.",
                delivery.facts["points"],
                points=delivery.facts["points"],
            )
        )
        ways.insert(0, button(texts("My points"), PointsPage()))
    return Screen("\n\n".join(lines), [[noted(way, delivery.id) for way in ways], footer(texts, delivery.id)])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"birthday": birthday}
