"""Open forms: what somebody is about to type. Kept here so that a restart does not forget the question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, String, Table, bindparam, delete, select

from storage.dialects import per_dialect
from storage.schema import Instant, metadata

forms = Table(
    "forms",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("state", String(128)),
    Column("data", JSON, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

_GET = select(forms.c.state, forms.c.data).where(forms.c.key == bindparam("key"))
_ALL = select(forms.c.key, forms.c.state, forms.c.data)
_PUT = per_dialect(
    forms,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["key"],
        set_={name: statement.excluded[name] for name in ("state", "data", "changed_at")},
    ),
)
_DROP = delete(forms).where(forms.c.key == bindparam("of_key"))


class SqlForms:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def get(self, key: str) -> tuple[str | None, dict[str, Any]]:
        row = self._connection.execute(_GET, {"key": key}).one_or_none()
        return (None, {}) if row is None else (row.state, row.data)

    def all(self) -> dict[str, tuple[str | None, dict[str, Any]]]:
        return {row.key: (row.state, row.data) for row in self._connection.execute(_ALL)}

    def put(self, key: str, state: str | None, data: Mapping[str, Any], at: datetime) -> None:
        """An empty form is none: its row goes."""
        if state is None and not data:
            self._connection.execute(_DROP, {"of_key": key})
            return
        values = {"key": key, "state": state, "data": dict(data), "changed_at": at}
        self._connection.execute(_PUT[self._dialect], values)
