from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from storage.database import Database
from storage.dialects import insert_or_skip

chairs = Table(
    "chairs", MetaData(), Column("row", Integer, primary_key=True), Column("number", Integer, primary_key=True)
)
TAKE = insert_or_skip(chairs)


@pytest.fixture(autouse=True)
def _table(database: Database) -> None:
    with database.engine.begin() as connection:
        chairs.create(connection)


def test_an_insert_tells_whether_the_row_was_there(database: Database) -> None:
    with database.engine.begin() as connection:
        take = TAKE[connection.dialect.name]
        assert connection.execute(take, {"row": 1, "number": 1}).rowcount == 1
        assert connection.execute(take, {"row": 1, "number": 1}).rowcount == 0
