"""Purchases on real databases: what they give to whom, once, and how a refund takes it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from loyalty.earning import Cap, Cut, EarnRule, HappyHours
from loyalty.errors import InvalidPurchase, KeyReused, NotFound, PurchaseRefundTooLarge, ReceiptUsed, Refusal
from loyalty.members import Birthday, Member, Tier
from loyalty.movements import Shown
from loyalty.points import Balance, Recorded, RefundPolicy
from loyalty.programme import Programme
from loyalty.purchases import AwardRole, Channel, TakenBack
from loyalty.referrals import ReferralEvent
from loyalty.services import ledger
from loyalty.services.earning import RecordedPurchase
from loyalty.services.refunds import RefundedPurchase
from storage.books import postings, transactions
from storage.database import Database
from storage.purchases import purchases
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant
from tests.kit.till import Till

Tills = Callable[..., Till]


@pytest.fixture
def open_till(database: Database, clock: FrozenClock) -> Iterator[Tills]:
    """Opens a till of a club with some of its numbers turned; in the end its books are audited."""
    opened: list[Till] = []

    def open_one(**programme: Any) -> Till:
        opened.append(Till(database, clock, **programme))
        return opened[-1]

    yield open_one
    for till in opened:
        till.check()


@pytest.fixture
def till(open_till: Tills) -> Till:
    return open_till()


# What a purchase gives


def test_a_purchase_gives_points_that_its_shop_pays_for(till: Till) -> None:
    (ana,) = till.customers("Ana")
    recorded = till.books(ana, 1250, receipt="A 17", tags=("beans",), note="Beans")
    assert (recorded.is_replay, recorded.releases_at) == (False, None)
    assert [(award.member_id, award.role, award.points) for award in recorded.awards] == [(ana.id, AwardRole.BUYER, 12)]
    assert till.balance(ana) == Balance(available=12)
    with till.database.engine.connect() as connection:
        query = select(postings.c.account, postings.c.merchant_id).where(postings.c.amount == -12)
        assert connection.execute(query).all() == [("funding", till.shop_id)]
        causes = connection.execute(select(transactions.c.cause)).scalars().all()
    assert causes == [f"purchase:{recorded.purchase.id}"]
    with till.units() as uow:
        assert uow.purchases.get(recorded.purchase.id) == recorded.purchase
        movement = uow.movements.page(ana.id, before_id=None, limit=1, shown=Shown.EARNED)[0]
    subject = movement.subject
    assert subject is not None
    assert subject.price is not None
    assert (subject.name, subject.receipt, subject.price.minor) == ("Beans", "A 17", 1250)


def test_a_rule_comes_back_as_it_was_set(till: Till) -> None:
    rule = EarnRule(
        points=3,
        per_minor=250,
        amount_minor_min=400,
        tiers={Tier.SILVER: 120, Tier.GOLD: 150},
        hours=(HappyHours(200, (4, 5)), HappyHours(150)),
        tags={"beans": 130},
        points_day_max=50,
        points_month_max=400,
        first_points=10,
        birthday_points=20,
    )
    till.club.purchases.set_rule(till.shop_id, rule)
    assert till.club.purchases.rule(till.shop_id) == rule
    with pytest.raises(NotFound):
        till.club.purchases.set_rule(till.shop_id + 99, rule)


def test_what_is_bought_online_is_pending_until_it_cannot_be_brought_back(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    recorded = till.books(ana, 5000, channel=Channel.ONLINE)
    assert recorded.releases_at == clock() + timedelta(days=14)
    assert till.balance(ana) == Balance(pending=50)
    clock.advance(days=14, seconds=-1)
    assert till.club.points.confirm_due() == 0
    clock.advance(seconds=1)
    assert till.club.points.confirm_due() == 1
    assert till.balance(ana) == Balance(available=50)


def test_an_online_purchase_that_is_imported_late_waits_only_for_the_rest(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    recorded = till.books(ana, 5000, channel=Channel.ONLINE, at=clock() - timedelta(days=10))
    assert recorded.releases_at == clock() + timedelta(days=4)
    late = till.books(ana, 700, channel=Channel.ONLINE, at=clock() - timedelta(days=20))
    assert late.releases_at is None
    assert till.balance(ana) == Balance(available=7, pending=50)


def test_a_till_whose_clock_is_ahead_books_now(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    assert till.books(ana, 100, at=clock() + timedelta(days=400)).purchase.wish.at == clock()


def test_a_purchase_that_earns_nothing_is_booked_without_a_transaction(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(amount_minor_min=500, points_day_max=10)
    before = till.count()
    small, capped, refused = till.books(ana, 499), till.books(ana, 1500), till.books(ana, 900)
    assert [one.purchase.earned.points for one in (small, capped, refused)] == [0, 10, 0]
    assert small.purchase.earned.cuts == (Cut(Cap.MINIMUM, 4),)
    assert refused.purchase.earned.cuts == (Cut(Cap.DAY, 9),)
    after = till.count()
    assert after["purchases"] - before["purchases"] == 3
    assert after["transactions"] - before["transactions"] == 1
    assert till.told(ana) == ["purchase"]
    other = add_merchant(till.units, "No rule")
    assert till.club.purchases.record(ana.id, other, 5000, key="x", actor="test").awards == ()


def test_a_quote_says_what_will_be_earned_and_writes_nothing(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(hours=(HappyHours(200, weekdays=(4,)),), first_points=30, points_day_max=40)
    before = till.count()
    quoted = till.club.purchases.quote(ana.id, till.shop_id, 2500)
    assert till.count() == before
    assert (quoted.points, quoted.earned.points, quoted.earned.cuts) == (70, 40, (Cut(Cap.DAY, 10),))
    recorded = till.books(ana, 2500)
    assert recorded.purchase.earned == quoted.earned
    assert till.balance(ana) == Balance(available=70)
    assert till.club.purchases.quote(ana.id, till.shop_id, 2500).points == 0
    with pytest.raises(NotFound):
        till.club.purchases.quote(ana.id + 99, till.shop_id, 2500)


def test_caps_begin_anew_with_the_clubs_day_and_month(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(timezone="Asia/Taipei")  # where it is six in the evening of the first of May
    (ana,) = till.customers("Ana")
    till.rule(points_day_max=30, points_month_max=50)
    assert till.books(ana, 4000).purchase.earned.points == 30
    clock.advance(hours=6)
    assert till.books(ana, 4000).purchase.earned.points == 20
    clock.advance(days=10)
    assert till.books(ana, 4000).purchase.earned.points == 0
    assert till.books(ana, 500, at=clock() - timedelta(days=30)).purchase.earned.points == 5, "April had room"
    clock.advance(days=22)
    assert till.books(ana, 4000).purchase.earned.points == 30


def test_what_is_brought_back_makes_room_below_the_cap_again(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(points_day_max=30)
    first = till.books(ana, 3000)
    till.refunds(first, 1050)
    assert till.balance(ana) == Balance(available=20)
    assert till.books(ana, 3000).purchase.earned.points == 10
    assert till.books(ana, 3000).purchase.earned.points == 0
    assert till.balance(ana) == Balance(available=30)


def test_the_first_purchase_and_the_birthday_month_bring_a_bonus_each_once(till: Till, clock: FrozenClock) -> None:
    ana, bo = till.customers("Ana", "Bo")
    with till.units() as uow:
        uow.members.celebrate(ana.id, Birthday(5, 20), clock() - timedelta(days=200))
        uow.members.celebrate(bo.id, Birthday(5, 20), clock() - timedelta(days=3))
        uow.commit()
    till.rule(first_points=30, birthday_points=15, amount_minor_min=100, points_day_max=20)
    assert till.books(ana, 50).awards == (), "too small to be the first"
    assert [(one.role, one.points) for one in till.books(ana, 2500).awards] == [
        (AwardRole.BUYER, 20),
        (AwardRole.FIRST, 30),
        (AwardRole.BIRTHDAY, 15),
    ]
    clock.advance(days=1)
    assert [one.role for one in till.books(ana, 1000).awards] == [AwardRole.BUYER]
    clock.advance(days=365)
    assert [one.role for one in till.books(ana, 1000).awards] == [AwardRole.BUYER, AwardRole.BIRTHDAY]
    assert till.balance(ana).available == 20 + 30 + 15 + 10 + 10 + 15
    clock.advance(days=-365)
    assert [one.role for one in till.books(bo, 1000).awards] == [AwardRole.BUYER, AwardRole.FIRST], "told too late"


def test_a_bonus_goes_back_whole_and_does_not_come_again(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(first_points=30)
    first = till.books(ana, 1000)
    assert till.refunds(first, 999).refund.taken == (TakenBack(ana.id, AwardRole.BUYER, 9),)
    assert till.balance(ana) == Balance(available=31)
    assert till.refunds(first, 1).refund.taken == (
        TakenBack(ana.id, AwardRole.BUYER, 1),
        TakenBack(ana.id, AwardRole.FIRST, 30),
    )
    assert till.balance(ana) == Balance()
    assert [one.role for one in till.books(ana, 1000).awards] == [AwardRole.BUYER]


# Once


def test_the_same_key_answers_with_the_first_result(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    till.rule(first_points=5)
    first = till.books(ana, 1250, key="k", tags=("cake", "beans"), channel=Channel.ONLINE)
    before, balance = till.count(), till.balance(ana)
    clock.advance(days=3)
    till.rule(points=9)
    again = till.books(ana, 1250, key="k", tags=("beans", "cake"), channel=Channel.ONLINE)
    assert again.is_replay
    assert (again.purchase, again.awards, again.releases_at) == (first.purchase, first.awards, first.releases_at)
    assert (till.count(), till.balance(ana)) == (before, balance)


@pytest.mark.parametrize(
    "change", [{"amount_minor": 1251}, {"receipt": "B"}, {"tags": ("x",)}, {"channel": Channel.IMPORT}]
)
def test_a_key_with_other_content_is_refused(till: Till, change: dict[str, Any]) -> None:
    ana, bo = till.customers("Ana", "Bo")
    till.books(ana, 1250, key="k")
    before = till.count()
    with pytest.raises(KeyReused):
        till.books(ana, **{"amount_minor": 1250, "key": "k", **change})
    with pytest.raises(KeyReused):
        till.books(bo, 1250, key="k")
    assert till.count() == before


def test_the_same_receipt_is_booked_once_whoever_brings_it(till: Till) -> None:
    ana, bo = till.customers("Ana", "Bo")
    first = till.books(ana, 1250, receipt="A 17")
    before = till.count()
    again = till.books(ana, 1250, receipt=" A  17 ", key="import:1", channel=Channel.IMPORT)
    assert again.is_replay
    assert again.purchase == first.purchase
    for member, amount in ((ana, 1251), (bo, 1250)):
        with pytest.raises(ReceiptUsed) as refused:
            till.books(member, amount, receipt="A 17")
        assert (refused.value.receipt, refused.value.at) == ("A 17", first.purchase.wish.at)
    assert till.count() == before
    other = add_merchant(till.units, "Other shop")
    elsewhere = till.club.purchases.record(ana.id, other, 990, key="o", actor="test", receipt="A 17")
    assert not elsewhere.is_replay, "receipts are the shop's own"


def test_a_refund_is_taken_once_per_key(till: Till) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 1000)
    first = till.refunds(bought, 300, key="r")
    before = till.count()
    again = till.refunds(bought, 300, key="r")
    assert again.is_replay
    assert again.refund == first.refund
    assert till.count() == before
    for amount, of in ((301, bought), (300, till.books(ana, 1000))):
        with pytest.raises(KeyReused):
            till.refunds(of, amount, key="r")
    assert till.balance(ana) == Balance(available=17)


@pytest.mark.parametrize("amount", [0, -5, 12.5, 10**11])
def test_amounts_that_cannot_be_change_nothing(till: Till, amount: Any) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 1000)
    before = till.count()
    for call in (lambda: till.books(ana, amount), lambda: till.refunds(bought, amount)):
        with pytest.raises(InvalidPurchase):
            call()
    assert till.count() == before


def test_strangers_are_named(till: Till) -> None:
    (ana,) = till.customers("Ana")
    before = till.count()
    for call, noun in (
        (lambda: till.club.purchases.record(999, till.shop_id, 100, key="a", actor="test"), "member"),
        (lambda: till.club.purchases.record(ana.id, 999, 100, key="a", actor="test"), "merchant"),
        (lambda: till.club.purchases.refund(999, 100, key="a", actor="test"), "purchase"),
    ):
        with pytest.raises(NotFound) as refused:
            call()
        assert refused.value.noun == noun
    assert till.count() == before


# Refunds


@pytest.mark.parametrize("parts", [(1250,), (625, 625), (1, 1248, 1), (333, 333, 333, 251)])
def test_refunds_of_any_split_take_the_whole_award(till: Till, parts: tuple[int, ...]) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 1250)
    left = [12]
    for part in parts:
        till.refunds(bought, part)
        left.append(till.balance(ana).available)
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
    with pytest.raises(PurchaseRefundTooLarge) as refused:
        till.refunds(bought, 1)
    assert refused.value.left_minor == 0


def test_no_more_is_refunded_than_was_paid(till: Till) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 1000)
    till.refunds(bought, 700)
    before = till.count()
    with pytest.raises(PurchaseRefundTooLarge) as refused:
        till.refunds(bought, 301)
    assert (refused.value.amount_minor, refused.value.left_minor) == (301, 300)
    assert till.count() == before
    with till.database.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(update(purchases).values(refunded_minor=1001))


def test_a_refund_takes_pending_points_before_their_release_and_free_ones_after(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 5000, channel=Channel.ONLINE)
    till.refunds(bought, 2000)
    assert till.balance(ana) == Balance(pending=30)
    clock.advance(days=14)
    till.club.points.confirm_due()
    assert till.balance(ana) == Balance(available=30)
    till.refunds(bought, 3000)
    assert till.balance(ana) == Balance()


def test_a_purchase_brought_back_in_time_releases_nothing(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    till.refunds(till.books(ana, 5000, channel=Channel.ONLINE), 5000)
    clock.advance(days=30)
    till.club.points.confirm_due()
    assert till.balance(ana) == Balance()


def test_spent_points_leave_a_debt_that_the_next_purchase_fills(till: Till) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 5000)
    till.spends(ana, 40)
    assert till.refunds(bought, 5000).taken_from(ana.id) == 50
    assert till.balance(ana) == Balance(available=-40, owed=40)
    till.books(ana, 2500)
    assert till.balance(ana) == Balance(available=-15, owed=15)
    till.books(ana, 2500)
    assert till.balance(ana) == Balance(available=10)


def test_a_club_that_clamps_writes_off_what_was_spent(open_till: Tills) -> None:
    till = open_till(refund_policy=RefundPolicy.CLAMP_TO_ZERO)
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 5000)
    till.spends(ana, 40)
    assert till.refunds(bought, 5000).taken_from(ana.id) == 10, "what was spent is not said to have gone back"
    assert till.balance(ana) == Balance()
    with till.database.engine.connect() as connection:
        query = select(postings.c.amount).where(postings.c.account == "written_off")
        assert connection.execute(query).scalars().all() == [-40]


def test_points_that_expired_cost_nothing_when_the_purchase_comes_back(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    bought = till.books(ana, 5000)
    clock.advance(days=400)
    till.club.points.expire_due()
    till.books(ana, 700)
    assert till.refunds(bought, 5000).taken_from(ana.id) == 0
    assert till.balance(ana) == Balance(available=7)


def test_what_the_club_took_back_by_hand_is_not_taken_twice(till: Till, clock: FrozenClock) -> None:
    (ana,) = till.customers("Ana")
    bought, undone = till.books(ana, 1000), till.books(ana, 1000)
    with till.units() as uow:
        tx = bought.awards[0].transaction_id
        ledger.refund(uow, till.programme, tx, 8, key="hand", cause="test", actor="test", at=clock())
        ledger.reverse(uow, till.programme, undone.awards[0].transaction_id, actor="test", at=clock())
        uow.commit()
    assert till.refunds(bought, 500).refund.taken == ()
    assert till.refunds(bought, 500).refund.taken == (TakenBack(ana.id, AwardRole.BUYER, 2),)
    assert till.refunds(undone, 1000).refund.taken == ()
    assert till.balance(ana) == Balance()


# Commissions and referrals


def test_commissions_go_up_two_levels_and_wait_a_day(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10, 4))
    zoe, ana, bo, cy = till.customers("Zoe", "Ana", "Bo", "Cy")
    till.refers(zoe, ana, bo, cy)
    recorded = till.books(cy, 12_900)
    assert [(one.member_id, one.points, one.level) for one in recorded.awards] == [
        (cy.id, 129, 0),
        (bo.id, 12, 1),
        (ana.id, 5, 2),
    ]
    assert [till.balance(one) for one in (bo, ana, zoe)] == [Balance(pending=12), Balance(pending=5), Balance()]
    clock.advance(days=1)
    till.club.points.confirm_due()
    assert [till.balance(one).available for one in (bo, ana)] == [12, 5]
    with till.database.engine.connect() as connection:
        query = select(transactions.c.cause).where(transactions.c.kind == "commission").order_by(transactions.c.id)
        number = recorded.purchase.id
        assert connection.execute(query).scalars().all() == [f"commission:{number}:1", f"commission:{number}:2"]
        issued = select(postings.c.amount).where(postings.c.account == "issued").order_by(postings.c.id)
        assert connection.execute(issued).scalars().all() == [-12, -5], "the club pays"


def test_commissions_of_online_purchases_wait_for_the_return_window(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10,))
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    till.books(bo, 10_000, channel=Channel.ONLINE)
    clock.advance(days=13)
    assert till.club.points.confirm_due() == 0
    clock.advance(days=1)
    assert till.club.points.confirm_due() == 2
    assert (till.balance(ana), till.balance(bo)) == (Balance(available=10), Balance(available=100))


def test_commissions_end_after_their_months(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10,), commission_months=2)
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    clock.advance(days=61, seconds=-1)  # until the first of July
    assert len(till.books(bo, 10_000).awards) == 2
    clock.advance(seconds=1)
    assert len(till.books(bo, 10_000).awards) == 1


def test_bonuses_and_crumbs_bring_no_commission(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10,))
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    till.rule(first_points=500)
    assert [one.role for one in till.books(bo, 900).awards] == [AwardRole.BUYER, AwardRole.FIRST]
    assert till.told(ana) == []


def test_a_refund_claws_commissions_back_by_their_share(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10, 5))
    ana, bo, cy = till.customers("Ana", "Bo", "Cy")
    till.refers(ana, bo, cy)
    bought = till.books(cy, 10_000)
    assert till.refunds(bought, 5_500).refund.taken == (
        TakenBack(cy.id, AwardRole.BUYER, 55),
        TakenBack(bo.id, AwardRole.COMMISSION, 5, 1),
        TakenBack(ana.id, AwardRole.COMMISSION, 2, 2),
    )
    clock.advance(days=1)
    till.club.points.confirm_due()
    till.spends(bo, 5)
    till.refunds(bought, 4_500)
    assert [till.balance(one).available for one in (cy, bo, ana)] == [0, -5, 0]
    till.books(bo, 700)
    assert till.balance(bo) == Balance(available=2)


def test_the_first_purchase_qualifies_a_referral_and_its_return_claws_both_sides_back(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.PURCHASE)
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    till.club.points.check_in(bo)
    assert till.balance(ana) == Balance()
    assert [one.role for one in till.books(bo, 50).awards] == [], "it earned nothing, so it is none"
    first = till.books(bo, 1000)
    assert (till.balance(ana).available, till.balance(bo).available) == (50, 1 + 10 + 20)
    till.books(bo, 1000)
    assert till.balance(ana).available == 50, "a friend qualifies once"
    till.refunds(first, 500)
    assert (till.balance(ana).available, till.balance(bo).available) == (50, 1 + 5 + 20 + 10)
    till.refunds(first, 500)
    assert (till.balance(ana).available, till.balance(bo).available) == (0, 1 + 10)
    till.books(bo, 1000)
    assert till.balance(ana).available == 0, "and does not qualify anew"


def test_a_first_purchase_online_qualifies_when_it_cannot_be_brought_back(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(referral_event=ReferralEvent.PURCHASE)
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    till.books(bo, 1000, channel=Channel.ONLINE)
    assert (till.balance(ana), till.balance(bo)) == (Balance(pending=50), Balance(pending=30))
    clock.advance(days=14)
    till.club.points.confirm_due()
    assert (till.balance(ana), till.balance(bo)) == (Balance(available=50), Balance(available=30))


def test_by_default_a_purchase_qualifies_and_a_check_in_does_not(till: Till) -> None:
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    assert till.club.points.check_in(bo).referral_points == 0
    assert till.balance(ana) == Balance()
    till.books(bo, 1000)
    assert till.balance(ana) == Balance(available=50)


def test_a_club_may_let_a_check_in_qualify(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN)
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    till.books(bo, 1000)
    assert till.balance(ana) == Balance()
    assert till.club.points.check_in(bo).referral_points == 20
    assert till.balance(ana) == Balance(available=50)


@pytest.mark.parametrize("caps", [{"referrals_day_max": 0}, {"referrals_month_max": 0}])
def test_check_ins_bring_nothing_without_caps(caps: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="only with caps"):
        Programme(referral_event=ReferralEvent.CHECK_IN, **caps)


def test_sixty_throw_away_accounts_bring_ten_rewards_a_day_and_fifty_a_month(
    open_till: Tills, clock: FrozenClock
) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN)
    (ana,) = till.customers("Ana")
    friends = till.customers(*(f"Friend{number}" for number in range(70)))
    for friend in friends:
        till.refers(ana, friend)
    for friend in friends:
        till.club.points.check_in(friend)
    assert till.balance(ana) == Balance(available=10 * 50)
    assert till.told(ana).count("referral_waits") == 60, "each once"
    for day in range(1, 8):
        clock.advance(days=1)
        for friend in friends:
            till.club.points.check_in(friend)
        assert till.balance(ana) == Balance(available=50 * min(10 * (day + 1), 50)), day
    assert till.told(ana).count("referral_waits") == 60


def test_a_friend_above_the_cap_qualifies_with_the_next_purchase(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till(referrals_day_max=1)
    ana, bo, cy = till.customers("Ana", "Bo", "Cy")
    for friend in (bo, cy):
        till.refers(ana, friend)
        till.books(friend, 1000)
    assert (till.balance(ana).available, till.balance(cy).available) == (50, 10)
    clock.advance(days=1)
    till.books(cy, 1000)
    assert (till.balance(ana).available, till.balance(cy).available) == (100, 10 + 10 + 20)


@pytest.mark.race
def test_sixteen_friends_who_buy_at_once_never_pass_the_referrers_cap(open_till: Tills) -> None:
    till = open_till(referrals_day_max=5)
    (ana,) = till.customers("Ana")
    friends = till.customers(*(f"Friend{number}" for number in range(16)))
    for friend in friends:
        till.refers(ana, friend)
    all_at_once(16, lambda number: till.books(friends[number], 1000, key=f"sale:{number}"))
    assert till.balance(ana) == Balance(available=5 * 50)


def test_who_gets_or_loses_points_is_told_once(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10,))
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    bought = till.books(bo, 5000, key="k")
    till.books(bo, 5000, key="k")
    till.refunds(bought, 100, key="r")
    till.refunds(bought, 100, key="r")
    till.refunds(bought, 1)  # less than a point's worth
    assert till.told(bo) == ["purchase", "refunded"]
    assert till.told(ana) == ["commission"]


# Many at once


@pytest.mark.race
def test_eight_purchases_at_once_do_not_exceed_the_cap(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(points_day_max=50, points_month_max=50)
    outcomes = all_at_once(8, lambda number: till.books(ana, 1000 + number * 100, key=f"k{number}"), Refusal)
    assert all(isinstance(outcome, RecordedPurchase) for outcome in outcomes)
    assert till.balance(ana) == Balance(available=50)
    assert till.count()["purchases"] == 8


@pytest.mark.race
def test_eight_tills_with_one_key_book_once(till: Till) -> None:
    (ana,) = till.customers("Ana")
    till.rule(first_points=5)
    outcomes = all_at_once(8, lambda _: till.books(ana, 1000, key="k", receipt="R"), Refusal)
    replays = sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, RecordedPurchase))
    assert replays == [False] + [True] * 7
    assert till.balance(ana) == Balance(available=15)


@pytest.mark.race
def test_of_eight_people_with_one_receipt_one_gets_the_points(till: Till) -> None:
    people = till.customers(*"ABCDEFGH")
    outcomes = all_at_once(8, lambda number: till.books(people[number], 1000, receipt="R", key=f"k{number}"), Refusal)
    assert sum(isinstance(outcome, RecordedPurchase) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ReceiptUsed) for outcome in outcomes) == 7
    assert sorted(till.balance(one).available for one in people) == [0] * 7 + [10]


@pytest.mark.race
def test_eight_first_purchases_at_once_bring_one_bonus(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.PURCHASE)
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    till.rule(first_points=30)
    all_at_once(8, lambda number: till.books(bo, 1000, key=f"k{number}"), Refusal)
    assert (till.balance(ana).available, till.balance(bo).available) == (50, 8 * 10 + 30 + 20)


@pytest.mark.race
def test_refunds_at_once_take_no_more_than_was_given(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10,))
    ana, bo = till.customers("Ana", "Bo")
    till.refers(ana, bo)
    bought = till.books(bo, 10_000)
    outcomes = all_at_once(8, lambda number: till.refunds(bought, 1_700, key=f"r{number}"), Refusal)
    assert sum(isinstance(outcome, RefundedPurchase) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, PurchaseRefundTooLarge) for outcome in outcomes) == 3
    assert (till.balance(ana), till.balance(bo)) == (Balance(pending=2), Balance(available=15))


@pytest.mark.race
def test_people_who_earn_for_each_other_do_not_wait_crosswise(open_till: Tills) -> None:
    """Older members brought by younger ones: purchases, check-ins and transfers meet from both sides."""
    till = open_till(referral_event=ReferralEvent.CHECK_IN, commission_percent=(10, 10))
    older, younger, youngest = till.customers("Older", "Younger", "Youngest")
    till.refers(youngest, older, younger)
    for member in (older, younger):
        till.books(member, 100_000)

    def send(sender: Member, receiver: Member, number: int) -> Recorded:
        with till.units() as uow:
            at = till.clock()
            sent = ledger.transfer(uow, sender.id, receiver.id, 1, key=f"t{number}", cause="t", actor="test", at=at)
            uow.commit()
        return sent

    def act(number: int) -> object:
        match number % 4:
            case 0:
                return send(older, younger, number)
            case 1:
                return send(younger, older, number)
            case 2:
                return till.books(younger, 10_000, key=f"k{number}")
            case _:
                return till.club.points.check_in(older if number == 3 else younger) if number < 8 else None

    outcomes = all_at_once(16, act, Refusal)
    assert not any(isinstance(outcome, Refusal) for outcome in outcomes)
    assert till.balance(younger) == Balance(available=1000 + 4 * 100 + 1 + 20)
    assert till.balance(older) == Balance(available=1000 + 1 + 20 + 50, pending=100 + 4 * 10)
    assert till.balance(youngest) == Balance(available=50, pending=100 + 100 + 4 * 10)
