"""What the database is asked, as the drivers get it: statements on the short way pass SQLAlchemy's events by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, event

from storage.database import Database

FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collects every statement of the transactions that begin meanwhile, without what begins and ends them."""
    seen: list[str] = []
    touched: list[Any] = []

    def note(statement: str) -> None:
        if not statement.lstrip().upper().startswith(FRAME):
            seen.append(statement)

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            note(str(query))
            return super().execute(query, *args, **kwargs)

    def watch(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        touched.append(driver)
        if database.is_sqlite:
            driver.set_trace_callback(note)
        else:
            driver.cursor_factory = Noting

    event.listen(database.engine, "begin", watch)
    try:
        yield seen
    finally:
        event.remove(database.engine, "begin", watch)
        for driver in touched:
            if database.is_sqlite:
                driver.set_trace_callback(None)
            else:
                driver.cursor_factory = psycopg.Cursor
