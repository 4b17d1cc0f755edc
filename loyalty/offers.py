"""Offers: what a shop has for its customers for a while, which of it fits a member best, and why.

The score is a sum of weights, one per reason, so that it can always be said in words. Only reasons that the member can
check are used: shops visited, points, tier, and what they have been shown before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.members import Tier
from loyalty.merchants import Merchant, Translations

VISITED_DAYS = 90  # a movement with the shop in these last days counts as a visit
NOVELTY_DAYS = 14  # nothing is sent twice within these
NEARLY_PERCENT = 80  # with this part of the points it is nearly within reach


class OfferKind(StrEnum):
    """What an offer leads to."""

    CLAIM = "claim"  # a voucher, given out here and for nothing
    REWARD = "reward"
    DEAL = "deal"
    NEWS = "news"  # nothing: it only says something


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
    """A merchant's offer. `slug` is its name for seeds and imports: it is added once.

    It may lead to a reward or a deal, or be claimed here. The window is [starts_at, ends_at). `translations` hold
    "name" and "description". Without `published_at` it is a draft: nobody but the shop sees it. For the rest see
    Offer.
    """

    slug: str
    merchant_id: int
    title: str
    text: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    translations: Translations = field(default_factory=dict)
    tier_min: Tier = Tier.MEMBER
    reward_id: int | None = None
    deal_id: int | None = None
    picture_id: int | None = None
    is_claimable: bool = False
    stock: int | None = None
    per_member: int | None = None
    price_minor: int = 0
    voucher_days: int | None = None
    published_at: datetime | None = None

    @property
    def kind(self) -> OfferKind:
        if self.is_claimable:
            return OfferKind.CLAIM
        if self.reward_id is not None:
            return OfferKind.REWARD
        return OfferKind.NEWS if self.deal_id is None else OfferKind.DEAL


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it stands. Of one that is claimed here: `stock` is what is left (None: it never ends), `claimed` what
    went and did not come back, `per_member` how many one member may have (None: as many as they like), `price_minor`
    what is paid at the counter, and `voucher_days` how long its voucher is good: TO_ITS_END, and None where it
    ends, to the end of the offer; else None is as the programme says."""

    id: int
    merchant: Merchant
    kind: OfferKind
    title: str
    text: str
    translations: Translations = field(default_factory=dict)
    tier_min: Tier = Tier.MEMBER
    reward_id: int | None = None
    deal_id: int | None = None
    picture_id: int | None = None
    stock: int | None = None
    claimed: int = 0
    per_member: int | None = None
    price_minor: int = 0
    voucher_days: int | None = None
    is_paused: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    published_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def is_claimable(self) -> bool:
        return self.kind is OfferKind.CLAIM

    @property
    def is_sold_out(self) -> bool:
        return self.is_claimable and self.stock == 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that can be offered now: an offer or a reward. `key` tells one from the other ("reward:7").

    What it costs, how many are left and when it ends are those of what it leads to. `points` is None where it takes
    none, `price_minor` is paid at the counter. `stock` of `whole` are left; None: no end of it, or nobody knows the
    whole. `per_member` is how often one member may have it.
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
    offer_id: int | None = None
    kind: OfferKind | None = None
    price_minor: int = 0
    stock: int | None = None
    whole: int | None = None
    ends_at: datetime | None = None

    def ending_by(self, zone: ZoneInfo) -> Candidate:
        """The same, with its end on a clock in the zone."""
        return self if self.ends_at is None else replace(self, ends_at=self.ends_at.astimezone(zone))


@dataclass(frozen=True, slots=True)
class Shopper:
    """What the score looks at: the shops visited, how often which reward was had and which offer claimed, what was
    offered lately. Nothing is sent from shops that are `muted`; whoever asks sees it."""

    member_id: int
    tier: Tier
    available: int = 0
    visited: frozenset[int] = frozenset()
    had: Mapping[int, int] = field(default_factory=dict)
    claimed: Mapping[int, int] = field(default_factory=dict)
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
    def foremost(self) -> Reason | None:
        """What speaks for it most; being new is no reason by itself."""
        return next((reason for reason in self.reasons if reason.why is not Why.NEW), None)

    @property
    def fits(self) -> bool:
        return self.foremost is not None


def may_have(candidate: Candidate, shopper: Shopper) -> bool:
    """Whether the member could take it at all, points aside."""
    if candidate.stock == 0 or not shopper.tier.reaches(candidate.tier_min):
        return False
    return candidate.per_member is None or had_of(candidate, shopper) < candidate.per_member


def had_of(candidate: Candidate, shopper: Shopper) -> int:
    """How many of it the member has had."""
    if candidate.kind is OfferKind.CLAIM and candidate.offer_id is not None:
        return shopper.claimed.get(candidate.offer_id, 0)
    return 0 if candidate.reward_id is None else shopper.had.get(candidate.reward_id, 0)


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
    fitting.sort(key=_place)
    return fitting[:most]


def _place(pick: Pick) -> tuple[int, int, str]:
    return -pick.score, pick.candidate.points or 0, pick.candidate.key


def listed(candidates: Sequence[Candidate], shopper: Shopper, rewards_max: int) -> list[Pick]:
    """All offers, the best first: before those that nothing speaks for come those that something does, and last what
    the member may not have. After them at most `rewards_max` rewards that fit."""
    offers = [
        Pick(candidate, reasons(candidate, shopper)) for candidate in candidates if candidate.offer_id is not None
    ]
    offers.sort(key=lambda pick: (not may_have(pick.candidate, shopper), not pick.fits, *_place(pick)))
    rewards = [candidate for candidate in candidates if candidate.offer_id is None]
    return offers + picks(rewards, shopper, rewards_max)


def offer_of_the_day(candidates: Sequence[Candidate], shopper: Shopper) -> Pick | None:
    """The one to send: the best of what was not sent in the last NOVELTY_DAYS, by a shop that may write; None when
    nothing fits."""
    unseen = [
        candidate
        for candidate in candidates
        if candidate.key not in shopper.offered and candidate.merchant.id not in shopper.muted
    ]
    return next(iter(picks(unseen, shopper, 1)), None)
