"""Vouchers that are given back, on both databases: once, in time, with everything where it was before."""

from __future__ import annotations

import random as chance
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from loyalty.errors import NotEnoughPoints, NotFound, RewardUnavailable, VoucherRefused
from loyalty.members import Language, Member
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.services.vouchers import GivenBack
from loyalty.vouchers import Shelf, Voucher, VoucherState
from storage.audit import audit
from storage.books import lots
from storage.database import Database
from storage.rewards import rewards
from storage.unit_of_work import UnitFactory
from storage.vouchers import vouchers
from tests.kit.clock import FrozenClock
from tests.kit.deals import add_deal
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, add_reward, appoint, enrol


class Wallet:
    """Ana has points in two lots, and Cass is at the counter of the shop."""

    def __init__(self, database: Database, units: UnitFactory, clock: FrozenClock, **programme: Any) -> None:
        self.database, self.units, self.clock = database, units, clock
        self.club: Club = open_club(units, clock, chance.Random(7), Programme(**programme), Language.ENGLISH)
        self.ana, self.cass = enrol(units, "Ana"), enrol(units, "Cass")
        self.shop = add_merchant(units, "Corner")
        appoint(units, self.shop, self.cass)
        for number in range(2):
            self.gives(50, f"lot:{number}")
            clock.advance(days=1)

    def gives(self, points: int, key: str, member: Member | None = None) -> None:
        self.club.operators.adjust((member or self.ana).id, points, "test", key=key, actor="test")

    def redeems(self, reward_id: int, nonce: str = "ABCD2345") -> Voucher:
        return self.club.rewards.redeem(self.ana, reward_id, nonce).voucher

    def back(self, voucher: Voucher, member: Member | None = None) -> GivenBack:
        return self.club.vouchers.give_back((member or self.ana).id, voucher.id)

    def available(self) -> int:
        return self.club.points.balance(self.ana.id).available

    def lots(self) -> list[tuple[datetime, int]]:
        query = select(lots.c.expires_at, lots.c.available).where(lots.c.member_id == self.ana.id).order_by(lots.c.id)
        with self.database.engine.connect() as connection:
            return [(row.expires_at, row.available) for row in connection.execute(query)]

    def stock(self, reward_id: int) -> int | None:
        with self.database.engine.connect() as connection:
            query = select(rewards.c.stock).where(rewards.c.id == reward_id)
            left: int | None = connection.execute(query).scalar_one()
        return left

    def row(self, voucher: Voucher) -> Any:
        with self.database.engine.connect() as connection:
            return connection.execute(select(vouchers).where(vouchers.c.id == voucher.id)).one()

    def check(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []


@pytest.fixture
def wallet(database: Database, units: UnitFactory, clock: FrozenClock) -> Wallet:
    return Wallet(database, units, clock)


def test_points_return_to_their_lots_and_the_reward_to_the_shelf(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=80, stock=3, per_member=1)
    before = wallet.lots()
    voucher = wallet.redeems(reward_id)
    assert (wallet.available(), wallet.stock(reward_id)) == (20, 2)
    wallet.clock.advance(days=13)
    result = wallet.back(voucher)
    assert (result.available, result.is_replay, result.voucher.state) == (100, False, VoucherState.CANCELLED)
    assert (wallet.lots(), wallet.stock(reward_id)) == (before, 3)
    assert wallet.row(voucher).cancelled_at == wallet.clock()
    # What was given back counts against no limit.
    assert not wallet.club.rewards.redeem(wallet.ana, reward_id, "OTHER234").is_replay
    wallet.check()


def test_given_back_twice_it_pays_once(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=80, stock=3)
    voucher = wallet.redeems(reward_id)
    first, second = wallet.back(voucher), wallet.back(voucher)
    assert (first.is_replay, second.is_replay) == (False, True)
    assert first.voucher == second.voucher
    assert (wallet.available(), wallet.stock(reward_id)) == (100, 3)
    with pytest.raises(VoucherRefused, match="cancelled"):
        wallet.club.vouchers.use(wallet.cass, voucher.code)
    assert [one.state for one in wallet.club.vouchers.wallet(wallet.ana.id, Shelf.EXPIRED).vouchers] == [
        VoucherState.CANCELLED
    ]
    wallet.check()


def test_an_unlimited_stock_stays_unlimited(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=80, stock=None)
    wallet.back(wallet.redeems(reward_id))
    assert wallet.stock(reward_id) is None


def test_points_whose_day_has_passed_come_back_with_a_grace(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=40)
    wallet.clock.advance(days=362)  # the first lot has two days left
    voucher = wallet.redeems(reward_id)
    wallet.clock.advance(days=5)
    wallet.club.points.expire_due()
    assert wallet.back(voucher).available == 40
    assert wallet.lots()[0] == (wallet.clock() + timedelta(days=7), 40)
    wallet.check()


def test_the_last_day_is_the_last(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=40)
    early, late = wallet.redeems(reward_id, "NONCE001"), wallet.redeems(reward_id, "NONCE002")
    end = datetime(2026, 5, 18, tzinfo=UTC)  # issued on the 3rd: fourteen days more, to the end of the day
    assert (early.returnable_until, early.is_returnable) == (end, True)
    wallet.clock.move_to(end - timedelta(seconds=1))
    assert wallet.club.vouchers.ask_give_back(wallet.ana.id, early.id).is_returnable
    wallet.back(early)
    wallet.clock.move_to(end)
    for use_case in (wallet.club.vouchers.ask_give_back, wallet.club.vouchers.give_back):
        with pytest.raises(VoucherRefused) as refusal:
            use_case(wallet.ana.id, late.id)
        assert refusal.value == VoucherRefused("too_late", end)
    assert not wallet.club.vouchers.own(wallet.ana.id, late.id).is_returnable
    assert wallet.available() == 60


def test_a_club_may_take_nothing_back(database: Database, units: UnitFactory, clock: FrozenClock) -> None:
    wallet = Wallet(database, units, clock, voucher_cancel_days=0)
    voucher = wallet.redeems(add_reward(units, wallet.shop, points=40))
    assert (voucher.returnable_until, voucher.is_returnable) == (None, False)
    with pytest.raises(VoucherRefused, match="final"):
        wallet.back(voucher)
    assert wallet.available() == 60


def test_what_cannot_be_given_back(wallet: Wallet) -> None:
    used, expired = (
        wallet.redeems(add_reward(wallet.units, wallet.shop, points=10), f"NONCE00{number}") for number in range(2)
    )
    wallet.club.vouchers.use(wallet.cass, used.code)
    with pytest.raises(VoucherRefused) as refusal:
        wallet.back(used)
    assert refusal.value == VoucherRefused("used", wallet.clock())
    wallet.clock.move_to(expired.expires_at)
    with pytest.raises(VoucherRefused) as refusal:
        wallet.back(expired)
    assert refusal.value == VoucherRefused("expired", expired.expires_at)
    assert wallet.available() == 80
    wallet.check()


@pytest.mark.permission
def test_nobody_gives_back_what_is_somebody_elses(wallet: Wallet) -> None:
    voucher = wallet.redeems(add_reward(wallet.units, wallet.shop, points=40))
    for member in (wallet.cass, enrol(wallet.units, "Bo")):
        with pytest.raises(NotFound):
            wallet.back(voucher, member)
        with pytest.raises(NotFound):
            wallet.club.vouchers.ask_give_back(member.id, voucher.id)
    with pytest.raises(NotFound):
        wallet.club.vouchers.give_back(wallet.ana.id, 404)
    assert wallet.club.vouchers.own(wallet.ana.id, voucher.id).state is VoucherState.ISSUED


def test_what_a_group_bought_stays_bought(wallet: Wallet) -> None:
    deal_id = add_deal(wallet.units, size=2, group_points=30)
    bo = enrol(wallet.units, "Bo")
    wallet.gives(30, "bo", bo)
    group = wallet.club.group_buys.open(wallet.ana, deal_id, "ABCD2345").group
    wallet.club.group_buys.join(bo, group.id)
    (voucher,) = wallet.club.vouchers.wallet(wallet.ana.id).vouchers
    assert not voucher.is_returnable
    with pytest.raises(VoucherRefused, match="group_buy"):
        wallet.back(voucher)
    assert wallet.available() == 70
    wallet.check()


def test_an_operator_who_undoes_it_restocks_it_too(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=40, stock=1)
    voucher = wallet.redeems(reward_id)
    number = wallet.club.accounts.view(wallet.ana.id).lines[0].transaction_id
    for _ in range(2):
        wallet.club.accounts.reverse(number, actor="operator:1")
    assert (wallet.stock(reward_id), wallet.available()) == (1, 100)
    assert wallet.row(voucher).cancelled_at == wallet.clock()
    # The member hears the same as if it had been the own wish, and nothing moves again.
    assert wallet.back(voucher).is_replay
    assert (wallet.stock(reward_id), wallet.available()) == (1, 100)
    wallet.check()


def test_a_limit_of_a_span_opens_again(wallet: Wallet) -> None:
    reward_id = add_reward(wallet.units, wallet.shop, points=10, per_member=2, per_member_days=7)
    start = wallet.clock()
    wallet.redeems(reward_id, "NONCE001")
    wallet.clock.advance(days=3)
    second = wallet.redeems(reward_id, "NONCE002")
    with pytest.raises(RewardUnavailable) as refusal:
        wallet.redeems(reward_id, "NONCE003")
    assert refusal.value == RewardUnavailable(reward_id, "limit_reached", 2, start + timedelta(days=7))
    wallet.clock.move_to(start + timedelta(days=7, seconds=-1))
    with pytest.raises(RewardUnavailable):
        wallet.redeems(reward_id, "NONCE003")
    wallet.clock.move_to(start + timedelta(days=7))
    wallet.redeems(reward_id, "NONCE003")
    with pytest.raises(RewardUnavailable) as refusal:
        wallet.redeems(reward_id, "NONCE004")
    assert refusal.value.next_at == second.issued_at + timedelta(days=7)
    # Given back, it frees its place at once.
    wallet.back(second)
    wallet.redeems(reward_id, "NONCE004")
    wallet.check()


@pytest.mark.race
def test_the_counter_and_the_owner_want_the_same_voucher(wallet: Wallet) -> None:
    for round_number in range(8):
        reward_id = add_reward(wallet.units, wallet.shop, points=10, stock=5)
        voucher = wallet.redeems(reward_id, f"NONCE{round_number:03}")
        before = wallet.available()

        def wish(number: int, voucher: Voucher = voucher, is_first: bool = bool(round_number % 2)) -> object:
            if (number == 0) == is_first:
                return wallet.club.vouchers.use(wallet.cass, voucher.code)
            return wallet.back(voucher)

        results = all_at_once(2, wish, VoucherRefused)
        taken = [result for result in results if isinstance(result, Voucher)]
        returned = [result for result in results if isinstance(result, GivenBack)]
        (refused,) = [result for result in results if isinstance(result, VoucherRefused)]
        assert len(taken) + len(returned) == 1
        if taken:
            assert (refused.reason, refused.at) == ("used", wallet.clock())
            assert (wallet.available(), wallet.stock(reward_id)) == (before, 4)
        else:
            assert refused.reason == "cancelled"
            assert (wallet.available(), wallet.stock(reward_id)) == (before + 10, 5)
        wallet.check()


@pytest.mark.race
def test_taps_operator_and_a_new_wish_at_once_move_everything_once(wallet: Wallet) -> None:
    """Ana wants another one while her first goes back by three hands: none waits crosswise for another."""
    reward_id = add_reward(wallet.units, wallet.shop, points=40, stock=5)
    for number in range(8):
        voucher = wallet.redeems(reward_id, f"FIRST{number:03}")
        transaction_id = wallet.club.accounts.view(wallet.ana.id).lines[0].transaction_id

        def wish(which: int, voucher: Voucher = voucher, undone: int = transaction_id, number: int = number) -> object:
            match which:
                case 0:
                    return wallet.club.accounts.reverse(undone, actor="operator:1")
                case 1 | 2:
                    return wallet.redeems(reward_id, f"OTHER{number:02}{which}")
                case _:
                    return wallet.back(voucher)

        other = [each for each in all_at_once(6, wish, NotEnoughPoints) if isinstance(each, Voucher)]
        assert wallet.row(voucher).state == VoucherState.CANCELLED
        for each in other:
            wallet.back(each)
        assert (wallet.available(), wallet.stock(reward_id)) == (100, 5)
    wallet.check()


def test_what_ends_sooner_can_be_given_back_while_it_is_good(
    database: Database, units: UnitFactory, clock: FrozenClock
) -> None:
    wallet = Wallet(database, units, clock, voucher_days=5)
    voucher = wallet.redeems(add_reward(units, wallet.shop, points=40))
    assert voucher.returnable_until == voucher.expires_at
