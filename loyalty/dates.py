"""Days and times as people type them: "3 May", "24.12.", "2026-12-24", "6月18日", "明天", "18:30", "下午5点".

Month and day stand in the order of the writer's language. What could be two days is none: whoever typed it is asked
which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from loyalty.amounts import plain_digits
from loyalty.members import Language

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
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12, "臘": 12}
_NUMERALS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_DAYS_OFF = {
    **dict.fromkeys(("today", "今天", "今日"), 0),
    **dict.fromkeys(("tomorrow", "明天", "明日", "聽日", "听日"), 1),
    **dict.fromkeys(("day after tomorrow", "the day after tomorrow", "后天", "後天", "後日", "后日"), 2),
    **dict.fromkeys(("大后天", "大後天"), 3),
}
_WEEKDAY = re.compile(
    r"^(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? (?=\d|[a-z]{3}))"
    r"|(?:周|週|星期|礼拜|禮拜)[一二三四五六日天]$"
)

_YEAR_FIRST = re.compile(r"(?P<year>\d{4}) ?[-/.] ?(?P<month>\d{1,2}) ?[-/.] ?(?P<day>\d{1,2})\.?")
_NUMBERS = re.compile(
    r"(?P<first>\d{1,2}) ?(?P<mark>[-/.]) ?(?P<second>\d{1,2})(?:(?P=mark) ?(?P<year>\d{4})|(?P<end>\.))?"
)
_NAME_FIRST = re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>\d{4}))?")
_NAME_LAST = re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? ?(?:of )?(?P<name>[a-z]{3,9})\.?(?:,? (?P<year>\d{4}))?")
_CHINESE = re.compile(r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>[^月\s]{1,3}) ?月 ?(?P<day>[^日号號\s]{1,4}) ?[日号號]?")

_HALVES = "上午|早上|早晨|清晨|中午|下午|晚上|傍晚|凌晨|午夜|上晝|下晝|夜晚"
_CLOCK = re.compile(
    rf"(?P<half>{_HALVES})? ?(?P<hour>\d{{1,2}}) ?"
    r"(?:[:h](?P<minute>\d{2})|(?P<dot>[点點时時]) ?(?:(?P<minute2>\d{1,2}) ?分?|(?P<thirty>半)|[钟鐘整])?"
    r"|(?= ?[ap]\.?m))"
    r" ?(?P<noon>[ap])?(?:\.?m\.?)?$"
)
_AFTERNOON = frozenset({"下午", "晚上", "傍晚", "下晝", "夜晚", "p"})
_MORNING = frozenset({"上午", "早上", "早晨", "清晨", "凌晨", "午夜", "上晝", "a"})
_NIGHT_ENDS = 7  # o'clock: nobody means an hour before it who says neither morning nor evening


@dataclass(frozen=True, slots=True)
class MonthDay:
    """As it was typed; whether there is such a day is another matter."""

    month: int
    day: int
    year: int | None = None


class Unsure(Exception):
    """It could be either of these days."""

    def __init__(self, one: MonthDay, other: MonthDay) -> None:
        super().__init__(one, other)
        self.one, self.other = one, other


@dataclass(frozen=True, slots=True)
class Clock:
    """`is_half_said`: whether morning or afternoon was meant was said, or there is no doubt."""

    at: time
    is_half_said: bool = True

    @property
    def later(self) -> time:
        return self.at.replace(hour=self.at.hour + 12)


def folded(given: str) -> str:
    return plain_digits(given).casefold()


def month_and_day(text: str, language: Language | None = None) -> MonthDay | None:
    """The day that a folded text names; None if it names none. `language` is the writer's; without one, numbers with a
    dash stand as in ISO 8601, with points as in most of Europe. Raises Unsure."""
    said = _WEEKDAY.sub("", text).strip()
    if found := _YEAR_FIRST.fullmatch(said):
        return MonthDay(int(found["month"]), int(found["day"]), int(found["year"]))
    if found := _NUMBERS.fullmatch(said):
        return _numbers(found, language)
    for pattern in (_NAME_FIRST, _NAME_LAST):
        if found := pattern.fullmatch(said):
            month = _month(found["name"])
            return None if month is None else MonthDay(month, int(found["day"]), _year(found))
    if found := _CHINESE.fullmatch(said):
        return _chinese(found)
    return None


def day_off(text: str, today: date) -> date | None:
    """ "tomorrow", "後天"; None if it is no such word."""
    days = _DAYS_OFF.get(text)
    return None if days is None else today + timedelta(days=days)


def split_clock(text: str) -> tuple[str, Clock] | None:
    """What stands before the time at the end of a folded text, and that time; None if there is none."""
    found = _CLOCK.search(text)
    clock = None if found is None else _time(found)
    return None if found is None or clock is None else (text[: found.start()].strip(" ,"), clock)


def _numbers(found: re.Match[str], language: Language | None) -> MonthDay | None:
    first, second, mark, year = int(found["first"]), int(found["second"]), found["mark"], _year(found)
    month_first, day_first = MonthDay(first, second, year), MonthDay(second, first, year)
    if first == second or second > 12:
        return month_first
    if first > 12:
        return day_first
    if language in (Language.SIMPLIFIED, Language.TRADITIONAL) and year is None:
        return month_first
    if mark == "." and (language is None or found["end"] or year is not None):
        return day_first
    if mark == "-" and language is None and year is None:
        return month_first
    raise Unsure(day_first, month_first)


def _year(found: re.Match[str]) -> int | None:
    return int(found["year"]) if found["year"] else None


def _month(name: str) -> int | None:
    months = [number for number, month in enumerate(MONTHS, 1) if month.startswith(name)]
    if name == "sept":
        months = [9]
    return months[0] if len(months) == 1 else None


def _chinese(found: re.Match[str]) -> MonthDay | None:
    month = _LUNAR_MONTHS.get(found["month"]) or _number(found["month"])
    day = _number(found["day"].removeprefix("初"))
    return None if month is None or day is None else MonthDay(month, day, _year(found))


def _number(written: str) -> int | None:
    """ "24", "十五", "廿四", "三十": numbers up to 99."""
    if re.fullmatch("[0-9]{1,2}", written):
        return int(written)
    tens, has_ten, ones = written.replace("廿", "二十").replace("卅", "三十").partition("十")
    if not has_ten:
        return _NUMERALS.get(written)
    numbers: Mapping[str, int] = {"": 0, **_NUMERALS}
    if tens not in numbers or ones not in numbers:
        return None
    return (numbers[tens] or 1) * 10 + numbers[ones]


def _time(found: re.Match[str]) -> Clock | None:
    hour, minute = int(found["hour"]), int(found["minute"] or found["minute2"] or (30 if found["thirty"] else 0))
    half = found["half"] or found["noon"] or ""
    is_half_said = bool(half) or not found["dot"] or not 1 <= hour < 12
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in ("a", "凌晨", "午夜") and hour == 12:
        hour = 0
    elif half == "中午" and hour < 3:
        hour += 12
    elif half in _MORNING and hour > 12:
        return None
    if not is_half_said and hour < _NIGHT_ENDS:
        hour, is_half_said = hour + 12, True
    return Clock(time(hour, minute), is_half_said) if hour < 24 and minute < 60 else None
