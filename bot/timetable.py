"""The timetable: what is due is in tables, APScheduler only beats time.

Each line runs for one process at a time, whoever claims it first; what it does is due by the data (a group's deadline,
a birthday), and has a key of its own, so that a line that runs late, twice or after a crash does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.intake import ASIDE_KEPT, KEPT
from bot.middlewares.errors import is_passing
from loyalty.errors import ClockJumped
from loyalty.ports import Clock, Run
from loyalty.services import Club
from storage.unit_of_work import UnitFactory

log = structlog.get_logger()
BEAT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Line:
    """`work` does a batch and answers how much that was; it is called again until it answers 0."""

    name: str
    every: timedelta
    work: Callable[[], int]


class Timetable:
    def __init__(self, lines: tuple[Line, ...], units: UnitFactory, run: Run, clock: Clock) -> None:
        self.lines, self._units, self._run, self._clock = lines, units, run, clock
        self._scheduler = AsyncIOScheduler(job_defaults={"coalesce": True, "misfire_grace_time": 300})

    async def start(self) -> None:
        await self._run(self._ensure)
        self._scheduler.add_job(self.beat, "interval", seconds=BEAT.total_seconds(), max_instances=1)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def beat(self) -> None:
        """Runs each line that is due."""
        for line in self.lines:
            try:
                if await self._run(self._claim, line.name):
                    await self.work(line)
            except ClockJumped:
                return  # the clock has said so, and no other line can do anything either
            except Exception as error:
                if not is_passing(error):
                    log.exception("a line of the timetable failed", line=line.name)
                else:
                    log.warning("the timetable waits", line=line.name, error=str(error))

    async def work(self, line: Line) -> int:
        """Does all that is due of one line; answers how much that was."""
        whole = 0
        while done := await self._run(line.work):
            whole += done
        return whole

    def _ensure(self) -> None:
        with self._units() as uow:
            uow.timetable.ensure([(line.name, line.every) for line in self.lines], self._clock())
            uow.commit()

    def _claim(self, name: str) -> bool:
        with self._units() as uow:
            claimed = uow.timetable.claim(name, self._clock())
            uow.commit()
        return claimed


def lines(club: Club, units: UnitFactory, clock: Clock) -> tuple[Line, ...]:
    """What the club does by itself."""

    def forget_updates() -> int:
        with units() as uow:
            uow.updates.forget(clock() - KEPT, clock() - ASIDE_KEPT)
            uow.commit()
        return 0

    return (
        Line("close due groups", timedelta(seconds=5), club.group_buys.close_due),
        Line("greet birthdays", timedelta(minutes=1), club.birthdays.greet_due),
        Line("send offers", timedelta(minutes=1), club.offers.send_due),
        Line("decide tests", timedelta(minutes=1), club.broadcasts.decide_due),
        Line("release points", timedelta(minutes=1), club.points.confirm_due),
        Line("expire points", timedelta(minutes=10), club.points.expire_due),
        Line("warn of expiry", timedelta(hours=1), club.points.warn_due),
        Line("tell of favourites", timedelta(minutes=10), club.favourites.tell_due),
        Line("warn of vouchers", timedelta(hours=1), club.vouchers.warn_due),
        Line("review tiers", timedelta(hours=1), club.tiers.review_due),
        Line("look after shops", timedelta(minutes=1), club.shops.look_after),
        Line("recover outbox", timedelta(seconds=30), club.deliveries.recover_due),
        Line("forget updates", timedelta(hours=1), forget_updates),
    )
