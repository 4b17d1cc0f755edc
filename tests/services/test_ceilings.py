"""No shop mints without limit: the operator's ceilings hold, also for sales at once, and large sales wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from loyalty.ceilings import ReviewState
from loyalty.errors import NotFound, ReviewOver
from loyalty.members import Address, Member, Tier
from loyalty.points import Balance
from loyalty.purchases import Channel
from loyalty.services.earning import RecordedPurchase
from storage.database import Database
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant
from tests.kit.till import Till

Tills = Callable[..., Till]
OLGA = Address("telegram", "9000")


@pytest.fixture
def open_till(database: Database, clock: FrozenClock) -> Iterator[Tills]:
    """Opens a till of a club with some of its numbers turned; in the end its books are audited."""
    opened: list[Till] = []

    def open_one(**programme: Any) -> Till:
        opened.append(Till(database, clock, operators=frozenset({OLGA}), **programme))
        return opened[-1]

    yield open_one
    for till in opened:
        till.check()


def operator(till: Till) -> Member:
    return till.club.members.enrol(OLGA, name="Olga", client_language="en").member


def test_an_owner_sets_caps_away_and_sells_for_a_thousand(open_till: Tills) -> None:
    till = open_till()
    olga, (ana,) = operator(till), till.customers("Ana")
    till.rule(points=100_000, per_minor=1, first_points=50_000_000)
    recorded = till.books(ana, 100_000)
    assert sum(award.points for award in recorded.awards) == 20_000, "as many as any purchase brings"
    assert till.balance(ana) == Balance(pending=20_000)
    assert till.told(olga) == ["sale_held", "ceiling_reached"]
    till.books(ana, 100_000)
    assert till.balance(ana) == Balance(pending=20_000), "and any member in a day"


def test_a_member_gets_no_more_in_a_day_from_all_shops_together(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(points_member_day_max=100)
    (ana,) = till.customers("Ana")
    other = add_merchant(till.units, "Red Door")
    till.club.purchases.set_rule(other, till.club.purchases.rule(till.shop_id))  # type: ignore[arg-type]
    till.books(ana, 7_000)
    till.club.purchases.record(ana.id, other, 7_000, key="other", actor="test")
    assert till.balance(ana).available == 100
    clock.advance(days=1)
    till.books(ana, 7_000)
    assert till.balance(ana).available == 170


def test_a_shop_gives_no_more_in_a_day_and_in_a_month(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(points_shop_day_max=100, points_shop_month_max=250)
    olga = operator(till)
    people = till.customers("Ana", "Bo")
    given = []
    for _ in range(4):
        for person in people:
            till.books(person, 7_000)
        given.append(sum(till.balance(person).available for person in people))
        clock.advance(days=1)
    assert given == [100, 200, 250, 250]
    assert till.told(olga) == ["ceiling_reached"] * 4, "once a day"
    clock.advance(days=30)
    till.books(people[0], 7_000)
    assert sum(till.balance(person).available for person in people) == 320


def test_what_is_taken_back_makes_room_again(open_till: Tills) -> None:
    till = open_till(points_shop_day_max=100)
    ana, bo = till.customers("Ana", "Bo")
    cato = till.cashier("Cato")
    first = till.books(ana, 6_000)
    mistake = till.sells(cato, ana, "40")
    till.refunds(first, 3_000)
    till.club.till.undo(cato, mistake.sold.purchase.id)
    assert till.books(bo, 9_000).purchase.earned.points == 70


def test_an_import_of_what_was_bought_long_ago_is_the_operators_own(open_till: Tills) -> None:
    till = open_till(points_shop_day_max=10)
    (ana,) = till.customers("Ana")
    assert till.books(ana, 900_000, channel=Channel.IMPORT).purchase.earned.points == 9_000
    assert till.balance(ana).available == 9_000
    assert till.books(ana, 700).purchase.earned.points == 7


@pytest.mark.race
def test_sixteen_sales_at_once_never_pass_the_shops_ceiling(open_till: Tills) -> None:
    till = open_till(points_shop_day_max=1_000)
    people = till.customers(*(f"Friend{number}" for number in range(16)))
    outcomes = all_at_once(16, lambda number: till.books(people[number], 15_000, key=f"sale:{number}"))
    given = [one.purchase.earned.points for one in outcomes if isinstance(one, RecordedPurchase)]
    assert sorted(given) == [0] * 9 + [100] + [150] * 6
    assert sum(till.balance(person).available for person in people) == 1_000


# Large sales


def test_a_large_sale_waits_and_is_let_through(open_till: Tills) -> None:
    till = open_till(review_points=1_000)
    olga, (zoe, ana) = operator(till), till.customers("Zoe", "Ana")
    till.refers(zoe, ana)
    sale = till.books(ana, 250_000)
    assert till.balance(ana) == Balance(pending=2_500 + 20)
    assert till.club.tiers.standing(ana.id).tier is Tier.MEMBER
    till.books(ana, 100)
    assert till.club.tiers.standing(ana.id).tier is Tier.MEMBER, "it does not count yet"
    assert till.told(olga) == ["sale_held"]
    (waits,) = till.club.reviews.page().reviews
    assert (waits.purchase_id, waits.points, waits.shop, waits.buyer) == (sale.purchase.id, 2_500, "Corner", "Ana")
    for _ in range(2):
        assert till.club.reviews.release(waits.purchase_id, actor="operator:1").state is ReviewState.RELEASED
    assert till.balance(ana) == Balance(available=2_500 + 20 + 1)
    assert till.balance(zoe) == Balance(available=50)
    assert till.club.tiers.standing(ana.id).tier is Tier.GOLD
    assert till.club.reviews.page().reviews == ()
    with pytest.raises(ReviewOver):
        till.club.reviews.refuse(waits.purchase_id, actor="operator:1")


def test_a_large_sale_is_refused_as_if_it_had_never_been(open_till: Tills) -> None:
    till = open_till(review_points=1_000)
    till.rule(first_points=30)
    ana, bo = till.customers("Ana", "Bo")
    sale = till.books(ana, 250_000, receipt="A-1")
    for _ in range(2):
        assert till.club.reviews.refuse(sale.purchase.id, actor="operator:1").state is ReviewState.REFUSED
    assert till.balance(ana) == Balance()
    assert till.books(bo, 500, receipt="A-1").purchase.earned.points == 5
    assert [award.points for award in till.books(ana, 500).awards] == [5, 30]
    with pytest.raises(ReviewOver):
        till.club.reviews.release(sale.purchase.id, actor="operator:1")
    with pytest.raises(NotFound):
        till.club.reviews.release(2**40, actor="operator:1")


def test_nobody_looks_and_the_points_come_after_three_days(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(review_points=1_000)
    (ana,) = till.customers("Ana")
    sale = till.books(ana, 250_000)
    assert sale.releases_at == clock() + timedelta(days=3)
    clock.advance(days=3)
    till.club.points.confirm_due()
    assert till.balance(ana) == Balance(available=2_500)
    assert till.club.tiers.review_due() > 0
    assert till.club.tiers.standing(ana.id).tier is Tier.GOLD


def test_a_large_sale_that_the_shop_undoes_waits_no_more(open_till: Tills) -> None:
    till = open_till(review_points=1_000)
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    booked = till.sells(cato, ana, "2500")
    assert booked.review is not None
    till.club.till.undo(cato, booked.sold.purchase.id)
    assert till.club.reviews.page().reviews == ()
    with pytest.raises(ReviewOver):
        till.club.reviews.release(booked.sold.purchase.id, actor="operator:1")
    assert till.balance(ana) == Balance()


@pytest.mark.race
def test_of_release_and_refusal_at_once_one_counts(open_till: Tills) -> None:
    till = open_till(review_points=1_000)
    (ana,) = till.customers("Ana")
    number = till.books(ana, 250_000).purchase.id
    ways = (till.club.reviews.release, till.club.reviews.refuse)
    outcomes = all_at_once(8, lambda each: ways[each % 2](number, actor="operator:1"), ReviewOver)
    assert sum(isinstance(outcome, ReviewOver) for outcome in outcomes) == 4
    assert till.balance(ana) in (Balance(available=2_500), Balance())
