"""What a shop looks like from outside: what a purchase earns there, and what there is to be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.earning import EarnRule
from loyalty.group_buys import Deal
from loyalty.merchants import Merchant


@dataclass(frozen=True, slots=True)
class ShopFront:
    """`rule` None: purchases earn nothing there yet."""

    merchant: Merchant
    rule: EarnRule | None
    rewards: int  # on offer now
    deals: int  # group buys that run now


@dataclass(frozen=True, slots=True)
class ShopPage:
    """A shop, with the first of its group buys."""

    front: ShopFront
    deals: Sequence[Deal]
    currency: str


@dataclass(frozen=True, slots=True)
class ShopFronts:
    """A page of shops. `more_after` is the id to page on from, None on the last page; `total` counts all of them."""

    shops: Sequence[ShopFront]
    more_after: int | None
    is_first_page: bool
    total: int
    currency: str
