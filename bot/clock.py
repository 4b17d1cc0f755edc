"""The clock that points are counted by."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from loyalty.errors import ClockJumped

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
    who knows the time to be right.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now, steady: Callable[[], float] = steady_seconds) -> None:
        self._now, self._steady = now, steady
        self._last = now(), steady()

    def __call__(self) -> datetime:
        now, seconds = self._now(), self._steady()
        was, began = self._last
        off = now - was - timedelta(seconds=seconds - began)
        if abs(off) > JUMP:
            raise ClockJumped(off)
        self._last = now, seconds  # small corrections may add up over the years
        return now
