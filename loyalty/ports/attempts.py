from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.attempts import Lookup, Suspect, Tried


class Attempts(Protocol):
    """What people tried, and whom they looked up."""

    def of(self, member_id: int) -> Tried | None: ...
    def lock(self, member_id: int) -> Tried | None:
        """And nobody else counts this person's tries until the unit ends."""

    def save(self, tried: Tried) -> None: ...
    def clear(self, member_id: int) -> None:
        """The wrong ones of the last minutes are forgotten, those of the day are not."""

    def suspects(self, since: datetime, *, before_id: int | None, limit: int) -> Sequence[Suspect]:
        """Who was paused since then, by the members' ids downwards."""

    def look_up(
        self, staff_id: int, merchant_id: int, ending: str, *, is_whole: bool, found: int, at: datetime
    ) -> None:
        """Notes that a phone was looked up."""

    def looked_up(self, staff_id: int, since: datetime) -> tuple[int, datetime | None]:
        """How many phones somebody has looked up since then, and when the first of these was."""

    def lookups(self, merchant_id: int | None, *, before_id: int | None, limit: int) -> Sequence[Lookup]:
        """Of a shop, or of all, the newest first."""
