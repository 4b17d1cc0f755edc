from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from loyalty.errors import AlreadyInGroup, DealUnavailable, GroupIsClosed, GroupIsFull, NotEnoughPoints
from loyalty.group_buys import GroupState
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.group_buys import groups
from storage.unit_of_work import UnitFactory
from tests.kit.books import check_books
from tests.kit.clock import FrozenClock
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import NONCE, POINTS, PRICE, all_at_once, balance_of, enrol, members_of, only_refusals


def test_opening_holds_the_price_and_the_stock(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    seen = club.group_buys.open(ana, deal_id, NONCE)
    assert (seen.group.taken, seen.group.state, seen.available) == (1, GroupState.OPEN, POINTS - PRICE)
    assert club.points.balance(ana.id).held == PRICE
    assert stock_of(units, deal_id) == 27
    check_books(database)


def test_each_step_replayed_has_one_effect(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=2, per_member=5)
    ana, bo = members_of(club, 2)
    first = club.group_buys.open(ana, deal_id, NONCE)
    assert club.group_buys.open(ana, deal_id, NONCE).group == first.group
    assert stock_of(units, deal_id) == 28
    assert club.group_buys.leave(ana, first.group.id).group.state is GroupState.CANCELLED
    assert club.group_buys.leave(ana, first.group.id).group.state is GroupState.CANCELLED
    assert club.group_buys.open(ana, deal_id, NONCE).group.state is GroupState.CANCELLED
    assert stock_of(units, deal_id) == 30
    assert balance_of(club, ana) == POINTS
    second = club.group_buys.open(ana, deal_id, "BCDEFGHJ")
    club.group_buys.join(bo, second.group.id)
    with pytest.raises(AlreadyInGroup):
        club.group_buys.join(bo, second.group.id)
    assert club.group_buys.open(ana, deal_id, "BCDEFGHJ").group.state is GroupState.FILLED
    clock.advance(days=2)
    assert club.group_buys.close_due() == 0
    assert [balance_of(club, member) for member in (ana, bo)] == [POINTS - PRICE] * 2
    assert stock_of(units, deal_id) == 28
    check_books(database)


def test_a_refused_opening_leaves_no_trace(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    poor = enrol(club, 1, points=100)
    penniless = enrol(club, 2, points=0)
    for member in (poor, penniless):
        with pytest.raises(NotEnoughPoints):
            club.group_buys.open(member, deal_id, NONCE)
    assert stock_of(units, deal_id) == 30
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(groups)).scalar_one() == 0


def test_several_groups_at_once_where_the_deal_allows(club: Club, units: UnitFactory, database: Database) -> None:
    strict = add_deal(units, slug="strict", group_points=10, per_member=9)
    free = add_deal(units, slug="free", group_points=10, per_member=2, is_several_allowed=True)
    [ana] = members_of(club, 1)
    club.group_buys.open(ana, strict, "AAAAAAAA")
    with pytest.raises(DealUnavailable) as refusal:
        club.group_buys.open(ana, strict, "BBBBBBBB")
    assert refusal.value.reason == "one_at_a_time"
    club.group_buys.open(ana, free, "CCCCCCCC")
    club.group_buys.open(ana, free, "DDDDDDDD")
    with pytest.raises(DealUnavailable) as refusal:
        club.group_buys.open(ana, free, "EEEEEEEE")
    assert refusal.value.reason == "limit_reached"
    check_books(database)


def test_closing_goes_on_in_batches_until_none_is_left(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, stock=100)
    people = members_of(club, 7)
    for member in people[:5]:
        club.group_buys.open(member, deal_id, NONCE)
    for member in people[5:]:
        club.group_buys.join(member, 1)
    clock.advance(hours=23)
    late = enrol(club, 99)
    club.group_buys.open(late, deal_id, NONCE)
    clock.advance(hours=1)
    assert [club.group_buys.close_due(limit=3) for _ in range(3)] == [3, 1, 0]
    assert [balance_of(club, member) for member in people] == [260, *[POINTS] * 4, 260, 260]
    assert stock_of(units, deal_id) == 100 - 3 - 3
    check_books(database)


def test_points_whose_lot_ran_out_meanwhile_come_back_with_a_grace(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database
) -> None:
    deal_id = add_deal(units, hours=48)
    [ana] = members_of(club, 1)
    clock.advance(days=364)
    club.group_buys.open(ana, deal_id, NONCE)
    clock.advance(days=4)
    club.points.expire_due()
    assert balance_of(club, ana) == 0
    assert club.group_buys.close_due() == 1
    club.points.expire_due()
    assert balance_of(club, ana) == PRICE
    check_books(database)


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE deals SET stock = -1",
        "UPDATE groups SET taken = 4",
        "UPDATE groups SET taken = 3",
        "UPDATE groups SET state = 'filled', closed_at = opened_at",
        "UPDATE groups SET state = 'over', closed_at = opened_at",
        "UPDATE groups SET state = 'expired'",
        "UPDATE seats SET state = 'captured'",
        "INSERT INTO seats (group_id, member_id, hold_id, state, joined_at) "
        "SELECT group_id, member_id, hold_id + 1, state, joined_at FROM seats WHERE member_id = 1",
    ],
)
def test_the_database_itself_refuses(club: Club, units: UnitFactory, database: Database, broken: str) -> None:
    deal_id = add_deal(units)
    ana, bo = members_of(club, 2)
    group_id = club.group_buys.open(ana, deal_id, NONCE).group.id
    club.group_buys.join(bo, group_id)
    if broken.startswith("INSERT"):
        club.group_buys.leave(bo, group_id)  # frees no hold: each belongs to one seat for ever
    with database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql(broken)


def test_a_deal_is_added_once_by_its_slug(units: UnitFactory) -> None:
    first = add_deal(units, stock=5)
    assert add_deal(units, stock=9) == first
    assert stock_of(units, first) == 5


@pytest.mark.race
async def test_fifty_tap_the_last_seat_and_one_gets_it(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    people = members_of(club, 52)
    group_id = club.group_buys.open(people[0], deal_id, NONCE).group.id
    club.group_buys.join(people[1], group_id)
    outcomes = await all_at_once(database, [partial(club.group_buys.join, member, group_id) for member in people[2:]])
    refusals = only_refusals(outcomes)
    assert len(refusals) == 49
    assert all(isinstance(refusal, GroupIsFull) for refusal in refusals)
    assert sorted(balance_of(club, member) for member in people) == [POINTS - PRICE] * 3 + [POINTS] * 49
    assert stock_of(units, deal_id) == 27
    check_books(database)


@pytest.mark.race
async def test_two_hundred_join_a_group_of_five(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, size=5)
    people = members_of(club, 201)
    group_id = club.group_buys.open(people[0], deal_id, NONCE).group.id
    outcomes = await all_at_once(database, [partial(club.group_buys.join, member, group_id) for member in people[1:]])
    assert len(only_refusals(outcomes)) == 196
    assert club.group_buys.group(group_id).group.state is GroupState.FILLED
    assert sum(balance_of(club, member) for member in people) == 201 * POINTS - 5 * PRICE
    check_books(database)


@pytest.mark.race
async def test_the_stock_is_never_oversold_by_many_who_open(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, stock=10)
    people = members_of(club, 20)
    outcomes = await all_at_once(database, [partial(club.group_buys.open, member, deal_id, NONCE) for member in people])
    refusals = only_refusals(outcomes)
    assert len(refusals) == 17
    assert all(isinstance(refusal, DealUnavailable) and refusal.reason == "sold_out" for refusal in refusals)
    assert stock_of(units, deal_id) == 1
    check_books(database)


@pytest.mark.race
async def test_one_member_taps_everything_at_once(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, stock=90)
    people = members_of(club, 11)
    for member in people[1:]:
        club.group_buys.open(member, deal_id, NONCE)
    me = people[0]
    outcomes = await all_at_once(
        database,
        [partial(club.group_buys.open, me, deal_id, NONCE) for _ in range(5)]
        + [partial(club.group_buys.join, me, group_id) for group_id in range(1, 11)],
    )
    only_refusals(outcomes)
    assert balance_of(club, me) == POINTS - PRICE
    assert len(club.group_buys.mine(me.id).groups) == 1
    check_books(database)


@pytest.mark.race
async def test_groups_of_the_same_people_fill_at_once(club: Club, units: UnitFactory, database: Database) -> None:
    """Each filling moves the points of all; they must not wait for each other in a circle."""
    people = members_of(club, 6)
    ids = []
    for number in range(6):
        deal_id = add_deal(units, slug=f"deal-{number}", size=6, group_points=50)
        turned = people[number:] + people[:number]
        ids.append(club.group_buys.open(turned[0], deal_id, NONCE).group.id)
        for member in turned[1:5]:
            club.group_buys.join(member, ids[-1])
    last = [people[(number + 5) % 6] for number in range(6)]
    outcomes = await all_at_once(
        database,
        [partial(club.group_buys.join, member, group_id) for member, group_id in zip(last, ids, strict=True)],
    )
    assert only_refusals(outcomes) == []
    assert [balance_of(club, member) for member in people] == [POINTS - 300] * 6
    check_books(database)


@pytest.mark.race
async def test_leaving_while_it_fills(club: Club, units: UnitFactory, database: Database) -> None:
    for number in range(5):
        deal_id = add_deal(units, slug=f"deal-{number}", group_points=10)
        ana, bo, cy = (enrol(club, 100 * number + n) for n in range(3))
        group_id = club.group_buys.open(ana, deal_id, NONCE).group.id
        club.group_buys.join(bo, group_id)
        outcomes = await all_at_once(
            database,
            [
                partial(club.group_buys.leave, ana, group_id),
                partial(club.group_buys.join, cy, group_id),
            ],
        )
        refused = only_refusals(outcomes)
        group = club.group_buys.group(group_id).group
        if refused:
            assert (group.state, group.taken) == (GroupState.FILLED, 3)
        else:
            assert (group.state, group.taken, group.organiser_id) == (GroupState.OPEN, 2, bo.id)
        assert balance_of(club, ana) == (POINTS - 10 if refused else POINTS)
    check_books(database)


@pytest.mark.race
async def test_joining_while_it_expires(club: Club, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
    """Two processes whose clocks differ: one still lets people in when the other closes."""
    deal_id = add_deal(units, size=50, stock=500)
    people = members_of(club, 20)
    group_id = club.group_buys.open(people[0], deal_id, NONCE).group.id
    ahead = FrozenClock(clock() + timedelta(hours=24))
    other = open_club(units, ahead, random.Random(8), Programme(), Language.ENGLISH)
    clock.advance(hours=23, minutes=59)
    calls: list[Callable[[], object]] = [partial(club.group_buys.join, member, group_id) for member in people[1:]]
    calls.insert(10, other.group_buys.close_due)
    refusals = only_refusals(await all_at_once(database, calls))
    assert all(isinstance(refusal, GroupIsClosed) and refusal.state == "expired" for refusal in refusals)
    other.group_buys.close_due()
    assert club.group_buys.group(group_id).group.state is GroupState.EXPIRED
    assert [balance_of(club, member) for member in people] == [POINTS] * 20
    assert stock_of(units, deal_id) == 500
    check_books(database)


@pytest.mark.race
async def test_two_sweeps_at_once_close_each_group_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, stock=90)
    people = members_of(club, 30)
    for member in people:
        club.group_buys.open(member, deal_id, NONCE)
    clock.advance(days=1)
    outcomes = await all_at_once(database, [partial(club.group_buys.close_due, limit=10) for _ in range(6)])
    assert only_refusals(outcomes) == []
    closed = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    while more := club.group_buys.close_due():
        closed += more
    assert closed == 30
    assert [balance_of(club, member) for member in people] == [POINTS] * 30
    assert stock_of(units, deal_id) == 90
    check_books(database)
