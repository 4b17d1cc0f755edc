"""What members have chosen about being written to: quiet hours, how often, and from which shops not; what they agreed
to; and what was decided about messages to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    select,
    table,
    union,
)

from loyalty.deliveries import DeliveryState, Lane
from loyalty.members import TERMS_VERSION, Topic
from loyalty.notifications import Choices, Consent, ShopChoice, Unasked
from storage.dialects import insert_or_skip, per_dialect
from storage.members import consent_log, consents, members
from storage.merchants import merchants
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


def _as_minutes(clock: time | None) -> int | None:
    return None if clock is None else clock.hour * 60 + clock.minute


# By name: the outbox, whose table it is, looks at preferences itself.
_deliveries = table(
    "deliveries",
    column("id", Id),
    column("member_id", Id),
    column("kind"),
    column("facts", JSON),
    column("lane"),
    column("topic"),
    column("broadcast_id", Id),
    column("merchant_id", Id),
    column("state"),
    column("reason"),
    column("not_before", Instant),
    column("finished_at", Instant),
    column("opened_at", Instant),
)

# What is booked for the member meanwhile does not wait: it only refers to the row.
_LOCK = select(members.c.id).where(members.c.id == bindparam("member_id")).with_for_update(key_share=True)
_CHOICES = select(contact_preferences).where(contact_preferences.c.member_id == bindparam("member_id"))
_CHOOSE = per_dialect(
    contact_preferences,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["member_id"],
        set_={name: statement.excluded[name] for name in ("quiet_from", "quiet_until", "per_day", "per_week")},
    ),
)
_MUTE = insert_or_skip(muted_shops)
_UNMUTE = delete(muted_shops).where(
    muted_shops.c.member_id == bindparam("of_member"), muted_shops.c.merchant_id == bindparam("of_merchant")
)
_IS_MUTED = select(
    exists().where(
        muted_shops.c.member_id == bindparam("member_id"), muted_shops.c.merchant_id == bindparam("merchant_id")
    )
)
_MUTED = select(func.count()).where(muted_shops.c.member_id == bindparam("member_id"))
_is_unasked = (_deliveries.c.member_id == bindparam("member_id"), _deliveries.c.lane == Lane.MARKETING.value)
_WROTE = union(
    select(_deliveries.c.merchant_id).where(
        *_is_unasked,
        _deliveries.c.merchant_id.is_not(None),
        _deliveries.c.state.in_([DeliveryState.SENT.value, DeliveryState.UNKNOWN.value]),
    ),
    select(muted_shops.c.merchant_id).where(muted_shops.c.member_id == bindparam("member_id")),
)
_SHOPS = (
    select(
        merchants.c.id,
        merchants.c.name,
        merchants.c.translations,
        exists()
        .where(muted_shops.c.member_id == bindparam("member_id"), muted_shops.c.merchant_id == merchants.c.id)
        .label("is_muted"),
    )
    .where(merchants.c.id.in_(_WROTE), merchants.c.id > bindparam("after_id"))
    .order_by(merchants.c.id)
    .limit(bindparam("most"))
)
_AGREED = select(consents.c.topic, consents.c.given_at).where(consents.c.member_id == bindparam("member_id"))
_NOTE = insert(consent_log).returning(consent_log.c.id)
_LINES = (
    select(
        consent_log.c.id,
        consent_log.c.topic,
        consent_log.c.is_given,
        consent_log.c.wording,
        consent_log.c.at,
        consent_log.c.place,
        consent_log.c.version,
        consent_log.c.is_confirmed,
        merchants.c.name,
        merchants.c.translations,
    )
    .join_from(consent_log, merchants, merchants.c.id == consent_log.c.merchant_id, isouter=True)
    .where(consent_log.c.member_id == bindparam("member_id"))
    .order_by(consent_log.c.id.desc())
)
_LAST_SAID = _LINES.where(consent_log.c.topic == bindparam("topic"), consent_log.c.merchant_id.is_(None)).limit(1)
_LINE = _LINES.where(consent_log.c.id == bindparam("line_id"))
_LOG = _LINES.where(consent_log.c.id < bindparam("before")).limit(bindparam("most"))
_UNASKED = (
    select(_deliveries, merchants.c.name, merchants.c.translations)
    .join_from(_deliveries, merchants, merchants.c.id == _deliveries.c.merchant_id, isouter=True)
    .where(*_is_unasked)
    .order_by(_deliveries.c.id.desc())
)
_PAGE = _UNASKED.where(_deliveries.c.id < bindparam("before")).limit(bindparam("most"))
_MESSAGE = _UNASKED.where(_deliveries.c.id == bindparam("delivery_id"))
NEWEST = 2**62  # above every id


class SqlContacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def lock(self, member_id: int) -> None:
        self._connection.execute(_LOCK, {"member_id": member_id})

    def choices(self, member_id: int) -> Choices:
        row = self._connection.execute(_CHOICES, {"member_id": member_id}).one_or_none()
        if row is None:
            return Choices()
        return Choices(as_time(row.quiet_from), as_time(row.quiet_until), row.per_day, row.per_week)

    def choose(self, member_id: int, choices: Choices) -> None:
        values = {
            "member_id": member_id,
            "quiet_from": _as_minutes(choices.quiet_from),
            "quiet_until": _as_minutes(choices.quiet_until),
            "per_day": choices.per_day,
            "per_week": choices.per_week,
        }
        self._connection.execute(_CHOOSE[self._dialect], values)

    def mute(self, member_id: int, merchant_id: int, at: datetime) -> bool:
        values = {"member_id": member_id, "merchant_id": merchant_id, "muted_at": at}
        return self._connection.execute(_MUTE[self._dialect], values).rowcount == 1

    def unmute(self, member_id: int, merchant_id: int) -> bool:
        gone = self._connection.execute(_UNMUTE, {"of_member": member_id, "of_merchant": merchant_id})
        return gone.rowcount == 1

    def is_muted(self, member_id: int, merchant_id: int) -> bool:
        values = {"member_id": member_id, "merchant_id": merchant_id}
        return bool(self._connection.execute(_IS_MUTED, values).scalar_one())

    def muted(self, member_id: int) -> int:
        count: int = self._connection.execute(_MUTED, {"member_id": member_id}).scalar_one()
        return count

    def shops(self, member_id: int, after_id: int, limit: int) -> Sequence[ShopChoice]:
        values = {"member_id": member_id, "after_id": after_id, "most": limit}
        return [ShopChoice(*row) for row in self._connection.execute(_SHOPS, values)]

    def agreed(self, member_id: int) -> Mapping[Topic, datetime]:
        rows = self._connection.execute(_AGREED, {"member_id": member_id})
        return {Topic(topic): given_at for topic, given_at in rows}

    def note(
        self,
        member_id: int,
        topic: Topic,
        given: bool,
        *,
        at: datetime,
        wording: str,
        place: str,
        merchant_id: int | None = None,
        is_confirmed: bool = True,
    ) -> int:
        line_id: int = self._connection.execute(
            _NOTE,
            {
                "member_id": member_id,
                "topic": topic,
                "is_given": given,
                "wording": wording,
                "at": at,
                "place": place,
                "version": TERMS_VERSION,
                "merchant_id": merchant_id,
                "is_confirmed": is_confirmed,
            },
        ).scalar_one()
        return line_id

    def last_said(self, member_id: int, topic: Topic) -> Consent | None:
        return _as_consent(self._connection.execute(_LAST_SAID, {"member_id": member_id, "topic": topic}).one_or_none())

    def line(self, member_id: int, line_id: int) -> Consent | None:
        return _as_consent(self._connection.execute(_LINE, {"member_id": member_id, "line_id": line_id}).one_or_none())

    def log(self, member_id: int, before_id: int | None, limit: int) -> Sequence[Consent]:
        values = {"member_id": member_id, "before": before_id or NEWEST, "most": limit}
        return [line for row in self._connection.execute(_LOG, values) if (line := _as_consent(row)) is not None]

    def unasked(self, member_id: int, before_id: int | None, limit: int) -> Sequence[Unasked]:
        values = {"member_id": member_id, "before": before_id or NEWEST, "most": limit}
        return [_as_unasked(row) for row in self._connection.execute(_PAGE, values)]

    def message(self, member_id: int, delivery_id: int) -> Unasked | None:
        values = {"member_id": member_id, "delivery_id": delivery_id}
        row = self._connection.execute(_MESSAGE, values).one_or_none()
        return None if row is None else _as_unasked(row)


def _as_consent(row: Any) -> Consent | None:
    if row is None:
        return None
    return Consent(
        id=row.id,
        topic=Topic(row.topic),
        is_given=row.is_given,
        wording=row.wording,
        at=row.at,
        place=row.place,
        version=row.version,
        is_confirmed=row.is_confirmed,
        shop=row.name,
        translations=row.translations or {},
    )


def _as_unasked(row: Any) -> Unasked:
    return Unasked(
        id=row.id,
        kind=row.kind,
        topic=None if row.topic is None else Topic(row.topic),
        state=DeliveryState(row.state),
        reason=row.reason,
        at=row.finished_at or row.not_before,
        facts=row.facts,
        is_opened=row.opened_at is not None,
        is_broadcast=row.broadcast_id is not None,
        merchant_id=row.merchant_id,
        shop=row.name,
        translations=row.translations or {},
    )
