from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.rewards import NewReward, Reward


class Rewards(Protocol):
    def add(self, reward: NewReward) -> int:
        """Stores it, once per slug: one that is there stays as it is. Answers its id."""

    def get(self, reward_id: int) -> Reward | None: ...
    def lock(self, reward_id: int) -> Reward | None:
        """The reward, and nobody else takes one of it until the unit ends."""

    def take(self, reward_id: int) -> bool:
        """One less in stock. False when none is left."""

    def restock(self, reward_id: int) -> None:
        """One more in stock, where it is counted."""

    def running(self, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[Reward]:
        """Rewards within their window, the cheapest first, after the one with these (points, id)."""
