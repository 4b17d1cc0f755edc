"""The timetable when the machine's clock is wrong: said once, and nothing is put off to another year."""

from __future__ import annotations

import asyncio
import random as chance
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from structlog.testing import capture_logs

from bot.clock import WatchedClock
from bot.timetable import Line, Timetable, lines
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import open_club
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.chat import Chat
from tests.kit.clock import FrozenClock


@dataclass
class Machine:
    """Time goes on; what its clock shows may be another matter."""

    passed: float = 0
    wrong: timedelta = timedelta()

    def now(self) -> datetime:
        return FrozenClock()() + timedelta(seconds=self.passed) + self.wrong

    def steady(self) -> float:
        return self.passed


async def test_a_clock_in_another_year_is_said_once_by_all_who_work_by_it(
    chat: Chat, units: UnitFactory, random: chance.Random
) -> None:
    machine, app = Machine(), chat.app
    watched = WatchedClock(machine.now, machine.steady)
    club = open_club(units, watched, random, Programme(), Language.ENGLISH)
    timetable = Timetable(lines(club, units, watched), units, app.database.run, watched)
    await app.database.run(timetable._ensure)
    app.courier._deliveries, app.courier._broadcasts = club.deliveries, club.broadcasts
    app.painter._live_cards = club.live_cards
    with capture_logs() as logged:
        machine.wrong = timedelta(days=4_000)
        at_work = [asyncio.create_task(one.work()) for one in (app.courier, app.painter)]
        for _ in range(4):
            machine.passed += 60
            await timetable.beat()
            await asyncio.sleep(0.1)
        for task in at_work:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert [(line["event"], line["log_level"]) for line in logged] == [("the clock has jumped", "error")]
        machine.wrong = timedelta()
        await timetable.beat()
        assert [line["event"] for line in logged[1:]] == ["the clock is back"]


async def test_a_clock_that_was_days_ahead_puts_nothing_off(database: Database, units: UnitFactory) -> None:
    """Days are forgiven: what was done by them has set the next time, too."""
    clock, worked = FrozenClock(), list[object]()

    def work() -> int:
        worked.append(clock())
        return 0

    timetable = Timetable((Line("greet", timedelta(minutes=1), work),), units, database.run, clock)
    await database.run(timetable._ensure)
    clock.advance(days=5)
    await timetable.beat()
    clock.advance(days=-5, seconds=30)
    await timetable.beat()
    assert len(worked) == 2, "it is due again at once"
    clock.advance(seconds=30)
    await timetable.beat()
    assert len(worked) == 2, "and then once a minute"
    clock.advance(seconds=30)
    await timetable.beat()
    assert len(worked) == 3
