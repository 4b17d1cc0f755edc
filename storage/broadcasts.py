from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Text,
    bindparam,
    case,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    update,
)

from loyalty.broadcasts import (
    DELETED,
    Broadcast,
    BroadcastState,
    Content,
    Method,
    Metric,
    Schedule,
    Shown,
    Tally,
    Trial,
    buttons_as_json,
    buttons_from_json,
    original_from_json,
    wordings_as_json,
    wordings_from_json,
)
from loyalty.deliveries import DeliveryState
from loyalty.experiments import Score
from loyalty.members import Language, Topic
from loyalty.segments import EVERYBODY, Segment, as_json, from_json
from storage.broadcast_effects import deliveries as _deliveries
from storage.broadcast_effects import redemptions, sent
from storage.dialects import insert_or_skip, per_dialect
from storage.members import members
from storage.merchants import merchants
from storage.schema import EMPTY, Id, Instant, metadata

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("author_id", Id, ForeignKey("members.id"), nullable=False),
    Column("state", String(16), nullable=False),
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
    Column("topic", String(32), nullable=False, server_default=Topic.OFFERS.value),
    # What only whole broadcasts are asked about is kept as JSON: words, buttons, whom it means.
    Column("wordings", JSON),
    Column("buttons", JSON),
    Column("segment", JSON),  # null: everybody
    Column("send_at", Instant),
    Column("local_day", Date),
    Column("local_hour", Integer),
    Column("valid_hours", Integer, nullable=False, server_default="48"),
    Column("method", String(16), nullable=False, server_default=Method.FIXED.value),
    Column("metric", String(16), nullable=False, server_default=Metric.TAPS.value),
    Column("test_percent", Integer, nullable=False, server_default="20"),
    Column("test_hours", Integer, nullable=False, server_default="4"),
    Column("winner", String(1)),
    Column("decided_at", Instant),
    Column("confirmed_at", Instant),
    Column("approved_by", Id, ForeignKey("members.id")),
    Column("note", Text, nullable=False, server_default=EMPTY),
    Column("filled_to_id", Id, nullable=False, server_default="0"),  # its recipients are fixed up to this member
    Column("filled_at", Instant),
    CheckConstraint(
        "state IN ('draft', 'waiting', 'scheduled', 'preparing', 'sending', 'paused', 'done', 'cancelled')",
        name="known_state",
    ),
    CheckConstraint("(state = 'draft') = (key IS NULL)", name="confirmed"),
    CheckConstraint(
        "state NOT IN ('preparing', 'sending', 'paused', 'done') OR started_at IS NOT NULL", name="started_once"
    ),
    CheckConstraint("(state IN ('done', 'cancelled')) = (finished_at IS NOT NULL)", name="finished_once"),
    CheckConstraint("(chat IS NULL) = (message_id IS NULL)", name="whole_address"),
    CheckConstraint("state NOT IN ('sending', 'done') OR filled_at IS NOT NULL", name="filled_first"),
    CheckConstraint("local_hour BETWEEN 0 AND 23", name="local_hour"),
    CheckConstraint("(local_hour IS NULL) = (local_day IS NULL)", name="whole_local_time"),
    CheckConstraint("method IN ('fixed', 'thompson')", name="known_method"),
    CheckConstraint("metric IN ('taps', 'redemptions')", name="known_metric"),
    CheckConstraint("test_percent BETWEEN 1 AND 100", name="test_percent"),
    Index("ix_broadcasts_history", "merchant_id", "id"),
)
# Spelt out, because a partial index serves only statements whose condition is known when they are planned.
_is_draft = broadcasts.c.state == literal_column("'draft'")
_is_watched = broadcasts.c.started_at.is_not(None) & ~broadcasts.c.is_told
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
_is_preparing = broadcasts.c.state == literal_column("'preparing'")
_is_scheduled = broadcasts.c.state == literal_column("'scheduled'")
_is_waiting = broadcasts.c.state == literal_column("'waiting'")
Index("ix_broadcasts_sending", broadcasts.c.id, sqlite_where=_is_sending, postgresql_where=_is_sending)
Index("ix_broadcasts_preparing", broadcasts.c.id, sqlite_where=_is_preparing, postgresql_where=_is_preparing)
Index("ix_broadcasts_scheduled", broadcasts.c.send_at, sqlite_where=_is_scheduled, postgresql_where=_is_scheduled)
Index("ix_broadcasts_waiting", broadcasts.c.id, sqlite_where=_is_waiting, postgresql_where=_is_waiting)

# Each first tap on a button of a broadcast, by the button's place.
broadcast_taps = Table(
    "broadcast_taps",
    metadata,
    Column("delivery_id", Id, ForeignKey("deliveries.id"), nullable=False),
    Column("button", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("delivery_id", "button"),
)

SENDING = select(broadcasts.c.id).where(_is_sending).order_by(broadcasts.c.id)


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
_WRITE = _CHANGE.values(
    topic=bindparam("about"),
    wordings=bindparam("said", type_=JSON),
    buttons=bindparam("led", type_=JSON),
    picture_id=bindparam("of_picture"),
)
_AIM = _CHANGE.values(segment=bindparam("meant", type_=JSON))
_PLAN = _CHANGE.values(
    send_at=bindparam("then"),
    local_day=bindparam("on_day"),
    local_hour=bindparam("at_hour"),
    valid_hours=bindparam("valid"),
    method=bindparam("by_method"),
    metric=bindparam("by_metric"),
    test_percent=bindparam("percent"),
    test_hours=bindparam("hours"),
)
_DELETE = _CHANGE.values(state=BroadcastState.CANCELLED.value, key=DELETED, finished_at=bindparam("at"))
_REOPEN = _CHANGE.values(
    state=BroadcastState.DRAFT.value,
    key=None,
    confirmed_at=None,
    finished_at=None,
    approved_by=None,
    chat=None,
    message_id=None,
)
_CONFIRM = _CHANGE.values(
    state=bindparam("to_state"),
    key=bindparam("nonce"),
    confirmed_at=bindparam("at"),
    chat=bindparam("in_chat"),
    message_id=bindparam("in_message"),
)
_APPROVE = _CHANGE.values(approved_by=bindparam("by_operator"))
_NOTE = _CHANGE.values(note=bindparam("said"))
_BEGIN = _CHANGE.values(state=BroadcastState.PREPARING.value, started_at=bindparam("at"))
_FILLED = _CHANGE.values(filled_to_id=bindparam("to_id"), recipients=broadcasts.c.recipients + bindparam("added"))
_FULL = _FILLED.values(
    state=BroadcastState.SENDING.value,
    filled_at=bindparam("at"),
    measured_from=bindparam("at"),
    measured_left=broadcasts.c.recipients + bindparam("added"),
)
_TURN = _CHANGE.values(
    state=bindparam("to_state"),
    finished_at=bindparam("ended_at"),
    measured_from=bindparam("at"),
    measured_left=bindparam("how_many"),
)
_DECIDE = _CHANGE.where(broadcasts.c.winner.is_(None)).values(winner=bindparam("won"), decided_at=bindparam("at"))
_TO_START = (
    select(broadcasts.c.id)
    .where(_is_scheduled, or_(broadcasts.c.send_at.is_(None), broadcasts.c.send_at <= bindparam("at")))
    .order_by(broadcasts.c.send_at, broadcasts.c.id)
)
_TO_FILL = select(broadcasts.c.id).where(_is_preparing).order_by(broadcasts.c.id)
_AWAITING = (
    _broadcast()
    .where(_is_waiting, broadcasts.c.id < bindparam("before_id"))
    .order_by(broadcasts.c.id.desc())
    .limit(bindparam("most"))
)
_WAITING = select(func.count()).select_from(broadcasts).where(_is_waiting)
_UNDECIDED = (
    _broadcast()
    .where(_is_sending, broadcasts.c.method == Method.FIXED.value, broadcasts.c.winner.is_(None))
    .order_by(broadcasts.c.id)
)
_redeemed = redemptions(sent.c.broadcast_id == bindparam("id", type_=Id)).subquery("redeemed")
_HITS = {
    Metric.TAPS: exists().where(broadcast_taps.c.delivery_id == _deliveries.c.id),
    Metric.REDEMPTIONS: _deliveries.c.id.in_(select(_redeemed.c.delivery_id)),
}
_SCORES = {
    metric: select(_deliveries.c.variant, func.count().label("sent"), func.count(case((is_hit, 1))).label("hits"))
    .where(
        _deliveries.c.broadcast_id == bindparam("id"),
        _deliveries.c.state == DeliveryState.SENT.value,
        _deliveries.c.variant.is_not(None),
    )
    .group_by(_deliveries.c.variant)
    for metric, is_hit in _HITS.items()
}
_TAP = insert_or_skip(broadcast_taps)
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
        broadcasts.c.key != DELETED,
        broadcasts.c.id < bindparam("before_id"),
    )
    .order_by(broadcasts.c.id.desc())
    .limit(bindparam("most"))
)
_PAGE_SINCE = _PAGE.where(broadcasts.c.started_at >= bindparam("since"))
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
    select(broadcasts, merchants.c.name.label("shop"), merchants.c.translations)
    .join_from(_deliveries, broadcasts, broadcasts.c.id == _deliveries.c.broadcast_id)
    .join(merchants, merchants.c.id == broadcasts.c.merchant_id)
    .where(_deliveries.c.id == bindparam("delivery_id"), _deliveries.c.member_id == bindparam("member_id"))
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

    def write(self, broadcast_id: int, content: Content) -> None:
        self._connection.execute(
            _WRITE,
            {
                "of_broadcast": broadcast_id,
                "about": content.topic,
                "said": wordings_as_json(content),
                "led": buttons_as_json(content.buttons),
                "of_picture": content.picture_id,
            },
        )

    def aim(self, broadcast_id: int, segment: Segment) -> None:
        self._connection.execute(_AIM, {"of_broadcast": broadcast_id, "meant": as_json(segment)})

    def plan(self, broadcast_id: int, schedule: Schedule, trial: Trial) -> None:
        self._connection.execute(
            _PLAN,
            {
                "of_broadcast": broadcast_id,
                "then": schedule.send_at,
                "on_day": schedule.local_day,
                "at_hour": schedule.local_hour,
                "valid": schedule.valid_hours,
                "by_method": trial.method,
                "by_metric": trial.metric,
                "percent": trial.percent,
                "hours": trial.hours,
            },
        )

    def delete(self, broadcast_id: int, at: datetime) -> None:
        self._connection.execute(_DELETE, {"of_broadcast": broadcast_id, "at": at})

    def reopen(self, broadcast_id: int) -> None:
        self._connection.execute(_REOPEN, {"of_broadcast": broadcast_id})

    def confirm(self, broadcast_id: int, state: BroadcastState, *, key: str, shown: Shown | None, at: datetime) -> None:
        self._connection.execute(
            _CONFIRM,
            {
                "of_broadcast": broadcast_id,
                "to_state": state,
                "nonce": key,
                "at": at,
                "in_chat": shown and shown.chat,
                "in_message": shown and shown.message_id,
            },
        )

    def approve(self, broadcast_id: int, operator_id: int) -> None:
        self._connection.execute(_APPROVE, {"of_broadcast": broadcast_id, "by_operator": operator_id})

    def note(self, broadcast_id: int, note: str) -> None:
        self._connection.execute(_NOTE, {"of_broadcast": broadcast_id, "said": note})

    def begin(self, broadcast_id: int, at: datetime) -> None:
        self._connection.execute(_BEGIN, {"of_broadcast": broadcast_id, "at": at})

    def filled(self, broadcast_id: int, *, to_id: int, added: int, done_at: datetime | None) -> None:
        values = {"of_broadcast": broadcast_id, "to_id": to_id, "added": added}
        if done_at is None:
            self._connection.execute(_FILLED, values)
        else:
            self._connection.execute(_FULL, values | {"at": done_at})

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

    def decide(self, broadcast_id: int, winner: str, at: datetime) -> None:
        self._connection.execute(_DECIDE, {"of_broadcast": broadcast_id, "won": winner, "at": at})

    def scores(self, broadcast_id: int, trial: Trial) -> Mapping[str, Score]:
        rows = self._connection.execute(_SCORES[trial.metric], {"id": broadcast_id})
        return {row.variant: Score(row.sent, row.hits) for row in rows}

    def to_start(self, at: datetime) -> Sequence[int]:
        return self._connection.execute(_TO_START, {"at": at}).scalars().all()

    def to_fill(self) -> Sequence[int]:
        return self._connection.execute(_TO_FILL).scalars().all()

    def awaiting(self, *, before_id: int | None, limit: int) -> Sequence[Broadcast]:
        rows = self._connection.execute(_AWAITING, {"before_id": before_id or _NEWEST, "most": limit})
        return [_as_broadcast(row) for row in rows]

    def waiting(self) -> int:
        waiting: int = self._connection.execute(_WAITING).scalar_one()
        return waiting

    def undecided(self) -> Sequence[Broadcast]:
        return [_as_broadcast(row) for row in self._connection.execute(_UNDECIDED)]

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

    def page(
        self, merchant_id: int, *, before_id: int | None, limit: int, since: datetime | None = None
    ) -> Sequence[Broadcast]:
        values = {"merchant_id": merchant_id, "before_id": before_id or _NEWEST, "most": limit}
        if since is None:
            rows = self._connection.execute(_PAGE, values)
        else:
            rows = self._connection.execute(_PAGE_SINCE, {**values, "since": since})
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

    def tap(self, delivery_id: int, button: int, at: datetime) -> bool:
        tapped = self._connection.execute(_TAP[self._dialect], {"delivery_id": delivery_id, "button": button, "at": at})
        return tapped.rowcount == 1

    def _one(self, query: Select[Any], broadcast_id: int) -> Broadcast | None:
        row = self._connection.execute(query, {"broadcast_id": broadcast_id}).one_or_none()
        return None if row is None else _as_broadcast(row)


def _as_content(row: Any) -> Content:
    return Content(
        shop=row.shop,
        translations=row.translations,
        wordings=wordings_from_json(row.wordings or {}),
        picture_id=row.picture_id,
        topic=Topic(row.topic),
        buttons=buttons_from_json(row.buttons or ()),
        merchant_id=row.merchant_id,
        original=original_from_json(row.wordings or {}),
    )


def _as_broadcast(row: Any) -> Broadcast:
    return Broadcast(
        id=row.id,
        merchant_id=row.merchant_id,
        author_id=row.author_id,
        state=BroadcastState(row.state),
        content=_as_content(row),
        created_at=row.created_at,
        segment=from_json(row.segment) if row.segment else EVERYBODY,
        schedule=Schedule(row.send_at, row.local_day, row.local_hour, row.valid_hours),
        trial=Trial(
            Method(row.method), Metric(row.metric), row.test_percent, row.test_hours, row.winner, row.decided_at
        ),
        key=row.key,
        confirmed_at=row.confirmed_at,
        approved_by=row.approved_by,
        note=row.note,
        filled_to_id=row.filled_to_id,
        filled_at=row.filled_at,
        recipients=row.recipients,
        started_at=row.started_at,
        finished_at=row.finished_at,
        shown=None if row.chat is None else Shown(row.chat, row.message_id),
        measured_from=row.measured_from,
        measured_left=row.measured_left,
    )
