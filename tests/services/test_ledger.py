"""The ledger on real databases: each promise of its steps, and what the database itself refuses."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from loyalty.errors import HoldIsClosed, InvalidAmount, KeyReused, NotEnoughPoints, NotFound
from loyalty.points import POINTS_MAX, Account, Balance, Entry, Hold, Kind, Posting, Recorded
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.services import ledger
from storage.audit import audit
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.database import Database
from storage.schema import metadata
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, enrol

PROGRAMME = Programme()
T = TypeVar("T")


class Books:
    """One member's points, a unit of work per step."""

    def __init__(self, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
        self.units, self.database, self.clock = units, database, clock
        self.member_id = enrol(units, "Ana").id

    def award(self, points: int, key: str, funder_id: int | None = None) -> Recorded:
        return self._do(
            lambda uow: ledger.award(
                uow,
                PROGRAMME,
                self.member_id,
                points,
                key=key,
                cause=key,
                actor="test",
                at=self.clock(),
                funder_id=funder_id,
            )
        )

    def spend(self, points: int, key: str) -> Recorded:
        return self._do(
            lambda uow: ledger.spend(uow, self.member_id, points, key=key, cause=key, actor="test", at=self.clock())
        )

    def hold(self, points: int, key: str) -> Hold:
        return self._do(
            lambda uow: ledger.hold(uow, self.member_id, points, key=key, cause=key, actor="test", at=self.clock())
        )

    def capture(self, held: Hold) -> Recorded:
        return self._do(lambda uow: ledger.capture(uow, held.id, actor="test", at=self.clock()))

    def release(self, held: Hold) -> Recorded:
        return self._do(lambda uow: ledger.release(uow, PROGRAMME, held.id, actor="test", at=self.clock()))

    def expire(self) -> int:
        return self._do(lambda uow: uow.sweeps.expire(self.clock(), 100))

    @property
    def balance(self) -> Balance:
        with self.units() as uow:
            return uow.ledger.balance(self.member_id)

    @property
    def lots(self) -> list[tuple[int, int]]:
        """Available and held of each lot, in the order of their opening."""
        with self.database.engine.connect() as connection:
            return [(row.available, row.held) for row in connection.execute(select(lots).order_by(lots.c.id))]

    def count(self) -> list[int]:
        """How many rows every table has."""
        with self.database.engine.connect() as connection:
            return [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            ]

    def check(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []

    def _do(self, step: Callable[[UnitOfWork], T]) -> T:
        with self.units() as uow:
            result = step(uow)
            uow.commit()
        return result


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


# Many at once


def all_at_once(count: int, call: Callable[[int], object]) -> list[object]:
    """Calls from as many threads as there are calls, let go together; a refusal is a result, too."""
    gate = Barrier(count)

    def run(number: int) -> object:
        gate.wait()
        try:
            return call(number)
        except (NotEnoughPoints, HoldIsClosed) as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.race
def test_sixteen_threads_cannot_spend_the_same_points(books: Books) -> None:
    for number in range(5):
        books.award(20, f"a{number}")
    outcomes = all_at_once(16, lambda number: books.spend(10, f"s{number}"))
    assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, NotEnoughPoints) for outcome in outcomes) == 6
    assert books.balance == Balance()
    books.check()


@pytest.mark.race
def test_sixteen_threads_with_one_key_spend_once(books: Books) -> None:
    books.award(100, "a")
    outcomes = all_at_once(16, lambda _: books.spend(10, "s"))
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Recorded)) == [False] + [True] * 15
    assert books.balance == Balance(available=90)
    books.check()


@pytest.mark.race
def test_sixteen_threads_with_one_key_award_once(books: Books) -> None:
    outcomes = all_at_once(16, lambda _: books.award(10, "a"))
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Recorded)) == [False] + [True] * 15
    assert books.balance == Balance(available=10)
    books.check()


@pytest.mark.race
def test_of_capture_and_release_at_once_one_wins(books: Books) -> None:
    books.award(100, "a")
    for number in range(8):
        held = books.hold(10, f"h{number}")
        outcomes = all_at_once(2, lambda way, held=held: (books.capture, books.release)[way](held))  # type: ignore[misc]
        assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, HoldIsClosed) for outcome in outcomes) == 1
    assert books.balance.held == 0
    books.check()


@pytest.mark.race
def test_spending_and_expiry_at_once_close_every_point_once(books: Books) -> None:
    generator = random.Random(3)
    for number in range(10):
        books.award(10, f"a{number}")
    books.clock.advance(days=400)
    amounts = [generator.randint(1, 15) for _ in range(8)]

    def act(number: int) -> object:
        return books.expire() if number == 8 else books.spend(amounts[number], f"s{number}")

    all_at_once(9, act)
    books.expire()
    assert books.balance == Balance()
    books.check()


@pytest.mark.race
@pytest.mark.parametrize(
    ("ranges", "new", "replays", "refused"),
    [([(0, 150), (150, 300)], 200, 0, 100), ([(0, 150), (0, 150)], 150, 150, 0)],
    ids=["different keys", "the same keys"],
)
def test_two_processes_on_one_database_spend_every_point_once(
    books: Books, ranges: list[tuple[int, int]], new: int, replays: int, refused: int
) -> None:
    books.award(200, "a")
    url = books.database.url.render_as_string(hide_password=False)
    spenders = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.services.spender", url, str(books.member_id), str(first), str(last)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first, last in ranges
    ]
    for spender in spenders:
        assert spender.stdout is not None
        assert spender.stdout.readline() == "ready\n"
    counts = [spender.communicate("go\n", timeout=60)[0].split() for spender in spenders]
    assert [sum(int(count[position]) for count in counts) for position in range(3)] == [new, replays, refused]
    assert books.balance == Balance(available=200 - new)
    books.check()
