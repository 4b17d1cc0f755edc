"""What people make of a group that did not fill: once each, in time, and the books are right whatever they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from loyalty.errors import (
    CannotMerge,
    ChoiceRefused,
    DealUnavailable,
    GroupIsClosed,
    NotEnoughPoints,
    NotFound,
    PriceChanged,
    VoucherRefused,
)
from loyalty.group_buys import CHOOSE_WITHIN, Choice, Group, GroupState
from loyalty.members import Member
from loyalty.services import Club
from loyalty.services.choices import Chosen
from storage.database import Database
from storage.group_buys import groups
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import (
    NONCE,
    POINTS,
    PRICE,
    all_at_once,
    balance_of,
    change_deal,
    check,
    chosen,
    enrol,
    group_of,
    members_of,
    only_refusals,
    told,
    vouchers_of,
)

SOLO = 360
Make = Callable[[Member, int], Chosen]


def ways_of(club: Club) -> list[Make]:
    return [club.choices.refund, club.choices.extend, club.choices.merge, club.choices.solo]


def over(club: Club, clock: FrozenClock, deal_id: int, *people: Member) -> Group:
    """A group of these people whose time is over."""
    group = group_of(club, deal_id, *people)
    clock.move_to(group.closes_at)
    assert club.group_buys.close_due()
    return group


def test_the_points_are_back_and_each_may_choose(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    ana, bo, cy = members_of(club, 3)
    group = over(club, clock, deal_id, ana, bo)
    seen = club.choices.look(ana, group.id)
    assert seen.ways == (Choice.REFUND, Choice.EXTEND, Choice.SOLO)  # there is no other group
    assert (seen.choosing.until, seen.available) == (clock() + CHOOSE_WITHIN, POINTS)
    assert chosen(database, group.id) == {ana.id: None, bo.id: None}
    with pytest.raises(NotFound):
        club.choices.look(cy, group.id)
    for make in ways_of(club):
        with pytest.raises(NotFound):
            make(cy, group.id)
    check(database)


def test_doing_nothing_keeps_the_points(club: Club, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    group = over(club, clock, deal_id, ana)
    clock.advance(hours=24)
    assert club.choices.look(ana, group.id).ways == ()
    for make in ways_of(club):
        with pytest.raises(ChoiceRefused) as refusal:
            make(ana, group.id)
        assert refusal.value.reason == "over"
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (POINTS, 30)
    assert chosen(database, group.id) == {ana.id: None}
    check(database)


def test_before_it_is_over_there_is_nothing_to_choose(club: Club, units: UnitFactory) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    group = group_of(club, deal_id, ana)
    for make in ways_of(club):
        with pytest.raises(NotFound):
            make(ana, group.id)


@pytest.mark.parametrize("first", list(Choice))
def test_each_chooses_once_and_the_same_again_shows_it_again(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, first: Choice
) -> None:
    deal_id = add_deal(units, per_member=3)
    ana, bo = members_of(club, 2)
    group = over(club, clock, deal_id, ana)
    group_of(club, deal_id, bo)
    made = {way.__name__: way for way in ways_of(club)}
    result = made[first](ana, group.id)
    assert (result.choice, result.is_replay) == (first, False)
    before, stock = balance_of(club, ana), stock_of(units, deal_id)
    again = made[first](ana, group.id)
    assert (again.is_replay, again.available, again.voucher) == (True, before, result.voucher)
    assert (again.led_to and again.led_to.id) == (result.led_to and result.led_to.id)
    for name, way in made.items():
        if name != first:
            with pytest.raises(ChoiceRefused) as refusal:
                way(ana, group.id)
            assert (refusal.value.reason, refusal.value.made) == ("made", first)
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (before, stock)
    assert chosen(database, group.id) == {ana.id: first}
    assert club.choices.look(ana, group.id).ways == ()
    check(database)


def test_once_more_is_opened_by_the_first_and_joined_by_the_others(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, bonus_points=30, group_price_minor=500)
    ana, bo, cy, di = members_of(club, 4)
    group = over(club, clock, deal_id, ana, bo)
    change_deal(database, deal_id, group_points=300, size=9, hours=12, bonus_points=1, group_price_minor=900, stock=3)
    clock.advance(hours=1)
    opened = club.choices.extend(bo, group.id).led_to
    assert opened is not None
    assert (opened.extends_id, opened.organiser_id, opened.taken) == (group.id, bo.id, 1)
    assert (opened.size, opened.points, opened.price_minor, opened.bonus_points) == (3, PRICE, 500, 30)
    assert opened.closes_at == clock() + timedelta(hours=12)
    assert stock_of(units, deal_id) == 0
    assert [notice.member_id for notice in told(database, "group_extended")] == [ana.id]
    joined = club.choices.extend(ana, group.id).led_to
    assert joined is not None
    assert (joined.id, joined.taken) == (opened.id, 2)
    club.group_buys.join(cy, opened.id)
    assert club.group_buys.group(opened.id).group.state is GroupState.FILLED
    assert [balance_of(club, member) for member in (ana, bo, cy, di)] == [260, 260 + 30, 260, 500]
    [voucher] = vouchers_of(database, ana)
    assert (voucher.group_id, voucher.deal_id, voucher.points, voucher.price_minor) == (opened.id, deal_id, PRICE, 500)
    check(database)


def test_those_who_have_chosen_are_not_told_of_another_try(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=4)
    ana, bo, cy = members_of(club, 3)
    group = over(club, clock, deal_id, ana, bo, cy)
    club.choices.refund(ana, group.id)
    club.choices.extend(bo, group.id)
    assert [notice.member_id for notice in told(database, "group_extended")] == [cy.id]
    assert club.choices.look(cy, group.id).ways == (
        Choice.REFUND,
        Choice.EXTEND,
        Choice.SOLO,
    )  # theirs is no other group


def test_there_is_no_third_try(club: Club, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    group = over(club, clock, deal_id, ana)
    second = club.choices.extend(ana, group.id).led_to
    assert second is not None
    clock.move_to(second.closes_at)
    assert club.group_buys.close_due() == 1
    assert club.choices.look(ana, second.id).ways == (Choice.REFUND, Choice.SOLO)
    with pytest.raises(ChoiceRefused) as refusal:
        club.choices.extend(ana, second.id)
    assert refusal.value.reason == "extended_before"
    assert chosen(database, second.id) == {ana.id: None}
    assert club.choices.extend(ana, group.id).led_to is not None  # the first choice still shows what came of it
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (POINTS, 30)
    check(database)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_paused": True}, "paused"),
        ({"stock": 2}, "sold_out"),
        ({"removed_at": "now"}, "ended"),
        ({"ends_at": "now"}, "ended"),
    ],
)
def test_what_became_of_the_deal_is_said_and_the_choice_stays_open(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, change: dict[str, object], reason: str
) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    group = over(club, clock, deal_id, ana)
    change_deal(database, deal_id, **{name: clock() if value == "now" else value for name, value in change.items()})
    with pytest.raises(DealUnavailable) as refusal:
        club.choices.extend(ana, group.id)
    assert refusal.value.reason == reason
    ways = club.choices.look(ana, group.id).ways
    assert Choice.EXTEND not in ways
    assert (Choice.SOLO in ways) == (reason == "sold_out")  # two are left
    assert chosen(database, group.id) == {ana.id: None}
    assert balance_of(club, ana) == POINTS
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(groups)).scalar_one() == 1
    check(database)


def test_too_few_points_change_nothing(club: Club, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
    deal_id = add_deal(units, per_member=2)
    ana, bo = members_of(club, 2)
    group = over(club, clock, deal_id, ana)
    group_of(club, deal_id, bo)
    club.operators.adjust(ana.id, -400, "test", key="spent", actor="test")
    for make in (club.choices.extend, club.choices.merge, club.choices.solo):
        with pytest.raises(NotEnoughPoints):
            make(ana, group.id)
    assert chosen(database, group.id) == {ana.id: None}
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (100, 27)
    check(database)


def test_the_second_try_may_be_over_too(club: Club, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
    deal_id = add_deal(units, hours=2)
    ana, bo = members_of(club, 2)
    group = over(club, clock, deal_id, ana, bo)
    opened = club.choices.extend(ana, group.id).led_to
    assert opened is not None
    clock.advance(hours=2)
    assert Choice.EXTEND not in club.choices.look(bo, group.id).ways
    with pytest.raises(GroupIsClosed):
        club.choices.extend(bo, group.id)
    club.group_buys.close_due()
    assert club.choices.solo(bo, group.id).voucher is not None
    check(database)


def test_whoever_came_by_a_link_of_the_others_is_in_already(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    ana, bo = members_of(club, 2)
    group = over(club, clock, deal_id, ana, bo)
    opened = club.choices.extend(ana, group.id).led_to
    assert opened is not None
    club.group_buys.join(bo, opened.id)
    assert Choice.EXTEND in club.choices.look(bo, group.id).ways
    assert club.choices.extend(bo, group.id).led_to == club.group_buys.group(opened.id).group
    assert balance_of(club, bo) == POINTS - PRICE
    assert chosen(database, group.id) == {ana.id: "extend", bo.id: "extend"}
    check(database)


def test_whoever_opened_a_group_of_their_own_meanwhile_hears_so(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, per_member=9)
    ana, bo = members_of(club, 2)
    group = over(club, clock, deal_id, ana)
    group_of(club, deal_id, bo)
    club.group_buys.open(ana, deal_id, "OTHER234")
    assert club.choices.look(ana, group.id).ways == (Choice.REFUND, Choice.SOLO)
    for make in (club.choices.extend, club.choices.merge):
        with pytest.raises(DealUnavailable) as refusal:
            make(ana, group.id)
        assert refusal.value.reason == "one_at_a_time"
    check(database)


def test_another_group_is_the_one_that_misses_fewest_and_costs_no_more(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=4, stock=90)
    ana, bo, cy, di, eve = members_of(club, 5)
    group = over(club, clock, deal_id, ana)
    change_deal(database, deal_id, group_points=250)
    group_of(club, deal_id, bo, cy)  # dearer
    change_deal(database, deal_id, group_points=230)
    cheaper = group_of(club, deal_id, di)
    change_deal(database, deal_id, group_points=240)
    group_of(club, deal_id, eve)
    seen = club.choices.look(ana, group.id)
    assert seen.other is not None
    assert seen.other.id == cheaper.id
    joined = club.choices.merge(ana, group.id).led_to
    assert joined is not None
    assert (joined.id, joined.taken) == (cheaper.id, 2)
    assert balance_of(club, ana) == POINTS - 230
    check(database)


def test_going_over_can_complete_the_other_group(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    ana, bo, cy = members_of(club, 3)
    group = over(club, clock, deal_id, ana)
    other = group_of(club, deal_id, bo, cy)
    joined = club.choices.merge(ana, group.id).led_to
    assert joined is not None
    assert (joined.id, joined.state) == (other.id, GroupState.FILLED)
    assert [len(vouchers_of(database, member)) for member in (ana, bo, cy)] == [1, 1, 1]
    assert {notice.member_id for notice in told(database, "group_filled")} == {bo.id, cy.id}
    check(database)


def test_where_no_group_has_a_place_the_choice_stays_open(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    tea = add_deal(units, slug="tea")
    ana, bo = members_of(club, 2)
    group = over(club, clock, deal_id, ana)
    group_of(club, tea, bo)
    with pytest.raises(CannotMerge) as refusal:
        club.choices.merge(ana, group.id)
    assert refusal.value.reason == "nobody"
    club.choices.extend(ana, group.id)
    check(database)


def test_alone_at_the_price_that_was_confirmed(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, solo_price_minor=800)
    [ana] = members_of(club, 1)
    group = over(club, clock, deal_id, ana)
    for wrong in ((SOLO, 0), (SOLO - 1, 800), (0, 0)):
        with pytest.raises(PriceChanged):
            club.choices.solo(ana, group.id, wrong)
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (POINTS, 30)
    result = club.choices.solo(ana, group.id, (SOLO, 800))
    assert result.voucher is not None
    assert (result.available, result.voucher.points, result.voucher.price_minor) == (140, SOLO, 800)
    assert (result.voucher.deal_id, result.voucher.group_id, result.voucher.reward_id) == (deal_id, None, None)
    assert stock_of(units, deal_id) == 29
    with pytest.raises(VoucherRefused) as refusal:
        club.vouchers.give_back(ana.id, result.voucher.id)
    assert refusal.value.reason == "alone"
    with pytest.raises(DealUnavailable) as limit:
        club.group_buys.open(ana, deal_id, "OTHER234")
    assert limit.value.reason == "limit_reached"
    check(database)


def test_a_deadline_found_late_is_told_as_it_was(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    group = group_of(club, deal_id, ana)
    clock.move_to(group.closes_at + timedelta(hours=7))
    club.group_buys.close_due()
    [notice] = told(database, "group_expired")
    assert notice.facts["closes_at"] == group.closes_at.isoformat()
    assert notice.facts["closed_at"] == clock().isoformat()
    assert notice.facts["until"] == (clock() + CHOOSE_WITHIN).isoformat()  # nobody loses time by it
    assert notice.facts["ways"] == ["refund", "extend", "merge", "solo"]


@pytest.mark.race
async def test_two_who_try_once_more_at_once_sit_in_one_group(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    for number in range(5):
        deal_id = add_deal(units, slug=f"deal-{number}", size=4)
        people = [enrol(club, 100 * number + n) for n in range(3)]
        group = over(club, clock, deal_id, *people)
        outcomes = await all_at_once(
            database, [partial(club.choices.extend, member, group.id) for member in (*people, *people)]
        )
        assert only_refusals(outcomes) == []
        [led_to] = {outcome.led_to.id for outcome in outcomes if isinstance(outcome, Chosen) and outcome.led_to}
        assert club.group_buys.group(led_to).group.taken == 3
        assert stock_of(units, deal_id) == 26
    check(database)


@pytest.mark.race
async def test_one_member_taps_every_choice_at_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, per_member=9)
    ana, bo = members_of(club, 2, points=2000)
    group = over(club, clock, deal_id, ana)
    group_of(club, deal_id, bo)
    outcomes = await all_at_once(database, [partial(way, ana, group.id) for way in ways_of(club) * 3])
    refusals = only_refusals(outcomes)
    assert len(refusals) == 9
    assert all(isinstance(refusal, ChoiceRefused) and refusal.reason == "made" for refusal in refusals)
    check(database)


@pytest.mark.race
async def test_the_last_piece_is_bought_alone_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=20)
    people = members_of(club, 12)
    group = over(club, clock, deal_id, *people)
    change_deal(database, deal_id, stock=1)
    outcomes = await all_at_once(database, [partial(club.choices.solo, member, group.id) for member in people])
    refusals = only_refusals(outcomes)
    assert len(refusals) == 11
    assert all(isinstance(refusal, DealUnavailable) and refusal.reason == "sold_out" for refusal in refusals)
    assert sorted(balance_of(club, member) for member in people) == [POINTS - SOLO] + [POINTS] * 11
    assert stock_of(units, deal_id) == 0
    check(database)


@pytest.mark.race
async def test_many_go_over_into_few_places(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=15, stock=90)
    change_deal(database, deal_id, group_points=PRICE)
    people = members_of(club, 8)
    group = over(club, clock, deal_id, *people)
    change_deal(database, deal_id, size=3)
    for number in range(2):
        club.group_buys.open(enrol(club, 100 + number), deal_id, NONCE)
    outcomes = await all_at_once(database, [partial(club.choices.merge, member, group.id) for member in people])
    refusals = only_refusals(outcomes)
    assert len(refusals) == 4
    assert all(isinstance(refusal, CannotMerge) and refusal.reason == "nobody" for refusal in refusals)
    assert sorted(balance_of(club, member) for member in people) == [POINTS - PRICE] * 4 + [POINTS] * 4
    check(database)


@pytest.mark.race
async def test_two_who_close_offer_each_choice_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, stock=90)
    people = members_of(club, 20)
    for member in people:
        club.group_buys.open(member, deal_id, NONCE)
    clock.advance(days=1)
    while any(await all_at_once(database, [partial(club.group_buys.close_due, limit=7) for _ in range(4)])):
        pass
    assert [notice.member_id for notice in told(database, "group_expired")] == [member.id for member in people]
    assert [club.choices.look(member, number).choosing.choice for number, member in enumerate(people, 1)] == [None] * 20
    assert [balance_of(club, member) for member in people] == [POINTS] * 20
    check(database)
