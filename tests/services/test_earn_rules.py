"""Changing earn rules on a real database: by who may, part by part, and two at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

import pytest

from loyalty.earn_rules import Example, RulePart, mark
from loyalty.earning import EarnRule, HappyHours
from loyalty.errors import EarnRuleIsFull, InvalidEarnRule, InvalidPurchase, NotAllowed, NotFound
from loyalty.members import Member, Tier
from loyalty.merchants import Role
from loyalty.services.earn_rules import EarnRuleService, RuleCard
from storage.database import Database
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, appoint, enrol
from tests.kit.till import Till

HOURS = HappyHours(200, (4,), time(17), time(19))


@dataclass
class Office:
    """The shop that Olive owns; purchases earn a point per unit there."""

    till: Till
    olive: Member

    @property
    def rules(self) -> EarnRuleService:
        return self.till.club.earn_rules

    @property
    def shop(self) -> int:
        return self.till.shop_id

    def rule(self) -> EarnRule | None:
        return self.till.club.purchases.rule(self.shop)


@pytest.fixture
def office(database: Database, clock: FrozenClock) -> Office:
    till = Till(database, clock)
    olive = enrol(till.units, "Olive")
    appoint(till.units, till.shop_id, olive, Role.OWNER)
    return Office(till, olive)


def test_each_change_touches_its_part_only_and_answers_what_was_there(office: Office) -> None:
    rules, olive, shop = office.rules, office.olive, office.shop
    assert rules.set_rate(olive, shop, 2, 500).before == EarnRule()
    rules.set_part(olive, shop, RulePart.GOLD, 150)
    rules.set_part(olive, shop, RulePart.MONTH, 400)
    rules.add_hours(olive, shop, HOURS)
    rules.set_tag(olive, shop, "Coffee", 200)
    wanted = EarnRule(
        points=2, per_minor=500, tiers={Tier.GOLD: 150}, hours=(HOURS,), tags={"coffee": 200}, points_month_max=400
    )
    assert office.rule() == rules.card(olive, shop).rule == wanted
    rules.remove_hours(olive, shop, HOURS)
    rules.remove_tag(olive, shop, mark("coffee"))
    assert office.rule() == EarnRule(points=2, per_minor=500, tiers={Tier.GOLD: 150}, points_month_max=400)


def test_the_same_change_twice_is_one(office: Office) -> None:
    rules, olive, shop = office.rules, office.olive, office.shop
    changes: list[Callable[[], RuleCard]] = [
        lambda: rules.set_rate(olive, shop, 2, 500),
        lambda: rules.set_part(olive, shop, RulePart.DAY, 50),
        lambda: rules.add_hours(olive, shop, HOURS),
        lambda: rules.set_tag(olive, shop, "coffee", 200),
        lambda: rules.remove_hours(olive, shop, HOURS),
        lambda: rules.remove_tag(olive, shop, mark("coffee")),
    ]
    for change in changes:
        first, again = change(), change()
        assert first.before is not None
        assert again.before is None
        assert first.rule == again.rule


def test_the_first_rule_is_begun_once(database: Database, clock: FrozenClock) -> None:
    till = Till(database, clock)
    olive, shop = enrol(till.units, "Olive"), add_merchant(till.units, "New")
    appoint(till.units, shop, olive, Role.OWNER)
    rules = till.club.earn_rules
    assert rules.card(olive, shop).rule is None
    with pytest.raises(NotFound):
        rules.set_rate(olive, shop, 2, 100)
    with pytest.raises(NotFound):
        rules.preview(olive, shop, Example(100, 0, 0))
    rules.begin(olive, shop, EarnRule())
    rules.set_rate(olive, shop, 2, 100)
    assert rules.begin(olive, shop, EarnRule()).rule == EarnRule(points=2)


def test_what_was_booked_keeps_what_it_earned(office: Office) -> None:
    (ana,) = office.till.customers("Ana")
    office.till.books(ana, 1000)
    office.rules.set_rate(office.olive, office.shop, 5, 100)
    assert office.till.balance(ana).available == 10
    office.till.books(ana, 1000)
    assert office.till.balance(ana).available == 60


def test_what_cannot_be_is_refused_and_nothing_changes(office: Office) -> None:
    rules, olive, shop = office.rules, office.olive, office.shop
    before = office.rule()
    attempts: list[Callable[[], RuleCard]] = [
        lambda: rules.set_rate(olive, shop, 0, 100),
        lambda: rules.set_rate(olive, shop, 1, 0),
        lambda: rules.set_rate(olive, shop, 2**62, 100),
        lambda: rules.set_part(olive, shop, RulePart.GOLD, 1001),
        lambda: rules.set_part(olive, shop, RulePart.FIRST, 2**62),
        lambda: rules.add_hours(olive, shop, HappyHours(50)),
        lambda: rules.set_tag(olive, shop, "coffee", 99),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidEarnRule):
            attempt()
    with pytest.raises(InvalidPurchase):
        rules.set_tag(olive, shop, "x" * 33, 200)
    with pytest.raises(InvalidPurchase):
        rules.preview(olive, shop, Example(0, 0, 0))
    with pytest.raises(NotFound):
        rules.preview(olive, shop, Example(100, 0, 0), words="tea")
    assert office.rule() == before


@pytest.mark.permission
def test_only_the_owner_of_the_shop_changes_it(office: Office) -> None:
    units, shop, rules = office.till.units, office.shop, office.rules
    other = add_merchant(units, "Other")
    strangers = [enrol(units, name) for name in ("Cato", "Mara", "Otto", "Ana")]
    appoint(units, shop, strangers[0], Role.CASHIER)
    appoint(units, shop, strangers[1], Role.MARKETER)
    appoint(units, other, strangers[2], Role.OWNER)
    before = office.till.count(), office.rule()
    attempts: list[Callable[[Member], RuleCard]] = [
        lambda who: rules.card(who, shop),
        lambda who: rules.begin(who, shop, EarnRule()),
        lambda who: rules.set_rate(who, shop, 2, 100),
        lambda who: rules.set_part(who, shop, RulePart.DAY, 1),
        lambda who: rules.add_hours(who, shop, HOURS),
        lambda who: rules.remove_hours(who, shop, HOURS),
        lambda who: rules.set_tag(who, shop, "coffee", 200),
        lambda who: rules.remove_tag(who, shop, mark("coffee")),
        lambda who: rules.preview(who, shop, Example(100, 0, 0)),
    ]
    for who in strangers:
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt(who)
    assert (office.till.count(), office.rule()) == before


@pytest.mark.race
def test_owners_who_change_it_at_once_all_have_their_way(office: Office) -> None:
    rules, olive, shop = office.rules, office.olive, office.shop
    changes: list[Callable[[], RuleCard]] = [
        lambda: rules.set_rate(olive, shop, 3, 100),
        lambda: rules.set_part(olive, shop, RulePart.GOLD, 150),
        lambda: rules.set_part(olive, shop, RulePart.DAY, 50),
        lambda: rules.set_part(olive, shop, RulePart.FIRST, 10),
        lambda: rules.add_hours(olive, shop, HOURS),
        lambda: rules.set_tag(olive, shop, "coffee", 200),
        lambda: rules.set_tag(olive, shop, "tea", 150),
        lambda: rules.set_part(olive, shop, RulePart.MINIMUM, 500),
    ]
    all_at_once(len(changes), lambda number: changes[number]())
    assert office.rule() == EarnRule(
        points=3,
        amount_minor_min=500,
        tiers={Tier.GOLD: 150},
        hours=(HOURS,),
        tags={"coffee": 200, "tea": 150},
        points_day_max=50,
        first_points=10,
    )


@pytest.mark.race
def test_the_last_place_for_hours_is_taken_once(office: Office) -> None:
    rules, olive, shop = office.rules, office.olive, office.shop
    for hour in range(7):
        rules.add_hours(olive, shop, HappyHours(200, (), time(hour), time(hour + 1)))
    late = [HappyHours(200, (), time(10 + number), time(11 + number)) for number in range(6)]
    outcomes = all_at_once(6, lambda number: rules.add_hours(olive, shop, late[number]), EarnRuleIsFull)
    assert sum(isinstance(outcome, EarnRuleIsFull) for outcome in outcomes) == 5
    assert len((office.rule() or EarnRule()).hours) == 8


def test_the_example_of_the_card_shows_what_the_rule_can_do(office: Office) -> None:
    rules, olive, shop = office.rules, office.olive, office.shop
    rules.set_part(olive, shop, RulePart.GOLD, 150)
    seen = rules.add_hours(olive, shop, HOURS)
    assert (seen.example, seen.earned and seen.earned.points) == (Example(1250, 4, 17 * 60, Tier.GOLD), 37)
    rules.set_part(olive, shop, RulePart.MINIMUM, 2000)
    example = rules.card(olive, shop).example
    assert example is not None
    assert example.amount_minor == 2000
    rules.set_tag(olive, shop, "coffee", 300)
    tried = rules.preview(olive, shop, Example(2000, 0, 600), words="black coffee")
    assert tried.earned is not None
    assert (tried.earned.base, tried.earned.points) == (20, 60)
