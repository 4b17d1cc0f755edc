"""Segments that shops keep under a name, what a draft's segment was before, and which products a shop sells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Integer, Select, String, bindparam, column, func, select, update

from loyalty.segments import SavedList, Segment, as_json, from_json
from storage.dialects import insert_or_skip, per_dialect
from storage.purchases import purchases
from storage.schema import Id, Instant
from storage.segments import segment_edits, segments

RECENT = 20_000  # purchases of a shop from which its products are told: enough for the ones that matter

_GET = select(segments).where(segments.c.id == bindparam("segment_id"))
_ALL = select(segments).where(segments.c.merchant_id == bindparam("merchant_id"))
_KEPT = _ALL.where(segments.c.deleted_at.is_(None)).order_by(segments.c.name, segments.c.id)
_ADD = insert_or_skip(segments)
_NAMED = _KEPT.where(segments.c.name == bindparam("name"))
_CHANGE = update(segments).where(segments.c.id == bindparam("of_segment"))
_WRITE = _CHANGE.values(definition=bindparam("meant", type_=JSON), changed_at=bindparam("at", type_=Instant))
_RENAME = _CHANGE.values(name=bindparam("called"), changed_at=bindparam("at", type_=Instant))
_TURN = _CHANGE.values(deleted_at=bindparam("then", type_=Instant))
_REMEMBER = per_dialect(
    segment_edits,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["broadcast_id"], set_={"before": statement.excluded.before}
    ),
)
_BEFORE = select(segment_edits.c.before).where(segment_edits.c.broadcast_id == bindparam("broadcast_id"))


def _sold(dialect: str) -> Select[Any]:
    recent = (
        select(purchases.c.tags)
        .where(purchases.c.merchant_id == bindparam("merchant_id", type_=Id))
        .order_by(purchases.c.id.desc())
        .limit(RECENT)
        .subquery("recent")
    )
    each: Any
    if dialect == "sqlite":
        each = func.json_each(recent.c.tags).table_valued("value", joins_implicitly=True)
    else:
        each = func.json_array_elements_text(recent.c.tags).table_valued(column("value", String), joins_implicitly=True)
    return (
        select(each.c.value)
        .select_from(recent, each)
        .group_by(each.c.value)
        .order_by(func.count().desc(), each.c.value)
        .limit(bindparam("most", type_=Integer))
    )


_SOLD = {dialect: _sold(dialect) for dialect in ("sqlite", "postgresql")}


class SqlSegments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def get(self, segment_id: int) -> SavedList | None:
        row = self._connection.execute(_GET, {"segment_id": segment_id}).one_or_none()
        return None if row is None else _as_list(row)

    def kept(self, merchant_id: int) -> Sequence[SavedList]:
        return [_as_list(row) for row in self._connection.execute(_KEPT, {"merchant_id": merchant_id})]

    def ever(self, merchant_id: int) -> Mapping[int, SavedList]:
        return {row.id: _as_list(row) for row in self._connection.execute(_ALL, {"merchant_id": merchant_id})}

    def add(self, merchant_id: int, name: str, segment: Segment, author_id: int, at: datetime) -> SavedList | None:
        values = {
            "merchant_id": merchant_id,
            "name": name,
            "definition": as_json(segment),
            "author_id": author_id,
            "created_at": at,
            "changed_at": at,
        }
        is_new = self._connection.execute(_ADD[self._dialect], values).rowcount == 1
        return self.named(merchant_id, name) if is_new else None

    def named(self, merchant_id: int, name: str) -> SavedList | None:
        row = self._connection.execute(_NAMED, {"merchant_id": merchant_id, "name": name}).one_or_none()
        return None if row is None else _as_list(row)

    def write(self, segment_id: int, segment: Segment, at: datetime) -> None:
        self._connection.execute(_WRITE, {"of_segment": segment_id, "meant": as_json(segment), "at": at})

    def rename(self, segment_id: int, name: str, at: datetime) -> None:
        self._connection.execute(_RENAME, {"of_segment": segment_id, "called": name, "at": at})

    def delete(self, segment_id: int, at: datetime | None) -> None:
        self._connection.execute(_TURN, {"of_segment": segment_id, "then": at})

    def remember(self, broadcast_id: int, before: Segment) -> None:
        self._connection.execute(_REMEMBER[self._dialect], {"broadcast_id": broadcast_id, "before": as_json(before)})

    def before(self, broadcast_id: int) -> Segment | None:
        kept = self._connection.execute(_BEFORE, {"broadcast_id": broadcast_id}).scalar_one_or_none()
        return None if kept is None else from_json(kept)

    def sold(self, merchant_id: int, limit: int) -> Sequence[str]:
        values = {"merchant_id": merchant_id, "most": limit}
        return self._connection.execute(_SOLD[self._dialect], values).scalars().all()


def _as_list(row: Any) -> SavedList:
    return SavedList(row.id, row.merchant_id, row.name, from_json(row.definition), row.deleted_at)
