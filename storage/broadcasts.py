from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    bindparam,
    case,
    column,
    delete,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    update,
)

from loyalty.broadcasts import Broadcast, BroadcastState, Content, Reach, Shown, Tally
from loyalty.deliveries import DeliveryState
from loyalty.members import Language, Topic
from storage.dialects import per_dialect
from storage.members import addresses, consents, members
from storage.merchants import merchants
from storage.schema import EMPTY, Id, Instant, metadata

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("author_id", Id, ForeignKey("members.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False, server_default=EMPTY),
    Column("length", Integer, nullable=False, server_default="0"),
    Column("picture_id", Id, ForeignKey("pictures.id")),
    Column("key", String(16)),
    Column("recipients", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    # Where and how its progress was drawn, so that a program that starts anew goes on drawing in the same message.
    Column("chat", String(64)),
    Column("message_id", Integer),
    Column("drawn", String(64), nullable=False, server_default=EMPTY),
    Column("drawn_at", Instant),
    Column("is_told", Boolean, nullable=False, server_default=false()),
    Column("measured_from", Instant),
    Column("measured_left", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('draft', 'sending', 'paused', 'done', 'cancelled')", name="known_state"),
    CheckConstraint("(state = 'draft') = (started_at IS NULL)", name="started_once"),
    CheckConstraint("(state IN ('done', 'cancelled')) = (finished_at IS NOT NULL)", name="finished_once"),
    CheckConstraint("(started_at IS NULL) = (key IS NULL)", name="confirmed"),
    CheckConstraint("(chat IS NULL) = (message_id IS NULL)", name="whole_address"),
    Index("ix_broadcasts_history", "merchant_id", "id"),
)
# Spelt out, because a partial index serves only statements whose condition is known when they are planned.
_is_draft = broadcasts.c.state == literal_column("'draft'")
_is_watched = (broadcasts.c.state != literal_column("'draft'")) & ~broadcasts.c.is_told
Index(
    "uq_broadcasts_draft",
    broadcasts.c.merchant_id,
    broadcasts.c.author_id,
    unique=True,
    sqlite_where=_is_draft,
    postgresql_where=_is_draft,
)
Index("ix_broadcasts_watched", broadcasts.c.drawn_at, sqlite_where=_is_watched, postgresql_where=_is_watched)
_is_sending = broadcasts.c.state == literal_column("'sending'")
Index("ix_broadcasts_sending", broadcasts.c.id, sqlite_where=_is_sending, postgresql_where=_is_sending)

SENDING = select(broadcasts.c.id).where(_is_sending).order_by(broadcasts.c.id)

# By name: the outbox, whose table it is, looks at broadcasts itself.
_deliveries = table(
    "deliveries",
    column("id"),
    column("member_id"),
    column("broadcast_id"),
    column("state"),
    column("reason"),
    column("opened_at"),
)


def _broadcast() -> Select[Any]:
    return select(broadcasts, merchants.c.name.label("shop"), merchants.c.translations).join_from(
        broadcasts, merchants, merchants.c.id == broadcasts.c.merchant_id
    )


_OPEN = per_dialect(broadcasts, lambda statement: statement.on_conflict_do_nothing())
_DRAFT = _broadcast().where(
    _is_draft, broadcasts.c.merchant_id == bindparam("merchant_id"), broadcasts.c.author_id == bindparam("author_id")
)
_GET = _broadcast().where(broadcasts.c.id == bindparam("broadcast_id"))
_LOCK = _GET.with_for_update(of=broadcasts)
_CHANGE = update(broadcasts).where(broadcasts.c.id == bindparam("of_broadcast"))
_WRITE = _CHANGE.values(text=bindparam("words"), length=bindparam("units"))
_PICTURE = _CHANGE.values(picture_id=bindparam("of_picture"))
_DELETE = delete(broadcasts).where(broadcasts.c.id == bindparam("of_broadcast"))
_START = _CHANGE.values(
    state=BroadcastState.SENDING.value,
    key=bindparam("nonce"),
    recipients=bindparam("how_many"),
    started_at=bindparam("at"),
    chat=bindparam("in_chat"),
    message_id=bindparam("in_message"),
    measured_from=bindparam("at"),
    measured_left=bindparam("how_many"),
)
_TURN = _CHANGE.values(
    state=bindparam("to_state"),
    finished_at=bindparam("ended_at"),
    measured_from=bindparam("at"),
    measured_left=bindparam("how_many"),
)
_REACHABLE = (
    select(func.count())
    .select_from(consents)
    .where(
        consents.c.topic == Topic.OFFERS.value,
        select(addresses.c.member_id)
        .where(addresses.c.member_id == consents.c.member_id, addresses.c.is_reachable)
        .exists(),
    )
    .scalar_subquery()
)
_REACH = select(
    _REACHABLE.label("agreed"), select(func.count()).select_from(members).scalar_subquery().label("members")
)
_is_left = _deliveries.c.state.in_([DeliveryState.QUEUED.value, DeliveryState.SENDING.value])
_LEFT = select(func.count()).select_from(_deliveries).where(_deliveries.c.broadcast_id == bindparam("id"), _is_left)
_TALLY = (
    select(
        _deliveries.c.state,
        _deliveries.c.reason,
        func.count().label("n"),
        func.count(_deliveries.c.opened_at).label("opened"),
    )
    .where(_deliveries.c.broadcast_id == bindparam("id"))
    .group_by(_deliveries.c.state, _deliveries.c.reason)
)
_PAGE = (
    _broadcast()
    .where(
        broadcasts.c.merchant_id == bindparam("merchant_id"),
        broadcasts.c.state != literal_column("'draft'"),
        broadcasts.c.id < bindparam("before_id"),
    )
    .order_by(broadcasts.c.id.desc())
    .limit(bindparam("most"))
)
_is_due = or_(broadcasts.c.drawn_at.is_(None), broadcasts.c.drawn_at <= bindparam("drawn_before"))
_ANY_DUE = select(select(broadcasts.c.id).where(_is_watched, _is_due).exists())
_DUE = (
    _broadcast()
    .add_columns(members.c.language)
    .join(members, members.c.id == broadcasts.c.author_id)
    .where(_is_watched, _is_due)
    .order_by(broadcasts.c.drawn_at)
    .limit(bindparam("most"))
    .with_for_update(of=broadcasts, skip_locked=True)
)
_LOOKED_AT = _CHANGE.values(drawn_at=bindparam("at"))
_DRAWN = _CHANGE.values(drawn=bindparam("as_drawn"))
_SHOWN = _CHANGE.values(
    chat=func.coalesce(bindparam("in_chat", type_=String), broadcasts.c.chat),
    message_id=func.coalesce(bindparam("in_message", type_=Integer), broadcasts.c.message_id),
    is_told=case((bindparam("told", type_=Boolean), True), else_=broadcasts.c.is_told),
)
_CONTENT_OF = (
    select(merchants.c.name.label("shop"), merchants.c.translations, broadcasts.c.text, broadcasts.c.picture_id)
    .join_from(_deliveries, broadcasts, broadcasts.c.id == _deliveries.c.broadcast_id)
    .join(merchants, merchants.c.id == broadcasts.c.merchant_id)
    .where(_deliveries.c.id == bindparam("delivery_id"), _deliveries.c.member_id == bindparam("member_id"))
)
_AGREED_AT = select(consents.c.given_at).where(
    consents.c.member_id == bindparam("member_id"), consents.c.topic == Topic.OFFERS.value
)
_NEWEST = 2**62


class SqlBroadcasts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def draft(self, merchant_id: int, author_id: int, at: datetime) -> Broadcast:
        self._connection.execute(
            _OPEN[self._dialect],
            {"merchant_id": merchant_id, "author_id": author_id, "state": BroadcastState.DRAFT, "created_at": at},
        )
        row = self._connection.execute(_DRAFT, {"merchant_id": merchant_id, "author_id": author_id}).one()
        return _as_broadcast(row)

    def get(self, broadcast_id: int) -> Broadcast | None:
        return self._one(_GET, broadcast_id)

    def lock(self, broadcast_id: int) -> Broadcast | None:
        return self._one(_LOCK, broadcast_id)

    def write(self, broadcast_id: int, text: str, length: int) -> None:
        self._connection.execute(_WRITE, {"of_broadcast": broadcast_id, "words": text, "units": length})

    def picture(self, broadcast_id: int, picture_id: int | None) -> None:
        self._connection.execute(_PICTURE, {"of_broadcast": broadcast_id, "of_picture": picture_id})

    def delete(self, broadcast_id: int) -> None:
        self._connection.execute(_DELETE, {"of_broadcast": broadcast_id})

    def start(self, broadcast_id: int, *, key: str, recipients: int, shown: Shown | None, at: datetime) -> None:
        self._connection.execute(
            _START,
            {
                "of_broadcast": broadcast_id,
                "nonce": key,
                "how_many": recipients,
                "at": at,
                "in_chat": shown and shown.chat,
                "in_message": shown and shown.message_id,
            },
        )

    def turn(self, broadcast_id: int, state: BroadcastState, *, left: int, at: datetime) -> None:
        self._connection.execute(
            _TURN,
            {
                "of_broadcast": broadcast_id,
                "to_state": state,
                "ended_at": at if state.is_over else None,
                "at": at,
                "how_many": left,
            },
        )

    def reach(self) -> Reach:
        return Reach(*self._connection.execute(_REACH).one())

    def left(self, broadcast_id: int) -> int:
        left: int = self._connection.execute(_LEFT, {"id": broadcast_id}).scalar_one()
        return left

    def tally(self, broadcast_id: int) -> Tally:
        by_state: dict[str, int] = {}
        suppressed: dict[str, int] = {}
        opened = 0
        for row in self._connection.execute(_TALLY, {"id": broadcast_id}):
            by_state[row.state] = by_state.get(row.state, 0) + row.n
            opened += row.opened
            if row.state == DeliveryState.SUPPRESSED:
                suppressed[row.reason] = row.n
        return Tally(
            left=by_state.get(DeliveryState.QUEUED, 0) + by_state.get(DeliveryState.SENDING, 0),
            sent=by_state.get(DeliveryState.SENT, 0),
            failed=by_state.get(DeliveryState.FAILED, 0),
            unknown=by_state.get(DeliveryState.UNKNOWN, 0),
            opened=opened,
            suppressed=suppressed,
        )

    def page(self, merchant_id: int, *, before_id: int | None, limit: int) -> Sequence[Broadcast]:
        rows = self._connection.execute(
            _PAGE, {"merchant_id": merchant_id, "before_id": before_id or _NEWEST, "most": limit}
        )
        return [_as_broadcast(row) for row in rows]

    def is_any_due(self, drawn_before: datetime) -> bool:
        return bool(self._connection.execute(_ANY_DUE, {"drawn_before": drawn_before}).scalar_one())

    def due(self, drawn_before: datetime, at: datetime, limit: int) -> Sequence[tuple[Broadcast, str, Language]]:
        rows = self._connection.execute(_DUE, {"drawn_before": drawn_before, "most": limit}).all()
        if rows:
            self._connection.execute(_LOOKED_AT, [{"of_broadcast": row.id, "at": at} for row in rows])
        return [(_as_broadcast(row), row.drawn, Language(row.language)) for row in rows]

    def note_drawn(self, broadcast_id: int, drawn: str) -> None:
        self._connection.execute(_DRAWN, {"of_broadcast": broadcast_id, "as_drawn": drawn})

    def note_shown(self, broadcast_id: int, shown: Shown | None, *, is_told: bool) -> None:
        self._connection.execute(
            _SHOWN,
            {
                "of_broadcast": broadcast_id,
                "in_chat": shown and shown.chat,
                "in_message": shown and shown.message_id,
                "told": is_told,
            },
        )

    def postpone(self, broadcast_id: int, looked_at: datetime) -> None:
        self._connection.execute(_LOOKED_AT, {"of_broadcast": broadcast_id, "at": looked_at})

    def content_of(self, delivery_id: int, member_id: int) -> Content | None:
        row = self._connection.execute(_CONTENT_OF, {"delivery_id": delivery_id, "member_id": member_id}).one_or_none()
        return None if row is None else _as_content(row)

    def agreed_at(self, member_id: int) -> datetime | None:
        return self._connection.execute(_AGREED_AT, {"member_id": member_id}).scalar_one_or_none()

    def _one(self, query: Select[Any], broadcast_id: int) -> Broadcast | None:
        row = self._connection.execute(query, {"broadcast_id": broadcast_id}).one_or_none()
        return None if row is None else _as_broadcast(row)


def _as_content(row: Any) -> Content:
    return Content(row.shop, row.translations, row.text, row.picture_id)


def _as_broadcast(row: Any) -> Broadcast:
    return Broadcast(
        id=row.id,
        merchant_id=row.merchant_id,
        author_id=row.author_id,
        state=BroadcastState(row.state),
        content=_as_content(row),
        length=row.length,
        created_at=row.created_at,
        key=row.key,
        recipients=row.recipients,
        started_at=row.started_at,
        finished_at=row.finished_at,
        shown=None if row.chat is None else Shown(row.chat, row.message_id),
        measured_from=row.measured_from,
        measured_left=row.measured_left,
    )
