"""How wrong codes add up to a pause, and what is a whole phone number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.attempts import Guess, Limits, Tried, is_whole_number, missed

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LIMITS = Limits(misses=3, within=timedelta(minutes=10), misses_day=8, pause=timedelta(minutes=10))


def tries(count: int, at: datetime, before: Tried | None = None) -> Tried:
    for _ in range(count):
        before = missed(before, 1, Guess.TILL, at, LIMITS)
    assert before is not None
    return before


def test_the_third_wrong_code_pauses_for_ten_minutes() -> None:
    assert tries(2, NOON).paused_until is None
    assert tries(3, NOON).paused_until == NOON + timedelta(minutes=10)


def test_honest_mistakes_over_a_day_pause_nobody() -> None:
    seen = None
    for hours in range(7):
        seen = tries(1, NOON + timedelta(hours=hours), seen)
    assert seen is not None
    assert seen.paused_until is None


def test_each_pause_of_a_week_is_twice_as_long() -> None:
    first = tries(3, NOON)
    later = NOON + timedelta(minutes=30)
    second = tries(3, later, first)
    assert second.paused_until == later + timedelta(minutes=20)
    much_later = later + timedelta(days=8)
    assert tries(3, much_later, second).paused_until == much_later + timedelta(minutes=10)


def test_so_many_in_a_day_pause_until_the_day_is_over() -> None:
    seen = None
    for hours in range(8):
        seen = tries(1, NOON + timedelta(hours=hours), seen)
    assert seen is not None
    assert seen.paused_until == NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("phone", "typed", "is_whole"),
    [
        ("+491701234567", "01701234567", True),
        ("+491701234567", "1701234567", True),
        ("+491701234567", "491701234567", True),
        ("+491701234567", "00491701234567", True),
        ("+491701234567", "701234567", False),
        ("+491701234567", "34567", False),
        ("+12125551234", "2125551234", True),
        ("+12125551234", "12125551234", True),
        ("+12125551234", "5551234", False),
        ("+85291234567", "91234567", True),
        ("+85291234567", "1234567", False),
        ("+390612345678", "0612345678", True),
        ("+390612345678", "12345678", False),
    ],
)
def test_a_number_is_whole_with_or_without_its_calling_code(phone: str, typed: str, is_whole: bool) -> None:
    assert is_whole_number(phone, typed) is is_whole
