"""How an entry is written: the transaction first, and all else only if its key is new.

SQLite gets a statement for each table. On PostgreSQL each of them would be a round trip, which costs more than the
writing; there what happens all day goes in one statement (points given in a new lot, points that leave lots or are set
aside in them), and a balance is locked for that statement and the commit only, which is what a hot account is slow by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.exc import IntegrityError

from loyalty.errors import NotEnoughPoints, NotFound
from loyalty.points import Entry, LotEntry, Posting, settled
from storage.books import balances, lot_entries, lots, postings, transactions
from storage.dialects import Violation, per_dialect, violates
from storage.schema import Id, Instant
from storage.statements import Inserts, Statement

T = TypeVar("T")
_ByMember = dict[int, dict[str, int]]
_TRANSACTION = ("key", "fingerprint", "kind", "cause", "actor", "merchant_id", "reverses_id", "refunds_id", "at")
_POSTING = ("account", "member_id", "merchant_id", "amount")
_LOT = ("member_id", "funder_id", "available", "pending", "releases_at", "expires_at")
_ENTRY = ("transaction_id", "lot_id", "available", "held", "pending", "expires_at")
_MOVED_MOST = 8  # lots in the one statement; each number is a statement of its own


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


_CHANGES = (_bind("plus_available"), _bind("plus_held"), _bind("plus_pending"))
_CHANGED = (balances.c.available,)


# A statement for each table

_RECORD = Statement(
    per_dialect(
        transactions,
        lambda statement: statement.on_conflict_do_nothing(index_elements=["key"]).returning(transactions.c.id),
    ),
    _TRANSACTION,
)
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
    .values(_after(*_CHANGES))
    .returning(*_CHANGED)
)
_OPEN_LOT = Statement(
    insert(lots).returning(lots.c.id),
    _LOT,
)
_MOVE_LOT = Statement(
    update(lots)
    .where(lots.c.id == _bind("of_lot", Id))
    .values(
        available=lots.c.available + _bind("plus_available"),
        held=lots.c.held + _bind("plus_held"),
        pending=lots.c.pending + _bind("plus_pending"),
        # Never earlier: of two graces at once the later one counts, whichever is written last.
        expires_at=case(
            (_bind("new_expiry", Instant) > lots.c.expires_at, _bind("new_expiry", Instant)), else_=lots.c.expires_at
        ),
        # Points that live longer than announced are warned of anew.
        warned_days=case((_bind("new_expiry", Instant).is_(None), lots.c.warned_days), else_=None),
    )
)
_POST = Inserts(postings, ("transaction_id", *_POSTING))
_LOT_ENTRY = Inserts(lot_entries, _ENTRY)


# All in one statement


class _Shape(NamedTuple):
    """What an entry of one member writes: enough to build its statement."""

    is_credit: bool
    postings: int
    moved: int


@cache
def _in_one(shape: _Shape) -> Statement:
    first = (
        postgres_insert(transactions)
        .values({column: _bind(f"t_{column}", transactions.c[column].type) for column in _TRANSACTION})
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(transactions.c.id)
        .cte("first")
    )
    balance = (_credit(first) if shape.is_credit else _debit(first)).returning(*_CHANGED).cte("balance")
    steps = [insert(postings).from_select(["transaction_id", *_POSTING], _posted(first, shape.postings)).cte("posted")]
    if shape.is_credit:
        opened = _opened(balance).cte("opened")
        entries: Any = select(
            first.c.id, opened.c.id, opened.c.available, literal(0), opened.c.pending, opened.c.expires_at
        )
    else:
        entries = union_all(*(_entry(first, number) for number in range(shape.moved)))
        steps += [_moved(first, number).cte(f"moved_{number}") for number in range(shape.moved)]
    if shape.is_credit or shape.moved:
        steps.append(insert(lot_entries).from_select(_ENTRY, entries).cte("entered"))
    outcome = select(first.c.id, balance.c.available).join_from(first, balance, literal(True), isouter=True)
    return Statement(outcome.add_cte(*steps))


def _credit(first: Any) -> Any:
    statement = postgres_insert(balances).from_select(
        ["member_id", "available", "held", "pending"],
        select(_bind("of_member"), *_CHANGES).select_from(first),
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["member_id"], set_=_after(new.available, new.held, new.pending)
    )


def _debit(first: Any) -> Any:
    is_new = exists(select(first.c.id))
    return update(balances).where(balances.c.member_id == _bind("of_member"), is_new).values(_after(*_CHANGES))


def _posted(first: Any, count: int) -> Any:
    return union_all(
        *(
            select(first.c.id, *(_bind(f"p{number}_{column}", postings.c[column].type) for column in _POSTING))
            for number in range(count)
        )
    )


def _opened(balance: Any) -> Any:
    """The lot of a credit, without what fills a gap below zero: the rule is `loyalty.points.settled`."""
    free = func.least(_bind("plus_available"), func.greatest(balance.c.available, 0))
    given = {column: _bind(f"l_{column}", lots.c[column].type) for column in _LOT} | {"available": free}
    row = select(*(given[column] for column in _LOT)).select_from(balance)
    row = row.where(or_(free > 0, _bind("plus_pending") > 0))
    return insert(lots).from_select(_LOT, row).returning(lots.c.id, lots.c.available, lots.c.pending, lots.c.expires_at)


def _moved(first: Any, number: int) -> Any:
    return (
        update(lots)
        .where(lots.c.id == _bind(f"m{number}_lot"), exists(select(first.c.id)))
        .values(
            available=lots.c.available + _bind(f"m{number}_available"),
            held=lots.c.held + _bind(f"m{number}_held"),
            pending=lots.c.pending + _bind(f"m{number}_pending"),
        )
    )


def _entry(first: Any, number: int) -> Any:
    places = ("lot", "available", "held", "pending")
    return select(first.c.id, *(_bind(f"m{number}_{place}") for place in places), literal(None, Instant))


# Writing


def write(connection: Connection, entry: Entry) -> int | None:
    """Writes an entry and answers its transaction's id; None where its key is there already, and nothing is written.

    Raises NotEnoughPoints, NotFound.
    """
    changes = _changes(entry)
    shape = _shape(entry, changes) if connection.dialect.name == "postgresql" else None
    if shape is not None:
        return _write_in_one(connection, entry, changes, shape)
    row = _try(entry, 0, _RECORD.row, connection, _transaction(entry))
    if row is None:
        return None
    transaction_id: int = row[0]
    # In the order of their ids, so that two transactions never wait for each other.
    moves = {
        member_id: _move_balance(connection, entry, member_id, changes[member_id]) for member_id in sorted(changes)
    }
    _POST.run(connection, [(transaction_id, *_posting(posting)) for posting in entry.postings])
    _move_lots(connection, entry, moves, transaction_id)
    return transaction_id


def _shape(entry: Entry, changes: _ByMember) -> _Shape | None:
    """None for what takes a statement for each table: several members, or points that come back into lots."""
    if len(changes) != 1:
        return None
    change = next(iter(changes.values()))
    if min(change.values()) >= 0:
        fits = len(entry.lots) == 1 and entry.lots[0].lot_id is None
    else:
        fits = change["available"] <= 0 and len(entry.lots) <= _MOVED_MOST
        fits = fits and all(lot.lot_id is not None and lot.expires_at is None for lot in entry.lots)
    return _Shape(min(change.values()) >= 0, len(entry.postings), len(entry.lots)) if fits else None


def _write_in_one(connection: Connection, entry: Entry, changes: _ByMember, shape: _Shape) -> int | None:
    ((member_id, change),) = changes.items()
    values: dict[str, Any] = {"of_member": member_id, **_moving(entry, change)}
    values |= {f"t_{column}": value for column, value in _transaction(entry).items()}
    for number, posting in enumerate(entry.postings):
        values |= {f"p{number}_{column}": cell for column, cell in zip(_POSTING, _posting(posting), strict=True)}
    if shape.is_credit:
        values |= {f"l_{column}": value for column, value in _lot(entry.lots[0]).items() if column != "available"}
    for number, lot in enumerate(() if shape.is_credit else entry.lots):
        moved = {"lot": lot.lot_id, "available": lot.available, "held": lot.held, "pending": lot.pending}
        values |= {f"m{number}_{place}": value for place, value in moved.items()}
    row = _try(entry, -min(change.values()), _in_one(shape).row, connection, values)
    if row is None:
        return None
    transaction_id, available = row
    if available is None:  # whoever has no balance yet has no points
        raise NotEnoughPoints(-min(change.values()), 0)
    if not shape.is_credit:
        settled(entry.lots, available - change["available"], available)
    return int(transaction_id)


def _move_balance(connection: Connection, entry: Entry, member_id: int, change: Mapping[str, int]) -> tuple[int, int]:
    """What was available before, and what is now."""
    needed = -min(change.values())
    if needed <= 0:
        values = {"member_id": member_id, "may_owe": 0, **change}
        row = _try(entry, needed, _CREDIT.row, connection, values)
    else:
        values = {"of_member": member_id, **_moving(entry, change)}
        row = _try(entry, needed, _DEBIT.row, connection, values)
    if row is None:  # whoever has no balance yet has no points
        raise NotEnoughPoints(needed, 0)
    after: int = row[0]
    return after - change["available"], after


def _move_lots(connection: Connection, entry: Entry, moves: Mapping[int, tuple[int, int]], transaction_id: int) -> None:
    moving = [
        lot
        for member_id, (before, after) in moves.items()
        for lot in settled([lot for lot in entry.lots if lot.member_id == member_id], before, after)
    ]
    if not moving:
        return
    _MOVE_LOT.each(
        connection,
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
        connection,
        [
            (
                transaction_id,
                lot.lot_id or _OPEN_LOT.row(connection, _lot(lot))[0],
                lot.available,
                lot.held,
                lot.pending,
                lot.expires_at,
            )
            for lot in moving
        ],
    )


def _changes(entry: Entry) -> _ByMember:
    """By member what each account changes by."""
    changes: _ByMember = {}
    for posting in entry.postings:
        if posting.member_id is not None:
            change = changes.setdefault(posting.member_id, {"available": 0, "held": 0, "pending": 0})
            change[posting.account.value] += posting.amount
    return changes


def _transaction(entry: Entry) -> dict[str, Any]:
    return {
        "key": entry.key,
        "fingerprint": entry.fingerprint,
        "kind": entry.kind.value,
        "cause": entry.cause,
        "actor": entry.actor,
        "merchant_id": entry.merchant_id,
        "reverses_id": entry.reverses_id,
        "refunds_id": entry.refunds_id,
        "at": entry.at,
    }


def _posting(posting: Posting) -> tuple[Any, ...]:
    return posting.account.value, posting.member_id, posting.merchant_id, posting.amount


def _lot(lot: LotEntry) -> dict[str, Any]:
    return {
        "member_id": lot.member_id,
        "funder_id": lot.funder_id,
        "available": lot.available,
        "pending": lot.pending,
        "releases_at": lot.releases_at,
        "expires_at": lot.expires_at,
    }


def _moving(entry: Entry, change: Mapping[str, int]) -> dict[str, int]:
    may_owe = int(entry.refunds_id is not None or entry.reverses_id is not None)
    return {"may_owe": may_owe, **{f"plus_{account}": amount for account, amount in change.items()}}


def _try(entry: Entry, needed: int, call: Callable[..., T], *args: Any) -> T:
    """What the database itself refuses, in the ledger's words."""
    try:
        return call(*args)
    except IntegrityError as error:
        if violates(error) is Violation.REFERENCE:
            unknown = next((posting.member_id for posting in entry.postings if posting.member_id is not None), None)
            raise NotFound("member", unknown) from error
        raise NotEnoughPoints(needed, 0) from error
