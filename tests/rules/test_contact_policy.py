from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loyalty.contact_policy import (
    IGNORED_MAX,
    IGNORED_SELDOM,
    SELDOM,
    WEEK,
    ContactHours,
    Decision,
    History,
    Preferences,
    Reason,
    Verdict,
    Wish,
    contact_hours,
    decide,
)
from loyalty.members import Topic
from loyalty.programme import Programme


@pytest.mark.parametrize(
    ("now", "timezone", "is_day"),
    [
        (datetime(2026, 5, 1, 8, 59, tzinfo=UTC), "UTC", False),
        (datetime(2026, 5, 1, 9, 0, tzinfo=UTC), "UTC", True),
        (datetime(2026, 5, 1, 20, 59, tzinfo=UTC), "UTC", True),
        (datetime(2026, 5, 1, 21, 0, tzinfo=UTC), "UTC", False),
        (datetime(2026, 5, 1, 1, 0, tzinfo=UTC), "Asia/Taipei", True),
        (datetime(2026, 5, 1, 10, 0, tzinfo=UTC), "America/New_York", False),
        (datetime(2026, 5, 1, 3, 30, tzinfo=UTC), "Asia/Kathmandu", True),
    ],
)
def test_people_are_written_to_by_day(now: datetime, timezone: str, is_day: bool) -> None:
    assert (contact_hours(now, timezone, Programme()) is not None) is is_day


def test_the_day_is_the_local_one_and_ends_in_the_evening() -> None:
    hours = contact_hours(datetime(2026, 4, 30, 22, 0, tzinfo=UTC), "Pacific/Auckland", Programme())
    assert hours == ContactHours(
        date(2026, 5, 1), datetime(2026, 4, 30, 12, 0, tzinfo=UTC), datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    )


def test_the_day_on_which_the_clocks_change_begins_at_its_own_midnight() -> None:
    hours = contact_hours(datetime(2026, 3, 29, 12, 0, tzinfo=UTC), "Europe/Berlin", Programme())
    assert hours is not None
    assert hours.day_began_at == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert hours.ends_at == datetime(2026, 3, 29, 19, 0, tzinfo=UTC)


NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 5, 6, 22, 30, tzinfo=UTC)
MORNING = datetime(2026, 5, 7, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
AGREES = Preferences(ZoneInfo("UTC"), topics=frozenset({Topic.OFFERS}))
OFFER = Wish(Topic.OFFERS, merchant_id=1, deadline=NOON + 30 * DAY)


@pytest.mark.parametrize(
    ("wish", "preferences", "history", "now", "expected"),
    [
        (OFFER, AGREES, History(), NOON, Decision(Verdict.SEND, Reason.AGREED)),
        (Wish(), AGREES, History((NOON,), 99), NIGHT, Decision(Verdict.SEND, Reason.ASKED_FOR)),
        (OFFER, replace(AGREES, topics=frozenset()), History(), NOON, Decision(Verdict.SUPPRESS, Reason.NO_CONSENT)),
        (
            OFFER,
            replace(AGREES, muted_shops=frozenset({1})),
            History(),
            NOON,
            Decision(Verdict.SUPPRESS, Reason.MUTED_SHOP),
        ),
        (OFFER, replace(AGREES, muted_shops=frozenset({2})), History(), NOON, Decision(Verdict.SEND, Reason.AGREED)),
        (Wish(), replace(AGREES, is_reachable=False), History(), NOON, Decision(Verdict.SUPPRESS, Reason.UNREACHABLE)),
        (replace(OFFER, deadline=NOON), AGREES, History(), NOON, Decision(Verdict.SUPPRESS, Reason.TOO_LATE)),
        (OFFER, AGREES, History(), NIGHT, Decision(Verdict.DELAY, Reason.QUIET_HOURS, MORNING)),
        (replace(OFFER, deadline=MORNING), AGREES, History(), NIGHT, Decision(Verdict.SUPPRESS, Reason.QUIET_HOURS)),
        (
            OFFER,
            AGREES,
            History((NOON - timedelta(hours=3),)),
            NOON,
            Decision(Verdict.DELAY, Reason.ONE_A_DAY, MORNING),
        ),
        (OFFER, replace(AGREES, per_day=2), History((NOON,)), NOON, Decision(Verdict.SEND, Reason.AGREED)),
        (
            OFFER,
            AGREES,
            History((NOON - 2 * DAY, NOON - 4 * DAY, NOON - 6 * DAY)),
            NOON,
            Decision(Verdict.DELAY, Reason.FEW_A_WEEK, NOON + DAY),
        ),
        (
            OFFER,
            AGREES,
            History((NOON - 3 * DAY,), IGNORED_SELDOM, NOON - 3 * DAY),
            NOON,
            Decision(Verdict.DELAY, Reason.SELDOM, NOON - 3 * DAY + SELDOM),
        ),
        (OFFER, AGREES, History((), IGNORED_SELDOM, NOON - SELDOM), NOON, Decision(Verdict.SEND, Reason.AGREED)),
        (OFFER, AGREES, History((), IGNORED_MAX), NOON, Decision(Verdict.SUPPRESS, Reason.LOST_INTEREST)),
    ],
)
def test_each_rule_by_itself(
    wish: Wish, preferences: Preferences, history: History, now: datetime, expected: Decision
) -> None:
    assert decide(wish, preferences, history, now) == expected


def test_a_greeting_comes_on_its_day_whatever_came_before() -> None:
    greeting = Wish(Topic.BIRTHDAY, deadline=NOON + timedelta(hours=9))
    agrees = replace(AGREES, topics=frozenset({Topic.BIRTHDAY}))
    much = History((NOON - timedelta(hours=1), NOON - DAY, NOON - 2 * DAY), IGNORED_MAX, NOON - timedelta(hours=1))
    assert decide(greeting, agrees, much, NOON) == Decision(Verdict.SEND, Reason.AGREED)
    assert decide(greeting, agrees, much, NIGHT).verdict is Verdict.SUPPRESS, "at night its day is over"
    assert decide(greeting, replace(agrees, topics=frozenset()), History(), NOON).reason is Reason.NO_CONSENT


def test_all_combinations_give_the_first_reason_in_order() -> None:
    """Whatever comes together: what drops a message goes before what delays it, each in the order of the rules."""
    flags = ("unreachable", "late", "no_consent", "muted", "lost", "quiet", "today", "week", "seldom")
    drops = {
        "unreachable": Reason.UNREACHABLE,
        "late": Reason.TOO_LATE,
        "no_consent": Reason.NO_CONSENT,
        "muted": Reason.MUTED_SHOP,
        "lost": Reason.LOST_INTEREST,
    }
    delays = {
        "quiet": Reason.QUIET_HOURS,
        "today": Reason.ONE_A_DAY,
        "week": Reason.FEW_A_WEEK,
        "seldom": Reason.SELDOM,
    }
    for chosen in product((False, True), repeat=len(flags)):
        on = {flag for flag, is_on in zip(flags, chosen, strict=True) if is_on}
        now = NIGHT if "quiet" in on else NOON
        sent = [now - timedelta(hours=1)] if "today" in on else []
        sent += [now - n * DAY for n in (2, 3, 4)] if "week" in on else []
        ignored = IGNORED_MAX if "lost" in on else IGNORED_SELDOM if "seldom" in on else 0
        decision = decide(
            replace(OFFER, deadline=now if "late" in on else now + 60 * DAY),
            replace(
                AGREES,
                is_reachable="unreachable" not in on,
                topics=frozenset() if "no_consent" in on else AGREES.topics,
                muted_shops=frozenset({1}) if "muted" in on else frozenset(),
            ),
            History(tuple(sent), ignored, now - DAY),
            now,
        )
        dropped = next((reason for flag, reason in drops.items() if flag in on), None)
        delayed = next((reason for flag, reason in delays.items() if flag in on), None)
        if dropped is not None:
            assert (decision.verdict, decision.reason) == (Verdict.SUPPRESS, dropped), on
        elif delayed is not None:
            assert (decision.verdict, decision.reason) == (Verdict.DELAY, delayed), on
        else:
            assert decision == Decision(Verdict.SEND, Reason.AGREED), on


_zones = st.sampled_from(
    ["UTC", "Asia/Taipei", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]
)
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - as Hypothesis wants them
_hours = st.integers(0, 23).map(time)


@given(
    zone=_zones,
    now=_moments,
    quiet=st.tuples(_hours, _hours),
    sent=st.lists(st.integers(0, 14 * 24), max_size=8),
    per_day=st.integers(1, 3),
    per_week=st.integers(1, 5),
    ignored=st.integers(0, IGNORED_MAX - 1),
    topic_hours=st.integers(0, 30 * 24),
)
def test_what_is_delayed_may_go_at_the_moment_it_was_put_off_to(
    zone: str,
    now: datetime,
    quiet: tuple[time, time],
    sent: list[int],
    per_day: int,
    per_week: int,
    ignored: int,
    topic_hours: int,
) -> None:
    preferences = Preferences(
        ZoneInfo(zone),
        topics=AGREES.topics,
        quiet_from=quiet[0],
        quiet_until=quiet[1],
        per_day=per_day,
        per_week=per_week,
    )
    history = History(
        tuple(now - timedelta(hours=hours) for hours in sent), ignored, now - timedelta(hours=topic_hours)
    )
    decision = decide(replace(OFFER, deadline=None), preferences, history, now)
    assert decision.verdict is not Verdict.SUPPRESS
    assume(decision.verdict is Verdict.DELAY)
    assert decision.until is not None
    assert now < decision.until <= now + WEEK + SELDOM + 2 * DAY
    assert decide(replace(OFFER, deadline=None), preferences, history, decision.until).verdict is Verdict.SEND
