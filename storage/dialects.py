"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy builds per dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Executable, Table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def per_dialect(table: Table, build: Callable[[Any], Any]) -> Mapping[str, Any]:
    """`build(insert(table))` for each database, by the dialect's name."""
    return {"sqlite": build(sqlite_insert(table)), "postgresql": build(postgres_insert(table))}


def insert_or_skip(table: Table) -> Mapping[str, Executable]:
    """An insert that leaves a row that is there already as it is; `rowcount` tells."""

    # psycopg knows how many rows an INSERT wrote, but SQLAlchemy throws it away unless it is asked to keep it.
    def build(statement: Any) -> Any:
        return statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)

    return per_dialect(table, build)
