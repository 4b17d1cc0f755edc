"""How many statements reach the database, counted at the driver: whichever way they go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import event

from storage.database import Database

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "--")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The texts of all statements that run on new connections of the database, in order."""
    seen: list[str] = []

    def note(text: str) -> None:
        if not text.startswith(NOT_COUNTED):
            seen.append(text)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            note(str(query))
            return super().execute(query, *args, **kwargs)

    def watch(driver: Any, _record: Any) -> None:
        if isinstance(driver, sqlite3.Connection):
            driver.set_trace_callback(note)
        else:
            driver.cursor_factory = Noting

    database.engine.dispose()
    event.listen(database.engine, "connect", watch)
    try:
        yield seen
    finally:
        event.remove(database.engine, "connect", watch)
