"""Runs of an import: how far each file has come, so that one that was cut off goes on where it was."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Connection, Integer, String, Table, UniqueConstraint

from storage.schema import Id, Instant, metadata

import_runs = Table(
    "import_runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of the file's content, and what the run was asked to do
    Column("lines_done", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("kind", "fingerprint"),
    CheckConstraint("kind IN ('members', 'purchases')", name="known_kind"),
)


class SqlImports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
