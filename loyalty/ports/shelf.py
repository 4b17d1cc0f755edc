from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.rewards import Reward
from loyalty.shelf import Figures, Stocked


class RewardShelf(Protocol):
    def page(self, merchant_id: int, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[Stocked]:
        """A shop's rewards, removed ones left out: by how they stand, the newest first, after the one with this
        (rank, id)."""

    def figures(self, reward_id: int, at: datetime) -> Figures: ...
    def save(self, reward: Reward) -> None:
        """All that staff may change about it. Whoever saves has locked the row: its stock moves under that lock."""
