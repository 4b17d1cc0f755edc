"""Rewards: what members get for their points at the merchants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from loyalty.errors import Refusal, RewardUnavailable, TierTooLow
from loyalty.members import Tier
from loyalty.merchants import Merchant, Translations

# So many words a search looks for one by one; further ones belong to the last.
SEARCH_WORDS = 3


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

    @property
    def is_paused(self) -> bool:
        return self.state is RewardState.PAUSED

    def missing(self, available: int) -> int:
        """How many points somebody with `available` still lacks for it."""
        return max(0, self.points - available)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the catalogue a member wants to see; as it stands, all of it. `words` are casefolded.

    `is_in_reach`: what the member could have now, by points, tier and stock.
    """

    merchant_id: int | None = None
    is_in_reach: bool = False
    is_favourite: bool = False
    words: str = ""


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Listed:
    """A reward as it stands in the catalogue of one member."""

    reward: Reward
    is_favourite: bool


@dataclass(frozen=True, slots=True)
class ShopListed:
    """A shop, and how many rewards it has on offer."""

    merchant: Merchant
    rewards: int


def search_words(name: str, description: str, translations: Translations) -> str:
    """All that a reward can be found by, casefolded: its name and description in every language."""
    said = [name, description]
    for words in translations.values():
        said += [words.get("name", ""), words.get("description", "")]
    return "\n".join(words for words in said if words).casefold()


def searched(words: str) -> list[str]:
    """What is looked for one by one."""
    return words.split(maxsplit=SEARCH_WORDS - 1)


def said_of(reward: Reward) -> str:
    """All that a reward can be found by, with the names of its shop."""
    shop = reward.merchant
    return f"{search_words(reward.name, reward.description, reward.translations)}\n{names_of(shop)}"


def names_of(shop: Merchant) -> str:
    """The names of a shop in all languages, casefolded."""
    return search_words(shop.name, "", shop.translations)


def is_over(refusal: Refusal | None) -> bool:
    """Whether what stands in the way will not go away again."""
    return isinstance(refusal, RewardUnavailable) and refusal.reason in ("removed", "ended")


def counted_since(reward: Reward, now: datetime) -> datetime | None:
    """After which moment what a member had of it counts against the limit; None: it always does."""
    return None if reward.per_member_days is None else now - timedelta(days=reward.per_member_days)


def next_at(reward: Reward, had_at: Sequence[datetime]) -> datetime | None:
    """When somebody who has used up the limit may have it again; `had_at` are the times that count, newest first."""
    if reward.per_member is None or reward.per_member_days is None or len(had_at) < reward.per_member:
        return None
    return had_at[reward.per_member - 1] + timedelta(days=reward.per_member_days)


def obstacle(
    reward: Reward, tier: Tier, had: int, now: datetime, possible_at: datetime | None = None
) -> Refusal | None:
    """Why a member of this tier who `had` it so many times cannot have it now, points aside; None if nothing is in
    the way. What no member can change comes first. `possible_at` is when the limit lets one more through."""
    if reward.removed_at is not None:
        return RewardUnavailable(reward.id, "removed")
    if reward.is_paused or reward.merchant.is_orphaned:
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
        return RewardUnavailable(reward.id, "limit_reached", had, possible_at)
    return None
