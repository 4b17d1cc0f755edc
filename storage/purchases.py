"""Purchases, the points that each of them gave, and their refunds.

Nobody writes here without the lock on the buyer's balance: it keeps caps, refunds and replays in a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from loyalty.earning import Cap, Cut, Earned, Factor, Multiplied, Span
from loyalty.purchases import (
    NOTE_MAX,
    RECEIPT_MAX,
    AwardRole,
    Channel,
    Clawback,
    NewPurchase,
    Purchase,
    PurchaseAward,
    PurchaseRefund,
    Sold,
    Standing,
    TakenBack,
)
from storage.books import transactions
from storage.dialects import id_list, per_dialect, per_id_list
from storage.members import members
from storage.schema import EMPTY, Id, Instant, metadata
from storage.statements import Statement

purchases = Table(
    "purchases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("refunded_minor", BigInteger, nullable=False, server_default="0"),
    Column("receipt", String(RECEIPT_MAX)),
    Column("channel", String(8), nullable=False),
    Column("tags", JSON, nullable=False),
    Column("note", String(NOTE_MAX), nullable=False),
    Column("earned", JSON, nullable=False),  # the rule may change; what was reckoned then stays explained
    Column("at", Instant, nullable=False),
    Column("booked_by", String(64), nullable=False, server_default=EMPTY),  # as the ledger names the actor
    Column("booked_at", Instant),
    Column("undone_at", Instant),
    # The club's day, where the receipt numbers of the shop begin again each day; else empty.
    Column("receipt_day", String(10), nullable=False, server_default=EMPTY),
    Column("undone_receipt", String(RECEIPT_MAX)),  # an undone purchase leaves its receipt to the right one
    Column("grace_before", Instant),  # when the buyer's tier would have ended without it
    CheckConstraint("amount_minor > 0", name="positive"),
    CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refunded_at_most_once"),
    CheckConstraint("channel IN ('till', 'online', 'import')", name="known_channel"),
    UniqueConstraint("merchant_id", "receipt", "receipt_day"),
)
Index("ix_purchases_earned", purchases.c.member_id, purchases.c.merchant_id, purchases.c.at)
Index("ix_purchases_recent", purchases.c.merchant_id, purchases.c.id)

purchase_awards = Table(
    "purchase_awards",
    metadata,
    Column("transaction_id", Id, ForeignKey("transactions.id"), primary_key=True, autoincrement=False),
    Column("purchase_id", Id, ForeignKey("purchases.id"), nullable=False, index=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("clawback", String(16), nullable=False),
    CheckConstraint("points > 0", name="positive"),
    CheckConstraint("clawback IN ('proportional', 'whole')", name="known_clawback"),
)

purchase_refunds = Table(
    "purchase_refunds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("purchase_id", Id, ForeignKey("purchases.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),  # of the purchase by then, this one included
    Column("taken", JSON, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("amount_minor > 0", name="positive"),
    UniqueConstraint("purchase_id", "refunded_minor"),
)

_WISH = [
    "key",
    "merchant_id",
    "member_id",
    "amount_minor",
    "currency",
    "receipt",
    "channel",
    "tags",
    "note",
    "at",
    "receipt_day",
]
_ADD = Statement(
    per_dialect(purchases, lambda statement: statement.on_conflict_do_nothing().returning(purchases.c.id)),
    [*_WISH, "earned", "booked_by", "booked_at"],
)
_SINCE = ["refunded_minor", "booked_by", "booked_at", "undone_at", "grace_before"]
_PURCHASE = select(*(purchases.c[name] for name in (*_WISH, "id", "earned", *_SINCE)))
_GET = Statement(_PURCHASE.where(purchases.c.id == bindparam("purchase_id", type_=Id)))
_BY_KEY = Statement(_PURCHASE.where(purchases.c.key == bindparam("key", type_=String)))
_has_receipt = and_(
    purchases.c.merchant_id == bindparam("merchant_id", type_=Id),
    purchases.c.receipt == bindparam("receipt", type_=String),
)
_BY_RECEIPT = Statement(
    _PURCHASE.where(
        _has_receipt,
        purchases.c.at >= bindparam("since", type_=Instant),
        purchases.c.at < bindparam("until", type_=Instant),
    )
    .order_by(purchases.c.id.desc())
    .limit(1)
)
_ADD_AWARD = Statement(
    insert(purchase_awards), ["transaction_id", "purchase_id", "member_id", "role", "level", "points", "clawback"]
)
_AWARDS = Statement(
    select(
        purchase_awards.c.transaction_id,
        purchase_awards.c.member_id,
        purchase_awards.c.role,
        purchase_awards.c.points,
        purchase_awards.c.level,
        purchase_awards.c.clawback,
    )
    .where(purchase_awards.c.purchase_id == bindparam("purchase_id", type_=Id))
    .order_by(purchase_awards.c.transaction_id)
)
# As loyalty.earning.refundable reckons it: whole numbers divide downwards in both databases.
_left = purchase_awards.c.points - (purchase_awards.c.points * purchases.c.refunded_minor) // purchases.c.amount_minor
_is_that_day = and_(
    purchases.c.at >= bindparam("day_since", type_=Instant), purchases.c.at < bindparam("day_until", type_=Instant)
)
_EARNED = Statement(
    select(
        func.coalesce(func.sum(case((_is_that_day, _left), else_=0)), 0),
        func.coalesce(func.sum(_left), 0),
    )
    .join_from(purchases, purchase_awards, purchase_awards.c.purchase_id == purchases.c.id)
    .where(
        purchases.c.member_id == bindparam("member_id", type_=Id),
        purchases.c.merchant_id == bindparam("merchant_id", type_=Id),
        purchases.c.at >= bindparam("since", type_=Instant),
        purchases.c.at < bindparam("until", type_=Instant),
        purchase_awards.c.role == AwardRole.BUYER.value,
    )
)
_STANDING = Statement(
    select(purchases.c.undone_at)
    .select_from(
        transactions.outerjoin(purchase_awards, purchase_awards.c.transaction_id == transactions.c.id).outerjoin(
            purchases, purchases.c.id == purchase_awards.c.purchase_id
        )
    )
    .where(transactions.c.key == bindparam("key", type_=String))
)
_REFUND = Statement(
    update(purchases)
    .where(purchases.c.id == bindparam("of_purchase", type_=Id))
    .values(refunded_minor=bindparam("refunded", type_=BigInteger))
)
_UNDO = Statement(
    update(purchases)
    .where(purchases.c.id == bindparam("of_purchase", type_=Id))
    .values(undone_at=bindparam("undone_at", type_=Instant), undone_receipt=purchases.c.receipt, receipt=None)
)
_KEEP_GRACE = Statement(
    update(purchases)
    .where(purchases.c.id == bindparam("of_purchase", type_=Id))
    .values(grace_before=bindparam("grace", type_=Instant))
)
_SOLD_BY = _PURCHASE.add_columns(members.c.first_name).join_from(
    purchases, members, members.c.id == purchases.c.member_id
)
_SOLD = Statement(_SOLD_BY.where(purchases.c.id == bindparam("purchase_id", type_=Id)))
_RECENT = Statement(
    _SOLD_BY.where(
        purchases.c.merchant_id == bindparam("merchant_id", type_=Id),
        purchases.c.id < bindparam("before_id", type_=BigInteger),
    )
    .order_by(purchases.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_WITH_RECEIPT = Statement(
    _SOLD_BY.where(_has_receipt).order_by(purchases.c.id.desc()).limit(bindparam("most", type_=Integer))
)
_AMOUNTS = Statement(
    select(purchases.c.amount_minor)
    .where(
        purchases.c.merchant_id == bindparam("merchant_id", type_=Id),
        purchases.c.at >= bindparam("since", type_=Instant),
        purchases.c.undone_at.is_(None),
    )
    .order_by(purchases.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_LATEST = per_id_list(
    "ids",
    lambda among: (
        select(purchases.c.member_id, func.max(purchases.c.at).label("at"))
        .where(
            among(purchases.c.member_id),
            purchases.c.merchant_id == bindparam("merchant_id", type_=Id),
            purchases.c.undone_at.is_(None),
        )
        .group_by(purchases.c.member_id)
    ),
)
_NEWEST = 2**62
_EVER: Span = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_ADD_REFUND = Statement(
    insert(purchase_refunds), ["key", "purchase_id", "amount_minor", "refunded_minor", "taken", "actor", "at"]
)
_REFUND_BY_KEY = Statement(
    select(
        purchase_refunds.c.key,
        purchase_refunds.c.purchase_id,
        purchase_refunds.c.amount_minor,
        purchase_refunds.c.refunded_minor,
        purchase_refunds.c.at,
        purchase_refunds.c.taken,
    ).where(purchase_refunds.c.key == bindparam("key", type_=String))
)


class SqlPurchases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, wish: NewPurchase, earned: Earned, *, booked_by: str = "", booked_at: datetime | None = None
    ) -> Purchase | None:
        row = _ADD.row(
            self._connection,
            {
                "key": wish.key,
                "merchant_id": wish.merchant_id,
                "member_id": wish.member_id,
                "amount_minor": wish.amount_minor,
                "currency": wish.currency,
                "receipt": wish.receipt,
                "channel": wish.channel.value,
                "tags": list(wish.tags),
                "note": wish.note,
                "at": wish.at,
                "receipt_day": wish.receipt_day,
                "earned": _written(earned),
                "booked_by": booked_by,
                "booked_at": booked_at,
            },
        )
        return None if row is None else Purchase(row[0], wish, earned, booked_by=booked_by, booked_at=booked_at)

    def get(self, purchase_id: int) -> Purchase | None:
        return _as_purchase(_GET.row(self._connection, {"purchase_id": purchase_id}))

    def by_key(self, key: str) -> Purchase | None:
        return _as_purchase(_BY_KEY.row(self._connection, {"key": key}))

    def by_receipt(self, merchant_id: int, receipt: str, day: Span | None = None) -> Purchase | None:
        since, until = day or _EVER
        values = {"merchant_id": merchant_id, "receipt": receipt, "since": since, "until": until}
        return _as_purchase(_BY_RECEIPT.row(self._connection, values))

    def with_receipt(self, merchant_id: int, receipt: str, limit: int) -> Sequence[Sold]:
        values = {"merchant_id": merchant_id, "receipt": receipt, "most": limit}
        return [_as_sold(row) for row in _WITH_RECEIPT.rows(self._connection, values)]

    def latest(self, member_ids: Sequence[int], merchant_id: int) -> Mapping[int, datetime]:
        values = {"ids": id_list(self._connection, member_ids), "merchant_id": merchant_id}
        rows = self._connection.execute(_LATEST[self._connection.dialect.name], values)
        return {row.member_id: row.at for row in rows}

    def amounts(self, merchant_id: int, since: datetime, limit: int) -> Sequence[int]:
        rows = _AMOUNTS.rows(self._connection, {"merchant_id": merchant_id, "since": since, "most": limit})
        return [amount_minor for (amount_minor,) in rows]

    def add_award(self, purchase_id: int, award: PurchaseAward) -> None:
        _ADD_AWARD.run(
            self._connection,
            {
                "transaction_id": award.transaction_id,
                "purchase_id": purchase_id,
                "member_id": award.member_id,
                "role": award.role.value,
                "level": award.level,
                "points": award.points,
                "clawback": award.clawback.value,
            },
        )

    def awards(self, purchase_id: int) -> Sequence[PurchaseAward]:
        rows = _AWARDS.rows(self._connection, {"purchase_id": purchase_id})
        return [
            PurchaseAward(transaction_id, member_id, AwardRole(role), points, level, Clawback(clawback))
            for transaction_id, member_id, role, points, level, clawback in rows
        ]

    def earned(self, member_id: int, merchant_id: int, day: Span, month: Span) -> tuple[int, int]:
        values = {
            "member_id": member_id,
            "merchant_id": merchant_id,
            "day_since": day[0],
            "day_until": day[1],
            "since": month[0],
            "until": month[1],
        }
        that_day, that_month = _EARNED.row(self._connection, values)
        return int(that_day), int(that_month)

    def standing(self, key: str) -> Standing:
        row = _STANDING.row(self._connection, {"key": key})
        if row is None:
            return Standing.NEVER
        return Standing.GIVEN if row[0] is None else Standing.UNDONE

    def refund(self, refund: PurchaseRefund, actor: str) -> None:
        _REFUND.run(self._connection, {"of_purchase": refund.purchase_id, "refunded": refund.refunded_minor})
        _ADD_REFUND.run(
            self._connection,
            {
                "key": refund.key,
                "purchase_id": refund.purchase_id,
                "amount_minor": refund.amount_minor,
                "refunded_minor": refund.refunded_minor,
                "taken": [[one.member_id, one.role.value, one.points, one.level] for one in refund.taken],
                "actor": actor,
                "at": refund.at,
            },
        )

    def refund_by_key(self, key: str) -> PurchaseRefund | None:
        row = _REFUND_BY_KEY.row(self._connection, {"key": key})
        if row is None:
            return None
        first_key, purchase_id, amount_minor, refunded_minor, at, taken = row
        parts = (TakenBack(member_id, AwardRole(role), *rest) for member_id, role, *rest in taken)
        return PurchaseRefund(first_key, purchase_id, amount_minor, refunded_minor, at, tuple(parts))

    def undo(self, purchase_id: int, at: datetime) -> None:
        _UNDO.run(self._connection, {"of_purchase": purchase_id, "undone_at": at})

    def keep_grace(self, purchase_id: int, grace_until: datetime) -> None:
        _KEEP_GRACE.run(self._connection, {"of_purchase": purchase_id, "grace": grace_until})

    def sold(self, purchase_id: int) -> Sold | None:
        row = _SOLD.row(self._connection, {"purchase_id": purchase_id})
        return None if row is None else _as_sold(row)

    def recent(self, merchant_id: int, *, before_id: int | None, limit: int) -> Sequence[Sold]:
        values = {"merchant_id": merchant_id, "before_id": before_id or _NEWEST, "most": limit}
        return [_as_sold(row) for row in _RECENT.rows(self._connection, values)]


def _as_purchase(row: Any) -> Purchase | None:
    if row is None:
        return None
    purchase_id, earned, *since = row[len(_WISH) :]
    facts = dict(zip(_WISH, row, strict=False))
    facts |= {"channel": Channel(facts["channel"]), "tags": tuple(facts["tags"])}
    return Purchase(purchase_id, NewPurchase(**facts), _read(earned), *since)


def _as_sold(row: Any) -> Sold:
    *facts, first_name = row
    purchase = _as_purchase(facts)
    assert purchase is not None, "a row is one"
    return Sold(purchase, first_name)


def _written(earned: Earned) -> dict[str, Any]:
    return {
        "points": earned.points,
        "base": earned.base,
        "added": [[one.factor.value, one.percent, one.points, one.of] for one in earned.added],
        "cuts": [[cut.cap.value, cut.points] for cut in earned.cuts],
    }


def _read(written: Mapping[str, Any]) -> Earned:
    return Earned(
        points=written["points"],
        base=written["base"],
        added=tuple(Multiplied(Factor(factor), *rest) for factor, *rest in written["added"]),
        cuts=tuple(Cut(Cap(cap), points) for cap, points in written["cuts"]),
    )
