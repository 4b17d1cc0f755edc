"""What people type after /statement."""

from __future__ import annotations

import re

from loyalty.months import Month

_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")


def read_month(given: str) -> Month | None:
    """A year and a month ("2026-10", "2026/1", "2026年10月"), None where there is none in it."""
    found = _MONTH.fullmatch(given.strip())
    month = Month(int(found[1]), int(found[2])) if found else None
    return month if month is not None and 1 <= month.number <= 12 else None
