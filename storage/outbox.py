"""The outbox: a row per message to somebody other than the speaker, from the commit that caused it until it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
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
    Integer,
    Select,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)

from loyalty.deliveries import Delivery, DeliveryState, Lane, Notice, Result
from loyalty.members import Address, Language, Topic
from storage.broadcasts import SENDING
from storage.dialects import per_dialect
from storage.members import addresses, consents, members
from storage.schema import EMPTY, Id, Instant, instant_text, metadata
from storage.statements import Statement

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
    Column("reason", String(64), nullable=False, server_default=EMPTY),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant, nullable=False),
    Column("deadline", Instant),
    Column("leased_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("opened_at", Instant),
    UniqueConstraint("member_id", "cause"),
    CheckConstraint("broadcast_id IS NULL OR lane = 'marketing'", name="broadcasts_are_marketing"),
    CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed', 'suppressed', 'unknown')", name="known_state"),
    Index("ix_deliveries_broadcast", "broadcast_id", "state"),
)
# Spelt out, because a partial index serves only statements whose condition is known when they are planned.
_is_queued = deliveries.c.state == literal_column("'queued'")
_is_sending = deliveries.c.state == literal_column("'sending'")
_in_queue = _is_queued & deliveries.c.broadcast_id.is_(None)
_in_broadcast = _is_queued & deliveries.c.broadcast_id.is_not(None)
Index(
    "ix_deliveries_queue",
    deliveries.c.lane,
    deliveries.c.not_before,
    deliveries.c.id,
    sqlite_where=_in_queue,
    postgresql_where=_in_queue,
)
# A broadcast is a queue of its own: pausing it costs nothing and holds nobody else up.
Index(
    "ix_deliveries_broadcast_queue",
    deliveries.c.broadcast_id,
    deliveries.c.not_before,
    deliveries.c.id,
    sqlite_where=_in_broadcast,
    postgresql_where=_in_broadcast,
)
Index("ix_deliveries_leases", deliveries.c.leased_until, sqlite_where=_is_sending, postgresql_where=_is_sending)

BROADCAST = "broadcast"

_NEW = ("member_id", "kind", "cause", "facts", "lane", "topic", "broadcast_id", "not_before", "deadline")


def _rows_of(dialect: str) -> Select[Any]:
    """The rows of a list in JSON: one value and one statement, however many they are."""
    given = bindparam("rows", type_=String)
    cells: list[ColumnElement[Any]]
    if dialect == "sqlite":
        value = func.json_each(given).table_valued("value").c.value
        cells = [func.json_extract(value, f"$.{name}") for name in _NEW]
        # What a WHERE ends is no join to be read on: ON CONFLICT may follow.
        return select(*cells, *_QUEUED).where(true())
    typed = [column(name, deliveries.c[name].type) for name in _NEW]
    rows = func.json_to_recordset(cast(given, JSON)).table_valued(*typed, name="given").render_derived(with_types=True)
    return select(*(rows.c[name] for name in _NEW), *_QUEUED)


_QUEUED = (literal(DeliveryState.QUEUED.value), bindparam("at", type_=Instant))
_ADD = Statement(
    {
        dialect: statement.from_select([*_NEW, "state", "created_at"], _rows_of(dialect))
        .on_conflict_do_nothing()
        .returning(deliveries.c.id)
        for dialect, statement in per_dialect(deliveries, lambda statement: statement).items()
    }
)
_says_yes = (consents.c.topic == Topic.OFFERS.value) & (consents.c.member_id > bindparam("after_id"))


def chunk_ends_at(size: int) -> Select[Any]:
    """The last member of the next `size` who said yes; recipients are fixed chunk by chunk."""
    chunk = select(consents.c.member_id).where(_says_yes).order_by(consents.c.member_id).limit(size).subquery()
    return select(func.max(chunk.c.member_id))


_CHUNK_ENDS_AT = chunk_ends_at(20_000)
_RECIPIENTS = select(
    consents.c.member_id,
    literal(BROADCAST),
    bindparam("cause", type_=String),
    literal({}, JSON),
    literal(Lane.MARKETING.value),
    literal(Topic.OFFERS.value),
    bindparam("broadcast_id", type_=Id),
    literal(DeliveryState.QUEUED.value),
    bindparam("at", type_=Instant),
    bindparam("at", type_=Instant),
).where(
    _says_yes,
    consents.c.member_id <= bindparam("up_to_id"),
    exists().where(addresses.c.member_id == consents.c.member_id, addresses.c.is_reachable),
)
_ENLIST = per_dialect(
    deliveries,
    lambda statement: statement.from_select(
        [
            "member_id",
            "kind",
            "cause",
            "facts",
            "lane",
            "topic",
            "broadcast_id",
            "state",
            "not_before",
            "created_at",
        ],
        _RECIPIENTS,
    ).on_conflict_do_nothing(),
)
_ENLISTED = select(func.count()).select_from(deliveries).where(deliveries.c.broadcast_id == bindparam("id"))
_DUE = (
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
    .where(deliveries.c.not_before <= bindparam("at"))
    .order_by(deliveries.c.not_before, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=deliveries)
)
_DUE_ALONE = _DUE.where(_in_queue, deliveries.c.lane == bindparam("lane"))
_DUE_OF_BROADCAST = _DUE.where(_in_broadcast, deliveries.c.broadcast_id == bindparam("source"))
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
_GIVE_BACK = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(
        state=DeliveryState.QUEUED.value,
        not_before=func.coalesce(bindparam("then", type_=Instant), deliveries.c.not_before),
        attempts=bindparam("tries"),
        leased_until=None,
    )
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
_SUPPRESS_BROADCAST = (
    update(deliveries)
    .where(_in_broadcast, deliveries.c.broadcast_id == bindparam("of_broadcast"))
    .values(state=DeliveryState.SUPPRESSED.value, reason=bindparam("why"), finished_at=bindparam("now"))
)
_OPEN = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"), deliveries.c.member_id == bindparam("of_member"))
    .values(opened_at=func.coalesce(deliveries.c.opened_at, bindparam("now", type_=Instant)))
)


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, notices: Sequence[Notice], at: datetime) -> int:
        if not notices:
            return 0
        values = {"rows": json.dumps([self._as_row(notice, at) for notice in notices]), "at": at}
        return len(_ADD.rows(self._connection, values))

    def enlist(self, broadcast_id: int, at: datetime) -> int:
        after_id = 0
        while up_to_id := self._connection.execute(_CHUNK_ENDS_AT, {"after_id": after_id}).scalar_one():
            self._connection.execute(
                _ENLIST[self._dialect],
                {
                    "after_id": after_id,
                    "up_to_id": up_to_id,
                    "broadcast_id": broadcast_id,
                    "cause": f"{BROADCAST}:{broadcast_id}",
                    "at": at,
                },
            )
            after_id = up_to_id
        enlisted: int = self._connection.execute(_ENLISTED, {"id": broadcast_id}).scalar_one()
        return enlisted

    def _as_row(self, notice: Notice, at: datetime) -> dict[str, Any]:
        return {
            "member_id": notice.member_id,
            "kind": notice.kind,
            "cause": notice.cause,
            "facts": dict(notice.facts),
            "lane": notice.lane,
            "topic": notice.topic,
            "broadcast_id": notice.broadcast_id,
            "not_before": instant_text(notice.not_before or at, self._dialect),
            "deadline": notice.deadline and instant_text(notice.deadline, self._dialect),
        }

    def claim(self, lane: Lane, at: datetime, *, limit: int, lease_until: datetime) -> Sequence[Delivery]:
        broadcasts = self._connection.execute(SENDING).scalars().all() if lane is Lane.MARKETING else ()
        sources: list[tuple[Select[Any], dict[str, object]]] = [(_DUE_ALONE, {"lane": lane})]
        sources += [(_DUE_OF_BROADCAST, {"source": broadcast_id}) for broadcast_id in broadcasts]
        rows: list[Any] = []
        for ahead, (query, values) in enumerate(sources):
            share = -(-(limit - len(rows)) // (len(sources) - ahead))
            if share > 0:
                rows += self._connection.execute(query, {**values, "at": at, "most": share})
        return self._lease({row.id: row for row in rows}.values(), at, lease_until)

    def _lease(self, rows: Iterable[Any], at: datetime, lease_until: datetime) -> Sequence[Delivery]:
        claimed: list[Delivery] = []
        dropped: list[dict[str, object]] = []
        for row in rows:
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

    def settle(self, results: Sequence[Result], at: datetime) -> None:
        back = [result for result in results if result.state is DeliveryState.QUEUED]
        over = [result for result in results if result.state is not DeliveryState.QUEUED]
        lost = {result.delivery.member_id: result for result in results if result.is_lost}
        if back:
            self._connection.execute(
                _GIVE_BACK,
                [
                    {"of_delivery": result.delivery.id, "then": result.not_before, "tries": result.attempts}
                    for result in back
                ],
            )
        if over:
            self._connection.execute(
                _FINISH,
                [
                    {"of_delivery": result.delivery.id, "to_state": result.state, "why": result.reason, "now": at}
                    for result in over
                ],
            )
        if lost:
            self._connection.execute(
                _SUPPRESS,
                [{"of_member": member_id, "why": result.reason, "now": at} for member_id, result in lost.items()],
            )

    def recover(self, at: datetime) -> tuple[int, int]:
        requeued = self._connection.execute(_REQUEUE, {"now": at}).rowcount
        return requeued, self._connection.execute(_LOSE_SIGHT, {"now": at}).rowcount

    def open(self, delivery_id: int, member_id: int, at: datetime) -> bool:
        opened = self._connection.execute(_OPEN, {"of_delivery": delivery_id, "of_member": member_id, "now": at})
        return opened.rowcount == 1

    def suppress_topic(self, member_id: int, topic: Topic, reason: str, at: datetime) -> int:
        return self._connection.execute(
            _SUPPRESS_TOPIC, {"of_member": member_id, "of_topic": topic, "why": reason, "now": at}
        ).rowcount

    def suppress_all(self, member_id: int, reason: str, at: datetime) -> int:
        return self._connection.execute(_SUPPRESS, {"of_member": member_id, "why": reason, "now": at}).rowcount

    def suppress_broadcast(self, broadcast_id: int, reason: str, at: datetime) -> int:
        return self._connection.execute(
            _SUPPRESS_BROADCAST, {"of_broadcast": broadcast_id, "why": reason, "now": at}
        ).rowcount


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
