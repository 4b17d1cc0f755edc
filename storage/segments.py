"""Segments as SQL: a condition on `members` for each of theirs, whatever the size of the club."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from loyalty.segments import (
    All,
    AnyOf,
    BirthdayIn,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
)
from loyalty.vouchers import VoucherState
from storage.books import balances
from storage.members import members
from storage.purchases import purchases
from storage.referrals import referrals
from storage.schema import Id, Instant, metadata
from storage.vouchers import vouchers

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
    UniqueConstraint("merchant_id", "name"),
)


def condition(segment: Segment, merchant_id: int, at: datetime) -> ColumnElement[bool]:
    """Of a row of `members`, whether the segment of this shop means it."""
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
        case HasPoints(least, most):
            available = func.coalesce(
                select(balances.c.available).where(balances.c.member_id == members.c.id).scalar_subquery(), 0
            )
            return available >= least if most is None else available.between(least, most)
        case HasReferral(status):
            mine = referrals.c.referrer_id if status is ReferralStatus.BROUGHT_FRIENDS else referrals.c.referee_id
            return select(literal(1)).where(mine == members.c.id, referrals.c.qualified_at.is_not(None)).exists()
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
