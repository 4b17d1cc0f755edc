"""The ledger's tables and statements. What a person owns is locked by one row in `balances`.

The accounts of the club and the merchants keep no balance: a row that every transaction changes would make them wait
for each other. Their sums are read from the postings where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from loyalty.errors import KeyReused, NotEnoughPoints, NotFound, Refusal
from loyalty.points import (
    Account,
    Award,
    Balance,
    Entry,
    Hold,
    Kind,
    Lot,
    LotEntry,
    Parts,
    Posting,
    Recorded,
    Transaction,
    settled,
    take,
)
from storage.dialects import insert_or_skip, per_dialect
from storage.schema import Id, Instant, metadata, refuse_changes
from storage.statements import Inserts, Statement

T = TypeVar("T")

LOTS_AT_ONCE = 16

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

# `floor` is the credit line (0 or below), down to which a member may spend. Only a refund may go further: how far, is
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
Index(
    "ix_lots_on_their_way", lots.c.member_id, lots.c.releases_at, sqlite_where=_is_pending, postgresql_where=_is_pending
)

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


def _bind(name: str, type_: Any = BigInteger) -> BindParameter[Any]:
    return bindparam(name, type_=type_)


def _after(available: ColumnElement[int], held: ColumnElement[int], pending: ColumnElement[int]) -> dict[str, Any]:
    """A balance after changes. Only where `may_owe` does `owed` rise with what lies below the floor; otherwise it can
    but fall, and the constraint refuses what would go deeper."""
    new = balances.c.available + available
    below = balances.c.floor - new
    return {
        "available": new,
        "held": balances.c.held + held,
        "pending": balances.c.pending + pending,
        "owed": case(
            (below <= 0, 0), (or_(_bind("may_owe") == 1, below < balances.c.owed), below), else_=balances.c.owed
        ),
    }


_RECORD = Statement(
    per_dialect(
        transactions,
        lambda statement: statement.on_conflict_do_nothing(index_elements=["key"]).returning(transactions.c.id),
    ),
    ["key", "fingerprint", "kind", "cause", "actor", "merchant_id", "reverses_id", "refunds_id", "at"],
)
_FIND = Statement(
    select(transactions.c.id, transactions.c.fingerprint).where(transactions.c.key == _bind("key", String))
)
_CHANGED = (balances.c.available,)
_CREDIT = Statement(
    per_dialect(
        balances,
        lambda statement: statement.on_conflict_do_update(
            index_elements=["member_id"],
            set_=_after(statement.excluded.available, statement.excluded.held, statement.excluded.pending),
        ).returning(*_CHANGED),
    ),
    ["member_id", "available", "held", "pending"],
)
_DEBIT = Statement(
    update(balances)
    .where(balances.c.member_id == _bind("of_member", Id))
    .values(_after(_bind("plus_available"), _bind("plus_held"), _bind("plus_pending")))
    .returning(*_CHANGED)
)
_OPEN_LOT = Statement(
    insert(lots).returning(lots.c.id),
    ["member_id", "funder_id", "available", "pending", "releases_at", "expires_at"],
)
_MOVE_LOT = Statement(
    update(lots)
    .where(lots.c.id == _bind("of_lot", Id))
    .values(
        available=lots.c.available + _bind("plus_available"),
        held=lots.c.held + _bind("plus_held"),
        pending=lots.c.pending + _bind("plus_pending"),
        expires_at=func.coalesce(_bind("new_expiry", Instant), lots.c.expires_at),
        # Points that live longer than announced are warned of anew.
        warned_days=case((_bind("new_expiry", Instant).is_(None), lots.c.warned_days), else_=None),
    )
)
_OF_MEMBER = select(balances.c.available, balances.c.held, balances.c.pending, balances.c.floor, balances.c.owed).where(
    balances.c.member_id == _bind("member_id", Id)
)
_BALANCE, _LOCK = Statement(_OF_MEMBER), Statement(_OF_MEMBER.with_for_update())
_LOT = (lots.c.id, lots.c.member_id, lots.c.available, lots.c.held, lots.c.expires_at, lots.c.funder_id, lots.c.pending)
_OPEN_LOTS = (
    select(*_LOT)
    .where(lots.c.member_id == _bind("member_id", Id), lots.c.available > 0)
    .order_by(lots.c.expires_at, lots.c.id)
    .limit(LOTS_AT_ONCE)
)
_SPENDABLE = Statement(_OPEN_LOTS)
_SPENDABLE_AFTER = Statement(
    _OPEN_LOTS.where(
        or_(
            lots.c.expires_at > _bind("after_at", Instant),
            and_(lots.c.expires_at == _bind("after_at", Instant), lots.c.id > _bind("after_id", Id)),
        )
    )
)
_HOLD = Statement(
    select(holds.c.id, holds.c.member_id, holds.c.amount, holds.c.state, holds.c.cause)
    .where(holds.c.id == _bind("hold_id", Id))
    .with_for_update()
)
_HOLD_OF = Statement(
    select(holds.c.id, holds.c.member_id, holds.c.amount, holds.c.state, holds.c.cause).where(
        holds.c.opened_by == _bind("transaction_id", Id)
    )
)
_OPEN_HOLD = Statement(insert(holds).returning(holds.c.id), ["member_id", "amount", "state", "cause", "opened_by"])
_CLOSE_HOLD = Statement(
    update(holds)
    .where(holds.c.id == _bind("of_hold", Id), holds.c.state == "held")
    .values(state=_bind("to_state", String), closed_by=_bind("by", Id))
)
_HOLD_LOTS = Statement(
    select(*_LOT, lot_entries.c.held)
    .join_from(holds, lot_entries, lot_entries.c.transaction_id == holds.c.opened_by)
    .join(lots, lots.c.id == lot_entries.c.lot_id)
    .where(holds.c.id == _bind("hold_id", Id), lot_entries.c.held > 0)
    .order_by(lots.c.expires_at, lots.c.id)
)
_GIVEN = Statement(
    select(*_LOT, -(lot_entries.c.available + lot_entries.c.held))
    .join_from(lot_entries, lots, lots.c.id == lot_entries.c.lot_id)
    .where(lot_entries.c.transaction_id == _bind("transaction_id", Id))
    .where(lot_entries.c.available + lot_entries.c.held < 0)
    .order_by(lots.c.expires_at, lots.c.id)
)
_TRANSACTION = Statement(
    select(
        transactions.c.kind,
        transactions.c.cause,
        transactions.c.merchant_id,
        postings.c.account,
        postings.c.member_id,
        postings.c.merchant_id,
        postings.c.amount,
    )
    .join_from(transactions, postings, postings.c.transaction_id == transactions.c.id)
    .where(transactions.c.id == _bind("transaction_id", Id))
    .order_by(postings.c.id)
)
_refunds = transactions.alias()
_funders = postings.alias()
_expiries = lot_entries.alias()
_opening = and_(lot_entries.c.transaction_id == transactions.c.id, lot_entries.c.available + lot_entries.c.pending > 0)


def _refunded(*accounts: Account) -> ColumnElement[int]:
    """What refunds of the transaction have moved on such accounts."""
    moved = (
        select(func.coalesce(func.sum(_funders.c.amount), 0))
        .join_from(_refunds, _funders, _funders.c.transaction_id == _refunds.c.id)
        .where(
            _refunds.c.refunds_id == transactions.c.id,
            or_(*(_funders.c.account == account.value for account in accounts)),
        )
    )
    return moved.correlate(transactions).scalar_subquery()


_AWARD = Statement(
    select(
        transactions.c.id,
        postings.c.member_id,
        postings.c.amount,
        _refunded(Account.ISSUED, Account.FUNDING).label("refunded"),
        select(_refunds.c.id).where(_refunds.c.reverses_id == transactions.c.id).exists().label("is_reversed"),
        transactions.c.cause,
        transactions.c.merchant_id,
        lots.c.id,
        func.coalesce(lots.c.pending, 0),
        func.coalesce(lots.c.available, 0),
        # What expired and was refunded already has left the account `expired` again, with a minus.
        (
            select(func.coalesce(-func.sum(_expiries.c.available), 0))
            .join_from(_expiries, _refunds, _refunds.c.id == _expiries.c.transaction_id)
            .where(_expiries.c.lot_id == lots.c.id, _refunds.c.kind == Kind.EXPIRE.value)
            .correlate(lots)
            .scalar_subquery()
            + _refunded(Account.EXPIRED)
        ).label("expired"),
    )
    .join_from(transactions, postings, postings.c.transaction_id == transactions.c.id)
    .join(lot_entries, _opening, isouter=True)
    .join(lots, lots.c.id == lot_entries.c.lot_id, isouter=True)
    .where(transactions.c.id == _bind("transaction_id", Id), postings.c.member_id.is_not(None), postings.c.amount > 0)
    .where(or_(*(transactions.c.kind == kind.value for kind in (Kind.EARN, Kind.COMMISSION, Kind.ADJUST))))
)
_OPEN_BALANCE = Statement(insert_or_skip(balances), ["member_id"])
_SET_FLOOR = Statement(
    update(balances)
    .where(balances.c.member_id == _bind("of_member", Id))
    .values(
        floor=_bind("to_floor"),
        owed=case((_bind("to_floor") > balances.c.available, _bind("to_floor") - balances.c.available), else_=0),
    )
)
_SENT_SINCE = Statement(
    select(func.coalesce(-func.sum(postings.c.amount), 0), func.count())
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == _bind("member_id", Id),
        postings.c.amount < 0,
        transactions.c.kind == Kind.TRANSFER.value,
        transactions.c.at >= _bind("since", Instant),
    )
)
_EARNED_SINCE = Statement(
    select(func.coalesce(func.sum(postings.c.amount), 0))
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == _bind("member_id", Id),
        transactions.c.kind == Kind.EARN.value,
        transactions.c.at >= _bind("since", Instant),
    )
)


_POST = Inserts(postings, ["transaction_id", "account", "member_id", "merchant_id", "amount"])
_LOT_ENTRY = Inserts(lot_entries, ["transaction_id", "lot_id", "available", "held", "pending", "expires_at"])


class SqlLedger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, entry: Entry) -> Recorded:
        here = self._connection
        row = _try(
            NotFound("merchant", entry.merchant_id),
            _RECORD.row,
            here,
            {
                "key": entry.key,
                "fingerprint": entry.fingerprint,
                "kind": entry.kind.value,
                "cause": entry.cause,
                "actor": entry.actor,
                "merchant_id": entry.merchant_id,
                "reverses_id": entry.reverses_id,
                "refunds_id": entry.refunds_id,
                "at": entry.at,
            },
        )
        if row is None:
            first = self._replay(entry)
            assert first is not None, "the key conflicted, so it is there"
            return first
        transaction_id: int = row[0]
        moves = self._move_balances(entry)
        _POST.run(
            here,
            [
                (transaction_id, posting.account.value, posting.member_id, posting.merchant_id, posting.amount)
                for posting in entry.postings
            ],
        )
        self._move_lots(entry, moves, transaction_id)
        return Recorded(transaction_id, is_replay=False)

    def lock_for(self, entry: Entry, member_id: int) -> tuple[Balance, Recorded | None]:
        return self.lock(member_id), self._replay(entry)

    def lock(self, member_id: int) -> Balance:
        return _as_balance(_LOCK.row(self._connection, {"member_id": member_id}))

    def balance(self, member_id: int) -> Balance:
        return _as_balance(_BALANCE.row(self._connection, {"member_id": member_id}))

    def take(self, member_id: int, amount: int, but: int | None = None) -> Parts:
        return take((lot for lot in self._spendable(member_id) if lot.id != but), amount) if amount else ()

    def transaction(self, transaction_id: int) -> Transaction | None:
        rows = _TRANSACTION.rows(self._connection, {"transaction_id": transaction_id})
        owners = [member_id for *_, member_id, _, _ in rows if member_id is not None]
        if not owners:
            return None
        kind, cause, merchant_id = rows[0][:3]
        found = [Posting(Account(account), amount, member, shop) for *_, account, member, shop, amount in rows]
        return Transaction(
            id=transaction_id,
            kind=Kind(kind),
            cause=cause,
            member_id=owners[0],
            amount=sum(posting.amount for posting in found if posting.member_id is not None),
            others=tuple(posting for posting in found if posting.member_id is None),
            merchant_id=merchant_id,
        )

    def award(self, transaction_id: int) -> Award | None:
        row = _AWARD.row(self._connection, {"transaction_id": transaction_id})
        if row is None:
            return None
        award_id, member_id, points, refunded, is_reversed, cause, funder_id, lot_id, pending, available, expired = row
        return Award(
            transaction_id=award_id,
            member_id=member_id,
            points=points,
            refunded=int(refunded),
            is_reversed=bool(is_reversed),
            cause=cause,
            funder_id=funder_id,
            lot_id=lot_id,
            pending=pending,
            available=available,
            expired=int(expired),
        )

    def given(self, transaction_id: int) -> Parts:
        return _as_parts(_GIVEN.rows(self._connection, {"transaction_id": transaction_id}))

    def set_floor(self, member_id: int, floor: int) -> None:
        _try(NotFound("member", member_id), _OPEN_BALANCE.run, self._connection, {"member_id": member_id})
        _SET_FLOOR.run(self._connection, {"of_member": member_id, "to_floor": floor})

    def open_hold(self, member_id: int, amount: int, cause: str, transaction_id: int) -> Hold:
        values = {
            "member_id": member_id,
            "amount": amount,
            "state": "held",
            "cause": cause,
            "opened_by": transaction_id,
        }
        return Hold(_OPEN_HOLD.row(self._connection, values)[0], member_id, amount, "held", cause)

    def hold(self, hold_id: int) -> Hold | None:
        row = _HOLD.row(self._connection, {"hold_id": hold_id})
        return None if row is None else Hold(*row)

    def hold_of(self, transaction_id: int) -> Hold | None:
        row = _HOLD_OF.row(self._connection, {"transaction_id": transaction_id})
        return None if row is None else Hold(*row)

    def close_hold(self, hold_id: int, state: str, transaction_id: int) -> bool:
        return _CLOSE_HOLD.run(self._connection, {"of_hold": hold_id, "to_state": state, "by": transaction_id}) == 1

    def hold_lots(self, hold_id: int) -> Parts:
        return _as_parts(_HOLD_LOTS.rows(self._connection, {"hold_id": hold_id}))

    def sent_since(self, member_id: int, at: datetime) -> tuple[int, int]:
        points, times = _SENT_SINCE.row(self._connection, {"member_id": member_id, "since": at})
        return int(points), times

    def earned_since(self, member_id: int, at: datetime) -> int:
        return int(_EARNED_SINCE.row(self._connection, {"member_id": member_id, "since": at})[0])

    def _replay(self, entry: Entry) -> Recorded | None:
        first = _FIND.row(self._connection, {"key": entry.key})
        if first is None:
            return None
        transaction_id, fingerprint = first
        if fingerprint != entry.fingerprint:
            raise KeyReused(entry.key)
        return Recorded(transaction_id, is_replay=True)

    def _move_balances(self, entry: Entry) -> dict[int, tuple[int, int]]:
        """By member what was available before and what is after; in the order of their ids, so that two transactions
        never wait for each other."""
        changes: dict[int, dict[str, int]] = {}
        for posting in entry.postings:
            if posting.member_id is not None:
                change = changes.setdefault(posting.member_id, {"available": 0, "held": 0, "pending": 0})
                change[posting.account.value] += posting.amount
        return {member_id: self._move_balance(entry, member_id, changes[member_id]) for member_id in sorted(changes)}

    def _move_balance(self, entry: Entry, member_id: int, change: dict[str, int]) -> tuple[int, int]:
        may_owe = int(entry.refunds_id is not None or entry.reverses_id is not None)
        lowest = min(change.values())
        if lowest >= 0:
            values = {"member_id": member_id, "may_owe": may_owe, **change}
            row = _try(NotFound("member", member_id), _CREDIT.row, self._connection, values)
        else:
            values = {"of_member": member_id, "may_owe": may_owe}
            values |= {f"plus_{account}": amount for account, amount in change.items()}
            refusal = NotEnoughPoints(-lowest, 0)
            row = _try(refusal, _DEBIT.row, self._connection, values)
            if row is None:
                raise refusal
        after: int = row[0]
        return after - change["available"], after

    def _move_lots(self, entry: Entry, moves: dict[int, tuple[int, int]], transaction_id: int) -> None:
        moving = [
            lot
            for member_id, (before, after) in moves.items()
            for lot in settled([lot for lot in entry.lots if lot.member_id == member_id], before, after)
        ]
        if not moving:
            return
        _MOVE_LOT.each(
            self._connection,
            [
                {
                    "of_lot": lot.lot_id,
                    "plus_available": lot.available,
                    "plus_held": lot.held,
                    "plus_pending": lot.pending,
                    "new_expiry": lot.expires_at,
                }
                for lot in moving
                if lot.lot_id is not None
            ],
        )
        _LOT_ENTRY.run(
            self._connection,
            [
                (
                    transaction_id,
                    lot.lot_id or self._open_lot(lot),
                    lot.available,
                    lot.held,
                    lot.pending,
                    lot.expires_at,
                )
                for lot in moving
            ],
        )

    def _open_lot(self, lot: LotEntry) -> int:
        values = {
            "member_id": lot.member_id,
            "funder_id": lot.funder_id,
            "available": lot.available,
            "pending": lot.pending,
            "releases_at": lot.releases_at,
            "expires_at": lot.expires_at,
        }
        lot_id: int = _OPEN_LOT.row(self._connection, values)[0]
        return lot_id

    def _spendable(self, member_id: int) -> Iterator[Lot]:
        """Lots with free points, the soonest to expire first, then the oldest; a few at a time, for few are needed."""
        rows = _SPENDABLE.rows(self._connection, {"member_id": member_id})
        while rows:
            found = [Lot(*row) for row in rows]
            yield from found
            if len(found) < LOTS_AT_ONCE:
                return
            values = {"member_id": member_id, "after_at": found[-1].expires_at, "after_id": found[-1].id}
            rows = _SPENDABLE_AFTER.rows(self._connection, values)


def _try(refusal: Refusal, call: Callable[..., T], *args: Any) -> T:
    """What the database itself refuses, in the ledger's words."""
    try:
        return call(*args)
    except IntegrityError as error:
        raise refusal from error


def _as_balance(row: Any) -> Balance:
    return Balance() if row is None else Balance(*row)


def _as_parts(rows: Sequence[Any]) -> Parts:
    return [(Lot(*lot), part) for *lot, part in rows]
