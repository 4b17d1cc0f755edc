"""Rewards: what members get for their points at the merchants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loyalty.errors import Refusal, RewardUnavailable, TierTooLow
from loyalty.members import Tier
from loyalty.merchants import Merchant, Translations


class RewardState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class NewReward:
    """`slug` is its name for seeds and imports: it is added once. `translations` are the merchant's own words.

    `stock` None is unlimited, 0 sold out. `per_member` None: as often as one likes; else so often within
    `per_member_days` days, or ever where that is None. The window is [starts_at, ends_at). `price_minor` is paid at
    the counter, on top of the points. Without `published_at` it is a draft: paused, and nobody but the shop sees it.
    """

    slug: str
    merchant_id: int
    name: str
    description: str
    points: int
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stock: int | None = None
    tier_min: Tier = Tier.MEMBER
    per_member: int | None = None
    picture_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    price_minor: int = 0
    per_member_days: int | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    id: int
    merchant: Merchant
    name: str
    description: str
    translations: Mapping[str, Mapping[str, str]]
    points: int
    stock: int | None
    tier_min: Tier
    per_member: int | None
    picture_id: int | None
    state: RewardState
    starts_at: datetime | None
    ends_at: datetime | None
    price_minor: int = 0
    per_member_days: int | None = None
    published_at: datetime | None = None
    removed_at: datetime | None = None

    @property
    def is_sold_out(self) -> bool:
        return self.stock == 0

    def missing(self, available: int) -> int:
        """How many points somebody with `available` still lacks for it."""
        return max(0, self.points - available)


def search_words(name: str, description: str, translations: Translations) -> str:
    """All that a reward can be found by, casefolded: its name and description in every language."""
    said = [name, description]
    for words in translations.values():
        said += [words.get("name", ""), words.get("description", "")]
    return "\n".join(words for words in said if words).casefold()


def obstacle(reward: Reward, tier: Tier, had: int, now: datetime) -> Refusal | None:
    """Why a member of this tier who `had` it so many times cannot have it now, points aside; None if nothing is in
    the way. What no member can change comes first."""
    if reward.removed_at is not None:
        return RewardUnavailable(reward.id, "removed")
    if reward.state is RewardState.PAUSED:
        return RewardUnavailable(reward.id, "paused")
    if reward.starts_at is not None and now < reward.starts_at:
        return RewardUnavailable(reward.id, "not_started")
    if reward.ends_at is not None and now >= reward.ends_at:
        return RewardUnavailable(reward.id, "ended")
    if reward.is_sold_out:
        return RewardUnavailable(reward.id, "sold_out")
    if not tier.reaches(reward.tier_min):
        return TierTooLow(reward.tier_min, tier)
    if reward.per_member is not None and had >= reward.per_member:
        return RewardUnavailable(reward.id, "limit_reached", had)
    return None
