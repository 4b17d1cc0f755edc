from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Connection, Table

from loyalty.points import Subject
from storage.schema import Id, metadata

rewards = Table("rewards", metadata, Column("id", Id, primary_key=True))


class SqlRewards:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def subjects(self, ids: Sequence[int]) -> Mapping[int, Subject]:
        return {}
