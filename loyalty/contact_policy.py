"""When the club may write to somebody who did not ask: by day, on the member's own clock, and not after that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from loyalty.programme import Programme


@dataclass(frozen=True, slots=True)
class ContactHours:
    """It is daytime in a zone: which local day it is, when that began, and when writing ends (instants in UTC)."""

    day: date
    day_began_at: datetime
    ends_at: datetime


def contact_hours(now: datetime, timezone: str, programme: Programme) -> ContactHours | None:
    """The hours in which it is now in a zone, from the programme's morning to its evening; None at night."""
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    if not programme.morning_hour <= local.hour < programme.evening_hour:
        return None
    day = local.date()
    return ContactHours(
        day=day,
        day_began_at=datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC),
        ends_at=datetime.combine(day, time(programme.evening_hour), tzinfo=zone).astimezone(UTC),
    )
