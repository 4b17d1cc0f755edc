from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.broadcasts import Schedule, sends_at
from loyalty.errors import BroadcastRefused
from loyalty.schedules import (
    at_local_hour,
    at_moment,
    check_still_ahead,
    days_ahead,
    hours_ahead,
    on_clock,
    read_moment,
    useful_until,
)

TAIPEI, BERLIN, ZULU = ZoneInfo("Asia/Taipei"), ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)  # 18:00 in Taipei, a Friday


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("3 June 18:30", "2026-06-03 18:30"),
        ("June 3rd at 6:30 p.m.", "2026-06-03 18:30"),
        ("jun 3, 2026 6pm", "2026-06-03 18:00"),
        ("3.6. 18:30", "2026-06-03 18:30"),
        ("2026-06-03 8:05", "2026-06-03 08:05"),
        ("6月3日 18:30", "2026-06-03 18:30"),
        ("6 月 3 號 18點", "2026-06-03 18:00"),
        ("明天下午6点半", "2026-05-02 18:30"),
        ("6月3日 上午９：３０", "2026-06-03 09:30"),
        ("tomorrow 9 am", "2026-05-02 09:00"),
        ("today 12:00 am", None),
        ("19:00", "2026-05-01 19:00"),
        ("17:00", "2026-05-02 17:00"),
        ("12 am", "2026-05-02 00:00"),
    ],
)
def test_moments_are_read_as_people_write_them(typed: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(BroadcastRefused):
            read_moment(typed, NOW, TAIPEI)
    else:
        assert f"{read_moment(typed, NOW, TAIPEI).astimezone(TAIPEI):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize(
    "typed", ["", "soon", "3 June", "25:00", "18:75", "31.6. 10:00", "3 Foo 10:00", "😀 10:00", "1.1.9999 9:00"]
)
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(BroadcastRefused) as refused:
        read_moment(typed, NOW, TAIPEI)
    assert refused.value.reason == "no_moment"


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(typed: str) -> None:
    with suppress(BroadcastRefused):
        assert NOW < read_moment(typed, NOW, TAIPEI) <= NOW + timedelta(days=90)


@pytest.mark.parametrize("typed", ["today 9:00", "1 May 9:00", "2026-01-01 9:00", "1.1.2020 9:00"])
def test_the_past_is_refused_with_the_next_such_time(typed: str) -> None:
    with pytest.raises(BroadcastRefused) as refused:
        read_moment(typed, NOW, TAIPEI)
    assert refused.value.reason == "past"
    assert refused.value.facts["next_at"] == datetime(2026, 5, 2, 9, tzinfo=TAIPEI)


def test_ninety_days_are_the_most() -> None:
    at_moment(NOW + timedelta(days=90), NOW, TAIPEI)
    with pytest.raises(BroadcastRefused) as refused:
        at_moment(NOW + timedelta(days=90, seconds=1), NOW, TAIPEI)
    assert refused.value.reason == "too_far"


def test_a_clock_that_goes_forward_makes_it_an_hour_later() -> None:
    """29 March 2026, 2:30 does not exist in Berlin."""
    winter = datetime(2026, 3, 20, tzinfo=UTC)
    moment = read_moment("29.3. 2:30", winter, BERLIN)
    assert moment == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert f"{moment.astimezone(BERLIN):%H:%M}" == "03:30"


def test_a_clock_that_goes_back_means_the_first_of_both() -> None:
    """25 October 2026, 2:30 comes twice in Berlin."""
    moment = read_moment("25.10. 2:30", datetime(2026, 10, 1, tzinfo=UTC), BERLIN)
    assert moment == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_clock_change_in_between_is_reckoned_with() -> None:
    moment = read_moment("30.3. 9:00", datetime(2026, 3, 27, 12, tzinfo=UTC), BERLIN)
    assert moment == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_a_local_hour_starts_with_the_first_zone_of_the_world() -> None:
    schedule = at_local_hour(date(2026, 5, 3), 9, NOW, TAIPEI)
    assert schedule.send_at == datetime(2026, 5, 2, 19, tzinfo=UTC)
    started_at = schedule.send_at
    for zone, hour in (("Pacific/Kiritimati", 19), ("Asia/Taipei", 1), ("UTC", 9), ("Pacific/Midway", 20)):
        at = sends_at(schedule, started_at, zone)
        assert at.hour == hour
        assert at.astimezone(ZoneInfo(zone)).hour == 9
    assert useful_until(schedule) == datetime(2026, 5, 3, 21, tzinfo=UTC) + timedelta(hours=48)


def test_a_local_hour_that_is_over_for_whoever_plans_it_is_refused() -> None:
    with pytest.raises(BroadcastRefused):
        at_local_hour(date(2026, 5, 1), 18, NOW, TAIPEI)
    assert at_local_hour(date(2026, 5, 1), 19, NOW, TAIPEI).local_hour == 19


def test_what_names_no_time_is_always_useful() -> None:
    assert useful_until(Schedule()) is None
    assert useful_until(Schedule(send_at=NOW, valid_hours=5)) == NOW + timedelta(hours=5)


def test_a_plan_may_pass_by_a_little_while_it_is_confirmed() -> None:
    schedule = at_moment(NOW + timedelta(hours=1), NOW, TAIPEI)
    check_still_ahead(schedule, NOW + timedelta(hours=1, minutes=9), TAIPEI)
    with pytest.raises(BroadcastRefused):
        check_still_ahead(schedule, NOW + timedelta(hours=1, minutes=10), TAIPEI)
    check_still_ahead(Schedule(), NOW + timedelta(days=1_000), TAIPEI)


def test_only_what_is_ahead_is_offered() -> None:
    assert hours_ahead(date(2026, 5, 1), NOW, TAIPEI).hours == (19, 20)
    assert days_ahead(NOW, TAIPEI)[0] == date(2026, 5, 1)
    late = NOW + timedelta(hours=4)
    assert days_ahead(late, TAIPEI) == [date(2026, 5, 2) + timedelta(days=n) for n in range(7)]
    assert on_clock(date(2026, 5, 2), datetime.min.time(), ZULU) == datetime(2026, 5, 2, tzinfo=UTC)
