"""Codes for member numbers, and what becomes of two members who are one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, bindparam, exists, func, insert, literal, or_, select, update

from loyalty.claims import NUMBER, Claim
from loyalty.members import Tier
from storage.books import postings
from storage.contacts import contact_preferences, muted_shops
from storage.members import addresses, claims, consent_log, consents, members
from storage.merchants import staff
from storage.purchases import purchases
from storage.referrals import referrals
from storage.schema import Id
from storage.tiers import tier_changes
from storage.vouchers import vouchers

_chats = addresses.alias()
_preferences = contact_preferences.alias()
_is_in_chat = exists().where(_chats.c.member_id == claims.c.member_id, _chats.c.channel != NUMBER)
_CLAIM = select(
    claims.c.code,
    claims.c.member_id,
    select(func.min(addresses.c.external_id))
    .where(addresses.c.member_id == claims.c.member_id, addresses.c.channel == NUMBER)
    .scalar_subquery()
    .label("number"),
    claims.c.expires_at,
    claims.c.used_at,
    claims.c.used_by,
    _is_in_chat.label("is_in_chat"),
)
_GET = _CLAIM.where(claims.c.code == bindparam("of_code")).with_for_update(of=claims)
_OPEN = (
    _CLAIM.where(
        claims.c.member_id == bindparam("of_member"), claims.c.used_at.is_(None), claims.c.expires_at > bindparam("at")
    )
    .order_by(claims.c.expires_at.desc(), claims.c.code)
    .limit(1)
)
_USE = (
    update(claims).where(claims.c.code == bindparam("of_code")).values(used_at=bindparam("at"), used_by=bindparam("by"))
)
_WAITING = (
    select(addresses.c.member_id, func.min(addresses.c.external_id))
    .where(
        addresses.c.channel == NUMBER,
        addresses.c.member_id > bindparam("after_id"),
        ~exists().where(_chats.c.member_id == addresses.c.member_id, _chats.c.channel != NUMBER),
    )
    .group_by(addresses.c.member_id)
    .order_by(addresses.c.member_id)
    .limit(bindparam("most"))
)
_MOVE = (
    update(addresses)
    .where(addresses.c.member_id == bindparam("from_id"))
    .values(member_id=bindparam("to_id"), changed_at=bindparam("at"))
)
_RAISE = (
    update(members)
    .where(members.c.id == bindparam("of_member"))
    .values(tier=bindparam("to_tier"), tier_kept_until=bindparam("until"), tier_grace_until=None)
)


def _history() -> Select[Any]:
    """One statement: each kind of trace is looked for by its index, and the first one ends it."""
    member_id = bindparam("member_id", type_=Id)

    def trace(table: Table, *columns: str) -> Any:
        return exists().where(or_(*(table.c[column] == member_id for column in columns)))

    return select(
        or_(
            trace(postings, "member_id"),
            trace(purchases, "member_id"),
            trace(vouchers, "member_id"),
            trace(referrals, "referee_id", "referrer_id"),
            trace(staff, "member_id"),
        )
    )


_HISTORY = _history()
_BIRTHDAY = ("birthday_month", "birthday_day", "birthday_calendar", "birthday_set_at")
_PHONE = ("phone", "phone_ending")


class SqlClaims:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code: str, member_id: int, at: datetime, expires_at: datetime) -> None:
        self._connection.execute(
            insert(claims), {"code": code, "member_id": member_id, "created_at": at, "expires_at": expires_at}
        )

    def open_of(self, member_id: int, at: datetime) -> Claim | None:
        row = self._connection.execute(_OPEN, {"of_member": member_id, "at": at}).one_or_none()
        return None if row is None else Claim(*row)

    def get(self, code: str) -> Claim | None:
        row = self._connection.execute(_GET, {"of_code": code}).one_or_none()
        return None if row is None else Claim(*row)

    def use(self, code: str, member_id: int, at: datetime) -> None:
        self._connection.execute(_USE, {"of_code": code, "by": member_id, "at": at})

    def waiting(self, after_id: int, limit: int) -> Sequence[tuple[int, str]]:
        rows = self._connection.execute(_WAITING, {"after_id": after_id, "most": limit})
        return [(member_id, number) for member_id, number in rows]

    def has_history(self, member_id: int) -> bool:
        return bool(self._connection.execute(_HISTORY, {"member_id": member_id}).scalar_one())

    def move_addresses(self, from_id: int, to_id: int, at: datetime) -> None:
        self._connection.execute(_MOVE, {"from_id": from_id, "to_id": to_id, "at": at})

    def settle_in(self, newcomer_id: int, member_id: int) -> None:
        newcomer = self._row(newcomer_id)
        card_code = newcomer["card_code"]
        self._change(newcomer_id, {"card_code": None})  # a card is of one member
        self._change(member_id, {"language": newcomer["language"], "timezone": newcomer["timezone"]})
        if card_code is not None and self._row(member_id)["card_code"] is None:
            self._change(member_id, {"card_code": card_code})
        self.fill_gaps(newcomer_id, member_id)
        known = select(consents.c.topic).where(consents.c.member_id == member_id)
        of_newcomer = and_(consents.c.member_id == newcomer_id, consents.c.topic.not_in(known))
        self._connection.execute(update(consents).where(of_newcomer).values(member_id=member_id))
        muted = select(muted_shops.c.merchant_id).where(muted_shops.c.member_id == member_id)
        of_newcomer = and_(muted_shops.c.member_id == newcomer_id, muted_shops.c.merchant_id.not_in(muted))
        self._connection.execute(update(muted_shops).where(of_newcomer).values(member_id=member_id))
        has_chosen = exists().where(_preferences.c.member_id == member_id)
        of_newcomer = and_(contact_preferences.c.member_id == newcomer_id, ~has_chosen)
        self._connection.execute(update(contact_preferences).where(of_newcomer).values(member_id=member_id))
        # The log is never changed: what the newcomer said is said again, in the same words.
        said = ("topic", "is_given", "wording", "at", "merchant_id", "place", "version", "is_confirmed")
        again = select(literal(member_id), *(consent_log.c[column] for column in said))
        again = again.where(consent_log.c.member_id == newcomer_id).order_by(consent_log.c.id)
        self._connection.execute(insert(consent_log).from_select(["member_id", *said], again))

    def fill_gaps(self, from_id: int, to_id: int) -> None:
        giver, taker = self._row(from_id), self._row(to_id)
        for group in (_BIRTHDAY, _PHONE):
            if taker[group[0]] is None and giver[group[0]] is not None:
                self._change(to_id, {column: giver[column] for column in group})

    def raise_tier(self, member_id: int, before: Tier, after: Tier, kept_until: datetime, at: datetime) -> None:
        self._connection.execute(_RAISE, {"of_member": member_id, "to_tier": after.value, "until": kept_until})
        change = {"member_id": member_id, "tier_before": before.value, "tier_after": after.value}
        self._connection.execute(insert(tier_changes), {**change, "reason": "granted", "at": at})

    def _row(self, member_id: int) -> Any:
        return self._connection.execute(select(members).where(members.c.id == member_id)).mappings().one()

    def _change(self, member_id: int, values: dict[str, Any]) -> None:
        self._connection.execute(update(members).where(members.c.id == member_id).values(values))
