"""What members have chosen about being written to: quiet hours, how often, and from which shops not."""

from __future__ import annotations

from datetime import time

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, PrimaryKeyConstraint, Table

from storage.schema import Id, Instant, metadata

# A row where somebody has chosen something; what is null is the club's. Times are minutes after the member's midnight.
contact_preferences = Table(
    "contact_preferences",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("quiet_from", Integer),
    Column("quiet_until", Integer),
    Column("per_day", Integer),
    Column("per_week", Integer),
    CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="whole_span"),
    CheckConstraint("quiet_from BETWEEN 0 AND 1439", name="quiet_from"),
    CheckConstraint("quiet_until BETWEEN 0 AND 1439", name="quiet_until"),
    CheckConstraint("per_day BETWEEN 1 AND 10", name="per_day"),
    CheckConstraint("per_week BETWEEN 1 AND 70", name="per_week"),
)

muted_shops = Table(
    "muted_shops",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("muted_at", Instant, nullable=False),
    PrimaryKeyConstraint("member_id", "merchant_id"),
)


def as_time(minutes: int | None) -> time | None:
    return None if minutes is None else time(minutes // 60, minutes % 60)
