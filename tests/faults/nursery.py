"""The program in many lives: imported once, forked for each, so that twenty kills cost no twenty imports of aiogram.

Each life is the command `perkchat run` from its first line on, in a process of its own with nothing inherited but
the imported modules. A line {"environment": {...}, "log": PATH, "changes": [...]} begins one and is answered with its
process id; {"bury": PID} waits for its end. The changes are mutants that must be found out, and `later`, which lets
three minutes pass.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import time_machine
import uvloop  # noqa: F401

import bot.app
import bot.cli
import bot.intake
import bot.serve
import storage.migrate  # noqa: F401
from bot.intake import Intake
from loyalty.points import Entry, Recorded
from storage.ledger import SqlLedger
from storage.members import SqlMembers
from storage.updates import HandledUpdate, StoredUpdate


class StoresNothing(Intake):
    """What a plain polling bot does: the next fetch confirms what is only in its memory."""

    def _store(self, batch: list[StoredUpdate], handled: list[HandledUpdate]) -> set[int]:
        return {stored.update_id for stored in batch}


class MarksEarly(Intake):
    """Says that an update is done, and then does it."""

    async def _handle(self, stored: StoredUpdate, raw: dict[str, Any] | None) -> HandledUpdate:
        await self._persist(self._finish, [HandledUpdate(stored.update_id)])
        return await super()._handle(stored, raw)


def store_nothing() -> None:
    """And without gathering: who answers everything before the next fetch loses little, whatever it stores."""
    patch.object(bot.app, "Intake", StoresNothing).start()
    patch.object(bot.intake, "GATHER_S", 0).start()


def mark_early() -> None:
    patch.object(bot.app, "Intake", MarksEarly).start()


def forget_keys() -> None:
    """Points without idempotency keys, check-ins without their unique day."""
    record, check_in = SqlLedger.record, SqlMembers.check_in

    def record_anew(ledger: SqlLedger, entry: Entry) -> Recorded:
        object.__setattr__(entry, "key", f"{entry.key}:{os.urandom(4).hex()}")
        return record(ledger, entry)

    def check_in_again(members: SqlMembers, member_id: int, day: date, streak: int) -> bool:
        check_in(members, member_id, day, streak)
        return True

    patch.object(SqlLedger, "record", record_anew).start()
    patch.object(SqlMembers, "check_in", check_in_again).start()
    patch.object(SqlMembers, "last_check_in", lambda *_: None).start()


def later() -> None:
    """Three minutes on, when what a dead courier had leased is free again."""
    time_machine.travel(datetime.now(UTC) + timedelta(minutes=3), tick=True).start()


CHANGES: dict[str, Callable[[], None]] = {
    "store_nothing": store_nothing,
    "mark_early": mark_early,
    "forget_keys": forget_keys,
    "later": later,
}


def live(wanted: dict[str, Any]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
    os.environ.update(wanted["environment"])
    for change in wanted["changes"]:
        CHANGES[change]()
    sys.argv = ["perkchat", "run"]
    bot.cli.main()


def main() -> None:
    alive: set[int] = set()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        wanted = json.loads(line)
        if "bury" in wanted:
            _, answer = os.waitpid(wanted["bury"], 0)
            alive.discard(wanted["bury"])
        elif answer := os.fork():
            alive.add(answer)
        else:
            try:
                live(wanted)
            finally:
                os._exit(1)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in alive:  # whoever started us is gone
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
