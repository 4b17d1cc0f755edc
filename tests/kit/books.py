"""What must hold at any time, whatever was done: the ledger, the group buys and the stock agree with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.books import balances, holds, lots, postings
from storage.database import Database
from storage.group_buys import deals, groups, seats
from storage.vouchers import vouchers


def check_books(database: Database) -> None:
    """Fails with the first thing that does not add up."""
    with database.engine.connect() as connection:
        _check_ledger(connection)
        _check_groups(connection)


def _check_ledger(connection: Connection) -> None:
    assert _rows(connection, select(func.coalesce(func.sum(postings.c.amount), 0))) == [(0,)]
    unbalanced = select(postings.c.transaction_id).group_by(postings.c.transaction_id)
    assert _rows(connection, unbalanced.having(func.sum(postings.c.amount) != 0)) == []
    by_member = {row.member_id: row for row in connection.execute(select(balances))}
    posted = _sums(connection, select(postings.c.member_id, postings.c.account, func.sum(postings.c.amount)))
    in_lots = select(lots.c.member_id, func.sum(lots.c.available), func.sum(lots.c.held)).group_by(lots.c.member_id)
    lots_of = {member_id: (available, held) for member_id, available, held in connection.execute(in_lots)}
    open_holds = select(holds.c.member_id, func.sum(holds.c.amount)).where(holds.c.state == "held")
    held_of = dict(_rows(connection, open_holds.group_by(holds.c.member_id)))
    for member_id, balance in by_member.items():
        assert balance.available >= balance.floor
        assert posted.get((member_id, "available"), 0) == balance.available
        assert posted.get((member_id, "held"), 0) == balance.held == held_of.get(member_id, 0)
        assert lots_of.get(member_id, (0, 0)) == (balance.available, balance.held)
    closings = select(holds.c.closed_by).where(holds.c.closed_by.is_not(None))
    closed_by = [row.closed_by for row in connection.execute(closings)]
    assert len(closed_by) == len(set(closed_by))


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


def _sums(connection: Connection, query: Select[Any]) -> dict[tuple[int, str], int]:
    grouped = query.where(postings.c.member_id.is_not(None)).group_by(postings.c.member_id, postings.c.account)
    return {(member_id, account): int(amount) for member_id, account, amount in connection.execute(grouped)}


def _rows(connection: Connection, query: Select[Any]) -> Sequence[Any]:
    return [tuple(row) for row in connection.execute(query)]
