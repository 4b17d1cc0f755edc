"""What came after a message of a broadcast: the vouchers and purchases at its shop, each counted for the last message
that the shop had sent to the member by then.

Only rows that were matched are looked at for a later message, so the cost is that of the broadcast, not of the shop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)

from loyalty.deliveries import DeliveryState
from loyalty.vouchers import VoucherState
from storage.purchases import purchases
from storage.schema import Id, Instant
from storage.vouchers import vouchers

# By name: the outbox, whose table it is, looks at broadcasts itself.
deliveries = table(
    "deliveries",
    column("id", Id),
    column("member_id", Id),
    column("broadcast_id", Id),
    column("merchant_id", Id),
    column("lane", String),
    column("state", String),
    column("reason", String),
    column("attempts", Integer),
    column("not_before", Instant),
    column("finished_at", Instant),
    column("opened_at", Instant),
    column("variant", String),
)
sent = deliveries.alias("sent")
_later = deliveries.alias("later")

is_redemption = vouchers.c.state != VoucherState.CANCELLED.value
is_purchase = purchases.c.refunded_minor < purchases.c.amount_minor
# The first three as the index of contacts says them.
_is_later = and_(
    _later.c.member_id == sent.c.member_id,
    _later.c.lane == literal_column("'marketing'"),
    _later.c.state.in_([literal_column("'sending'"), literal_column("'sent'"), literal_column("'unknown'")]),
    _later.c.state == literal_column("'sent'"),
    _later.c.merchant_id == sent.c.merchant_id,
    _later.c.broadcast_id.is_not(None),
    _later.c.finished_at >= sent.c.finished_at,
    or_(_later.c.finished_at > sent.c.finished_at, _later.c.id > sent.c.id),
)


def window(days: int, dialect: str) -> Mapping[str, Any]:
    """The value that says how long after a message something counts, in `ends_at`."""
    return {"within": f"+{days} days" if dialect == "sqlite" else 24 * days}


def ends_at(dialect: str) -> ColumnElement[Any]:
    """When a message's window is over: whole days of 24 hours later, to the microsecond."""
    at = sent.c.finished_at
    if dialect == "sqlite":
        seconds = func.datetime(func.substr(at, 1, 19), bindparam("within", type_=String))
        return seconds.concat(func.substr(at, 20))
    return at + func.make_interval(0, 0, 0, 0, bindparam("within", type_=Integer))


def after(
    events: Table,
    at: ColumnElement[Any],
    *what: ColumnElement[Any],
    which: ColumnElement[bool],
    until: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """By delivery (`delivery_id`), what came after messages that were sent: rows of a shop's `events`, and `what` of
    them. An event at the very moment of a message is after it; one at the end of the window is not in it any more."""
    return (
        select(sent.c.id.label("delivery_id"), *what)
        .join_from(
            sent,
            events,
            and_(events.c.member_id == sent.c.member_id, events.c.merchant_id == sent.c.merchant_id),
        )
        .where(
            which,
            sent.c.state == DeliveryState.SENT.value,
            at >= sent.c.finished_at,
            true() if until is None else at < until,
            ~exists().where(_is_later, _later.c.finished_at <= at),
        )
        .group_by(sent.c.id)
    )


def redemptions(which: ColumnElement[bool], until: ColumnElement[Any] | None = None) -> Select[Any]:
    return after(
        vouchers,
        vouchers.c.issued_at,
        func.count().label("events"),
        func.sum(vouchers.c.points).label("points"),
        which=and_(which, is_redemption),
        until=until,
    )


def sales(which: ColumnElement[bool], until: ColumnElement[Any] | None = None) -> Select[Any]:
    """What was brought back altogether is none; of the rest counts what was kept."""
    return after(
        purchases,
        purchases.c.at,
        func.count().label("events"),
        func.sum(purchases.c.amount_minor - purchases.c.refunded_minor).label("minor"),
        which=and_(which, is_purchase),
        until=until,
    )
