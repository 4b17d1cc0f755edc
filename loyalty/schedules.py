"""When a broadcast goes out: now, at a moment, or at an hour of a day on each member's own clock.

A time that a clock change leaves out is the one an hour after it; of a time that comes twice, the first is meant.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from loyalty.answers import read_day
from loyalty.broadcasts import Schedule
from loyalty.errors import BroadcastRefused, InvalidWare

AHEAD_MAX = timedelta(days=90)
GRACE = timedelta(minutes=10)  # between choosing a moment and the last yes it may pass
EASTERNMOST, WESTERNMOST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
DAYS_OFFERED = 7
HOURS_OFFERED = (8, 9, 10, 11, 12, 14, 16, 17, 18, 19, 20)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\.? (?P<month>[a-z]{3,9})\.?"
    r"|(?P<month2>[a-z]{3,9})\.? (?P<day2>\d{1,2})(?:st|nd|rd|th)?)(?:,? (?P<year>\d{4}))?"
)
_CLOCK = re.compile(
    r"(?P<half>上午|早上|中午|下午|晚上|凌晨)? ?(?P<hour>\d{1,2}) ?"
    r"(?::(?P<minute>\d{2})|[点點时時] ?(?:(?P<minute2>\d{1,2}) ?分?|(?P<thirty>半))?|(?= ?[ap]\.?m))"
    r" ?(?P<noon>[ap])?(?:\.?m\.?)?$"
)
_AFTERNOON = frozenset({"下午", "晚上", "p"})
_DAYS_OFF = {"today": 0, "今天": 0, "今日": 0, "tomorrow": 1, "明天": 1, "明日": 1, "后天": 2, "後天": 2}


@dataclass(frozen=True, slots=True)
class Hours:
    """A day, and those of its hours that can be chosen still."""

    day: date
    hours: tuple[int, ...]


def on_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in the zone shows this."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def read_moment(given: str, now: datetime, zone: ZoneInfo) -> datetime:
    """An instant typed like "3 June 18:30", "3.6. 18:30", "6月3日 18:30", "tomorrow 9 am" or "18:30", on a clock in the
    zone; without a day it is the next one. Raises BroadcastRefused: no_moment | past | too_far."""
    wish = " ".join(unicodedata.normalize("NFKC", given).casefold().replace(" at ", " ").split())
    found = _CLOCK.search(wish)
    if found is None:
        raise BroadcastRefused("no_moment")
    at, day_said = _time(found), wish[: found.start()].strip(" ,")
    today = now.astimezone(zone).date()
    if not day_said:
        coming = on_clock(today, at, zone)
        moment = coming if coming > now else on_clock(today + timedelta(days=1), at, zone)
    else:
        moment = on_clock(_day(day_said, today), at, zone)
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


def _time(found: re.Match[str]) -> time:
    hour, minute = int(found["hour"]), int(found["minute"] or found["minute2"] or (30 if found["thirty"] else 0))
    half = found["half"] or found["noon"] or ""
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    try:
        return time(hour, minute)
    except ValueError:
        raise BroadcastRefused("no_moment") from None


def _day(said: str, today: date) -> date:
    if said in _DAYS_OFF:
        return today + timedelta(days=_DAYS_OFF[said])
    if (named := _NAMED.fullmatch(said)) is not None:
        month = (named["month"] or named["month2"])[:3]
        if month in _MONTHS:
            said = f"{named['day'] or named['day2']}.{_MONTHS.index(month) + 1}.{named['year'] or ''}"
    try:
        return read_day(said, "moment", today)
    except InvalidWare as refusal:
        if refusal.reason == "past":
            return today - timedelta(days=1)  # over is over, however long
        raise BroadcastRefused("no_moment") from refusal
