from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.rewards import Listed, ShopListed, Wanted


class Catalogue(Protocol):
    """The rewards that are on offer, as members leaf through them."""

    def page(
        self,
        member_id: int,
        wanted: Wanted,
        spendable: int,
        at: datetime,
        *,
        after: tuple[int, int],
        limit: int,
        called: Sequence[Sequence[int]] = (),
    ) -> Sequence[Listed]:
        """What is wanted of it, the cheapest first, after the one with these (points, id). `called`: for each of the
        words in turn, the shops whose name has it; their rewards have it, too."""

    def shops(self, at: datetime, *, after_id: int, limit: int) -> Sequence[ShopListed]:
        """Shops that have rewards on offer, by their ids."""
