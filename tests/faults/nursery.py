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
import time
from collections.abc import Callable, Collection, Sequence
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
import storage.migrate
import storage.recipients
from bot.intake import Intake
from loyalty.deliveries import Delivery, Due, Lane
from loyalty.points import Entry, Recorded
from loyalty.services.broadcasts import BroadcastService
from storage.ledger import SqlLedger
from storage.members import SqlMembers
from storage.outbox import SqlOutbox
from storage.updates import HandledUpdate, StoredUpdate

SMALL = 200


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

    def check_in_again(members: SqlMembers, member_id: int, day: date, streak: int, _wish: str = "") -> bool:
        check_in(members, member_id, day, streak)
        return True

    patch.object(SqlLedger, "record", record_anew).start()
    patch.object(SqlMembers, "check_in", check_in_again).start()
    patch.object(SqlMembers, "last_check_in", lambda *_: None).start()


def small_chunks() -> None:
    """Recipients are fixed a few at a time, so that a kill finds the program at it. No mutant."""
    patch.object(storage.recipients, "CHUNK", SMALL).start()
    patch.object(storage.recipients, "_CHUNK_ENDS_AT", storage.recipients.chunk_ends_at(SMALL)).start()


def mark_after_sending() -> None:
    """Rows that are being sent look like rows in the queue to whoever comes after a kill."""
    due, taken = SqlOutbox.due, set[int]()

    def due_again(outbox: SqlOutbox, lane: Lane, at: datetime, *, limit: int) -> list[Due]:
        rows = due(outbox, lane, at, limit=limit + len(taken))
        return [row for row in rows if row.delivery.id not in taken][:limit]

    def only_remember(_outbox: SqlOutbox, deliveries: Sequence[Delivery], *_: Any) -> None:
        taken.update(delivery.id for delivery in deliveries)

    patch.object(SqlOutbox, "due", due_again).start()
    patch.object(SqlOutbox, "lease", only_remember).start()


def mark_sent_when_fetched() -> None:
    """The checkpoint moves on when rows are taken, not when they are sent."""
    lease = SqlOutbox.lease

    def lease_as_sent(outbox: SqlOutbox, deliveries: Sequence[Delivery], *more: Any) -> None:
        lease(outbox, deliveries, *more)
        ids = ", ".join(str(delivery.id) for delivery in deliveries)
        outbox._connection.exec_driver_sql(f"UPDATE deliveries SET state = 'sent' WHERE id IN ({ids})")

    patch.object(SqlOutbox, "lease", lease_as_sent).start()


def checkpoint_before_filling() -> None:
    """The mark up to which recipients are fixed is committed before they are."""
    prepare = BroadcastService.prepare_due

    def prepare_carelessly(service: BroadcastService) -> int:
        with service._units() as uow:
            filling = uow.broadcasts.to_fill()
            before = uow.broadcasts.lock(filling[0]) if filling else None
            if before is not None:
                more = uow.recipients.enlist(before, service._clock())
        if before is not None:
            with service._units() as uow:
                uow.broadcasts.filled(before.id, to_id=more.to_id, added=more.added, done_at=None)
                uow.commit()
            time.sleep(0.02)  # as long as a slow disk takes
            with service._units() as uow:
                uow.recipients.enlist(before, service._clock())
                uow.commit()
            if not more.is_last:
                return 1
        return prepare(service)

    patch.object(BroadcastService, "prepare_due", prepare_carelessly).start()


def send_unknown_again() -> None:
    """After a crash marketing is treated like what people need."""

    def requeue_all(outbox: SqlOutbox, _at: datetime, _ours: Collection[int] = ()) -> tuple[int, int]:
        outbox._connection.exec_driver_sql("UPDATE deliveries SET state = 'queued' WHERE state = 'sending'")
        return 0, 0

    patch.object(SqlOutbox, "recover", requeue_all).start()


def blame_nobody() -> None:
    """The kills are ours, however often they meet one update."""
    patch.object(bot.intake, "STARTS_MAX", 1_000).start()


def later() -> None:
    """Three minutes on, when what a dead courier had leased is free again."""
    time_machine.travel(datetime.now(UTC) + timedelta(minutes=3), tick=True).start()


CHANGES: dict[str, Callable[[], None]] = {
    "store_nothing": store_nothing,
    "mark_early": mark_early,
    "forget_keys": forget_keys,
    "small_chunks": small_chunks,
    "mark_after_sending": mark_after_sending,
    "mark_sent_when_fetched": mark_sent_when_fetched,
    "checkpoint_before_filling": checkpoint_before_filling,
    "send_unknown_again": send_unknown_again,
    "blame_nobody": blame_nobody,
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
