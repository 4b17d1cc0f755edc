"""When a broadcast goes out: now, at a moment, or at an hour of a day on each member's own clock.

A time that a clock change leaves out is the one an hour after it; of a time that comes twice, the first is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from loyalty.answers import read_day
from loyalty.broadcasts import Schedule
from loyalty.dates import day_off, folded, split_clock
from loyalty.errors import BroadcastRefused, InvalidWare
from loyalty.members import Language

AHEAD_MAX = timedelta(days=90)
GRACE = timedelta(minutes=10)  # between choosing a moment and the last yes it may pass
EASTERNMOST, WESTERNMOST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
DAYS_OFFERED = 7
HOURS_OFFERED = (8, 9, 10, 11, 12, 14, 16, 17, 18, 19, 20)

OPENS = time(9)  # of a day that was named without an hour: nobody is written to earlier


@dataclass(frozen=True, slots=True)
class Hours:
    """A day, and those of its hours that can be chosen still."""

    day: date
    hours: tuple[int, ...]


def on_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in the zone shows this."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def read_moment(given: str, now: datetime, zone: ZoneInfo, language: Language | None = None) -> datetime:
    """An instant typed like "3 June 18:30", "6月3日 18:30", "tomorrow 9 am", "明天" or "18:30", on a clock in the zone;
    without a day it is the next one, without an hour the morning. Month and day stand in the order of the writer's
    `language`. Raises BroadcastRefused: no_moment | unsure | past | too_far."""
    wish = folded(given).replace(" at ", " ")
    today = now.astimezone(zone).date()
    said = split_clock(wish)
    day_said, clock = said if said is not None else (wish, None)
    if clock is None:
        day = day_off(day_said, today)
        if day is None or on_clock(day, OPENS, zone) <= now:
            raise BroadcastRefused("no_moment")
        moment = on_clock(day, OPENS, zone)
    else:
        day = _day(day_said, today, language) if day_said else today
        moment = on_clock(day, clock.at, zone)
        if moment <= now and day == today and not clock.is_half_said:
            moment = on_clock(day, clock.later, zone)  # five o'clock, said at noon, is in the afternoon
        if moment <= now and not day_said:
            moment = on_clock(today + timedelta(days=1), clock.at, zone)
    check_moment(moment, now, zone)
    return moment


def check_moment(at: datetime, now: datetime, zone: ZoneInfo) -> None:
    """Raises BroadcastRefused for what is over, with the next moment at which a clock in the zone shows this time, and
    for what is too far away."""
    if at <= now:
        local = at.astimezone(zone)
        day = now.astimezone(zone).date()
        coming = on_clock(day, local.time(), zone)
        following = coming if coming > now else on_clock(day + timedelta(days=1), local.time(), zone)
        raise BroadcastRefused("past", {"next_at": following})
    if at > now + AHEAD_MAX:
        raise BroadcastRefused("too_far", {"at": at, "last_at": now + AHEAD_MAX})


def at_moment(at: datetime, now: datetime, zone: ZoneInfo) -> Schedule:
    """Raises BroadcastRefused: past | too_far."""
    check_moment(at, now, zone)
    return Schedule(send_at=at)


def at_local_hour(day: date, hour: int, now: datetime, zone: ZoneInfo) -> Schedule:
    """It starts when the hour comes in the east of the world. Raises BroadcastRefused when it is over or too far away
    in the zone of whoever plans it."""
    check_moment(on_clock(day, time(hour), zone), now, zone)
    first = datetime.combine(day, time(hour), tzinfo=EASTERNMOST).astimezone(UTC)
    return Schedule(send_at=first, local_day=day, local_hour=hour)


def check_still_ahead(schedule: Schedule, now: datetime, zone: ZoneInfo) -> None:
    """Raises BroadcastRefused for a plan whose time went by while nobody confirmed it."""
    if schedule.local_day is not None and schedule.local_hour is not None:
        check_moment(on_clock(schedule.local_day, time(schedule.local_hour), zone), now - GRACE, zone)
    elif schedule.send_at is not None:
        check_moment(schedule.send_at, now - GRACE, zone)


def useful_until(schedule: Schedule) -> datetime | None:
    """Until when starting it late is better than not at all; None: always, since it names no time."""
    if schedule.send_at is None:
        return None
    last = schedule.send_at
    if schedule.local_day is not None and schedule.local_hour is not None:
        last = datetime.combine(schedule.local_day, time(schedule.local_hour), tzinfo=WESTERNMOST).astimezone(UTC)
    return last + timedelta(hours=schedule.valid_hours)


def days_ahead(now: datetime, zone: ZoneInfo) -> list[date]:
    """The next days on a clock in the zone, without today where none of its hours is left to choose."""
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=n) for n in range(DAYS_OFFERED + 1)]
    return [day for day in days if hours_ahead(day, now, zone).hours][:DAYS_OFFERED]


def hours_ahead(day: date, now: datetime, zone: ZoneInfo) -> Hours:
    return Hours(day, tuple(hour for hour in HOURS_OFFERED if on_clock(day, time(hour), zone) > now))


def _day(said: str, today: date, language: Language | None) -> date:
    try:
        return read_day(said, "moment", today, language)
    except InvalidWare as refusal:
        if refusal.reason == "past":
            return today - timedelta(days=1)  # over is over, however long
        if refusal.reason == "unsure":
            raise BroadcastRefused("unsure", dict(refusal.facts)) from refusal
        raise BroadcastRefused("no_moment") from refusal
