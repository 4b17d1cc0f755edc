"""Tiers on a real database: up at once, down one step after a warning, and nobody is told twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.seed import seed_town
from loyalty.errors import NotFound, NotReversible
from loyalty.members import Member, Tier
from loyalty.purchases import Channel
from loyalty.services.tiers import Granted
from loyalty.tiers import TierBasis
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.tiers import tier_changes
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.ledger import all_at_once
from tests.kit.till import Till

MINIMUMS = MappingProxyType({Tier.SILVER: 50, Tier.GOLD: 200})
EARNED, LAPSED, GRANTED = "earned", "lapsed", "granted"


@pytest.fixture
def till(database: Database, clock: FrozenClock) -> Till:
    return Till(database, clock, tier_minimums=MINIMUMS)


def tier_of(till: Till, member: Member) -> Tier:
    with till.units() as uow:
        found = uow.members.get(member.id)
    assert found is not None
    return found.tier


def review(till: Till, size: int = 500) -> int:
    """A whole round, as the timetable makes it; answers at how many it looked."""
    whole = 0
    while looked := till.club.tiers.review_due(size):
        whole += looked
    return whole


def changes(till: Till, member: Member) -> list[tuple[str, str, str]]:
    with till.database.engine.connect() as connection:
        query = select(tier_changes.c.tier_before, tier_changes.c.tier_after, tier_changes.c.reason)
        rows = connection.execute(query.where(tier_changes.c.member_id == member.id).order_by(tier_changes.c.id))
        return [(row.tier_before, row.tier_after, row.reason) for row in rows]


def told(till: Till, member: Member) -> list[tuple[str, dict[str, Any]]]:
    """What was said of tiers."""
    with till.database.engine.connect() as connection:
        query = select(deliveries.c.kind, deliveries.c.facts).where(
            deliveries.c.member_id == member.id, deliveries.c.kind.startswith("tier_")
        )
        return [(row.kind, dict(row.facts)) for row in connection.execute(query.order_by(deliveries.c.id))]


def put_into(till: Till, member: Member, tier: Tier) -> None:
    """As if it had been earned at some time."""
    with till.units() as uow:
        uow.members.promote(member.id, tier)
        uow.commit()


# Up


def test_the_purchase_that_reaches_a_tier_is_reckoned_with_the_old_one(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(tiers={Tier.SILVER: 200})
    assert till.books(ana, 5000).purchase.earned.points == 50
    assert tier_of(till, ana) is Tier.SILVER
    assert till.books(ana, 100).purchase.earned.points == 2
    assert changes(till, ana) == [("member", "silver", EARNED)]
    assert told(till, ana) == [("tier_up", {"tier": "silver"})]


def test_two_steps_at_once_are_one_change(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.books(ana, 20_000)
    assert changes(till, ana) == [("member", "gold", EARNED)]


def test_one_short_of_it_is_not_enough(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.books(ana, 4999)
    assert (tier_of(till, ana), changes(till, ana), told(till, ana)) == (Tier.MEMBER, [], [])


def test_the_same_purchase_twice_counts_once(till: Till) -> None:
    (ana,) = till.customers("Ana")
    for _ in range(2):
        till.books(ana, 3000, key="once")
    assert till.club.tiers.standing(ana.id).total == 30
    assert tier_of(till, ana) is Tier.MEMBER


def test_bonuses_count_and_other_points_do_not(till: Till) -> None:
    referrer, ana = till.customers("Rea", "Ana")
    till.refers(referrer, ana)
    till.rule(first_points=15)
    till.books(ana, 1000)
    till.club.points.check_in(ana)
    till.club.operators.adjust(ana.id, 500, "sorry", key="a", actor="test")
    assert till.club.tiers.standing(ana.id).total == 25
    assert till.club.tiers.standing(referrer.id).total == 0


def test_twelve_months_to_the_moment(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    till.books(ana, 3000)
    clock.move_to(datetime(2027, 5, 1, 10, tzinfo=UTC))
    assert till.club.tiers.standing(ana.id).total == 30
    clock.advance(seconds=1)
    assert till.club.tiers.standing(ana.id).total == 0


def test_what_refunds_took_back_does_not_count(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(first_points=10)
    bought = till.books(ana, 4000)
    till.refunds(bought, 1000)
    assert till.club.tiers.standing(ana.id).total == 30 + 10  # the bonus goes back with the rest of it only
    till.refunds(bought, 3000)
    assert till.club.tiers.standing(ana.id).total == 0


def test_spend_counts_what_was_paid_even_if_it_earned_nothing(database: Database, clock: FrozenClock) -> None:
    minimums = MappingProxyType({Tier.SILVER: 10_000, Tier.GOLD: 50_000})
    till = Till(database, clock, tier_basis=TierBasis.SPEND, tier_minimums=minimums)
    till.rule(amount_minor_min=1_000_000)
    ana, bo = till.customers("Ana", "Bo")
    bought = till.books(ana, 10_000)
    assert tier_of(till, ana) is Tier.SILVER
    till.refunds(bought, 2_500)
    seen = till.club.tiers.standing(ana.id)
    assert (seen.total, seen.missing, seen.lacking) == (7_500, 42_500, 2_500)
    assert tier_of(till, bo) is Tier.MEMBER


def test_a_refund_takes_no_tier_at_once(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.refunds(till.books(ana, 5000), 5000)
    assert tier_of(till, ana) is Tier.SILVER


def test_a_club_without_tiers_leaves_everybody_as_they_are(database: Database, clock: FrozenClock) -> None:
    till = Till(database, clock, tier_minimums=MappingProxyType({}))
    (ana,) = till.customers("Ana")
    till.books(ana, 1_000_000)
    assert review(till) == 1
    seen = till.club.tiers.standing(ana.id)
    assert (seen.tier, seen.next, seen.missing) == (Tier.MEMBER, None, 0)


def test_what_came_in_past_the_till_counts_in_the_next_round(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    till.books(ana, 4900, channel=Channel.IMPORT, at=clock() - timedelta(days=100))
    assert tier_of(till, ana) is Tier.MEMBER
    cheaper = Till(till.database, clock, tier_minimums=MappingProxyType({Tier.SILVER: 49}))
    review(cheaper)
    assert tier_of(till, ana) is Tier.SILVER
    assert [kind for kind, _ in told(till, ana)] == ["tier_up"]


# Down


def test_too_little_is_warned_of_and_ends_one_step_down_after_the_grace(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    put_into(till, ana, Tier.GOLD)
    till.books(ana, 3000)
    review(till)
    until = datetime(2026, 6, 1, tzinfo=UTC)  # the end of the 31st of May, thirty days on
    warned = {"tier": "gold", "after": "silver", "until": until.isoformat(), "missing": 170}
    ((kind, facts),) = told(till, ana)
    assert (kind, facts) == ("tier_warning", {**warned, "basis": "points", "currency": "EUR"})
    assert till.club.tiers.standing(ana.id).grace_until == until
    clock.move_to(until - timedelta(seconds=1))
    review(till)
    assert tier_of(till, ana) is Tier.GOLD
    clock.move_to(until)
    review(till)
    assert changes(till, ana) == [("gold", "silver", LAPSED)]
    assert told(till, ana)[1:] == [
        ("tier_down", {"before": "gold", "tier": "silver", "missing": 170, "basis": "points", "currency": "EUR"})
    ]
    # For the lower tier it is too little, too: that has a warning and a grace of its own.
    review(till)
    assert [kind for kind, _ in told(till, ana)] == ["tier_warning", "tier_down", "tier_warning"]
    clock.advance(days=31)
    review(till)
    review(till)
    assert changes(till, ana)[1:] == [("silver", "member", LAPSED)]
    review(till)
    assert len(told(till, ana)) == 4


def test_whoever_buys_enough_in_time_hears_no_more_of_it(till: Till, clock: FrozenClock) -> None:
    ana, bo = till.customers("Ana", "Bo")
    for member in (ana, bo):
        put_into(till, member, Tier.SILVER)
    review(till)
    till.books(ana, 5000)
    assert till.club.tiers.standing(ana.id).grace_until is None  # at the till, at once
    clock.advance(days=60)
    review(till)
    assert (tier_of(till, ana), tier_of(till, bo)) == (Tier.SILVER, Tier.MEMBER)
    assert [kind for kind, _ in told(till, ana)] == ["tier_warning"]


def test_a_round_spares_those_who_recovered_past_the_till(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    put_into(till, ana, Tier.SILVER)
    review(till)
    clock.advance(days=60)
    cheaper = Till(till.database, clock, tier_minimums=MappingProxyType({Tier.SILVER: 0, Tier.GOLD: 10}))
    review(cheaper)
    assert till.club.tiers.standing(ana.id).grace_until is None
    assert tier_of(till, ana) is Tier.SILVER


def test_messages_of_a_round_come_by_day(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    put_into(till, ana, Tier.SILVER)
    clock.move_to(datetime(2026, 5, 1, 23, tzinfo=UTC))
    review(till)
    with till.database.engine.connect() as connection:
        assert connection.execute(select(deliveries.c.not_before)).scalar_one() == datetime(2026, 5, 2, 9, tzinfo=UTC)


def test_every_round_again_changes_nothing(till: Till) -> None:
    people = till.customers("Ana", "Bo", "Cy")
    put_into(till, people[0], Tier.GOLD)
    till.books(people[1], 5000)
    review(till)
    before = till.count()
    for _ in range(3):
        assert review(till, 2) == 3
    assert till.count() == before


def test_a_round_goes_on_after_each_batch_and_one_that_was_cut_off_is_made_up(till: Till, clock: FrozenClock) -> None:
    people = till.customers(*"ABCDEFG")
    for member in people:
        put_into(till, member, Tier.SILVER)
    assert till.club.tiers.review_due(3) == 3
    assert [bool(told(till, member)) for member in people] == [True] * 3 + [False] * 4
    again = Till(till.database, clock, tier_minimums=MINIMUMS)  # the program was started anew
    assert review(again, 3) == 7
    assert [len(told(till, member)) for member in people] == [1] * 7


@pytest.mark.parametrize("count", [1, 120])
def test_a_batch_takes_as_many_statements_for_one_as_for_many(
    count: int, database: Database, clock: FrozenClock
) -> None:
    till = Till(database, clock, tier_minimums=MINIMUMS)
    risers, warned, fallen = (till.customers(*[name] * count) for name in ("Ria", "Wim", "Fay"))
    for member in (*warned, *fallen):
        put_into(till, member, Tier.SILVER)
    with till.units() as uow:
        uow.tiers.set_grace([member.id for member in fallen], clock())
        uow.commit()
    for member in risers:
        till.books(member, 4900)
    cheaper = Till(database, clock, tier_minimums=MappingProxyType({Tier.SILVER: 49, Tier.GOLD: 200}))
    with statements(database) as seen:
        assert cheaper.club.tiers.review_due(1000) == 3 * count
    # The batch, who is in question, their totals; up and down two each, the grace, and what is told.
    assert len([text for text in seen if "INTO deliveries" not in text]) == 8, "\n".join(seen)
    assert {tier_of(till, member) for member in risers} == {Tier.SILVER}
    assert {tier_of(till, member) for member in fallen} == {Tier.MEMBER}
    assert [kind for kind, _ in told(till, warned[-1])] == ["tier_warning"]


@pytest.mark.race
def test_rounds_at_once_warn_and_fall_once(till: Till, clock: FrozenClock) -> None:
    people = till.customers(*"ABCDEFGH")
    for member in people:
        put_into(till, member, Tier.GOLD)
    rounds = [Till(till.database, clock, tier_minimums=MINIMUMS) for _ in range(4)]
    all_at_once(4, lambda number: review(rounds[number], 3))
    review(till)
    assert [len(told(till, member)) for member in people] == [1] * 8
    clock.advance(days=31)
    all_at_once(4, lambda number: rounds[number].club.tiers.review_due())
    review(till)
    assert [changes(till, member) for member in people] == [[("gold", "silver", LAPSED)]] * 8


@pytest.mark.race
def test_purchases_at_once_lift_once(till: Till) -> None:
    (ana,) = till.customers("Ana")
    all_at_once(8, lambda number: till.books(ana, 2500, key=f"at once {number}"))
    assert changes(till, ana) == [("member", "silver", EARNED), ("silver", "gold", EARNED)]
    assert [kind for kind, _ in told(till, ana)] == ["tier_up", "tier_up"]


# Granted


def grant(till: Till, member: Member, tier: Tier = Tier.GOLD) -> Granted:
    return till.club.tiers.grant(member.code, tier)


def test_a_granted_tier_stays_for_its_year_whatever_is_bought(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    granted = grant(till, ana)
    until = datetime(2027, 5, 2, tzinfo=UTC)
    assert (granted.tier, granted.kept_until, granted.kept_before) == (Tier.GOLD, until, None)
    assert told(till, ana) == [("tier_granted", {"tier": "gold", "until": until.isoformat()})]
    review(till)
    clock.move_to(until - timedelta(seconds=1))
    review(till)
    assert len(told(till, ana)) == 1
    clock.move_to(until)
    review(till)
    assert [kind for kind, _ in told(till, ana)] == ["tier_granted", "tier_warning"]
    assert tier_of(till, ana) is Tier.GOLD


def test_granting_twice_is_granting_once(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    first, before = grant(till, ana), till.count()
    again = grant(till, ana)
    assert again.change_id is None
    assert (again.tier, again.kept_until) == (first.tier, first.kept_until)
    assert till.count() == before
    clock.advance(days=30)
    assert grant(till, ana).change_id is not None  # it is kept for longer now
    assert len(changes(till, ana)) == 2


def test_a_grant_is_undone_once_and_the_tier_before_is_as_it_was(till: Till) -> None:
    (ana,) = till.customers("Ana")
    first = grant(till, ana, Tier.SILVER)
    second = grant(till, ana, Tier.GOLD)
    assert second.change_id is not None
    undone = till.club.tiers.undo_grant(ana.id, second.change_id, second.kept_before)
    assert (undone.tier, undone.kept_until) == (Tier.SILVER, first.kept_until)
    seen = till.club.tiers.standing(ana.id)
    assert (seen.tier, seen.kept_until) == (Tier.SILVER, first.kept_until)
    before = till.count()
    for change_id in (second.change_id, first.change_id or 0, 0):
        with pytest.raises(NotReversible):
            till.club.tiers.undo_grant(ana.id, change_id, None)
    assert till.count() == before
    assert [reason for *_, reason in changes(till, ana)] == [GRANTED] * 3


def test_what_has_changed_since_is_not_undone(till: Till) -> None:
    (ana,) = till.customers("Ana")
    granted = grant(till, ana, Tier.SILVER)
    till.books(ana, 20_000)
    assert granted.change_id is not None
    with pytest.raises(NotReversible):
        till.club.tiers.undo_grant(ana.id, granted.change_id, None)
    assert tier_of(till, ana) is Tier.GOLD


def test_the_first_tier_ends_a_grant(till: Till) -> None:
    (ana,) = till.customers("Ana")
    grant(till, ana)
    assert grant(till, ana, Tier.MEMBER).kept_until is None
    seen = till.club.tiers.standing(ana.id)
    assert (seen.tier, seen.kept_until) == (Tier.MEMBER, None)


def test_nobody_gets_a_tier_by_a_wrong_code(till: Till) -> None:
    before = till.count()
    for attempt in (
        lambda: till.club.tiers.grant("N0SUCH", Tier.GOLD),
        lambda: till.club.tiers.undo_grant(10**9, 1, None),
        lambda: till.club.tiers.standing(10**9),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert till.count() == before


def test_the_log_of_changes_cannot_be_changed(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.books(ana, 5000)
    for statement in ("UPDATE tier_changes SET reason = 'granted'", "DELETE FROM tier_changes"):
        with pytest.raises(DBAPIError, match="append-only"), till.database.engine.begin() as connection:
            connection.execute(text(statement))
    assert changes(till, ana) == [("member", "silver", EARNED)]


def test_people_of_the_demo_keep_the_tier_that_they_have(database: Database, clock: FrozenClock) -> None:
    seed_town(database, clock())
    till = Till(database, clock)
    with database.engine.connect() as connection:
        before = connection.execute(select(members.c.id, members.c.tier).order_by(members.c.id)).all()
    review(till)
    with database.engine.connect() as connection:
        after = connection.execute(select(members.c.id, members.c.tier).order_by(members.c.id)).all()
    ranks = {tier.value: tier.rank for tier in Tier}
    assert {tier for _, tier in before} > {"member"}
    assert all(ranks[now.tier] >= ranks[then.tier] for then, now in zip(before, after, strict=True))
    with database.engine.connect() as connection:
        assert "tier_warning" not in set(connection.execute(select(deliveries.c.kind)).scalars())
