"""Earning: what a purchase is worth in points, by the rule of its merchant, and what of it a refund takes back.

Exact: rates and multipliers are whole numbers, and what they make is a fraction until it is rounded down, once, at the
end. Amounts are in the currency's smallest unit (cents).
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from loyalty.birthdays import LunarDays
from loyalty.errors import InvalidEarnRule
from loyalty.members import Birthday, Calendar, Tier
from loyalty.points import POINTS_MAX

AMOUNT_MAX = 10_000_000_000  # points x amount still fits the database's whole numbers
PERCENT_MAX = 1000

Span = tuple[datetime, datetime]  # from (included) to (not)


class Factor(StrEnum):
    """What multiplies points."""

    TIER = "tier"
    HOURS = "hours"
    TAG = "tag"


class Cap(StrEnum):
    """What cuts points."""

    MINIMUM = "minimum"  # the purchase is too small to earn
    DAY = "day"
    MONTH = "month"
    CLUB = "club"  # a ceiling of the operator's, see `loyalty.ceilings`
    PURCHASE = "purchase"  # no single award is larger than POINTS_MAX


@dataclass(frozen=True, slots=True)
class HappyHours:
    """From `starts` to `ends` on the club's clock, on these weekdays (0 is Monday; none named: every day).

    Hours that end at or before their start run into the next day, and count for the weekday on which they began; from
    midnight to midnight is the whole day.
    """

    percent: int
    weekdays: tuple[int, ...] = ()
    starts: time = time.min
    ends: time = time.min

    def covers(self, local: datetime) -> bool:
        now, today = local.time(), local.weekday()
        if self.starts < self.ends:
            return self._is_on(today) and self.starts <= now < self.ends
        return (self._is_on(today) and now >= self.starts) or (self._is_on((today - 1) % 7) and now < self.ends)

    def _is_on(self, weekday: int) -> bool:
        return not self.weekdays or weekday in self.weekdays


@dataclass(frozen=True, slots=True)
class EarnRule:
    """`points` for each `per_minor` spent (1 for 100: a point per euro), nothing below `amount_minor_min`.

    Multipliers are percentages from 100: a tier's, that of the hours and that of the product tags multiply each other;
    of several hours or tags that fit, the best one counts alone. Caps are points that a member earns here by purchases
    in a day and a month of the club's zone. `first_points` come on top of the first purchase here that earns,
    `birthday_points` of the first one in the month of the birthday; caps do not touch them.
    `is_receipt_daily`: the shop's receipt numbers begin again each day of the club. Raises InvalidEarnRule.
    """

    points: int = 1
    per_minor: int = 100
    amount_minor_min: int = 0
    tiers: Mapping[Tier, int] = field(default_factory=dict)
    hours: tuple[HappyHours, ...] = ()
    tags: Mapping[str, int] = field(default_factory=dict)
    points_day_max: int | None = None
    points_month_max: int | None = None
    first_points: int = 0
    birthday_points: int = 0
    is_receipt_daily: bool = False

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("points", self.points, 1, POINTS_MAX),
            ("per_minor", self.per_minor, 1, AMOUNT_MAX),
            ("amount_minor_min", self.amount_minor_min, 0, AMOUNT_MAX),
            ("points_day_max", self.points_day_max, 0, POINTS_MAX),
            ("points_month_max", self.points_month_max, 0, POINTS_MAX),
            ("first_points", self.first_points, 0, POINTS_MAX),
            ("birthday_points", self.birthday_points, 0, POINTS_MAX),
            *(("percent", percent, 100, PERCENT_MAX) for percent in self._percents()),
            *(("weekday", weekday, 0, 6) for hours in self.hours for weekday in hours.weekdays),
        ):
            if value is not None and not (type(value) is int and least <= value <= most):
                raise InvalidEarnRule(name, value, least, most)

    def amount_minor_for(self, points: int) -> int:
        """What somebody without any multiplier spends here, in one purchase, for at least so many points."""
        return max(-(-points * self.per_minor // self.points), self.amount_minor_min)

    def _percents(self) -> Iterable[int]:
        return [*self.tiers.values(), *self.tags.values(), *(hours.percent for hours in self.hours)]


@dataclass(frozen=True, slots=True)
class Multiplied:
    """What a multiplier added. `of`: the tier or the tag."""

    factor: Factor
    percent: int
    points: int
    of: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a cap took away."""

    cap: Cap
    points: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What a purchase earns, explained: `points` is `base` and what was added, without what was cut."""

    points: int = 0
    base: int = 0
    added: tuple[Multiplied, ...] = ()
    cuts: tuple[Cut, ...] = ()


def points_for(
    rule: EarnRule,
    amount_minor: int,
    *,
    at: datetime,
    zone: ZoneInfo,
    tier: Tier = Tier.MEMBER,
    tags: Collection[str] = (),
    earned_today: int = 0,
    earned_this_month: int = 0,
) -> Earned:
    """What a purchase `at` an instant earns, hours taken in the club's `zone`, rounded down once at the end.

    `earned_today` and `earned_this_month` are what the caps have seen already, this purchase not among it.
    """
    exact = Fraction(amount_minor * rule.points, rule.per_minor)
    base = int(exact)
    if amount_minor < rule.amount_minor_min:
        return Earned(0, base, cuts=(Cut(Cap.MINIMUM, base),) if base else ())
    added = []
    for factor, percent, of in _factors(rule, at.astimezone(zone), tier, tags):
        before = int(exact)
        exact *= Fraction(percent, 100)
        added.append(Multiplied(factor, percent, int(exact) - before, of))
    points, cuts = int(exact), []
    for cap, most, so_far in (
        (Cap.DAY, rule.points_day_max, earned_today),
        (Cap.MONTH, rule.points_month_max, earned_this_month),
        (Cap.PURCHASE, POINTS_MAX, 0),
    ):
        room = points if most is None else max(0, most - so_far)
        if points > room:
            cuts.append(Cut(cap, points - room))
            points = room
    return Earned(points, base, tuple(added), tuple(cuts))


def _factors(rule: EarnRule, local: datetime, tier: Tier, tags: Collection[str]) -> Iterable[tuple[Factor, int, str]]:
    """The multipliers that fit, one of a kind at most, and none of 100 %."""
    fitting = [
        (Factor.TIER, [(rule.tiers.get(tier, 100), str(tier))]),
        (Factor.HOURS, [(hours.percent, "") for hours in rule.hours if hours.covers(local)]),
        (Factor.TAG, [(rule.tags[tag], tag) for tag in sorted(set(tags) & set(rule.tags))]),
    ]
    for factor, found in fitting:
        percent, of = max(found, key=lambda one: one[0], default=(100, ""))
        if percent > 100:
            yield factor, percent, of


def refundable(points: int, amount_minor: int, refunded_minor: int) -> int:
    """How many points refunds of altogether `refunded_minor` of a purchase have taken back of its award.

    The share is rounded once, in the member's favour: with each refund the whole is reckoned anew, so that no split
    into small refunds takes more or less than one refund would. A whole refund takes all of it, never more.
    """
    if not 0 <= refunded_minor <= amount_minor:
        raise ValueError(f"{refunded_minor} of {amount_minor} cannot be refunded")
    return points * refunded_minor // amount_minor


def share(points: int, percent: int) -> int:
    """A percentage of points, rounded down."""
    return points * percent // 100


def day_of(at: datetime, zone: ZoneInfo) -> Span:
    """The day of an instant in a zone."""
    day = at.astimezone(zone).date()
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def month_of(at: datetime, zone: ZoneInfo) -> Span:
    """The month of an instant in a zone."""
    first = at.astimezone(zone).date().replace(day=1)
    return _midnight(first, zone), _midnight(_months_on(first, 1), zone)


def months_later(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same day and hour so many months on, or the month's last day where it is shorter."""
    local = at.astimezone(zone)
    return datetime.combine(_months_on(local.date(), months), local.time(), tzinfo=zone).astimezone(UTC)


def birthday_year(birthday: Birthday, day: date, lunar_days: LunarDays | None) -> int | None:
    """The year for which `day` lies in the month of a birthday, in the birthday's own calendar; None if it does not.

    A leap month of the lunar calendar repeats no birthday month.
    """
    if birthday.calendar is Calendar.SOLAR:
        return day.year if day.month == birthday.month else None
    lunar = lunar_days(day) if lunar_days is not None else None
    return lunar.year if lunar is not None and lunar.month == birthday.month and not lunar.is_leap else None


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
