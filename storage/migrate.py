"""Brings a database to the newest schema, by Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database import Database

FOLDER = Path(__file__).with_name("migrations")


def config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    return settings


def migrate(database: Database) -> None:
    """Applies what is missing. Two processes at once: the second finds nothing to do."""
    settings = config()
    with database.engine.connect() as connection, _references_unchecked(connection), connection.begin():
        if not database.is_sqlite:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7205759)")
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        if database.is_sqlite:
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            assert not broken, f"rows that refer to nothing: {broken[:3]}"


@contextmanager
def _references_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite rebuilds a table to change it, and with foreign keys on that would empty the tables that point to it, or
    fail. Said to the driver, because SQLAlchemy begins a transaction first, within which the pragma does nothing."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def versions(database: Database) -> tuple[str | None, str | None]:
    """The schema version that the database has, and the one that the program knows."""
    with database.engine.connect().execution_options(reads_only=True) as connection:
        has = MigrationContext.configure(connection).get_current_revision()
    return has, ScriptDirectory.from_config(config()).get_current_head()
