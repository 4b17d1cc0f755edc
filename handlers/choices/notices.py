from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.choices.callbacks import Choose
from handlers.choices.screens import way
from handlers.group_buys.callbacks import DealsPage, ShowDeal, ShowGroup
from handlers.group_buys.notices import said_title
from handlers.group_buys.prices import to_pay
from handlers.links import Links
from handlers.screens import Row, Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.group_buys import LATE, Choice


def expired(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To everybody who was in: the points are back, and what can be made of it until when."""
    facts, zone = delivery.facts, ZoneInfo(delivery.timezone)
    lines: list[str] = [
        texts.plural(
            "The group for {title} did not fill in time. Your {points} point is back.",
            "The group for {title} did not fill in time. Your {points} points are back.",
            facts["points"],
            title=said_title(delivery, texts),
            points=facts["points"],
        ),
        *_lateness(facts, zone, texts),
    ]
    ways = [Choice(one) for one in facts.get("ways", ())]
    if len(ways) < 2:  # notices from before there was a choice, and deals that are over
        rows: list[Row] = [[button(texts("Open a new group"), ShowDeal(deal_id=facts["deal_id"]))]]
        return Screen("\n".join(lines), [*rows, [button(texts("Group buys"), DealsPage())]])
    until = texts.moment(datetime.fromisoformat(facts["until"]), zone)
    lines.append(
        texts("Until {at} you can choose what comes next. If you do nothing, the points stay with you.", at=until)
    )
    solo = facts["solo_points"], facts["solo_price_minor"], facts["currency"]
    return Screen("\n".join(lines), [[way(one, facts["group_id"], *solo, texts)] for one in ways])


def extended(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To those who have not chosen yet, when somebody gives it another try."""
    facts = delivery.facts
    at = texts.moment(datetime.fromisoformat(facts["closes_at"]), ZoneInfo(delivery.timezone))
    lines: list[str] = [
        texts.plural(
            "Somebody is trying {title} once more with all of you, until {at}. Joining sets {points} point aside.",
            "Somebody is trying {title} once more with all of you, until {at}. Joining sets {points} points aside.",
            facts["points"],
            title=said_title(delivery, texts),
            at=at,
            points=facts["points"],
        ),
        *to_pay(texts, facts["price_minor"], facts["currency"]),
    ]
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Join"), Choose(group_id=facts["of_group_id"], choice=Choice.EXTEND))],
            [button(texts("See the group"), ShowGroup(group_id=facts["group_id"]))],
        ],
    )


def _lateness(facts: dict[str, Any] | Any, zone: ZoneInfo, texts: Texts) -> list[str]:
    """The truth, where the group was closed long after its time."""
    if "closed_at" not in facts:
        return []
    closes_at, closed_at = (datetime.fromisoformat(facts[key]) for key in ("closes_at", "closed_at"))
    if closed_at - closes_at <= LATE:
        return []
    return [
        texts(
            "Its time was over on {at}. We were away and tell you late; sorry for that.",
            at=texts.moment(closes_at, zone),
        )
    ]


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "group_expired": expired,
    "group_extended": extended,
}
