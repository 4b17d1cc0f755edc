"""How the holds of many are closed at once: released into their lots, or captured.

What a hold's transaction says is what `loyalty.services.ledger.release` and `capture` say of one, row for row, so that
each recognises a replay of the other. The balances are locked by whoever begins.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from loyalty.points import IN_KEY, Account, Kind
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.dialects import Among, per_id_list
from storage.schema import Id, Instant
from storage.statements import Statement

CLUB = "club"
TRANSACTION = ("key", "fingerprint", "kind", "cause", "actor", "merchant_id", "at")
POSTING = ("transaction_id", "account", "member_id", "merchant_id", "amount")
_ENTRY = ("transaction_id", "lot_id", "available", "held", "pending", "expires_at")
_AT, _GRACE = bindparam("at", type_=Instant), bindparam("grace_until", type_=Instant)
_NOBODY, _NEVER = cast(null(), Id), cast(null(), Instant)


class Closing(NamedTuple):
    """What sets one way of closing apart from the other."""

    kind: Kind
    state: str
    merchant_id: Any
    is_back: bool  # the points are free again


def inserted(table: Any, columns: Sequence[str], rows: Callable[[Among], Any]) -> Statement:
    """An insert of rows that are selected by a list of ids."""
    return Statement(per_id_list("ids", lambda among: insert(table).from_select(list(columns), rows(among))))


def _steps(closing: Closing) -> tuple[Statement, ...]:
    """A statement for each table; the holds come last, for the others find their rows by what is still held."""
    key = literal(f"{closing.kind.value}:") + cast(holds.c.id, String)
    with_transaction = holds.join(transactions, transactions.c.key == key)
    return (
        inserted(transactions, TRANSACTION, lambda among: _transaction(closing, key).where(among(holds.c.id))),
        inserted(postings, POSTING, lambda among: _from_held(with_transaction).where(among(holds.c.id))),
        inserted(postings, POSTING, lambda among: _posted(closing, with_transaction).where(among(holds.c.id))),
        inserted(lot_entries, _ENTRY, lambda among: _entry(closing, with_transaction).where(among(holds.c.id))),
        Statement(per_id_list("ids", lambda among: _lots_moved(closing, among))),
        Statement(per_id_list("ids", lambda among: _balances_moved(closing, among))),
        Statement(
            per_id_list(
                "ids",
                lambda among: (
                    update(holds)
                    .where(among(holds.c.id), transactions.c.key == key)
                    .values(state=closing.state, closed_by=transactions.c.id)
                ),
            )
        ),
    )


def _transaction(closing: Closing, key: ColumnElement[str]) -> Select[Any]:
    return select(
        key, literal(IN_KEY), literal(closing.kind.value), holds.c.cause, literal(CLUB), closing.merchant_id, _AT
    ).order_by(holds.c.id)


def _from_held(source: FromClause) -> Select[Any]:
    account = literal(Account.HELD.value)
    return select(transactions.c.id, account, holds.c.member_id, _NOBODY, -holds.c.amount).select_from(source)


def _posted(closing: Closing, source: FromClause) -> Select[Any]:
    account = literal((Account.AVAILABLE if closing.is_back else Account.REDEEMED).value)
    whose = holds.c.member_id if closing.is_back else _NOBODY
    return select(transactions.c.id, account, whose, closing.merchant_id, holds.c.amount).select_from(source)


def _entry(closing: Closing, source: FromClause) -> Select[Any]:
    """What the hold took out of each lot, on its way back or away. A lot that expired meanwhile gets a grace."""
    taken = lot_entries.alias()
    grace = case((lots.c.expires_at <= _AT, _GRACE), else_=_NEVER) if closing.is_back else _NEVER
    back = taken.c.held if closing.is_back else literal(0)
    return (
        select(transactions.c.id, taken.c.lot_id, back, -taken.c.held, literal(0), grace)
        .select_from(source.join(taken, taken.c.transaction_id == holds.c.opened_by))
        .join(lots, lots.c.id == taken.c.lot_id)
        .where(taken.c.held > 0)
    )


def _lots_moved(closing: Closing, among: Among) -> Any:
    sums = (
        select(lot_entries.c.lot_id, cast(func.sum(lot_entries.c.held), BigInteger).label("held"))
        .join_from(holds, lot_entries, lot_entries.c.transaction_id == holds.c.opened_by)
        .where(among(holds.c.id), lot_entries.c.held > 0)
        .group_by(lot_entries.c.lot_id)
        .subquery()
    )
    moved = update(lots).where(lots.c.id == sums.c.lot_id)
    if not closing.is_back:
        return moved.values(held=lots.c.held - sums.c.held)
    is_over = lots.c.expires_at <= _AT
    return moved.values(
        available=lots.c.available + sums.c.held,
        held=lots.c.held - sums.c.held,
        expires_at=case((is_over, _GRACE), else_=lots.c.expires_at),
        # Points that live longer than announced are warned of anew.
        warned_days=case((is_over, null()), else_=lots.c.warned_days),
    )


def _balances_moved(closing: Closing, among: Among) -> Any:
    sums = (
        select(holds.c.member_id, cast(func.sum(holds.c.amount), BigInteger).label("held"))
        .where(among(holds.c.id))
        .group_by(holds.c.member_id)
        .subquery()
    )
    held = {"held": balances.c.held - sums.c.held}
    back = {"available": balances.c.available + sums.c.held} if closing.is_back else {}
    return update(balances).where(balances.c.member_id == sums.c.member_id).values(held | back)


RELEASE = _steps(Closing(Kind.RELEASE, "released", _NOBODY, is_back=True))
CAPTURE = _steps(Closing(Kind.CAPTURE, "captured", cast(bindparam("merchant_id", type_=Id), Id), is_back=False))

OPEN_HOLDS = Statement(
    per_id_list(
        "ids",
        lambda among: (
            select(holds.c.id, balances.c.available)
            .join_from(holds, balances, balances.c.member_id == holds.c.member_id)
            .where(among(holds.c.id), holds.c.state == "held")
            .order_by(holds.c.member_id, holds.c.id)
        ),
    )
)
