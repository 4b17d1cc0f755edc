from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from loyalty.earning import Span
from loyalty.points import Account
from loyalty.referrals import Referral, Referred
from storage.books import postings, transactions
from storage.dialects import insert_or_skip, per_dialect
from storage.schema import Id, Instant, metadata

referrals = Table(
    "referrals",
    metadata,
    Column("referee_id", Id, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("referrer_id", Id, ForeignKey("members.id"), nullable=False, index=True),
    Column("bound_at", Instant, nullable=False),
    Column("qualified_at", Instant),
    CheckConstraint("referee_id <> referrer_id", name="not_oneself"),
)

# The last message about friends of a day: more of them are drawn into it.
friend_messages = Table(
    "friend_messages",
    metadata,
    Column("referrer_id", Id, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("day_since", Instant, nullable=False),
    Column("told", Integer, nullable=False),
    Column("chat", String(64), nullable=False),
    Column("message_id", BigInteger, nullable=False),
)

_BIND = insert_or_skip(referrals)
_OF = select(referrals).where(referrals.c.referee_id == bindparam("referee_id"))
_QUALIFY = (
    update(referrals)
    .where(referrals.c.referee_id == bindparam("of_referee"), referrals.c.qualified_at.is_(None))
    .values(qualified_at=bindparam("at"))
    .returning(referrals.c.referrer_id)
)
_REOPEN = update(referrals).where(referrals.c.referee_id == bindparam("of_referee")).values(qualified_at=None)
_COUNTS = select(func.count(), func.count(referrals.c.qualified_at)).where(
    referrals.c.referrer_id == bindparam("referrer_id")
)
_QUALIFIED = select(
    func.count().filter(
        referrals.c.qualified_at >= bindparam("day_since", type_=Instant),
        referrals.c.qualified_at < bindparam("day_until", type_=Instant),
    ),
    func.count(),
).where(
    referrals.c.referrer_id == bindparam("referrer_id"),
    referrals.c.qualified_at >= bindparam("since", type_=Instant),
    referrals.c.qualified_at < bindparam("until", type_=Instant),
)
_IN_DAY = (bindparam("day_since", type_=Instant), bindparam("day_until", type_=Instant))
_THAT_DAY = select(
    func.count().filter(referrals.c.bound_at >= _IN_DAY[0], referrals.c.bound_at < _IN_DAY[1]),
    func.count().filter(referrals.c.qualified_at >= _IN_DAY[0], referrals.c.qualified_at < _IN_DAY[1]),
).where(
    referrals.c.referrer_id == bindparam("referrer_id"),
    or_(referrals.c.bound_at >= _IN_DAY[0], referrals.c.qualified_at >= _IN_DAY[0]),
)
_TOLD = select(
    friend_messages.c.day_since, friend_messages.c.told, friend_messages.c.chat, friend_messages.c.message_id
).where(friend_messages.c.referrer_id == bindparam("referrer_id"))
_NOTE_TOLD = per_dialect(
    friend_messages,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["referrer_id"],
        set_={name: statement.excluded[name] for name in ("day_since", "told", "chat", "message_id")},
    ),
)
_POINTS = (
    select(func.coalesce(func.sum(postings.c.amount), 0))
    .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
    .where(
        postings.c.account == Account.AVAILABLE.value,
        postings.c.member_id == bindparam("referrer_id"),
        transactions.c.cause.like("referral_referrer:%"),
    )
)


def _chain() -> Select[int]:
    above = (
        select(referrals.c.referrer_id.label("member_id"), literal(1).label("level"))
        .where(referrals.c.referee_id == bindparam("member_id"))
        .cte("above", recursive=True)
    )
    above = above.union_all(
        select(referrals.c.referrer_id, above.c.level + 1)
        .join(above, referrals.c.referee_id == above.c.member_id)
        .where(above.c.level < bindparam("depth"))
    )
    return select(above.c.member_id).order_by(above.c.level)


_CHAIN = _chain()


class SqlReferrals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def bind(self, referrer_id: int, referee_id: int, at: datetime) -> bool:
        bound = self._connection.execute(
            _BIND[self._dialect], {"referrer_id": referrer_id, "referee_id": referee_id, "bound_at": at}
        )
        return bound.rowcount == 1

    def of(self, referee_id: int) -> Referral | None:
        row = self._connection.execute(_OF, {"referee_id": referee_id}).one_or_none()
        return None if row is None else Referral(row.referrer_id, row.referee_id, row.bound_at, row.qualified_at)

    def qualify(self, referee_id: int, at: datetime) -> int | None:
        referrer_id: int | None = self._connection.execute(
            _QUALIFY, {"of_referee": referee_id, "at": at}
        ).scalar_one_or_none()
        return referrer_id

    def reopen(self, referee_id: int) -> None:
        self._connection.execute(_REOPEN, {"of_referee": referee_id})

    def qualified(self, referrer_id: int, day: Span, month: Span) -> tuple[int, int]:
        values = {"day_since": day[0], "day_until": day[1], "since": month[0], "until": month[1]}
        that_day, that_month = self._connection.execute(_QUALIFIED, {"referrer_id": referrer_id, **values}).one()
        return that_day, that_month

    def that_day(self, referrer_id: int, day: Span) -> tuple[int, int]:
        values = {"referrer_id": referrer_id, "day_since": day[0], "day_until": day[1]}
        joined, qualified = self._connection.execute(_THAT_DAY, values).one()
        return joined, qualified

    def told(self, referrer_id: int) -> tuple[datetime, int, str, int] | None:
        row = self._connection.execute(_TOLD, {"referrer_id": referrer_id}).one_or_none()
        return None if row is None else (row.day_since, row.told, row.chat, row.message_id)

    def note_told(self, referrer_id: int, day_since: datetime, told: int, chat: str, message_id: int) -> None:
        values = {"referrer_id": referrer_id, "day_since": day_since, "told": told}
        self._connection.execute(_NOTE_TOLD[self._dialect], values | {"chat": chat, "message_id": message_id})

    def counts(self, referrer_id: int) -> Referred:
        joined, qualified = self._connection.execute(_COUNTS, {"referrer_id": referrer_id}).one()
        points = self._connection.execute(_POINTS, {"referrer_id": referrer_id}).scalar_one()
        return Referred(joined, qualified, int(points))

    def chain(self, member_id: int, depth: int) -> Sequence[int]:
        return self._connection.execute(_CHAIN, {"member_id": member_id, "depth": depth}).scalars().all()
