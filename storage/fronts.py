"""Shops as members see them: what they give for purchases, and how much there is to be had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from loyalty.fronts import ShopFront
from loyalty.group_buys import Deal
from loyalty.merchants import Merchant
from storage import rewards as shelf
from storage.earning import as_rule, earn_rules
from storage.group_buys import as_deal, deal_query, deals, is_on_offer
from storage.merchants import merchants
from storage.rewards import rewards

_REWARDS = (
    select(func.count())
    .where(rewards.c.merchant_id == merchants.c.id, shelf.is_on_offer)
    .correlate(merchants)
    .scalar_subquery()
)
_DEALS = (
    select(func.count())
    .where(deals.c.merchant_id == merchants.c.id, is_on_offer)
    .correlate(merchants)
    .scalar_subquery()
)
_HAS_SOMETHING = or_(earn_rules.c.merchant_id.is_not(None), _REWARDS > 0, _DEALS > 0)
_ALL = (
    select(
        merchants.c.id,
        merchants.c.name,
        merchants.c.translations,
        _REWARDS.label("rewards"),
        _DEALS.label("deals"),
        *(column for column in earn_rules.columns if column.name != "merchant_id"),
    )
    .outerjoin_from(merchants, earn_rules, earn_rules.c.merchant_id == merchants.c.id)
    .where(_HAS_SOMETHING)
)
_PAGE = _ALL.where(merchants.c.id > bindparam("after_id")).order_by(merchants.c.id).limit(bindparam("most"))
_GET = _ALL.where(merchants.c.id == bindparam("of_merchant"))
_TOTAL = (
    select(func.count())
    .select_from(merchants.outerjoin(earn_rules, earn_rules.c.merchant_id == merchants.c.id))
    .where(_HAS_SOMETHING)
)
_OF_SHOP = (
    deal_query()
    .where(deals.c.merchant_id == bindparam("of_merchant"), is_on_offer)
    .order_by(deals.c.id.desc())
    .limit(bindparam("most"))
)


class SqlFronts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, at: datetime, *, after_id: int, limit: int) -> Sequence[ShopFront]:
        rows = self._connection.execute(_PAGE, {"at": at, "after_id": after_id, "most": limit})
        return [_front(row) for row in rows]

    def total(self, at: datetime) -> int:
        return int(self._connection.execute(_TOTAL, {"at": at}).scalar_one())

    def get(self, merchant_id: int, at: datetime) -> ShopFront | None:
        row = self._connection.execute(_GET, {"at": at, "of_merchant": merchant_id}).one_or_none()
        return None if row is None else _front(row)

    def deals(self, merchant_id: int, at: datetime, *, limit: int) -> Sequence[Deal]:
        rows = self._connection.execute(_OF_SHOP, {"at": at, "of_merchant": merchant_id, "most": limit})
        return [as_deal(row) for row in rows]


def _front(row: Any) -> ShopFront:
    merchant_id, name, translations, rewards_count, deals_count, *rule = row
    return ShopFront(
        Merchant(merchant_id, name, translations),
        None if row.points is None else as_rule(rule),
        rewards_count,
        deals_count,
    )
