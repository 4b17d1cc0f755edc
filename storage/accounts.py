from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, cast, func, select, union

from loyalty.accounts import AccountLine
from loyalty.movements import Movement
from loyalty.points import Account, Kind
from storage.books import holds, lot_entries, lots, postings, transactions
from storage.movements import FIRST_ID, as_named, names, with_names
from storage.schema import Id
from storage.statements import Statement

_member = bindparam("member_id", type_=Id)
_before = bindparam("before_id", type_=Id)
_most = bindparam("most", type_=Id)
_later = transactions.alias()


def _change(account: Account) -> ColumnElement[int]:
    moved = select(cast(func.coalesce(func.sum(postings.c.amount), 0), BigInteger)).where(
        postings.c.transaction_id == transactions.c.id,
        postings.c.member_id == _member,
        postings.c.account == account.value,
    )
    return moved.correlate(transactions).scalar_subquery()


_NAMES = names()
_LINES = (
    select(
        transactions.c.id,
        transactions.c.kind,
        transactions.c.cause,
        transactions.c.at,
        transactions.c.key,
        *_NAMES,
        _change(Account.AVAILABLE),
        _change(Account.HELD),
        _change(Account.PENDING),
        select(_later.c.id).where(_later.c.reverses_id == transactions.c.id).exists(),
        select(_later.c.id).where(_later.c.refunds_id == transactions.c.id).exists(),
    )
    .select_from(with_names(transactions))
    .order_by(transactions.c.id.desc())
)

# Each of the three by an index of its own: there is none for everything that concerns a member.
_moved = (
    select(postings.c.transaction_id.label("id"))
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == _member,
        postings.c.transaction_id < _before,
    )
    .order_by(postings.c.id.desc())
    .limit(_most)
    .subquery()
)
_captured = (
    select(holds.c.closed_by.label("id"))
    .where(holds.c.member_id == _member, holds.c.state == "captured", holds.c.closed_by < _before)
    .order_by(holds.c.closed_by.desc())
    .limit(_most)
    .subquery()
)
# Few, and so not limited: a limit by transactions would let a database walk all entries in their order.
_pending = (
    select(lot_entries.c.transaction_id.label("id"))
    .join_from(lots, lot_entries, lot_entries.c.lot_id == lots.c.id)
    .where(lots.c.member_id == _member, lots.c.pending > 0, lot_entries.c.pending > 0)
    .subquery()
)
_recent = union(select(_moved.c.id), select(_captured.c.id), select(_pending.c.id)).subquery()

_PAGE = Statement(_LINES.where(transactions.c.id.in_(select(_recent.c.id)), transactions.c.id < _before).limit(_most))
_LINE = Statement(_LINES.where(transactions.c.id == bindparam("transaction_id", type_=Id)))
_WHOSE = Statement(
    select(func.min(postings.c.member_id)).where(
        postings.c.transaction_id == bindparam("transaction_id", type_=Id), postings.c.member_id.is_not(None)
    )
)


class SqlAccounts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def line(self, transaction_id: int) -> AccountLine | None:
        (member_id,) = _WHOSE.row(self._connection, {"transaction_id": transaction_id})
        if member_id is None:
            return None
        row = _LINE.row(self._connection, {"transaction_id": transaction_id, "member_id": member_id})
        return _as_line(row, member_id)

    def page(self, member_id: int, *, before_id: int | None, limit: int) -> Sequence[AccountLine]:
        values = {"member_id": member_id, "before_id": before_id or FIRST_ID, "most": limit}
        return [_as_line(row, member_id) for row in _PAGE.rows(self._connection, values)]


def _as_line(row: Any, member_id: int) -> AccountLine:
    transaction_id, kind, cause, at, key, *rest = row
    named, (available, held, pending, is_reversed, is_refunded) = rest[: len(_NAMES)], rest[len(_NAMES) :]
    return AccountLine(
        movement=Movement(transaction_id, Kind(kind), available, cause, at, *as_named(named)),
        member_id=member_id,
        key=key,
        held=held,
        pending=pending,
        is_reversed=bool(is_reversed),
        is_refunded=bool(is_refunded),
    )
