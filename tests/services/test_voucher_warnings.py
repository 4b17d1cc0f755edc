"""Vouchers that end soon: each warned of once, by day, in good time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from loyalty.members import Member
from loyalty.services import Club
from loyalty.vouchers import Voucher
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from storage.vouchers import vouchers
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, add_reward, appoint, enrol

ENDS_AT = datetime(2026, 7, 31, tzinfo=UTC)  # ninety days after the first of May, at the end of the day


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee")


@pytest.fixture
def reward_id(units: UnitFactory, shop: int) -> int:
    return add_reward(units, shop, points=10)


def got(club: Club, member: Member, reward_id: int, nonce: str = "ABCD2345") -> Voucher:
    club.operators.adjust(member.id, 10, "test", key=f"{member.id}:{nonce}", actor="test")
    return club.rewards.redeem(member, reward_id, nonce).voucher


def warned(database: Database) -> list[Any]:
    query = select(deliveries).where(deliveries.c.kind == "voucher_ending").order_by(deliveries.c.id)
    with database.engine.connect() as connection:
        return list(connection.execute(query))


def test_a_voucher_is_warned_of_once_a_week_before_it_ends(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, reward_id: int
) -> None:
    ana = enrol(units, "Ana")
    voucher = got(club, ana, reward_id)
    assert voucher.expires_at == ENDS_AT
    clock.move_to(ENDS_AT - timedelta(days=7, seconds=1))
    assert club.vouchers.warn_due() == 0
    clock.advance(seconds=1)
    assert (club.vouchers.warn_due(), club.vouchers.warn_due()) == (1, 0)
    (row,) = warned(database)
    assert (row.member_id, row.deadline) == (ana.id, ENDS_AT)
    # The day begins at midnight, and she is told in the morning.
    assert row.not_before == datetime(2026, 7, 24, 9, tzinfo=UTC)
    assert (row.facts["title"], row.facts["merchant"], row.facts["voucher_id"]) == (
        "Flat white",
        "Harbour Coffee",
        voucher.id,
    )


def test_nobody_is_warned_of_what_is_used_given_back_or_over(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, reward_id: int
) -> None:
    ana, cass = enrol(units, "Ana"), enrol(units, "Cass")
    appoint(units, shop, cass)
    used, returned, _over = (got(club, ana, reward_id, f"NONCE00{number}") for number in range(3))
    club.vouchers.use(cass, used.code)
    club.vouchers.give_back(ana.id, returned.id)
    clock.move_to(ENDS_AT)
    assert club.vouchers.warn_due() == 0
    clock.move_to(ENDS_AT - timedelta(days=3))
    assert club.vouchers.warn_due() == 1


def test_who_has_just_got_a_short_one_is_not_warned_at_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, reward_id: int
) -> None:
    voucher = got(club, enrol(units, "Ana"), reward_id)
    with database.engine.begin() as connection:
        ends_at = clock() + timedelta(days=5)
        connection.execute(update(vouchers).where(vouchers.c.id == voucher.id).values(expires_at=ends_at))
    assert club.vouchers.warn_due() == 0
    clock.advance(days=1, seconds=1)
    assert club.vouchers.warn_due() == 1


def test_the_morning_is_the_members_own(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, reward_id: int
) -> None:
    ana = enrol(units, "Ana")
    got(club, ana, reward_id)
    with database.engine.begin() as connection:
        connection.execute(update(members).where(members.c.id == ana.id).values(timezone="America/New_York"))
    clock.move_to(ENDS_AT - timedelta(days=7))
    club.vouchers.warn_due()
    (row,) = warned(database)
    assert row.not_before == clock(), "it is eight in the evening there"


def test_many_are_warned_in_batches_with_as_many_statements_as_few(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, reward_id: int
) -> None:
    for number in range(7):
        got(club, enrol(units, f"M{number}"), reward_id)
    clock.move_to(ENDS_AT - timedelta(days=7))
    counts = []
    for limit in (1, 5):
        with statements(database) as seen:
            assert club.vouchers.warn_due(limit) == limit
        counts.append(len([statement for statement in seen if "deliveries" not in statement]))
    assert counts == [2, 2]
    assert [club.vouchers.warn_due(5), club.vouchers.warn_due(5)] == [1, 0]
    assert len({row.member_id for row in warned(database)}) == 7


@pytest.mark.race
def test_two_that_warn_at_once_warn_once(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, reward_id: int
) -> None:
    for number in range(20):
        got(club, enrol(units, f"M{number}"), reward_id)
    clock.move_to(ENDS_AT - timedelta(days=7))
    counts = all_at_once(4, lambda _: club.vouchers.warn_due(20))
    assert sum(int(str(count)) for count in counts) == len(warned(database)) == 20
