"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy builds per dialect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    String,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError


class Violation(Enum):
    UNIQUE = auto()
    REFERENCE = auto()
    CHECK = auto()


_VIOLATIONS = {
    "23505": Violation.UNIQUE,
    "23503": Violation.REFERENCE,
    "SQLITE_CONSTRAINT_UNIQUE": Violation.UNIQUE,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Violation.UNIQUE,
    "SQLITE_CONSTRAINT_FOREIGNKEY": Violation.REFERENCE,
}


def violates(error: IntegrityError) -> Violation:
    """Which kind of promise a row would have broken."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return _VIOLATIONS.get(str(code), Violation.CHECK)


def per_dialect(table: Table, build: Callable[[Any], Any]) -> Mapping[str, Any]:
    """`build(insert(table))` for each database, by the dialect's name."""
    return {"sqlite": build(sqlite_insert(table)), "postgresql": build(postgres_insert(table))}


def insert_or_skip(table: Table) -> Mapping[str, Executable]:
    """An insert that leaves a row that is there already as it is; `rowcount` tells."""

    # psycopg knows how many rows an INSERT wrote, but SQLAlchemy throws it away unless it is asked to keep it.
    def build(statement: Any) -> Any:
        return statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)

    return per_dialect(table, build)


Among = Callable[[ColumnElement[int]], ColumnElement[bool]]


def per_id_list(name: str, build: Callable[[Among], Any]) -> Mapping[str, Any]:
    """A statement for a list of ids, however long, given as one value `name`: see `id_list`.

    `build` gets a function that says of a column whether it is among them.
    """
    as_json = func.json_each(bindparam(name, type_=String)).table_valued("value")
    return {
        "sqlite": build(lambda column: column.in_(select(as_json.c.value))),
        "postgresql": build(lambda column: column == func.any(bindparam(name, type_=ARRAY(BigInteger)))),
    }


def per_word_list(
    name: str, build: Callable[[Callable[[ColumnElement[Any]], ColumnElement[bool]]], Any]
) -> Mapping[str, Any]:
    """`per_id_list` for texts: see `word_list`."""
    as_json = func.json_each(bindparam(name, type_=String)).table_valued("value")
    return {
        "sqlite": build(lambda column: column.in_(select(as_json.c.value))),
        "postgresql": build(lambda column: column == func.any(bindparam(name, type_=ARRAY(String)))),
    }


def word_list(connection: Connection, words: Sequence[str]) -> Any:
    """The texts as a statement of `per_word_list` takes them."""
    return json.dumps(list(words)) if connection.dialect.name == "sqlite" else list(words)


def id_list(connection: Connection, ids: Sequence[int]) -> Any:
    """The ids as a statement of `per_id_list` takes them."""
    return json.dumps(list(ids)) if connection.dialect.name == "sqlite" else list(ids)
