from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, select

from loyalty.merchants import Merchant
from loyalty.points import Account, Kind
from loyalty.settlements import Carried, Posted, Settlement, SettlementEntry, settlement
from storage.books import balances, postings, transactions
from storage.merchants import merchants
from storage.schema import Id, Instant
from storage.statements import Statement

_since, _until = bindparam("since", type_=Instant), bindparam("until", type_=Instant)
_merchant = bindparam("merchant_id", type_=Id)
_in_span = (transactions.c.at >= _since) & (transactions.c.at < _until)


def _month(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Summed up first, named afterwards: a merchant's words cannot be grouped by."""
    sums = (
        select(
            postings.c.merchant_id,
            postings.c.account,
            transactions.c.kind,
            func.sum(postings.c.amount).label("amount"),
            func.count().label("count"),
        )
        .join_from(transactions, postings, postings.c.transaction_id == transactions.c.id)
        .where(postings.c.merchant_id.is_not(None), _in_span, *conditions)
        .group_by(postings.c.merchant_id, postings.c.account, transactions.c.kind)
        .subquery()
    )
    return (
        select(
            merchants.c.id,
            merchants.c.name,
            merchants.c.translations,
            sums.c.account,
            sums.c.kind,
            sums.c.amount,
            sums.c.count,
        )
        .join_from(sums, merchants, merchants.c.id == sums.c.merchant_id)
        .order_by(merchants.c.id, sums.c.account, sums.c.kind)
    )


def _on(account: Account, sign: int) -> ColumnElement[int]:
    return func.sum(case((postings.c.account == account.value, sign * postings.c.amount), else_=0))


_whose = postings.alias()
_OF_ALL = Statement(_month())
_OF = Statement(_month(postings.c.merchant_id == _merchant))
_ENTRIES = Statement(
    select(
        transactions.c.id,
        transactions.c.at,
        transactions.c.kind,
        transactions.c.cause,
        select(func.min(_whose.c.member_id))
        .where(_whose.c.transaction_id == transactions.c.id, _whose.c.member_id.is_not(None))
        .correlate(transactions)
        .scalar_subquery(),
        _on(Account.FUNDING, -1),
        _on(Account.REDEEMED, 1),
        _on(Account.EXPIRED, 1),
    )
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        postings.c.merchant_id == _merchant,
        _in_span,
        postings.c.transaction_id > bindparam("after_id", type_=Id),
    )
    .group_by(transactions.c.id, transactions.c.at, transactions.c.kind, transactions.c.cause)
    .order_by(transactions.c.id)
    .limit(bindparam("most", type_=Id))
)
_POSTED = Statement(
    select(
        func.coalesce(func.sum(case((postings.c.merchant_id.is_not(None), postings.c.amount), else_=0)), 0),
        func.coalesce(
            func.sum(
                case((postings.c.merchant_id.is_(None) & postings.c.member_id.is_(None), postings.c.amount), else_=0)
            ),
            0,
        ),
    )
)
_BALANCES = Statement(select(func.coalesce(func.sum(balances.c.available + balances.c.held + balances.c.pending), 0)))


class SqlSettlements:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_all(self, since: datetime, until: datetime) -> Sequence[Settlement]:
        rows = _OF_ALL.rows(self._connection, {"since": since, "until": until})
        return [_as_settlement(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row[0])]

    def of(self, merchant_id: int, since: datetime, until: datetime) -> Settlement | None:
        rows = _OF.rows(self._connection, {"merchant_id": merchant_id, "since": since, "until": until})
        return _as_settlement(rows) if rows else None

    def entries(
        self, merchant_id: int, since: datetime, until: datetime, *, after_id: int, limit: int
    ) -> Sequence[SettlementEntry]:
        values = {
            "merchant_id": merchant_id,
            "since": since,
            "until": until,
            "after_id": after_id,
            "most": limit,
        }
        return [
            SettlementEntry(transaction_id, at, Kind(kind), cause, member_id, int(issued), int(redeemed), int(expired))
            for transaction_id, at, kind, cause, member_id, issued, redeemed, expired in _ENTRIES.rows(
                self._connection, values
            )
        ]

    def carried(self) -> Carried:
        of_merchants, of_club = _POSTED.row(self._connection)
        (of_members,) = _BALANCES.row(self._connection)
        return Carried(int(of_merchants), int(of_club), int(of_members))


def _as_settlement(rows: Sequence[Any]) -> Settlement:
    """The rows of one merchant."""
    merchant_id, name, translations = rows[0][:3]
    posted = [Posted(Account(account), Kind(kind), int(amount), count) for *_, account, kind, amount, count in rows]
    return settlement(Merchant(merchant_id, name, translations), posted)
