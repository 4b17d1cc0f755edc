"""The till on real databases: who is found, what is booked once, and how a mistake goes away without a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from loyalty.codes import grouped
from loyalty.errors import (
    AmountRefused,
    CustomerNotFound,
    InvalidPurchase,
    KeyReused,
    NotAllowed,
    NotFound,
    OwnPurchase,
    PurchaseRefundTooLarge,
    ReceiptUsed,
    Refusal,
    SaleForgotten,
    UndoRefused,
    VoucherRefused,
    VoucherUndoRefused,
)
from loyalty.members import Birthday, Member, Tier
from loyalty.merchants import Role
from loyalty.points import Balance
from loyalty.purchases import AwardRole, Channel, Standing
from loyalty.referrals import ReferralEvent
from loyalty.services.customers import Candidates, Face
from loyalty.services.till import Booked, Sale, TakenBackSale
from loyalty.vouchers import Voucher, VoucherState
from storage.database import Database
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, add_reward, appoint, enrol
from tests.kit.till import Till, know

Tills = Callable[..., Till]
CARD = "7F3K9QWE"


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


@pytest.fixture
def cato(till: Till) -> Member:
    return till.cashier("Cato")


@pytest.fixture
def ana(till: Till) -> Member:
    (ana,) = till.customers("Ana Maria Lopez")
    know(till.database, ana, card=CARD)
    return ana


def voucher_of(till: Till, member: Member, shop_id: int | None = None, **facts: Any) -> Voucher:
    reward_id = add_reward(till.units, shop_id or till.shop_id, **facts)
    points = facts.get("points", 80)
    till.club.operators.adjust(member.id, points, "test", key=f"for:{reward_id}", actor="test")
    return till.club.rewards.redeem(member, reward_id, "ABCD2345").voucher


# Who is found


@pytest.mark.parametrize(
    "typed", [CARD, CARD.lower(), grouped(CARD), "7F3K-9QWE", " 7f3k 9qwe ", "７Ｆ３Ｋ９ＱＷＥ", f"c_{CARD}"]
)
def test_a_customer_is_found_by_the_code_of_the_card(till: Till, cato: Member, ana: Member, typed: str) -> None:
    assert till.club.till.find(cato, till.shop_id, typed) == Face(ana.id, "Ana", Tier.MEMBER)
    link = f"https://t.me/perkchat_bot?start=c_{CARD}"
    assert till.club.till.find(cato, till.shop_id, link) == Face(ana.id, "Ana", Tier.MEMBER)


def test_letters_that_look_alike_are_one(till: Till, cato: Member) -> None:
    (bo,) = till.customers("Bo")
    know(till.database, bo, card="10V01234")
    assert till.club.till.find(cato, till.shop_id, "IOU0-l234") == Face(bo.id, "Bo", Tier.MEMBER)


def test_nobody_is_found_by_the_code_that_invites_friends(till: Till, cato: Member, ana: Member) -> None:
    code = till.club.members.enrol(ana.address, name="Ana", client_language="en").member.code
    for typed in (code, f"r_{code}", f"c_{code}", f"https://t.me/perkchat_bot?start=r_{code}"):
        with pytest.raises(CustomerNotFound):
            till.club.till.find(cato, till.shop_id, typed)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("7F3K9QWA", "code"),
        ("c_7F3K9QWA", "code"),
        ("c_", "code"),
        ("123", "short"),
        ("0123", "phone"),
        ("99999999", "phone"),
        ("1" * 16, "phone"),
        ("1" * 5000, "phone"),
        ("", "unreadable"),
        ("Ana", "unreadable"),
        ("s_7F3K9QWE", "unreadable"),
        ("'; DROP TABLE members; --", "unreadable"),
        ("%%%%", "unreadable"),
        ("____", "unreadable"),
        ("一二三四", "unreadable"),
    ],
)
def test_who_is_not_found_is_not_for_a_reason(till: Till, cato: Member, ana: Member, typed: str, reason: str) -> None:
    with pytest.raises(CustomerNotFound) as caught:
        till.club.till.find(cato, till.shop_id, typed)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "typed", ["4567", "0049 170 1234567", "+49 170 1234567", "0170 123-4567", "(0170) 1234567", "４５６７"]
)
def test_a_customer_is_found_by_the_end_of_the_phone(till: Till, cato: Member, typed: str) -> None:
    bo, cy = till.customers("Bo", "Cy")
    know(till.database, bo, phone="+491701234567")
    know(till.database, cy, phone="+491701234568")
    assert till.club.till.find(cato, till.shop_id, typed) == Face(bo.id, "Bo", Tier.MEMBER)


def test_of_several_with_that_ending_five_are_offered_and_the_whole_number_decides(till: Till, cato: Member) -> None:
    people = till.customers("Bo", "Cy", "Di", "Ed", "Flo", "Gus")
    for number, person in enumerate(people):
        know(till.database, person, phone=f"+49170{number}114567")
    found = till.club.till.find(cato, till.shop_id, "4567")
    assert isinstance(found, Candidates)
    assert ([face.first_name for face in found.faces], found.has_more) == (["Bo", "Cy", "Di", "Ed", "Flo"], True)
    know(till.database, people[5], phone="+491709999999")
    assert till.club.till.find(cato, till.shop_id, "4567") == Candidates(found.people, has_more=False)
    assert till.club.till.find(cato, till.shop_id, "0170 2114567") == found.faces[2]


def test_a_card_of_digits_goes_before_a_phone(till: Till, cato: Member) -> None:
    bo, cy = till.customers("Bo", "Cy")
    know(till.database, bo, card="12345678")
    know(till.database, cy, phone="+4912345678")
    assert till.club.till.find(cato, till.shop_id, "1234-5678") == Face(bo.id, "Bo", Tier.MEMBER)
    assert till.club.till.find(cato, till.shop_id, "012345678") == Face(cy.id, "Cy", Tier.MEMBER)


def test_a_voucher_is_found_by_its_code_and_its_link(till: Till, cato: Member, ana: Member) -> None:
    voucher = voucher_of(till, ana)
    for typed in (voucher.code, grouped(voucher.code), f"v_{voucher.code}", f"https://t.me/b?start=v_{voucher.code}"):
        assert till.club.till.find(cato, till.shop_id, typed) == voucher


def test_a_voucher_that_cannot_be_taken_is_refused_with_its_reason(
    till: Till, cato: Member, ana: Member, clock: FrozenClock
) -> None:
    other = add_merchant(till.units, "Red Door")
    appoint(till.units, other, cato, Role.OWNER)
    used, expired, elsewhere = voucher_of(till, ana), voucher_of(till, ana), voucher_of(till, ana, other)
    till.club.vouchers.use(cato, used.code)

    def reason(code: str) -> str:
        with pytest.raises(VoucherRefused) as caught:
            till.club.till.find(cato, till.shop_id, code)
        return caught.value.reason

    assert [reason(used.code), reason(elsewhere.code), reason("0" * 12 + "A")] == ["used", "other_merchant", "unknown"]
    clock.advance(days=91)
    assert reason(expired.code) == "expired"


# What is asked


def test_a_quote_says_what_is_earned_and_what_the_customer_has_here(till: Till, cato: Member, ana: Member) -> None:
    till.rule(first_points=30, tags={"coffee": 200})
    other = add_merchant(till.units, "Red Door")
    voucher = voucher_of(till, ana)
    voucher_of(till, ana, other)
    used = voucher_of(till, ana)
    till.club.vouchers.use(cato, used.code)
    till.club.operators.adjust(ana.id, 200, "test", key="points", actor="test")
    add_reward(till.units, till.shop_id, "Too dear", points=5000)
    add_reward(till.units, till.shop_id, "For gold", points=90, tier_min=Tier.GOLD)
    add_reward(till.units, till.shop_id, "Sold out", points=90, stock=0)
    add_reward(till.units, other, "Elsewhere", points=90)
    once = add_reward(till.units, till.shop_id, "Had already", points=90, per_member=1)
    till.club.rewards.redeem(ana, once, "ONCE2345")
    add_reward(till.units, till.shop_id, "Cake", points=110)
    quote = till.quotes(cato, ana, "12.50 #A-1007 Coffee to go")
    assert quote.earns.points == 25 + 30
    assert quote.earns.earned.points == 25  # a point per euro, doubled before it is rounded
    assert [bonus.role for bonus in quote.earns.bonuses] == [AwardRole.FIRST]
    assert (quote.typed.amount_minor, quote.typed.receipt) == (1250, "A-1007")
    assert quote.customer.face == Face(ana.id, "Ana", Tier.MEMBER)
    assert {one.title for one in quote.customer.vouchers} == {voucher.title, "Had already"}
    assert all(one.merchant_id == till.shop_id for one in quote.customer.vouchers)
    names = [reward.name for reward in quote.customer.rewards]
    assert names[0] == "Cake"
    assert set(names) <= {"Cake", "Flat white"}


def test_a_quote_writes_nothing(till: Till, cato: Member, ana: Member) -> None:
    before = till.count()
    first, second = till.quotes(cato, ana, "12.50 #1"), till.quotes(cato, ana, "12.50 #1")
    assert first.nonce != second.nonce
    assert till.count() == before


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ("0", AmountRefused),
        ("-5", AmountRefused),
        ("1e9", AmountRefused),
        ("1000000000", AmountRefused),
        ("十二", AmountRefused),
        ("1.234", AmountRefused),
        ("12.50 " + "x" * 121, InvalidPurchase),
        ("12.50 #" + "1" * 65, InvalidPurchase),
    ],
)
def test_what_cannot_be_booked_is_refused_and_nothing_changes(
    till: Till, cato: Member, ana: Member, given: str, refusal: type[Refusal]
) -> None:
    before = till.count()
    with pytest.raises(refusal):
        till.quotes(cato, ana, given)
    with pytest.raises(refusal):
        till.sells(cato, ana, given)
    assert till.count() == before


# What is booked


def test_a_purchase_is_booked_by_its_cashier_and_the_customer_hears_of_it(
    till: Till, cato: Member, ana: Member, clock: FrozenClock
) -> None:
    till.rule(tags={"coffee": 200})
    booked = till.sells(cato, ana, "12,50 #A-1007 Coffee to go")
    purchase = booked.sold.purchase
    assert (booked.points, booked.is_replay, booked.sold.first_name, booked.undo_minutes) == (25, False, "Ana", 10)
    assert (purchase.wish.channel, purchase.wish.receipt) == (Channel.TILL, "A-1007")
    assert (purchase.wish.tags, purchase.wish.note) == (("coffee",), "to go")
    assert (purchase.booked_by, purchase.booked_at) == (f"staff:{cato.id}", clock())
    assert till.balance(ana) == Balance(available=25)
    assert till.told(ana) == ["purchase"]
    assert till.told(cato) == []


def test_a_purchase_that_earns_nothing_is_told_all_the_same(till: Till, cato: Member, ana: Member) -> None:
    assert till.sells(cato, ana, "0.50").points == 0
    assert till.told(ana) == ["purchase"]


def test_a_confirmation_books_once(till: Till, cato: Member, ana: Member) -> None:
    first = till.sells(cato, ana, "12.50", nonce="AAAA2345")
    before = till.count()
    till.rule(tags={"coffee": 200})  # the rule may change between two taps
    again = till.sells(cato, ana, "12.50", nonce="AAAA2345")
    assert (again.sold.purchase.id, again.points, again.is_replay) == (first.sold.purchase.id, 12, True)
    shown = till.club.till.booked(cato, "AAAA2345")
    assert (shown.sold, shown.points) == (first.sold, 12)
    assert till.count() == before
    assert till.balance(ana) == Balance(available=12)


def test_a_confirmation_belongs_to_one_customer_and_one_cashier(till: Till, cato: Member, ana: Member) -> None:
    (bo,) = till.customers("Bo")
    carl = till.cashier("Carl")
    till.sells(cato, ana, "12.50", nonce="AAAA2345")
    with pytest.raises(KeyReused):
        till.sells(cato, bo, "12.50", nonce="AAAA2345")
    with pytest.raises(SaleForgotten):
        till.club.till.booked(carl, "AAAA2345")
    till.sells(carl, ana, "12.50", nonce="AAAA2345")
    assert till.balance(ana) == Balance(available=24)


def test_a_receipt_is_booked_once_whoever_has_it(till: Till, cato: Member, ana: Member) -> None:
    (bo,) = till.customers("Bo")
    till.sells(cato, ana, "12.50 #A-1007")
    before = till.count()
    for customer, given in ((ana, "12.50 #A-1007"), (ana, "9 #A-1007"), (bo, "12.50 #A-1007")):
        with pytest.raises(ReceiptUsed):
            till.quotes(cato, customer, given)
        with pytest.raises(ReceiptUsed):
            till.sells(till.cashier("Carl"), customer, given)
    assert till.balance(ana) == Balance(available=12)
    assert till.balance(bo) == Balance()
    after = till.count()
    assert {table for table in before if before[table] != after[table]} == {"members", "addresses", "staff"}


@pytest.mark.race
def test_of_two_cashiers_with_one_receipt_one_books(till: Till, ana: Member) -> None:
    (bo,) = till.customers("Bo")
    cashiers = [till.cashier(f"C{number}") for number in range(6)]

    def sell(number: int) -> object:
        return till.sells(cashiers[number], ana if number % 2 else bo, "12.50 #A-1007")

    outcomes = all_at_once(6, sell, ReceiptUsed)
    assert sum(isinstance(outcome, Booked) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ReceiptUsed) for outcome in outcomes) == 5
    assert till.balance(ana).available + till.balance(bo).available == 12
    assert len(till.told(ana) + till.told(bo)) == 1


@pytest.mark.race
def test_one_confirmation_at_once_many_times_books_once(till: Till, cato: Member, ana: Member) -> None:
    outcomes = all_at_once(8, lambda _: till.sells(cato, ana, "12.50", nonce="AAAA2345"))
    booked = [outcome for outcome in outcomes if isinstance(outcome, Booked)]
    assert sorted(one.is_replay for one in booked) == [False] + [True] * 7
    assert till.balance(ana) == Balance(available=12)
    assert till.told(ana) == ["purchase"]


@pytest.mark.race
def test_of_two_cashiers_with_one_voucher_one_takes_it(till: Till, ana: Member) -> None:
    voucher = voucher_of(till, ana)
    cashiers = [till.cashier(f"C{number}") for number in range(4)]
    outcomes = all_at_once(4, lambda number: till.club.vouchers.use(cashiers[number], voucher.code), VoucherRefused)
    taken = [outcome for outcome in outcomes if isinstance(outcome, Voucher)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, VoucherRefused)]
    assert [one.state for one in taken] == [VoucherState.USED]
    assert [(one.reason, one.at) for one in refused] == [("used", taken[0].used_at)] * 3
    assert till.told(ana).count("voucher_used") == 1


# What is undone


def test_an_undone_purchase_gives_all_back_and_frees_its_receipt(
    till: Till, cato: Member, ana: Member, clock: FrozenClock
) -> None:
    booked = till.sells(cato, ana, "125.00 #A-1007")
    clock.advance(minutes=9)
    carl = till.cashier("Carl")
    till.sends()
    undone = till.club.till.undo(carl, booked.sold.purchase.id)
    assert (undone.amount_minor, undone.points, undone.is_replay) == (12_500, 125, False)
    assert undone.sold.purchase.undone_at == clock()
    assert till.balance(ana) == Balance()
    assert till.told(ana) == ["purchase", "purchase_undone"]
    before = till.count()
    assert till.club.till.undo(cato, booked.sold.purchase.id).is_replay
    assert till.count() == before
    assert till.sells(cato, ana, "12.50 #A-1007").points == 12
    with pytest.raises(ReceiptUsed):
        till.quotes(cato, ana, "12.50 #A-1007")


def test_after_ten_minutes_only_a_refund_helps(till: Till, cato: Member, ana: Member, clock: FrozenClock) -> None:
    booked = till.sells(cato, ana, "12.50")
    clock.advance(minutes=10)
    before = till.count()
    with pytest.raises(UndoRefused) as caught:
        till.club.till.undo(cato, booked.sold.purchase.id)
    assert caught.value.minutes == 10
    assert till.count() == before
    assert not till.club.till.purchase(cato, booked.sold.purchase.id).can_undo
    till.club.till.refund(cato, booked.sold.purchase.id, 1250, "AAAA2345")
    assert till.balance(ana) == Balance()


def test_an_undone_purchase_shows_so_when_its_confirmation_comes_again(till: Till, cato: Member, ana: Member) -> None:
    booked = till.sells(cato, ana, "12.50", nonce="AAAA2345")
    till.club.till.undo(cato, booked.sold.purchase.id)
    again = till.sells(cato, ana, "12.50", nonce="AAAA2345")
    assert again.is_replay
    assert again.sold.purchase.is_undone
    assert till.balance(ana) == Balance()


def test_undo_takes_what_a_refund_has_left(till: Till, cato: Member, ana: Member) -> None:
    number = till.sells(cato, ana, "12.00").sold.purchase.id
    till.club.till.refund(cato, number, 500, "AAAA2345")
    undone = till.club.till.undo(cato, number)
    assert (undone.amount_minor, undone.points) == (700, 7)
    assert till.balance(ana) == Balance()
    whole = till.sells(cato, ana, "12.00").sold.purchase.id
    till.club.till.refund(cato, whole, 1200, "BBBB2345")
    with pytest.raises(PurchaseRefundTooLarge):
        till.club.till.undo(cato, whole)


def test_what_came_by_an_import_is_not_undone_at_the_till(till: Till, cato: Member, ana: Member) -> None:
    imported = till.books(ana, 1250, channel=Channel.IMPORT, receipt="7")
    with pytest.raises(UndoRefused):
        till.club.till.undo(cato, imported.purchase.id)
    assert till.balance(ana) == Balance(available=12)


def test_a_mistake_costs_neither_the_first_purchase_nor_the_birthday(till: Till, cato: Member, ana: Member) -> None:
    till.rule(first_points=30, birthday_points=20)
    with till.units() as uow:
        uow.members.celebrate(ana.id, Birthday(5, 17), till.clock())
        uow.commit()
    till.clock.advance(days=365)  # a birthday that was just entered brings nothing yet
    for _ in range(3):
        booked = till.sells(cato, ana, "125.00")
        assert booked.points == 125 + 30 + 20
        till.club.till.undo(cato, booked.sold.purchase.id)
        assert till.balance(ana) == Balance()
    right = till.sells(cato, ana, "12.50")
    assert right.points == 12 + 30 + 20
    assert till.sells(cato, ana, "12.50").points == 12
    # A refund of the right one is no mistake: what it gave once does not come again.
    till.club.till.refund(cato, right.sold.purchase.id, 1250, "AAAA2345")
    assert till.sells(cato, ana, "12.50").points == 12


def test_a_mistake_leaves_the_caps_as_they_were(till: Till, cato: Member, ana: Member) -> None:
    till.rule(points_day_max=20)
    booked = till.sells(cato, ana, "125.00")
    assert booked.points == 20
    till.club.till.undo(cato, booked.sold.purchase.id)
    assert till.sells(cato, ana, "12.50").points == 12


def test_a_mistake_costs_nobody_the_referral(open_till: Tills) -> None:
    till = open_till(referral_event=ReferralEvent.PURCHASE, commission_percent=(10,))
    zoe, ana = till.customers("Zoe", "Ana")
    cato = till.cashier("Cato")
    till.refers(zoe, ana)
    for _ in range(2):
        booked = till.sells(cato, ana, "125.00")
        assert till.balance(zoe) == Balance(available=50, pending=12)
        assert till.balance(ana) == Balance(available=125 + 20)
        till.club.till.undo(cato, booked.sold.purchase.id)
        assert (till.balance(zoe), till.balance(ana)) == (Balance(), Balance())
    right = till.sells(cato, ana, "20.00")
    assert till.balance(zoe) == Balance(available=50, pending=2)
    assert till.balance(ana) == Balance(available=20 + 20)
    till.sells(cato, ana, "10.00")
    assert till.balance(zoe) == Balance(available=50, pending=3)
    # As with bonuses: a refund is no mistake.
    till.club.till.refund(cato, right.sold.purchase.id, 2000, "AAAA2345")
    till.sells(cato, ana, "10.00")
    assert till.balance(zoe) == Balance(pending=2)
    assert till.told(zoe).count("referral_qualified") == 3, "what was not read yet is withdrawn, and told anew"
    assert "referral_undone" not in till.told(zoe)


def test_what_was_given_once_stands_until_it_is_undone(till: Till, cato: Member, ana: Member) -> None:
    till.rule(first_points=30)
    key = f"first_purchase:{till.shop_id}:{ana.id}"
    seen = []
    for step in (lambda: None, lambda: till.sells(cato, ana, "5.00"), lambda: till.club.till.undo(cato, 1)):
        step()
        with till.units() as uow:
            seen.append(uow.purchases.standing(key))
    assert seen == [Standing.NEVER, Standing.GIVEN, Standing.UNDONE]


@pytest.mark.race
def test_of_many_undos_at_once_one_counts(till: Till, cato: Member, ana: Member) -> None:
    number = till.sells(cato, ana, "12.50").sold.purchase.id
    cashiers = [till.cashier(f"C{each}") for each in range(6)]
    till.sends()
    outcomes = all_at_once(6, lambda each: till.club.till.undo(cashiers[each], number))
    undone = [outcome for outcome in outcomes if isinstance(outcome, TakenBackSale)]
    assert sorted(one.is_replay for one in undone) == [False] + [True] * 5
    assert till.balance(ana) == Balance()
    assert till.told(ana) == ["purchase", "purchase_undone"]


@pytest.mark.race
def test_of_undo_and_refund_at_once_no_point_goes_back_twice(till: Till, cato: Member, ana: Member) -> None:
    till.sells(cato, ana, "100.00")
    for each in range(4):
        number = till.sells(cato, ana, "12.00").sold.purchase.id
        ways: list[Callable[[], object]] = [
            partial(till.club.till.undo, cato, number),
            partial(till.club.till.refund, cato, number, 1200, f"AAA{each}2345"),
        ]
        outcomes = all_at_once(2, lambda way, ways=ways: ways[way](), PurchaseRefundTooLarge)  # type: ignore[misc]
        assert sum(isinstance(outcome, TakenBackSale) for outcome in outcomes) == 1
    assert till.balance(ana) == Balance(available=100)


# What is refunded


def test_a_refund_by_receipt_takes_back_its_share_once(till: Till, cato: Member, ana: Member) -> None:
    till.sells(cato, ana, "12.00 #A-1007")
    for typed in ("A-1007", "#A-1007", "  A-1007 "):
        sale = till.club.till.find_purchase(cato, till.shop_id, typed)
        assert isinstance(sale, Sale)
        assert (sale.sold.first_name, sale.sold.purchase.wish.amount_minor) == ("Ana", 1200)
        number = sale.sold.purchase.id
    quote = till.club.till.refund_quote(cato, number, "3.00", 2)
    assert (quote.amount_minor, quote.points) == (300, 3)
    first = till.club.till.refund(cato, number, 300, quote.nonce)
    again = till.club.till.refund(cato, number, 300, quote.nonce)
    assert (first.points, first.is_replay, again.points, again.is_replay) == (3, False, 3, True)
    assert till.balance(ana) == Balance(available=9)
    rest = till.club.till.refund_quote(cato, number, None, 2)
    assert (rest.amount_minor, rest.points) == (900, 9)
    till.club.till.refund(cato, number, 900, rest.nonce)
    assert till.balance(ana) == Balance()
    assert till.told(ana) == ["purchase", "refunded", "refunded"]


def test_what_cannot_be_refunded_is_refused(till: Till, cato: Member, ana: Member) -> None:
    number = till.sells(cato, ana, "12.00 #A-1007").sold.purchase.id
    before = till.count()
    for given, refusal in (("12.01", PurchaseRefundTooLarge), ("0", AmountRefused), ("x", AmountRefused)):
        with pytest.raises(refusal):
            till.club.till.refund_quote(cato, number, given, 2)
    for amount, refused in ((1201, PurchaseRefundTooLarge), (0, InvalidPurchase)):
        with pytest.raises(refused):
            till.club.till.refund(cato, number, amount, "AAAA2345")
    for receipt in ("A-1008", "", "#"):
        with pytest.raises(NotFound):
            till.club.till.find_purchase(cato, till.shop_id, receipt)
    with pytest.raises(InvalidPurchase):
        till.club.till.find_purchase(cato, till.shop_id, "1" * 65)
    with pytest.raises(NotFound):
        till.club.till.undo(cato, 2**40)
    assert till.count() == before
    till.club.till.refund(cato, number, 1200, "AAAA2345")
    with pytest.raises(PurchaseRefundTooLarge):
        till.club.till.refund_quote(cato, number, None, 2)


def test_the_shops_purchases_are_listed_newest_first(till: Till, cato: Member, ana: Member) -> None:
    other = till.cashier("Otto", shop := add_merchant(till.units, "Red Door"))
    till.club.till.book(other, shop, ana.id, "99", 2, "AAAA2345")
    for minutes in range(8):
        till.sells(cato, ana, f"{minutes + 1}.00")
    page = till.club.till.sales(cato, till.shop_id)
    assert [sold.purchase.wish.amount_minor for sold in page.sales] == [800, 700, 600, 500, 400, 300]
    assert page.is_first_page
    rest = till.club.till.sales(cato, till.shop_id, page.older_than)
    assert [sold.purchase.wish.amount_minor for sold in rest.sales] == [200, 100]
    assert (rest.older_than, rest.is_first_page) == (None, False)


# Who may


STATEMENTS_MAX = {"find": 4, "customer": 5, "quote": 9, "sales": 2, "sale": 3, "ask a refund": 5, "take a voucher": 7}


@pytest.mark.parametrize("many", [1, 40])
def test_a_screen_takes_as_many_statements_for_a_regular_as_for_a_newcomer(
    till: Till, cato: Member, ana: Member, many: int
) -> None:
    for number in range(many):
        till.sells(cato, ana, "12.50")
        add_reward(till.units, till.shop_id, f"Coffee {number}", points=1 + number)
    for number in range(min(many, 10)):
        till.club.rewards.redeem(ana, number + 1, f"WISH{number:04}")
    service, shop = till.club.till, till.shop_id
    voucher = till.club.vouchers.own(ana.id, 1)
    screens: dict[str, Callable[[], object]] = {
        "find": lambda: service.find(cato, shop, CARD),
        "customer": lambda: service.customer(cato, shop, ana.id),
        "quote": lambda: till.quotes(cato, ana, "12.50"),
        "sales": lambda: service.sales(cato, shop, None),
        "sale": lambda: service.purchase(cato, 1),
        "ask a refund": lambda: service.refund_quote(cato, 1, None, 2),
        "take a voucher": lambda: till.club.vouchers.use(cato, voucher.code),
    }
    for name, screen in screens.items():
        with statements(till.database) as seen:
            screen()
        assert len(seen) <= STATEMENTS_MAX[name], "\n".join([name, *seen])
    with statements(till.database) as seen:
        till.sells(cato, ana, "12.50")
    assert len(seen) <= (21 if till.database.is_sqlite else 17), "\n".join(seen)


@pytest.mark.permission
def test_only_those_who_sell_at_the_shop_have_its_till(till: Till, cato: Member, ana: Member) -> None:
    elsewhere = till.cashier("Otto", add_merchant(till.units, "Red Door"))
    mark = enrol(till.units, "Mark")
    appoint(till.units, till.shop_id, mark, Role.MARKETER)
    number = till.sells(cato, ana, "12.00 #A-1007", nonce="AAAA2345").sold.purchase.id
    gone = till.cashier("Gone")
    till.sells(gone, ana, "1.00", nonce="GGGG2345")
    till.dismiss(gone)
    before = till.count()
    counter = till.club.till
    steps: list[Callable[[Member], object]] = [
        lambda person: counter.find(person, till.shop_id, CARD),
        lambda person: counter.customer(person, till.shop_id, ana.id),
        lambda person: till.quotes(person, ana, "12.50"),
        lambda person: till.sells(person, ana, "12.50"),
        lambda person: counter.undo(person, number),
        lambda person: counter.sales(person, till.shop_id),
        lambda person: counter.find_purchase(person, till.shop_id, "A-1007"),
        lambda person: counter.purchase(person, number),
        lambda person: counter.refund_quote(person, number, None, 2),
        lambda person: counter.refund(person, number, 1200, "BBBB2345"),
    ]
    for person in (elsewhere, mark, gone, ana):
        for step in steps:
            with pytest.raises(NotAllowed):
                step(person)
    with pytest.raises(NotAllowed):
        counter.booked(gone, "GGGG2345")
    assert till.count() == before


# What the database holds


def test_of_two_who_give_out_one_number_of_the_day_one_gets_it(till: Till, ana: Member, clock: FrozenClock) -> None:
    till.rule(is_receipt_daily=True)
    bo, *_ = people = till.customers("Bo", "Cy", "Di")
    cashiers = [till.cashier(name) for name in ("Carl", "Cora", "Cole", "Cleo")]
    outcomes = all_at_once(4, lambda n: till.sells(cashiers[n], [ana, *people][n], "12.50 #0043"), ReceiptUsed)
    assert sum(isinstance(outcome, ReceiptUsed) for outcome in outcomes) == 3
    clock.advance(days=1)
    assert not till.sells(cashiers[0], bo, "12.50 #0043").is_replay
    till.check()


def test_a_shop_that_changes_its_numbers_counts_none_twice(till: Till, cato: Member, ana: Member) -> None:
    (bo,) = till.customers("Bo")
    till.sells(cato, ana, "12.50 #0043")
    till.rule(is_receipt_daily=True)
    with pytest.raises(ReceiptUsed):
        till.sells(cato, bo, "8.00 #0043")
    till.clock.advance(days=1)
    till.sells(cato, bo, "8.00 #0043")
    till.rule(is_receipt_daily=False)
    till.clock.advance(days=1)
    with pytest.raises(ReceiptUsed):
        till.sells(cato, bo, "9.00 #0043")


def test_what_a_confirmation_asks_again_is_checked_again(till: Till, cato: Member, ana: Member) -> None:
    """Somebody else came to the staff between the question and the tap."""
    till.sells(cato, cato, "5.00")
    till.cashier("Carl")
    before = till.count()
    with pytest.raises(OwnPurchase):
        till.quotes(cato, cato, "5.00")
    with pytest.raises(OwnPurchase):
        till.sells(cato, cato, "5.00")
    assert till.count() == before
    till.sells(cato, ana, "5.00")


@pytest.mark.race
def test_a_voucher_is_put_back_once(till: Till, cato: Member, ana: Member) -> None:
    voucher = voucher_of(till, ana)
    till.club.vouchers.use(cato, voucher.code)
    put_back = all_at_once(4, lambda _: till.club.vouchers.put_back(cato, voucher.id), VoucherRefused)
    assert [one.state for one in put_back if isinstance(one, Voucher)] == [VoucherState.ISSUED] * 4
    assert till.told(ana).count("voucher_put_back") == 1
    till.clock.advance(minutes=11)
    till.club.vouchers.use(cato, voucher.code)
    till.clock.advance(minutes=10)
    with pytest.raises(VoucherUndoRefused):
        till.club.vouchers.put_back(cato, voucher.id)
