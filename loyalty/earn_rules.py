"""Changing an earn rule, part by part: what a part is, what people type for it, and an example of what it earns."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from loyalty.amounts import money_minor
from loyalty.earning import Earned, EarnRule, HappyHours, points_for
from loyalty.errors import EarnRuleIsFull, InvalidPurchase
from loyalty.members import Tier
from loyalty.names import readable
from loyalty.purchases import TAG_MAX, clean_tags

HOURS_MAX = 8
RULE_TAGS_MAX = 60
DAY_MINUTES = 24 * 60


class RulePart(StrEnum):
    """What of a rule is one number. 0 is none of it; for a multiplier 100 is."""

    MINIMUM = "min"
    SILVER = "silver"
    GOLD = "gold"
    DAY = "day"
    MONTH = "month"
    FIRST = "first"
    BIRTHDAY = "bday"


TIER_PARTS: Mapping[RulePart, Tier] = MappingProxyType({RulePart.SILVER: Tier.SILVER, RulePart.GOLD: Tier.GOLD})
_FIELDS = {
    RulePart.MINIMUM: "amount_minor_min",
    RulePart.DAY: "points_day_max",
    RulePart.MONTH: "points_month_max",
    RulePart.FIRST: "first_points",
    RulePart.BIRTHDAY: "birthday_points",
}
_CAPS = (RulePart.DAY, RulePart.MONTH)


def part_of(rule: EarnRule, part: RulePart) -> int:
    """The number of a part; 0 where there is none, 100 for no multiplier."""
    if part in TIER_PARTS:
        return rule.tiers.get(TIER_PARTS[part], 100)
    number: int | None = getattr(rule, _FIELDS[part])
    return number or 0


def with_part(rule: EarnRule, part: RulePart, number: int) -> EarnRule:
    """Raises InvalidEarnRule."""
    if part in TIER_PARTS:
        tiers = {**rule.tiers, TIER_PARTS[part]: number}
        return _without_ones(replace(rule, tiers=tiers))
    field: dict[str, int | None] = {_FIELDS[part]: None if part in _CAPS and number == 0 else number}
    return replace(rule, **field)  # type: ignore[arg-type]


def with_hours(rule: EarnRule, hours: HappyHours) -> EarnRule:
    """The same hours on the same days count once, with the latest percentage.

    Raises InvalidEarnRule, EarnRuleIsFull.
    """
    kept = tuple(one for one in rule.hours if replace(one, percent=hours.percent) != hours)
    if len(kept) >= HOURS_MAX:
        raise EarnRuleIsFull("hours", HOURS_MAX)
    return replace(rule, hours=(*kept, hours))


def without_hours(rule: EarnRule, hours: HappyHours) -> EarnRule:
    return replace(rule, hours=tuple(one for one in rule.hours if one != hours))


def with_tag(rule: EarnRule, tag: str, percent: int) -> EarnRule:
    """100 percent takes the tag away.

    Raises InvalidEarnRule, InvalidPurchase for a tag that is none or too long, EarnRuleIsFull.
    """
    cleaned = clean_tags([tag])
    if not cleaned:
        raise InvalidPurchase("tag", TAG_MAX)
    if cleaned[0] not in rule.tags and percent != 100 and len(rule.tags) >= RULE_TAGS_MAX:
        raise EarnRuleIsFull("tags", RULE_TAGS_MAX)
    return _without_ones(replace(rule, tags={**rule.tags, cleaned[0]: percent}))


def _without_ones(rule: EarnRule) -> EarnRule:
    """Checked as it is, and then without multipliers that multiply nothing."""
    return replace(
        rule,
        tiers={tier: percent for tier, percent in rule.tiers.items() if percent != 100},
        tags={tag: percent for tag, percent in rule.tags.items() if percent != 100},
    )


def mark(tag: str) -> str:
    """A tag in eight characters, for a button: a tag may be longer than what a button carries."""
    return f"{zlib.crc32(tag.encode()):08x}"


def marked(rule: EarnRule, wanted: str) -> str | None:
    """The tag with this mark; None where the rule has none (any more)."""
    return next((tag for tag in sorted(rule.tags) if mark(tag) == wanted), None)


def named(rule: EarnRule, words: str) -> str | None:
    """The tag among these words that earns most; None if there is none."""
    said = " ".join(words.casefold().split())
    found = {said, *said.split()} & set(rule.tags)
    return max(sorted(found), key=lambda tag: rule.tags[tag], default=None)


def days_in(weekdays: int) -> tuple[int, ...]:
    """The weekdays of a set of bits; all of them are none named."""
    days = tuple(day for day in range(7) if weekdays >> day & 1)
    return () if len(days) == 7 else days


def bits_of(weekdays: tuple[int, ...]) -> int:
    return sum(1 << day for day in set(weekdays))


def at_minute(minute: int) -> time:
    """A minute of the day, the last one after midnight included: 24:00 is 00:00."""
    return time(minute % DAY_MINUTES // 60, minute % 60)


def minute_of(at: time) -> int:
    return at.hour * 60 + at.minute


# What people type

_PER = re.compile(
    r"(\d{1,9})\s*(?:points?|pts?|积分|点数|點數|点|點|分)?\s*(?:per|for|every|each|/|:|每)\s*([\d.,]+)", re.I
)
_EACH = re.compile(r"每\s*([\d.,]+)\s*(?:元|块|塊)?\s*(?:得|送|积|積|有)?\s*(\d{1,9})\s*(?:积分|点数|點數|点|點|分)?")
_HOURS = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|–|—|~|to|至|到)\s*(\d{1,2})(?:[:.h](\d{2}))?(?:\s+(\d{1,9})\s*%?)?", re.I
)
_TAG = re.compile(r"(.+?)\s+(\d{1,9})\s*%?")


@dataclass(frozen=True, slots=True)
class TypedHours:
    """From one minute of the day to another; `percent` None: not said."""

    starts: int
    ends: int
    percent: int | None = None


def read_rate(text: str, decimals: int) -> tuple[int, int] | None:
    """Points, and for how much: "2 per 5", "1/10", "每5元2分"; None if it is not that."""
    said = _plain(text)
    if (found := _PER.fullmatch(said)) is not None:
        points, amount = found[1], found[2]
    elif (found := _EACH.fullmatch(said)) is not None:
        amount, points = found[1], found[2]
    else:
        return None
    per_minor = money_minor(amount, decimals)
    return None if per_minor is None else (int(points), per_minor)


def read_hours(text: str) -> TypedHours | None:
    """Hours, and perhaps a percentage: "17:00-19:00", "17-19", "17-19 200"; None if it is not that."""
    found = _HOURS.fullmatch(_plain(text))
    if found is None:
        return None
    starts, ends = (int(found[n]) * 60 + int(found[n + 1] or 0) for n in (1, 3))
    if any(int(found[n] or 0) > 59 for n in (2, 4)) or starts >= DAY_MINUTES or ends > DAY_MINUTES:
        return None
    return TypedHours(starts, ends % DAY_MINUTES, None if found[5] is None else int(found[5]))


def read_tag(text: str) -> tuple[str, int] | None:
    """A product tag and a percentage: "coffee 200"; None if it is not that."""
    found = _TAG.fullmatch(_plain(text))
    return None if found is None else (found[1], int(found[2]))


def read_whole(text: str) -> int | None:
    """A whole number, perhaps with a percent sign; None if it is not that."""
    said = _plain(text).removesuffix("%").strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= 12 else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", readable(text)).split())


# An example


@dataclass(frozen=True, slots=True)
class Example:
    """A purchase that nobody makes: on a weekday (0 is Monday) at a minute of the club's day, with one tag or none."""

    amount_minor: int
    weekday: int
    minute: int
    tier: Tier = Tier.MEMBER
    tag: str = ""


def telling(rule: EarnRule, amount_minor: int, now: datetime, zone: ZoneInfo) -> Example:
    """An example in which much of the rule shows: the tier that gets most, in the first happy hours."""
    tier = max(rule.tiers, key=lambda one: (rule.tiers[one], one.rank), default=Tier.MEMBER)
    local = now.astimezone(zone)
    if not rule.hours:
        return Example(amount_minor, local.weekday(), minute_of(local.time()), tier)
    first = rule.hours[0]
    weekday = first.weekdays[0] if first.weekdays else local.weekday()
    return Example(amount_minor, weekday, minute_of(first.starts), tier)


def tried(rule: EarnRule, example: Example, now: datetime, zone: ZoneInfo) -> Earned:
    """What it would earn on the next such day, as the first purchase of its month."""
    today = now.astimezone(zone).date()
    day = today + timedelta(days=(example.weekday - today.weekday()) % 7)
    at = datetime.combine(day, at_minute(example.minute), tzinfo=zone)
    return points_for(
        rule, example.amount_minor, at=at, zone=zone, tier=example.tier, tags=[example.tag] if example.tag else ()
    )
