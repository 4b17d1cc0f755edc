"""What is derived can be thrown away: the append-only rows bring it back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from loyalty.programme import Programme
from loyalty.services import ledger
from storage.audit import FAULTS_SHOWN, audit
from storage.books import balances, holds, lots
from storage.database import Database
from storage.rebuild import Rebuilt, compare, rebuild
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.forgery import post, transaction, unguarded
from tests.kit.shops import enrol

PROGRAMME = Programme(lot_days=30)
AT = FrozenClock()()
ERROR = 5


@pytest.fixture
def members(units: UnitFactory) -> tuple[int, int]:
    """Ana has points free, held, pending, and in a lot with a week of grace; Bo owes."""
    ana, bo = enrol(units, "Ana").id, enrol(units, "Bo").id
    said: dict[str, Any] = {"cause": "test", "actor": "test", "at": AT}
    with units() as uow:
        ledger.award(uow, PROGRAMME, ana, 100, key="a", **said)
        ledger.award(uow, PROGRAMME, ana, 20, key="p", is_pending=True, **said)
        ledger.hold(uow, ana, 30, key="h", **said)
        late = ledger.hold(uow, ana, 5, key="l", **said)
        ledger.release(uow, PROGRAMME, late.id, actor="test", at=AT + timedelta(days=60))
        ledger.set_credit(uow, bo, 10)
        given = ledger.award(uow, PROGRAMME, bo, 40, key="b", **said)
        ledger.spend(uow, bo, 45, key="s", **said)
        ledger.refund(uow, PROGRAMME, given.transaction_id, 40, key="r", **said)
        uow.commit()
    return ana, bo


def everything(database: Database) -> list[tuple[Any, ...]]:
    """What is derived, with what is agreed upon beside it."""
    with database.engine.connect() as connection:
        return [
            tuple(row)
            for table, key in ((balances, balances.c.member_id), (lots, lots.c.id))
            for row in connection.execute(select(table).order_by(key))
        ]


def compared(database: Database, step: int = 20_000) -> Rebuilt:
    with database.engine.connect() as connection:
        return compare(connection, step=step)


def is_well(database: Database) -> bool:
    with database.engine.connect() as connection:
        return all(finding.holds for finding in audit(connection))


def change(connection: Connection, table: Table, where: ColumnElement[bool], **values: Any) -> None:
    connection.execute(update(table).where(where).values(values))


def test_books_that_are_right_stay_as_they_are(database: Database, members: tuple[int, int]) -> None:
    before = everything(database)
    assert compared(database).count == 0
    assert rebuild(database).count == 0
    assert everything(database) == before


Ruin = Callable[[Connection], Any]
RUINS: dict[str, tuple[Ruin, str, int, int]] = {
    "what is available": (
        lambda connection: change(connection, balances, balances.c.held == 30, available=9),
        "balance 1: available 9 → 70",
        1,
        0,
    ),
    "what is held and pending": (
        lambda connection: change(connection, balances, balances.c.held == 30, held=0, pending=1),
        "balance 1: held 0 → 30, pending 1 → 20",
        1,
        0,
    ),
    "what is owed": (
        lambda connection: change(connection, balances, balances.c.owed > 0, owed=77),
        "balance 2: owed 77 → 35",
        1,
        0,
    ),
    "a balance that nothing has": (
        lambda connection: connection.execute(delete(balances).where(balances.c.held == 30)),
        "balance 1: missing; available 0 → 70, held 0 → 30, pending 0 → 20",
        1,
        0,
    ),
    "a lot": (
        lambda connection: change(connection, lots, lots.c.pending > 0, pending=0, available=20, held=1),
        "lot 2: available 20 → 0, held 1 → 0, pending 0 → 20",
        0,
        1,
    ),
    "when a lot expires": (
        lambda connection: change(connection, lots, lots.c.held > 0, expires_at=AT),
        "lot 1: expires_at 2026-05-01 10:00:00+00:00 → 2026-07-07 10:00:00+00:00",
        0,
        1,
    ),
}


@pytest.mark.parametrize("what", RUINS)
@pytest.mark.parametrize("step", [1, 20_000])
def test_what_was_ruined_comes_back(database: Database, members: tuple[int, int], what: str, step: int) -> None:
    ruin, said, balances_changed, lots_changed = RUINS[what]
    before = everything(database)
    with unguarded(database) as connection:
        ruin(connection)
    ruined = everything(database)

    found = compared(database, step)
    assert (found.balances, found.lots, found.obstacles) == (balances_changed, lots_changed, 0)
    assert [str(difference) for difference in found.shown] == [said]
    assert everything(database) == ruined, "comparing writes nothing"

    written = rebuild(database, step=step)
    assert (written.balances, written.lots) == (balances_changed, lots_changed)
    assert everything(database) == before
    assert is_well(database)
    assert rebuild(database).count == 0


def test_all_of_it_comes_back_but_what_is_agreed_upon(database: Database, members: tuple[int, int]) -> None:
    """A floor is in no posting. Who has none may owe instead."""
    before = everything(database)
    with unguarded(database) as connection:
        connection.execute(delete(balances))
        connection.execute(update(lots).values(available=0, held=0, pending=0, expires_at=AT))
    assert rebuild(database).count == len(before)
    assert is_well(database)
    assert everything(database)[0] == before[0]
    with database.engine.connect() as connection:
        bo = connection.execute(select(balances).where(balances.c.member_id == members[1])).one()
    assert (bo.available, bo.floor, bo.owed) == (-45, 0, 45)


def test_holds_that_contradict_the_postings_are_named_and_left_alone(
    database: Database, members: tuple[int, int]
) -> None:
    with unguarded(database) as connection:
        connection.execute(delete(holds).where(holds.c.state == "held"))
        change(connection, balances, balances.c.held == 30, available=9)
    ruined = everything(database)
    for found in (compared(database), rebuild(database)):
        assert (found.balances, found.lots, found.obstacles) == (0, 0, 1)
        assert str(found.shown[0]).endswith("its postings hold 30, its open holds 0")
    assert everything(database) == ruined


def test_parts_below_zero_are_named_and_left_alone(database: Database, members: tuple[int, int]) -> None:
    ana, _ = members
    with unguarded(database) as connection:
        post(connection, transaction(connection), ("pending", -25, ana), ("issued", 25, None))
    ruined = everything(database)
    for found in (compared(database), rebuild(database)):
        assert (found.count, found.obstacles) == (1, 1)
        assert str(found.shown[0]) == f"balance {ana}: pending 20 → -5; pending would be below zero"
    assert everything(database) == ruined


def test_of_many_differences_the_first_are_shown_and_all_counted(database: Database, members: tuple[int, int]) -> None:
    ana, _ = members
    opened = [{"member_id": ana, "available": 1, "expires_at": AT} for _ in range(FAULTS_SHOWN + 5)]
    with database.engine.begin() as connection:
        connection.execute(insert(lots), opened)
    found = compared(database)
    assert found.lots == FAULTS_SHOWN + 5
    assert len(found.shown) == FAULTS_SHOWN


def test_progress_reaches_its_end(database: Database, members: tuple[int, int]) -> None:
    heard: list[tuple[int, int]] = []
    rebuild(database, lambda done, total: heard.append((done, total)), step=1)
    total = heard[-1][1]
    assert heard == [(done, total) for done in range(1, total + 1)]
    assert total > 2


@pytest.mark.race
def test_points_that_move_meanwhile_are_not_lost(
    database: Database, units: UnitFactory, members: tuple[int, int]
) -> None:
    ana, bo = members
    with units() as uow:
        before = uow.ledger.balance(ana).available

    def earn_and_give(number: int) -> None:
        with units() as uow:
            ledger.award(uow, PROGRAMME, ana, 3, key=f"e{number}", cause="test", actor="test", at=AT)
            ledger.transfer(uow, ana, bo, 1, key=f"t{number}", cause="test", actor="test", at=AT)
            uow.commit()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(earn_and_give, number) for number in range(40)]
        errors = []
        while not all(each.done() for each in done):
            with database.engine.begin() as connection:
                change(connection, balances, balances.c.member_id == ana, available=balances.c.available + ERROR)
            (difference,) = rebuild(database, step=1).shown
            errors.append(difference.stored["available"] - difference.derived["available"])
        for each in done:
            each.result()
    assert errors == [ERROR] * len(errors), "what moved before is there, and nothing else is wrong"
    assert compared(database).count == 0
    with units() as uow:
        assert uow.ledger.balance(ana).available == before + 40 * 2
    assert is_well(database)
