from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loyalty.live_cards import MOVED, REST, REST_INLINE, Place, next_look

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "until_then"),
    [
        (timedelta(days=2), timedelta(minutes=30)),
        (timedelta(hours=2, seconds=1), timedelta(minutes=30)),
        (timedelta(hours=2), timedelta(minutes=5)),
        (timedelta(minutes=10, seconds=1), timedelta(minutes=5)),
        (timedelta(minutes=10), timedelta(minutes=1)),
        (timedelta(minutes=1), timedelta(minutes=1)),
        (timedelta(seconds=20), timedelta(seconds=20)),
    ],
)
def test_the_less_time_is_left_the_more_often_it_is_told(left: timedelta, until_then: timedelta) -> None:
    assert next_look(NOW + left, NOW) == NOW + until_then


@pytest.mark.parametrize("over_since", [timedelta(), timedelta(seconds=1), timedelta(days=3)])
def test_once_it_is_over_there_is_no_time_to_tell(over_since: timedelta) -> None:
    assert next_look(NOW - over_since, NOW) is None


def test_a_place_names_its_group_once() -> None:
    here, there = Place("-100", "7"), Place("", "AAE7")
    assert here.key != there.key
    assert (here.is_inline, here.rest) == (False, REST)
    assert (there.is_inline, there.rest) == (True, REST_INLINE)
    assert Place("-200", f"{MOVED}:-100:7").has_moved
    assert not here.has_moved


def test_an_inline_cards_rest_keeps_it_within_any_chats_minute() -> None:
    assert timedelta(minutes=1) / REST_INLINE <= 15
