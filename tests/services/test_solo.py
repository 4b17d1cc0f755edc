"""A deal without a group, on both databases."""

from __future__ import annotations

from functools import partial

import pytest

from loyalty.errors import DealUnavailable, NotEnoughPoints, NotFound, PriceChanged, VoucherRefused
from loyalty.group_buys import GroupState
from loyalty.services import Club
from loyalty.services.solo import Bought
from loyalty.vouchers import VoucherState
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import (
    NONCE,
    POINTS,
    all_at_once,
    balance_of,
    change_deal,
    check,
    enrol,
    group_of,
    members_of,
    only_refusals,
    vouchers_of,
)

SOLO = 360


def test_one_confirmation_buys_one(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, solo_price_minor=800, per_member=3)
    [ana] = members_of(club, 1, points=1000)
    quote = club.solo.quote(ana, deal_id)
    assert (quote.available, quote.deal.solo_points, quote.deal.solo_price_minor) == (1000, SOLO, 800)
    first = club.solo.buy(ana, deal_id, quote.nonce, (SOLO, 800))
    again = club.solo.buy(ana, deal_id, quote.nonce, (SOLO, 800))
    assert (first.is_replay, again.is_replay, again.voucher) == (False, True, first.voucher)
    assert (first.available, first.voucher.price_minor, first.voucher.points) == (640, 800, SOLO)
    assert stock_of(units, deal_id) == 29
    assert not club.solo.buy(ana, deal_id, "OTHER234").is_replay
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (280, 28)
    assert len(vouchers_of(database, ana)) == 2
    check(database)


def test_a_changed_price_is_asked_for_anew(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    nonce = club.solo.quote(ana, deal_id).nonce
    change_deal(database, deal_id, solo_price_minor=100)
    with pytest.raises(PriceChanged):
        club.solo.buy(ana, deal_id, nonce, (SOLO, 0))
    change_deal(database, deal_id, group_points=250)
    with pytest.raises(PriceChanged):
        club.group_buys.open(ana, deal_id, NONCE, (240, 0))
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (POINTS, 30)
    check(database)


def test_refusals_leave_no_trace(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    poor, ana = enrol(club, 1, points=359), enrol(club, 2)
    for call in (partial(club.solo.quote, poor, deal_id), partial(club.solo.buy, poor, deal_id, NONCE)):
        with pytest.raises(NotEnoughPoints):
            call()
    for missing in (partial(club.solo.quote, ana, 99), partial(club.solo.buy, ana, 99, NONCE)):
        with pytest.raises(NotFound):
            missing()
    change_deal(database, deal_id, is_paused=True)
    for call in (partial(club.solo.quote, ana, deal_id), partial(club.solo.buy, ana, deal_id, NONCE)):
        with pytest.raises(DealUnavailable) as refusal:
            call()
        assert refusal.value.reason == "paused"
    assert [balance_of(club, member) for member in (poor, ana)] == [359, POINTS]
    assert stock_of(units, deal_id) == 30
    assert vouchers_of(database, ana) == []
    check(database)


def test_places_and_what_was_bought_alone_count_together(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, per_member=2, solo_points=100, group_points=50)
    [ana] = members_of(club, 1)
    club.solo.buy(ana, deal_id, NONCE)
    group_of(club, deal_id, ana)
    with pytest.raises(DealUnavailable) as refusal:
        club.solo.buy(ana, deal_id, "OTHER234")
    assert (refusal.value.reason, refusal.value.limit) == ("limit_reached", 2)
    seen = club.group_buys.deal(ana.id, deal_id)
    assert isinstance(seen.alone_refusal, DealUnavailable)
    check(database)


def test_it_is_taken_once_and_not_given_back(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    voucher = club.solo.buy(ana, deal_id, NONCE).voucher
    assert not voucher.is_returnable
    for call in (club.vouchers.ask_give_back, club.vouchers.give_back):
        with pytest.raises(VoucherRefused) as refusal:
            call(ana.id, voucher.id)
        assert refusal.value.reason == "alone"
    assert balance_of(club, ana) == POINTS - SOLO
    check(database)


def test_the_operator_can_undo_it_with_voucher_and_stock(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    voucher = club.solo.buy(ana, deal_id, NONCE).voucher
    [line] = [line for line in club.accounts.view(ana.id).lines if line.movement.kind == "redeem"]
    assert line.movement.subject is not None
    assert line.movement.subject.name == "Coffee beans"
    for _ in range(2):
        club.accounts.reverse(line.transaction_id, actor="operator:1")
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (POINTS, 30)
    assert club.vouchers.own(ana.id, voucher.id).state is VoucherState.CANCELLED
    club.solo.buy(ana, deal_id, "OTHER234")  # what was undone counts against no limit
    check(database)


def test_a_look_is_counted_once(club: Club, units: UnitFactory) -> None:
    deal_id = add_deal(units)
    ana, bo = members_of(club, 2)
    group = group_of(club, deal_id, ana)
    for _ in range(2):
        assert club.group_buys.deal(ana.id, deal_id).is_first_look
        assert club.group_buys.group(group.id, ana.id).is_first_look
    for _ in range(2):
        club.group_buys.look_at(ana.id, deal_id)
    assert not club.group_buys.deal(ana.id, deal_id).is_first_look
    assert not club.group_buys.group(group.id, ana.id).is_first_look
    assert not club.group_buys.group(group.id).is_first_look
    assert club.group_buys.group(group.id, bo.id).is_first_look


@pytest.mark.race
async def test_the_last_piece_goes_to_one(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, stock=1)
    people = members_of(club, 15)
    outcomes = await all_at_once(database, [partial(club.solo.buy, member, deal_id, NONCE) for member in people])
    refusals = only_refusals(outcomes)
    assert len(refusals) == 14
    assert all(isinstance(refusal, DealUnavailable) and refusal.reason == "sold_out" for refusal in refusals)
    assert sum(balance_of(club, member) for member in people) == 15 * POINTS - SOLO
    assert stock_of(units, deal_id) == 0
    check(database)


@pytest.mark.race
async def test_a_confirmation_that_comes_many_times_at_once_buys_one(
    club: Club, units: UnitFactory, database: Database
) -> None:
    deal_id = add_deal(units, per_member=9)
    [ana] = members_of(club, 1, points=5000)
    outcomes = await all_at_once(database, [partial(club.solo.buy, ana, deal_id, NONCE) for _ in range(10)])
    assert only_refusals(outcomes) == []
    assert sum(isinstance(outcome, Bought) and not outcome.is_replay for outcome in outcomes) == 1
    assert (balance_of(club, ana), stock_of(units, deal_id)) == (5000 - SOLO, 29)
    check(database)


@pytest.mark.race
async def test_alone_and_together_share_one_stock(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, stock=7)
    people = members_of(club, 12)
    calls = [
        partial(club.group_buys.open if number % 2 else club.solo.buy, member, deal_id, NONCE)
        for number, member in enumerate(people)
    ]
    refusals = only_refusals(await all_at_once(database, calls))
    assert all(isinstance(refusal, DealUnavailable) and refusal.reason == "sold_out" for refusal in refusals)
    sold = sum(len(vouchers_of(database, member)) for member in people)
    open_groups = [group for member in people for group, _ in club.group_buys.mine(member.id).groups]
    assert all(group.state is GroupState.OPEN for group in open_groups)
    assert stock_of(units, deal_id) == 7 - sold - 3 * len(open_groups)
    check(database)


@pytest.mark.race
async def test_buying_alone_while_ones_groups_fill(club: Club, units: UnitFactory, database: Database) -> None:
    """Both want the deal and the same people's points; they must not wait for each other in a circle."""
    deal_id = add_deal(
        units, stock=600, size=3, group_points=10, solo_points=10, per_member=99, is_several_allowed=True
    )
    people = members_of(club, 8)
    for _ in range(4):
        ids = [group_of(club, deal_id, people[number], people[number + 1]).id for number in range(6)]
        calls = [
            partial(club.group_buys.join, people[(number + 4) % 8], group_id) for number, group_id in enumerate(ids)
        ]
        alone = [partial(club.solo.buy, member, deal_id, f"{ids[0]:08}") for member in people]
        both = [call for pair in zip(calls, alone, strict=False) for call in pair]
        assert only_refusals(await all_at_once(database, both)) == []
    assert sum(balance_of(club, member) for member in people) == 8 * POINTS - 4 * (6 * 3 + 6) * 10
    assert stock_of(units, deal_id) == 600 - 4 * (6 * 3 + 6)
    check(database)
