"""Segments as SQL: a condition on `members` for each of theirs, whatever the size of the club."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    and_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    true,
)

from loyalty.errors import InvalidSegment
from loyalty.segments import (
    All,
    AnyOf,
    BirthdayIn,
    BirthdayMonth,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    InSaved,
    IsCustomer,
    Keeps,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
    Tapped,
    from_json,
    mentioned,
    resolve,
)
from loyalty.vouchers import VoucherState
from storage.books import balances
from storage.members import members
from storage.purchases import purchases
from storage.referrals import referrals
from storage.rewards import favourites, rewards
from storage.schema import Id, Instant, metadata
from storage.vouchers import vouchers

NOBODY = AnyOf()

# Segments that a shop has kept under a name.
segments = Table(
    "segments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("definition", JSON, nullable=False),
    Column("author_id", Id, ForeignKey("members.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("deleted_at", Instant),  # what mentions it goes on meaning what it meant
    Index("ix_segments_merchant_id", "merchant_id"),
)
_is_kept = segments.c.deleted_at.is_(None)
Index(
    "uq_segments_kept",
    segments.c.merchant_id,
    segments.c.name,
    unique=True,
    sqlite_where=_is_kept,
    postgresql_where=_is_kept,
)

# What a draft meant before its last change.
segment_edits = Table(
    "segment_edits",
    metadata,
    Column("broadcast_id", Id, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("before", JSON, nullable=False),
)

_DEFINITIONS = select(segments.c.id, segments.c.definition).where(segments.c.merchant_id == bindparam("merchant_id"))

# By name: what is stored in other rooms knows segments itself.
_deliveries = table(
    "deliveries", column("id"), column("member_id"), column("merchant_id"), column("opened_at", Instant)
)
_taps = table("broadcast_taps", column("delivery_id"), column("at", Instant))


def resolved(connection: Connection, merchant_id: int, segment: Segment) -> Segment:
    """With the shop's lists in the places where they are mentioned. What cannot be resolved means nobody."""
    if not mentioned(segment):
        return segment
    rows = connection.execute(_DEFINITIONS, {"merchant_id": merchant_id})
    try:
        return resolve(segment, {row.id: from_json(row.definition) for row in rows})
    except InvalidSegment:
        return NOBODY


def condition(segment: Segment, merchant_id: int, at: datetime) -> ColumnElement[bool]:
    """Of a row of `members`, whether the segment of this shop, with its lists resolved, means it."""
    match segment:
        case All(parts):
            return and_(true(), *(condition(part, merchant_id, at) for part in parts))
        case AnyOf(parts):
            return or_(false(), *(condition(part, merchant_id, at) for part in parts))
        case Not(part):
            return not_(condition(part, merchant_id, at))
        case HasTier(tiers):
            return members.c.tier.in_([tier.value for tier in tiers])
        case Speaks(languages):
            return members.c.language.in_([language.value for language in languages])
        case BirthdayIn(months):
            # A member without a birthday is in no month, and with `not` in none either: an unknown is no answer.
            return func.coalesce(members.c.birthday_month, 0).in_(months)
        case BirthdayMonth():
            return condition(BirthdayIn((segment.month(at),)), merchant_id, at)
        case HasPoints(least, most):
            available = balances.c.available
            fits = available >= least if most is None else available.between(least, most)
            balance = select(literal(1)).where(balances.c.member_id == members.c.id)
            # Who has no row yet has no points. Looking for a row is cheaper than looking one up.
            has_nothing_fits = least <= 0 and (most is None or most >= 0)
            return not_(balance.where(not_(fits)).exists()) if has_nothing_fits else balance.where(fits).exists()
        case HasReferral(status):
            mine = referrals.c.referrer_id if status is ReferralStatus.BROUGHT_FRIENDS else referrals.c.referee_id
            return select(literal(1)).where(mine == members.c.id, referrals.c.qualified_at.is_not(None)).exists()
        case IsCustomer():
            return or_(condition(Bought(), merchant_id, at), condition(Redeemed(), merchant_id, at))
        case Bought(days, tag):
            bought = _purchases(merchant_id, days, at)
            if tag:
                bought = bought.where(_has_tag(tag))
            return bought.exists()
        case Spent(least_minor, days):
            spent = (
                _purchases(merchant_id, days, at)
                .with_only_columns(func.coalesce(func.sum(purchases.c.amount_minor - purchases.c.refunded_minor), 0))
                .scalar_subquery()
            )
            return spent >= least_minor
        case Redeemed(reward_id):
            had = select(literal(1)).where(
                vouchers.c.member_id == members.c.id,
                vouchers.c.merchant_id == merchant_id,
                vouchers.c.reward_id.is_not(None),
                vouchers.c.state != VoucherState.CANCELLED.value,
            )
            return (had if reward_id is None else had.where(vouchers.c.reward_id == reward_id)).exists()
        case Keeps(reward_id):
            kept = (
                select(literal(1))
                .join_from(favourites, rewards, rewards.c.id == favourites.c.reward_id)
                .where(favourites.c.member_id == members.c.id, rewards.c.merchant_id == merchant_id)
            )
            return (kept if reward_id is None else kept.where(favourites.c.reward_id == reward_id)).exists()
        case Tapped(days):
            since = at - timedelta(days=days)
            again = select(literal(1)).where(_taps.c.delivery_id == _deliveries.c.id, _taps.c.at > since).exists()
            return (
                select(literal(1))
                .select_from(_deliveries)
                .where(
                    _deliveries.c.member_id == members.c.id,
                    _deliveries.c.merchant_id == merchant_id,
                    _deliveries.c.opened_at.is_not(None),
                    or_(_deliveries.c.opened_at > since, again),
                )
                .exists()
            )
        case InSaved():
            raise ValueError("a list is resolved first")


def _purchases(merchant_id: int, days: int | None, at: datetime) -> Select[Any]:
    bought = select(literal(1)).where(
        purchases.c.member_id == members.c.id,
        purchases.c.merchant_id == merchant_id,
        purchases.c.refunded_minor < purchases.c.amount_minor,
    )
    return bought if days is None else bought.where(purchases.c.at > at - timedelta(days=days))


def _has_tag(tag: str) -> ColumnElement[bool]:
    """Tags are kept as a JSON list of words; one of them, with its quotes, is found whole."""
    return cast(purchases.c.tags, String).contains(json.dumps(tag), autoescape=True)
