"""Updates that Telegram has handed over: stored before they are confirmed, kept until Telegram cannot repeat them."""

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
    select,
    update,
)

from storage.dialects import per_dialect
from storage.schema import EMPTY, Instant, metadata

updates = Table(
    "updates",
    metadata,
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("incident", String(16), nullable=False, server_default=EMPTY),
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
Index("ix_updates_old", updates.c.received_at)

_STORE = per_dialect(updates, lambda statement: statement.on_conflict_do_nothing().returning(updates.c.update_id))
_WAITING = (
    select(updates.c.update_id, updates.c.payload, updates.c.attempts)
    .where(_is_waiting, updates.c.bot_id == bindparam("bot_id"))
    .order_by(updates.c.update_id)
)
_FINISH = (
    update(updates)
    .where(updates.c.bot_id == bindparam("of_bot"), updates.c.update_id == bindparam("of_update"))
    .values(state=bindparam("to_state"), incident=bindparam("which"), attempts=bindparam("tries"))
)
_FORGET = delete(updates).where(updates.c.received_at < bindparam("before"), ~_is_waiting)


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    update_id: int
    payload: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class HandledUpdate:
    """`state`: done | failed (a defect: kept with its incident, not tried again)."""

    update_id: int
    state: str = "done"
    attempts: int = 1
    incident: str = ""


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
                "state": "waiting",
                "received_at": at,
            }
            for stored in batch
        ]
        return set(self._connection.execute(_STORE[self._dialect], rows).scalars())

    def waiting(self, bot_id: int) -> Sequence[StoredUpdate]:
        return [StoredUpdate(*row) for row in self._connection.execute(_WAITING, {"bot_id": bot_id})]

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
                }
                for one in handled
            ],
        )

    def forget(self, before: datetime) -> int:
        """Deletes what was handled before then."""
        return self._connection.execute(_FORGET, {"before": before}).rowcount
