from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, select

from loyalty.rewards import Reward, RewardState, search_words
from loyalty.shelf import Figures, Stocked
from loyalty.vouchers import VoucherState
from storage.rewards import as_reward, reward_query, rewards
from storage.vouchers import vouchers
from storage.wares import AT, comes_after, rank_of, saving

_rank = rank_of(rewards, rewards.c.state == RewardState.PAUSED.value)
_is_redeemed = vouchers.c.state != VoucherState.CANCELLED.value
_REDEEMED = (
    select(func.count())
    .select_from(vouchers)
    .where(vouchers.c.reward_id == rewards.c.id, _is_redeemed)
    .correlate(rewards)
    .scalar_subquery()
)
_PAGE = (
    reward_query()
    .add_columns(_REDEEMED.label("redeemed"))
    .where(
        rewards.c.merchant_id == bindparam("merchant_id"),
        rewards.c.removed_at.is_(None),
        comes_after(_rank, rewards.c.id),
    )
    .order_by(_rank, rewards.c.id.desc())
    .limit(bindparam("most"))
)
_waits = and_(vouchers.c.state == VoucherState.ISSUED.value, vouchers.c.expires_at > AT)
_FIGURES = select(
    func.count(case((_is_redeemed, 1))).label("redeemed"),
    func.count(case((vouchers.c.state == VoucherState.USED.value, 1))).label("used"),
    func.count(case((_waits, 1))).label("waiting"),
).where(vouchers.c.reward_id == bindparam("reward_id"))
_CHANGEABLE = (
    "name",
    "description",
    "translations",
    "points",
    "price_minor",
    "stock",
    "tier_min",
    "per_member",
    "per_member_days",
    "picture_id",
    "state",
    "starts_at",
    "ends_at",
    "published_at",
    "removed_at",
)
_SAVE = saving(rewards, (*_CHANGEABLE, "search"))


class SqlRewardShelf:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, merchant_id: int, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[Stocked]:
        rank, before_id = after
        rows = self._connection.execute(
            _PAGE,
            {"merchant_id": merchant_id, "at": at, "after_rank": rank, "before_id": before_id, "most": limit},
        )
        return [Stocked(as_reward(row), row.redeemed) for row in rows]

    def figures(self, reward_id: int, at: datetime) -> Figures:
        return Figures(*self._connection.execute(_FIGURES, {"reward_id": reward_id, "at": at}).one())

    def save(self, reward: Reward) -> None:
        facts: dict[str, Any] = {f"new_{name}": getattr(reward, name) for name in _CHANGEABLE}
        facts["new_translations"] = {language: dict(words) for language, words in reward.translations.items()}
        facts["new_search"] = search_words(reward.name, reward.description, reward.translations)
        self._connection.execute(_SAVE, {"of_ware": reward.id, **facts})
