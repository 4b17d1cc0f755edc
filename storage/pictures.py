from __future__ import annotations

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    bindparam,
    select,
)

from loyalty.pictures import Picture
from storage.dialects import insert_or_skip, per_dialect
from storage.schema import Id, metadata

pictures = Table(
    "pictures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
)

# Under which id a channel keeps a picture already, so that it is uploaded once.
picture_files = Table(
    "picture_files",
    metadata,
    Column("picture_id", Id, ForeignKey("pictures.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("file_id", String(256), nullable=False),
    PrimaryKeyConstraint("picture_id", "channel"),
)

_ADD = insert_or_skip(pictures)
_ID = select(pictures.c.id).where(pictures.c.key == bindparam("key"))
_GET = select(pictures.c.id, pictures.c.content).where(pictures.c.id == bindparam("picture_id"))
_FILES = select(picture_files.c.channel, picture_files.c.file_id).where(
    picture_files.c.picture_id == bindparam("picture_id")
)
_REMEMBER = per_dialect(
    picture_files,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["picture_id", "channel"], set_={"file_id": statement.excluded.file_id}
    ),
)


class SqlPictures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, key: str, content: bytes) -> int:
        self._connection.execute(_ADD[self._dialect], {"key": key, "content": content})
        picture_id: int = self._connection.execute(_ID, {"key": key}).scalar_one()
        return picture_id

    def get(self, picture_id: int) -> Picture | None:
        row = self._connection.execute(_GET, {"picture_id": picture_id}).one_or_none()
        if row is None:
            return None
        files = self._connection.execute(_FILES, {"picture_id": picture_id})
        return Picture(row.id, row.content, {file.channel: file.file_id for file in files})

    def remember(self, picture_id: int, channel: str, file_id: str) -> None:
        self._connection.execute(
            _REMEMBER[self._dialect], {"picture_id": picture_id, "channel": channel, "file_id": file_id}
        )
