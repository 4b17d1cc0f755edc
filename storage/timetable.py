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
_LINE = select(timetable.c.every_s, timetable.c.due_at).where(timetable.c.name == bindparam("name"))
_CLAIM = (
    update(timetable)
    .where(timetable.c.name == bindparam("of_name"), timetable.c.due_at == bindparam("seen"))
    .values(due_at=bindparam("next"))
)
SKEW = timedelta(minutes=5)  # between the clocks of several programs


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
        """Whether it is due, and this is who does it. One that is due later than it could be was put off by a clock
        that was ahead."""
        line = self._connection.execute(_LINE, {"name": name}).one_or_none()
        if line is None:
            return False
        following = at + timedelta(seconds=line.every_s)
        if at < line.due_at <= following + SKEW:
            return False
        claimed = self._connection.execute(_CLAIM, {"of_name": name, "seen": line.due_at, "next": following})
        return claimed.rowcount == 1
