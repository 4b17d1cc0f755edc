"""Updates that Telegram has handed over: stored before they are confirmed, kept until Telegram cannot repeat them.

Each is `waiting` until it is `done`, or `failed`: set aside under the number of its incident. The operator lets a set
aside one be (`skipped`) or has it handled `again`. `dropped` are those of somebody who sent too many at once.

`attempts` counts the runs of the program that may have begun it: stored is as good as begun, so that the attempt is
written before the handling without a commit of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from loyalty.set_aside import SetAside
from storage.dialects import per_dialect
from storage.schema import EMPTY, Instant, metadata

NUMBER_LENGTH_MAX = 20

updates = Table(
    "updates",
    metadata,
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("incident", String(16), nullable=False, server_default=EMPTY),
    Column("reason", String(16), nullable=False, server_default=EMPTY),
    Column("kind", String(32), nullable=False, server_default=EMPTY),
    Column("person_id", BigInteger, nullable=False, server_default="0"),
    Column("received_at", Instant, nullable=False),
    PrimaryKeyConstraint("bot_id", "update_id"),
)
_is_waiting = updates.c.state == "waiting"
Index(
    "ix_updates_waiting",
    updates.c.bot_id,
    updates.c.update_id,
    sqlite_where=_is_waiting,
    postgresql_where=_is_waiting,
)
_is_aside = updates.c.state == "failed"
_is_again = updates.c.state == "again"
Index("ix_updates_old", updates.c.received_at)
Index(
    "ix_updates_aside",
    updates.c.received_at,
    updates.c.update_id,
    sqlite_where=_is_aside,
    postgresql_where=_is_aside,
)
Index("ix_updates_again", updates.c.bot_id, sqlite_where=_is_again, postgresql_where=_is_again)

_STORE = per_dialect(updates, lambda statement: statement.on_conflict_do_nothing().returning(updates.c.update_id))
_WAITING = (
    select(updates.c.update_id, updates.c.payload, updates.c.attempts)
    .where(_is_waiting, updates.c.bot_id == bindparam("bot_id"))
    .order_by(updates.c.update_id)
)
_FINISH = (
    update(updates)
    .where(updates.c.bot_id == bindparam("of_bot"), updates.c.update_id == bindparam("of_update"))
    .values(
        state=bindparam("to_state"),
        incident=bindparam("which"),
        attempts=bindparam("tries"),
        reason=bindparam("why"),
        kind=bindparam("what"),
        person_id=bindparam("whose"),
    )
)
_BEGIN = (
    update(updates)
    .where(updates.c.bot_id == bindparam("of_bot"), updates.c.update_id == bindparam("of_update"), _is_waiting)
    .values(attempts=bindparam("tries"))
)
_ACQUIT = update(updates).where(updates.c.bot_id == bindparam("of_bot"), _is_waiting).values(attempts=0)
_AGAIN = (
    select(updates.c.update_id, updates.c.payload, updates.c.attempts)
    .where(_is_again, updates.c.bot_id == bindparam("bot_id"))
    .order_by(updates.c.update_id)
)
_FORGET = delete(updates).where(
    updates.c.received_at < bindparam("before"), ~_is_waiting, updates.c.state.not_in(("failed", "again"))
)
_FORGET_ASIDE = delete(updates).where(updates.c.received_at < bindparam("before"), _is_aside)
_ASIDE = (
    select(
        updates.c.incident,
        updates.c.update_id,
        updates.c.kind,
        updates.c.person_id,
        updates.c.reason,
        updates.c.attempts,
        updates.c.received_at,
        func.length(updates.c.payload),
    )
    .where(_is_aside)
    .order_by(updates.c.received_at.desc(), updates.c.update_id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("after"))
)
_COUNT_ASIDE = select(func.count()).select_from(updates).where(_is_aside)
_DECIDE = (
    update(updates)
    .where(_is_aside, or_(updates.c.incident == bindparam("named"), updates.c.update_id == bindparam("numbered")))
    .values(state=bindparam("to_state"), attempts=0)
)


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """`attempts`: runs of the program that may have begun it, the one that stores it among them."""

    update_id: int
    payload: str
    attempts: int = 0
    state: str = "waiting"


@dataclass(frozen=True, slots=True)
class HandledUpdate:
    """`state`: done | failed (set aside with its incident, not tried again by itself)."""

    update_id: int
    state: str = "done"
    attempts: int = 1
    incident: str = ""
    reason: str = ""
    kind: str = ""
    person_id: int = 0


class SqlUpdates:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def store(self, bot_id: int, batch: Sequence[StoredUpdate], at: datetime) -> set[int]:
        """Stores what is not there yet; answers the ids that were new."""
        rows = [
            {
                "bot_id": bot_id,
                "update_id": stored.update_id,
                "payload": stored.payload,
                "state": stored.state,
                "attempts": stored.attempts,
                "received_at": at,
            }
            for stored in batch
        ]
        return set(self._connection.execute(_STORE[self._dialect], rows).scalars())

    def waiting(self, bot_id: int) -> Sequence[StoredUpdate]:
        return [StoredUpdate(*row) for row in self._connection.execute(_WAITING, {"bot_id": bot_id})]

    def begin(self, bot_id: int, begun: Sequence[StoredUpdate]) -> None:
        """Writes the attempts of what is about to be handled."""
        rows = [{"of_bot": bot_id, "of_update": one.update_id, "tries": one.attempts} for one in begun]
        self._connection.execute(_BEGIN, rows)

    def acquit(self, bot_id: int) -> None:
        """The run ends in peace: whatever waits still had nothing to do with its end."""
        self._connection.execute(_ACQUIT, {"of_bot": bot_id})

    def finish(self, bot_id: int, handled: Sequence[HandledUpdate]) -> None:
        self._connection.execute(
            _FINISH,
            [
                {
                    "of_bot": bot_id,
                    "of_update": one.update_id,
                    "to_state": one.state,
                    "which": one.incident,
                    "tries": one.attempts,
                    "why": one.reason,
                    "what": one.kind,
                    "whose": one.person_id,
                }
                for one in handled
            ],
        )

    def again(self, bot_id: int) -> Sequence[StoredUpdate]:
        """What the operator wants to be handled once more."""
        return [StoredUpdate(*row) for row in self._connection.execute(_AGAIN, {"bot_id": bot_id})]

    def aside(self, *, after: int, limit: int) -> Sequence[SetAside]:
        """A page of what is set aside, newest first."""
        return [SetAside(*row) for row in self._connection.execute(_ASIDE, {"after": after, "most": limit})]

    def count_aside(self) -> int:
        return int(self._connection.execute(_COUNT_ASIDE).scalar_one())

    def decide(self, named: str, *, is_again: bool) -> bool:
        """Has a set aside update handled again, or lets it be; False if none has this number."""
        is_number = named.isascii() and named.removeprefix("-").isdecimal() and len(named) <= NUMBER_LENGTH_MAX
        numbered = int(named) if is_number and abs(int(named)) < 2**63 else None
        values = {"named": named, "numbered": numbered, "to_state": "again" if is_again else "skipped"}
        return self._connection.execute(_DECIDE, values).rowcount > 0

    def forget(self, before: datetime, aside_before: datetime) -> int:
        """Deletes what was handled before `before`, and what was set aside before `aside_before`."""
        done = self._connection.execute(_FORGET, {"before": before}).rowcount
        return done + self._connection.execute(_FORGET_ASIDE, {"before": aside_before}).rowcount
