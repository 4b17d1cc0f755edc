from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.errors import AlreadyInGroup, DealUnavailable, GroupIsClosed, GroupIsFull, NotInGroup
from loyalty.group_buys import Deal, Group, GroupState, Seat, Taken, units_to_return
from loyalty.merchants import Merchant

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANA, BO, CY, DI = Seat(1, "Ana"), Seat(2, "Bo"), Seat(3, "Cy"), Seat(4, "Di")
DEAL = Deal(
    id=1,
    merchant=Merchant(1, "Harbour Coffee"),
    title="Coffee beans",
    description="",
    translations={},
    solo_points=360,
    group_points=240,
    size=3,
    hours=24,
    stock=3,
    per_member=2,
    published_at=NOW - HOUR,
)
EMPTY = Group(
    id=1,
    deal_id=1,
    organiser_id=ANA.member_id,
    state=GroupState.OPEN,
    size=3,
    points=240,
    taken=0,
    opened_at=NOW,
    closes_at=NOW + 24 * HOUR,
)


def group(*seats: Seat) -> Group:
    made = EMPTY
    for seat in seats:
        made = made.join(seat, NOW)
    return made


def test_the_last_seat_fills_the_group() -> None:
    assert group(ANA, BO).state is GroupState.OPEN
    assert group(ANA, BO).places_left == 1
    full = group(ANA, BO, CY)
    assert (full.state, full.closed_at, full.places_left) == (GroupState.FILLED, NOW, 0)


def test_a_second_seat_is_refused_in_an_open_and_in_a_full_group() -> None:
    for made in (group(ANA, BO), group(ANA, BO, CY)):
        with pytest.raises(AlreadyInGroup):
            made.join(BO, NOW)


def test_who_lost_the_race_hears_something_else_than_who_came_late() -> None:
    full = group(ANA, BO, CY)
    with pytest.raises(GroupIsFull):
        full.join(DI, NOW + timedelta(seconds=59))
    with pytest.raises(GroupIsClosed) as refusal:
        full.join(DI, NOW + timedelta(minutes=1))
    assert refusal.value.state == "filled"


def test_an_open_group_past_its_deadline_counts_as_expired() -> None:
    late = NOW + 24 * HOUR
    made = group(ANA, BO)
    assert made.state_at(late - timedelta(microseconds=1)) is GroupState.OPEN
    assert made.state_at(late) is GroupState.EXPIRED
    with pytest.raises(GroupIsClosed) as refusal:
        made.join(CY, late)
    assert refusal.value.state == "expired"
    with pytest.raises(GroupIsClosed):
        made.leave(ANA.member_id, late)
    assert group(ANA, BO, CY).state_at(late) is GroupState.FILLED


def test_the_next_seat_leads_when_the_organiser_leaves() -> None:
    left = group(ANA, BO).leave(ANA.member_id, NOW + HOUR)
    assert (left.organiser_id, left.taken, left.closes_at) == (BO.member_id, 1, EMPTY.closes_at)
    assert group(ANA, BO).leave(BO.member_id, NOW).organiser_id == ANA.member_id


def test_the_last_one_leaving_calls_it_off() -> None:
    over = group(ANA).leave(ANA.member_id, NOW)
    assert (over.state, over.taken, over.closed_at) == (GroupState.CANCELLED, 0, NOW)
    with pytest.raises(GroupIsClosed):
        over.join(BO, NOW)


def test_nobody_leaves_a_full_group_or_one_they_are_not_in() -> None:
    with pytest.raises(GroupIsClosed):
        group(ANA, BO, CY).leave(BO.member_id, NOW)
    with pytest.raises(NotInGroup):
        group(ANA).leave(BO.member_id, NOW)


@pytest.mark.parametrize(
    ("deal", "taken", "reason"),
    [
        (replace(DEAL, starts_at=NOW + HOUR), Taken(), "not_started"),
        (replace(DEAL, ends_at=NOW), Taken(), "ended"),
        (replace(DEAL, is_paused=True), Taken(), "paused"),
        (replace(DEAL, stock=2), Taken(), "sold_out"),
        (DEAL, Taken(held=1), "one_at_a_time"),
        (DEAL, Taken(captured=2), "limit_reached"),
        (replace(DEAL, is_several_allowed=True), Taken(held=1, captured=1), "limit_reached"),
    ],
)
def test_why_a_group_cannot_be_opened(deal: Deal, taken: Taken, reason: str) -> None:
    with pytest.raises(DealUnavailable) as refusal:
        deal.check_opening(taken, NOW)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("deal", "taken"),
    [
        (DEAL, Taken()),
        (DEAL, Taken(captured=1)),
        (replace(DEAL, is_several_allowed=True), Taken(held=1)),
        (replace(DEAL, starts_at=NOW, ends_at=NOW + HOUR), Taken()),
    ],
)
def test_when_a_group_can_be_opened(deal: Deal, taken: Taken) -> None:
    deal.check_opening(taken, NOW)


def test_a_group_never_outlasts_its_deal() -> None:
    assert DEAL.closes_at(NOW) == NOW + 24 * HOUR
    assert replace(DEAL, ends_at=NOW + HOUR).closes_at(NOW) == NOW + HOUR
    assert replace(DEAL, ends_at=NOW + 48 * HOUR).closes_at(NOW) == NOW + 24 * HOUR


def test_stock_comes_back_for_every_place_taken_or_not() -> None:
    assert units_to_return([group(ANA), replace(group(ANA, BO), id=2), replace(EMPTY, deal_id=7, size=5)]) == {
        1: 6,
        7: 5,
    }
