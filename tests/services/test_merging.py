"""Two groups become one, on both databases: nobody's points, place or piece is lost on the way."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from loyalty.errors import CannotMerge, GroupIsClosed, NotFound, NotInGroup
from loyalty.group_buys import GroupState
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.vouchers import VoucherState
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import (
    POINTS,
    PRICE,
    all_at_once,
    balance_of,
    change_deal,
    check,
    enrol,
    group_of,
    members_of,
    only_refusals,
    told,
    vouchers_of,
)


def test_the_earlier_end_stays_and_everybody_is_in(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=5)
    ana, bo, cy, di = members_of(club, 4)
    early = group_of(club, deal_id, ana)
    clock.advance(hours=3)
    late = group_of(club, deal_id, bo, cy)
    asked = club.merging.ask(bo, late.id)
    assert (asked.other.id, asked.merged.id, asked.is_mine_kept) == (early.id, early.id, False)
    assert stock_of(units, deal_id) == 20
    result = club.merging.merge(bo, late.id, early.id)
    assert (result.group.id, result.is_replay) == (early.id, False)
    seen = club.group_buys.group(late.id, bo.id)  # the old link leads to where they are
    assert (seen.group.id, seen.group.taken, seen.group.organiser_id) == (early.id, 3, ana.id)
    assert seen.group.closes_at == early.closes_at
    assert {seat.member_id for seat in seen.group.seats} == {ana.id, bo.id, cy.id}
    assert stock_of(units, deal_id) == 25
    assert [balance_of(club, member) for member in (ana, bo, cy)] == [POINTS - PRICE] * 3
    assert [notice.member_id for notice in told(database, "group_merged")] == [ana.id, cy.id]
    assert club.group_buys.join(di, late.id).group.id == early.id
    assert club.group_buys.leave(cy, late.id).group.id == early.id
    assert [group.id for group, _ in club.group_buys.mine(bo.id).groups] == [early.id]
    check(database)


def test_the_same_again_shows_what_became_of_it(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=5)
    ana, bo = members_of(club, 2)
    first, second = group_of(club, deal_id, ana), group_of(club, deal_id, bo)
    once = club.merging.merge(bo, second.id, first.id)
    for member, mine, other in ((bo, second.id, first.id), (ana, first.id, second.id)):
        again = club.merging.merge(member, mine, other)
        assert (again.group.id, again.is_replay) == (once.group.id, True)
    assert len(told(database, "group_merged")) == 1
    assert stock_of(units, deal_id) == 25
    check(database)


def test_what_completes_is_complete_for_everybody(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, bonus_points=30)
    ana, bo, cy = members_of(club, 3)
    first, second = group_of(club, deal_id, ana, bo), group_of(club, deal_id, cy)
    result = club.merging.merge(cy, second.id, first.id)
    assert result.group.state is GroupState.FILLED
    assert [len(vouchers_of(database, member)) for member in (ana, bo, cy)] == [1, 1, 1]
    assert [balance_of(club, member) for member in (ana, bo, cy)] == [260 + 30, 260, 260]
    assert [notice.member_id for notice in told(database, "group_filled")] == [ana.id, bo.id]
    assert told(database, "group_merged") == []
    assert stock_of(units, deal_id) == 27
    check(database)


def test_what_was_bought_in_a_merged_group_can_be_undone(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    """The points were set aside for a group that went into another one."""
    deal_id = add_deal(units)
    ana, bo, cy = members_of(club, 3)
    first, second = group_of(club, deal_id, ana, bo), group_of(club, deal_id, cy)
    club.merging.merge(cy, second.id, first.id)
    [line] = [line for line in club.accounts.view(cy.id).lines if line.movement.kind == "capture"]
    club.accounts.reverse(line.transaction_id, actor="operator:1")
    assert balance_of(club, cy) == POINTS
    assert [voucher.state for voucher in vouchers_of(database, cy)] == [VoucherState.CANCELLED]
    check(database)


def test_who_leaves_and_comes_back_after_a_merger(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, size=6)
    ana, bo = members_of(club, 2)
    first, second = group_of(club, deal_id, ana), group_of(club, deal_id, bo)
    club.group_buys.leave(bo, second.id)
    club.group_buys.join(bo, first.id)
    club.group_buys.leave(bo, first.id)
    third = club.group_buys.open(bo, deal_id, "OTHER234").group
    club.merging.merge(bo, third.id, first.id)
    for _ in range(2):
        club.group_buys.leave(bo, first.id)
        assert balance_of(club, bo) == POINTS
        club.group_buys.join(bo, first.id)
        assert balance_of(club, bo) == POINTS - PRICE
    check(database)


def test_a_merged_group_ends_as_one(club: Club, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
    deal_id = add_deal(units, size=5)
    ana, bo = members_of(club, 2)
    first, second = group_of(club, deal_id, ana), group_of(club, deal_id, bo)
    club.merging.merge(bo, second.id, first.id)
    clock.advance(days=1)
    assert [club.group_buys.close_due(), club.group_buys.close_due()] == [1, 0]
    assert [notice.member_id for notice in told(database, "group_expired")] == [ana.id, bo.id]
    assert club.choices.look(bo, first.id).choosing.choice is None
    assert [balance_of(club, member) for member in (ana, bo)] == [POINTS] * 2
    assert stock_of(units, deal_id) == 30
    check(database)


def test_who_may_not_and_what_does_not_fit(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, per_member=9, is_several_allowed=True, group_points=50)
    tea = add_deal(units, slug="tea", group_points=50)
    ana, bo, cy, di = members_of(club, 4)
    mine, theirs = group_of(club, deal_id, ana, bo), group_of(club, deal_id, cy, di)
    other_deal = group_of(club, tea, di)
    shared = club.group_buys.open(bo, deal_id, "OTHER234").group
    change_deal(database, deal_id, group_points=60)
    dearer = group_of(club, deal_id, di)

    def reason(member: object, *ids: int) -> str:
        with pytest.raises(CannotMerge) as refusal:
            club.merging.merge(member, *ids)  # type: ignore[arg-type]
        return refusal.value.reason

    assert reason(bo, mine.id, theirs.id) == "not_organiser"
    assert reason(ana, mine.id, theirs.id) == "too_many"
    assert reason(ana, mine.id, shared.id) == "same_member"
    assert reason(ana, mine.id, dearer.id) == "other_terms"
    assert reason(ana, mine.id, other_deal.id) == "other_terms"
    assert reason(ana, mine.id, mine.id) in ("too_many", "same_member")
    with pytest.raises(CannotMerge) as refusal:
        club.merging.ask(ana, mine.id)
    assert refusal.value.reason == "nobody"
    assert not club.group_buys.group(mine.id, ana.id).is_mergeable
    assert not club.group_buys.group(dearer.id, di.id).is_mergeable
    with pytest.raises(CannotMerge):
        club.merging.ask(bo, mine.id)
    for ids in ((mine.id, 99), (99, mine.id)):
        with pytest.raises(NotFound):
            club.merging.merge(ana, *ids)
    check(database)


def test_only_whoever_leads_is_offered_it_while_it_is_open(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    deal_id = add_deal(units, size=4)
    ana, bo, cy = members_of(club, 3)
    group = group_of(club, deal_id, ana, bo)
    assert not club.group_buys.group(group.id, ana.id).is_mergeable
    other = group_of(club, deal_id, cy)
    assert club.group_buys.group(group.id, ana.id).is_mergeable
    assert not club.group_buys.group(group.id, bo.id).is_mergeable
    assert not club.group_buys.group(group.id).is_mergeable
    clock.advance(days=1)
    assert not club.group_buys.group(group.id, ana.id).is_mergeable
    with pytest.raises(GroupIsClosed):
        club.merging.ask(ana, group.id)
    with pytest.raises(GroupIsClosed):
        club.merging.merge(ana, group.id, other.id)


@pytest.mark.race
async def test_merging_while_others_join(club: Club, units: UnitFactory, database: Database) -> None:
    for number in range(5):
        deal_id = add_deal(units, slug=f"deal-{number}", size=4, group_points=10)
        ana, bo, *others = (enrol(club, 100 * number + n) for n in range(8))
        first, second = group_of(club, deal_id, ana), group_of(club, deal_id, bo)
        calls: list[Callable[[], object]] = [
            partial(club.group_buys.join, member, (first.id, second.id)[n % 2]) for n, member in enumerate(others)
        ]
        calls.insert(3, partial(club.merging.merge, bo, second.id, first.id))
        calls.insert(3, partial(club.merging.merge, ana, first.id, second.id))
        only_refusals(await all_at_once(database, calls))
        groups = {club.group_buys.group(group_id).group for group_id in (first.id, second.id)}
        assert stock_of(units, deal_id) == 30 - 4 * len(groups)
        seated = [member for member in (ana, bo, *others) if balance_of(club, member) < POINTS]
        assert sum(group.taken for group in groups) == len(seated)
    check(database)


@pytest.mark.race
async def test_both_who_lead_merge_at_once(club: Club, units: UnitFactory, database: Database) -> None:
    for number in range(5):
        deal_id = add_deal(units, slug=f"deal-{number}", size=4, group_points=10)
        ana, bo, cy = (enrol(club, 100 * number + n) for n in range(3))
        first, second, third = (group_of(club, deal_id, member) for member in (ana, bo, cy))
        pairs = [(ana, first, second), (bo, second, first), (bo, second, third), (cy, third, first)]
        outcomes = await all_at_once(
            database, [partial(club.merging.merge, member, one.id, other.id) for member, one, other in pairs]
        )
        only_refusals(outcomes)
        # Some merge first and the rest is refused, or goes on with the group that came of it.
        left = {club.group_buys.group(group.id).group.id for group in (first, second, third)}
        assert stock_of(units, deal_id) == 30 - 4 * len(left)
        assert len(left) < 3
    check(database)


@pytest.mark.race
async def test_leaving_and_closing_while_it_merges(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    ahead = FrozenClock(clock() + timedelta(days=1))
    other = open_club(units, ahead, random.Random(8), Programme(), Language.ENGLISH)
    for number in range(5):
        deal_id = add_deal(units, slug=f"deal-{number}", size=4, group_points=10)
        people = [enrol(club, 100 * number + n) for n in range(3)]
        ana, bo, cy = people
        first, second = group_of(club, deal_id, ana), group_of(club, deal_id, bo, cy)
        refusals = only_refusals(
            await all_at_once(
                database,
                [
                    partial(club.group_buys.leave, cy, second.id),
                    partial(club.merging.merge, bo, second.id, first.id),
                    other.group_buys.close_due,
                    partial(club.group_buys.leave, bo, second.id),
                ],
            )
        )
        assert all(isinstance(one, GroupIsClosed | NotInGroup | CannotMerge) for one in refusals)
        while other.group_buys.close_due():
            pass
        assert [balance_of(club, member) for member in people] == [POINTS] * 3
        assert stock_of(units, deal_id) == 30
    check(database)
