"""Tiers: reached by what was bought in twelve months, and ended one step at a time, after a warning.

What a tier takes are the programme's minimums. One that has none cannot be reached by buying; the operator grants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.earning import Span, months_later
from loyalty.members import Tier

MONTHS = 12

Minimums = Mapping[Tier, int]


class TierBasis(StrEnum):
    """What counts towards a tier, less what refunds took back."""

    POINTS = "points"  # that purchases earned
    SPEND = "spend"  # in the currency's smallest unit


class TierReason(StrEnum):
    """Why a tier changed."""

    EARNED = "earned"
    LAPSED = "lapsed"
    GRANTED = "granted"
    UNDONE = "undone"  # what had raised it was a mistake at a till


class Due(StrEnum):
    """What is to be done about a member's tier."""

    RISE = "rise"
    WARN = "warn"  # earned too little: a grace begins
    SPARE = "spare"  # earned enough again before it ended
    FALL = "fall"  # it ended: one step down


@dataclass(frozen=True, slots=True)
class Counted:
    """A member's tier, and the total of what was bought in the twelve months."""

    member_id: int
    tier: Tier
    total: int
    timezone: str = "UTC"
    kept_until: datetime | None = None
    grace_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TierChange:
    """A change as it was logged."""

    id: int
    member_id: int
    before: Tier
    after: Tier
    reason: TierReason
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands. `next` is the tier that comes next, from a total of `needed`, and `missing` is what is
    still to go; None and 0 at the top. `lacking` is what the present tier takes and the member does not have.

    `kept_until`: so long nobody looks at what was earned. `grace_until`: the tier ends then, unless enough is earned.
    """

    tier: Tier
    total: int
    next: Tier | None = None
    needed: int = 0
    missing: int = 0
    lacking: int = 0
    grace_until: datetime | None = None
    kept_until: datetime | None = None


def reached(minimums: Minimums, total: int) -> Tier:
    """The highest tier that a total reaches."""
    return max((tier for tier, least in minimums.items() if total >= least), key=_rank, default=Tier.MEMBER)


def next_tier(minimums: Minimums, tier: Tier) -> Tier | None:
    """The next one up that can be reached; None at the top."""
    return min((one for one in minimums if one.rank > tier.rank), key=_rank, default=None)


def step_down(minimums: Minimums, tier: Tier) -> Tier:
    """The next one down of those that the programme knows."""
    return max((one for one in minimums if one.rank < tier.rank), key=_rank, default=Tier.MEMBER)


def is_below(minimums: Minimums, tier: Tier, total: int) -> bool:
    """Whether a total is too little for a tier. For the first one, nothing is."""
    return tier is not Tier.MEMBER and not reached(minimums, total).reaches(tier)


def standing(minimums: Minimums, counted: Counted, at: datetime) -> Standing:
    """How a member stands `at` a moment; what has passed by then is left out."""
    upper = next_tier(minimums, counted.tier)
    needed = minimums[upper] if upper is not None else 0
    kept = counted.kept_until if counted.kept_until is not None and counted.kept_until > at else None
    return Standing(
        tier=counted.tier,
        total=counted.total,
        next=upper,
        needed=needed,
        missing=max(0, needed - counted.total),
        lacking=lacking(minimums, counted),
        grace_until=counted.grace_until,
        kept_until=kept,
    )


def lacking(minimums: Minimums, counted: Counted) -> int:
    """How much more the member's tier takes; 0 where it is enough, or where no total would be."""
    return max(0, minimums.get(counted.tier, 0) - counted.total)


def due(minimums: Minimums, counted: Counted, at: datetime) -> Due | None:
    """What is to be done `at` this moment; None: nothing."""
    if reached(minimums, counted.total).rank > counted.tier.rank:
        return Due.RISE
    is_kept = counted.kept_until is not None and counted.kept_until > at
    if is_kept or not is_below(minimums, counted.tier, counted.total):
        return Due.SPARE if counted.grace_until is not None else None
    if counted.grace_until is None:
        return Due.WARN
    return Due.FALL if counted.grace_until <= at else None


def window(at: datetime, zone: ZoneInfo) -> Span:
    """The twelve months that end with this moment, which is within."""
    return months_later(at, -MONTHS, zone), at + timedelta(microseconds=1)


def _rank(tier: Tier) -> int:
    return tier.rank
