"""What must hold at any time, whatever was done: the ledger, the group buys and the stock agree with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.audit import audit
from storage.books import holds
from storage.database import Database
from storage.group_buys import deals, groups, seats
from storage.vouchers import vouchers


def check_books(database: Database) -> None:
    """Fails with the first thing that does not add up."""
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []
        _check_groups(connection)


def _check_groups(connection: Connection) -> None:
    apart = select(seats.c.id).join_from(seats, holds, holds.c.id == seats.c.hold_id)
    assert _rows(connection, apart.where(seats.c.state != holds.c.state)) == []
    of_group = select(seats.c.group_id, func.count()).where(seats.c.state != "released")
    kept = dict(_rows(connection, of_group.group_by(seats.c.group_id)))
    issued = dict(_rows(connection, select(vouchers.c.group_id, func.count()).group_by(vouchers.c.group_id)))
    for group in connection.execute(select(groups)):
        sitting, given = kept.get(group.id, 0), issued.get(group.id, 0)
        assert 0 <= group.taken <= group.size
        match group.state:
            case "open":
                assert (sitting, given) == (group.taken, 0)
                assert 0 < sitting < group.size
            case "filled":
                assert sitting == given == group.taken == group.size
            case _:
                assert (sitting, given) == (0, 0)
    assert all(deal.stock >= 0 for deal in connection.execute(select(deals)))


def _rows(connection: Connection, query: Select[Any]) -> Sequence[Any]:
    return [tuple(row) for row in connection.execute(query)]
