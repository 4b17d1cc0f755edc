"""A shop's shelf: how its staff make and change rewards, and what each field takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from loyalty.answers import LIMIT_MAX, Terms, clean_description, clean_name, price, read_day, restocked, whole
from loyalty.errors import InvalidWare
from loyalty.members import Language, Tier
from loyalty.points import POINTS_MAX
from loyalty.rewards import Reward, RewardState
from loyalty.wares import Turn, ending, said_anew, starting

SPANS = (None, 30, 7, 1)  # the days within which the limit per member counts; None: ever


class Field(StrEnum):
    """What can be changed about a reward."""

    NAME = "name"
    DESCRIPTION = "description"
    POINTS = "points"
    PRICE = "price"
    STOCK = "stock"
    LIMIT = "limit"
    TIER = "tier"
    STARTS = "starts"
    ENDS = "ends"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a reward's vouchers. `redeemed` is all of them but the cancelled ones."""

    redeemed: int = 0
    used: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Stocked:
    """A reward as it lies on the shelf."""

    reward: Reward
    redeemed: int


def turned(reward: Reward, turn: Turn, now: datetime) -> Reward:
    """The reward after this turn. One that was taken already, or does not fit, changes nothing: buttons stay.

    Raises InvalidWare for publishing what lacks a name or a price.
    """
    match turn:
        case Turn.PUBLISH if reward.published_at is None:
            check_complete(reward)
            return replace(reward, published_at=now, state=RewardState.RUNNING)
        case Turn.PAUSE if reward.published_at is not None:
            return replace(reward, state=RewardState.PAUSED)
        case Turn.RESUME if reward.published_at is not None:
            return replace(reward, state=RewardState.RUNNING)
        case Turn.REMOVE if reward.removed_at is None:
            return replace(reward, removed_at=now)
        case Turn.BRING_BACK:
            return replace(reward, removed_at=None)
        case _:
            return reward


def check_complete(reward: Reward) -> None:
    """Raises InvalidWare when members could not be shown this."""
    if not reward.name:
        raise InvalidWare(Field.NAME, "missing")
    if reward.points < 1:
        raise InvalidWare(Field.POINTS, "missing")


def typed(reward: Reward, field: Field, given: str, terms: Terms) -> Reward:
    """The reward with one field as somebody typed it. Raises InvalidWare, which says what the field takes."""
    match field:
        case Field.NAME:
            return replace(reward, name=clean_name(given))
        case Field.DESCRIPTION:
            return replace(reward, description=clean_description(given))
        case Field.POINTS:
            return replace(reward, points=whole(given, field, POINTS_MAX))
        case Field.PRICE:
            return replace(reward, price_minor=price(given, field, terms.decimals, terms.coin))
        case Field.STOCK:
            return replace(reward, stock=restocked(reward.stock, given))
        case Field.LIMIT:
            return replace(reward, per_member=whole(given, field, LIMIT_MAX))
        case Field.STARTS:
            return replace(
                reward,
                starts_at=starting(read_day(given, field, terms.today, terms.language), reward.ends_at, terms.zone),
            )
        case Field.ENDS:
            return replace(
                reward,
                ends_at=ending(read_day(given, field, terms.today, terms.language), reward.starts_at, terms.zone),
            )
        case _:
            raise InvalidWare(field, "no_text")


def cleared(reward: Reward, field: Field) -> Reward:
    """The reward without what this field said: unlimited, from now, for points alone. A name and a price in points
    it keeps: it cannot be without."""
    match field:
        case Field.DESCRIPTION:
            return replace(reward, description="")
        case Field.PRICE:
            return replace(reward, price_minor=0)
        case Field.STOCK:
            return replace(reward, stock=None)
        case Field.LIMIT:
            return replace(reward, per_member=None, per_member_days=None)
        case Field.TIER:
            return replace(reward, tier_min=Tier.MEMBER)
        case Field.STARTS:
            return replace(reward, starts_at=None)
        case Field.ENDS:
            return replace(reward, ends_at=None)
        case Field.PICTURE:
            return replace(reward, picture_id=None)
        case _:
            return reward


def said(reward: Reward, field: Field, language: Language, given: str | None) -> Reward:
    """The reward with its name or description in a language; None: as it was first written. Raises InvalidWare."""
    return replace(reward, translations=said_anew(reward.translations, field.value, language, given))


def limited_to(reward: Reward, days: int | None) -> Reward:
    """The limit per member counts within so many days; None: ever. Raises InvalidWare for days that are no choice."""
    if days not in SPANS:
        raise InvalidWare(Field.LIMIT, "range", {"most": LIMIT_MAX})
    return reward if reward.per_member is None else replace(reward, per_member_days=days)
