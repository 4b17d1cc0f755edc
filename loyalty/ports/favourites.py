from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.favourites import InReach


class Favourites(Protocol):
    def add(self, member_id: int, reward_id: int, at: datetime, *, is_told: bool) -> bool:
        """False when it is one already, and stays as it is. `is_told`: there is nothing left to tell."""

    def remove(self, member_id: int, reward_id: int) -> None: ...
    def has(self, member_id: int, reward_id: int) -> bool: ...
    def tell(self, at: datetime, limit: int) -> Sequence[InReach]:
        """Marks favourites as told that their members can have now and did not know of, and answers with them."""

    def out_of_reach(self, member_ids: Sequence[int], since: datetime) -> Sequence[tuple[int, int, datetime]]:
        """Of what members were told since then, or need not be told, what they cannot have as things stand: by member,
        reward, and since when it is a favourite."""

    def untell(self, member_id: int, reward_id: int) -> None:
        """It is told when it comes within reach again."""
