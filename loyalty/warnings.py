"""Warnings before points expire: in good time, by day, at most one a week of a kind, with something to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from loyalty.contact_policy import next_contact
from loyalty.deliveries import Notice
from loyalty.members import Tier
from loyalty.programme import Programme
from loyalty.rewards import Reward

KIND = "points_expiring"
# Somebody who checks in every day has points that expire every day: a warning speaks for the week that begins with its
# first lot, so that nobody is warned every day.
SPAN = timedelta(days=6)
REWARDS = 2


@dataclass(frozen=True, slots=True)
class Expiring:
    """Free points of a member that expire at one moment."""

    member_id: int
    timezone: str
    tier: Tier
    at: datetime
    points: int


def warnings(
    expiring: Sequence[Expiring], rewards: Sequence[Reward], days: int, now: datetime, programme: Programme
) -> list[Notice]:
    """A notice for each member of `expiring`, which is ordered by member and moment.

    It comes in the member's daytime, names at most REWARDS that the points would buy, the dearest first, and is of no
    use after the first of the points has expired.
    """
    by_price = sorted(rewards, key=lambda reward: reward.points, reverse=True)
    return [
        _warning(list(lots), by_price, days, now, programme)
        for _, lots in groupby(expiring, key=lambda lot: lot.member_id)
    ]


def _warning(
    lots: Sequence[Expiring], by_price: Sequence[Reward], days: int, now: datetime, programme: Programme
) -> Notice:
    first, points = lots[0], sum(lot.points for lot in lots)
    within_reach = [
        reward
        for reward in by_price
        if reward.points <= points and not reward.is_sold_out and first.tier.reaches(reward.tier_min)
    ]
    facts: dict[str, Any] = {
        "points": points,
        "lots": [[programme.local(lot.at).isoformat(), lot.points] for lot in lots],
        "rewards": [
            {
                "id": reward.id,
                "name": reward.name,
                "names": {
                    language: words["name"] for language, words in reward.translations.items() if "name" in words
                },
                "points": reward.points,
            }
            for reward in within_reach[:REWARDS]
        ],
    }
    return Notice(
        member_id=first.member_id,
        kind=KIND,
        cause=f"expiring:{days}:{first.at:%Y-%m-%dT%H:%M}",
        facts=facts,
        not_before=next_contact(now, first.timezone, programme),
        deadline=first.at,
    )
