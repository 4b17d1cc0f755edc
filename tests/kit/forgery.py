"""What somebody does who goes round the program, and round what the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, insert

from storage.books import postings, transactions
from storage.database import Database
from tests.kit.clock import FrozenClock


@contextmanager
def unguarded(database: Database) -> Iterator[Connection]:
    """A transaction in which neither triggers nor constraints refuse anything."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("COMMIT")  # inside a transaction these do nothing
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            checks = connection.exec_driver_sql(
                "SELECT conrelid::regclass, conname FROM pg_constraint "
                "WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
            )
            for table, name in checks.all():
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield connection
        connection.commit()
        connection.invalidate()  # the settings end with it


def transaction(connection: Connection, key: str = "raid", **columns: Any) -> int:
    """A transaction without postings."""
    values = {"key": key, "fingerprint": "x", "kind": "adjust", "cause": "raid", "actor": "x", "at": FrozenClock()()}
    added: int = connection.execute(insert(transactions).returning(transactions.c.id), values | columns).scalar_one()
    return added


def post(connection: Connection, transaction_id: int, *parts: tuple[str, int, int | None]) -> None:
    """Postings: the account, the amount, and whose: a member's id, or for the other accounts a merchant's."""
    for account, amount, whose in parts:
        owner = "member_id" if account in ("available", "held", "pending") else "merchant_id"
        connection.execute(
            insert(postings), {"transaction_id": transaction_id, "account": account, "amount": amount, owner: whose}
        )
