"""Segments: whom a shop means, said as conditions that are joined by and, or, not.

A segment is data: it is kept as JSON, read back, shown as a sentence and compiled to SQL by storage. Conditions about
purchases mean those at the shop whose segment it is; what people buy elsewhere is none of its business.

Everybody starts from those who said yes and can be reached: a segment only narrows that down.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.errors import InvalidSegment
from loyalty.members import Language, Tier
from loyalty.points import POINTS_MAX

CONDITIONS_MAX = 20
DEPTH_MAX = 4
DAYS_MAX = 3_650
TAG_MAX = 40
LISTS_MAX = 50  # that a shop keeps under a name
LIST_NAME_MAX = 64
RESOLVED_MAX = 100  # conditions, with those of the lists that are mentioned
MARK_LENGTH = 6


class ReferralStatus(StrEnum):
    BROUGHT_FRIENDS = "brought_friends"
    WAS_BROUGHT = "was_brought"


@dataclass(frozen=True, slots=True)
class HasTier:
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class HasPoints:
    """Points to spend, both ends included. `most` None: no upper end."""

    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class IsCustomer:
    """Has ever bought here, or redeemed one of the shop's rewards."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase here that was not wholly brought back, within `days` (None: ever), with the tag, if one is named."""

    days: int | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """At least so much here, in the currency's smallest unit and without refunds, within `days` (None: ever)."""

    least_minor: int
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A voucher for this reward, or for any of the shop's (None), that was not cancelled."""

    reward_id: int | None = None


@dataclass(frozen=True, slots=True)
class Keeps:
    """One of the shop's rewards is among the favourites: this one, or any (None)."""

    reward_id: int | None = None


@dataclass(frozen=True, slots=True)
class Tapped:
    """A button under a message of this shop, in the last `days`."""

    days: int


@dataclass(frozen=True, slots=True)
class BirthdayIn:
    """The month as it was given, by whichever calendar."""

    months: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BirthdayMonth:
    """The month in which the segment is used, on the clock of whoever made it, or so many months later: a list that was
    kept in May means June's birthdays in June."""

    ahead: int
    timezone: str

    def month(self, at: datetime) -> int:
        return (at.astimezone(ZoneInfo(self.timezone)).month - 1 + self.ahead) % 12 + 1


@dataclass(frozen=True, slots=True)
class Speaks:
    languages: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class HasReferral:
    status: ReferralStatus


@dataclass(frozen=True, slots=True)
class InSaved:
    """Whom a list of the shop means when the segment is used; of a deleted one, what it meant last."""

    segment_id: int


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts it is everybody."""

    parts: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; without parts it is nobody."""

    parts: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: Segment


Condition = (
    HasTier
    | HasPoints
    | IsCustomer
    | Bought
    | Spent
    | Redeemed
    | Keeps
    | Tapped
    | BirthdayIn
    | BirthdayMonth
    | Speaks
    | HasReferral
    | InSaved
)
Segment = Condition | All | AnyOf | Not

EVERYBODY = All()


@dataclass(frozen=True, slots=True)
class SavedList:
    """A segment that a shop has kept under a name. A deleted one is still there for whatever mentions it."""

    id: int
    merchant_id: int
    name: str
    segment: Segment
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many a segment means, of how many who said yes to the topic and can be reached."""

    meant: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Glimpse:
    """All that a shop sees of somebody whom its segment means: no name and no id, only what tells whether it found the
    right kind of people. They said yes to messages, not to being looked up."""

    initial: str
    tier: Tier
    language: Language
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody whom it would reach, and what a shop may see of them: how the name begins, tier, language, points."""

    member_id: int
    initial: str
    tier: Tier
    language: Language
    points: int


_KINDS: Mapping[str, type[Any]] = {
    "tier": HasTier,
    "points": HasPoints,
    "customer": IsCustomer,
    "bought": Bought,
    "spent": Spent,
    "redeemed": Redeemed,
    "keeps": Keeps,
    "tapped": Tapped,
    "birthday": BirthdayIn,
    "birthday_month": BirthdayMonth,
    "speaks": Speaks,
    "referral": HasReferral,
    "saved": InSaved,
    "all": All,
    "any": AnyOf,
    "not": Not,
}
_IDS_MAX = 2**62
_NAMES = {kind: name for name, kind in _KINDS.items()}


def conditions(segment: Segment) -> Iterator[Condition]:
    """All conditions in it, in the order in which they were put."""
    match segment:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)
        case _:
            yield segment


def is_everybody(segment: Segment) -> bool:
    """Whether it leaves nobody out: whoever sends to it is asked again, with the number."""
    return isinstance(segment, All) and all(is_everybody(part) for part in segment.parts)


def fingerprint(segment: Segment) -> str:
    """The same for the same segment only, near enough: a button carries it, and is out of date when it has changed."""
    kept = json.dumps(as_json(segment), sort_keys=True)
    return f"{zlib.crc32(kept.encode()):08x}"[-MARK_LENGTH:]


def mentioned(segment: Segment) -> set[int]:
    """The ids of the lists that it mentions."""
    return {one.segment_id for one in conditions(segment) if isinstance(one, InSaved)}


def resolve(segment: Segment, lists: Mapping[int, Segment]) -> Segment:
    """The same with what the lists mean in their places.

    Raises InvalidSegment for a list that mentions itself, by whatever way, or that the shop does not have.
    """
    return _resolve(segment, lists, ())


def check_resolved(segment: Segment, lists: Mapping[int, Segment]) -> None:
    """Raises InvalidSegment as `resolve` does, and for what has become too large by the lists that it mentions."""
    if sum(1 for _ in conditions(resolve(segment, lists))) > RESOLVED_MAX:
        raise InvalidSegment("too_many", RESOLVED_MAX)


def _resolve(segment: Segment, lists: Mapping[int, Segment], within: tuple[int, ...]) -> Segment:
    match segment:
        case All(parts):
            return All(tuple(_resolve(part, lists, within) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_resolve(part, lists, within) for part in parts))
        case Not(part):
            return Not(_resolve(part, lists, within))
        case InSaved(segment_id):
            if segment_id in within:
                raise InvalidSegment("loop")
            if segment_id not in lists:
                raise InvalidSegment("gone")
            return _resolve(lists[segment_id], lists, (*within, segment_id))
        case _:
            return segment


def check(segment: Segment) -> Segment:
    """The segment itself. Raises InvalidSegment for what cannot be meant."""
    if sum(1 for _ in conditions(segment)) > CONDITIONS_MAX:
        raise InvalidSegment("too_many", CONDITIONS_MAX)
    if _depth(segment) > DEPTH_MAX:
        raise InvalidSegment("too_deep", DEPTH_MAX)
    for condition in conditions(segment):
        _check_condition(condition)
    return segment


def as_json(segment: Segment) -> dict[str, Any]:
    """As it is kept."""
    kind = _NAMES[type(segment)]
    match segment:
        case All(parts) | AnyOf(parts):
            return {"is": kind, "parts": [as_json(part) for part in parts]}
        case Not(part):
            return {"is": kind, "part": as_json(part)}
        case _:
            values = {field.name: getattr(segment, field.name) for field in fields(segment)}
            return {"is": kind, **{name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}}


def from_json(kept: Mapping[str, Any]) -> Segment:
    """The way back. Raises InvalidSegment for what no `as_json` has written."""
    try:
        return check(_read(kept))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidSegment("unreadable") from error


def _read(kept: Mapping[str, Any]) -> Segment:
    kind, rest = _KINDS[kept["is"]], {name: value for name, value in kept.items() if name != "is"}
    match kind:
        case _ if kind in (All, AnyOf):
            return kind(tuple(_read(part) for part in rest["parts"]))  # type: ignore[no-any-return]
        case _ if kind is Not:
            return Not(_read(rest["part"]))
        case _ if kind is HasTier:
            return HasTier(tuple(Tier(tier) for tier in rest["tiers"]))
        case _ if kind is Speaks:
            return Speaks(tuple(Language(language) for language in rest["languages"]))
        case _ if kind is BirthdayIn:
            return BirthdayIn(tuple(rest["months"]))
        case _ if kind is HasReferral:
            return HasReferral(ReferralStatus(rest["status"]))
        case _:
            return kind(**rest)  # type: ignore[no-any-return]


def _depth(segment: Segment) -> int:
    match segment:
        case All(parts) | AnyOf(parts):
            return 1 + max((_depth(part) for part in parts), default=0)
        case Not(part):
            return _depth(part)
        case _:
            return 0


def _check_condition(condition: Condition) -> None:
    match condition:
        case HasTier(tiers) if not tiers:
            raise InvalidSegment("nothing_chosen")
        case Speaks(languages) if not languages:
            raise InvalidSegment("nothing_chosen")
        case BirthdayIn(months):
            if not months:
                raise InvalidSegment("nothing_chosen")
            for month in months:
                _check_range(month, 1, 12)
        case HasPoints(least, most):
            _check_range(least, 0, POINTS_MAX)
            if most is not None:
                _check_range(most, least, POINTS_MAX)
        case Bought(days, tag):
            _check_days(days)
            if len(tag) > TAG_MAX:
                raise InvalidSegment("tag", TAG_MAX)
        case Spent(least_minor, days):
            _check_range(least_minor, 1, POINTS_MAX * 100)
            _check_days(days)
        case Tapped(within):
            _check_range(within, 1, DAYS_MAX)
        case BirthdayMonth(ahead, timezone):
            _check_range(ahead, 0, 11)
            ZoneInfo(timezone)  # raises for what is none: no `as_json` has written it
        case InSaved(segment_id):
            _check_range(segment_id, 1, _IDS_MAX)
        case _:
            pass


def _check_days(days: int | None) -> None:
    if days is not None:
        _check_range(days, 1, DAYS_MAX)


def _check_range(value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise InvalidSegment("range", most)
