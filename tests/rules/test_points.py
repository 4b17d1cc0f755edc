from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.errors import InvalidAmount, NotEnoughPoints
from loyalty.points import (
    POINTS_MAX,
    Account,
    Entry,
    Kind,
    Lot,
    LotEntry,
    Posting,
    expiry,
    streak_points,
    take,
    valid_amount,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TAIPEI = ZoneInfo("Asia/Taipei")


def lot(number: int, available: int) -> Lot:
    return Lot(number, 1, available, 0, NOON + timedelta(days=number))


def entry(*amounts: int, cause: str = "test") -> Entry:
    postings = tuple(Posting(Account.AVAILABLE, amount, member_id=1) for amount in amounts)
    return Entry(Kind.ADJUST, "key", cause, "test", NOON, postings)


@pytest.mark.parametrize("points", [1, 7, POINTS_MAX])
def test_whole_points_are_valid(points: int) -> None:
    assert valid_amount(points) == points


@pytest.mark.parametrize("points", [0, -1, POINTS_MAX + 1, 1.5, "3", True, None])
def test_anything_else_is_refused(points: object) -> None:
    with pytest.raises(InvalidAmount):
        valid_amount(points)  # type: ignore[arg-type]


def test_points_expire_at_the_end_of_the_clubs_day() -> None:
    assert expiry(NOON, 365, ZoneInfo("UTC")) == datetime(2027, 5, 2, tzinfo=UTC)
    # Half past four in the afternoon in London is the next day in Taipei already.
    assert expiry(datetime(2026, 5, 1, 16, 30, tzinfo=UTC), 0, TAIPEI) == datetime(2026, 5, 2, 16, tzinfo=UTC)


def test_a_day_of_23_hours_ends_at_midnight_too() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = datetime(2026, 3, 29, 10, tzinfo=UTC)
    assert expiry(spring, 0, berlin).astimezone(berlin) == datetime(2026, 3, 30, tzinfo=berlin)


def test_debits_take_lots_in_the_order_given() -> None:
    lots = [lot(1, 30), lot(2, 0), lot(3, 50)]
    assert take(lots, 40) == [(lots[0], 30), (lots[2], 10)]


def test_what_is_not_there_cannot_be_taken() -> None:
    with pytest.raises(NotEnoughPoints) as refused:
        take([lot(1, 30)], 31)
    assert (refused.value.needed, refused.value.available, refused.value.missing) == (31, 30, 1)


@given(st.lists(st.integers(0, 50), max_size=6), st.integers(1, 200))
def test_taking_takes_exactly_that_and_leaves_no_earlier_lot_unfinished(amounts: list[int], wanted: int) -> None:
    lots = [lot(number, amount) for number, amount in enumerate(amounts)]
    if sum(amounts) < wanted:
        with pytest.raises(NotEnoughPoints):
            take(lots, wanted)
        return
    taken = take(lots, wanted)
    assert sum(part for _, part in taken) == wanted
    assert all(0 < part <= of.available for of, part in taken)
    assert all(part == of.available for of, part in taken[:-1])


def test_a_transaction_sums_to_zero() -> None:
    with pytest.raises(AssertionError):
        entry(5, -4)


def test_a_fingerprint_tells_wishes_apart_and_knows_a_replay() -> None:
    assert entry(5, -5).fingerprint == entry(5, -5).fingerprint
    assert entry(5, -5).fingerprint != entry(6, -6).fingerprint
    assert entry(5, -5).fingerprint != entry(5, -5, cause="other").fingerprint


def test_the_lots_of_the_moment_are_no_part_of_a_fingerprint() -> None:
    def with_lots(*lots: LotEntry) -> Entry:
        return Entry(Kind.ADJUST, "key", "test", "test", NOON, (), lots)

    assert with_lots(LotEntry(1, 7, available=-5)).fingerprint == with_lots(LotEntry(2, 7, available=-5)).fingerprint


@pytest.mark.parametrize(("streak", "points"), [(1, 1), (3, 2), (7, 7), (8, 7), (400, 7)])
def test_a_streak_pays_by_the_table_and_then_its_last_value(streak: int, points: int) -> None:
    assert streak_points((1, 1, 2, 2, 3, 3, 7), streak) == points
