"""Months and days as people call them, in both calendars."""

from __future__ import annotations

from locales.texts import Texts
from loyalty.members import Birthday, Calendar

_ONES = "一二三四五六七八九"


def birthday(texts: Texts, day: Birthday) -> str:
    if day.calendar is Calendar.SOLAR:
        return texts.month_day(day.month, day.day)
    return texts(
        "lunar month {month}, day {day}",
        month=month(texts, day.calendar, day.month),
        day=day_of_month(texts, day.calendar, day.day),
    )


def month(texts: Texts, calendar: Calendar, number: int) -> str:
    if calendar is Calendar.SOLAR:
        return str(texts.locale.months["stand-alone"]["abbreviated"][number])
    if not _is_chinese(texts):
        return str(number)
    last = "臘月" if texts.language == "zh-Hant" else "腊月"
    return {1: "正月", 11: "冬月", 12: last}.get(number) or f"{_number(number)}月"


def day_of_month(texts: Texts, calendar: Calendar, number: int) -> str:
    if calendar is Calendar.SOLAR or not _is_chinese(texts):
        return str(number)
    if number <= 10:
        return f"初{_number(number)}"
    return f"廿{_ONES[number - 21]}" if 20 < number < 30 else _number(number)


def _is_chinese(texts: Texts) -> bool:
    return texts.language.startswith("zh")


def _number(number: int) -> str:
    tens, ones = divmod(number, 10)
    return {0: "", 1: "十"}.get(tens, f"{_ONES[tens - 1]}十") + (_ONES[ones - 1] if ones else "")
