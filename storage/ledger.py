"""The ledger: what moves points. The tables are in `books`, how an entry is written in `recording`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    String,
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

from loyalty.errors import KeyReused, NotFound
from loyalty.points import (
    Account,
    Award,
    Balance,
    Entry,
    Hold,
    Kind,
    Lot,
    Parts,
    Posting,
    Recorded,
    Transaction,
    take,
)
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.dialects import id_list, insert_or_skip, per_dialect, per_id_list
from storage.members import members
from storage.recording import write
from storage.schema import Id, Instant
from storage.statements import Statement

T = TypeVar("T")

LOTS_AT_ONCE = 16


def _bind(name: str, type_: Any = BigInteger) -> BindParameter[Any]:
    return bindparam(name, type_=type_)


_FIND = Statement(
    select(transactions.c.id, transactions.c.fingerprint).where(transactions.c.key == _bind("key", String))
)
_OF_MEMBER = select(balances.c.available, balances.c.held, balances.c.pending, balances.c.floor, balances.c.owed).where(
    balances.c.member_id == _bind("member_id", Id)
)
_LOCK_ALL = Statement(
    per_id_list(
        "ids",
        lambda among: (
            select(balances.c.member_id)
            .where(among(balances.c.member_id))
            .order_by(balances.c.member_id)
            .with_for_update()
        ),
    )
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
_A_HOLD = select(holds.c.id, holds.c.member_id, holds.c.amount, holds.c.state, holds.c.cause, holds.c.closed_by)
_HOLD = Statement(_A_HOLD.where(holds.c.id == _bind("hold_id", Id)).with_for_update())
_HOLD_OF = Statement(_A_HOLD.where(holds.c.opened_by == _bind("transaction_id", Id)))
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
_KNOWN = per_id_list("ids", lambda among: select(members.c.id).where(among(members.c.id)).order_by(members.c.id))
_OPEN_BALANCES = Statement(
    {
        dialect: statement.from_select(["member_id"], _KNOWN[dialect]).on_conflict_do_nothing()
        for dialect, statement in per_dialect(balances, lambda statement: statement).items()
    }
)
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


class SqlLedger:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, entry: Entry) -> Recorded:
        transaction_id = write(self._connection, entry)
        if transaction_id is not None:
            return Recorded(transaction_id, is_replay=False)
        first = self._replay(entry)
        assert first is not None, "the key conflicted, so it is there"
        return first

    def lock_for(self, entry: Entry, member_id: int) -> tuple[Balance, Recorded | None]:
        return self.lock(member_id), self._replay(entry)

    def lock(self, member_id: int) -> Balance:
        row = _LOCK.row(self._connection, {"member_id": member_id})
        if row is None:  # who has never had points has no row to wait at
            self._open_balance(member_id)
            row = _LOCK.row(self._connection, {"member_id": member_id})
        return _as_balance(row)

    def lock_all(self, member_ids: Sequence[int]) -> None:
        values = {"ids": id_list(self._connection, member_ids)}
        # Rows that are missing come first, in order, too: a row that somebody else is adding is waited for like a lock.
        _OPEN_BALANCES.run(self._connection, values)
        locked = {row[0] for row in _LOCK_ALL.rows(self._connection, values)}
        for member_id in member_ids:
            if member_id not in locked:
                raise NotFound("member", member_id)

    def balance(self, member_id: int) -> Balance:
        return _as_balance(_BALANCE.row(self._connection, {"member_id": member_id}))

    def take(self, member_id: int, amount: int, but: int | None = None) -> Parts:
        return take((lot for lot in self._spendable(member_id) if lot.id != but), amount) if amount else ()

    def transaction(self, transaction_id: int) -> Transaction | None:
        rows = _TRANSACTION.rows(self._connection, {"transaction_id": transaction_id})
        if not rows:
            return None
        kind, cause, merchant_id = rows[0][:3]
        found = [Posting(Account(account), amount, member, shop) for *_, account, member, shop, amount in rows]
        return Transaction(
            id=transaction_id,
            kind=Kind(kind),
            cause=cause,
            member_id=next((posting.member_id for posting in found if posting.member_id is not None), None),
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
        self._open_balance(member_id)
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

    def _open_balance(self, member_id: int) -> None:
        try:
            _OPEN_BALANCE.run(self._connection, {"member_id": member_id})
        except IntegrityError as error:
            raise NotFound("member", member_id) from error

    def _replay(self, entry: Entry) -> Recorded | None:
        first = _FIND.row(self._connection, {"key": entry.key})
        if first is None:
            return None
        transaction_id, fingerprint = first
        if fingerprint != entry.fingerprint:
            raise KeyReused(entry.key)
        return Recorded(transaction_id, is_replay=True)

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


def _as_balance(row: Any) -> Balance:
    return Balance() if row is None else Balance(*row)


def _as_parts(rows: Sequence[Any]) -> Parts:
    return [(Lot(*lot), part) for *lot, part in rows]
