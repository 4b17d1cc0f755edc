from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from loyalty.merchants import Merchant, Post, Role
from loyalty.names import key_of
from storage.dialects import insert_or_skip, per_dialect
from storage.schema import EMPTY, Id, Instant, metadata, refuse_changes

merchants = Table(
    "merchants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("translations", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("name_key", Text, nullable=False, server_default=EMPTY),  # by which two names are one and the same
    Column("orphaned_at", Instant),  # since when nobody who owns it can be reached; null: somebody can
    Index("uq_merchants_name_key", "name_key", unique=True),
)

staff = Table(
    "staff",
    metadata,
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("merchant_id", "member_id", "role"),
)

# One-time ways onto the staff. Whoever follows one is appointed; it opens once, and not after its day.
staff_invites = Table(
    "staff_invites",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", Id, ForeignKey("members.id")),
    Column("revoked_at", Instant),
    CheckConstraint("(used_at IS NULL) = (used_by IS NULL)", name="used_by_somebody"),
)

# Who came onto a staff and who left it, by whom. Never changed.
staff_log = Table(
    "staff_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False, index=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("event", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("event IN ('appointed', 'dismissed')", name="known_event"),
)
refuse_changes(staff_log)

_ADD = per_dialect(merchants, lambda statement: statement.on_conflict_do_nothing().returning(merchants.c.id))
_GET = select(merchants).where(merchants.c.id == bindparam("merchant_id"))
# What is booked at the shop meanwhile does not wait: it only refers to the row.
_LOCK = _GET.with_for_update(key_share=True)
_RENAME = (
    update(merchants)
    .where(merchants.c.id == bindparam("of_merchant"))
    .values(name=bindparam("new_name"), name_key=bindparam("new_key"), translations=bindparam("said"))
)
_NAMED = select(merchants).where(merchants.c.name_key == bindparam("key"))
_PAGE = (
    select(merchants).where(merchants.c.id > bindparam("after_id")).order_by(merchants.c.id).limit(bindparam("most"))
)
_APPOINT = insert_or_skip(staff)
_POSTS = (
    select(staff.c.merchant_id, merchants.c.name, merchants.c.translations, staff.c.role)
    .join_from(staff, merchants, merchants.c.id == staff.c.merchant_id)
    .where(staff.c.member_id == bindparam("member_id"))
    .order_by(staff.c.merchant_id)
)


class SqlMerchants:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._known: dict[int, Merchant] = {}  # in this unit: an import asks for the same few a thousand times

    def add(self, name: str, at: datetime, translations: dict[str, dict[str, str]] | None = None) -> Merchant | None:
        merchant_id = self._connection.execute(
            _ADD[self._dialect],
            {"name": name, "name_key": key_of(name), "translations": translations or {}, "created_at": at},
        ).scalar_one_or_none()
        return None if merchant_id is None else Merchant(merchant_id, name, translations or {})

    def named(self, name: str) -> Merchant | None:
        row = self._connection.execute(_NAMED, {"key": key_of(name)}).one_or_none()
        return None if row is None else _as_merchant(row)

    def get(self, merchant_id: int) -> Merchant | None:
        if merchant_id not in self._known:
            row = self._connection.execute(_GET, {"merchant_id": merchant_id}).one_or_none()
            if row is None:
                return None
            self._known[merchant_id] = _as_merchant(row)
        return self._known[merchant_id]

    def lock(self, merchant_id: int) -> Merchant | None:
        row = self._connection.execute(_LOCK, {"merchant_id": merchant_id}).one_or_none()
        return None if row is None else _as_merchant(row)

    def rename(self, merchant_id: int, name: str) -> bool:
        merchant, same = self.get(merchant_id), self.named(name)
        if merchant is None or (same is not None and same.id != merchant_id):
            return False
        said = {
            language: {k: v for k, v in own.items() if k != "name"} for language, own in merchant.translations.items()
        }
        self._connection.execute(
            _RENAME, {"of_merchant": merchant_id, "new_name": name, "new_key": key_of(name), "said": said}
        )
        del self._known[merchant_id]
        return True

    def page(self, after_id: int, limit: int) -> Sequence[Merchant]:
        rows = self._connection.execute(_PAGE, {"after_id": after_id, "most": limit})
        return [_as_merchant(row) for row in rows]

    def appoint(self, merchant_id: int, member_id: int, role: Role, at: datetime) -> bool:
        appointed = self._connection.execute(
            _APPOINT[self._dialect],
            {"merchant_id": merchant_id, "member_id": member_id, "role": role, "since": at},
        )
        return appointed.rowcount == 1

    def posts(self, member_id: int) -> Sequence[Post]:
        rows = self._connection.execute(_POSTS, {"member_id": member_id})
        return [Post(row.merchant_id, row.name, Role(row.role), row.translations) for row in rows]


def is_looked_after(merchant_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether members may be offered what this shop makes."""
    return merchant_id.not_in(select(merchants.c.id).where(merchants.c.orphaned_at.is_not(None)))


def _as_merchant(row: Any) -> Merchant:
    return Merchant(row.id, row.name, row.translations, row.orphaned_at is not None)
