from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, or_, select, tuple_, update

from loyalty.favourites import InReach
from loyalty.vouchers import VoucherState
from storage.books import balances
from storage.catalogue import rank
from storage.dialects import id_list, insert_or_skip, per_id_list
from storage.members import members
from storage.rewards import as_reward, favourites, is_on_offer, reward_query, rewards
from storage.schema import Instant
from storage.vouchers import vouchers

_ADD = insert_or_skip(favourites)
_this = and_(favourites.c.member_id == bindparam("of_member"), favourites.c.reward_id == bindparam("of_reward"))
_REMOVE = delete(favourites).where(_this)
_HAS = select(favourites.c.reward_id).where(_this)
_is_untold = favourites.c.told_at.is_(None)
# Who has had as many as one ever gets is told nothing.
_had = (
    select(func.count())
    .where(
        vouchers.c.reward_id == favourites.c.reward_id,
        vouchers.c.member_id == favourites.c.member_id,
        vouchers.c.state != VoucherState.CANCELLED.value,
    )
    .scalar_subquery()
)


def _in_reach() -> Select[Any]:
    """Untold ones that their members can have, as far as points, stock and tier go."""
    return (
        select(favourites.c.member_id, favourites.c.reward_id)
        .join_from(favourites, rewards, rewards.c.id == favourites.c.reward_id)
        .join(balances, balances.c.member_id == favourites.c.member_id)
        .join(members, members.c.id == favourites.c.member_id)
        .where(
            _is_untold,
            is_on_offer,
            or_(rewards.c.stock.is_(None), rewards.c.stock > 0),
            rewards.c.points <= balances.c.available - balances.c.floor,
            rank(rewards.c.tier_min) <= rank(members.c.tier),
            or_(rewards.c.per_member.is_(None), rewards.c.per_member_days.is_not(None), _had < rewards.c.per_member),
        )
        .order_by(favourites.c.member_id, favourites.c.reward_id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=favourites)
    )


# Found and marked in one statement: what was told of is exactly what comes back.
_found = _in_reach().cte("found")
_TELL = (
    update(favourites)
    .where(
        _is_untold,
        tuple_(favourites.c.member_id, favourites.c.reward_id).in_(select(_found.c.member_id, _found.c.reward_id)),
    )
    .values(told_at=bindparam("at", type_=Instant))
    .returning(favourites.c.member_id, favourites.c.reward_id, favourites.c.added_at)
)
# Told of since a moment, and not within reach as things stand.
_OUT_OF_REACH = per_id_list(
    "ids",
    lambda among: (
        select(favourites.c.member_id, favourites.c.reward_id, favourites.c.added_at)
        .join_from(favourites, rewards, rewards.c.id == favourites.c.reward_id)
        .join(members, members.c.id == favourites.c.member_id)
        .join(balances, balances.c.member_id == favourites.c.member_id, isouter=True)
        .where(
            among(favourites.c.member_id),
            favourites.c.told_at >= bindparam("since", type_=Instant),
            or_(
                rewards.c.points > func.coalesce(balances.c.available - balances.c.floor, 0),
                rank(rewards.c.tier_min) > rank(members.c.tier),
            ),
        )
        .order_by(favourites.c.member_id, favourites.c.reward_id)
    ),
)
_UNTELL = update(favourites).where(_this).values(told_at=None)
_ZONES = per_id_list("ids", lambda among: select(members.c.id, members.c.timezone).where(among(members.c.id)))
_REWARDS = per_id_list("ids", lambda among: reward_query().where(among(rewards.c.id)))


class SqlFavourites:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, member_id: int, reward_id: int, at: datetime, *, is_told: bool) -> bool:
        values = {
            "member_id": member_id,
            "reward_id": reward_id,
            "added_at": at,
            "told_at": at if is_told else None,
        }
        return self._connection.execute(_ADD[self._dialect], values).rowcount == 1

    def remove(self, member_id: int, reward_id: int) -> None:
        self._connection.execute(_REMOVE, {"of_member": member_id, "of_reward": reward_id})

    def has(self, member_id: int, reward_id: int) -> bool:
        values = {"of_member": member_id, "of_reward": reward_id}
        return self._connection.execute(_HAS, values).one_or_none() is not None

    def tell(self, at: datetime, limit: int) -> Sequence[InReach]:
        told = sorted(tuple(row) for row in self._connection.execute(_TELL, {"at": at, "most": limit}))
        if not told:
            return []
        zones = {row.id: row.timezone for row in self._among(_ZONES, {member_id for member_id, _, _ in told})}
        found = {row.id: as_reward(row) for row in self._among(_REWARDS, {reward_id for _, reward_id, _ in told})}
        return [
            InReach(member_id, zones[member_id], found[reward_id], added_at) for member_id, reward_id, added_at in told
        ]

    def out_of_reach(self, member_ids: Sequence[int], since: datetime) -> Sequence[tuple[int, int, datetime]]:
        values = {"ids": id_list(self._connection, member_ids), "since": since}
        return [tuple(row) for row in self._connection.execute(_OUT_OF_REACH[self._dialect], values)]

    def untell(self, member_id: int, reward_id: int) -> None:
        self._connection.execute(_UNTELL, {"of_member": member_id, "of_reward": reward_id})

    def _among(self, query: Any, ids: set[int]) -> Sequence[Any]:
        return self._connection.execute(query[self._dialect], {"ids": id_list(self._connection, sorted(ids))}).all()
