"""The outbox: a row per message to somebody other than the speaker, from the commit that caused it until it is sent."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
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
    tuple_,
    update,
)

from loyalty.contact_policy import Reason
from loyalty.deliveries import Delivery, DeliveryState, Due, Lane, Notice, Postponed, Result
from loyalty.members import Address, Language, Tier, Topic
from storage.books import balances
from storage.broadcasts import SENDING
from storage.contacts import as_time, contact_preferences, muted_shops
from storage.dialects import id_list, per_dialect, per_id_list
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
    Column("merchant_id", Id, ForeignKey("merchants.id")),
    Column("variant", String(1)),  # of the broadcast's wordings; null: chosen when it is sent
    Column("score", Integer, nullable=False, server_default="0"),
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

# What may come before something else that waits for the same member: few rows, since only marketing is scored, and
# broadcasts are not. Lane and broadcast go unsaid, or SQLite would walk through their indexes instead.
_is_scored = _is_queued & (deliveries.c.score > literal_column("0"))
Index(
    "ix_deliveries_rivals",
    deliveries.c.member_id,
    deliveries.c.not_before,
    sqlite_where=_is_scored,
    postgresql_where=_is_scored,
)

# What counts as a contact: sent, perhaps sent, or on its way.
_is_contact = (deliveries.c.lane == literal_column("'marketing'")) & deliveries.c.state.in_(
    [literal_column("'sending'"), literal_column("'sent'"), literal_column("'unknown'")]
)
Index(
    "ix_deliveries_contacts",
    deliveries.c.member_id,
    deliveries.c.finished_at,
    sqlite_where=_is_contact,
    postgresql_where=_is_contact,
)
# Who tapped on what a shop sent: few rows of many, by which segments find people.
_is_opened = deliveries.c.opened_at.is_not(None)
Index(
    "ix_deliveries_opened",
    deliveries.c.merchant_id,
    deliveries.c.member_id,
    deliveries.c.opened_at,
    sqlite_where=_is_opened,
    postgresql_where=_is_opened,
)

BROADCAST = "broadcast"

_NEW = (
    "member_id",
    "kind",
    "cause",
    "facts",
    "lane",
    "topic",
    "broadcast_id",
    "not_before",
    "deadline",
    "merchant_id",
    "score",
)


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
_is_about = (consents.c.member_id == deliveries.c.member_id) & (consents.c.topic == deliveries.c.topic)
_WAITING = (
    select(
        deliveries.c.id,
        deliveries.c.member_id,
        deliveries.c.kind,
        deliveries.c.facts,
        deliveries.c.lane,
        deliveries.c.attempts,
        deliveries.c.broadcast_id,
        deliveries.c.merchant_id,
        deliveries.c.topic,
        deliveries.c.variant,
        deliveries.c.score,
        deliveries.c.deadline,
        addresses.c.channel,
        addresses.c.external_id,
        members.c.language,
        members.c.name,
        members.c.first_name,
        members.c.timezone,
        members.c.tier,
        func.coalesce(balances.c.available, 0).label("points"),
        consents.c.given_at,
        consents.c.ignored,
        consents.c.last_sent_at,
        exists()
        .where(muted_shops.c.member_id == deliveries.c.member_id, muted_shops.c.merchant_id == deliveries.c.merchant_id)
        .label("is_muted"),
        contact_preferences.c.quiet_from,
        contact_preferences.c.quiet_until,
        contact_preferences.c.per_day,
        contact_preferences.c.per_week,
    )
    .join_from(deliveries, members, members.c.id == deliveries.c.member_id)
    .join(addresses, (addresses.c.member_id == members.c.id) & addresses.c.is_reachable, isouter=True)
    .join(consents, _is_about, isouter=True)
    .join(contact_preferences, contact_preferences.c.member_id == members.c.id, isouter=True)
    .join(balances, balances.c.member_id == members.c.id, isouter=True)
    .where(deliveries.c.not_before <= bindparam("at"))
)
_DUE = _WAITING.order_by(deliveries.c.not_before, deliveries.c.id).limit(bindparam("most"))
# Two marketing messages for one member are never decided about at once: the second would not see the first. Whoever
# only refers to the member (a purchase, a voucher) need not wait.
_FOR_MARKETING = _DUE.with_for_update(skip_locked=True, key_share=True, of=(deliveries, members))
_of_lane = (_in_queue, deliveries.c.lane == bindparam("lane"))
_DUE_ALONE = {
    Lane.TRANSACTIONAL: _DUE.where(*_of_lane).with_for_update(skip_locked=True, of=deliveries),
    Lane.MARKETING: _FOR_MARKETING.where(*_of_lane),
}
_DUE_OF_BROADCAST = _FOR_MARKETING.where(_in_broadcast, deliveries.c.broadcast_id == bindparam("source"))
_RIVALS = per_id_list(
    "members",
    lambda among: _WAITING.where(_is_scored, among(deliveries.c.member_id)).with_for_update(
        skip_locked=True, of=deliveries
    ),
)
_CONTACTS = Statement(
    per_id_list(
        "ids",
        lambda among: select(deliveries.c.member_id, deliveries.c.finished_at, deliveries.c.leased_until).where(
            _is_contact,
            among(deliveries.c.member_id),
            or_(deliveries.c.finished_at.is_(None), deliveries.c.finished_at > bindparam("since", type_=Instant)),
        ),
    )
)
_LEASE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(
        state=DeliveryState.SENDING.value,
        leased_until=bindparam("until"),
        attempts=deliveries.c.attempts + 1,
        variant=bindparam("as_variant"),
        reason=bindparam("why"),
    )
)
_POSTPONE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(not_before=bindparam("until"), reason=bindparam("why"))
)
_FINISH = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_delivery"))
    .values(
        state=bindparam("to_state"),
        # Why it went stays with what was sent; why it did not takes its place otherwise.
        reason=func.coalesce(func.nullif(bindparam("why", type_=String), ""), deliveries.c.reason),
        finished_at=bindparam("now"),
        leased_until=None,
    )
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
_RECOVER = per_id_list(
    "ours",
    lambda among: update(deliveries).where(
        _is_sending, deliveries.c.leased_until <= bindparam("now"), ~among(deliveries.c.id)
    ),
)
_REQUEUE = {
    dialect: statement.where(deliveries.c.lane == Lane.TRANSACTIONAL.value).values(
        state=DeliveryState.QUEUED.value, leased_until=None
    )
    for dialect, statement in _RECOVER.items()
}
_LOSE_SIGHT = {
    dialect: statement.where(deliveries.c.lane == Lane.MARKETING.value).values(
        state=DeliveryState.UNKNOWN.value, reason="crash", leased_until=None, finished_at=bindparam("now")
    )
    for dialect, statement in _RECOVER.items()
}
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
_SUPPRESS_SHOP = _SUPPRESS.where(
    deliveries.c.lane == Lane.MARKETING.value, deliveries.c.merchant_id == bindparam("of_merchant")
)
_this_cause = (deliveries.c.member_id == bindparam("of_member")) & (deliveries.c.cause == bindparam("of_cause"))
# Its cause is put aside, too: what caused it may happen again, and is told then.
_ASIDE = deliveries.c.cause + literal(":undone:") + cast(deliveries.c.id, String)
_WITHDRAW = (
    update(deliveries)
    .where(_is_queued, _this_cause)
    .values(state=DeliveryState.SUPPRESSED.value, reason="undone", finished_at=bindparam("now"), cause=_ASIDE)
    .execution_options(preserve_rowcount=True)
)
_PUT_ASIDE = update(deliveries).where(_this_cause).values(cause=_ASIDE).returning(deliveries.c.state)
_HELD_UP = [Reason.QUIET_HOURS, Reason.ONE_A_DAY, Reason.FEW_A_WEEK, Reason.SELDOM]
_RELEASE = (
    update(deliveries)
    .where(
        _is_queued,
        deliveries.c.member_id == bindparam("of_member"),
        deliveries.c.reason.in_([reason.value for reason in _HELD_UP]),
        deliveries.c.not_before > bindparam("now"),
    )
    .values(not_before=bindparam("now"))
)
# Sent, or perhaps sent, and not tapped yet.
_IGNORED = per_id_list(
    "ids",
    lambda among: (
        update(consents)
        .where(
            tuple_(consents.c.member_id, consents.c.topic).in_(
                select(deliveries.c.member_id, deliveries.c.topic).where(
                    among(deliveries.c.id), deliveries.c.lane == Lane.MARKETING.value, deliveries.c.topic.is_not(None)
                )
            )
        )
        .values(ignored=consents.c.ignored + 1, last_sent_at=bindparam("now", type_=Instant))
    ),
)
_HEEDED = (
    update(consents)
    .where(
        consents.c.member_id == bindparam("of_member"),
        consents.c.topic
        == select(deliveries.c.topic).where(deliveries.c.id == bindparam("of_delivery")).scalar_subquery(),
        consents.c.ignored > 0,
    )
    .values(ignored=0)
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
            "merchant_id": notice.merchant_id,
            "score": notice.score,
        }

    def due(self, lane: Lane, at: datetime, *, limit: int) -> Sequence[Due]:
        broadcasts = self._connection.execute(SENDING).scalars().all() if lane is Lane.MARKETING else ()
        sources: list[tuple[Select[Any], dict[str, object]]] = [(_DUE_ALONE[lane], {"lane": lane})]
        sources += [(_DUE_OF_BROADCAST, {"source": broadcast_id}) for broadcast_id in broadcasts]
        rows: list[Any] = []
        is_more_alone = False
        for ahead, (query, values) in enumerate(sources):
            share = -(-(limit - len(rows)) // (len(sources) - ahead))
            if share > 0:
                rows += self._connection.execute(query, {**values, "at": at, "most": share})
            if not ahead:
                is_more_alone = len(rows) == share
        if is_more_alone and lane is Lane.MARKETING:
            # Whoever gets something here may have something better waiting further back in the queue.
            members = id_list(self._connection, list({row.member_id for row in rows}))
            rows += self._connection.execute(_RIVALS[self._dialect], {"members": members, "at": at})
        return [_as_due(row) for row in {row.id: row for row in rows}.values()]

    def contacts(self, member_ids: Sequence[int], since: datetime) -> Mapping[int, Sequence[datetime]]:
        found: dict[int, list[datetime]] = {}
        if member_ids:
            values = {"ids": id_list(self._connection, member_ids), "since": since}
            for member_id, finished_at, leased_until in _CONTACTS.rows(self._connection, values):
                found.setdefault(member_id, []).append(finished_at or leased_until)
        return found

    def lease(self, deliveries: Sequence[Delivery], reasons: Mapping[int, str], lease_until: datetime) -> None:
        self._connection.execute(
            _LEASE,
            [
                {
                    "of_delivery": delivery.id,
                    "until": lease_until,
                    "as_variant": delivery.variant,
                    "why": reasons[delivery.id],
                }
                for delivery in deliveries
            ],
        )

    def postpone(self, postponed: Sequence[Postponed]) -> None:
        self._connection.execute(
            _POSTPONE, [{"of_delivery": one.delivery_id, "until": one.until, "why": one.reason} for one in postponed]
        )

    def drop(self, reasons: Mapping[int, str], at: datetime) -> None:
        self._connection.execute(
            _FINISH,
            [
                {"of_delivery": delivery_id, "to_state": DeliveryState.SUPPRESSED, "why": why, "now": at}
                for delivery_id, why in reasons.items()
            ],
        )

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
        arrived = [
            result.delivery.id
            for result in over
            if result.delivery.topic is not None and result.state in (DeliveryState.SENT, DeliveryState.UNKNOWN)
        ]
        if arrived:
            self._connection.execute(_IGNORED[self._dialect], {"ids": id_list(self._connection, arrived), "now": at})
        if lost:
            self._connection.execute(
                _SUPPRESS,
                [{"of_member": member_id, "why": result.reason, "now": at} for member_id, result in lost.items()],
            )

    def recover(self, at: datetime, ours: Collection[int] = ()) -> tuple[int, int]:
        values = {"now": at, "ours": id_list(self._connection, list(ours))}
        requeued = self._connection.execute(_REQUEUE[self._dialect], values).rowcount
        return requeued, self._connection.execute(_LOSE_SIGHT[self._dialect], values).rowcount

    def open(self, delivery_id: int, member_id: int, at: datetime) -> bool:
        opened = self._connection.execute(_OPEN, {"of_delivery": delivery_id, "of_member": member_id, "now": at})
        if opened.rowcount == 1:
            self._connection.execute(_HEEDED, {"of_delivery": delivery_id, "of_member": member_id})
        return opened.rowcount == 1

    def suppress_topic(self, member_id: int, topic: Topic, reason: str, at: datetime) -> int:
        return self._connection.execute(
            _SUPPRESS_TOPIC, {"of_member": member_id, "of_topic": topic, "why": reason, "now": at}
        ).rowcount

    def suppress_shop(self, member_id: int, merchant_id: int, reason: str, at: datetime) -> int:
        return self._connection.execute(
            _SUPPRESS_SHOP, {"of_member": member_id, "of_merchant": merchant_id, "why": reason, "now": at}
        ).rowcount

    def release(self, member_id: int, at: datetime) -> int:
        return self._connection.execute(_RELEASE, {"of_member": member_id, "now": at}).rowcount

    def suppress_all(self, member_id: int, reason: str, at: datetime) -> int:
        return self._connection.execute(_SUPPRESS, {"of_member": member_id, "why": reason, "now": at}).rowcount

    def withdraw(self, member_id: int, cause: str, at: datetime) -> DeliveryState | None:
        values = {"of_member": member_id, "of_cause": cause}
        if self._connection.execute(_WITHDRAW, {**values, "now": at}).rowcount == 1:
            return DeliveryState.QUEUED
        state = self._connection.execute(_PUT_ASIDE, values).scalar_one_or_none()
        return None if state is None else DeliveryState(state)

    def suppress_broadcast(self, broadcast_id: int, reason: str, at: datetime) -> int:
        return self._connection.execute(
            _SUPPRESS_BROADCAST, {"of_broadcast": broadcast_id, "why": reason, "now": at}
        ).rowcount


def _as_due(row: Any) -> Due:
    return Due(
        Delivery(
            id=row.id,
            member_id=row.member_id,
            kind=row.kind,
            facts=row.facts,
            lane=Lane(row.lane),
            address=Address(row.channel or "", row.external_id or ""),
            language=Language(row.language),
            name=row.name,
            first_name=row.first_name,
            timezone=row.timezone,
            attempts=row.attempts,
            broadcast_id=row.broadcast_id,
            merchant_id=row.merchant_id,
            topic=None if row.topic is None else Topic(row.topic),
            variant=row.variant,
            tier=Tier(row.tier),
            points=row.points,
        ),
        deadline=row.deadline,
        score=row.score,
        is_reachable=row.external_id is not None,
        is_agreed=row.given_at is not None,
        is_muted=row.is_muted,
        quiet_from=as_time(row.quiet_from),
        quiet_until=as_time(row.quiet_until),
        per_day=row.per_day,
        per_week=row.per_week,
        ignored=row.ignored or 0,
        topic_at=row.last_sent_at,
    )
