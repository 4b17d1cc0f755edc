"""The clock that points are counted by."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from loyalty.errors import ClockJumped

log = structlog.get_logger()

# A machine that sleeps, or is moved to another host, may lose hours. A week off can only be a clock that is set wrong,
# and one that stands in 2038 would have every point of the club expire.
JUMP = timedelta(days=7)


def utc_now() -> datetime:
    return datetime.now(UTC)


def steady_seconds() -> float:
    """Seconds that go on evenly whatever the clock is set to, where the system can, also while the machine sleeps."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class WatchedClock:
    """Now, as long as the clock keeps step with time.

    Raises ClockJumped when it is off by more than JUMP, until it is back or the program is started anew, by somebody
    who knows the time to be right. The log says both once: everything that asks for the time fails meanwhile.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now, steady: Callable[[], float] = steady_seconds) -> None:
        self._now, self._steady = now, steady
        self._last = now(), steady()
        self._is_off, self._turn = False, threading.Lock()

    def __call__(self) -> datetime:
        now, seconds = self._now(), self._steady()
        was, began = self._last
        off = now - was - timedelta(seconds=seconds - began)
        is_off = abs(off) > JUMP
        if is_off != self._is_off:
            self._tell(is_off, off)
        if is_off:
            raise ClockJumped(off)
        self._last = now, seconds  # small corrections may add up over the years
        return now

    def _tell(self, is_off: bool, off: timedelta) -> None:
        with self._turn:
            is_news, self._is_off = is_off != self._is_off, is_off
        if is_news and is_off:
            hint = "nothing is done by it until it is right again, or the program is started anew"
            log.error("the clock has jumped", off=str(off), hint=hint)
        elif is_news:
            log.warning("the clock is back")
