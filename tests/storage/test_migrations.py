"""The migrations make exactly the tables that the program knows, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from loyalty.broadcasts import BroadcastState, Wording
from storage.audit import audit
from storage.database import Database
from storage.migrate import config, migrate, versions
from storage.schema import metadata
from storage.unit_of_work import UnitFactory
from tests.kit.databases import Postgres

# The books of a club that opened with the first version: somebody earned, spent, and has set something aside.
FIRST_BOOKS = (
    """INSERT INTO members (id, name, language, timezone, code, joined_at)
    VALUES (1, 'Ana', 'en', 'UTC', 'ANA', '2026-01-01 00:00:00'),
    (2, 'Bo', 'en', 'UTC', 'BO', '2026-01-01 00:00:00')""",
    """INSERT INTO merchants (id, name, translations, created_at) VALUES (1, 'Corner', '{}', '2026-01-01 00:00:00')""",
    """INSERT INTO transactions (id, key, fingerprint, kind, cause, actor, merchant_id, at) VALUES
    (1, 'a', 'f1', 'earn', 'checkin:1', 'member:1', 1, '2026-02-01 10:00:00'),
    (2, 'b', 'f2', 'redeem', 'reward:1', 'member:1', 1, '2026-02-02 10:00:00'),
    (3, 'c', 'f3', 'hold', 'group:1', 'member:1', NULL, '2026-02-03 10:00:00')""",
    """INSERT INTO balances (member_id, available, held, floor) VALUES (1, 60, 15, 0), (2, 0, 0, -20)""",
    """INSERT INTO postings (id, transaction_id, account, member_id, merchant_id, amount) VALUES
    (1, 1, 'available', 1, NULL, 100), (2, 1, 'funding', NULL, 1, -100),
    (3, 2, 'available', 1, NULL, -25), (4, 2, 'redeemed', NULL, 1, 25),
    (5, 3, 'available', 1, NULL, -15), (6, 3, 'held', 1, NULL, 15)""",
    """INSERT INTO lots (id, member_id, funder_id, available, held, expires_at)
    VALUES (1, 1, 1, 60, 15, '2027-02-02 00:00:00.000000')""",
    """INSERT INTO lot_entries (transaction_id, lot_id, available, held, pending, expires_at) VALUES
    (1, 1, 100, 0, 0, '2027-02-02 00:00:00.000000'), (2, 1, -25, 0, 0, NULL), (3, 1, -15, 15, 0, NULL)""",
    """INSERT INTO holds (id, member_id, amount, state, cause, opened_by) VALUES (1, 1, 15, 'held', 'group:1', 3)""",
)
KEPT = ("members", "merchants", "transactions", "balances", "postings", "lots", "lot_entries", "holds")
APPEND_ONLY = ("transactions", "postings", "lot_entries")  # of the first version


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def first_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """One of the first version, with its books."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/first.db")
        _open_first(database)
        yield database
        database.close()
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.empty() as database:
        _open_first(database)
        yield database


def _open_first(database: Database) -> None:
    settings = config()
    with database.engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL timezone = 'UTC'")
        for statement in FIRST_BOOKS:
            connection.exec_driver_sql(statement)


def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.engine.connect() as connection:
        return {
            table: [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").mappings()]
            for table in KEPT
        }


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
    assert tables == {*APPEND_ONLY, "staff_log", "tier_changes"}


def test_a_club_of_the_first_version_keeps_all_it_has(first_database: Database) -> None:
    before = _rows(first_database)
    assert [len(before[table]) for table in KEPT] == [2, 1, 3, 2, 6, 1, 3, 1]
    migrate(first_database)
    after = _rows(first_database)
    for table in KEPT:
        assert [
            {column: row[column] for column in old} for old, row in zip(before[table], after[table], strict=True)
        ] == before[table]
    assert [row["owed"] for row in after["balances"]] == [0, 0]
    assert {row["refunds_id"] for row in after["transactions"]} == {None}
    assert {row["warned_days"] for row in after["lots"]} == {None}
    assert versions(first_database)[0] == versions(first_database)[1]
    with first_database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []


def test_a_club_of_the_first_version_gets_the_tables_of_a_new_one(first_database: Database) -> None:
    migrate(first_database)
    test_models_and_migrations_are_equal(first_database)
    test_the_append_only_tables_have_their_triggers(first_database)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET transaction_id = transaction_id", "DELETE FROM {}"])
def test_after_the_migration_the_books_are_still_append_only(first_database: Database, table: str, verb: str) -> None:
    migrate(first_database)
    statement = verb.format(table).replace("transaction_id", "id" if table == "transactions" else "transaction_id")
    with pytest.raises(DatabaseError, match=f"{table} is append-only"), first_database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balances SET available = -1 WHERE member_id = 1",
        "UPDATE balances SET available = -21 WHERE member_id = 2",
        "UPDATE balances SET floor = 1 WHERE member_id = 1",
        "UPDATE balances SET held = -1 WHERE member_id = 1",
        "INSERT INTO balances (member_id) VALUES (99)",
        "INSERT INTO balances (member_id) VALUES (1)",
        "INSERT INTO transactions (key, fingerprint, kind, cause, actor, refunds_id, at) "
        "VALUES ('r', 'f', 'refund', 'c', 'a', 99, '2026-03-01 10:00:00')",
    ],
)
def test_after_the_migration_the_database_refuses_what_it_should(first_database: Database, statement: str) -> None:
    migrate(first_database)
    with pytest.raises(IntegrityError), first_database.engine.begin() as connection:
        connection.exec_driver_sql(statement)


# A broadcast that was sent by the version before wordings, and a draft that was begun.
EARLIER_BROADCASTS = (
    """INSERT INTO broadcasts (id, merchant_id, author_id, state, text, length, key, recipients, created_at, started_at,
    finished_at) VALUES (1, 1, 1, 'done', 'Fresh <b>beans</b>', 11, 'NONCE', 1, '2026-03-01 10:00:00',
    '2026-03-01 10:00:00', '2026-03-01 10:05:00')""",
    """INSERT INTO broadcasts (id, merchant_id, author_id, state, created_at)
    VALUES (2, 1, 2, 'draft', '2026-03-02 10:00:00')""",
    """INSERT INTO deliveries (id, member_id, kind, cause, facts, lane, topic, broadcast_id, state, not_before,
    created_at) VALUES (1, 2, 'broadcast', 'broadcast:1', '{}', 'marketing', 'offers', 1, 'sent', '2026-03-01 10:00:00',
    '2026-03-01 10:00:00')""",
)


def test_broadcasts_of_before_keep_their_words_and_recipients(first_database: Database) -> None:
    settings = config()
    with first_database.engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0005")
        for statement in EARLIER_BROADCASTS:
            connection.exec_driver_sql(statement)
    migrate(first_database)
    with UnitFactory(first_database)() as uow:
        sent, draft = uow.broadcasts.get(1), uow.broadcasts.get(2)
        assert sent is not None
        assert draft is not None
        assert (sent.content.wording(), sent.recipients, sent.key) == (Wording("Fresh <b>beans</b>", 11), 1, "NONCE")
        assert sent.confirmed_at == sent.filled_at == sent.started_at
        assert (draft.state, draft.content.wordings) == (BroadcastState.DRAFT, {})
        assert uow.broadcasts.tally(1).sent == 1
    with first_database.engine.connect() as connection:
        row = connection.execute(text("SELECT variant, merchant_id, score FROM deliveries")).one()
        assert tuple(row) == ("A", 1, 0)
        with pytest.raises(IntegrityError):  # one draft per author and shop, still
            connection.execute(
                text(
                    "INSERT INTO broadcasts (merchant_id, author_id, state, created_at) "
                    "VALUES (1, 2, 'draft', '2026-03-02 10:00:00')"
                )
            )


def test_members_and_shops_of_before_are_called_by_what_can_be_read(first_database: Database) -> None:
    with first_database.engine.begin() as connection:
        for number, name in enumerate(("Lopez, Ana", "🌸 Lily 🌸", "\u202e\u3164"), 11):
            connection.execute(
                text(
                    "INSERT INTO members (id, name, language, timezone, code, joined_at) "
                    "VALUES (:id, :name, 'en', 'UTC', :code, '2026-01-01 00:00:00')"
                ),
                {"id": number, "name": name, "code": f"C{number}"},
            )
        for number, name in enumerate(("CORNER", "corner ", "Tea"), 11):
            connection.execute(
                text("INSERT INTO merchants (id, name, translations, created_at) VALUES (:id, :name, '{}', :at)"),
                {"id": number, "name": name, "at": "2026-01-01 00:00:00"},
            )
    migrate(first_database)
    with first_database.engine.connect() as connection:
        called = connection.execute(text("SELECT name, first_name FROM members ORDER BY id")).all()
        keys = connection.execute(text("SELECT name, name_key FROM merchants ORDER BY id")).all()
    assert [tuple(row) for row in called] == [
        ("Ana", "Ana"),
        ("Bo", "Bo"),
        ("Lopez, Ana", "Ana"),
        ("🌸 Lily 🌸", "Lily"),
        ("", ""),
    ]
    assert [tuple(row) for row in keys] == [
        ("Corner", "corner"),
        ("CORNER", "corner #11"),
        ("corner ", "corner #12"),
        ("Tea", "tea"),
    ]
