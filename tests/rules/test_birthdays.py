from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lunar import chinese_calendar, lunar_day
from loyalty.birthdays import LunarDay, brings_gift, celebrated_on, read_birthday
from loyalty.dates import MONTHS
from loyalty.errors import InvalidBirthday
from loyalty.members import Birthday, Calendar

LUNAR = Calendar.LUNAR


@pytest.mark.parametrize(
    ("typed", "month", "day"),
    [
        ("24.12.", 12, 24),
        ("24.12", 12, 24),
        (" 24. 12. ", 12, 24),
        ("24.12.1990", 12, 24),
        ("12-24", 12, 24),
        ("1990-12-24", 12, 24),
        ("1990/12/24", 12, 24),
        ("24/12", 12, 24),
        ("12/24", 12, 24),
        ("5/5", 5, 5),
        ("Dec 24", 12, 24),
        ("december 24th, 1990", 12, 24),
        ("24 December", 12, 24),
        ("24th of Dec.", 12, 24),
        ("1 Sept", 9, 1),
        ("12月24日", 12, 24),
        ("12月24号", 12, 24),
        ("１２月２４號", 12, 24),
        ("1990年12月24日", 12, 24),
        ("十二月廿四", 12, 24),
        ("二月三十日", 2, 30),
        ("29.2.", 2, 29),
    ],
)
def test_people_write_days_in_many_ways(typed: str, month: int, day: int) -> None:
    calendar = LUNAR if (month, day) == (2, 30) else Calendar.SOLAR
    assert read_birthday(typed, calendar) == Birthday(month, day, calendar)


@pytest.mark.parametrize(
    ("typed", "month", "day"),
    [
        ("八月十五", 8, 15),
        ("农历八月十五", 8, 15),
        ("正月初一", 1, 1),
        ("臘月三十", 12, 30),
        ("腊月廿三", 12, 23),
        ("8-15", 8, 15),
    ],
)
def test_lunar_days_are_written_in_their_own_way(typed: str, month: int, day: int) -> None:
    assert read_birthday(typed, LUNAR) == Birthday(month, day, LUNAR)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "31 February",
        "31.2.",
        "30.2.",
        "0-0",
        "13-13",
        "3/4",
        "12",
        "ju 3",
        "99.99.",
        "12月",
        "24.12.24.12",
        "九月九十九",
        "1" * 5000,
        "Dec 24 " * 100,
    ],
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(InvalidBirthday):
        read_birthday(typed)


def test_the_lunar_calendar_has_no_day_31() -> None:
    with pytest.raises(InvalidBirthday):
        read_birthday("1-31", LUNAR)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_birthday_or_refused(typed: str) -> None:
    for calendar in Calendar:
        try:
            read_birthday(typed, calendar)
        except InvalidBirthday:
            continue


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 12, 31)))
def test_every_day_of_the_year_is_understood_in_every_notation(day: date) -> None:
    name = MONTHS[day.month - 1]
    for typed in (
        f"{day.day}.{day.month}.",
        f"{day.month}-{day.day}",
        f"{name} {day.day}",
        f"{day.month}月{day.day}日",
    ):
        assert read_birthday(typed) == Birthday(day.month, day.day)


@pytest.mark.parametrize(
    ("day", "in_march", "is_celebrated"),
    [
        (date(2028, 2, 29), False, True),
        (date(2028, 2, 28), False, False),
        (date(2026, 2, 28), False, True),
        (date(2026, 3, 1), False, False),
        (date(2026, 3, 1), True, True),
        (date(2026, 2, 28), True, False),
        (date(2028, 3, 1), True, False),
        (date(2100, 2, 28), False, True),
    ],
)
def test_the_29th_of_february_is_celebrated_every_year(day: date, in_march: bool, is_celebrated: bool) -> None:
    assert (Birthday(2, 29) in celebrated_on(day, is_leap_day_in_march=in_march)) is is_celebrated


def test_a_lunar_birthday_has_no_second_feast_in_the_leap_month() -> None:
    # 2025 has two sixth months; the second begins on 25 July.
    assert lunar_day(date(2025, 7, 25)) == LunarDay(2025, 6, 1, is_leap=True)
    assert Birthday(6, 1, LUNAR) not in celebrated_on(date(2025, 7, 25), lunar_day(date(2025, 7, 25)))
    assert celebrated_on(date(2025, 6, 25), lunar_day(date(2025, 6, 25)))[Birthday(6, 1, LUNAR)] == 2025


def test_day_30_is_celebrated_on_the_last_day_of_a_short_month() -> None:
    short = lunar_day(date(2026, 2, 16))  # the twelfth month of 2025 has 29 days
    assert short == LunarDay(2025, 12, 29, is_last=True)
    found = celebrated_on(date(2026, 2, 16), short)
    assert found[Birthday(12, 30, LUNAR)] == found[Birthday(12, 29, LUNAR)] == 2025
    long = lunar_day(date(2025, 7, 24))
    assert long == LunarDay(2025, 6, 30, is_last=True)
    assert Birthday(6, 30, LUNAR) not in celebrated_on(date(2025, 7, 23), lunar_day(date(2025, 7, 23)))


@pytest.mark.parametrize("birthday", [Birthday(12, 1, LUNAR), Birthday(6, 1, LUNAR), Birthday(6, 30, LUNAR)])
def test_every_lunar_year_has_one_feast(birthday: Birthday) -> None:
    """Though 12-1 falls twice into the solar year 2024 and not at all into 2023."""
    years = []
    day = date(2023, 1, 22)  # the first day of a lunar year
    while day < date(2025, 1, 29):  # the last one of 2024
        if (year := celebrated_on(day, lunar_day(day)).get(birthday)) is not None:
            years.append(year)
        day += timedelta(days=1)
    assert years == [2023, 2024]


def test_without_lunar_python_there_is_no_lunar_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chinese_calendar() is not None
    monkeypatch.setitem(__import__("sys").modules, "lunar_python", None)
    assert chinese_calendar() is None


@pytest.mark.parametrize(("set_on", "is_gift"), [(date(2026, 4, 1), True), (date(2026, 4, 2), False)])
def test_a_gift_takes_thirty_days(set_on: date, is_gift: bool) -> None:
    assert brings_gift(set_on, date(2026, 5, 1), 30) is is_gift
