"""When the club may write to somebody who did not ask: by day, on the member's own clock, and not after that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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


def next_contact(now: datetime, timezone: str, programme: Programme) -> datetime:
    """Now, if it is daytime in a zone, otherwise the next morning there; an instant in UTC."""
    if contact_hours(now, timezone, programme) is not None:
        return now
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=1 if local.hour >= programme.evening_hour else 0)
    return datetime.combine(day, time(programme.morning_hour), tzinfo=zone).astimezone(UTC)
