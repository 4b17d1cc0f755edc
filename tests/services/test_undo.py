"""A purchase that was a mistake: everything that it had caused is as before, and whoever had read of it hears so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select, update

from loyalty.members import Member, Tier
from loyalty.points import Balance, RefundPolicy
from loyalty.services.undoing import EFFECTS
from loyalty.tiers import TierReason
from storage.books import transactions
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.purchases import purchases
from storage.rewards import favourites
from storage.schema import metadata
from storage.tiers import tier_changes
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_reward
from tests.kit.till import Till

Tills = Callable[..., Till]
# They lead to a transaction, and no purchase writes into them.
OF_OTHERS = {"holds": "points that a member sets aside", "vouchers": "what a member takes for points"}
# They only grow: what stands in them is answered, never changed.
GROWS = {
    "deliveries",
    "lot_entries",
    "lots",
    "postings",
    "purchase_awards",
    "purchase_refunds",
    "purchases",
    "tier_changes",
    "transactions",
}


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


def rows(till: Till) -> dict[str, list[dict[str, Any]]]:
    with till.database.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in metadata.sorted_tables
        }


def tier(till: Till, member: Member) -> tuple[str, Any]:
    with till.database.engine.connect() as connection:
        query = select(members.c.tier, members.c.tier_grace_until).where(members.c.id == member.id)
        return tuple(connection.execute(query).one())


def waiting(till: Till, member: Member) -> list[str]:
    with till.database.engine.connect() as connection:
        query = select(deliveries.c.kind).where(deliveries.c.member_id == member.id, deliveries.c.state == "queued")
        return list(connection.execute(query.order_by(deliveries.c.id)).scalars())


def test_a_cashier_types_2500_for_25_and_everything_is_as_before(open_till: Tills) -> None:
    till = open_till(commission_percent=(10, 5))
    till.rule(first_points=30)
    zoe, ana, bo = till.customers("Zoe", "Ana", "Bo")
    cato = till.cashier("Cato")
    till.refers(zoe, ana, bo)
    reward = add_reward(till.units, till.shop_id, "Grinder", points=500)
    till.club.favourites.keep(bo, reward)
    till.sells(cato, ana, "3.00")
    till.sends()
    before = rows(till)

    booked = till.sells(cato, bo, "2500")
    assert tier(till, bo)[0] == Tier.GOLD
    assert till.club.favourites.tell_due() == 1
    till.club.till.undo(cato, booked.sold.purchase.id)

    after = rows(till)
    for table in before:
        assert after[table][: len(before[table])] == before[table] or table in {"balances"}, table
        if table not in GROWS:
            assert [row for row in after[table] if row != nothing(bo)] == before[table], table
    assert [till.balance(one) for one in (zoe, ana, bo)] == [Balance(50, pending=0), Balance(33 + 20), Balance()]
    assert all(waiting(till, one) == [] for one in (zoe, ana, bo)), "nobody hears of what never was"


def nothing(of: Member) -> dict[str, Any]:
    return {"member_id": of.id, "available": 0, "held": 0, "pending": 0, "floor": 0, "owed": 0}


def test_every_table_that_leads_to_a_purchase_is_in_the_list_of_effects() -> None:
    known = {table for effect in EFFECTS for table in effect.tables} | set(OF_OTHERS)

    def leads(table: Table) -> bool:
        targets = {key.column.table for key in table.foreign_keys}
        return bool(targets & {purchases, transactions}) or any(
            name in table.c for name in ("purchase_id", "transaction_id")
        )

    assert {table.name for table in metadata.sorted_tables if leads(table)} <= known
    assert known <= set(metadata.tables), "the list names tables that there are"


def test_whoever_had_read_of_it_hears_that_it_went(open_till: Tills) -> None:
    till = open_till(commission_percent=(10,))
    zoe, ana = till.customers("Zoe", "Ana")
    cato = till.cashier("Cato")
    till.refers(zoe, ana)
    booked = till.sells(cato, ana, "2500")
    till.sends()
    till.club.till.undo(cato, booked.sold.purchase.id)
    assert waiting(till, ana) == ["tier_undone", "purchase_undone"]
    assert waiting(till, zoe) == ["commission_undone", "referral_undone"]
    till.sends()
    till.sells(cato, ana, "2500")
    assert waiting(till, ana) == ["purchase", "tier_up"], "and is told of the right one, at the same prices"
    assert waiting(till, zoe) == ["referral_qualified", "commission"]


def test_the_change_back_is_logged_with_its_reason(open_till: Tills) -> None:
    till = open_till()
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    booked = till.sells(cato, ana, "2500")
    till.club.till.undo(cato, booked.sold.purchase.id)
    with till.database.engine.connect() as connection:
        query = select(tier_changes.c.tier_before, tier_changes.c.tier_after, tier_changes.c.reason)
        logged = [tuple(row) for row in connection.execute(query.order_by(tier_changes.c.id))]
    assert logged == [("member", "gold", TierReason.EARNED), ("gold", "member", TierReason.UNDONE)]


def test_a_tier_that_other_purchases_reach_stays(open_till: Tills) -> None:
    till = open_till()
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    till.sells(cato, ana, "400")
    mistake = till.sells(cato, ana, "1700")
    assert tier(till, ana)[0] == Tier.GOLD
    till.sells(cato, ana, "100")
    till.club.till.undo(cato, mistake.sold.purchase.id)
    assert tier(till, ana)[0] == Tier.SILVER


def test_a_tier_reached_by_the_mistake_and_the_next_purchase_falls_with_the_mistake(open_till: Tills) -> None:
    till = open_till()
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    mistake = till.sells(cato, ana, "450")
    till.sells(cato, ana, "60")
    assert tier(till, ana)[0] == Tier.SILVER
    till.club.till.undo(cato, mistake.sold.purchase.id)
    assert tier(till, ana)[0] == Tier.MEMBER


def test_a_tier_that_the_club_granted_meanwhile_stays(open_till: Tills) -> None:
    till = open_till()
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    mistake = till.sells(cato, ana, "600")
    till.club.tiers.grant(ana.code, Tier.GOLD)
    till.club.till.undo(cato, mistake.sold.purchase.id)
    assert tier(till, ana)[0] == Tier.GOLD


def test_a_grace_that_the_mistake_had_ended_runs_on(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till()
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    ends_at = clock() + timedelta(days=5)
    with till.database.engine.begin() as connection:
        connection.execute(
            update(members).where(members.c.id == ana.id).values(tier="silver", tier_grace_until=ends_at)
        )
    for amount in ("600", "2500"):  # kept, and raised
        mistake = till.sells(cato, ana, amount)
        assert tier(till, ana)[1] is None
        till.club.till.undo(cato, mistake.sold.purchase.id)
        assert tier(till, ana) == ("silver", ends_at)


def test_a_favourite_that_came_within_reach_is_told_of_again(open_till: Tills, clock: FrozenClock) -> None:
    till = open_till()
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    till.club.favourites.keep(ana, add_reward(till.units, till.shop_id, "Grinder", points=50))
    mistake = till.sells(cato, ana, "125")
    assert till.club.favourites.tell_due() == 1
    till.club.till.undo(cato, mistake.sold.purchase.id)
    with till.database.engine.connect() as connection:
        assert connection.execute(select(favourites.c.told_at)).scalar_one() is None
    assert waiting(till, ana) == []
    till.sells(cato, ana, "125")
    assert till.club.favourites.tell_due() == 1
    assert waiting(till, ana) == ["purchase", "favourite_in_reach"]


def test_what_really_went_back_is_said_before_and_after(open_till: Tills) -> None:
    till = open_till(refund_policy=RefundPolicy.CLAMP_TO_ZERO)
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    sold = till.sells(cato, ana, "100", nonce="SAMEWISH").sold
    till.spends(ana, 80)
    assert till.club.till.refund_quote(cato, sold.purchase.id, None, 2).points == 20
    till.sends()
    undone = till.club.till.undo(cato, sold.purchase.id)
    assert undone.points == 20
    again = till.club.till.booked(cato, "SAMEWISH")
    assert (again.sold.purchase.is_undone, again.points) == (True, 20)
    with till.database.engine.connect() as connection:
        query = select(deliveries.c.facts).where(deliveries.c.kind == "purchase_undone")
        assert connection.execute(query).scalar_one()["points"] == 20


@pytest.mark.parametrize("policy", list(RefundPolicy))
def test_the_quote_of_a_refund_is_what_the_refund_takes(open_till: Tills, policy: RefundPolicy) -> None:
    till = open_till(refund_policy=policy)
    till.rule(first_points=30)
    (ana,), cato = till.customers("Ana"), till.cashier("Cato")
    sold = till.sells(cato, ana, "100").sold
    till.spends(ana, 115)
    quote = till.club.till.refund_quote(cato, sold.purchase.id, None, 2)
    assert quote.points == (130 if policy is RefundPolicy.ALLOW_NEGATIVE else 15)
    assert till.club.till.refund(cato, sold.purchase.id, 10_000, quote.nonce).points == quote.points
