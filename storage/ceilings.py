from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from loyalty.ceilings import Given, Review, ReviewState
from loyalty.earning import Span
from loyalty.purchases import AwardRole
from storage.dialects import per_dialect
from storage.members import members
from storage.merchants import merchants
from storage.purchases import purchase_awards, purchases
from storage.schema import EMPTY, Id, Instant, metadata
from storage.statements import Statement

# What a shop has given on a day of the club, less what was taken back of it. The row is what its sales wait for: they
# pass no ceiling at once. It is as many rows as days, so a month's sum is one short range.
shop_days = Table(
    "shop_days",
    metadata,
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("points", BigInteger, nullable=False),
    PrimaryKeyConstraint("merchant_id", "day"),
)
purchase_reviews = Table(
    "purchase_reviews",
    metadata,
    Column("purchase_id", Id, ForeignKey("purchases.id"), primary_key=True, autoincrement=False),
    Column("points", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("releases_at", Instant, nullable=False),
    Column("decided_by", String(64), nullable=False, server_default=EMPTY),
    Column("decided_at", Instant),
    CheckConstraint("state IN ('waiting', 'released', 'refused', 'undone')", name="known_state"),
)
is_waiting = purchase_reviews.c.state == literal_column("'waiting'")
Index(
    "ix_purchase_reviews_waiting", purchase_reviews.c.purchase_id, sqlite_where=is_waiting, postgresql_where=is_waiting
)

_of_shop = shop_days.c.merchant_id == bindparam("of_merchant", type_=Id)
_FUNDED = [AwardRole.BUYER.value, AwardRole.FIRST.value, AwardRole.BIRTHDAY.value]
_of_member = (
    select(
        func.coalesce(
            func.sum(
                purchase_awards.c.points
                - (purchase_awards.c.points * purchases.c.refunded_minor) // purchases.c.amount_minor
            ),
            0,
        )
    )
    .join_from(purchases, purchase_awards, purchase_awards.c.purchase_id == purchases.c.id)
    .where(
        purchases.c.member_id == bindparam("member_id", type_=Id),
        purchases.c.at >= bindparam("since", type_=Instant),
        purchases.c.at < bindparam("until", type_=Instant),
        or_(*(purchase_awards.c.role == role for role in _FUNDED)),
    )
    .scalar_subquery()
)


def _sum_of_days(*conditions: Any) -> Any:
    return select(func.coalesce(func.sum(shop_days.c.points), 0)).where(_of_shop, *conditions).scalar_subquery()


_GIVEN = Statement(
    select(
        _of_member,
        _sum_of_days(shop_days.c.day == bindparam("day", type_=Date)),
        _sum_of_days(
            shop_days.c.day >= bindparam("first", type_=Date), shop_days.c.day <= bindparam("day", type_=Date)
        ),
    )
)
_LOCK = Statement(
    per_dialect(
        shop_days,
        lambda statement: statement.on_conflict_do_update(
            index_elements=["merchant_id", "day"], set_={"points": shop_days.c.points}
        ),
    ),
    ["merchant_id", "day", "points"],
)
_ADD = Statement(
    update(shop_days)
    .where(_of_shop, shop_days.c.day == bindparam("of_day", type_=Date))
    .values(points=shop_days.c.points + bindparam("more", type_=BigInteger))
)
_HOLD = Statement(insert(purchase_reviews), ["purchase_id", "points", "state", "at", "releases_at"])
_DECIDE = Statement(
    update(purchase_reviews)
    .where(purchase_reviews.c.purchase_id == bindparam("of_purchase", type_=Id), is_waiting)
    .values(
        state=bindparam("to_state", type_=String),
        decided_by=bindparam("by", type_=String),
        decided_at=bindparam("now", type_=Instant),
    )
)
_review = (
    select(
        purchase_reviews.c.purchase_id,
        purchases.c.merchant_id,
        merchants.c.name.label("shop"),
        members.c.name.label("buyer"),
        purchase_reviews.c.points,
        purchases.c.amount_minor,
        purchases.c.currency,
        purchases.c.booked_by,
        purchase_reviews.c.state,
        purchase_reviews.c.at,
        purchase_reviews.c.releases_at,
    )
    .join_from(purchase_reviews, purchases, purchases.c.id == purchase_reviews.c.purchase_id)
    .join(merchants, merchants.c.id == purchases.c.merchant_id)
    .join(members, members.c.id == purchases.c.member_id)
)
_REVIEW = Statement(_review.where(purchase_reviews.c.purchase_id == bindparam("purchase_id", type_=Id)))
_WAITING = Statement(
    _review.where(is_waiting, purchase_reviews.c.purchase_id < bindparam("before_id", type_=BigInteger))
    .order_by(purchase_reviews.c.purchase_id.desc())
    .limit(bindparam("most", type_=Integer))
)
_NEWEST = 2**62


class SqlCeilings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def given(self, member_id: int, merchant_id: int, today: Span, day: date) -> Given:
        values = {
            "member_id": member_id,
            "since": today[0],
            "until": today[1],
            "of_merchant": merchant_id,
            "day": day,
            "first": day.replace(day=1),
        }
        return Given(*(int(points) for points in _GIVEN.row(self._connection, values)))

    def lock(self, merchant_id: int, day: date) -> None:
        _LOCK.run(self._connection, {"merchant_id": merchant_id, "day": day, "points": 0})

    def add(self, merchant_id: int, day: date, points: int) -> None:
        _ADD.run(self._connection, {"of_merchant": merchant_id, "of_day": day, "more": points})

    def hold(self, purchase_id: int, points: int, at: datetime, releases_at: datetime) -> None:
        values = {"purchase_id": purchase_id, "points": points, "at": at, "releases_at": releases_at}
        _HOLD.run(self._connection, {**values, "state": ReviewState.WAITING.value})

    def decide(self, purchase_id: int, state: ReviewState, actor: str, at: datetime) -> bool:
        values = {"of_purchase": purchase_id, "to_state": state.value, "by": actor, "now": at}
        return _DECIDE.run(self._connection, values) == 1

    def review(self, purchase_id: int) -> Review | None:
        row = _REVIEW.row(self._connection, {"purchase_id": purchase_id})
        return None if row is None else _as_review(row)

    def waiting(self, *, before_id: int | None, limit: int) -> Sequence[Review]:
        values = {"before_id": before_id or _NEWEST, "most": limit}
        return [_as_review(row) for row in _WAITING.rows(self._connection, values)]


def _as_review(row: Any) -> Review:
    purchase_id, merchant_id, shop, buyer, points, amount, currency, booked_by, state, at, releases_at = row
    return Review(
        purchase_id=purchase_id,
        merchant_id=merchant_id,
        shop=shop,
        buyer=buyer.split()[0],
        points=points,
        amount_minor=amount,
        currency=currency,
        booked_by=booked_by,
        state=ReviewState(state),
        at=at,
        releases_at=releases_at,
    )
