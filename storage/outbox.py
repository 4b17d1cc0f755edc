"""The outbox: a row per message to somebody other than the speaker, from the commit that caused it until it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    exists,
    or_,
    select,
    update,
)

from loyalty.deliveries import Delivery, DeliveryState, Lane, Notice
from loyalty.members import Address, Language, Topic
from storage.dialects import per_dialect
from storage.members import addresses, consents, members
from storage.schema import Id, Instant, metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("cause", String(128), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("lane", String(16), nullable=False),
    Column("topic", String(32)),
    Column("broadcast_id", Id, ForeignKey("broadcasts.id")),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant, nullable=False),
    Column("deadline", Instant),
    Column("leased_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    UniqueConstraint("member_id", "cause"),
    CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'suppressed', 'unknown')", name="known_state"),
    Index("ix_deliveries_broadcast", "broadcast_id", "state"),
)
_is_queued = deliveries.c.state == DeliveryState.QUEUED.value
_is_sending = deliveries.c.state == DeliveryState.SENDING.value
Index(
    "ix_deliveries_queue",
    deliveries.c.lane,
    deliveries.c.not_before,
    deliveries.c.id,
    sqlite_where=_is_queued,
    postgresql_where=_is_queued,
)
Index("ix_deliveries_leases", deliveries.c.leased_until, sqlite_where=_is_sending, postgresql_where=_is_sending)

_ADD = per_dialect(deliveries, lambda statement: statement.on_conflict_do_nothing().returning(deliveries.c.id))
_CANDIDATES = (
    select(
        deliveries.c.id,
        deliveries.c.member_id,
        deliveries.c.kind,
        deliveries.c.facts,
        deliveries.c.lane,
        deliveries.c.attempts,
        deliveries.c.broadcast_id,
        deliveries.c.deadline,
        addresses.c.channel,
        addresses.c.external_id,
        members.c.language,
        members.c.name,
        members.c.timezone,
        or_(
            deliveries.c.topic.is_(None),
            exists().where(consents.c.member_id == deliveries.c.member_id, consents.c.topic == deliveries.c.topic),
        ).label("is_agreed"),
    )
    .join_from(deliveries, members, members.c.id == deliveries.c.member_id)
    .join(addresses, (addresses.c.member_id == members.c.id) & addresses.c.is_reachable, isouter=True)
    .where(_is_queued, deliveries.c.lane == bindparam("lane"), deliveries.c.not_before <= bindparam("at"))
    .order_by(deliveries.c.not_before, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=deliveries)
)
_LEASE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(
        state=DeliveryState.SENDING.value,
        leased_until=bindparam("until"),
        attempts=deliveries.c.attempts + 1,
    )
)
_FINISH = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(state=bindparam("to_state"), reason=bindparam("why"), finished_at=bindparam("now"), leased_until=None)
)
_RETRY = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(state=DeliveryState.QUEUED.value, not_before=bindparam("then"), leased_until=None)
)
_RECOVER = update(deliveries).where(_is_sending, deliveries.c.leased_until <= bindparam("now"))
_REQUEUE = _RECOVER.where(deliveries.c.lane == Lane.TRANSACTIONAL.value).values(
    state=DeliveryState.QUEUED.value, leased_until=None
)
_LOSE_SIGHT = _RECOVER.where(deliveries.c.lane == Lane.MARKETING.value).values(
    state=DeliveryState.UNKNOWN.value, reason="crash", leased_until=None, finished_at=bindparam("now")
)
_SUPPRESS = (
    update(deliveries)
    .where(_is_queued, deliveries.c.member_id == bindparam("of_member"))
    .values(state=DeliveryState.SUPPRESSED.value, reason=bindparam("why"), finished_at=bindparam("now"))
)
_SUPPRESS_TOPIC = _SUPPRESS.where(deliveries.c.topic == bindparam("of_topic"))


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, notices: Sequence[Notice], at: datetime) -> int:
        if not notices:
            return 0
        rows = [
            {
                "member_id": notice.member_id,
                "kind": notice.kind,
                "cause": notice.cause,
                "facts": dict(notice.facts),
                "lane": notice.lane,
                "topic": notice.topic,
                "broadcast_id": notice.broadcast_id,
                "state": DeliveryState.QUEUED,
                "not_before": notice.not_before or at,
                "deadline": notice.deadline,
                "created_at": at,
            }
            for notice in notices
        ]
        return len(self._connection.execute(_ADD[self._dialect], rows).all())

    def claim(self, lane: Lane, at: datetime, *, limit: int, lease_until: datetime) -> Sequence[Delivery]:
        claimed: list[Delivery] = []
        dropped: list[dict[str, object]] = []
        for row in self._connection.execute(_CANDIDATES, {"lane": lane, "at": at, "most": limit}):
            if (why := _reason_to_drop(row, at)) is None:
                claimed.append(_as_delivery(row))
            else:
                dropped.append({"of_delivery": row.id, "to_state": DeliveryState.SUPPRESSED, "why": why, "now": at})
        if dropped:
            self._connection.execute(_FINISH, dropped)
        if claimed:
            self._connection.execute(
                _LEASE, [{"of_delivery": delivery.id, "until": lease_until} for delivery in claimed]
            )
        return claimed

    def finish(self, delivery_id: int, state: DeliveryState, at: datetime, *, reason: str = "") -> None:
        self._connection.execute(_FINISH, {"of_delivery": delivery_id, "to_state": state, "why": reason, "now": at})

    def retry(self, delivery_id: int, not_before: datetime) -> None:
        self._connection.execute(_RETRY, {"of_delivery": delivery_id, "then": not_before})

    def recover(self, at: datetime) -> tuple[int, int]:
        requeued = self._connection.execute(_REQUEUE, {"now": at}).rowcount
        return requeued, self._connection.execute(_LOSE_SIGHT, {"now": at}).rowcount

    def suppress_topic(self, member_id: int, topic: Topic, reason: str, at: datetime) -> int:
        return self._connection.execute(
            _SUPPRESS_TOPIC, {"of_member": member_id, "of_topic": topic, "why": reason, "now": at}
        ).rowcount

    def suppress_all(self, member_id: int, reason: str, at: datetime) -> int:
        return self._connection.execute(_SUPPRESS, {"of_member": member_id, "why": reason, "now": at}).rowcount


def _reason_to_drop(row: Any, at: datetime) -> str | None:
    """Looked at again at the moment of sending: a yes may have become a no while the row waited."""
    if row.deadline is not None and row.deadline <= at:
        return "deadline"
    if row.external_id is None:
        return "unreachable"
    return None if row.is_agreed else "no_consent"


def _as_delivery(row: Any) -> Delivery:
    return Delivery(
        id=row.id,
        member_id=row.member_id,
        kind=row.kind,
        facts=row.facts,
        lane=Lane(row.lane),
        address=Address(row.channel, row.external_id),
        language=Language(row.language),
        name=row.name,
        timezone=row.timezone,
        attempts=row.attempts,
        broadcast_id=row.broadcast_id,
    )
