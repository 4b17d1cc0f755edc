"""A shop with a deal, for tests of group buys."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from loyalty.group_buys import NewDeal
from storage.unit_of_work import UnitFactory

SHOP = "Harbour Coffee"
BEANS = NewDeal(
    slug="coffee-beans",
    merchant_id=0,
    title="Coffee beans",
    description="500 g of the house roast.",
    solo_points=360,
    group_points=240,
    size=3,
    hours=24,
    stock=30,
    published_at=datetime(2026, 5, 1, tzinfo=UTC),
    translations={"zh-Hans": {"name": "咖啡豆", "description": "招牌烘焙 500 克。"}},
)


def add_deal(units: UnitFactory, **changes: object) -> int:
    """A deal like BEANS, of the shop SHOP; answers its id."""
    with units() as uow:
        added = uow.merchants.add(SHOP, datetime(2026, 5, 1, tzinfo=UTC), {"zh-Hans": {"name": "港湾咖啡"}})
        shop = added or uow.merchants.named(SHOP)
        assert shop is not None
        deal_id = uow.deals.add(replace(BEANS, merchant_id=shop.id, **changes))  # type: ignore[arg-type]
        uow.commit()
    return deal_id


def stock_of(units: UnitFactory, deal_id: int) -> int:
    with units() as uow:
        deal = uow.deals.get(deal_id)
    assert deal is not None
    return deal.stock
