"""Deals, groups and seats. Locks are taken in one order: a group, its deal, then balances by member."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Update,
    bindparam,
    case,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from loyalty.group_buys import (
    SIZE_MAX,
    SIZE_MIN,
    Choice,
    Choosing,
    Deal,
    Group,
    GroupState,
    NewDeal,
    Seat,
    SeatState,
    Taken,
)
from loyalty.merchants import Merchant
from loyalty.ports.group_buys import HeldSeat
from loyalty.vouchers import VoucherState
from storage.dialects import id_list, insert_or_skip, per_id_list
from storage.members import members
from storage.merchants import merchants
from storage.schema import Id, Instant, metadata
from storage.vouchers import vouchers
from storage.wares import comes_after, is_running

deals = Table(
    "deals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False, index=True),
    Column("title", String(128), nullable=False),
    Column("description", String(600), nullable=False),
    Column("translations", JSON, nullable=False),
    Column("solo_points", BigInteger, nullable=False),
    Column("group_points", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("hours", Integer, nullable=False),
    Column("stock", Integer, nullable=False),  # units that no open or filled group has taken
    Column("per_member", Integer, nullable=False),
    Column("is_several_allowed", Boolean, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("picture_id", Id, ForeignKey("pictures.id")),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("solo_price_minor", BigInteger, nullable=False, server_default="0"),  # paid at the counter, besides points
    Column("group_price_minor", BigInteger, nullable=False, server_default="0"),
    Column("bonus_points", BigInteger, nullable=False, server_default="0"),  # for whoever organises a group that fills
    Column("published_at", Instant),  # null: a draft
    Column("removed_at", Instant),
    CheckConstraint("stock >= 0", name="not_oversold"),
    CheckConstraint("group_points > 0 AND group_points <= solo_points", name="cheaper_together"),
    CheckConstraint(f"size BETWEEN {SIZE_MIN} AND {SIZE_MAX}", name="size"),
    CheckConstraint("hours > 0 AND per_member > 0", name="positive"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), nullable=False, unique=True),
    Column("deal_id", Id, ForeignKey("deals.id"), nullable=False),
    Column("organiser_id", Id, ForeignKey("members.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("size", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("price_minor", BigInteger, nullable=False, server_default="0"),
    Column("bonus_points", BigInteger, nullable=False, server_default="0"),
    Column("extends_id", Id, ForeignKey("groups.id")),  # of people who gave an expired one another try
    Column("merged_into_id", Id, ForeignKey("groups.id")),
    Index("uq_groups_extended_once", "extends_id", unique=True),
    CheckConstraint("state IN ('open', 'filled', 'expired', 'cancelled')", name="known_state"),
    CheckConstraint("taken >= 0 AND taken <= size", name="not_overfilled"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_once"),
    CheckConstraint("state <> 'filled' OR taken = size", name="filled_is_full"),
    CheckConstraint("state <> 'open' OR taken < size", name="full_is_filled"),
)
_is_open = groups.c.state == GroupState.OPEN.value
_missing = groups.c.size - groups.c.taken
Index("ix_groups_due", groups.c.closes_at, sqlite_where=_is_open, postgresql_where=_is_open)
Index("ix_groups_of_deal", groups.c.deal_id, groups.c.id, sqlite_where=_is_open, postgresql_where=_is_open)
Index("ix_groups_all_of_deal", groups.c.deal_id, groups.c.state, groups.c.id)  # what became of them, for the shop
Index("ix_groups_nearly_full", _missing, groups.c.closes_at, sqlite_where=_is_open, postgresql_where=_is_open)

# Each sitting down is a row, so that somebody who left can come back and every hold is accounted for.
seats = Table(
    "seats",
    metadata,
    Column("id", Id, primary_key=True),
    Column("group_id", Id, ForeignKey("groups.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("hold_id", Id, ForeignKey("holds.id"), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("closed_at", Instant),
    CheckConstraint("state IN ('held', 'captured', 'released')", name="known_state"),
    CheckConstraint("(state = 'held') = (closed_at IS NULL)", name="closed_once"),
    Index("ix_seats_group", "group_id", "id"),
    Index("ix_seats_member", "member_id", "group_id"),
)
_is_kept = seats.c.state != SeatState.RELEASED.value
Index(
    "uq_seats_once",
    seats.c.group_id,
    seats.c.member_id,
    unique=True,
    sqlite_where=_is_kept,
    postgresql_where=_is_kept,
)

# What each participant of a group that did not fill made of it; a row from the moment at which it closed.
choices = Table(
    "choices",
    metadata,
    Column("group_id", Id, ForeignKey("groups.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("until", Instant, nullable=False),
    Column("choice", String(16)),
    Column("chosen_at", Instant),
    Column("led_to_id", Id, ForeignKey("groups.id")),  # the group that it led to
    PrimaryKeyConstraint("group_id", "member_id"),
    CheckConstraint("choice IN ('refund', 'extend', 'merge', 'solo')", name="known_choice"),
    CheckConstraint("(choice IS NULL) = (chosen_at IS NULL)", name="chosen_once"),
)

# Who has looked at a deal, once for each member: the first step of what a shop is told of it.
deal_views = Table(
    "deal_views",
    metadata,
    Column("deal_id", Id, ForeignKey("deals.id"), nullable=False),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("viewed_at", Instant, nullable=False),
    PrimaryKeyConstraint("deal_id", "member_id"),
)

_DEAL = [column.label(f"deal_{column.name}") for column in deals.c if column.name != "slug"]
_SHOP = [
    merchants.c.name.label("merchant"),
    merchants.c.translations.label("merchant_translations"),
    merchants.c.orphaned_at.is_not(None).label("is_orphaned"),
]
_GROUP = [column.label(f"group_{column.name}") for column in groups.c if column.name != "key"]


is_on_offer = is_running(deals, ~deals.c.is_paused)


def deal_query() -> Select[Any]:
    return select(*_DEAL, *_SHOP).join_from(deals, merchants, merchants.c.id == deals.c.merchant_id)


def _group() -> Select[Any]:
    return select(*_GROUP)


def _group_and_deal() -> Select[Any]:
    return (
        select(*_GROUP, *_DEAL, *_SHOP)
        .join_from(groups, deals, deals.c.id == groups.c.deal_id)
        .join(merchants, merchants.c.id == deals.c.merchant_id)
    )


def _joinable(query: Select[Any]) -> Select[Any]:
    return query.where(_is_open, groups.c.closes_at > bindparam("at")).limit(bindparam("most"))


def _restocked(each: Any) -> Update:
    """Adds to the stock of each deal what an object of JSON says: units by the deal's id."""
    back = each(bindparam("units", type_=JSON)).table_valued("key", "value")
    units = cast(back.c.value, Integer)
    return update(deals).where(deals.c.id == cast(back.c.key, Id)).values(stock=deals.c.stock + units)


_ADD_DEAL = insert_or_skip(deals)
_SLUG = select(deals.c.id).where(deals.c.slug == bindparam("slug"))
_GET_DEAL = deal_query().where(deals.c.id == bindparam("deal_id"))
# Keys of deals do not change, so whoever writes a row that refers to one (a voucher) need not wait for its lock.
_LOCK_DEAL = _GET_DEAL.with_for_update(of=deals, key_share=True)
_LOCK_DEALS = per_id_list(
    "ids",
    lambda among: deal_query().where(among(deals.c.id)).order_by(deals.c.id).with_for_update(of=deals, key_share=True),
)
_RUNNING = (
    deal_query().where(deals.c.id > bindparam("after_id"), is_on_offer).order_by(deals.c.id).limit(bindparam("most"))
)
_THOSE_DEALS = deal_query().where(deals.c.id.in_(bindparam("ids", expanding=True)))
_RESERVE = (
    update(deals)
    .where(deals.c.id == bindparam("of_deal"), deals.c.stock >= bindparam("units"))
    .values(stock=deals.c.stock - bindparam("units"))
)
_RESTOCK = {
    dialect: _restocked(func.json_each if dialect == "sqlite" else func.json_each_text)
    for dialect in ("sqlite", "postgresql")
}

_OPEN = insert(groups).returning(groups.c.id)
_GET = _group().where(groups.c.id == bindparam("group_id"))
_LOCK = _GET.with_for_update()
_THOSE = _group().where(groups.c.id.in_(bindparam("ids", expanding=True)))
_BY_KEY = _group().where(groups.c.key == bindparam("key"))
_CHANGE = (
    update(groups)
    .where(groups.c.id == bindparam("of_group"), _is_open, groups.c.taken == bindparam("taken_before"))
    .values(
        state=bindparam("to_state"),
        taken=bindparam("taken_after"),
        organiser_id=bindparam("to_organiser"),
        closed_at=bindparam("at"),
    )
)
_DUE = (
    _group()
    .where(_is_open, groups.c.closes_at <= bindparam("at"))
    .order_by(groups.c.closes_at, groups.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLOSE = per_id_list(
    "ids",
    lambda among: (
        update(groups)
        .where(among(groups.c.id), _is_open)
        .values(state=bindparam("to_state"), closed_at=bindparam("at"))
    ),
)
_SEATS = per_id_list(
    "ids",
    lambda among: (
        select(seats.c.group_id, seats.c.member_id, members.c.first_name, members.c.shows_name)
        .join_from(seats, members, members.c.id == seats.c.member_id)
        .where(among(seats.c.group_id), _is_kept)
        .order_by(seats.c.group_id, seats.c.id)
    ),
)
_SEAT = insert(seats).returning(seats.c.id)
_SEATS_SO_FAR = (
    select(func.count())
    .select_from(seats)
    .where(seats.c.group_id == bindparam("group_id"), seats.c.member_id == bindparam("member_id"))
)
_HELD = per_id_list(
    "ids",
    lambda among: (
        select(seats.c.group_id, seats.c.member_id, seats.c.hold_id)
        .where(among(seats.c.group_id), seats.c.state == SeatState.HELD.value)
        .order_by(seats.c.member_id, seats.c.id)
    ),
)
_RELEASE = (
    update(seats)
    .where(
        seats.c.group_id == bindparam("of_group"),
        seats.c.member_id == bindparam("of_member"),
        seats.c.state == SeatState.HELD.value,
    )
    .values(state=SeatState.RELEASED.value, closed_at=bindparam("at"))
)
_CLOSE_SEATS = per_id_list(
    "ids",
    lambda among: (
        update(seats)
        .where(among(seats.c.group_id), seats.c.state == SeatState.HELD.value)
        .values(state=bindparam("to_state"), closed_at=bindparam("at"))
    ),
)
_LOCK_OPEN = (
    _group()
    .where(groups.c.deal_id == bindparam("deal_id"), _is_open, groups.c.closes_at > bindparam("at"))
    .order_by(groups.c.id)
    .with_for_update()
)
_open_first = case((_is_open, 0), else_=1)
_OF_DEAL = (
    _group()
    .where(groups.c.deal_id == bindparam("deal_id"), comes_after(_open_first, groups.c.id))
    .order_by(_open_first, groups.c.id.desc())
    .limit(bindparam("most"))
)
_OPEN_OF = (
    _joinable(_group())
    .where(groups.c.deal_id == bindparam("deal_id"), groups.c.id > bindparam("after_id"))
    .order_by(groups.c.id)
)
_sits_in = (
    select(seats.c.id)
    .where(seats.c.group_id == groups.c.id, seats.c.member_id == bindparam("member_id"), _is_kept)
    .exists()
)
# Somebody who was in to the end got the points back at the moment at which the group closed.
_was_in_to_the_end = (
    select(seats.c.id)
    .where(
        seats.c.group_id == groups.c.id,
        seats.c.member_id == bindparam("member_id"),
        seats.c.closed_at == groups.c.closed_at,
    )
    .exists()
)
_NEARLY_FULL = _joinable(_group_and_deal()).where(~_sits_in).order_by(_missing, groups.c.closes_at, groups.c.id)
_OF = (
    _group_and_deal()
    .where(or_(_sits_in, _was_in_to_the_end), groups.c.id < bindparam("before_id"))
    .order_by(groups.c.id.desc())
    .limit(bindparam("most"))
)
_OPEN_COUNT = (
    select(func.count())
    .select_from(seats)
    .where(seats.c.member_id == bindparam("member_id"), seats.c.state == SeatState.HELD.value)
)
_MINE = (
    _group().where(_is_open, groups.c.deal_id == bindparam("deal_id"), _sits_in).order_by(groups.c.id.desc()).limit(1)
)
_TAKEN = (
    select(seats.c.state, func.count().label("n"))
    .join_from(seats, groups, groups.c.id == seats.c.group_id)
    .where(seats.c.member_id == bindparam("member_id"), groups.c.deal_id == bindparam("deal_id"), _is_kept)
    .group_by(seats.c.state)
)
_BOUGHT = (
    select(func.count())
    .select_from(vouchers)
    .where(
        vouchers.c.deal_id == bindparam("deal_id"),
        vouchers.c.member_id == bindparam("member_id"),
        vouchers.c.group_id.is_(None),
        vouchers.c.state != VoucherState.CANCELLED.value,
    )
)
_MERGE = (
    update(groups)
    .where(groups.c.id == bindparam("of_group"), _is_open)
    .values(
        state=GroupState.CANCELLED.value, taken=0, closed_at=bindparam("at"), merged_into_id=bindparam("into_group")
    )
)
_MOVE_SEATS = (
    update(seats)
    .where(seats.c.group_id == bindparam("of_group"), seats.c.state == SeatState.HELD.value)
    .values(group_id=bindparam("into_group"))
)
_EXTENSION = _group().where(groups.c.extends_id == bindparam("group_id"))
_TO_MERGE = (
    _joinable(_group())
    .where(
        groups.c.deal_id == bindparam("deal_id"),
        groups.c.size == bindparam("size"),
        groups.c.points == bindparam("points"),
        groups.c.price_minor == bindparam("price_minor"),
        groups.c.taken + bindparam("people") <= groups.c.size,
        groups.c.id != bindparam("but_group"),
    )
    .order_by(_missing, groups.c.closes_at, groups.c.id)
)
# A group can have been opened before or after a price changed: whoever goes over never pays more.
_TO_JOIN = (
    _joinable(_group())
    .where(
        groups.c.deal_id == bindparam("deal_id"),
        groups.c.points <= bindparam("points"),
        groups.c.price_minor <= bindparam("price_minor"),
        groups.c.id != bindparam("but_group"),
        ~_sits_in,
    )
    .order_by(_missing, groups.c.closes_at, groups.c.id)
)
_LOCK_TO_JOIN = _TO_JOIN.with_for_update()
_OFFER_CHOICES = per_id_list(
    "ids",
    lambda among: insert(choices).from_select(
        ["group_id", "member_id", "until"],
        select(seats.c.group_id, seats.c.member_id, bindparam("until", type_=Instant)).where(
            among(seats.c.group_id), seats.c.state == SeatState.HELD.value
        ),
    ),
)
_CHOICE = select(choices).where(
    choices.c.group_id == bindparam("group_id"), choices.c.member_id == bindparam("member_id")
)
_LOCK_CHOICE = _CHOICE.with_for_update()
_CHOICES_OF = select(choices).where(
    choices.c.member_id == bindparam("member_id"), choices.c.group_id.in_(bindparam("ids", expanding=True))
)
_UNDECIDED = (
    select(choices.c.member_id)
    .where(choices.c.group_id == bindparam("group_id"), choices.c.choice.is_(None), choices.c.until > bindparam("at"))
    .order_by(choices.c.member_id)
)
_CHOOSE = (
    update(choices)
    .where(
        choices.c.group_id == bindparam("of_group"),
        choices.c.member_id == bindparam("of_member"),
        choices.c.choice.is_(None),
    )
    .values(choice=bindparam("made"), chosen_at=bindparam("at"), led_to_id=bindparam("led_to"))
)
_VIEW = insert_or_skip(deal_views)
_VIEWED = (
    select(func.count())
    .select_from(deal_views)
    .where(deal_views.c.deal_id == bindparam("deal_id"), deal_views.c.member_id == bindparam("member_id"))
)
_NEWEST = 2**62


class SqlDeals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, new: NewDeal) -> int:
        self._connection.execute(
            _ADD_DEAL[self._dialect],
            {
                "slug": new.slug,
                "merchant_id": new.merchant_id,
                "title": new.title,
                "description": new.description,
                "translations": {language: dict(words) for language, words in new.translations.items()},
                "solo_points": new.solo_points,
                "group_points": new.group_points,
                "size": new.size,
                "hours": new.hours,
                "stock": new.stock,
                "per_member": new.per_member,
                "is_several_allowed": new.is_several_allowed,
                "is_paused": False,
                "picture_id": new.picture_id,
                "starts_at": new.starts_at,
                "ends_at": new.ends_at,
                "solo_price_minor": new.solo_price_minor,
                "group_price_minor": new.group_price_minor,
                "bonus_points": new.bonus_points,
                "published_at": new.published_at,
            },
        )
        deal_id: int = self._connection.execute(_SLUG, {"slug": new.slug}).scalar_one()
        return deal_id

    def get(self, deal_id: int) -> Deal | None:
        row = self._connection.execute(_GET_DEAL, {"deal_id": deal_id}).one_or_none()
        return None if row is None else as_deal(row)

    def lock(self, deal_id: int) -> Deal | None:
        row = self._connection.execute(_LOCK_DEAL, {"deal_id": deal_id}).one_or_none()
        return None if row is None else as_deal(row)

    def lock_all(self, deal_ids: Sequence[int]) -> Mapping[int, Deal]:
        values = {"ids": id_list(self._connection, deal_ids)}
        return {row.deal_id: as_deal(row) for row in self._connection.execute(_LOCK_DEALS[self._dialect], values)}

    def those(self, ids: Sequence[int]) -> Sequence[Deal]:
        return [as_deal(row) for row in self._connection.execute(_THOSE_DEALS, {"ids": list(ids)})]

    def running(self, at: datetime, *, after_id: int, limit: int) -> Sequence[Deal]:
        rows = self._connection.execute(_RUNNING, {"at": at, "after_id": after_id, "most": limit})
        return [as_deal(row) for row in rows]

    def reserve(self, deal_id: int, units: int) -> bool:
        return self._connection.execute(_RESERVE, {"of_deal": deal_id, "units": units}).rowcount == 1

    def restock(self, units: Mapping[int, int]) -> None:
        by_id = {str(deal_id): back for deal_id, back in units.items()}
        self._connection.execute(_RESTOCK[self._dialect], {"units": by_id})

    def view(self, deal_id: int, member_id: int, at: datetime) -> None:
        self._connection.execute(_VIEW[self._dialect], {"deal_id": deal_id, "member_id": member_id, "viewed_at": at})

    def has_viewed(self, deal_id: int, member_id: int) -> bool:
        return bool(self._connection.execute(_VIEWED, {"deal_id": deal_id, "member_id": member_id}).scalar_one())


class SqlGroups:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def open(self, group: Group, key: str) -> Group:
        group_id = self._connection.execute(
            _OPEN,
            {
                "key": key,
                "deal_id": group.deal_id,
                "organiser_id": group.organiser_id,
                "state": group.state,
                "size": group.size,
                "points": group.points,
                "taken": 0,
                "opened_at": group.opened_at,
                "closes_at": group.closes_at,
                "price_minor": group.price_minor,
                "bonus_points": group.bonus_points,
                "extends_id": group.extends_id,
            },
        ).scalar_one()
        return replace(group, id=group_id)

    def by_key(self, key: str) -> Group | None:
        return self._one(_BY_KEY, key=key)

    def get(self, group_id: int) -> Group | None:
        return self._one(_GET, group_id=group_id)

    def those(self, ids: Sequence[int]) -> Sequence[Group]:
        return self._seated(self._connection.execute(_THOSE, {"ids": list(ids)}).all())

    def lock(self, group_id: int) -> Group | None:
        return self._one(_LOCK, group_id=group_id)

    def change(self, before: Group, after: Group) -> None:
        changed = self._connection.execute(
            _CHANGE,
            {
                "of_group": before.id,
                "taken_before": before.taken,
                "taken_after": after.taken,
                "to_state": after.state,
                "to_organiser": after.organiser_id,
                "at": after.closed_at,
            },
        )
        assert changed.rowcount == 1, "a group is changed under its lock only"

    def seat(self, group: Group, member_id: int, hold_id: int, at: datetime) -> int:
        seat_id: int = self._connection.execute(
            _SEAT,
            {
                "group_id": group.id,
                "member_id": member_id,
                "hold_id": hold_id,
                "state": SeatState.HELD,
                "joined_at": at,
            },
        ).scalar_one()
        return seat_id

    def seats_so_far(self, group_id: int, member_id: int) -> int:
        return int(self._connection.execute(_SEATS_SO_FAR, {"group_id": group_id, "member_id": member_id}).scalar_one())

    def held(self, group_ids: Sequence[int]) -> Sequence[HeldSeat]:
        values = {"ids": id_list(self._connection, group_ids)}
        return [HeldSeat(*row) for row in self._connection.execute(_HELD[self._dialect], values)]

    def release(self, group_id: int, member_id: int, at: datetime) -> None:
        self._connection.execute(_RELEASE, {"of_group": group_id, "of_member": member_id, "at": at})

    def close_seats(self, group_ids: Sequence[int], *, is_captured: bool, at: datetime) -> None:
        state = SeatState.CAPTURED if is_captured else SeatState.RELEASED
        values = {"ids": id_list(self._connection, group_ids), "to_state": state, "at": at}
        self._connection.execute(_CLOSE_SEATS[self._dialect], values)

    def due(self, at: datetime, limit: int) -> Sequence[Group]:
        return self._seated(self._connection.execute(_DUE, {"at": at, "most": limit}).all())

    def close(self, group_ids: Sequence[int], state: GroupState, at: datetime) -> None:
        values = {"ids": id_list(self._connection, group_ids), "to_state": state, "at": at}
        self._connection.execute(_CLOSE[self._dialect], values)

    def open_of(self, deal_id: int, at: datetime, *, after_id: int, limit: int) -> Sequence[Group]:
        values = {"deal_id": deal_id, "at": at, "after_id": after_id, "most": limit}
        return self._seated(self._connection.execute(_OPEN_OF, values).all())

    def lock_open(self, deal_id: int, at: datetime) -> Sequence[Group]:
        return self._seated(self._connection.execute(_LOCK_OPEN, {"deal_id": deal_id, "at": at}).all())

    def of_deal(self, deal_id: int, *, after: tuple[int, int], limit: int) -> Sequence[Group]:
        rank, before_id = after
        values = {"deal_id": deal_id, "after_rank": rank, "before_id": before_id, "most": limit}
        return self._seated(self._connection.execute(_OF_DEAL, values).all())

    def nearly_full(self, at: datetime, *, without_member: int, limit: int) -> Sequence[tuple[Group, Deal]]:
        values = {"at": at, "member_id": without_member, "most": limit}
        return self._with_deals(self._connection.execute(_NEARLY_FULL, values).all())

    def of(self, member_id: int, *, before_id: int | None, limit: int) -> Sequence[tuple[Group, Deal]]:
        values = {"member_id": member_id, "before_id": before_id or _NEWEST, "most": limit}
        return self._with_deals(self._connection.execute(_OF, values).all())

    def open_count(self, member_id: int) -> int:
        return int(self._connection.execute(_OPEN_COUNT, {"member_id": member_id}).scalar_one())

    def mine(self, deal_id: int, member_id: int) -> Group | None:
        return self._one(_MINE, deal_id=deal_id, member_id=member_id)

    def taken(self, deal_id: int, member_id: int) -> Taken:
        rows = self._connection.execute(_TAKEN, {"deal_id": deal_id, "member_id": member_id})
        counts = {row.state: int(row.n) for row in rows}
        bought = self._connection.execute(_BOUGHT, {"deal_id": deal_id, "member_id": member_id}).scalar_one()
        return Taken(counts.get(SeatState.HELD, 0), counts.get(SeatState.CAPTURED, 0), int(bought))

    def merge(self, before: Group, merged: Group, gone: Group, at: datetime) -> None:
        self._connection.execute(_MERGE, {"of_group": gone.id, "into_group": merged.id, "at": at})
        self._connection.execute(_MOVE_SEATS, {"of_group": gone.id, "into_group": merged.id})
        self.change(before, merged)

    def extension_of(self, group_id: int) -> Group | None:
        return self._one(_EXTENSION, group_id=group_id)

    def to_join(self, group: Group, member_id: int, at: datetime) -> Group | None:
        return self._to_join(_TO_JOIN, group, member_id, at)

    def lock_to_join(self, group: Group, member_id: int, at: datetime) -> Group | None:
        return self._to_join(_LOCK_TO_JOIN, group, member_id, at)

    def to_merge(self, group: Group, people: int, at: datetime, limit: int) -> Sequence[Group]:
        values = {
            "deal_id": group.deal_id,
            "size": group.size,
            "points": group.points,
            "price_minor": group.price_minor,
            "people": people,
            "but_group": group.id,
            "at": at,
            "most": limit,
        }
        return self._seated(self._connection.execute(_TO_MERGE, values).all())

    def _to_join(self, query: Select[Any], group: Group, member_id: int, at: datetime) -> Group | None:
        return self._one(
            query,
            deal_id=group.deal_id,
            points=group.points,
            price_minor=group.price_minor,
            but_group=group.id,
            member_id=member_id,
            at=at,
            most=1,
        )

    def _one(self, query: Select[Any], **values: object) -> Group | None:
        found = self._seated(self._connection.execute(query, values).all())
        return found[0] if found else None

    def _with_deals(self, rows: Sequence[Any]) -> list[tuple[Group, Deal]]:
        return [(group, as_deal(row)) for group, row in zip(self._seated(rows), rows, strict=True)]

    def _seated(self, rows: Sequence[Any]) -> list[Group]:
        """The groups of these rows with who sits in them, in one more statement."""
        if not rows:
            return []
        sitting: dict[int, list[Seat]] = {row.group_id: [] for row in rows}
        values = {"ids": id_list(self._connection, list(sitting))}
        for seat in self._connection.execute(_SEATS[self._dialect], values):
            sitting[seat.group_id].append(Seat(seat.member_id, seat.first_name, bool(seat.shows_name)))
        return [_as_group(row, sitting[row.group_id]) for row in rows]


class SqlChoices:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def offer(self, group_ids: Sequence[int], until: datetime) -> None:
        values = {"ids": id_list(self._connection, group_ids), "until": until}
        self._connection.execute(_OFFER_CHOICES[self._connection.dialect.name], values)

    def get(self, group_id: int, member_id: int) -> Choosing | None:
        return self._one(_CHOICE, group_id, member_id)

    def lock(self, group_id: int, member_id: int) -> Choosing | None:
        return self._one(_LOCK_CHOICE, group_id, member_id)

    def of(self, member_id: int, group_ids: Sequence[int]) -> Sequence[Choosing]:
        rows = self._connection.execute(_CHOICES_OF, {"member_id": member_id, "ids": list(group_ids)})
        return [_as_choosing(row) for row in rows]

    def undecided(self, group_id: int, at: datetime) -> Sequence[int]:
        return self._connection.execute(_UNDECIDED, {"group_id": group_id, "at": at}).scalars().all()

    def choose(self, choosing: Choosing, choice: Choice, at: datetime, led_to_id: int | None = None) -> None:
        values = {
            "of_group": choosing.group_id,
            "of_member": choosing.member_id,
            "made": choice,
            "at": at,
            "led_to": led_to_id,
        }
        assert self._connection.execute(_CHOOSE, values).rowcount == 1, "a choice is made under its lock only"

    def _one(self, query: Select[Any], group_id: int, member_id: int) -> Choosing | None:
        row = self._connection.execute(query, {"group_id": group_id, "member_id": member_id}).one_or_none()
        return None if row is None else _as_choosing(row)


def _as_choosing(row: Any) -> Choosing:
    made = None if row.choice is None else Choice(row.choice)
    return Choosing(row.group_id, row.member_id, row.until, made, row.led_to_id)


def as_deal(row: Any) -> Deal:
    return Deal(
        id=row.deal_id,
        merchant=Merchant(row.deal_merchant_id, row.merchant, row.merchant_translations, row.is_orphaned),
        title=row.deal_title,
        description=row.deal_description,
        translations=row.deal_translations,
        solo_points=row.deal_solo_points,
        group_points=row.deal_group_points,
        size=row.deal_size,
        hours=row.deal_hours,
        stock=row.deal_stock,
        per_member=row.deal_per_member,
        is_several_allowed=row.deal_is_several_allowed,
        is_paused=row.deal_is_paused,
        picture_id=row.deal_picture_id,
        starts_at=row.deal_starts_at,
        ends_at=row.deal_ends_at,
        solo_price_minor=row.deal_solo_price_minor,
        group_price_minor=row.deal_group_price_minor,
        bonus_points=row.deal_bonus_points,
        published_at=row.deal_published_at,
        removed_at=row.deal_removed_at,
    )


def _as_group(row: Any, sitting: Iterable[Seat]) -> Group:
    return Group(
        id=row.group_id,
        deal_id=row.group_deal_id,
        organiser_id=row.group_organiser_id,
        state=GroupState(row.group_state),
        size=row.group_size,
        points=row.group_points,
        taken=row.group_taken,
        opened_at=row.group_opened_at,
        closes_at=row.group_closes_at,
        closed_at=row.group_closed_at,
        seats=tuple(sitting),
        price_minor=row.group_price_minor,
        bonus_points=row.group_bonus_points,
        extends_id=row.group_extends_id,
        merged_into_id=row.group_merged_into_id,
    )
