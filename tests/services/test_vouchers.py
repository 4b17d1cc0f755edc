from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from loyalty.errors import NotAllowed, NotFound, VoucherRefused
from loyalty.members import Member
from loyalty.services import Club
from loyalty.services.vouchers import PAGE
from loyalty.vouchers import Shelf, Viewer, Voucher, VoucherState
from storage.database import Database
from storage.merchants import staff
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, add_reward, appoint, enrol


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


@pytest.fixture
def cashier(units: UnitFactory, shop: int) -> Member:
    member = enrol(units, "Cato Cashier")
    appoint(units, shop, member)
    return member


def got(club: Club, units: UnitFactory, shop: int, owner: Member, nonce: str = "ABCD2345") -> Voucher:
    """A voucher that the owner has just redeemed."""
    reward_id = add_reward(units, shop, points=10)
    club.operators.adjust(owner.id, 10, "test", key=f"test:{reward_id}", actor="test")
    return club.rewards.redeem(owner, reward_id, nonce).voucher


def told(database: Database, member: Member) -> list[tuple[str, dict[str, object]]]:
    """What waits in the outbox for a member about vouchers."""
    query = select(deliveries.c.cause, deliveries.c.facts).where(
        deliveries.c.member_id == member.id, deliveries.c.kind == "voucher_used"
    )
    with database.engine.connect() as connection:
        return [(row.cause, row.facts) for row in connection.execute(query)]


def test_a_voucher_is_used_once_and_its_owner_told(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, cashier: Member
) -> None:
    ana = enrol(units, "Ana")
    voucher = got(club, units, shop, ana)
    assert club.vouchers.check(cashier, voucher.code) == voucher
    used = club.vouchers.use(cashier, voucher.code)
    assert (used.state, used.used_at) == (VoucherState.USED, clock())
    with pytest.raises(VoucherRefused) as refusal:
        club.vouchers.use(cashier, voucher.code)
    assert refusal.value == VoucherRefused("used", clock())
    (cause, facts), *more = told(database, ana)
    assert (cause, more) == (f"voucher_used:{voucher.id}:{clock().isoformat()}", [])
    assert (facts["title"], facts["merchant"], facts["at"]) == ("Flat white", "Harbour Coffee", clock().isoformat())


@pytest.mark.permission
def test_who_may_not_take_a_voucher(
    club: Club, units: UnitFactory, database: Database, shop: int, cashier: Member
) -> None:
    ana, other = enrol(units, "Ana"), enrol(units, "Otto")
    appoint(units, add_merchant(units, "Red Door"), other)
    voucher = got(club, units, shop, ana)
    for nobody in (ana, enrol(units, "Nora")):
        with pytest.raises(NotAllowed):
            club.vouchers.use(nobody, voucher.code)
        with pytest.raises(NotAllowed):
            club.vouchers.check(nobody, voucher.code)
    with pytest.raises(VoucherRefused, match="other_merchant"):
        club.vouchers.use(other, voucher.code)
    with database.engine.begin() as connection:
        connection.execute(delete(staff).where(staff.c.member_id == cashier.id))
    with pytest.raises(NotAllowed):
        club.vouchers.use(cashier, voucher.code)
    assert club.vouchers.own(ana.id, voucher.id).state is VoucherState.ISSUED
    assert told(database, ana) == []


def test_an_expired_voucher_is_refused_without_any_sweep(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int, cashier: Member
) -> None:
    ana = enrol(units, "Ana")
    voucher = got(club, units, shop, ana)
    clock.now = voucher.expires_at
    with pytest.raises(VoucherRefused) as refusal:
        club.vouchers.use(cashier, voucher.code)
    assert refusal.value == VoucherRefused("expired", voucher.expires_at)
    with pytest.raises(VoucherRefused, match="expired"):
        club.vouchers.check(cashier, voucher.code)
    assert club.vouchers.own(ana.id, voucher.id).state is VoucherState.EXPIRED


def test_an_unknown_voucher(club: Club, cashier: Member) -> None:
    with pytest.raises(VoucherRefused, match="unknown"):
        club.vouchers.use(cashier, "404")
    with pytest.raises(VoucherRefused, match="unknown"):
        club.vouchers.check(cashier, "0000000000000")


@pytest.mark.permission
def test_only_the_owner_opens_a_voucher(club: Club, units: UnitFactory, shop: int) -> None:
    ana, bo = enrol(units, "Ana"), enrol(units, "Bo")
    voucher = got(club, units, shop, ana)
    assert club.vouchers.own(ana.id, voucher.id) == voucher
    with pytest.raises(NotFound):
        club.vouchers.own(bo.id, voucher.id)
    with pytest.raises(NotFound):
        club.vouchers.own(bo.id, voucher.id + 1)


def test_shelves_hold_every_voucher_once(
    club: Club, units: UnitFactory, clock: FrozenClock, shop: int, cashier: Member
) -> None:
    ana = enrol(units, "Ana")
    expired = [got(club, units, shop, ana) for _ in range(2)]
    clock.now = expired[0].expires_at
    waiting = [got(club, units, shop, ana) for _ in range(PAGE + 1)]
    used = [got(club, units, shop, ana)]
    club.vouchers.use(cashier, used[0].code)
    first = club.vouchers.wallet(ana.id)
    assert first.older_than is not None
    second = club.vouchers.wallet(ana.id, Shelf.WAITING, first.older_than)
    assert second.older_than is None
    assert (first.is_first_page, second.is_first_page) == (True, False)
    newest_first = [voucher.id for voucher in (*first.vouchers, *second.vouchers)]
    assert newest_first == [voucher.id for voucher in reversed(waiting)]
    assert [v.id for v in club.vouchers.wallet(ana.id, Shelf.USED).vouchers] == [used[0].id]
    past = club.vouchers.wallet(ana.id, Shelf.EXPIRED).vouchers
    assert [(v.id, v.state) for v in past] == [(v.id, VoucherState.EXPIRED) for v in reversed(expired)]
    assert club.vouchers.wallet(cashier.id).vouchers == ()


def test_what_a_scan_leads_to(club: Club, units: UnitFactory, shop: int, cashier: Member) -> None:
    ana, bo, other = enrol(units, "Ana"), enrol(units, "Bo"), enrol(units, "Otto")
    appoint(units, add_merchant(units, "Red Door"), other)
    voucher = got(club, units, shop, ana)
    assert club.vouchers.scan(cashier, voucher.code).viewer is Viewer.COUNTER
    assert club.vouchers.scan(ana, voucher.code).viewer is Viewer.OWNER
    assert club.vouchers.scan(bo, voucher.code).viewer is Viewer.STRANGER
    with pytest.raises(VoucherRefused, match="other_merchant"):
        club.vouchers.scan(other, voucher.code)
    with pytest.raises(VoucherRefused, match="unknown"):
        club.vouchers.scan(bo, "0000000000000")
    club.vouchers.use(cashier, voucher.code)
    assert club.vouchers.scan(ana, voucher.code).voucher.state is VoucherState.USED
    with pytest.raises(VoucherRefused, match="used"):
        club.vouchers.scan(cashier, voucher.code)


@pytest.mark.race
async def test_two_cashiers_one_voucher(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, cashier: Member
) -> None:
    ana, colleague = enrol(units, "Ana"), enrol(units, "Carl")
    appoint(units, shop, colleague)
    for n in range(5):
        voucher = got(club, units, shop, ana, f"NONCE{n:03}")
        clock.now += timedelta(minutes=1)
        outcomes = await asyncio.gather(
            *(database.run(club.vouchers.use, member, voucher.code) for member in (cashier, colleague)),
            return_exceptions=True,
        )
        assert [outcome for outcome in outcomes if not isinstance(outcome, Voucher)] == [
            VoucherRefused("used", clock())
        ]
        assert len(told(database, ana)) == n + 1
