"""The migrations make exactly the tables that the program knows, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage.database import Database
from storage.migrate import migrate, versions
from storage.schema import metadata


def test_models_and_migrations_are_equal(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    before = versions(database)
    migrate(database)
    assert versions(database) == before
    assert before[0] == before[1]


def test_the_append_only_tables_have_their_triggers(database: Database) -> None:
    names = {
        True: "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'",
        False: "SELECT DISTINCT event_object_table FROM information_schema.triggers",
    }
    with database.engine.connect() as connection:
        tables = set(connection.execute(text(names[database.is_sqlite])).scalars())
    assert tables == {"transactions", "postings", "lot_entries"}
