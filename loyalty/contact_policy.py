"""When the club may write to somebody who did not ask: with consent, by day on the member's own clock, seldom enough,
and less to whoever loses interest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.deliveries import Due
from loyalty.members import Topic
from loyalty.programme import Programme

WEEK = timedelta(days=7)
IGNORED_SELDOM = 5  # so many of a topic in a row without a tap: from then on it comes seldom ...
SELDOM = timedelta(days=14)
IGNORED_MAX = 8  # ... and from here on not at all, until the member does something
# Once a year, on the day or never: no offer that came first that morning takes its place. It counts for the others.
ON_ITS_DAY = frozenset({Topic.BIRTHDAY})


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


class Verdict(StrEnum):
    SEND = "send"
    DELAY = "delay"
    SUPPRESS = "suppress"


class Reason(StrEnum):
    """Why a message is sent, waits, or is dropped; kept with it and shown to whoever asks."""

    ASKED_FOR = "asked_for"  # it answers what the member did, and no rule of marketing holds it up
    AGREED = "agreed"
    NO_CONSENT = "no_consent"
    MUTED_SHOP = "muted_shop"
    QUIET_HOURS = "quiet_hours"
    ONE_A_DAY = "one_a_day"
    FEW_A_WEEK = "few_a_week"
    SELDOM = "seldom"  # the last ones were ignored
    LOST_INTEREST = "lost_interest"
    UNREACHABLE = "unreachable"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that somebody would like to send. `topic` None: the member's own doings, which need no consent.

    After `deadline` it is of no use any more.
    """

    topic: Topic | None = None
    merchant_id: int | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member has chosen. Quiet from `quiet_from` to `quiet_until` on the own clock, over midnight or not; the
    same time twice is never. `per_day` and `per_week`, one at least, count marketing of all shops together."""

    zone: ZoneInfo
    topics: frozenset[Topic] = frozenset()
    muted_shops: frozenset[int] = frozenset()
    quiet_from: time = time(21)
    quiet_until: time = time(9)
    per_day: int = 1
    per_week: int = 3
    is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """What a member got lately and made of it. `sent_at`: marketing of the last seven days. `ignored`: how many of the
    topic in a row brought no tap, `topic_at` when the last of them was sent."""

    sent_at: tuple[datetime, ...] = ()
    ignored: int = 0
    topic_at: datetime | None = None


def preferences_of(due: Due, programme: Programme) -> Preferences:
    """What the member of a row has chosen, and the club's numbers for the rest."""
    delivery = due.delivery
    return Preferences(
        zone=ZoneInfo(delivery.timezone),
        topics=frozenset((delivery.topic,)) if due.is_agreed and delivery.topic else frozenset(),
        muted_shops=frozenset((delivery.merchant_id,)) if due.is_muted and delivery.merchant_id else frozenset(),
        quiet_from=time(programme.evening_hour) if due.quiet_from is None else due.quiet_from,
        quiet_until=time(programme.morning_hour) if due.quiet_until is None else due.quiet_until,
        per_day=due.per_day or programme.marketing_per_day,
        per_week=due.per_week or programme.marketing_per_week,
        is_reachable=due.is_reachable,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """`until` is when a delayed one is to be asked about again."""

    verdict: Verdict
    reason: Reason
    until: datetime | None = None


def decide(wish: Wish, preferences: Preferences, history: History, now: datetime) -> Decision:
    """The one gate of every sender, in the order of the rules: reachable at all, consent, quiet hours, frequency,
    interest; a greeting is neither too frequent nor ignored. What waits beyond its deadline is dropped now, for the
    reason that it would have waited for."""
    if not preferences.is_reachable:
        return Decision(Verdict.SUPPRESS, Reason.UNREACHABLE)
    if wish.deadline is not None and wish.deadline <= now:
        return Decision(Verdict.SUPPRESS, Reason.TOO_LATE)
    if wish.topic is None:
        return Decision(Verdict.SEND, Reason.ASKED_FOR)
    if wish.topic not in preferences.topics:
        return Decision(Verdict.SUPPRESS, Reason.NO_CONSENT)
    if wish.merchant_id in preferences.muted_shops:
        return Decision(Verdict.SUPPRESS, Reason.MUTED_SHOP)
    is_counted = wish.topic not in ON_ITS_DAY
    if is_counted and history.ignored >= IGNORED_MAX:
        return Decision(Verdict.SUPPRESS, Reason.LOST_INTEREST)
    found = [_quiet(preferences, now)]
    if is_counted:
        found += [*_frequency(preferences, history, now), _seldom(history, now)]
    waits = [wait for wait in found if wait is not None]
    if not waits:
        return Decision(Verdict.SEND, Reason.AGREED)
    # The first rule in order names the reason, the last moment counts; whatever it is by then, it is asked about anew.
    reason, until = waits[0][0], max(moment for _, moment in waits)
    until = _daytime(preferences, until)
    if wish.deadline is not None and until >= wish.deadline:
        return Decision(Verdict.SUPPRESS, reason)
    return Decision(Verdict.DELAY, reason, until)


def _quiet(preferences: Preferences, now: datetime) -> tuple[Reason, datetime] | None:
    until = _daytime(preferences, now)
    return (Reason.QUIET_HOURS, until) if until > now else None


def _daytime(preferences: Preferences, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours in which it lies."""
    local = at.astimezone(preferences.zone)
    starts, ends, clock = preferences.quiet_from, preferences.quiet_until, local.time()
    if starts == ends:
        return at
    is_quiet = starts <= clock < ends if starts < ends else clock >= starts or clock < ends
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1 if starts > ends and clock >= starts else 0)
    return datetime.combine(day, ends, tzinfo=preferences.zone).astimezone(UTC)


def _frequency(preferences: Preferences, history: History, now: datetime) -> list[tuple[Reason, datetime] | None]:
    """A day is the member's own, from midnight; a week is the last seven times 24 hours."""
    local = now.astimezone(preferences.zone)
    began_at = datetime.combine(local.date(), time.min, tzinfo=preferences.zone)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), time.min, tzinfo=preferences.zone).astimezone(UTC)
    today = sum(at >= began_at for at in history.sent_at)
    week = sorted(at for at in history.sent_at if at > now - WEEK)
    waits: list[tuple[Reason, datetime] | None] = []
    if today >= preferences.per_day:
        waits.append((Reason.ONE_A_DAY, tomorrow))
    if len(week) >= preferences.per_week:
        frees = week[len(week) - preferences.per_week] + WEEK
        waits.append((Reason.FEW_A_WEEK, frees))
    return waits


def _seldom(history: History, now: datetime) -> tuple[Reason, datetime] | None:
    if history.ignored < IGNORED_SELDOM or history.topic_at is None:
        return None
    frees = history.topic_at + SELDOM
    return (Reason.SELDOM, frees) if frees > now else None
