from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol


class Timetable(Protocol):
    def ensure(self, lines: Sequence[tuple[str, timedelta]], at: datetime) -> None:
        """Each line (name, every) is in the table; new ones are due at once."""

    def claim(self, name: str, at: datetime) -> bool:
        """True when the line is due, and then it is due again one interval later: for one caller only."""
