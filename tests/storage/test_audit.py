"""The audit finds what somebody did to the books behind the program's back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypedDict

import pytest
from sqlalchemy import ColumnElement, Connection, Table, delete, event, insert, select, update

from loyalty.points import Recorded
from loyalty.programme import Programme
from loyalty.services import ledger
from storage.audit import CHECKS, FAULTS_SHOWN, Finding, audit
from storage.books import balances, holds, lot_entries, lots, postings
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.forgery import post, transaction, unguarded
from tests.kit.shops import add_merchant, enrol

PROGRAMME = Programme(lot_days=30)
AT = FrozenClock()()


class Said(TypedDict):
    key: str
    cause: str
    actor: str


class Books:
    """A club in which everything has happened once, all of it right."""

    def __init__(self, units: UnitFactory) -> None:
        self.shop = add_merchant(units, "Corner")
        self.ana, self.bo, self.new = (enrol(units, name).id for name in ("Ana", "Bo", "New"))
        with units() as uow:
            self._fill(uow)
            uow.commit()

    def _fill(self, uow: SqlUnitOfWork) -> None:
        def said(key: str) -> Said:
            return {"key": key, "cause": "test", "actor": "test"}

        def award(member_id: int, points: int, key: str, **how: Any) -> int:
            given: Recorded = ledger.award(
                uow, PROGRAMME, member_id, points, **said(key), at=AT, funder_id=self.shop, **how
            )
            return given.transaction_id

        def spend(points: int, key: str) -> int:
            return ledger.spend(uow, self.bo, points, **said(key), at=AT, merchant_id=self.shop).transaction_id

        def hold(points: int, key: str) -> int:
            return ledger.hold(uow, self.ana, points, **said(key), at=AT).id

        def refund(award_id: int, points: int, key: str) -> int:
            return ledger.refund(uow, PROGRAMME, award_id, points, **said(key), at=AT).transaction_id

        self.award = award(self.ana, 100, "award")
        self.refunded = award(self.ana, 50, "refunded")
        self.refund = refund(self.refunded, 20, "refund")
        award(self.ana, 8, "pending", is_pending=True)
        self.reversed = award(self.ana, 7, "reversed")
        self.reversal = ledger.reverse(uow, PROGRAMME, self.reversed, actor="test", at=AT).transaction_id
        self.open, self.captured, released = hold(30, "open"), hold(10, "captured"), hold(5, "released")
        ledger.capture(uow, self.captured, actor="test", at=AT, merchant_id=self.shop)
        ledger.release(uow, PROGRAMME, released, actor="test", at=AT + timedelta(days=60))
        ledger.transfer(uow, self.ana, self.bo, 4, **said("gift"), at=AT)
        ledger.set_credit(uow, self.bo, 50)
        ledger.reverse(uow, PROGRAMME, spend(24, "spent"), actor="test", at=AT)
        lost = award(self.bo, 40, "lost")
        spend(90, "credit")
        refund(lost, 40, "owing")


@pytest.fixture
def books(units: UnitFactory) -> Books:
    return Books(units)


def findings(database: Database, step: int = 20_000) -> list[Finding]:
    with database.engine.connect() as connection:
        return audit(connection, step=step)


def broken(database: Database) -> dict[str, tuple[str, ...]]:
    return {finding.check: finding.faults for finding in findings(database) if not finding.holds}


Forgery = Callable[[Connection, Books], None]
FORGERIES: list[tuple[str, Forgery, str, set[str]]] = []


def breaks(check: str, said: str, *also: str) -> Callable[[Forgery], Forgery]:
    """A forgery that breaks `check` and no other but `also`, and what the audit says of it."""

    def keep(forgery: Forgery) -> Forgery:
        FORGERIES.append((check, forgery, said, {check, *also}))
        return forgery

    return keep


@breaks("transactions sum to zero", "postings sum to 5")
def one_posting_alone(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection), ("issued", 5, None))


@breaks("every transaction has postings", "adjust without postings")
def no_posting(connection: Connection, books: Books) -> None:
    transaction(connection)


@breaks("every transaction has postings", "2 postings without their transaction")
def postings_of_nothing(connection: Connection, books: Books) -> None:
    post(connection, 10**6, ("issued", 5, None), ("expired", -5, None))


@breaks("every transaction has a fingerprint", "adjust without a fingerprint")
def no_fingerprint(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection, fingerprint=""), ("issued", 0, None))


@breaks("kinds and accounts are known", "unknown kind 'gift'")
def unknown_kind(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection, kind="gift"), ("issued", 0, None))


@breaks("kinds and accounts are known", "unknown account 'pocket'")
def unknown_account(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection), ("pocket", 0, None))


@breaks("balances equal postings", "balance 87/30/8, postings 86/30/8", "lots equal balances")
def one_point_more(connection: Connection, books: Books) -> None:
    change(connection, balances, balances.c.member_id == books.ana, available=87)


@breaks("balances equal postings", "balance 86/30/0, postings 86/30/8", "lots equal balances")
def nothing_pending(connection: Connection, books: Books) -> None:
    change(connection, balances, balances.c.member_id == books.ana, pending=0)


@breaks(
    "balances equal postings",
    "balance 86/31/8, postings 86/30/8",
    "lots equal balances",
    "open holds equal held balances",
)
def more_held(connection: Connection, books: Books) -> None:
    change(connection, balances, balances.c.member_id == books.ana, held=31)


@breaks("balances equal postings", "no balance for these postings")
def no_balance(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection), ("available", 3, books.new), ("available", -3, books.new))


@breaks("lots equal balances", "balance 0/0/0, lots 1/2/3")
def lot_of_a_newcomer(connection: Connection, books: Books) -> None:
    open_lot(connection, books.new, available=1, held=2, pending=3)


@breaks("lots equal balances", "balance 0/0/0, lots 1/0/0")
def lot_of_somebody_below_zero(connection: Connection, books: Books) -> None:
    open_lot(connection, books.bo, available=1)


@breaks("lots equal balances", "balance 91/30/8, lots 86/30/8")
def points_from_nowhere(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection), ("available", 5, books.ana), ("issued", -5, None))
    change(connection, balances, balances.c.member_id == books.ana, available=91)


@breaks("open holds equal held balances", "30 held, but open holds of 0")
def hold_forgotten(connection: Connection, books: Books) -> None:
    connection.execute(delete(holds).where(holds.c.id == books.open))


@breaks("owed is what lies below the floor", "owed is 0, should be 36")
def debt_forgiven(connection: Connection, books: Books) -> None:
    change(connection, balances, balances.c.member_id == books.bo, owed=0)


@breaks("owed is what lies below the floor", "owed is 5, should be 0")
def debt_invented(connection: Connection, books: Books) -> None:
    change(connection, balances, balances.c.member_id == books.ana, owed=5)


@breaks("lots equal their entries", "lot 8/0/0, entries 0/0/8", "lots equal balances")
def lot_released(connection: Connection, books: Books) -> None:
    change(connection, lots, lots.c.pending > 0, pending=0, available=lots.c.pending)


@breaks("lots equal their entries", "its entries say 2026-07-07")
def grace_forgotten(connection: Connection, books: Books) -> None:
    """Released two months later, so that its points had a week more; the lot forgot it."""
    change(connection, lots, lots.c.expires_at == AT + timedelta(days=67), expires_at=AT + timedelta(days=31))


@breaks("lots equal their entries", "its entries say None")
def lot_without_entries(connection: Connection, books: Books) -> None:
    connection.execute(insert(lots), {"member_id": books.new, "available": 0, "expires_at": AT})


@breaks("no lot is below zero", "available, held, pending: -5/0/0")
def lot_below_zero(connection: Connection, books: Books) -> None:
    open_lot(connection, books.new, available=-5)
    open_lot(connection, books.new, available=5)


@breaks("holds rest on what set them aside", "opened by earn")
def hold_of_an_award(connection: Connection, books: Books) -> None:
    change(connection, holds, holds.c.id == books.open, opened_by=books.award)


@breaks("holds rest on what set them aside", "31 held, 30 posted", "open holds equal held balances")
def hold_grows(connection: Connection, books: Books) -> None:
    change(connection, holds, holds.c.id == books.open, amount=31)


@breaks("holds rest on what set them aside", "30 held, 20 of it in lots", "lots equal their entries")
def hold_without_all_lots(connection: Connection, books: Books) -> None:
    opened_by = select(holds.c.opened_by).where(holds.c.id == books.open).scalar_subquery()
    change(connection, lot_entries, lot_entries.c.transaction_id == opened_by, held=20)


@breaks("closed holds have what closed them", "released, but closed by capture")
def captured_is_called_released(connection: Connection, books: Books) -> None:
    change(connection, holds, holds.c.id == books.captured, state="released")


@breaks("closed holds have what closed them", "captured, but closed by nothing")
def captured_by_nothing(connection: Connection, books: Books) -> None:
    change(connection, holds, holds.c.id == books.captured, closed_by=None)


@breaks("closed holds have what closed them", "lost, but closed by capture")
def unknown_state(connection: Connection, books: Books) -> None:
    change(connection, holds, holds.c.id == books.captured, state="lost")


@breaks("closed holds have what closed them", "10 held, 9 captured")
def captured_less(connection: Connection, books: Books) -> None:
    """Everybody has the same in the end; only the hold tells."""
    change(connection, postings, (postings.c.account == "held") & (postings.c.amount == -10), amount=-9)
    change(connection, postings, (postings.c.account == "redeemed") & (postings.c.amount == 10), amount=9)
    post(connection, transaction(connection), ("held", -1, books.ana), ("redeemed", 1, books.shop))


@breaks("closed holds have what closed them", "10 captured, 9 of it from lots", "lots equal their entries")
def captured_from_less(connection: Connection, books: Books) -> None:
    closed_by = select(holds.c.closed_by).where(holds.c.id == books.captured).scalar_subquery()
    change(connection, lot_entries, lot_entries.c.transaction_id == closed_by, held=-9)


@breaks("reversals undo their original", "a reversal that names nothing")
def reversal_of_nothing(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection, kind="reverse"), ("issued", 0, None))


@breaks("reversals undo their original", "adjust names 1, but is no reversal")
def adjustment_as_reversal(connection: Connection, books: Books) -> None:
    number = transaction(connection, reverses_id=books.award)
    post(connection, number, ("funding", 100, books.shop), ("expired", -100, books.shop))


@breaks("reversals undo their original", "which is reverse")
def reversal_of_a_reversal(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="reverse", reverses_id=books.reversal)
    post(connection, number, ("funding", -7, books.shop), ("expired", 7, books.shop))


@breaks("reversals undo their original", "not the opposite of 1 for whoever funded or redeemed it")
def funder_gets_less(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="reverse", reverses_id=books.award)
    post(connection, number, ("funding", 99, books.shop), ("expired", -99, books.shop))


@breaks("reversals undo their original", "not the opposite of 1 for whoever funded or redeemed it")
def the_club_gets_it(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="reverse", reverses_id=books.award)
    post(connection, number, ("issued", 100, None), ("expired", -100, books.shop))


@breaks("reversals undo their original", "moves points of members whom 1 did not", "balances equal postings")
def somebody_else_pays(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="reverse", reverses_id=books.award)
    post(connection, number, ("funding", 100, books.shop), ("available", -100, books.new))


@breaks("refunds stay within their award", "a refund that names nothing")
def refund_of_nothing(connection: Connection, books: Books) -> None:
    post(connection, transaction(connection, kind="refund"), ("issued", 0, None))


@breaks("refunds stay within their award", "adjust names 1, but is no refund")
def adjustment_as_refund(connection: Connection, books: Books) -> None:
    number = transaction(connection, refunds_id=books.award)
    post(connection, number, ("funding", 1, books.shop), ("expired", -1, books.shop))


@breaks("refunds stay within their award", "refunded more than it gave, or to somebody else")
def refunded_too_much(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="refund", refunds_id=books.refunded)
    post(connection, number, ("funding", 31, books.shop), ("expired", -31, books.shop))


@breaks("refunds stay within their award", "refunded more than it gave, or to somebody else")
def refunded_to_the_club(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="refund", refunds_id=books.award)
    post(connection, number, ("issued", 1, None), ("expired", -1, books.shop))


@breaks("refunds stay within their award", "refunded and reversed")
def refunded_and_reversed(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="refund", refunds_id=books.reversed)
    post(connection, number, ("funding", 1, books.shop), ("expired", -1, books.shop))


@breaks("refunds stay within their award", "refunded, but is refund")
def refund_of_a_refund(connection: Connection, books: Books) -> None:
    number = transaction(connection, kind="refund", refunds_id=books.refund)
    post(connection, number, ("funding", 0, books.shop), ("expired", 0, books.shop))


def change(connection: Connection, table: Table, where: ColumnElement[bool], **values: Any) -> None:
    connection.execute(update(table).where(where).values(values))


def open_lot(connection: Connection, member_id: int, **points: int) -> None:
    """A lot and its entry, but nothing that pays for it."""
    values = {"available": 0, "held": 0, "pending": 0, "expires_at": AT} | points
    added = insert(lots).values(member_id=member_id, **values).returning(lots.c.id)
    lot_id = connection.execute(added).scalar_one()
    number = transaction(connection, f"lot {lot_id}")
    post(connection, number, ("issued", 0, None))
    connection.execute(insert(lot_entries), {"transaction_id": number, "lot_id": lot_id} | values)


def test_books_that_are_right_pass(database: Database, books: Books) -> None:
    assert broken(database) == {}


def test_every_check_has_its_forgery() -> None:
    assert {check for check, *_ in FORGERIES} == set(CHECKS)


@pytest.mark.parametrize(
    ("check", "forgery", "said", "fails"), FORGERIES, ids=[forgery.__name__ for _, forgery, *_ in FORGERIES]
)
def test_a_forgery_is_found_and_named(
    database: Database, books: Books, check: str, forgery: Forgery, said: str, fails: set[str]
) -> None:
    with unguarded(database) as connection:
        forgery(connection, books)
    found = broken(database)
    assert set(found) == fails
    (fault,) = found[check]
    number, _, words = fault.partition(": ")
    assert number.isdigit()
    assert said in words


@pytest.mark.parametrize("step", [1, 3])
def test_small_ranges_find_the_same(database: Database, books: Books, step: int) -> None:
    with unguarded(database) as connection:
        for forgery in (
            one_point_more,
            refunded_too_much,
            debt_forgiven,
            lot_below_zero,
            hold_grows,
            postings_of_nothing,
        ):
            forgery(connection, books)
    at_once = findings(database)
    assert sum(not finding.holds for finding in at_once) >= 6
    assert findings(database, step) == at_once


def test_progress_reaches_its_end(database: Database, books: Books) -> None:
    heard: list[tuple[int, int]] = []
    with database.engine.connect() as connection:
        audit(connection, lambda done, total: heard.append((done, total)), step=3)
    total = heard[-1][1]
    assert heard == [(done, total) for done in range(1, total + 1)]
    assert total > len(CHECKS)


def test_of_many_faults_the_first_are_shown_and_all_counted(database: Database, books: Books) -> None:
    with database.engine.begin() as connection:
        for number in range(FAULTS_SHOWN + 5):
            transaction(connection, f"empty {number}")
    found = next(finding for finding in findings(database) if finding.check == "every transaction has postings")
    assert found.faulty_count == FAULTS_SHOWN + 5
    assert len(found.faults) == FAULTS_SHOWN


def test_an_audit_of_little_takes_few_statements(database: Database, books: Books) -> None:
    """State machines audit after every step."""
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *event: statements.append(event[2]))
    findings(database)
    assert 0 < len(statements) <= 10
