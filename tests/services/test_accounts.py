"""The operator's undoing on both databases: once, with what became of the points and of the voucher."""

from __future__ import annotations

import random as chance

import pytest
from sqlalchemy import func, select

from loyalty.errors import CreditInUse, InvalidAmount, NotFound, NotReversible, VoucherRefused
from loyalty.members import Language, Member
from loyalty.points import POINTS_MAX, Kind, RefundPolicy
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.services.accounts import Undone
from loyalty.vouchers import Voucher, VoucherState
from storage.audit import audit
from storage.database import Database
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, add_reward, appoint, enrol

OPERATOR = "operator:1"


class Desk:
    """Ana, a shop with a reward of 40 points, and Cass at its counter."""

    def __init__(self, database: Database, units: UnitFactory, clock: FrozenClock, programme: Programme) -> None:
        self.database, self.clock = database, clock
        self.club: Club = open_club(units, clock, chance.Random(7), programme, Language.ENGLISH)
        self.ana, self.cass = enrol(units, "Ana"), enrol(units, "Cass")
        shop = add_merchant(units, "Corner")
        appoint(units, shop, self.cass)
        self.reward_id = add_reward(units, shop, points=40)

    def gives(self, points: int, member: Member | None = None) -> int:
        whom = member or self.ana
        key = f"adjust:{whom.id}:{points}"
        return self.club.operators.adjust(whom.id, points, "test", key=key, actor=OPERATOR).transaction_id

    def redeems(self) -> tuple[int, Voucher]:
        voucher = self.club.rewards.redeem(self.ana, self.reward_id, "ABCD2345").voucher
        return self.club.accounts.view(self.ana.id).lines[0].transaction_id, voucher

    def state(self, voucher: Voucher) -> VoucherState:
        return self.club.vouchers.own(self.ana.id, voucher.id).state

    def told(self, kind: str) -> int:
        with self.database.engine.connect() as connection:
            query = select(func.count()).where(deliveries.c.kind == kind)
            return int(connection.execute(query).scalar_one())

    def check(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []


@pytest.fixture
def desk(database: Database, units: UnitFactory, clock: FrozenClock) -> Desk:
    return Desk(database, units, clock, Programme())


def test_an_award_that_was_spent_leaves_a_debt(desk: Desk) -> None:
    number = desk.gives(50)
    desk.redeems()
    undone = desk.club.accounts.reverse(number, actor=OPERATOR)
    assert (undone.points, undone.balance.available, undone.balance.owed) == (-50, -40, 40)
    desk.check()


def test_or_none_where_the_club_bears_it(database: Database, units: UnitFactory, clock: FrozenClock) -> None:
    desk = Desk(database, units, clock, Programme(refund_policy=RefundPolicy.CLAMP_TO_ZERO))
    number = desk.gives(50)
    desk.redeems()
    undone = desk.club.accounts.reverse(number, actor=OPERATOR)
    assert (undone.points, undone.balance.available) == (-10, 0)
    desk.check()


def test_undoing_what_has_expired_moves_nobodys_points_and_tells_nobody(desk: Desk) -> None:
    number = desk.gives(50)
    desk.clock.advance(days=400)
    assert desk.club.points.expire_due() == 1
    undone = desk.club.accounts.reverse(number, actor=OPERATOR)
    assert (undone.points, undone.balance.available) == (0, 0)
    assert desk.told("reversed") == 0
    again = desk.club.accounts.reverse(number, actor=OPERATOR)
    assert again.is_replay
    desk.check()


def test_a_redemption_comes_back_and_its_voucher_goes(desk: Desk) -> None:
    desk.gives(50)
    number, voucher = desk.redeems()
    asked = desk.club.accounts.ask_reverse(number)
    assert asked.voucher is not None
    assert (asked.line.movement.kind, asked.line.points, asked.voucher.id) == (Kind.REDEEM, -40, voucher.id)
    assert desk.club.accounts.reverse(number, actor=OPERATOR).points == 40
    assert desk.state(voucher) is VoucherState.CANCELLED
    desk.check()


def test_a_used_voucher_cannot_be_undone(desk: Desk) -> None:
    desk.gives(50)
    number, voucher = desk.redeems()
    desk.club.vouchers.use(desk.cass, voucher.code)
    for attempt in (desk.club.accounts.ask_reverse, lambda of: desk.club.accounts.reverse(of, actor=OPERATOR)):
        with pytest.raises(VoucherRefused, match="used"):
            attempt(number)
    assert desk.club.points.balance(desk.ana.id).available == 10
    assert desk.told("reversed") == 0


def test_what_is_not_there_or_cannot_be_undone_is_refused(desk: Desk) -> None:
    for attempt in (desk.club.accounts.ask_reverse, lambda of: desk.club.accounts.reverse(of, actor=OPERATOR)):
        with pytest.raises(NotFound):
            attempt(999)
    reversal = desk.club.accounts.reverse(desk.gives(50), actor=OPERATOR)
    assert reversal.balance.available == 0
    with pytest.raises(NotReversible, match="reversed"):
        desk.club.accounts.ask_reverse(reversal.line.transaction_id)
    newest = desk.club.accounts.view(desk.ana.id).lines[0]
    assert newest.movement.kind is Kind.REVERSE
    with pytest.raises(NotReversible, match="reversal"):
        desk.club.accounts.reverse(newest.transaction_id, actor=OPERATOR)


def test_credit_is_agreed_and_told_once(desk: Desk) -> None:
    accounts = desk.club.accounts
    assert accounts.agree_credit(desk.ana.code, 50, key="c1").balance.spendable == 50
    accounts.agree_credit(desk.ana.code, 50, key="c2")
    assert desk.told("credit_agreed") == 1
    desk.gives(-30)
    with pytest.raises(CreditInUse) as refused:
        accounts.agree_credit(desk.ana.code, 29, key="c3")
    assert refused.value.points == 30
    with pytest.raises(InvalidAmount):
        accounts.agree_credit(desk.ana.code, POINTS_MAX + 1, key="c4")
    with pytest.raises(NotFound):
        accounts.agree_credit("NOSUCH", 5, key="c5")


@pytest.mark.race
def test_eight_operators_undo_once(desk: Desk) -> None:
    number = desk.gives(50)
    outcomes = all_at_once(
        8, lambda _: desk.club.accounts.reverse(number, actor=OPERATOR), VoucherRefused, NotReversible
    )
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Undone)) == [False] + [True] * 7
    assert desk.club.points.balance(desk.ana.id).available == 0
    assert desk.told("reversed") == 1
    desk.check()


@pytest.mark.race
def test_of_the_counter_and_the_operator_one_gets_the_voucher(desk: Desk) -> None:
    desk.gives(50)
    number, voucher = desk.redeems()

    def act(who: int) -> object:
        if who:
            return desk.club.accounts.reverse(number, actor=OPERATOR)
        return desk.club.vouchers.use(desk.cass, voucher.code)

    outcomes = all_at_once(2, act, VoucherRefused, NotReversible)
    assert sum(isinstance(outcome, VoucherRefused) for outcome in outcomes) == 1
    is_back = isinstance(outcomes[1], Undone)
    assert desk.state(voucher) is (VoucherState.CANCELLED if is_back else VoucherState.USED)
    assert desk.club.points.balance(desk.ana.id).available == (50 if is_back else 10)
    desk.check()
