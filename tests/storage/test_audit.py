"""The audit finds what somebody did to the books behind the program's back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, insert, update

from loyalty.programme import Programme
from loyalty.services import ledger
from storage.audit import CHECKS, audit
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import enrol

Forgery = Callable[[Connection, int], object]


@pytest.fixture
def member_id(units: UnitFactory, clock: FrozenClock) -> int:
    """Somebody with points, some of them set aside, some captured, and nothing wrong with them."""
    member = enrol(units, "Ana")
    with units() as uow:
        at = clock()
        ledger.award(uow, Programme(), member.id, 100, key="a", cause="test", actor="test", at=at)
        ledger.hold(uow, member.id, 30, key="h", cause="test", actor="test", at=at)
        gone = ledger.hold(uow, member.id, 10, key="g", cause="test", actor="test", at=at)
        ledger.capture(uow, gone.id, actor="test", at=at)
        uow.commit()
    return member.id


def transaction(connection: Connection, key: str) -> int:
    values = {"key": key, "fingerprint": "", "kind": "adjust", "cause": "raid", "actor": "x", "at": FrozenClock()()}
    added: int = connection.execute(insert(transactions).returning(transactions.c.id), values).scalar_one()
    return added


def post(connection: Connection, member_id: int, *amounts: tuple[str, int]) -> None:
    """A transaction that moves no lot."""
    number = transaction(connection, "raid")
    for account, amount in amounts:
        whose = member_id if account in ("available", "held") else None
        connection.execute(
            insert(postings), {"transaction_id": number, "account": account, "member_id": whose, "amount": amount}
        )


FORGERIES: dict[str, Forgery] = {
    "transactions sum to zero": lambda connection, member: post(connection, member, ("available", 5)),
    "every transaction has postings": lambda connection, _: transaction(connection, "empty"),
    "balances equal postings": lambda connection, _: connection.execute(update(balances).values(available=61)),
    "lots equal balances": lambda connection, _: connection.execute(update(lots).values(available=61)),
    "lots equal their entries": lambda connection, _: connection.execute(
        insert(lot_entries),
        {"transaction_id": transaction(connection, "x"), "lot_id": 1, "available": 1, "held": 0, "pending": 0},
    ),
    "open holds equal held balances": lambda connection, member: connection.execute(
        insert(holds),
        {
            "member_id": member,
            "amount": 1,
            "state": "held",
            "cause": "raid",
            "opened_by": transaction(connection, "raid"),
        },
    ),
}


def broken(database: Database) -> dict[str, tuple[str, ...]]:
    with database.engine.connect() as connection:
        return {finding.check: finding.faults for finding in audit(connection) if not finding.holds}


def test_books_that_are_right_pass(database: Database, member_id: int) -> None:
    assert broken(database) == {}


def test_every_check_has_its_forgery() -> None:
    assert set(FORGERIES) == set(CHECKS)


@pytest.mark.parametrize("check", FORGERIES)
def test_a_forgery_is_found_and_named(database: Database, member_id: int, check: str) -> None:
    with database.engine.begin() as connection:
        FORGERIES[check](connection, member_id)
    faults = broken(database)
    assert check in faults
    assert faults[check][0].partition(":")[0].isdigit()


def test_points_from_nowhere_that_balance_are_found_in_the_lots(database: Database, member_id: int) -> None:
    with database.engine.begin() as connection:
        post(connection, member_id, ("available", 5), ("issued", -5))
        connection.execute(update(balances).values(available=balances.c.available + 5))
    assert set(broken(database)) == {"lots equal balances"}
