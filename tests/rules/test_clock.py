from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import JUMP, WatchedClock, steady_seconds
from loyalty.errors import ClockJumped

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Machine:
    """Time goes on; what the clock shows may be another matter."""

    passed: float = 0
    wrong: timedelta = timedelta()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed) + self.wrong

    def steady(self) -> float:
        return 1000 + self.passed


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> WatchedClock:
    return WatchedClock(machine.now, machine.steady)


def test_time_that_passes_is_no_jump(machine: Machine, clock: WatchedClock) -> None:
    machine.passed = timedelta(days=400).total_seconds()
    assert clock() == NOON + timedelta(days=400)


@pytest.mark.parametrize("wrong", [JUMP, -JUMP, timedelta(hours=5)], ids=["a week ahead", "a week behind", "hours"])
def test_hours_and_days_are_forgiven(machine: Machine, clock: WatchedClock, wrong: timedelta) -> None:
    machine.wrong = wrong
    assert clock() == NOON + wrong


@pytest.mark.parametrize("year", [1970, 2038], ids=["a dead battery", "the end of 32 bits"])
def test_another_year_is_refused_until_the_clock_is_back(machine: Machine, clock: WatchedClock, year: int) -> None:
    machine.wrong = datetime(year, 1, 1, tzinfo=UTC) - NOON
    for _ in range(3):
        with pytest.raises(ClockJumped) as refused:
            clock()
        assert refused.value.off == machine.wrong
    machine.wrong = timedelta()
    machine.passed = 60
    assert clock() == NOON + timedelta(minutes=1)


def test_small_corrections_add_up_to_no_jump(machine: Machine, clock: WatchedClock) -> None:
    for _ in range(20):
        machine.wrong += timedelta(days=1)
        machine.passed += 60
        clock()


def test_the_steady_seconds_go_on() -> None:
    first = steady_seconds()
    assert steady_seconds() >= first
