"""Whom a broadcast reaches: a segment and what members have chosen, as one condition, for counting as for filling."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    DateTime,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
)

from loyalty.broadcasts import Broadcast, Method, Reach, sends_at
from loyalty.deliveries import DeliveryState, Enlisted, Lane
from loyalty.members import Language, Tier, Topic
from loyalty.segments import EVERYBODY, Counted, Glimpse, Sample, Segment
from storage.books import balances
from storage.contacts import muted_shops
from storage.dialects import per_dialect
from storage.members import SqlMembers, addresses, consents, members
from storage.outbox import BROADCAST, deliveries
from storage.schema import Id, Instant, instant_text
from storage.segments import condition, resolved

CHUNK = 20_000  # members who said yes, in one statement
BUCKETS = 1_000

_MEMBERS = select(func.count()).select_from(members)
_COLUMNS = [
    "member_id", "kind", "cause", "facts", "lane", "topic", "broadcast_id", "merchant_id", "variant", "state",
    "not_before", "deadline", "created_at",
]  # fmt: skip


def chunk_ends_at(size: int) -> Select[Any, Any]:
    """The last member of the next `size` who said yes to a topic."""
    chunk = (
        select(consents.c.member_id)
        .where(consents.c.topic == bindparam("topic"), consents.c.member_id > bindparam("after_id"))
        .order_by(consents.c.member_id)
        .limit(size)
        .subquery()
    )
    return select(func.max(chunk.c.member_id), func.count())


_CHUNK_ENDS_AT = chunk_ends_at(CHUNK)


class SqlRecipients:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def reach(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime) -> Reach:
        segment = resolved(self._connection, merchant_id, segment)
        meant = _meant(merchant_id, topic, segment, at)
        agreed = select(func.count()).select_from(_joined(segment)).where(meant).scalar_subquery()
        return Reach(*self._connection.execute(select(agreed, _MEMBERS.scalar_subquery())).one())

    def is_anyone(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime) -> bool:
        segment = resolved(self._connection, merchant_id, segment)
        meant = select(literal(1)).select_from(_joined(segment)).where(_meant(merchant_id, topic, segment, at)).limit(1)
        return self._connection.execute(meant).first() is not None

    def count(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime) -> Counted:
        segment = resolved(self._connection, merchant_id, segment)
        meant, agreed = (
            select(func.count()).select_from(_joined(one)).where(_meant(merchant_id, topic, one, at)).scalar_subquery()
            for one in (segment, EVERYBODY)
        )
        return Counted(*self._connection.execute(select(meant, agreed)).one())

    def without_each(self, merchant_id: int, topic: Topic, parts: Sequence[Segment], at: datetime) -> Sequence[int]:
        fulfilled = [
            case((condition(resolved(self._connection, merchant_id, part), merchant_id, at), 1), else_=0).label(f"p{n}")
            for n, part in enumerate(parts)
        ]
        looked_at = (
            select(*fulfilled)
            .select_from(consents.join(members, members.c.id == consents.c.member_id))
            .where(_meant(merchant_id, topic, EVERYBODY, at))
            .subquery()
        )
        others = sum(looked_at.c, start=literal(0))
        rest = [func.coalesce(func.sum(case((others - part == len(parts) - 1, 1), else_=0)), 0) for part in looked_at.c]
        return [int(n) for n in self._connection.execute(select(*rest)).one()]

    def glimpses(
        self, merchant_id: int, topic: Topic, segment: Segment, at: datetime, *, limit: int
    ) -> Sequence[Glimpse]:
        meant = self._latest(merchant_id, topic, segment, at, limit)
        query = (
            select(func.substr(members.c.first_name, 1, 1), members.c.tier, members.c.language, members.c.joined_at)
            .join_from(meant, members, members.c.id == meant.c.member_id)
            .order_by(meant.c.given_at.desc(), members.c.id)
        )
        return [
            Glimpse(initial.upper() or "?", Tier(tier), Language(language), joined_at)
            for initial, tier, language, joined_at in self._connection.execute(query)
        ]

    def samples(
        self, merchant_id: int, topic: Topic, segment: Segment, at: datetime, *, limit: int
    ) -> Sequence[Sample]:
        meant = self._latest(merchant_id, topic, segment, at, limit)
        points = func.coalesce(balances.c.available, 0)
        query = (
            select(members.c.id, func.substr(members.c.first_name, 1, 1), members.c.tier, members.c.language, points)
            .join_from(meant, members, members.c.id == meant.c.member_id)
            .join(balances, balances.c.member_id == members.c.id, isouter=True)
            .order_by(meant.c.given_at.desc(), members.c.id)
        )
        return [
            Sample(member_id, initial or "?", Tier(tier), Language(language), available)
            for member_id, initial, tier, language, available in self._connection.execute(query)
        ]

    def _latest(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime, limit: int) -> Subquery:
        segment = resolved(self._connection, merchant_id, segment)
        return (
            select(consents.c.member_id, consents.c.given_at)
            .select_from(_joined(segment))
            .where(_meant(merchant_id, topic, segment, at))
            .order_by(consents.c.given_at.desc(), consents.c.member_id)
            .limit(limit)
            .subquery()
        )

    def enlist(self, broadcast: Broadcast, at: datetime) -> Enlisted:
        meant = resolved(self._connection, broadcast.merchant_id, broadcast.segment)
        broadcast = replace(broadcast, segment=meant)
        values: dict[str, object] = {"topic": broadcast.content.topic.value, "after_id": broadcast.filled_to_id}
        up_to_id, looked_at = self._connection.execute(_CHUNK_ENDS_AT, values).one()
        if up_to_id is None:
            return Enlisted(0, broadcast.filled_to_id, is_last=True)
        enlist = per_dialect(
            deliveries,
            lambda statement: (
                statement.from_select(_COLUMNS, _rows(broadcast, self._dialect))
                .on_conflict_do_nothing()
                .execution_options(preserve_rowcount=True)
            ),
        )[self._dialect]
        values |= {"up_to_id": up_to_id, "started_at": broadcast.starts_at, "now": at}
        if broadcast.schedule.local_hour is not None:
            values["zones"] = self._zones(broadcast)
        added = self._connection.execute(enlist, values).rowcount
        return Enlisted(added, up_to_id, is_last=looked_at < CHUNK)

    def _zones(self, broadcast: Broadcast) -> str:
        """When it is the broadcast's hour in each of the zones in which members live."""
        moments = {
            zone: sends_at(broadcast.schedule, broadcast.starts_at, zone)
            for zone in SqlMembers(self._connection).timezones()
        }
        rows = [
            {"timezone": zone, "sends_at": instant_text(moment, self._dialect),
             "deadline": instant_text(moment + timedelta(hours=broadcast.schedule.valid_hours), self._dialect)}
            for zone, moment in moments.items()
        ]  # fmt: skip
        return json.dumps(rows)


def _joined(segment: Segment) -> FromClause:
    """Members are looked at only where the segment asks for more than a yes."""
    return consents if segment == EVERYBODY else consents.join(members, members.c.id == consents.c.member_id)


def _everywhere(_member_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return true()


def _in_chunk(member_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """To be said of every table to PostgreSQL: it knows that equal columns are equal, but not that they lie in the same
    range, and would read whole tables for each chunk. SQLite looks rows up one by one, and would only check more."""
    return and_(member_id > bindparam("after_id"), member_id <= bindparam("up_to_id"))


def _meant(
    merchant_id: int,
    topic: Topic | None,
    segment: Segment,
    at: datetime,
    *,
    where: Callable[[ColumnElement[Any]], ColumnElement[bool]] = _everywhere,
) -> ColumnElement[bool]:
    """Of a row of `consents`; `topic` None: given as a value. `where` is said of the other tables' members besides."""
    is_reachable = exists().where(addresses.c.member_id == consents.c.member_id, addresses.c.is_reachable)
    is_meant = [
        consents.c.topic == (bindparam("topic", type_=String) if topic is None else topic.value),
        is_reachable.where(where(addresses.c.member_id)),
        ~exists().where(muted_shops.c.member_id == consents.c.member_id, muted_shops.c.merchant_id == merchant_id),
    ]
    if segment != EVERYBODY:
        is_meant += [where(members.c.id), condition(segment, merchant_id, at)]
    return and_(*is_meant)


def _rows(broadcast: Broadcast, dialect: str) -> Select[Any]:
    schedule, segment = broadcast.schedule, broadcast.segment
    started_at = bindparam("started_at", type_=Instant)
    variant = _variant(broadcast)
    wait = _wait(broadcast)
    source = _joined(segment)
    not_before: ColumnElement[Any] = started_at
    deadline: ColumnElement[Any] = literal(broadcast.starts_at + timedelta(hours=schedule.valid_hours), Instant)
    if schedule.local_hour is not None:
        zones = _zone_table(dialect)
        if segment == EVERYBODY:
            source = source.join(members, members.c.id == consents.c.member_id)
        source = source.join(zones, zones.c.timezone == members.c.timezone)
        not_before, deadline = zones.c.sends_at, zones.c.deadline
    if wait:
        latest = func.max if dialect == "sqlite" else func.greatest
        decided_at = literal(broadcast.starts_at + wait, Instant)
        late = literal(broadcast.starts_at + wait + timedelta(hours=schedule.valid_hours), Instant)
        not_before = case((variant.is_(None), latest(not_before, decided_at)), else_=not_before)
        deadline = case((variant.is_(None), latest(deadline, late)), else_=deadline)
    return (
        select(
            consents.c.member_id,
            literal(BROADCAST),
            literal(f"{BROADCAST}:{broadcast.id}"),
            literal({}, JSON),
            literal(Lane.MARKETING.value),
            literal(broadcast.content.topic.value),
            literal(broadcast.id, Id),
            literal(broadcast.merchant_id, Id),
            variant,
            literal(DeliveryState.QUEUED.value),
            not_before,
            deadline,
            bindparam("now", type_=Instant),
        )
        .select_from(source)
        .where(
            _in_chunk(consents.c.member_id),
            _meant(
                broadcast.merchant_id,
                None,
                segment,
                broadcast.starts_at,
                where=_everywhere if dialect == "sqlite" else _in_chunk,
            ),
        )
    )


def _variant(broadcast: Broadcast) -> ColumnElement[Any]:
    """The wording that somebody gets, by chance that comes out alike each time: the test's part is dealt out evenly,
    the rest waits for its outcome."""
    variants = broadcast.content.variants
    if len(variants) == 1:
        return literal(variants)
    mixed = (consents.c.member_id % 1_000_003) * 1_103_515_245 + (broadcast.id * 69_069 + 12_345)
    # Spelt out, because PostgreSQL shifts by no bigint.
    bucket = (mixed.bitwise_and(2_147_483_647).bitwise_rshift(literal_column("12"))) % BUCKETS
    dealt = case(*((bucket % len(variants) == place, name) for place, name in enumerate(variants)))
    tested = BUCKETS * broadcast.trial.percent // 100
    return case((bucket < tested, dealt), else_=null())


def _wait(broadcast: Broadcast) -> timedelta | None:
    """So long the rest waits for the test."""
    if len(broadcast.content.variants) == 1 or broadcast.trial.percent == 100:
        return None
    return timedelta(hours=broadcast.trial.hours) if broadcast.trial.method is Method.FIXED else None


def _zone_table(dialect: str) -> Any:
    given = bindparam("zones", type_=String)
    if dialect == "sqlite":
        value = func.json_each(given).table_valued("value").c.value
        return select(
            func.json_extract(value, "$.timezone").label("timezone"),
            func.json_extract(value, "$.sends_at").label("sends_at"),
            func.json_extract(value, "$.deadline").label("deadline"),
        ).subquery("zones")
    moment = DateTime(timezone=True)
    return (
        func.json_to_recordset(cast(given, JSON))
        .table_valued(column("timezone", String), column("sends_at", moment), column("deadline", moment), name="zones")
        .render_derived(with_types=True)
    )
