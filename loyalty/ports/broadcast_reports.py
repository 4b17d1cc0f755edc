from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.broadcast_reports import Effects, Fate, ShopTotals


class BroadcastReports(Protocol):
    def fates(self, broadcast_id: int) -> Sequence[Fate]:
        """What became of its deliveries, by state and reason; together they are all of them."""

    def buttons(self, broadcast_id: int) -> Mapping[int, int]:
        """How many of those who were sent it have tapped each of its buttons, by the button's place."""

    def effects(self, broadcast_ids: Sequence[int], days: int) -> Mapping[int, Mapping[str, Effects]]:
        """By broadcast and variant, what those who were sent it did at its shop within so many days: until the shop's
        next broadcast to them, since nothing counts for two."""

    def shops(self, since: datetime) -> Sequence[ShopTotals]:
        """Of broadcasts that were started since then, by shop; shops without any left out."""
