from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from loyalty.attempts import Guess, Lookup, Suspect, Tried
from storage.dialects import per_dialect
from storage.members import members
from storage.merchants import merchants
from storage.schema import Id, Instant, metadata
from storage.statements import Statement

# Wrong codes, a row a person: small, and it outlives restarts and is one for several programs.
guesses = Table(
    "guesses",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), primary_key=True, autoincrement=False),
    Column("place", String(16), nullable=False),
    Column("misses", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("misses_day", Integer, nullable=False),
    Column("day_since", Instant, nullable=False),
    Column("pauses", Integer, nullable=False),
    Column("paused_until", Instant),
)
phone_lookups = Table(
    "phone_lookups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("members.id"), nullable=False),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False),
    Column("ending", String(4), nullable=False),
    Column("is_whole", Boolean, nullable=False),
    Column("found", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_phone_lookups_staff", phone_lookups.c.staff_id, phone_lookups.c.at)
Index("ix_phone_lookups_merchant", phone_lookups.c.merchant_id, phone_lookups.c.id)

_FIELDS = ["member_id", "place", "misses", "since", "misses_day", "day_since", "pauses", "paused_until"]
_TRIED = select(*(guesses.c[name] for name in _FIELDS))
_OF = Statement(_TRIED.where(guesses.c.member_id == bindparam("member_id", type_=Id)))
_LOCK = Statement(_TRIED.where(guesses.c.member_id == bindparam("member_id", type_=Id)).with_for_update())
# The row of the member makes the first two wrong codes stand in a row, too.
_LOCK_MEMBER = Statement(
    select(members.c.id).where(members.c.id == bindparam("member_id", type_=Id)).with_for_update(key_share=True)
)
_SAVE = Statement(
    per_dialect(
        guesses,
        lambda statement: statement.on_conflict_do_update(
            index_elements=["member_id"], set_={name: statement.excluded[name] for name in _FIELDS[1:]}
        ),
    ),
    _FIELDS,
)
_CLEAR = Statement(update(guesses).where(guesses.c.member_id == bindparam("of_member", type_=Id)).values(misses=0))
_SUSPECTS = Statement(
    select(*(guesses.c[name] for name in _FIELDS), members.c.name, members.c.code)
    .join_from(guesses, members, members.c.id == guesses.c.member_id)
    .where(
        guesses.c.paused_until >= bindparam("since", type_=Instant),
        guesses.c.member_id < bindparam("before_id", type_=BigInteger),
    )
    .order_by(guesses.c.member_id.desc())
    .limit(bindparam("most", type_=Integer))
)
_LOOK_UP = Statement(insert(phone_lookups), ["staff_id", "merchant_id", "ending", "is_whole", "found", "at"])
_LOOKED_UP = Statement(
    select(func.count(), func.min(phone_lookups.c.at)).where(
        phone_lookups.c.staff_id == bindparam("staff_id", type_=Id),
        phone_lookups.c.at > bindparam("since", type_=Instant),
    )
)
_shop = bindparam("merchant_id", type_=Id)
_LOOKUPS = Statement(
    select(
        phone_lookups.c.id,
        phone_lookups.c.merchant_id,
        merchants.c.name,
        members.c.name.label("staff"),
        phone_lookups.c.ending,
        phone_lookups.c.is_whole,
        phone_lookups.c.found,
        phone_lookups.c.at,
    )
    .join_from(phone_lookups, merchants, merchants.c.id == phone_lookups.c.merchant_id)
    .join(members, members.c.id == phone_lookups.c.staff_id)
    .where(
        or_(_shop == 0, phone_lookups.c.merchant_id == _shop),
        phone_lookups.c.id < bindparam("before_id", type_=BigInteger),
    )
    .order_by(phone_lookups.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_NEWEST = 2**62


class SqlAttempts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, member_id: int) -> Tried | None:
        return _as_tried(_OF.row(self._connection, {"member_id": member_id}))

    def lock(self, member_id: int) -> Tried | None:
        _LOCK_MEMBER.rows(self._connection, {"member_id": member_id})
        return _as_tried(_LOCK.row(self._connection, {"member_id": member_id}))

    def save(self, tried: Tried) -> None:
        values = {name: getattr(tried, name) for name in _FIELDS}
        _SAVE.run(self._connection, {**values, "place": tried.place.value})

    def clear(self, member_id: int) -> None:
        _CLEAR.run(self._connection, {"of_member": member_id})

    def suspects(self, since: datetime, *, before_id: int | None, limit: int) -> Sequence[Suspect]:
        values = {"since": since, "before_id": before_id or _NEWEST, "most": limit}
        found = []
        for *tried, name, code in _SUSPECTS.rows(self._connection, values):
            seen = _as_tried(tried)
            assert seen is not None, "a row is one"
            found.append(Suspect(seen, name, code))
        return found

    def look_up(
        self, staff_id: int, merchant_id: int, ending: str, *, is_whole: bool, found: int, at: datetime
    ) -> None:
        values = {"staff_id": staff_id, "merchant_id": merchant_id, "ending": ending}
        _LOOK_UP.run(self._connection, {**values, "is_whole": is_whole, "found": found, "at": at})

    def looked_up(self, staff_id: int, since: datetime) -> tuple[int, datetime | None]:
        count, first_at = _LOOKED_UP.row(self._connection, {"staff_id": staff_id, "since": since})
        return count, first_at

    def lookups(self, merchant_id: int | None, *, before_id: int | None, limit: int) -> Sequence[Lookup]:
        values = {"merchant_id": merchant_id or 0, "before_id": before_id or _NEWEST, "most": limit}
        return [
            Lookup(number, shop_id, shop, staff.split()[0], ending, bool(is_whole), found, at)
            for number, shop_id, shop, staff, ending, is_whole, found, at in _LOOKUPS.rows(self._connection, values)
        ]


def _as_tried(row: Any) -> Tried | None:
    if row is None:
        return None
    member_id, place, *rest = row
    return Tried(member_id, Guess(place), *rest)
