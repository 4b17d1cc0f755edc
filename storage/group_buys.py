from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Connection, String, Table

from loyalty.points import Subject
from storage.schema import Id, metadata

deals = Table("deals", metadata, Column("id", Id, primary_key=True))
groups = Table("groups", metadata, Column("id", Id, primary_key=True), Column("state", String(16), nullable=False))


class SqlDeals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name


class SqlGroups:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def subjects(self, ids: Sequence[int]) -> Mapping[int, Subject]:
        return {}
