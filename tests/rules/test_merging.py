from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.errors import CannotMerge, GroupIsClosed
from loyalty.group_buys import Group, GroupState, Seat

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def group(number: int, *people: int, hours: int = 24, **terms: object) -> Group:
    seats = tuple(Seat(member_id, f"P{member_id}") for member_id in people)
    made = Group(
        id=number,
        deal_id=1,
        organiser_id=people[0],
        state=GroupState.OPEN,
        size=5,
        points=240,
        taken=len(seats),
        opened_at=NOW,
        closes_at=NOW + hours * HOUR,
        seats=seats,
    )
    return replace(made, **terms)  # type: ignore[arg-type]


def test_the_group_that_ends_first_goes_on_with_everybody() -> None:
    late, early = group(1, 1, 2, hours=9), group(2, 3, hours=5)
    for merged, gone in (late.merge(early, NOW), early.merge(late, NOW)):
        assert (merged.id, merged.organiser_id, merged.closes_at) == (2, 3, NOW + 5 * HOUR)
        assert (merged.taken, merged.state) == (3, GroupState.OPEN)
        assert {seat.member_id for seat in merged.seats} == {1, 2, 3}
        assert (gone.id, gone.state, gone.taken, gone.seats) == (1, GroupState.CANCELLED, 0, ())
        assert (gone.merged_into_id, gone.closed_at) == (2, NOW)


def test_of_two_that_end_together_the_older_one_goes_on() -> None:
    merged, gone = group(2, 3).merge(group(1, 1), NOW)
    assert (merged.id, gone.id) == (1, 2)


def test_the_last_places_complete_it() -> None:
    merged, _ = group(1, 1, 2, 3).merge(group(2, 4, 5), NOW)
    assert (merged.state, merged.taken, merged.closed_at) == (GroupState.FILLED, 5, NOW)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (group(2, 4, 5, 6), "too_many"),
        (group(2, 1), "same_member"),
        (group(2, 4, size=4), "other_terms"),
        (group(2, 4, points=239), "other_terms"),
        (group(2, 4, price_minor=100), "other_terms"),
        (group(2, 4, deal_id=9), "other_terms"),
    ],
)
def test_why_two_groups_stay_two(other: Group, reason: str) -> None:
    with pytest.raises(CannotMerge) as refusal:
        group(1, 1, 2, 3).merge(other, NOW)
    assert refusal.value.reason == reason


def test_a_group_is_never_merged_with_itself() -> None:
    with pytest.raises(CannotMerge):
        group(1, 1).merge(group(1, 1), NOW)


def test_only_open_groups_merge() -> None:
    full = group(2, 4, state=GroupState.FILLED)
    for one, other in ((group(1, 1), full), (full, group(1, 1)), (group(1, 1), group(2, 4, hours=0))):
        with pytest.raises(GroupIsClosed):
            one.merge(other, NOW)
