"""Brings a database to the newest schema, by Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import Database

FOLDER = Path(__file__).with_name("migrations")


def config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    return settings


def migrate(database: Database) -> None:
    """Applies what is missing. Two processes at once: the second finds nothing to do."""
    settings = config()
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Rebuilding a table with foreign keys on would empty the tables that point to it.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7205759)")
                settings.attributes["connection"] = connection
                command.upgrade(settings, "head")
        finally:
            if database.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
                connection.commit()


def versions(database: Database) -> tuple[str | None, str | None]:
    """The schema version that the database has, and the one that the program knows."""
    with database.engine.connect().execution_options(reads_only=True) as connection:
        has = MigrationContext.configure(connection).get_current_revision()
    return has, ScriptDirectory.from_config(config()).get_current_head()
