"""The bridge and the writer: what is committed together, who hears of it when, and who waits for whom."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError

from loyalty.merchants import Role
from loyalty.ports import reads
from storage.database import CONNECTIONS, GROUP_MAX, READERS, Database
from storage.merchants import merchants
from storage.unit_of_work import SqlUnitOfWork, UnitFactory

WAIT_S = 10  # for what must come; nothing here waits for time to pass
OPENED = datetime(2026, 1, 1, tzinfo=UTC)
NOBODY = 999


class Gate:
    """Holds the thread that comes to it until it is let go."""

    def __init__(self) -> None:
        self._is_reached, self._is_open = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self._is_reached.set()
        assert self._is_open.wait(WAIT_S)

    def open(self) -> None:
        self._is_open.set()

    async def reached(self) -> None:
        assert await asyncio.to_thread(self._is_reached.wait, WAIT_S)


class Shops:
    """Use cases that are small enough to see through."""

    def __init__(self, units: UnitFactory) -> None:
        self.units = units

    def open(self, name: str, then: Callable[[SqlUnitOfWork], object] = lambda _: None) -> str:
        with self.units() as uow:
            uow.merchants.add(name, OPENED)
            then(uow)
            uow.commit()
        return name

    @reads
    def names(self, meanwhile: Callable[[], object] = lambda: None) -> list[str]:
        """Read before and after `meanwhile`, in one unit, which must not see what others did."""
        with self.units() as uow:
            seen = [shop.name for shop in uow.merchants.page(0, 100)]
            meanwhile()
            assert [shop.name for shop in uow.merchants.page(0, 100)] == seen
        return seen


def appoint_nobody(uow: SqlUnitOfWork) -> None:
    """The database refuses: a foreign key that leads nowhere."""
    uow.merchants.appoint(NOBODY, NOBODY, Role.OWNER, OPENED)


@pytest.fixture
def shops(units: UnitFactory) -> Shops:
    return Shops(units)


@pytest.fixture
def shops_on_sqlite(sqlite: Database) -> Shops:
    return Shops(UnitFactory(sqlite))


@pytest.fixture
def commits(sqlite: Database) -> list[str]:
    done: list[str] = []
    event.listen(sqlite.engine, "commit", lambda _: done.append("commit"))
    return done


async def grouped(database: Database, *calls: Callable[[], object]) -> list[object]:
    """What came of calls that waited together while the writer was busy with another one."""
    gate = Gate()
    busy = asyncio.ensure_future(database.run(gate))
    await gate.reached()
    waiting = asyncio.gather(*(database.run(call) for call in calls), return_exceptions=True)
    await asyncio.sleep(0)  # each has been handed to the writer
    gate.open()
    await busy
    return await waiting


async def test_units_that_wait_together_are_committed_together(
    sqlite: Database, shops_on_sqlite: Shops, commits: list[str]
) -> None:
    names = [f"Shop {number}" for number in range(20)]
    outcomes = await grouped(sqlite, *(lambda name=name: shops_on_sqlite.open(name) for name in names))
    assert outcomes == names
    assert shops_on_sqlite.names() == names
    assert len(commits) == 1  # theirs; the busy one alone opened no unit, so it needed none


async def test_a_group_has_a_limit(sqlite: Database, shops_on_sqlite: Shops, commits: list[str]) -> None:
    names = [f"Shop {number:03}" for number in range(GROUP_MAX + 1)]
    await grouped(sqlite, *(lambda name=name: shops_on_sqlite.open(name) for name in names))
    assert len(commits) == 2  # a full group, and the one left over


async def test_a_unit_that_fails_harms_nobody_in_its_group(
    sqlite: Database, shops_on_sqlite: Shops, commits: list[str]
) -> None:
    def stumble(_uow: SqlUnitOfWork) -> None:
        raise ZeroDivisionError

    outcomes = await grouped(
        sqlite,
        lambda: shops_on_sqlite.open("Before"),
        lambda: shops_on_sqlite.open("Refused", appoint_nobody),
        lambda: shops_on_sqlite.open("Stumbled", stumble),
        lambda: shops_on_sqlite.open("After"),
    )
    assert outcomes[0] == "Before"
    assert isinstance(outcomes[1], IntegrityError)
    assert isinstance(outcomes[2], ZeroDivisionError)
    assert outcomes[3] == "After"
    assert shops_on_sqlite.names() == ["Before", "After"]
    assert len(commits) == 1


async def test_nobody_hears_of_success_before_the_commit(sqlite: Database, shops_on_sqlite: Shops) -> None:
    busy, last = Gate(), Gate()
    first = asyncio.ensure_future(sqlite.run(busy))
    await busy.reached()
    early = asyncio.ensure_future(sqlite.run(shops_on_sqlite.open, "Early"))
    late = asyncio.ensure_future(sqlite.run(shops_on_sqlite.open, "Late", lambda _: last()))
    await asyncio.sleep(0)
    busy.open()
    await last.reached()  # the early one's unit is over, and its group is still at work
    assert await sqlite.run(shops_on_sqlite.names) == []
    assert first.done()
    assert not early.done()
    last.open()
    assert [await early, await late] == ["Early", "Late"]
    assert await sqlite.run(shops_on_sqlite.names) == ["Early", "Late"]


async def test_a_commit_that_fails_is_everybodys_failure(sqlite: Database, shops_on_sqlite: Shops) -> None:
    def break_the_commit(uow: SqlUnitOfWork) -> None:
        connection = sqlite.group_connection()
        assert connection is not None
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        appoint_nobody(uow)

    outcomes = await grouped(
        sqlite,
        lambda: shops_on_sqlite.open("Innocent"),
        lambda: shops_on_sqlite.open("Guilty", break_the_commit),
    )
    assert all(isinstance(outcome, IntegrityError) for outcome in outcomes)
    assert shops_on_sqlite.names() == []
    assert await sqlite.run(shops_on_sqlite.open, "Next") == "Next"


async def test_a_database_that_fails_inside_a_group_fails_for_all_of_it(
    sqlite: Database, shops_on_sqlite: Shops
) -> None:
    def break_off(_uow: SqlUnitOfWork) -> None:
        raise OperationalError("disk I/O error", None, Exception())

    outcomes = await grouped(
        sqlite, lambda: shops_on_sqlite.open("Innocent"), lambda: shops_on_sqlite.open("Guilty", break_off)
    )
    assert all(isinstance(outcome, OperationalError) for outcome in outcomes)
    assert shops_on_sqlite.names() == []


async def test_who_gave_up_waiting_is_not_served(sqlite: Database, shops_on_sqlite: Shops) -> None:
    gate = Gate()
    busy = asyncio.ensure_future(sqlite.run(gate))
    await gate.reached()
    waiting = asyncio.ensure_future(sqlite.run(shops_on_sqlite.open, "Given up"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    gate.open()
    await busy
    assert await sqlite.run(shops_on_sqlite.open, "Next") == "Next"
    assert shops_on_sqlite.names() == ["Next"]


async def test_readers_do_not_hold_up_the_writer_and_keep_their_view(sqlite: Database, shops_on_sqlite: Shops) -> None:
    await sqlite.run(shops_on_sqlite.open, "First")
    gates = [Gate() for _ in range(READERS)]
    reading = [asyncio.ensure_future(sqlite.run(shops_on_sqlite.names, gate)) for gate in gates]
    for gate in gates:
        await gate.reached()
    assert await sqlite.run(shops_on_sqlite.open, "Second") == "Second"
    for gate in gates:
        gate.open()
    assert await asyncio.gather(*reading) == [["First"]] * READERS


async def test_the_writer_does_not_hold_up_readers(database: Database, shops: Shops) -> None:
    gate = Gate()
    writing = asyncio.ensure_future(database.run(shops.open, "New", lambda _: gate()))
    await gate.reached()
    assert await database.run(shops.names) == []
    gate.open()
    assert await writing == "New"
    assert await database.run(shops.names) == ["New"]


def test_sqlite_is_set_to_keep_money(sqlite: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    with sqlite.engine.connect() as first, sqlite.engine.connect() as second:
        first.commit()  # each holds the writer's lock from its begin on
        for connection in (first, second):
            has = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
            assert has == wanted
            connection.commit()


def test_an_error_does_not_tell_what_people_wrote(sqlite: Database) -> None:
    shop = {"name": "a secret", "translations": {}, "created_at": OPENED}
    with sqlite.engine.connect() as connection:
        connection.execute(insert(merchants), shop)
        with pytest.raises(IntegrityError) as refused:
            connection.execute(insert(merchants), shop)
    assert "secret" not in str(refused.value)


@pytest.mark.race
@pytest.mark.postgres
async def test_a_deadlock_is_nobodys_failure(postgres: Database) -> None:
    """Two units that lock two rows in opposite orders: PostgreSQL breaks one off, which is tried again."""
    shops = Shops(UnitFactory(postgres))
    for name in ("A", "B"):
        shops.open(name)
    both, tries = threading.Barrier(2), []

    def lock(first: str, second: str) -> str:
        tries.append(first)
        with postgres.engine.begin() as connection:
            touch = text("UPDATE merchants SET translations = '{}' WHERE name = :name")
            connection.execute(touch, {"name": first})
            if len(tries) <= 2:
                both.wait(WAIT_S)
            connection.execute(touch, {"name": second})
        return first

    ends = await asyncio.gather(postgres.run(lock, "A", "B"), postgres.run(lock, "B", "A"))
    assert list(ends) == ["A", "B"]
    assert len(tries) == 3


async def test_what_is_asked_after_the_commit_is_not_left_to_the_next_unit(postgres: Database) -> None:
    def asks_late() -> None:
        with SqlUnitOfWork(postgres) as uow:
            uow.commit()
            assert not uow.purchases.latest([NOBODY], NOBODY)

    for _ in range(2 * CONNECTIONS):  # each thread keeps a connection
        await postgres.run(asks_late)
