"""Members and purchases from files, booked once however often they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from loyalty.claims import NUMBER
from loyalty.deliveries import Lane, Notice
from loyalty.earning import EarnRule
from loyalty.errors import ImportRunsElsewhere, NotFound
from loyalty.imports import Batch, Fault, ImportKind, ImportRun, LineError, NewMemberLine, NewPurchaseLine
from loyalty.members import Address, Birthday, Language, Tier
from loyalty.merchants import Merchant
from loyalty.points import expiry
from loyalty.services import Club
from storage.audit import audit
from storage.books import lots, postings
from storage.database import Database
from storage.members import consents, members
from storage.outbox import deliveries
from storage.purchases import purchases
from storage.tiers import tier_changes
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.numbers import bring_over, holder
from tests.kit.shops import add_merchant

BOUGHT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def audited(database: Database) -> Iterator[None]:
    yield
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []


@pytest.fixture
def shop(club: Club, units: UnitFactory) -> Merchant:
    """Of a point per euro, twice as many for coffee."""
    merchant_id = add_merchant(units, "Corner")
    club.purchases.set_rule(merchant_id, EarnRule(tags={"coffee": 200}))
    return Merchant(merchant_id, "Corner")


def member(number: str, line: int = 2, name: str = "Nora Berg", **facts: Any) -> NewMemberLine:
    return NewMemberLine(line, number, name, **facts)


def purchase(receipt: str, line: int = 2, **facts: Any) -> NewPurchaseLine:
    facts = {"number": "4711", "shop": "Corner", "amount_minor": 1250, "at": BOUGHT, **facts}
    return NewPurchaseLine(line=line, receipt=receipt, **facts)


def batch(*lines: Any, repeated: int = 0, errors: tuple[LineError, ...] = ()) -> Batch[Any]:
    return Batch(lines, len(lines) + repeated + len(errors), repeated, errors)


def count(database: Database, table: Any) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.lines_done, run.added, run.known, run.refused


def test_members_come_as_they_were(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: Merchant
) -> None:
    run = club.imports.begin(ImportKind.MEMBERS, "file")
    joined = datetime(2020, 2, 1, tzinfo=UTC)
    whole = member(
        "4711",
        phone="+491701234567",
        language=Language.TRADITIONAL,
        tier=Tier.GOLD,
        points=120,
        birthday=Birthday(12, 24),
        joined_at=joined,
    )
    run = club.imports.book_members(
        run, batch(whole, member("4712", 3)), language=Language.SIMPLIFIED, funder_id=shop.id
    )
    assert counts(run) == (2, 2, 0, 0)
    nora, bare = holder(units, "4711"), holder(units, "4712")
    assert (nora.name, nora.language, nora.tier, nora.joined_at) == (
        "Nora Berg",
        Language.TRADITIONAL,
        Tier.GOLD,
        joined,
    )
    assert (nora.phone, nora.birthday) == ("+491701234567", Birthday(12, 24))
    assert nora.tier_kept_until == clock() + timedelta(days=365)
    assert (bare.language, bare.tier, bare.tier_kept_until) == (Language.SIMPLIFIED, Tier.MEMBER, None)
    assert club.points.balance(nora.id).available == 120
    assert not nora.topics, "nobody has agreed to anything in a file"
    assert count(database, consents) == count(database, deliveries) == 0
    with database.engine.connect() as connection:
        paid = select(postings.c.amount).where(postings.c.merchant_id == shop.id)
        assert connection.execute(paid).scalars().all() == [-120]
        granted = select(tier_changes.c.member_id, tier_changes.c.tier_after, tier_changes.c.reason)
        assert [tuple(row) for row in connection.execute(granted)] == [(nora.id, "gold", "granted")]
        assert connection.execute(select(members.c.phone_ending).order_by(members.c.id)).scalars().all() == [
            "4567",
            None,
        ]
    figures = club.operators.report().figures
    assert (figures.members, figures.members_unreachable) == (2, 0)


def test_a_known_number_adds_nothing(club: Club, units: UnitFactory, database: Database) -> None:
    bring_over(club, "4711", points=100)
    for fingerprint in ("same", "same", "overlapping"):
        run = club.imports.begin(ImportKind.MEMBERS, fingerprint)
        assert club.imports.check_members(batch(member("4711", points=100))).known == 1
        run = club.imports.book_members(run, batch(member("4711", name="Somebody else", points=100)))
        assert counts(run) == (1, 0, 1, 0)
        club.imports.finish(run)
    nora = holder(units, "4711")
    assert (nora.name, club.points.balance(nora.id).available) == ("Nora Berg", 100)
    assert count(database, members) == 1


def test_nobody_is_written_to_at_a_number(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    bring_over(club, "4711", points=100)
    nora = holder(units, "4711")
    assert (nora.address, nora.is_reachable) == (Address(NUMBER, "4711"), False)
    with units() as uow:
        uow.outbox.add([Notice(nora.id, "adjusted", "adjusted:1", {"points": 1, "reason": "test"})], clock())
        uow.commit()
    assert club.deliveries.claim(Lane.TRANSACTIONAL, 10, timedelta(minutes=1)) == []
    with database.engine.connect() as connection:
        assert connection.execute(select(deliveries.c.state, deliveries.c.reason)).one() == (
            "suppressed",
            "unreachable",
        )


def test_purchases_earn_as_at_the_till_of_that_day(
    club: Club, units: UnitFactory, database: Database, shop: Merchant
) -> None:
    club.purchases.set_rule(shop.id, EarnRule(tags={"coffee": 200}, points_day_max=40, first_points=5))
    bring_over(club, "4711")
    run = club.imports.begin(ImportKind.PURCHASES, "file")
    run = club.imports.book_purchases(
        run,
        batch(
            purchase("A-1", tags=("coffee",), note="beans"),
            purchase("A-2", 3, amount_minor=3000, shop=str(shop.id)),
            purchase("A-3", 4, at=BOUGHT + timedelta(days=1), shop=""),
        ),
        shop=shop,
    )
    assert counts(run) == (3, 3, 0, 0)
    nora = holder(units, "4711")
    assert club.points.balance(nora.id).available == 25 + 5 + 15 + 12, "the second one is cut by the day's cap"
    assert count(database, deliveries) == 0
    with database.engine.connect() as connection:
        booked = select(purchases.c.receipt, purchases.c.channel, purchases.c.at, purchases.c.note)
        assert tuple(connection.execute(booked.order_by(purchases.c.id)).first() or ()) == (
            "A-1",
            "import",
            BOUGHT,
            "beans",
        )
        days = connection.execute(select(lots.c.expires_at).distinct().order_by(lots.c.expires_at)).scalars().all()
    zone = club.programme.zone
    assert days == [expiry(BOUGHT, 365, zone), expiry(BOUGHT + timedelta(days=1), 365, zone)], "from the purchase on"


def test_points_that_would_be_over_by_now_expire(
    club: Club, units: UnitFactory, shop: Merchant, clock: FrozenClock
) -> None:
    bring_over(club, "4711")
    run = club.imports.begin(ImportKind.PURCHASES, "file")
    club.imports.book_purchases(run, batch(purchase("A-1", at=clock() - timedelta(days=400)), purchase("A-2", 3)))
    while club.points.expire_due():
        pass
    assert club.points.balance(holder(units, "4711").id).available == 12


def test_a_receipt_is_booked_once_whichever_way_it_comes(
    club: Club, units: UnitFactory, database: Database, shop: Merchant
) -> None:
    bring_over(club, "4711")
    nora = holder(units, "4711")
    club.purchases.record(nora.id, shop.id, 1250, key="till", actor="staff:1", receipt="A-1")
    for fingerprint in ("first", "second", "second"):
        run = club.imports.begin(ImportKind.PURCHASES, fingerprint)
        lines = batch(purchase("A-1"), purchase("A-2", 3), purchase("A-2", 4, shop=str(shop.id)))
        run = club.imports.book_purchases(run, lines)
        club.imports.finish(run)
        assert counts(run) == ((3, 1, 2, 0) if fingerprint == "first" else (3, 0, 3, 0))
    assert count(database, purchases) == 2
    assert club.points.balance(nora.id).available == 24


def test_what_the_club_does_not_know_is_refused_line_by_line(
    club: Club, units: UnitFactory, database: Database, shop: Merchant
) -> None:
    bring_over(club, "4711")
    club.purchases.record(holder(units, "4711").id, shop.id, 999, key="till", actor="staff:1", receipt="USED")
    broken = LineError(9, "amount", Fault.UNREADABLE, "十二")
    lines = batch(
        purchase("A-1"),
        purchase("A-2", 3, number="9999"),
        purchase("A-3", 4, shop="Nowhere", number="9998"),
        purchase("USED", 5),
        purchase("B-1", 6),
        purchase("B-1", 7, shop=str(shop.id), amount_minor=1),
        purchase("A-5", 8, shop=""),
        errors=(broken,),
    )
    heard: list[LineError] = []
    dry = club.imports.check_purchases(lines)
    run = club.imports.begin(ImportKind.PURCHASES, "file")
    run = club.imports.book_purchases(run, lines, report=heard.extend)
    assert heard == [
        LineError(3, "number", Fault.UNKNOWN, "9999"),
        LineError(4, "number", Fault.UNKNOWN, "9998"),
        LineError(4, "shop", Fault.UNKNOWN, "Nowhere"),
        LineError(5, "receipt", Fault.USED, "USED"),
        LineError(7, "receipt", Fault.USED, "B-1"),
        LineError(8, "shop", Fault.UNKNOWN, ""),
        broken,
    ]
    assert counts(run) == (8, 2, 0, 6)
    assert [error.line for error in dry.errors if error.line != 9] == [3, 4, 4, 8, 5]
    assert count(database, purchases) == 3


def test_a_dry_run_writes_nothing(club: Club, database: Database, shop: Merchant) -> None:
    before = count(database, members)
    outcome = club.imports.check_members(batch(member("4711", points=10), repeated=1))
    assert (outcome.added, outcome.known, outcome.refused) == (1, 1, 0)
    bought = club.imports.check_purchases(batch(purchase("A-1")), shop)
    assert (bought.added, bought.refused) == (0, 1)
    assert count(database, members) == before


def test_a_batch_that_fails_leaves_nothing_behind(club: Club, database: Database) -> None:
    run = club.imports.begin(ImportKind.MEMBERS, "file")

    def breaks(_errors: object) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        club.imports.book_members(run, batch(member("4711", points=10)), report=breaks)
    assert count(database, members) == 0
    assert club.imports.begin(ImportKind.MEMBERS, "file") == run
    assert counts(club.imports.book_members(run, batch(member("4711", points=10)))) == (1, 1, 0, 0)


def test_a_run_goes_on_where_it_was_cut_off(club: Club) -> None:
    run = club.imports.begin(ImportKind.MEMBERS, "file")
    run = club.imports.book_members(run, batch(member("1"), member("2", 3)))
    assert club.imports.begin(ImportKind.MEMBERS, "file") == run
    assert club.imports.begin(ImportKind.MEMBERS, "changed file").lines_done == 0
    assert club.imports.begin(ImportKind.PURCHASES, "file").lines_done == 0
    club.imports.finish(run)
    assert counts(club.imports.begin(ImportKind.MEMBERS, "file")) == (0, 0, 0, 0)


def test_two_programs_do_not_bring_one_run_on(club: Club, database: Database) -> None:
    run = club.imports.begin(ImportKind.MEMBERS, "file")
    club.imports.book_members(run, batch(member("1")))
    with pytest.raises(ImportRunsElsewhere):
        club.imports.book_members(run, batch(member("2")))
    assert count(database, members) == 1


def test_a_shop_is_found_by_name_or_number(club: Club, shop: Merchant) -> None:
    assert {club.imports.shop(given).id for given in ("Corner", "corner ", "ＣＯＲＮＥＲ", str(shop.id))} == {shop.id}
    for unknown in ("", "corners", "0", "9" * 30, "-1", "٣"):
        with pytest.raises(NotFound):
            club.imports.shop(unknown)


def test_a_claimed_number_goes_on_being_imported(club: Club, units: UnitFactory, shop: Merchant) -> None:
    bring_over(club, "4711", points=10)
    nora = club.members.enrol(Address("telegram", "1"), name="Nora", client_language="en").member
    club.points.check_in(nora)
    club.claims.claim(nora, club.claims.issue("4711").code)
    run = club.imports.begin(ImportKind.PURCHASES, "file")
    club.imports.book_purchases(run, batch(purchase("A-1")))
    assert club.points.balance(nora.id).available == 1 + 10 + 12
