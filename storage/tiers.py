from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Connection, ForeignKey, String, Table

from storage.schema import Id, Instant, metadata, refuse_changes

# Each change of a tier and why. Never changed.
tier_changes = Table(
    "tier_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("tier_before", String(16), nullable=False),
    Column("tier_after", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("reason IN ('earned', 'lapsed', 'granted')", name="known_reason"),
)
refuse_changes(tier_changes)


class SqlTiers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
