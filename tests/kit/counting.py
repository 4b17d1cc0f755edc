"""How many statements reach the database, counted at the driver: whichever way they go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, event

from storage.database import Database

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "--")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The texts of all statements of the transactions that begin meanwhile, in order; on whatever connection, those
    that the readers keep among them."""
    seen: list[str] = []
    watched: list[Any] = []

    def note(text: str) -> None:
        if not text.startswith(NOT_COUNTED):
            seen.append(text)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            note(str(query))
            return super().execute(query, *args, **kwargs)

    def watch(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        watched.append(driver)
        if database.is_sqlite:
            driver.set_trace_callback(note)
        else:
            driver.cursor_factory = Noting

    event.listen(database.engine, "begin", watch)
    try:
        yield seen
    finally:
        event.remove(database.engine, "begin", watch)
        for driver in watched:
            if database.is_sqlite:
                driver.set_trace_callback(None)
            else:
                driver.cursor_factory = psycopg.Cursor
