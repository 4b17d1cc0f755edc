"""Birthdays: how people write them, and on which day one is celebrated.

Solar and Chinese lunar. The conversion between the two calendars is handed in: it is a table of astronomy, no rule.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty.errors import InvalidBirthday
from loyalty.members import Birthday, Calendar

TYPED_MAX = 40  # characters; longer texts are no dates

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12, "臘": 12}

_YEAR_FIRST = re.compile(r"\d{4}[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")
_POINTS = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\.?(?: ?\d{4})?")
_DASH = re.compile(r"(?P<month>\d{1,2})-(?P<day>\d{1,2})")
_SLASH = re.compile(r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?:/\d{4})?")
_NAME_FIRST = re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? \d{4})?")
_NAME_LAST = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? (?:of )?(?P<name>[a-z]{3,9})\.?(?:,? \d{4})?")
_CHINESE = re.compile(r"(?:\d{4}年)?(?P<month>[^月\s]{1,3})月 ?(?P<day>[^日号號\s]{1,4})[日号號]?")
_SAYS_LUNAR = re.compile(r"^(?:农历|農曆|阴历|陰曆|旧历|舊曆|lunar) ?")


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the Chinese calendar. `is_leap`: in a leap month, which repeats the number of the one before."""

    year: int
    month: int
    day: int
    is_leap: bool = False
    is_last: bool = False  # of its month


LunarDays = Callable[[date], LunarDay]


def celebrated_on(
    day: date, lunar: LunarDay | None = None, *, is_leap_day_in_march: bool = False
) -> dict[Birthday, int]:
    """The birthdays that are celebrated on a day, each with the year for which it is: once a year, never twice.

    29 February is celebrated on 28 February in common years, or on 1 March. A lunar birthday counts for the lunar year
    (a solar year may hold it twice or not at all), has no second feast in a leap month, and one on day 30 comes on
    day 29 of short months.
    """
    found = {Birthday(day.month, day.day): day.year}
    stands_in = (3, 1) if is_leap_day_in_march else (2, 28)
    if not isleap(day.year) and (day.month, day.day) == stands_in:
        found[Birthday(2, 29)] = day.year
    if lunar is not None and not lunar.is_leap:
        found[Birthday(lunar.month, lunar.day, Calendar.LUNAR)] = lunar.year
        if lunar.is_last and lunar.day == 29:
            found[Birthday(lunar.month, 30, Calendar.LUNAR)] = lunar.year
    return found


def brings_gift(set_on: date, day: date, notice_days: int) -> bool:
    """Whether a birthday entered on `set_on` was there long enough before the `day` on which it is celebrated."""
    return set_on <= day - timedelta(days=notice_days)


def read_birthday(typed: str, calendar: Calendar = Calendar.SOLAR) -> Birthday:
    """A birthday as people write one: "24.12.", "12-24", "12月24日", "Dec 24", "24 December", lunar "八月十五".

    A year is read over, nobody's age is asked. "3/4" is refused where it could be March or April.
    Raises InvalidBirthday.
    """
    text = " ".join(unicodedata.normalize("NFKC", typed[: TYPED_MAX + 1]).casefold().split())
    if calendar is Calendar.LUNAR:
        text = _SAYS_LUNAR.sub("", text)
    month_and_day = _read(text) if len(typed) <= TYPED_MAX else None
    if month_and_day is None:
        raise InvalidBirthday(typed[:TYPED_MAX])
    return Birthday(*month_and_day, calendar)


def _read(text: str) -> tuple[int, int] | None:
    for pattern in (_YEAR_FIRST, _POINTS, _DASH):
        if found := pattern.fullmatch(text):
            return int(found["month"]), int(found["day"])
    if found := _SLASH.fullmatch(text):
        return _slashed(int(found["first"]), int(found["second"]))
    for pattern in (_NAME_FIRST, _NAME_LAST):
        if found := pattern.fullmatch(text):
            return _named(found["name"], int(found["day"]))
    if found := _CHINESE.fullmatch(text):
        return _chinese(found)
    return None


def _slashed(first: int, second: int) -> tuple[int, int] | None:
    """Day and month stand in one order in some countries and in the other elsewhere."""
    if first > 12 or first == second:
        return second, first
    return (first, second) if second > 12 else None


def _named(name: str, day: int) -> tuple[int, int] | None:
    months = [number for number, month in enumerate(MONTHS, 1) if month.startswith(name)]
    if name == "sept":
        months = [9]
    return (months[0], day) if len(months) == 1 else None


def _chinese(found: re.Match[str]) -> tuple[int, int] | None:
    month = _LUNAR_MONTHS.get(found["month"]) or _chinese_number(found["month"])
    day = _chinese_number(found["day"].removeprefix("初"))
    return None if month is None or day is None else (month, day)


def _chinese_number(written: str) -> int | None:
    """ "24", "十五", "廿四", "三十": numbers up to 99."""
    if re.fullmatch(r"\d{1,2}", written):
        return int(written)
    tens, has_ten, ones = written.replace("廿", "二十").replace("卅", "三十").partition("十")
    if not has_ten:
        return _DIGITS.get(written)
    numbers: Mapping[str, int] = {"": 0, **_DIGITS}
    if tens not in numbers or ones not in numbers:
        return None
    return (numbers[tens] or 1) * 10 + numbers[ones]
