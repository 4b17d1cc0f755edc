from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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
    PrimaryKeyConstraint,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    table,
    update,
)

from loyalty.members import Tier
from loyalty.merchants import Merchant
from loyalty.rewards import NewReward, Reward, RewardState, search_words
from loyalty.vouchers import VoucherState
from storage.dialects import insert_or_skip
from storage.merchants import merchants
from storage.schema import EMPTY, Id, Instant, metadata
from storage.wares import is_running

rewards = Table(
    "rewards",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(64), nullable=False, unique=True),
    Column("merchant_id", Id, ForeignKey("merchants.id"), nullable=False, index=True),
    Column("name", String(128), nullable=False),
    Column("description", Text, nullable=False),
    Column("translations", JSON, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("stock", Integer),  # null: unlimited
    Column("tier_min", String(16), nullable=False),
    Column("per_member", Integer),
    Column("picture_id", Id, ForeignKey("pictures.id")),
    Column("state", String(16), nullable=False),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("price_minor", BigInteger, nullable=False, server_default="0"),  # paid at the counter, on top of the points
    Column("per_member_days", Integer),  # the limit per member counts this long; null: for ever
    Column("published_at", Instant),  # null: a draft, which is paused, too
    Column("removed_at", Instant),
    Column("search", Text, nullable=False, server_default=EMPTY),  # its words in all languages, casefolded
    CheckConstraint("points > 0", name="has_a_price"),
    CheckConstraint("stock >= 0", name="not_oversold"),
    CheckConstraint("per_member > 0", name="limit_allows_one"),
    CheckConstraint("state IN ('running', 'paused')", name="known_state"),
)
_is_running = rewards.c.state == RewardState.RUNNING.value
Index("ix_rewards_running", rewards.c.points, rewards.c.id, sqlite_where=_is_running, postgresql_where=_is_running)

# What members would like to have; they are told once when they can afford it.
favourites = Table(
    "favourites",
    metadata,
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("reward_id", Id, ForeignKey("rewards.id"), nullable=False, index=True),
    Column("added_at", Instant, nullable=False),
    Column("told_at", Instant),
    PrimaryKeyConstraint("member_id", "reward_id"),
)
_is_untold = favourites.c.told_at.is_(None)
Index("ix_favourites_untold", favourites.c.member_id, sqlite_where=_is_untold, postgresql_where=_is_untold)

# By name: vouchers are stored next door.
_vouchers = table("vouchers", column("reward_id"), column("member_id"), column("state"))

_ADD = insert_or_skip(rewards)
_ID = select(rewards.c.id).where(rewards.c.slug == bindparam("slug"))


# For whom else it is, the tier and the stock say.
is_on_offer = is_running(rewards, _is_running)


def reward_query() -> Select[Any]:
    return select(
        rewards,
        merchants.c.name.label("merchant"),
        merchants.c.translations.label("merchant_translations"),
        merchants.c.orphaned_at.is_not(None).label("is_orphaned"),
    ).join_from(rewards, merchants, merchants.c.id == rewards.c.merchant_id)


_GET = reward_query().where(rewards.c.id == bindparam("reward_id"))
_LOCK = _GET.with_for_update(of=rewards)
_TAKE = (
    update(rewards)
    .where(rewards.c.id == bindparam("of_reward"), or_(rewards.c.stock.is_(None), rewards.c.stock > 0))
    .values(stock=rewards.c.stock - 1)
)
_RESTOCK = (
    update(rewards)
    .where(rewards.c.id == bindparam("of_reward"), rewards.c.stock.is_not(None))
    .values(stock=rewards.c.stock + 1)
)
_RUNNING = (
    reward_query()
    .where(
        is_on_offer,
        or_(
            rewards.c.points > bindparam("after_points"),
            and_(rewards.c.points == bindparam("after_points"), rewards.c.id > bindparam("after_id")),
        ),
    )
    .order_by(rewards.c.points, rewards.c.id)
    .limit(bindparam("most"))
)
_had = (
    select(func.count())
    .select_from(_vouchers)
    .where(
        _vouchers.c.reward_id == rewards.c.id,
        _vouchers.c.member_id == bindparam("member_id"),
        _vouchers.c.state != VoucherState.CANCELLED.value,
    )
    .scalar_subquery()
)
_IN_REACH = (
    reward_query()
    .where(
        is_on_offer,
        rewards.c.merchant_id == bindparam("of_merchant"),
        rewards.c.points <= bindparam("points"),
        or_(rewards.c.stock.is_(None), rewards.c.stock > 0),
        or_(rewards.c.per_member.is_(None), rewards.c.per_member > _had),
        rewards.c.tier_min.in_(bindparam("tiers", expanding=True)),
    )
    .order_by(rewards.c.points.desc(), rewards.c.id)
    .limit(bindparam("most"))
)


class SqlRewards:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def add(self, reward: NewReward) -> int:
        self._connection.execute(
            _ADD[self._dialect],
            {
                "slug": reward.slug,
                "merchant_id": reward.merchant_id,
                "name": reward.name,
                "description": reward.description,
                "translations": dict(reward.translations),
                "points": reward.points,
                "stock": reward.stock,
                "tier_min": reward.tier_min,
                "per_member": reward.per_member,
                "picture_id": reward.picture_id,
                "state": RewardState.PAUSED if reward.published_at is None else RewardState.RUNNING,
                "starts_at": reward.starts_at,
                "ends_at": reward.ends_at,
                "price_minor": reward.price_minor,
                "per_member_days": reward.per_member_days,
                "published_at": reward.published_at,
                "search": search_words(reward.name, reward.description, reward.translations),
            },
        )
        reward_id: int = self._connection.execute(_ID, {"slug": reward.slug}).scalar_one()
        return reward_id

    def get(self, reward_id: int) -> Reward | None:
        return self._one(_GET, reward_id)

    def lock(self, reward_id: int) -> Reward | None:
        return self._one(_LOCK, reward_id)

    def take(self, reward_id: int) -> bool:
        return self._connection.execute(_TAKE, {"of_reward": reward_id}).rowcount == 1

    def restock(self, reward_id: int) -> None:
        self._connection.execute(_RESTOCK, {"of_reward": reward_id})

    def in_reach(
        self, merchant_id: int, member_id: int, tier: Tier, points: int, at: datetime, *, limit: int
    ) -> Sequence[Reward]:
        values = {
            "of_merchant": merchant_id,
            "member_id": member_id,
            "tiers": [needed.value for needed in Tier if tier.reaches(needed)],
            "points": points,
            "at": at,
            "most": limit,
        }
        return [as_reward(row) for row in self._connection.execute(_IN_REACH, values)]

    def running(self, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[Reward]:
        after_points, after_id = after
        rows = self._connection.execute(
            _RUNNING, {"at": at, "after_points": after_points, "after_id": after_id, "most": limit}
        )
        return [as_reward(row) for row in rows]

    def _one(self, query: Select[Any], reward_id: int) -> Reward | None:
        row = self._connection.execute(query, {"reward_id": reward_id}).one_or_none()
        return None if row is None else as_reward(row)


def as_reward(row: Any) -> Reward:
    return Reward(
        id=row.id,
        merchant=Merchant(row.merchant_id, row.merchant, row.merchant_translations, row.is_orphaned),
        name=row.name,
        description=row.description,
        translations=row.translations,
        points=row.points,
        stock=row.stock,
        tier_min=Tier(row.tier_min),
        per_member=row.per_member,
        picture_id=row.picture_id,
        state=RewardState(row.state),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        price_minor=row.price_minor,
        per_member_days=row.per_member_days,
        published_at=row.published_at,
        removed_at=row.removed_at,
    )
