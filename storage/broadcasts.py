from __future__ import annotations

from sqlalchemy import Column, Connection, Table

from storage.schema import Id, metadata

broadcasts = Table("broadcasts", metadata, Column("id", Id, primary_key=True))


class SqlBroadcasts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
