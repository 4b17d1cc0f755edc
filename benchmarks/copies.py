"""Databases that are prepared once and copied for every measurement, so that each begins with the same rows."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

from storage.database import Database


class Lite:
    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count()

    def make(self) -> str:
        return f"sqlite:///{self._folder}/{next(self._numbers)}.db"

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        made_from, path = Path(str(make_url(url).database)), self._folder / "copy.db"
        for suffix in ("", "-wal", "-shm"):
            (self._folder / f"copy.db{suffix}").unlink(missing_ok=True)
        shutil.copy(made_from, path)
        yield f"sqlite:///{path}"


class Postgres:
    def __init__(self, uri: str) -> None:
        self._uri, self._numbers = make_url(uri), itertools.count()
        admin = self._uri.set(drivername="postgresql+psycopg")
        self._admin = create_engine(admin, isolation_level="AUTOCOMMIT")

    def make(self) -> str:
        return self._created(f"made_{next(self._numbers)}")

    @contextmanager
    def copy(self, url: str) -> Iterator[str]:
        yield self._created("copied", f"TEMPLATE {make_url(url).database}")
        with self._admin.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE copied WITH (FORCE)")

    def _created(self, name: str, made_from: str = "") -> str:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} {made_from}")
        return self._uri.set(database=name).render_as_string(hide_password=False)


Store = Lite | Postgres


def settle(database: Database) -> None:
    """All of it in the file that is copied, and known to the planner."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    else:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.close()
