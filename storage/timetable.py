from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, select, update

from storage.dialects import insert_or_skip
from storage.schema import Instant, metadata

timetable = Table(
    "timetable",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("every_s", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
)

_ENSURE = insert_or_skip(timetable)
_EVERY = select(timetable.c.every_s).where(timetable.c.name == bindparam("name"), timetable.c.due_at <= bindparam("at"))
_CLAIM = (
    update(timetable)
    .where(timetable.c.name == bindparam("of_name"), timetable.c.due_at <= bindparam("now"))
    .values(due_at=bindparam("next"))
)


class SqlTimetable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def ensure(self, lines: Sequence[tuple[str, timedelta]], at: datetime) -> None:
        for name, every in lines:
            self._connection.execute(
                _ENSURE[self._dialect], {"name": name, "every_s": int(every.total_seconds()), "due_at": at}
            )

    def claim(self, name: str, at: datetime) -> bool:
        every_s = self._connection.execute(_EVERY, {"name": name, "at": at}).scalar_one_or_none()
        if every_s is None:
            return False
        claimed = self._connection.execute(
            _CLAIM, {"of_name": name, "now": at, "next": at + timedelta(seconds=every_s)}
        )
        return claimed.rowcount == 1
