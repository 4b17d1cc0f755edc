"""Months on a calendar, for statements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_TYPED = re.compile(r"(20\d\d)\s*[-/.年]\s*(0?[1-9]|1[0-2])\s*月?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month on somebody's calendar; `number` is 1 to 12."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Month:
        local = at.astimezone(zone)
        return cls(local.year, local.month)

    def plus(self, months: int) -> Month:
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)

    def begins_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant in `zone`, in UTC."""
        return datetime(self.year, self.number, 1, tzinfo=zone).astimezone(UTC)


def read_month(given: str) -> Month | None:
    """A year and a month as people write them ("2026-10", "2026/1", "2026年10月"); None if it is not that."""
    found = _TYPED.fullmatch(given.strip())
    return None if found is None else Month(int(found[1]), int(found[2]))


def written(month: Month) -> str:
    """2026-10."""
    return f"{month.year:04}-{month.number:02}"


def span(month: Month, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The month's first instant in `zone`, and that of the next month, in UTC."""
    return month.begins_at(zone), month.plus(1).begins_at(zone)
