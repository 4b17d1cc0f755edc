"""The ledger's tables and statements. What a person owns is locked by one row in `balances`.

The accounts of the club and the merchants keep no balance: a row that every transaction changes would make them wait
for each other. Their sums are read from the postings where they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from loyalty.errors import KeyReused, NotEnoughPoints
from loyalty.points import Account, Balance, Entry, Hold, Kind, Lot, LotEntry, Movement, Recorded, Subject
from storage.dialects import insert_or_skip, per_dialect
from storage.merchants import merchants
from storage.schema import Id, Instant, metadata, refuse_changes

transactions = Table(
    "transactions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("fingerprint", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("cause", String(160), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("merchant_id", Id, ForeignKey("merchants.id")),
    Column("reverses_id", Id, ForeignKey("transactions.id"), unique=True),  # the whole of it, once
    Column("at", Instant, nullable=False, index=True),
    Column("refunds_id", Id, ForeignKey("transactions.id"), index=True),  # a part of it
)

postings = Table(
    "postings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("transaction_id", Id, ForeignKey("transactions.id"), nullable=False, index=True),
    Column("account", String(16), nullable=False),
    Column("member_id", Id, ForeignKey("members.id")),
    Column("merchant_id", Id, ForeignKey("merchants.id")),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("(account IN ('available', 'held', 'pending')) = (member_id IS NOT NULL)", name="members_accounts"),
)
_is_movement = postings.c.account == Account.AVAILABLE.value
Index(
    "ix_postings_movements",
    postings.c.member_id,
    postings.c.id,
    sqlite_where=_is_movement,
    postgresql_where=_is_movement,
)
_is_merchants = postings.c.merchant_id.is_not(None)
Index(
    "ix_postings_merchants",
    postings.c.merchant_id,
    postings.c.transaction_id,
    sqlite_where=_is_merchants,
    postgresql_where=_is_merchants,
)

# `floor` is the credit line (0 or below), up to which a member may spend. Only a refund may go further down: how far, is
# what the member still owes, and the next earnings fill that first.
balances = Table(
    "balances",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("available", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("pending", BigInteger, nullable=False, server_default="0"),
    Column("floor", BigInteger, nullable=False, server_default="0"),
    Column("owed", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("available >= floor - owed", name="not_below_floor"),
    CheckConstraint("floor <= 0 AND owed >= 0", name="credit_is_below_zero"),
    CheckConstraint("held >= 0", name="held_not_negative"),
    CheckConstraint("pending >= 0", name="pending_not_negative"),
)

lots = Table(
    "lots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("funder_id", Id, ForeignKey("merchants.id")),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("pending", BigInteger, nullable=False, server_default="0"),
    Column("releases_at", Instant),
    Column("expires_at", Instant, nullable=False),
    Column("warned_days", Integer),  # the last warning before expiry: 30, then 7
    CheckConstraint("available >= 0 AND held >= 0 AND pending >= 0", name="not_negative"),
)
_is_open = lots.c.available > 0
Index(
    "ix_lots_spendable",
    lots.c.member_id,
    lots.c.expires_at,
    lots.c.id,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
Index("ix_lots_due", lots.c.expires_at, sqlite_where=_is_open, postgresql_where=_is_open)
_is_pending = lots.c.pending > 0
Index("ix_lots_pending", lots.c.releases_at, sqlite_where=_is_pending, postgresql_where=_is_pending)

# How each transaction moved each lot: with these, lots can be derived and every movement explained.
lot_entries = Table(
    "lot_entries",
    metadata,
    Column("transaction_id", Id, ForeignKey("transactions.id"), nullable=False),
    Column("lot_id", Id, ForeignKey("lots.id"), nullable=False, index=True),
    Column("available", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("expires_at", Instant),
    PrimaryKeyConstraint("transaction_id", "lot_id"),
)

holds = Table(
    "holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("cause", String(160), nullable=False),
    Column("opened_by", Id, ForeignKey("transactions.id"), nullable=False, unique=True),
    Column("closed_by", Id, ForeignKey("transactions.id"), unique=True),
    CheckConstraint("amount > 0", name="positive"),
    CheckConstraint("(state = 'held') = (closed_by IS NULL)", name="closed_once"),
    UniqueConstraint("id", "member_id"),
)

for _table in (transactions, postings, lot_entries):
    refuse_changes(_table)

_RECORD = per_dialect(
    transactions,
    lambda statement: statement.on_conflict_do_nothing(index_elements=["key"]).returning(transactions.c.id),
)
_OPEN_BALANCE = insert_or_skip(balances)
_FIND = select(transactions.c.id, transactions.c.fingerprint).where(transactions.c.key == bindparam("key"))
_MOVE = (
    update(balances)
    .where(balances.c.member_id == bindparam("of_member"))
    .values(
        available=balances.c.available + bindparam("plus_available"),
        held=balances.c.held + bindparam("plus_held"),
        pending=balances.c.pending + bindparam("plus_pending"),
    )
)
_POST = insert(postings)
_OPEN_LOT = insert(lots).returning(lots.c.id)
_MOVE_LOT = (
    update(lots)
    .where(lots.c.id == bindparam("of_lot"))
    .values(
        available=lots.c.available + bindparam("plus_available"),
        held=lots.c.held + bindparam("plus_held"),
        pending=lots.c.pending + bindparam("plus_pending"),
        expires_at=func.coalesce(bindparam("new_expiry", type_=Instant), lots.c.expires_at),
    )
)
_LOT_ENTRY = insert(lot_entries)
_BALANCE = select(balances).where(balances.c.member_id == bindparam("member_id"))
_LOCK = _BALANCE.with_for_update()
_SPENDABLE = (
    select(lots.c.id, lots.c.member_id, lots.c.available, lots.c.held, lots.c.expires_at, lots.c.funder_id)
    .where(lots.c.member_id == bindparam("member_id"), lots.c.available > 0)
    .order_by(lots.c.expires_at, lots.c.id)
)
_DUE = (
    select(lots.c.id, lots.c.member_id, lots.c.available, lots.c.held, lots.c.expires_at, lots.c.funder_id)
    .join_from(balances, lots, lots.c.member_id == balances.c.member_id)
    .where(lots.c.available > 0, lots.c.expires_at <= bindparam("at"))
    .order_by(lots.c.member_id, lots.c.id)
    .limit(bindparam("most"))
    # A spender locks the balance and then the lots. A sweep that took the lots alone would meet it the other way round.
    .with_for_update(skip_locked=True, of=[balances, lots])
)
_HOLD = select(holds).where(holds.c.id == bindparam("hold_id")).with_for_update()
_HOLD_OF = select(holds).where(holds.c.opened_by == bindparam("transaction_id"))
_OPEN_HOLD = insert(holds).returning(holds.c.id)
_CLOSE_HOLD = (
    update(holds)
    .where(holds.c.id == bindparam("of_hold"), holds.c.state == "held")
    .values(state=bindparam("to_state"), closed_by=bindparam("by"))
)
_HOLD_LOTS = (
    select(lot_entries.c.lot_id, lot_entries.c.held, lots.c.expires_at)
    .join_from(holds, lot_entries, lot_entries.c.transaction_id == holds.c.opened_by)
    .join(lots, lots.c.id == lot_entries.c.lot_id)
    .where(holds.c.id == bindparam("hold_id"), lot_entries.c.held > 0)
    .order_by(lot_entries.c.lot_id)
)
_MOVEMENTS = (
    select(
        postings.c.id,
        transactions.c.kind,
        postings.c.amount,
        transactions.c.cause,
        transactions.c.at,
        merchants.c.name.label("merchant"),
        merchants.c.translations,
    )
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .join(merchants, merchants.c.id == transactions.c.merchant_id, isouter=True)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == bindparam("member_id"),
        postings.c.id < bindparam("before_id"),
    )
    .order_by(postings.c.id.desc())
    .limit(bindparam("most"))
)
_MOVEMENTS_OF_KINDS = _MOVEMENTS.where(transactions.c.kind.in_(bindparam("kinds", expanding=True)))
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
_STANDING = select(
    balances.c.available,
    balances.c.held,
    balances.c.pending,
    _next_at.label("next_at"),
    _next_points.label("next_points"),
).where(balances.c.member_id == bindparam("member_id"))
_EARNED_SINCE = (
    select(func.coalesce(func.sum(postings.c.amount), 0))
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == bindparam("member_id"),
        transactions.c.kind == Kind.EARN.value,
        transactions.c.at >= bindparam("since"),
    )
)
_FIRST_ID = 2**62  # above every id: where a listing that is newest first begins


class SqlLedger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def record(self, entry: Entry) -> Recorded:
        transaction_id = self._connection.execute(
            _RECORD[self._dialect],
            {
                "key": entry.key,
                "fingerprint": entry.fingerprint,
                "kind": entry.kind,
                "cause": entry.cause,
                "actor": entry.actor,
                "merchant_id": entry.merchant_id,
                "reverses_id": entry.reverses_id,
                "at": entry.at,
            },
        ).scalar_one_or_none()
        if transaction_id is None:
            first = self.replay(entry)
            assert first is not None, "the key conflicted, so it is there"
            return first
        self._move_balances(entry)
        self._connection.execute(
            _POST,
            [
                {
                    "transaction_id": transaction_id,
                    "account": posting.account,
                    "member_id": posting.member_id,
                    "merchant_id": posting.merchant_id,
                    "amount": posting.amount,
                }
                for posting in entry.postings
            ],
        )
        self._move_lots(entry, transaction_id)
        return Recorded(transaction_id, is_replay=False)

    def replay(self, entry: Entry) -> Recorded | None:
        first = self._connection.execute(_FIND, {"key": entry.key}).one_or_none()
        if first is None:
            return None
        if first.fingerprint != entry.fingerprint:
            raise KeyReused(entry.key)
        return Recorded(first.id, is_replay=True)

    def balance(self, member_id: int) -> Balance:
        row = self._connection.execute(_BALANCE, {"member_id": member_id}).one_or_none()
        return Balance() if row is None else Balance(row.available, row.held, row.pending)

    def lock(self, member_id: int) -> Balance:
        row = self._connection.execute(_LOCK, {"member_id": member_id}).one_or_none()
        return Balance() if row is None else Balance(row.available, row.held, row.pending)

    def spendable(self, member_id: int) -> Sequence[Lot]:
        return [Lot(*row) for row in self._connection.execute(_SPENDABLE, {"member_id": member_id})]

    def due_lots(self, at: datetime, limit: int) -> Sequence[Lot]:
        return [Lot(*row) for row in self._connection.execute(_DUE, {"at": at, "most": limit})]

    def open_hold(self, member_id: int, amount: int, cause: str, transaction_id: int) -> Hold:
        hold_id = self._connection.execute(
            _OPEN_HOLD,
            {
                "member_id": member_id,
                "amount": amount,
                "state": "held",
                "cause": cause,
                "opened_by": transaction_id,
            },
        ).scalar_one()
        return Hold(hold_id, member_id, amount, "held", cause)

    def hold(self, hold_id: int) -> Hold | None:
        return _as_hold(self._connection.execute(_HOLD, {"hold_id": hold_id}).one_or_none())

    def hold_of(self, transaction_id: int) -> Hold | None:
        return _as_hold(self._connection.execute(_HOLD_OF, {"transaction_id": transaction_id}).one_or_none())

    def close_hold(self, hold_id: int, state: str, transaction_id: int) -> bool:
        closed = self._connection.execute(_CLOSE_HOLD, {"of_hold": hold_id, "to_state": state, "by": transaction_id})
        return closed.rowcount == 1

    def hold_lots(self, hold_id: int) -> Sequence[LotEntry]:
        return [
            LotEntry(row.lot_id, held=row.held, expires_at=row.expires_at)
            for row in self._connection.execute(_HOLD_LOTS, {"hold_id": hold_id})
        ]

    def movements(
        self, member_id: int, *, before_id: int | None, limit: int, kinds: Sequence[Kind] = ()
    ) -> Sequence[Movement]:
        values: dict[str, object] = {
            "member_id": member_id,
            "before_id": before_id or _FIRST_ID,
            "most": limit,
        }
        if kinds:
            rows = self._connection.execute(_MOVEMENTS_OF_KINDS, {**values, "kinds": list(kinds)})
        else:
            rows = self._connection.execute(_MOVEMENTS, values)
        return [
            Movement(
                id=row.id,
                kind=Kind(row.kind),
                amount=row.amount,
                cause=row.cause,
                at=row.at,
                merchant=None if row.merchant is None else Subject(row.merchant, row.translations),
            )
            for row in rows
        ]

    def standing(self, member_id: int) -> tuple[Balance, tuple[datetime, int] | None]:
        row = self._connection.execute(_STANDING, {"member_id": member_id}).one_or_none()
        if row is None:
            return Balance(), None
        expires_next = None if row.next_at is None else (row.next_at, int(row.next_points))
        return Balance(row.available, row.held, row.pending), expires_next

    def earned_since(self, member_id: int, at: datetime) -> int:
        return int(self._connection.execute(_EARNED_SINCE, {"member_id": member_id, "since": at}).scalar_one())

    def _move_balances(self, entry: Entry) -> None:
        """One update per member, in the order of their ids, so that two transactions never wait for each other."""
        changes: dict[int, dict[str, int]] = {}
        for posting in entry.postings:
            if posting.member_id is not None:
                change = changes.setdefault(posting.member_id, {})
                change[posting.account] = change.get(posting.account, 0) + posting.amount
        for member_id, change in sorted(changes.items()):
            values = {
                "of_member": member_id,
                "plus_available": change.get(Account.AVAILABLE, 0),
                "plus_held": change.get(Account.HELD, 0),
                "plus_pending": change.get(Account.PENDING, 0),
            }
            try:
                if self._connection.execute(_MOVE, values).rowcount == 0:
                    self._connection.execute(_OPEN_BALANCE[self._dialect], {"member_id": member_id})
                    self._connection.execute(_MOVE, values)
            except IntegrityError as error:
                raise NotEnoughPoints(-min(change.values()), 0) from error

    def _move_lots(self, entry: Entry, transaction_id: int) -> None:
        moved: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for lot in entry.lots:
            lot_id = lot.lot_id
            if lot_id is None:
                owner = next(posting.member_id for posting in entry.postings if posting.member_id is not None)
                lot_id = self._connection.execute(
                    _OPEN_LOT,
                    {
                        "member_id": owner,
                        "funder_id": entry.merchant_id,
                        "available": lot.available,
                        "pending": lot.pending,
                        "expires_at": lot.expires_at,
                    },
                ).scalar_one()
            else:
                moved.append(
                    {
                        "of_lot": lot_id,
                        "plus_available": lot.available,
                        "plus_held": lot.held,
                        "plus_pending": lot.pending,
                        "new_expiry": lot.expires_at,
                    }
                )
            rows.append(
                {
                    "transaction_id": transaction_id,
                    "lot_id": lot_id,
                    "available": lot.available,
                    "held": lot.held,
                    "pending": lot.pending,
                    "expires_at": lot.expires_at,
                }
            )
        if moved:
            self._connection.execute(_MOVE_LOT, moved)
        if rows:
            self._connection.execute(_LOT_ENTRY, rows)


def _as_hold(row: Any) -> Hold | None:
    return None if row is None else Hold(row.id, row.member_id, row.amount, row.state, row.cause)
