from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class LiveCards(Protocol):
    def mark(self, group_ids: Sequence[int], at: datetime) -> None:
        """The cards of these groups are to be drawn again, each as soon as it may."""
