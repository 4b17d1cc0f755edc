from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.rewards.callbacks import ShowReward
from handlers.rewards.titles import last_day
from handlers.screens import Row, Screen, button, shortened
from locales.texts import Markup, Texts
from loyalty.deliveries import Delivery
from loyalty.warnings import KIND


def expiring(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """What expires when, and what could be had for it before."""
    facts = delivery.facts
    days = [
        (last_day(datetime.fromisoformat(at), ZoneInfo(delivery.timezone), texts), points)
        for at, points in facts["lots"]
    ]
    lines: list[str] = [_what(facts["points"], days, texts)]
    rows: list[Row] = []
    for reward in facts["rewards"]:
        name = shortened(reward["names"].get(texts.language, reward["name"]))
        rows.append([button(f"{name} · {texts.number(reward['points'])}", ShowReward(reward_id=reward["id"]))])
    if rows:
        lines.append(texts("Before that, they would get you:"))
    return Screen("\n\n".join(lines), [*rows, [button(texts("My points"), PointsPage())]])


def _what(points: int, days: list[tuple[str, int]], texts: Texts) -> Markup:
    if len(days) == 1:
        return texts.plural(
            "{n} of your points expires after {date}.",
            "{n} of your points expire after {date}.",
            points,
            date=days[0][0],
        )
    parts = ", ".join(texts("{points} after {date}", points=part, date=day) for day, part in days)
    return texts("{points} of your points expire soon: {parts}.", points=points, parts=Markup(parts))


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {KIND: expiring}
