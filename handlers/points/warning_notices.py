from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.rewards.callbacks import ShowReward
from handlers.screens import Row, Screen, button, shortened
from locales.texts import Markup, Texts
from loyalty.deliveries import Delivery
from loyalty.warnings import KIND

DAYS_SHOWN = 4  # who checks in daily has points that expire daily


def expiring(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """What expires when, and what could be had for it before."""
    facts = delivery.facts
    lots = [(datetime.fromisoformat(at), points) for at, points in facts["lots"]]
    lines: list[str] = [_what(facts["points"], lots, texts)]
    rows: list[Row] = []
    for reward in facts["rewards"]:
        name = shortened(reward["names"].get(texts.language, reward["name"]))
        rows.append([button(f"{name} · {texts.number(reward['points'])}", ShowReward(reward_id=reward["id"]))])
    if rows:
        lines.append(texts("Before that, they would get you:"))
    return Screen("\n\n".join(lines), [*rows, [button(texts("My points"), PointsPage())]])


def _what(points: int, lots: Sequence[tuple[datetime, int]], texts: Texts) -> Markup:
    days = [(_last_day(at, texts), part) for at, part in lots]
    if len(days) == 1:
        return texts.plural(
            "{n} of your points expires after {date}.",
            "{n} of your points expire after {date}.",
            points,
            date=days[0][0],
        )
    shown = days if len(days) <= DAYS_SHOWN else days[: DAYS_SHOWN - 1]
    parts = [texts("{points} after {date}", points=part, date=day) for day, part in shown]
    if len(shown) < len(days):
        rest = sum(part for _, part in days[len(shown) :])
        parts.append(texts("{points} more by {date}", points=rest, date=days[-1][0]))
    return texts.plural(
        "{points} of your points expires soon: {parts}.",
        "{points} of your points expire soon: {parts}.",
        points,
        points=points,
        parts=texts.listed(parts),
    )


def _last_day(at: datetime, texts: Texts) -> str:
    """Without its year; on the club's clock, as in `handlers.rewards.titles`."""
    day = at - timedelta(seconds=1)
    return texts.month_day(day.month, day.day)


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {KIND: expiring}
