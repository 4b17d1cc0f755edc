from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.fronts import ShopFront
from loyalty.group_buys import Deal


class Fronts(Protocol):
    """Shops as members see them: those where something can be earned or had."""

    def page(self, at: datetime, *, after_id: int, limit: int) -> Sequence[ShopFront]:
        """By their ids."""

    def total(self, at: datetime) -> int: ...
    def get(self, merchant_id: int, at: datetime) -> ShopFront | None:
        """One of them."""

    def deals(self, merchant_id: int, at: datetime, *, limit: int) -> Sequence[Deal]:
        """Group buys of a shop that run now, the newest first."""
