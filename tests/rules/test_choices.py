from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.errors import ChoiceRefused, DealUnavailable
from loyalty.group_buys import Choice, Choosing, Deal, Group, GroupState, Taken, ways_on
from loyalty.merchants import Merchant

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEAL = Deal(
    id=1,
    merchant=Merchant(1, "Harbour Coffee"),
    title="Coffee beans",
    description="",
    translations={},
    solo_points=360,
    group_points=200,
    size=5,
    hours=24,
    stock=10,
    per_member=2,
    published_at=NOW - HOUR,
    bonus_points=10,
)
OVER = Group(
    id=7,
    deal_id=1,
    organiser_id=1,
    state=GroupState.EXPIRED,
    size=3,
    points=240,
    taken=2,
    opened_at=NOW - 25 * HOUR,
    closes_at=NOW - HOUR,
    closed_at=NOW,
    price_minor=500,
    bonus_points=30,
)
OPEN = Choosing(group_id=7, member_id=1, until=NOW + HOUR)


def test_another_try_keeps_the_terms_and_gets_the_deals_time() -> None:
    again = OVER.again(DEAL, NOW)
    assert (again.size, again.points, again.price_minor, again.bonus_points) == (3, 240, 500, 30)
    assert (again.opened_at, again.closes_at, again.extends_id) == (NOW, NOW + 24 * HOUR, 7)
    assert (again.state, again.taken, again.seats, again.closed_at) == (GroupState.OPEN, 0, (), None)


def test_another_try_ends_with_the_deal() -> None:
    assert OVER.again(replace(DEAL, ends_at=NOW + 5 * HOUR), NOW).closes_at == NOW + 5 * HOUR


def test_there_is_no_third_try() -> None:
    with pytest.raises(ChoiceRefused) as refusal:
        replace(OVER, extends_id=3).again(DEAL, NOW)
    assert refusal.value.reason == "extended_before"


@pytest.mark.parametrize(
    ("group", "deal", "ways"),
    [
        (OVER, DEAL, (Choice.REFUND, Choice.EXTEND, Choice.MERGE, Choice.SOLO)),
        (replace(OVER, extends_id=3), DEAL, (Choice.REFUND, Choice.MERGE, Choice.SOLO)),
        (OVER, replace(DEAL, is_paused=True), (Choice.REFUND, Choice.MERGE)),
        (OVER, replace(DEAL, ends_at=NOW), (Choice.REFUND,)),
        (OVER, replace(DEAL, removed_at=NOW), (Choice.REFUND,)),
    ],
)
def test_what_is_offered_is_what_the_deal_allows(group: Group, deal: Deal, ways: tuple[Choice, ...]) -> None:
    assert ways_on(group, deal, NOW) == ways


def test_a_choice_is_open_until_its_deadline() -> None:
    assert OPEN.is_open_at(OPEN.until - timedelta(microseconds=1))
    assert not OPEN.is_open_at(OPEN.until)
    assert not replace(OPEN, choice=Choice.SOLO).is_open_at(NOW)
    assert not OPEN.is_made(Choice.SOLO, NOW)
    with pytest.raises(ChoiceRefused) as refusal:
        OPEN.is_made(Choice.SOLO, OPEN.until)
    assert refusal.value.reason == "over"


def test_the_same_choice_again_is_a_replay_and_another_one_is_refused() -> None:
    made = replace(OPEN, choice=Choice.MERGE, led_to_id=9)
    for moment in (NOW, OPEN.until + HOUR):
        assert made.is_made(Choice.MERGE, moment)
        with pytest.raises(ChoiceRefused) as refusal:
            made.is_made(Choice.REFUND, moment)
        assert (refusal.value.reason, refusal.value.made) == ("made", Choice.MERGE)


@pytest.mark.parametrize(
    ("deal", "taken", "reason"),
    [
        (replace(DEAL, stock=0), Taken(), "sold_out"),
        (replace(DEAL, is_paused=True), Taken(), "paused"),
        (replace(DEAL, ends_at=NOW), Taken(), "ended"),
        (replace(DEAL, starts_at=NOW + HOUR), Taken(), "not_started"),
        (replace(DEAL, published_at=None), Taken(), "ended"),
        (DEAL, Taken(held=1, bought=1), "limit_reached"),
        (DEAL, Taken(bought=2), "limit_reached"),
    ],
)
def test_why_one_cannot_be_bought_alone(deal: Deal, taken: Taken, reason: str) -> None:
    with pytest.raises(DealUnavailable) as refusal:
        deal.check_buying(taken, NOW)
    assert refusal.value.reason == reason


def test_alone_it_takes_one_piece_and_no_group() -> None:
    replace(DEAL, stock=1).check_buying(Taken(held=1), NOW)


def test_a_second_try_needs_stock_for_its_own_size() -> None:
    small = replace(DEAL, stock=3)
    small.check_opening(Taken(), NOW, size=3)
    with pytest.raises(DealUnavailable):
        small.check_opening(Taken(), NOW)
