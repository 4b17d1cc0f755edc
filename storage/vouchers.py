from __future__ import annotations

from collections.abc import Sequence
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
    Select,
    String,
    Table,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from loyalty.vouchers import Ending, NewVoucher, Shelf, Voucher, VoucherState
from storage.books import transactions
from storage.dialects import id_list, insert_or_skip, per_dialect, per_id_list
from storage.members import members
from storage.merchants import merchants
from storage.schema import Id, Instant, metadata

vouchers = Table(
    "vouchers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("reward_id", Id, ForeignKey("rewards.id")),
    Column("group_id", Id, ForeignKey("groups.id")),
    Column("title", String(128), nullable=False),
    Column("translations", JSON, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", Id, ForeignKey("members.id")),
    Column("price_minor", BigInteger, nullable=False, server_default="0"),  # still to be paid at the counter
    Column("warned_at", Instant),
    Column("cancelled_at", Instant),
    Column("deal_id", Id, ForeignKey("deals.id")),  # bought with a group, or alone
    Column("offer_id", Id, ForeignKey("offers.id")),
    CheckConstraint("(state = 'used') = (used_at IS NOT NULL)", name="used_once"),
    Index("ix_vouchers_wallet", "member_id", "id"),
    Index("ix_vouchers_limit", "reward_id", "member_id"),
    Index("ix_vouchers_deal", "deal_id", "member_id"),
    Index("ix_vouchers_offer", "offer_id", "state"),
)

# Where a voucher was shown with its code: drawn again once it is used or given back.
voucher_messages = Table(
    "voucher_messages",
    metadata,
    Column("chat", String(64), primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("voucher_id", Id, ForeignKey("vouchers.id"), nullable=False, index=True),
)

_waits = vouchers.c.state == VoucherState.ISSUED.value
Index("ix_vouchers_waiting", vouchers.c.expires_at, sqlite_where=_waits, postgresql_where=_waits)

_ISSUE = insert_or_skip(vouchers)
_ISSUE_ALL = insert(vouchers).returning(vouchers.c.id)  # what returns something goes as one statement


def _voucher() -> Select[Any]:
    return (
        select(
            vouchers,
            members.c.first_name,
            merchants.c.name.label("merchant"),
            merchants.c.translations.label("merchant_translations"),
        )
        .join_from(vouchers, members, members.c.id == vouchers.c.member_id)
        .join(merchants, merchants.c.id == vouchers.c.merchant_id)
    )


_GET = _voucher().where(vouchers.c.id == bindparam("voucher_id"))
_BY_CODE = _voucher().where(vouchers.c.code == bindparam("code"))
_BY_KEY = _voucher().where(vouchers.c.key == bindparam("key"))
_OF = (
    _voucher()
    .where(vouchers.c.member_id == bindparam("member_id"), vouchers.c.id < bindparam("before_id"))
    .order_by(vouchers.c.id.desc())
    .limit(bindparam("most"))
)
_is_issued = vouchers.c.state == VoucherState.ISSUED.value
_ON_SHELF = {
    Shelf.WAITING: _OF.where(_is_issued, vouchers.c.expires_at > bindparam("at")),
    Shelf.USED: _OF.where(vouchers.c.state == VoucherState.USED.value),
    Shelf.EXPIRED: _OF.where(
        or_(
            vouchers.c.state.in_([VoucherState.EXPIRED.value, VoucherState.CANCELLED.value]),
            and_(_is_issued, vouchers.c.expires_at <= bindparam("at")),
        )
    ),
}
_HAD = (
    select(vouchers.c.issued_at)
    .where(
        vouchers.c.reward_id == bindparam("reward_id"),
        vouchers.c.member_id == bindparam("member_id"),
        vouchers.c.state != VoucherState.CANCELLED.value,
        vouchers.c.issued_at > bindparam("since"),
    )
    .order_by(vouchers.c.issued_at.desc(), vouchers.c.id.desc())
)
_PAID_BY = (
    select(transactions.c.id)
    .join_from(vouchers, transactions, transactions.c.key == vouchers.c.key)
    .where(vouchers.c.id == bindparam("voucher_id"))
)
_USABLE = (
    _voucher()
    .where(
        vouchers.c.member_id == bindparam("member_id"),
        vouchers.c.merchant_id == bindparam("merchant_id"),
        _is_issued,
        vouchers.c.expires_at > bindparam("at"),
    )
    .order_by(vouchers.c.expires_at, vouchers.c.id)
    .limit(bindparam("most"))
)
_USE = (
    update(vouchers)
    .where(vouchers.c.id == bindparam("of_voucher"), _is_issued)
    .values(state=VoucherState.USED.value, used_at=bindparam("at"), used_by=bindparam("by"))
)
_RETURN = (
    update(vouchers)
    .where(
        vouchers.c.id == bindparam("of_voucher"),
        vouchers.c.state == VoucherState.USED.value,
        vouchers.c.used_at == bindparam("at"),
    )
    .values(state=VoucherState.ISSUED.value, used_at=None, used_by=None)
)
_CANCEL = (
    update(vouchers)
    .where(vouchers.c.id == bindparam("of_voucher"), _is_issued)
    .values(state=VoucherState.CANCELLED.value, cancelled_at=bindparam("at"))
)
_TO_WARN = (
    _voucher()
    .add_columns(members.c.timezone)
    .where(
        _is_issued,
        vouchers.c.warned_at.is_(None),
        vouchers.c.expires_at > bindparam("at"),
        vouchers.c.expires_at <= bindparam("until"),
        vouchers.c.issued_at < bindparam("issued_before"),
    )
    .order_by(vouchers.c.expires_at, vouchers.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=vouchers)
)
_WARNED = per_id_list(
    "ids", lambda among: update(vouchers).where(among(vouchers.c.id)).values(warned_at=bindparam("at"))
)
_SHOW = per_dialect(
    voucher_messages,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["chat", "message_id"], set_={"voucher_id": statement.excluded.voucher_id}
    ),
)
_SHOWN = (
    select(voucher_messages.c.chat, voucher_messages.c.message_id)
    .where(voucher_messages.c.voucher_id == bindparam("voucher_id"))
    .order_by(voucher_messages.c.message_id.desc())
    .limit(bindparam("most"))
)
_NEWEST = 2**62
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class SqlVouchers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def issue(self, voucher: NewVoucher) -> Voucher:
        self._connection.execute(_ISSUE[self._dialect], _as_row(voucher))
        issued = self.by_key(voucher.key)
        assert issued is not None, "a voucher's code collided: 65 bits of chance"
        return issued

    def issue_all(self, new: Sequence[NewVoucher]) -> None:
        self._connection.execute(_ISSUE_ALL, [_as_row(voucher) for voucher in new])

    def get(self, voucher_id: int) -> Voucher | None:
        return self._one(_GET, voucher_id=voucher_id)

    def by_code(self, code: str) -> Voucher | None:
        return self._one(_BY_CODE, code=code)

    def by_key(self, key: str) -> Voucher | None:
        return self._one(_BY_KEY, key=key)

    def use(self, voucher_id: int, staff_id: int, at: datetime) -> bool:
        used = self._connection.execute(_USE, {"of_voucher": voucher_id, "by": staff_id, "at": at})
        return used.rowcount == 1

    def put_back(self, voucher_id: int, used_at: datetime) -> bool:
        put_back = self._connection.execute(_RETURN, {"of_voucher": voucher_id, "at": used_at})
        return put_back.rowcount == 1

    def show_in(self, voucher_id: int, chat: str, message_id: int) -> None:
        values = {"voucher_id": voucher_id, "chat": chat, "message_id": message_id}
        self._connection.execute(_SHOW[self._dialect], values)

    def shown_in(self, voucher_id: int, limit: int) -> Sequence[tuple[str, int]]:
        rows = self._connection.execute(_SHOWN, {"voucher_id": voucher_id, "most": limit})
        return [(chat, message_id) for chat, message_id in rows]

    def cancel(self, voucher_id: int, at: datetime) -> bool:
        return self._connection.execute(_CANCEL, {"of_voucher": voucher_id, "at": at}).rowcount == 1

    def of(self, member_id: int, shelf: Shelf, at: datetime, *, before_id: int | None, limit: int) -> Sequence[Voucher]:
        values: dict[str, object] = {"member_id": member_id, "before_id": before_id or _NEWEST, "most": limit}
        if shelf is not Shelf.USED:
            values["at"] = at
        return [_as_voucher(row) for row in self._connection.execute(_ON_SHELF[shelf], values)]

    def had(self, reward_id: int, member_id: int, since: datetime | None) -> Sequence[datetime]:
        values = {"reward_id": reward_id, "member_id": member_id, "since": since or _EVER}
        return self._connection.execute(_HAD, values).scalars().all()

    def paid_by(self, voucher_id: int) -> int | None:
        return self._connection.execute(_PAID_BY, {"voucher_id": voucher_id}).scalar_one_or_none()

    def to_warn(self, at: datetime, until: datetime, issued_before: datetime, limit: int) -> Sequence[Ending]:
        values = {"at": at, "until": until, "issued_before": issued_before, "most": limit}
        return [Ending(_as_voucher(row), row.timezone) for row in self._connection.execute(_TO_WARN, values)]

    def mark_warned(self, voucher_ids: Sequence[int], at: datetime) -> None:
        self._connection.execute(_WARNED[self._dialect], {"ids": id_list(self._connection, voucher_ids), "at": at})

    def usable(self, member_id: int, merchant_id: int, at: datetime, *, limit: int) -> Sequence[Voucher]:
        values = {"member_id": member_id, "merchant_id": merchant_id, "at": at, "most": limit}
        return [_as_voucher(row) for row in self._connection.execute(_USABLE, values)]

    def _one(self, query: Select[Any], **values: object) -> Voucher | None:
        row = self._connection.execute(query, values).one_or_none()
        return None if row is None else _as_voucher(row)


def _as_row(voucher: NewVoucher) -> dict[str, Any]:
    return {
        "key": voucher.key,
        "code": voucher.code,
        "member_id": voucher.member_id,
        "merchant_id": voucher.merchant_id,
        "reward_id": voucher.reward_id,
        "group_id": voucher.group_id,
        "deal_id": voucher.deal_id,
        "offer_id": voucher.offer_id,
        "title": voucher.title,
        "translations": dict(voucher.translations),
        "points": voucher.points,
        "state": VoucherState.ISSUED,
        "issued_at": voucher.issued_at,
        "expires_at": voucher.expires_at,
        "price_minor": voucher.price_minor,
    }


def _as_voucher(row: Any) -> Voucher:
    return Voucher(
        id=row.id,
        code=row.code,
        member_id=row.member_id,
        first_name=row.first_name,
        merchant_id=row.merchant_id,
        merchant=row.merchant,
        title=row.title,
        translations=row.translations,
        points=row.points,
        state=VoucherState(row.state),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        merchant_translations=row.merchant_translations,
        reward_id=row.reward_id,
        price_minor=row.price_minor,
        deal_id=row.deal_id,
        group_id=row.group_id,
        offer_id=row.offer_id,
    )
