"""Changing an earn rule, part by part: what a part is, what people type for it, and an example of what it earns."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from loyalty.amounts import Counted, money_minor, plain_digits, whole_number
from loyalty.currencies import Coin
from loyalty.dates import folded, split_clock
from loyalty.earning import Earned, EarnRule, HappyHours, points_for
from loyalty.errors import EarnRuleIsFull, InvalidEarnRule, InvalidPurchase
from loyalty.members import Tier
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
    RECEIPTS = "receipts"  # 1: their numbers begin again each day


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
    if part is RulePart.RECEIPTS:
        return int(rule.is_receipt_daily)
    number: int | None = getattr(rule, _FIELDS[part])
    return number or 0


def with_part(rule: EarnRule, part: RulePart, number: int) -> EarnRule:
    """Raises InvalidEarnRule."""
    if part in TIER_PARTS:
        tiers = {**rule.tiers, TIER_PARTS[part]: number}
        return _without_ones(replace(rule, tiers=tiers))
    if part is RulePart.RECEIPTS:
        if number not in (0, 1):
            raise InvalidEarnRule("is_receipt_daily", number, 0, 1)
        return replace(rule, is_receipt_daily=bool(number))
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

_PER = re.compile(r"(?P<points>.+?)\s*(?:per|for|every|each|/|:|每)\s*(?P<amount>.+)", re.I)
_EACH = re.compile(r"每\s*(?P<amount>\S*?[0-9][0-9.,]*)\s*(?:元|块|塊)?\s*(?:得|送|积|積|有)?\s*(?P<points>[0-9].*)")
_HOURS = re.compile(r"(?P<starts>.+?)\s*(?:-|–|—|~|to|至|到)\s*(?P<ends>\S+?)(?:\s+(?P<percent>\d.*))?", re.I)
_HOUR = re.compile(r"[0-9]{1,2}")
_HALF = re.compile("下午|晚上|傍晚|下晝|夜晚")
_TAG = re.compile(r"(.+?)\s+([0-9]\S*(?: ?(?:%|percent))?)", re.I)
_SAID_MAX = 10**9  # more fits into no rule


@dataclass(frozen=True, slots=True)
class TypedHours:
    """From one minute of the day to another; `percent` None: not said."""

    starts: int
    ends: int
    percent: int | None = None


def read_rate(text: str, decimals: int, coin: Coin | None = None) -> tuple[int, int] | None:
    """Points, and for how much: "2 per 5", "1/10", "每5元2分"; None if it is not that."""
    said = plain_digits(text)
    found = _EACH.fullmatch(said) or _PER.fullmatch(said)
    if found is None:
        return None
    points, per_minor = whole_number(found["points"], Counted.POINTS), money_minor(found["amount"], decimals, coin)
    return None if points is None or points > _SAID_MAX or per_minor is None else (points, per_minor)


def read_hours(text: str) -> TypedHours | None:
    """Hours, and perhaps a percentage: "17:00-19:00", "17-19", "17-19 200"; None if it is not that."""
    found = _HOURS.fullmatch(folded(text))
    if found is None:
        return None
    starts, ends = _minutes(found["starts"]), _minutes(found["ends"])
    if starts is not None and ends is not None and ends < starts and _HALF.match(found["starts"]):
        ends += DAY_MINUTES // 2  # "下午5点到7点"
    percent = None if found["percent"] is None else read_whole(found["percent"])
    if starts is None or ends is None or starts >= DAY_MINUTES or (percent is None and found["percent"]):
        return None
    return TypedHours(starts, ends % DAY_MINUTES, percent)


def _minutes(text: str) -> int | None:
    """A time of the day in minutes, 24:00 included."""
    text = text.replace(".", ":")
    if text in ("24", "24:00", "24h00", "24点", "24點"):
        return DAY_MINUTES
    said = split_clock(f"{text}:00" if _HOUR.fullmatch(text) else text)
    return None if said is None or said[0] else minute_of(said[1].at)


def read_tag(text: str) -> tuple[str, int] | None:
    """A product tag and a percentage: "coffee 200"; None if it is not that."""
    found = _TAG.fullmatch(plain_digits(text))
    percent = None if found is None else read_whole(found[2])
    return None if found is None or percent is None else (found[1], percent)


def read_whole(text: str) -> int | None:
    """A whole number of points or percent; None if it is not that. A point may be the decimal mark of a percentage, so
    thousands are not grouped by one here."""
    number = None if "." in plain_digits(text) else whole_number(text, Counted.PERCENT, Counted.POINTS)
    return number if number is not None and number < 10**12 else None


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
