"""Notices that the program does not go on, and starts it anew: whatever no limit has foreseen.

A thread looks whether the event loop still moves. It counts its own ticks and not the clock's seconds: a program that
was paused, or a machine that slept, has not been stuck. When the loop has not moved for so many ticks, what was in hand
is written down as suspect, so that the next start tries each of it alone, and the same command takes the place of this
process: that needs nobody who would start a program which has ended, and under a supervisor it stays the same process.

It cannot see a stretch of C that never lets go of the interpreter: for that, the operating system's own watchdog.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable, Collection

import structlog

log = structlog.get_logger()
TICK_S = 1.0
STALL_TICKS = 30
LAST_WORDS_S = 10.0  # the database may be what does not answer


def start_anew() -> None:
    """The same command once more, in the place of this process."""
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


class Watchdog:
    """`in_hand` names the updates that are being handled, `suspect` writes down that one of them is to blame."""

    def __init__(
        self,
        in_hand: Callable[[], Collection[int]],
        suspect: Callable[[], None],
        *,
        restart: Callable[[], None] = start_anew,
    ) -> None:
        self._in_hand, self._suspect, self._restart = in_hand, suspect, restart
        self._beats = 0
        self._is_over = threading.Event()

    async def watch(self) -> None:
        """Runs until cancelled. Beats in the loop that is watched."""
        watched = threading.get_ident()
        threading.Thread(target=self._look, args=(watched,), name="watchdog", daemon=True).start()
        try:
            while True:
                self._beats += 1
                await asyncio.sleep(TICK_S)
        finally:
            self._is_over.set()

    def _look(self, watched: int) -> None:
        seen, still = 0, 0
        while not self._is_over.wait(TICK_S):
            still = still + 1 if self._beats == seen else 0
            seen = self._beats
            if still >= STALL_TICKS:
                self._bite(watched)
                return

    def _bite(self, watched: int) -> None:
        frame = sys._current_frames().get(watched)
        stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
        log.error("the program does not go on, and starts anew", updates=sorted(self._in_hand()), stack=stack)
        writing = threading.Thread(target=self._write, daemon=True)
        writing.start()
        writing.join(LAST_WORDS_S)
        self._restart()

    def _write(self) -> None:
        try:
            self._suspect()
        except Exception as error:
            log.error("what was in hand could not be written down", error=type(error).__name__)
