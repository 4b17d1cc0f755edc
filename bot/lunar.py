"""The Chinese calendar by lunar-python, which the extra `lunar` brings."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.util import find_spec

from loyalty.birthdays import LunarDay, LunarDays


def chinese_calendar() -> LunarDays | None:
    """Converts a day; None where lunar-python is not installed."""
    return None if find_spec("lunar_python") is None else lunar_day


@lru_cache(maxsize=64)
def lunar_day(day: date) -> LunarDay:
    """A conversion takes a millisecond and the same few days are asked for all the time, so they are kept."""
    from lunar_python import LunarMonth, Solar  # half a second to load: only where somebody needs it

    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    month = LunarMonth.fromYm(lunar.getYear(), lunar.getMonth())
    return LunarDay(
        year=lunar.getYear(),
        month=abs(lunar.getMonth()),  # leap months come as negative numbers
        day=lunar.getDay(),
        is_leap=month.isLeap(),
        is_last=lunar.getDay() == month.getDayCount(),
    )
