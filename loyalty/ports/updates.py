from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loyalty.set_aside import SetAside


class Updates(Protocol):
    """What people sent, as far as the operator has to do with it."""

    def aside(self, *, after: int, limit: int) -> Sequence[SetAside]:
        """What is set aside, newest first, without the first `after`."""

    def count_aside(self) -> int: ...
    def decide(self, named: str, *, is_again: bool) -> bool:
        """Has one handled again, or lets it be. `named`: its number, or the update's. False if there is none."""
