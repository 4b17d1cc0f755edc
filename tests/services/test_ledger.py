"""The ledger on real databases: each promise of its steps, and what the database itself refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from loyalty.errors import HoldIsClosed, InvalidAmount, KeyReused, NotEnoughPoints, NotFound
from loyalty.points import POINTS_MAX, Account, Balance, Entry, Hold, Kind, Posting, Recorded
from storage.books import balances, holds, lot_entries, postings, transactions
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import PROGRAMME, Books
from tests.kit.shops import add_merchant


@pytest.fixture
def books(units: UnitFactory, database: Database, clock: FrozenClock) -> Books:
    return Books(units, database, clock)


def test_awards_open_a_lot_each_and_name_who_pays(books: Books) -> None:
    shop = add_merchant(books.units, "Corner")
    books.award(30, "a")
    books.award(12, "b", funder_id=shop)
    assert books.balance == Balance(available=42)
    assert books.lots == [(30, 0), (12, 0)]
    with books.database.engine.connect() as connection:
        query = select(postings.c.account, postings.c.merchant_id, postings.c.amount).where(postings.c.amount < 0)
        paid = sorted(map(tuple, connection.execute(query)))
    assert paid == [("funding", shop, -12), ("issued", None, -30)]
    books.check()


def test_spending_takes_the_soonest_to_expire_first(books: Books) -> None:
    books.award(10, "later")
    books.clock.advance(days=-100)
    books.award(10, "sooner")
    books.clock.advance(days=100)
    books.spend(15, "s")
    assert books.lots == [(5, 0), (0, 0)]
    assert books.balance == Balance(available=5)
    books.check()


def test_of_lots_that_expire_together_the_oldest_goes_first(books: Books) -> None:
    for key in "abc":
        books.award(10, key)
    books.spend(15, "s")
    assert books.lots == [(0, 0), (5, 0), (10, 0)]


def test_nobody_spends_more_than_there_is(books: Books) -> None:
    books.award(10, "a")
    before = books.count()
    with pytest.raises(NotEnoughPoints) as refused:
        books.spend(11, "s")
    assert (refused.value.needed, refused.value.available) == (11, 10)
    with pytest.raises(NotEnoughPoints):
        books.hold(11, "h")
    assert books.count() == before
    assert books.balance == Balance(available=10)


@pytest.mark.parametrize("points", [0, -5, POINTS_MAX + 1])
def test_amounts_are_whole_and_positive(books: Books, points: int) -> None:
    for step in (books.award, books.spend, books.hold):
        with pytest.raises(InvalidAmount):
            step(points, "x")


def test_a_hold_sets_aside_and_a_capture_spends_it(books: Books) -> None:
    books.award(10, "a")
    books.award(10, "b")
    held = books.hold(14, "h")
    assert books.balance == Balance(available=6, held=14)
    assert books.lots == [(0, 10), (6, 4)]
    books.check()
    books.capture(held)
    assert books.balance == Balance(available=6)
    assert books.lots == [(0, 0), (6, 0)]
    books.check()


def test_a_release_puts_points_back_into_their_lots_with_their_expiry(books: Books) -> None:
    books.award(10, "a")
    held = books.hold(4, "h")
    books.clock.advance(days=30)
    books.release(held)
    assert books.balance == Balance(available=10)
    assert books.lots == [(10, 0)]
    books.clock.advance(days=336)
    assert books.expire() == 1
    assert books.balance == Balance()
    books.check()


def test_held_points_do_not_expire_and_get_a_week_when_they_are_released_too_late(books: Books) -> None:
    books.award(10, "a")
    held = books.hold(4, "h")
    books.clock.advance(days=400)
    assert books.expire() == 1
    assert books.balance == Balance(held=4)
    books.release(held)
    assert books.balance == Balance(available=4)
    books.clock.advance(days=PROGRAMME.lot_grace_days, seconds=-1)
    assert books.expire() == 0
    books.clock.advance(seconds=1)
    assert books.expire() == 1
    assert books.balance == Balance()
    books.check()


def test_expiry_closes_its_own_lot_only(books: Books) -> None:
    books.award(10, "a")
    books.clock.advance(days=10)
    books.award(7, "b")
    books.clock.advance(days=356)
    assert books.expire() == 1
    assert books.lots == [(0, 0), (7, 0)]
    assert books.balance == Balance(available=7)
    assert books.expire() == 0
    books.check()


def test_points_count_until_the_last_moment_of_their_day(books: Books) -> None:
    books.award(10, "a")
    midnight = books.clock().replace(hour=0) + timedelta(days=366)
    books.clock.move_to(midnight - timedelta(seconds=1))
    assert books.expire() == 0
    books.clock.move_to(midnight)
    assert books.expire() == 1


def test_replays_write_nothing_and_answer_with_the_first_result(books: Books) -> None:
    first = books.award(50, "a")
    spent, held = books.spend(10, "s"), books.hold(20, "h")
    captured = books.capture(held)
    released = books.hold(5, "r")
    back = books.release(released)
    before, balance = books.count(), books.balance
    books.clock.advance(days=3)

    assert books.award(50, "a") == Recorded(first.transaction_id, is_replay=True)
    assert books.spend(10, "s") == Recorded(spent.transaction_id, is_replay=True)
    again = books.hold(20, "h")
    assert (again.id, again.amount) == (held.id, 20)
    assert books.capture(held) == Recorded(captured.transaction_id, is_replay=True)
    assert books.release(released) == Recorded(back.transaction_id, is_replay=True)
    assert books.count() == before
    assert books.balance == balance


def test_a_replay_is_known_even_when_the_points_are_gone(books: Books) -> None:
    books.award(10, "a")
    first = books.spend(10, "s")
    assert books.balance == Balance()
    assert books.spend(10, "s") == Recorded(first.transaction_id, is_replay=True)


def test_a_key_with_other_content_is_refused(books: Books) -> None:
    books.award(50, "a")
    books.spend(10, "s")
    before = books.count()
    with pytest.raises(KeyReused):
        books.award(51, "a")
    with pytest.raises(KeyReused):
        books.spend(11, "s")
    with pytest.raises(KeyReused):
        books.hold(10, "s")
    assert books.count() == before


def test_a_hold_is_closed_once(books: Books) -> None:
    books.award(10, "a")
    captured, released = books.hold(4, "h"), books.hold(6, "r")
    books.capture(captured)
    books.release(released)
    with pytest.raises(HoldIsClosed):
        books.release(captured)
    with pytest.raises(HoldIsClosed):
        books.capture(released)
    with pytest.raises(NotFound):
        books.capture(Hold(999, books.member_id, 1, "held", "x"))
    assert books.balance == Balance(available=6)
    books.check()


# What the database refuses by itself


def test_a_balance_cannot_fall_below_its_floor_whoever_tries(books: Books) -> None:
    books.award(10, "a")
    with books.database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(update(balances).values(available=-1))
    with books.database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(update(balances).values(held=-1))
    # Past the service, which looks first: the recording itself runs into the constraint.
    raid = Entry(
        Kind.ADJUST,
        "raid",
        "raid",
        "test",
        books.clock(),
        (Posting(Account.AVAILABLE, -11, member_id=books.member_id), Posting(Account.ISSUED, 11)),
    )
    with books.units() as uow, pytest.raises(NotEnoughPoints):
        uow.ledger.record(raid)
    assert books.balance == Balance(available=10)
    books.check()


def test_a_floor_below_zero_is_a_credit_line_to_the_database(books: Books) -> None:
    books.award(10, "a")
    with books.database.engine.begin() as connection:
        connection.execute(update(balances).values(floor=-20))
        connection.execute(update(balances).values(available=-20))
    with books.database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(update(balances).values(available=-21))


@pytest.mark.parametrize(
    ("table", "change"),
    [(transactions, {"actor": "other"}), (postings, {"account": "other"}), (lot_entries, {"available": 99})],
    ids=["transactions", "postings", "lot_entries"],
)
def test_the_books_are_append_only(books: Books, table: Table, change: dict[str, object]) -> None:
    books.award(10, "a")
    before = books.count()
    for statement in (update(table).values(change), delete(table)):
        with books.database.engine.connect() as connection, pytest.raises(DatabaseError, match="append-only"):
            connection.execute(statement)
    assert books.count() == before


def test_a_key_is_there_once(books: Books) -> None:
    books.award(10, "a")
    with books.database.engine.connect() as connection:
        row = dict(connection.execute(select(transactions)).mappings().one())
        with pytest.raises(IntegrityError):
            connection.execute(insert(transactions), {**row, "id": row["id"] + 1})


def test_a_hold_is_closed_by_one_transaction(books: Books) -> None:
    books.award(10, "a")
    first, second = books.hold(4, "h"), books.hold(4, "i")
    closing = books.capture(first).transaction_id
    with books.database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(update(holds).where(holds.c.id == second.id).values(state="captured", closed_by=closing))
