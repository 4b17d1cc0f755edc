from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.deals import Figures, GroupFacts, ListedDeal
from loyalty.group_buys import Deal


class DealDesk(Protocol):
    """Deals as their shop sees them."""

    def page(self, merchant_id: int, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[ListedDeal]:
        """A shop's deals, removed ones left out: by how they stand, the newest first, after the one with this
        (rank, id)."""

    def figures(self, deal_id: int, at: datetime) -> Figures: ...
    def groups(self, deal_id: int) -> Sequence[GroupFacts]:
        """All groups of a deal, the oldest first."""

    def save(self, deal: Deal) -> None:
        """All that staff may change about it. Whoever saves has locked the row: its stock moves under that lock."""
