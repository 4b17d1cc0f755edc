"""The engine, the threads, and the bridge between the asynchronous bot and the synchronous use cases.

On SQLite one thread writes. It commits the units that are waiting together (a savepoint each), because a commit with
synchronous=FULL costs far more than the work inside; a few threads read beside it. On PostgreSQL each unit has a
connection of its own.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

P = ParamSpec("P")
T = TypeVar("T")

GROUP_MAX = 64  # units per commit: bounds how long the first of them waits
READERS = 3
CONNECTIONS = 8
RETRIES = 5
ASK_AFTER_S = 1.0  # a connection that has rested for longer is asked whether it is still there
RETRYABLE = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT}  # another process writes for longer than busy_timeout


@dataclass(slots=True)
class _Job:
    """A use case on its way through the threads, and who waits for it."""

    call: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    waiter: asyncio.Future[Any]


_Outcome = tuple[_Job, Any, BaseException | None]


class Database:
    """One database for the process. `run` is the bridge; `connect` is for units of work."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._here = threading.local()
        self._kept: list[Connection] = []
        self._lost_at = 0.0  # when the database was last in trouble: connections from before that are asked
        self._asked: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        # Bare threads and a queue: an executor's bookkeeping costs as much again as handing over a job.
        self._workers = [
            threading.Thread(target=self._work_forever, name=f"storage-{number}", daemon=True)
            for number in range(READERS if self.is_sqlite else CONNECTIONS)
        ]
        for worker in self._workers:
            worker.start()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        if self.is_sqlite:
            self._writer = threading.Thread(target=self._write_forever, name="storage-writer", daemon=True)
            self._writer.start()

    async def run(self, use_case: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a use case on a storage thread. What it wrote is committed when this returns."""
        loop = asyncio.get_running_loop()
        job = _Job(partial(use_case, *args, **kwargs), loop, loop.create_future())
        if self.is_sqlite and not getattr(use_case, "is_read_only", False):
            self._jobs.put(job)
        else:
            self._asked.put(job)
        result: T = await job.waiter
        return result

    def close(self) -> None:
        if self._writer is not None:
            self._jobs.put(None)
            self._writer.join()
        for _ in self._workers:
            self._asked.put(None)
        for worker in self._workers:
            worker.join()
        for connection in self._kept:
            connection.close()
        self.engine.dispose()

    def group_connection(self) -> Connection | None:
        """The connection of the group that this thread is writing, if it is writing one."""
        return getattr(self._here, "connection", None)

    def thread_connection(self) -> Connection | None:
        """The connection that a reader thread of SQLite, or any thread of PostgreSQL, keeps for itself: going through
        the pool for every unit costs more than a small unit does. None on other threads.

        On SQLite a reader never takes the writer's lock. On PostgreSQL a connection that has rested, or was last used
        before the database was in trouble, is asked whether it is still there; asking before every use would be a round
        trip, as dear as a whole statement.
        """
        if not getattr(self._here, "keeps", False):
            return None
        kept: Connection | None = getattr(self._here, "kept", None)
        if kept is not None and not self.is_sqlite:
            self._ask(kept)
        if kept is None or kept.closed or kept.invalidated:
            kept = self._here.kept = self.engine.connect().execution_options(reads_only=self.is_sqlite)
            self._kept.append(kept)
        return kept

    def _ask(self, kept: Connection) -> None:
        now, rested_since = time.monotonic(), getattr(self._here, "used_at", 0.0)
        self._here.used_at = now
        is_trusted = now - rested_since < ASK_AFTER_S and rested_since > self._lost_at
        if is_trusted or kept.closed or kept.invalidated:
            return
        try:
            self.engine.dialect.do_ping(kept.connection.dbapi_connection)  # type: ignore[arg-type]
        except self.engine.dialect.loaded_dbapi.Error as error:
            kept.invalidate(error)

    def _work_forever(self) -> None:
        self._here.keeps = True
        while (job := self._asked.get()) is not None:
            self._run_alone(job)

    def _run_alone(self, job: _Job) -> None:
        """Runs a use case whose unit is a transaction of its own."""
        if job.waiter.cancelled():
            return
        outcome: _Outcome
        for attempt in range(1, RETRIES + 1):
            try:
                outcome = job, job.call(), None
            except DBAPIError as error:
                if isinstance(error, OperationalError) or error.connection_invalidated:
                    self._lost_at = time.monotonic()
                if _is_worth_a_retry(error) and attempt < RETRIES:
                    time.sleep(0.01 * attempt)
                    continue
                outcome = job, None, error
            except BaseException as error:
                outcome = job, None, error
            _tell([outcome])
            return

    def _write_forever(self) -> None:
        while True:
            job = self._jobs.get()
            if job is None:
                return
            group, is_last = [job], False
            while len(group) < GROUP_MAX and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    is_last = True
                    break
                group.append(following)
            if len(group) == 1:
                self._run_alone(job)  # nothing to share a commit with, so no savepoint either
            else:
                self._write(group)
            if is_last:
                return

    def _write(self, group: list[_Job]) -> None:
        """Runs a group of units in one transaction. Nobody hears of success before the commit."""
        group = [job for job in group if not job.waiter.cancelled()]
        for attempt in range(1, RETRIES + 1):
            try:
                outcomes = self._write_together(group)
            except BaseException as error:
                if _is_worth_a_retry(error) and attempt < RETRIES:
                    time.sleep(0.01 * attempt)
                    continue
                outcomes = [(job, None, error) for job in group]
            _tell(outcomes)
            return

    def _write_together(self, group: list[_Job]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        try:
            with self.engine.connect() as connection, connection.begin():
                self._here.connection = connection
                for job in group:
                    try:
                        outcomes.append((job, job.call(), None))
                    except OperationalError:
                        raise  # the database itself failed: the whole group did
                    except BaseException as error:
                        outcomes.append((job, None, error))
        finally:
            self._here.connection = None
        return outcomes


def _tell(outcomes: list[_Outcome]) -> None:
    """Wakes everybody who waits, each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].loop, []).append(outcome)
    for loop, told in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, told)


def _settle(outcomes: list[_Outcome]) -> None:
    for job, result, error in outcomes:
        if job.waiter.done():
            continue
        if error is None:
            job.waiter.set_result(result)
        else:
            job.waiter.set_exception(error)


def _is_worth_a_retry(error: BaseException) -> bool:
    """Somebody else was faster: a serialization failure, a deadlock, a lock that another process holds."""
    origin = getattr(error, "orig", None)
    return getattr(origin, "sqlstate", None) in RETRYABLE or getattr(origin, "sqlite_errorcode", None) in BUSY


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        _create_private(Path(path))
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS + 2,
        hide_parameters=True,  # what people wrote does not belong into the log
        max_overflow=10,
        connect_args={"check_same_thread": False, "cached_statements": 512},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver's guess
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "cache_size=-65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer that begins as a reader may find at its first write that it lost a race (SQLITE_BUSY_SNAPSHOT).
        immediate = not connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def files_of(url: URL) -> tuple[Path, ...]:
    """An SQLite database's folder, and the files in it; nothing for any other database."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return ()
    path = Path(url.database)
    return (path.parent, *(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")))


def _create_private(path: Path) -> None:
    """Phones, codes and messages are in it: a new one is for whoever runs the club alone, and its folder too.

    SQLite gives its other files the mode of this one. What was there before is left as it is: `perkchat doctor` looks.
    """
    if not path.parent.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _postgres_engine(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=CONNECTIONS,
        pool_pre_ping=True,
        hide_parameters=True,
        max_overflow=4,
        connect_args={"connect_timeout": 5},
    )
