"""What closes the holds of many at once does, row for row, what the single steps do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from loyalty.errors import HoldIsClosed, NotFound
from loyalty.points import Balance, Hold, Recorded
from loyalty.programme import Programme
from loyalty.services import ledger
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import PROGRAMME, Books, all_at_once
from tests.kit.shops import add_merchant, enrol

Step = Callable[[SqlUnitOfWork], object]


@pytest.fixture
def books(units: UnitFactory, database: Database, clock: FrozenClock) -> Books:
    return Books(units, database, clock)


@dataclass(frozen=True)
class Person:
    """Lots as (points, days that they count), what is set aside of them in percent of what is free each time, and
    whether a refund takes the first lot back afterwards."""

    lots: Sequence[tuple[int, int]]
    parts: Sequence[int]
    owes: bool


PEOPLE = st.lists(
    st.builds(
        Person,
        lots=st.lists(st.tuples(st.integers(5, 40), st.sampled_from([0, 3, 30])), min_size=1, max_size=4),
        parts=st.lists(st.integers(10, 100), min_size=1, max_size=4),
        owes=st.booleans(),
    ),
    min_size=1,
    max_size=3,
)
EXAMPLES = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@EXAMPLES
@given(people=PEOPLE, days=st.sampled_from([0, 2, 10]), captures=st.booleans())
def test_many_at_once_write_what_one_by_one_would(
    people: list[Person], days: int, captures: bool, database: Database, clock: FrozenClock
) -> None:
    units = UnitFactory(database)
    shop_id = add_merchant(units, "Corner")
    hold_ids = [hold_id for person in people for hold_id in _prepared(units, clock, person)]
    clock.advance(days=days)
    at = clock()

    def singly(uow: SqlUnitOfWork) -> None:
        for hold_id in hold_ids:
            if captures:
                ledger.capture(uow, hold_id, actor="club", at=at, merchant_id=shop_id)
            else:
                ledger.release(uow, PROGRAMME, hold_id, actor="club", at=at)

    def together(uow: SqlUnitOfWork) -> None:
        if captures:
            ledger.capture_all(uow, hold_ids, at=at, merchant_id=shop_id)
        else:
            ledger.release_all(uow, PROGRAMME, hold_ids, at=at)

    expected = _outcome(units, singly, hold_ids)
    assert _outcome(units, together, hold_ids, keeps=True) == expected
    Books(units, database, clock).check()


def _prepared(units: UnitFactory, clock: FrozenClock, person: Person) -> list[int]:
    """The ids of the holds of a new member."""
    member_id = enrol(units, "P").id
    facts: Any = {"cause": "test", "actor": "test", "at": clock()}
    with units() as uow:
        awards = [
            ledger.award(uow, Programme(lot_days=days), member_id, points, key=f"a:{member_id}:{number}", **facts)
            for number, (points, days) in enumerate(person.lots)
        ]
        opened = []
        for number, part in enumerate(person.parts):
            points = uow.ledger.balance(member_id).available * part // 100
            if points:
                opened.append(ledger.hold(uow, member_id, points, key=f"h:{member_id}:{number}", **facts).id)
        if person.owes:
            back = person.lots[0][0]
            ledger.refund(uow, PROGRAMME, awards[0].transaction_id, back, key=f"r:{member_id}", **facts)
        uow.commit()
    return opened


def _outcome(units: UnitFactory, step: Step, hold_ids: Sequence[int], *, keeps: bool = False) -> list[Any]:
    with units() as uow:
        step(uow)
        outcome = _seen(uow._connection, hold_ids)
        if keeps:
            uow.commit()
    return outcome


def _seen(connection: Connection, hold_ids: Sequence[int]) -> list[Any]:
    """All that closing these holds has written, without the numbers of new rows."""
    members = select(holds.c.member_id).where(holds.c.id.in_(hold_ids))
    closed = (
        select(holds.c.id, holds.c.state)
        .join_from(holds, transactions, transactions.c.id == holds.c.closed_by)
        .where(holds.c.id.in_(hold_ids))
        .order_by(holds.c.id)
    )
    header = closed.add_columns(*(column for column in transactions.c if column.name != "id"))
    posted = closed.add_columns(*(postings.c[name] for name in ("account", "member_id", "merchant_id", "amount")))
    # A grace is noted with the first part that comes back into a lot, or with each: the lot's own is what counts.
    entered = closed.add_columns(*(lot_entries.c[name] for name in ("lot_id", "available", "held", "pending")))
    queries = (
        header,
        posted.join(postings, postings.c.transaction_id == transactions.c.id).order_by(postings.c.id),
        entered.join(lot_entries, lot_entries.c.transaction_id == transactions.c.id).order_by(lot_entries.c.lot_id),
        select(lots).where(lots.c.member_id.in_(members)).order_by(lots.c.id),
        select(balances).where(balances.c.member_id.in_(members)).order_by(balances.c.member_id),
    )
    return [connection.execute(query).all() for query in queries]


def test_a_lot_that_is_over_counts_a_week_longer_and_is_warned_of_anew(books: Books) -> None:
    books.award(20, "a")
    books.clock.advance(days=100)
    books.award(20, "b")
    seats = [books.hold(10, "h"), books.hold(25, "i")]
    books.clock.advance(days=260)
    until = books.clock() + timedelta(days=200)
    books.do(lambda uow: uow.sweeps.mark_warned([books.member_id], books.clock(), until, 7))
    books.clock.advance(days=10)
    books.do(lambda uow: ledger.release_all(uow, PROGRAMME, [seat.id for seat in seats], at=books.clock()))
    with books.database.engine.connect() as connection:
        over, running = connection.execute(select(lots).order_by(lots.c.id)).all()
    assert (over.available, over.expires_at, over.warned_days) == (20, books.clock() + timedelta(days=7), None)
    assert (running.available, running.warned_days) == (20, 7)
    books.check()


def test_each_way_knows_a_replay_of_the_other(books: Books) -> None:
    books.award(30, "a")
    one, two, three = (books.hold(10, key) for key in "xyz")
    first = books.release(one)
    books.do(lambda uow: ledger.release_all(uow, PROGRAMME, [one.id, two.id], at=books.clock()))
    before = books.count()
    assert books.release(one) == Recorded(first.transaction_id, is_replay=True)
    assert books.release(two).is_replay
    books.do(lambda uow: ledger.release_all(uow, PROGRAMME, [one.id, two.id], at=books.clock()))
    assert books.count() == before
    assert books.balance == Balance(available=20, held=10)
    shop_id = _shop(books)
    books.do(lambda uow: ledger.capture_all(uow, [three.id], at=books.clock(), merchant_id=shop_id))
    assert books.capture(three).is_replay
    with pytest.raises(HoldIsClosed):
        books.release(three)
    books.do(lambda uow: ledger.release_all(uow, PROGRAMME, [three.id], at=books.clock()))
    assert books.balance == Balance(available=20)
    books.check()


def test_holds_that_are_closed_are_not_spent(books: Books) -> None:
    books.award(20, "a")
    shop_id, gone, held = _shop(books), books.hold(5, "x"), books.hold(6, "y")
    books.release(gone)
    with books.units() as uow:
        assert uow.sweeps.capture_holds([gone.id, held.id, 999], books.clock(), shop_id) == 1
    with pytest.raises(AssertionError), books.units() as uow:
        ledger.capture_all(uow, [gone.id, held.id], at=books.clock(), merchant_id=shop_id)
    assert books.balance == Balance(available=14, held=6)


def test_what_fills_a_gap_is_released_singly(books: Books) -> None:
    """Of two who get ten points back, one owes four: they fill the gap, and lie in no lot."""
    award = books.award(10, "a")
    seats = [books.hold(10, "h")]
    books.refund(award, 4, "r")
    bo = enrol(books.units, "Bo").id
    books.award(10, "b", whose=bo)
    seats.append(books.do(lambda uow: _held(uow, bo, books)))
    with books.units() as uow:
        left = uow.sweeps.release_holds([seat.id for seat in seats], books.clock(), books.clock())
        assert left == [seats[0].id]
    books.do(lambda uow: ledger.release_all(uow, PROGRAMME, [seat.id for seat in seats], at=books.clock()))
    assert books.balance == Balance(available=6)
    assert books.balance_of(bo) == Balance(available=10)
    assert sorted(books.lots) == [(6, 0), (10, 0)]
    books.check()


def test_locking_many_opens_what_is_missing_and_refuses_strangers(books: Books) -> None:
    fresh = enrol(books.units, "Bo").id
    books.do(lambda uow: ledger.lock_all(uow, [fresh, books.member_id, fresh]))
    assert books.balance_of(fresh) == Balance()
    before = books.count()
    with pytest.raises(NotFound) as refusal:
        books.do(lambda uow: ledger.lock_all(uow, [books.member_id, 999]))
    assert refusal.value.key == 999
    assert books.count() == before


@pytest.mark.race
def test_many_who_lock_each_other_and_newcomers_do_not_wait_in_a_circle(books: Books) -> None:
    people = [enrol(books.units, f"M{number}").id for number in range(6)]

    def lock(number: int) -> object:
        turned = people[number % 6 :] + people[: number % 6]
        return books.do(lambda uow: ledger.lock_all(uow, turned[:4]))

    assert all_at_once(12, lock) == [None] * 12


def _held(uow: Any, member_id: int, books: Books) -> Hold:
    return ledger.hold(uow, member_id, 10, key="bo", cause="bo", actor="test", at=books.clock())


def _shop(books: Books) -> int:
    return add_merchant(books.units, "Corner")
