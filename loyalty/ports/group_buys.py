from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from loyalty.points import Subject


class Deals(Protocol): ...


class Groups(Protocol):
    def subjects(self, ids: Sequence[int]) -> Mapping[int, Subject]:
        """What these are called, for lines in a history."""
