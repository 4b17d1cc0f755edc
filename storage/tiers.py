"""Totals of twelve months, and the changes of tiers that follow from them: each a few statements, however many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from loyalty.earning import Span
from loyalty.members import Tier
from loyalty.purchases import AwardRole, Clawback
from loyalty.tiers import Counted, TierBasis, TierChange, TierReason
from storage.ceilings import is_waiting, purchase_reviews
from storage.dialects import id_list, per_id_list
from storage.members import members
from storage.purchases import purchase_awards, purchases
from storage.schema import Id, Instant, metadata, refuse_changes
from storage.statements import Statement

# Each change of a tier and why. Never changed.
tier_changes = Table(
    "tier_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("tier_before", String(16), nullable=False),
    Column("tier_after", String(16), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("reason IN ('earned', 'lapsed', 'granted', 'undone')", name="known_reason"),
)
refuse_changes(tier_changes)

_BUYER_ROLES = [AwardRole.BUYER.value, AwardRole.FIRST.value, AwardRole.BIRTHDAY.value]
# As loyalty.purchases.PurchaseAward.due reckons it.
_taken_back = case(
    (
        purchase_awards.c.clawback == Clawback.WHOLE.value,
        case((purchases.c.refunded_minor == purchases.c.amount_minor, purchase_awards.c.points), else_=0),
    ),
    else_=(purchase_awards.c.points * purchases.c.refunded_minor) // purchases.c.amount_minor,
)
_bought = and_(
    purchases.c.member_id == members.c.id,
    purchases.c.at >= bindparam("since", type_=Instant),
    purchases.c.at < bindparam("until", type_=Instant),
    # What somebody should look at first counts when they have, or when its time has come.
    ~exists().where(
        purchase_reviews.c.purchase_id == purchases.c.id,
        is_waiting,
        purchase_reviews.c.releases_at >= bindparam("until", type_=Instant),
    ),
)


def _sum(of: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(of), 0), BigInteger)


_TOTALS: Mapping[TierBasis, ColumnElement[int]] = {
    TierBasis.POINTS: (
        select(_sum(purchase_awards.c.points - _taken_back))
        .select_from(purchases)
        .join(purchase_awards, purchase_awards.c.purchase_id == purchases.c.id)
        .where(
            _bought,
            purchase_awards.c.member_id == purchases.c.member_id,
            or_(*(purchase_awards.c.role == role for role in _BUYER_ROLES)),
        )
        .correlate(members)
        .scalar_subquery()
    ),
    TierBasis.SPEND: (
        select(_sum(purchases.c.amount_minor - purchases.c.refunded_minor))
        .where(_bought)
        .correlate(members)
        .scalar_subquery()
    ),
}


def _counted(basis: TierBasis) -> Select[Any]:
    return select(
        members.c.id,
        members.c.tier,
        _TOTALS[basis],
        members.c.timezone,
        members.c.tier_kept_until,
        members.c.tier_grace_until,
    )


_ONE = {
    basis: Statement(_counted(basis).where(members.c.id == bindparam("member_id", type_=Id))) for basis in TierBasis
}
_batch = (
    select(members.c.id)
    .where(members.c.id > bindparam("after_id", type_=Id))
    .order_by(members.c.id)
    .limit(bindparam("size", type_=Id))
    .subquery()
)
_NEXT_BATCH = Statement(select(func.coalesce(func.max(_batch.c.id), 0), func.count()).select_from(_batch))
_CANDIDATES = {
    basis: Statement(
        select(members.c.id)
        .where(
            members.c.id > bindparam("after_id", type_=Id),
            members.c.id <= bindparam("up_to_id", type_=Id),
            or_(members.c.tier != Tier.MEMBER.value, _TOTALS[basis] >= bindparam("least", type_=BigInteger)),
        )
        .with_for_update(skip_locked=True, of=members)
    )
    for basis in TierBasis
}


def _counted_among(basis: TierBasis) -> Statement:
    return Statement(
        per_id_list("ids", lambda among: _counted(basis).where(among(members.c.id)).order_by(members.c.id))
    )


_AMONG = {basis: _counted_among(basis) for basis in TierBasis}
_LOCK = Statement(select(members.c.id).where(members.c.id == bindparam("member_id", type_=Id)).with_for_update())
_CHANGE = Statement(
    per_id_list(
        "ids",
        lambda among: (
            update(members)
            .where(among(members.c.id), members.c.tier == bindparam("before", type_=String))
            .values(tier=bindparam("after", type_=String), tier_grace_until=None)
            .returning(members.c.id)
        ),
    )
)
_LOG = Statement(
    per_id_list(
        "ids",
        lambda among: (
            insert(tier_changes)
            .from_select(
                ["member_id", "tier_before", "tier_after", "reason", "at"],
                select(
                    members.c.id,
                    bindparam("before", type_=String),
                    bindparam("after", type_=String),
                    bindparam("reason", type_=String),
                    bindparam("at", type_=Instant),
                ).where(among(members.c.id)),
            )
            .returning(tier_changes.c.id, tier_changes.c.member_id)
        ),
    )
)
_KEEP = Statement(
    update(members)
    .where(members.c.id == bindparam("member_id", type_=Id))
    .values(tier_kept_until=bindparam("to", type_=Instant), tier_grace_until=None)
)
_GRACE = Statement(
    per_id_list(
        "ids",
        lambda among: (
            update(members).where(among(members.c.id)).values(tier_grace_until=bindparam("to", type_=Instant))
        ),
    )
)
_newest = (
    select(
        tier_changes.c.id,
        tier_changes.c.member_id,
        tier_changes.c.tier_before,
        tier_changes.c.tier_after,
        tier_changes.c.reason,
        tier_changes.c.at,
    )
    .where(tier_changes.c.member_id == bindparam("member_id", type_=Id))
    .order_by(tier_changes.c.id.desc())
)
_LAST = Statement(_newest.limit(1))
_CHANGED_SINCE = Statement(_newest.where(tier_changes.c.at >= bindparam("since", type_=Instant)))


class SqlTiers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counted(self, member_id: int, basis: TierBasis, span: Span) -> Counted | None:
        values = {"member_id": member_id, "since": span[0], "until": span[1]}
        row = _ONE[basis].row(self._connection, values)
        return None if row is None else _as_counted(row)

    def next_batch(self, after_id: int, size: int) -> tuple[int, int]:
        last, count = _NEXT_BATCH.row(self._connection, {"after_id": after_id, "size": size})
        return last, count

    def to_review(self, after_id: int, up_to_id: int, basis: TierBasis, span: Span, least: int) -> Sequence[Counted]:
        within = {"since": span[0], "until": span[1]}
        values = {"after_id": after_id, "up_to_id": up_to_id, "least": least, **within}
        found = [row[0] for row in _CANDIDATES[basis].rows(self._connection, values)]
        if not found:
            return []
        # Again, now that they are locked: what was booked while the rows were being found counts, too.
        values = {"ids": id_list(self._connection, found), **within}
        return [_as_counted(row) for row in _AMONG[basis].rows(self._connection, values)]

    def lock(self, member_id: int) -> None:
        _LOCK.rows(self._connection, {"member_id": member_id})

    def change(
        self, member_ids: Sequence[int], before: Tier, after: Tier, reason: TierReason, at: datetime
    ) -> Sequence[TierChange]:
        steps = {"before": before.value, "after": after.value}
        ids = id_list(self._connection, member_ids)
        changed = [row[0] for row in _CHANGE.rows(self._connection, {"ids": ids, **steps})]
        if not changed:
            return []
        values = {"ids": id_list(self._connection, changed), "reason": reason.value, "at": at, **steps}
        rows = _LOG.rows(self._connection, values)
        return [TierChange(change_id, member_id, before, after, reason, at) for change_id, member_id in rows]

    def keep(self, member_id: int, until: datetime | None) -> None:
        _KEEP.run(self._connection, {"member_id": member_id, "to": until})

    def set_grace(self, member_ids: Sequence[int], until: datetime | None) -> None:
        _GRACE.run(self._connection, {"ids": id_list(self._connection, member_ids), "to": until})

    def last_change(self, member_id: int) -> TierChange | None:
        row = _LAST.row(self._connection, {"member_id": member_id})
        return None if row is None else _as_change(row)

    def changes_since(self, member_id: int, since: datetime) -> Sequence[TierChange]:
        rows = _CHANGED_SINCE.rows(self._connection, {"member_id": member_id, "since": since})
        return [_as_change(row) for row in rows]


def _as_change(row: Any) -> TierChange:
    change_id, member_id, before, after, reason, at = row
    return TierChange(change_id, member_id, Tier(before), Tier(after), TierReason(reason), at)


def _as_counted(row: Any) -> Counted:
    member_id, tier, total, timezone, kept_until, grace_until = row
    return Counted(member_id, Tier(tier), int(total), timezone, kept_until, grace_until)
