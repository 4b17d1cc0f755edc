from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from loyalty.movements import Movement, Shown, Standing, Subject, Why
from loyalty.movements import Statement as MonthStatement
from loyalty.points import Account, Balance, Kind
from storage.books import balances, lots, postings, transactions
from storage.merchants import merchants
from storage.schema import Id
from storage.statements import Statement

FIRST_ID = 2**62  # above every id: where a listing that is newest first begins

_PAGE = Statement(
    select(
        postings.c.id,
        transactions.c.kind,
        postings.c.amount,
        transactions.c.cause,
        transactions.c.at,
        merchants.c.name,
        merchants.c.translations,
    )
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .join(merchants, merchants.c.id == transactions.c.merchant_id, isouter=True)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == bindparam("member_id", type_=Id),
        postings.c.id < bindparam("before_id", type_=Id),
    )
    .order_by(postings.c.id.desc())
    .limit(bindparam("most", type_=Id))
)
_next_lots = lots.alias()
_next_at = (
    select(func.min(lots.c.expires_at))
    .where(lots.c.member_id == balances.c.member_id, lots.c.available > 0)
    .scalar_subquery()
)
_next_points = (
    select(func.sum(_next_lots.c.available))
    .where(
        _next_lots.c.member_id == balances.c.member_id,
        _next_lots.c.available > 0,
        _next_lots.c.expires_at == _next_at.correlate(balances),
    )
    .scalar_subquery()
)
_STANDING = Statement(
    select(
        balances.c.available,
        balances.c.held,
        balances.c.pending,
        balances.c.floor,
        balances.c.owed,
        _next_at.label("next_at"),
        _next_points.label("next_points"),
    ).where(balances.c.member_id == bindparam("member_id", type_=Id))
)


class SqlMovements:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, member_id: int, *, before_id: int | None, limit: int, shown: Shown) -> Sequence[Movement]:
        values = {"member_id": member_id, "before_id": before_id or FIRST_ID, "most": limit}
        return [_as_movement(row) for row in _PAGE.rows(self._connection, values)]

    def standing(self, member_id: int) -> Standing:
        row = _STANDING.row(self._connection, {"member_id": member_id})
        if row is None:
            return Standing(Balance())
        *balance, next_at, next_points = row
        return Standing(Balance(*balance), None if next_at is None else (next_at, int(next_points)))

    def why(self, movement_id: int) -> Why | None:
        raise NotImplementedError

    def month(self, member_id: int, since: datetime, until: datetime) -> MonthStatement:
        raise NotImplementedError


def _as_movement(row: Any) -> Movement:
    movement_id, kind, amount, cause, at, merchant, translations = row
    shop = None if merchant is None else Subject(merchant, translations)
    return Movement(movement_id, Kind(kind), amount, cause, at, shop)
