"""Personal offers: which one of what is running fits a member best, and why.

The score is a sum of weights, one per reason, so that it can always be said in words. Only reasons that the member can
check are used: shops visited, points, tier, and what they have been shown before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from loyalty.members import Tier
from loyalty.merchants import Merchant, Translations

VISITED_DAYS = 90  # a movement with the shop in these last days counts as a visit
NOVELTY_DAYS = 14  # nothing is sent twice within these
NEARLY_PERCENT = 80  # with this part of the points it is nearly within reach


class Why(StrEnum):
    VISITED = "visited"
    AFFORDABLE = "affordable"
    NEARLY = "nearly"
    FREE = "free"
    TIER = "tier"
    NEW = "new"


# A shop that one goes to outweighs being able to pay for something elsewhere; both together outweigh everything else.
# What was shown lately has to be much better than something new to come first again.
WEIGHTS: Mapping[Why, int] = {
    Why.VISITED: 4,
    Why.AFFORDABLE: 3,
    Why.NEW: 3,
    Why.FREE: 2,
    Why.TIER: 2,
    Why.NEARLY: 1,
}


@dataclass(frozen=True, slots=True)
class NewOffer:
    """A merchant's announcement. `slug` is its name for seeds and imports: it is added once.

    It may lead to a reward or a deal. The window is [starts_at, ends_at). `translations` hold "title" and "text".
    """

    slug: str
    merchant_id: int
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime | None = None
    translations: Translations = field(default_factory=dict)
    tier_min: Tier = Tier.MEMBER
    reward_id: int | None = None
    deal_id: int | None = None
    picture_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be offered now: an announcement or a reward. `key` tells one from the other ("reward:7").

    `points` is its price, None where it has none. `per_member` is how often one member may have it.
    """

    key: str
    merchant: Merchant
    title: str
    text: str
    translations: Translations = field(default_factory=dict)
    tier_min: Tier = Tier.MEMBER
    points: int | None = None
    per_member: int | None = None
    reward_id: int | None = None
    deal_id: int | None = None
    picture_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shopper:
    """What the score looks at: the shops visited, how often which reward was had, what was offered lately. Nothing
    is sent from shops that are `muted`; whoever asks sees it."""

    member_id: int
    tier: Tier
    available: int = 0
    visited: frozenset[int] = frozenset()
    had: Mapping[int, int] = field(default_factory=dict)
    offered: frozenset[str] = frozenset()
    muted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Round:
    """How far a zone's day has come: members up to `after_id` had their turn, but for those who agreed since
    `started_at`."""

    timezone: str
    day: date
    after_id: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """`missing`: the points that are missing to what is nearly within reach."""

    why: Why
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Pick:
    candidate: Candidate
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(WEIGHTS[reason.why] for reason in self.reasons)

    @property
    def fits(self) -> bool:
        """Being new is no reason by itself."""
        return any(reason.why is not Why.NEW for reason in self.reasons)


def may_have(candidate: Candidate, shopper: Shopper) -> bool:
    """Whether the member could take it at all, points aside."""
    if not shopper.tier.reaches(candidate.tier_min):
        return False
    if candidate.reward_id is None or candidate.per_member is None:
        return True
    return shopper.had.get(candidate.reward_id, 0) < candidate.per_member


def reasons(candidate: Candidate, shopper: Shopper) -> tuple[Reason, ...]:
    """What speaks for it, the weightiest first."""
    found = []
    if candidate.merchant.id in shopper.visited:
        found.append(Reason(Why.VISITED))
    if candidate.points is None:
        found.append(Reason(Why.FREE))
    elif candidate.points <= shopper.available:
        found.append(Reason(Why.AFFORDABLE))
    elif candidate.points * NEARLY_PERCENT <= shopper.available * 100:
        found.append(Reason(Why.NEARLY, missing=candidate.points - shopper.available))
    if candidate.tier_min is not Tier.MEMBER:
        found.append(Reason(Why.TIER))
    if candidate.key not in shopper.offered:
        found.append(Reason(Why.NEW))
    return tuple(sorted(found, key=lambda reason: -WEIGHTS[reason.why]))


def picks(candidates: Sequence[Candidate], shopper: Shopper, most: int) -> list[Pick]:
    """The best `most` of what the member may have and something speaks for; ties go to what costs less."""
    fitting = [
        pick
        for candidate in candidates
        if may_have(candidate, shopper) and (pick := Pick(candidate, reasons(candidate, shopper))).fits
    ]
    fitting.sort(key=lambda pick: (-pick.score, pick.candidate.points or 0, pick.candidate.key))
    return fitting[:most]


def offer_of_the_day(candidates: Sequence[Candidate], shopper: Shopper) -> Pick | None:
    """The one to send: the best of what was not sent in the last NOVELTY_DAYS, by a shop that may write; None when
    nothing fits."""
    unseen = [
        candidate
        for candidate in candidates
        if candidate.key not in shopper.offered and candidate.merchant.id not in shopper.muted
    ]
    return next(iter(picks(unseen, shopper, 1)), None)
