"""Derives balances and lots from the append-only rows, compares, and writes what differs.

Postings say what a member has available, held and pending, and with the floor what is owed; lot entries say the same of
a lot, and when it expires. A floor is an agreement and holds are state of their own: neither is derived. Where the open
holds contradict the postings, or a part would be below zero, no writing helps: such a row is named and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, text, update

from storage.audit import FAULTS_SHOWN, RANGE, Progress, Span, highest_ids, spans
from storage.audit_queries import ENTERED, OPEN_HOLDS, POSTED
from storage.books import balances, lots
from storage.database import Database
from storage.dialects import insert_or_skip
from storage.schema import Instant

_DERIVED_BALANCES = text(f"""
    SELECT * FROM (
        SELECT member_id AS id, SUM(opened) AS opened, SUM(posted) AS posted, SUM(floor) AS floor,
            SUM(available) AS available, SUM(held) AS held, SUM(pending) AS pending, SUM(owed) AS owed,
            SUM(posted_available) AS new_available, SUM(posted_held) AS new_held, SUM(posted_pending) AS new_pending,
            CASE WHEN SUM(floor) > SUM(posted_available) THEN SUM(floor) - SUM(posted_available) ELSE 0 END AS new_owed,
            SUM(open_holds) AS open_holds
        FROM (
            SELECT member_id, 1 AS opened, 0 AS posted, floor, available, held, pending, owed,
                0 AS posted_available, 0 AS posted_held, 0 AS posted_pending, 0 AS open_holds
            FROM balances WHERE member_id > :after AND member_id <= :up_to
            UNION ALL
            SELECT member_id, 0, 1, 0, 0, 0, 0, 0, available, held, pending, 0 FROM ({POSTED}) AS posted
            UNION ALL
            SELECT member_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, held FROM ({OPEN_HOLDS}) AS open_holds
        ) AS parts
        GROUP BY member_id
    ) AS whole
    WHERE opened < posted OR available <> new_available OR held <> new_held OR pending <> new_pending
        OR owed <> new_owed OR new_held <> open_holds
""")
_DERIVED_LOTS = text(f"""
    SELECT * FROM (
        SELECT lots.id, lots.available, lots.held, lots.pending, lots.expires_at,
            COALESCE(entered.available, 0) AS new_available, COALESCE(entered.held, 0) AS new_held,
            COALESCE(entered.pending, 0) AS new_pending, COALESCE(entered.expires_at, lots.expires_at) AS new_expires_at
        FROM lots
        LEFT JOIN ({ENTERED}) AS entered ON entered.lot_id = lots.id
        WHERE lots.id > :after AND lots.id <= :up_to
    ) AS whole
    WHERE available <> new_available OR held <> new_held OR pending <> new_pending OR expires_at <> new_expires_at
""").columns(expires_at=Instant, new_expires_at=Instant)
_OPEN_BALANCE = insert_or_skip(balances)
# Whoever moves points writes a balance, and waits for this range to be done.
_PAUSE = text("LOCK TABLE balances IN EXCLUSIVE MODE")


class Part(StrEnum):
    BALANCE = "balance"
    LOT = "lot"


_COLUMNS = {
    Part.BALANCE: ("available", "held", "pending", "owed"),
    Part.LOT: ("available", "held", "pending", "expires_at"),
}
_DERIVED: Mapping[Part, Executable] = {Part.BALANCE: _DERIVED_BALANCES, Part.LOT: _DERIVED_LOTS}
_WRITE = {
    part: update(table)
    .where(key == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in _COLUMNS[part]})
    for part, table, key in ((Part.BALANCE, balances, balances.c.member_id), (Part.LOT, lots, lots.c.id))
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what it should be. `obstacle` says why it cannot be written; None where it can."""

    part: Part
    id: int  # a member's or a lot's
    stored: Mapping[str, Any]
    derived: Mapping[str, Any]
    is_missing: bool = False
    obstacle: str | None = None

    def __str__(self) -> str:
        changes = [
            f"{name} {self.stored[name]} → {value}"
            for name, value in self.derived.items()
            if value != self.stored[name]
        ]
        told = ("missing" if self.is_missing else "", ", ".join(changes), self.obstacle or "")
        return f"{self.part} {self.id}: {'; '.join(filter(None, told))}"


@dataclass(slots=True)
class Rebuilt:
    """How many rows differ (and were written, by `rebuild`); `obstacles` counts those that cannot be written."""

    balances: int = 0
    lots: int = 0
    obstacles: int = 0
    shown: list[Difference] = field(default_factory=list)  # at most FAULTS_SHOWN

    @property
    def count(self) -> int:
        """Of all rows that are not what they should be."""
        return self.balances + self.lots + self.obstacles

    def add(self, difference: Difference) -> None:
        if difference.obstacle is not None:
            self.obstacles += 1
        elif difference.part is Part.BALANCE:
            self.balances += 1
        else:
            self.lots += 1
        if len(self.shown) < FAULTS_SHOWN:
            self.shown.append(difference)


def compare(connection: Connection, progress: Progress | None = None, *, step: int = RANGE) -> Rebuilt:
    """What `rebuild` would change. Writes nothing."""
    found = Rebuilt()
    work = _work(connection, step)
    for done, (part, span) in enumerate(work, start=1):
        for row in connection.execute(_DERIVED[part], span):
            found.add(_difference(part, row))
        if progress is not None:
            progress(done, len(work))
    return found


def rebuild(database: Database, progress: Progress | None = None, *, step: int = RANGE) -> Rebuilt:
    """Writes what is derived, a transaction per range: whoever moves points meanwhile waits for one range at most."""
    found = Rebuilt()
    with database.engine.connect().execution_options(reads_only=True) as connection:
        work = _work(connection, step)
    for done, (part, span) in enumerate(work, start=1):
        with database.engine.begin() as connection:  # on SQLite this takes the writer's lock
            if not database.is_sqlite:
                connection.execute(_PAUSE)
            differences = [_difference(part, row) for row in connection.execute(_DERIVED[part], span)]
            _write(connection, part, [difference for difference in differences if difference.obstacle is None])
        for difference in differences:
            found.add(difference)
        if progress is not None:
            progress(done, len(work))
    return found


def _work(connection: Connection, step: int) -> list[tuple[Part, Span]]:
    highest = highest_ids(connection)
    return [
        (part, span)
        for part, table in ((Part.BALANCE, "members"), (Part.LOT, "lots"))
        for span in spans(table, highest, step)
    ]


def _difference(part: Part, row: Row[Any]) -> Difference:
    stored = {name: _plain(getattr(row, name)) for name in _COLUMNS[part]}
    derived = {name: _plain(getattr(row, f"new_{name}")) for name in _COLUMNS[part]}
    if part is Part.LOT:
        return Difference(part, row.id, stored, derived, obstacle=_below_zero(derived, "available", "held", "pending"))
    obstacle = _below_zero(derived, "held", "pending")  # what is available may be on credit, or owed
    if row.new_held != row.open_holds:
        obstacle = f"its postings hold {row.new_held}, its open holds {row.open_holds}"
    return Difference(part, row.id, stored, derived, row.opened < row.posted, obstacle)


def _below_zero(derived: Mapping[str, Any], *names: str) -> str | None:
    below = [name for name in names if derived[name] < 0]
    return f"{' and '.join(below)} would be below zero" if below else None


def _plain(value: Any) -> Any:
    """PostgreSQL sums to decimals."""
    return int(value) if isinstance(value, Decimal) else value


def _write(connection: Connection, part: Part, differences: Sequence[Difference]) -> None:
    missing = [{"member_id": difference.id} for difference in differences if difference.is_missing]
    if missing:
        connection.execute(_OPEN_BALANCE[connection.dialect.name], missing)
    if differences:
        connection.execute(_WRITE[part], [_values(difference) for difference in differences])


def _values(difference: Difference) -> dict[str, Any]:
    return {"of_id": difference.id} | {f"new_{name}": value for name, value in difference.derived.items()}
