from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from loyalty.statistics import ClubFigures, DayFigures


class Statistics(Protocol):
    def club(self, at: datetime) -> ClubFigures: ...
    def days(self, since: datetime, until: datetime) -> Sequence[tuple[date, DayFigures]]:
        """Earned and spent points and new members per day in UTC, days without any left out."""
