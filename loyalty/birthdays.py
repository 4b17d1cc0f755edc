"""Birthdays: how people write them, and on which day one is celebrated.

Solar and Chinese lunar. The conversion between the two calendars is handed in: it is a table of astronomy, no rule.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from loyalty.dates import Unsure, folded, month_and_day
from loyalty.errors import InvalidBirthday
from loyalty.members import Birthday, Calendar, Language

TYPED_MAX = 40  # characters; longer texts are no dates

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


def read_birthday(typed: str, calendar: Calendar = Calendar.SOLAR, language: Language | None = None) -> Birthday:
    """A birthday as people write one: "24.12.", "12-24", "12月24日", "Dec 24", "24 December", lunar "八月十五".

    A year is read over, nobody's age is asked. Month and day stand in the order of the writer's `language`; "3/4" is
    refused where it could be March or April. Raises InvalidBirthday.
    """
    text = folded(typed)
    if calendar is Calendar.LUNAR:
        text = _SAYS_LUNAR.sub("", text)
    try:
        found = month_and_day(text, language) if len(typed) <= TYPED_MAX else None
    except Unsure as unsure:
        both = (unsure.one.month, unsure.one.day), (unsure.other.month, unsure.other.day)
        raise InvalidBirthday(typed, both) from None
    if found is None:
        raise InvalidBirthday(typed[:TYPED_MAX])
    return Birthday(found.month, found.day, calendar)
