"""Few statements a step, however much there is: docs/ledger.md says how many, and here they are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from loyalty.programme import Programme
from loyalty.services import ledger
from loyalty.services.points import PointsService
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import enrol

PROGRAMME = Programme()
Step = Callable[[SqlUnitOfWork, int, dict[str, Any]], Any]


def _earn(uow: SqlUnitOfWork, member_id: int, facts: dict[str, Any]) -> Any:
    return ledger.award(uow, PROGRAMME, member_id, 10, **facts)


def _redeem(uow: SqlUnitOfWork, member_id: int, facts: dict[str, Any]) -> Any:
    return ledger.spend(uow, member_id, 4, **facts)


def _join(uow: SqlUnitOfWork, member_id: int, facts: dict[str, Any]) -> Any:
    return ledger.hold(uow, member_id, 4, **facts)


def _do(units: UnitFactory, clock: FrozenClock, member_id: int, step: Step, key: str) -> None:
    with units() as uow:
        step(uow, member_id, {"key": key, "cause": "test", "actor": "test", "at": clock()})
        uow.commit()


@pytest.mark.parametrize(
    ("step", "on_sqlite", "on_postgres"),
    [(_earn, 5, 1), (_redeem, 8, 4), (_join, 9, 5)],
    ids=["earn", "redeem", "join"],
)
def test_a_step_takes_few_statements(
    step: Step, on_sqlite: int, on_postgres: int, database: Database, clock: FrozenClock
) -> None:
    units = UnitFactory(database)
    member_id = enrol(units, "Ana").id
    for number in range(40):
        _do(units, clock, member_id, _earn, f"before:{number}")
    with statements(database) as seen:
        _do(units, clock, member_id, step, "now")
    assert len(seen) == (on_sqlite if database.is_sqlite else on_postgres), "\n".join(seen)


@pytest.mark.parametrize("members", [1, 60])
@pytest.mark.parametrize("days", [0, 3], ids=["expiry", "release and expiry"])
def test_a_sweep_takes_as_many_for_one_lot_as_for_hundreds(
    members: int, days: int, database: Database, clock: FrozenClock
) -> None:
    units, points = UnitFactory(database), PointsService(UnitFactory(database), clock, PROGRAMME)
    for number in range(members):
        member_id = enrol(units, f"M{number}").id
        for lot in range(5):
            with units() as uow:
                ledger.award(
                    uow,
                    PROGRAMME,
                    member_id,
                    10,
                    key=f"{number}:{lot}",
                    cause="test",
                    actor="test",
                    at=clock(),
                    releases_at=clock() + timedelta(days=days) if days else None,
                )
                uow.commit()
    clock.advance(days=400)
    if days:
        with statements(database) as seen:
            assert points.confirm_due() == 5 * members
        assert len(seen) == 8, "\n".join(seen)  # and a look for those below zero
    with statements(database) as seen:
        assert points.expire_due() == 5 * members
    assert len(seen) == 7, "\n".join(seen)
