"""One member's points at the lowest level: a unit of work for each step of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar

from sqlalchemy import func, select

from loyalty.errors import Refusal
from loyalty.points import Balance, Hold, Recorded
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.services import ledger
from storage.audit import audit
from storage.books import lots
from storage.database import Database
from storage.schema import metadata
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import enrol

PROGRAMME = Programme()
T = TypeVar("T")


class Books:
    """Points, a unit of work per step; Ana's, where nobody else is named."""

    def __init__(self, units: UnitFactory, database: Database, clock: FrozenClock) -> None:
        self.units, self.database, self.clock = units, database, clock
        self.programme = PROGRAMME
        self.member_id = enrol(units, "Ana").id

    def award(
        self, points: int, key: str, funder_id: int | None = None, *, whose: int | None = None, days: int | None = None
    ) -> Recorded:
        """With `days` pending for so many."""
        at = self.clock()
        return self.do(
            lambda uow: ledger.award(
                uow,
                self.programme,
                self.member_id if whose is None else whose,
                points,
                **self._facts(key),
                funder_id=funder_id,
                releases_at=None if days is None else at + timedelta(days=days),
            )
        )

    def confirm(self, award: Recorded) -> Recorded | None:
        return self.do(lambda uow: ledger.confirm(uow, award.transaction_id, actor="test", at=self.clock()))

    def spend(self, points: int, key: str, *, whose: int | None = None) -> Recorded:
        member_id = self.member_id if whose is None else whose
        return self.do(lambda uow: ledger.spend(uow, member_id, points, **self._facts(key)))

    def hold(self, points: int, key: str) -> Hold:
        return self.do(lambda uow: ledger.hold(uow, self.member_id, points, **self._facts(key)))

    def refund(self, award: Recorded, points: int, key: str) -> Recorded:
        return self.do(lambda uow: ledger.refund(uow, self.programme, award.transaction_id, points, **self._facts(key)))

    def reverse(self, what: Recorded) -> Recorded:
        return self.do(
            lambda uow: ledger.reverse(uow, self.programme, what.transaction_id, actor="test", at=self.clock())
        )

    def transfer(self, sender_id: int, receiver_id: int, points: int, key: str) -> Recorded:
        return self.do(lambda uow: ledger.transfer(uow, sender_id, receiver_id, points, **self._facts(key)))

    def set_credit(self, points: int) -> None:
        self.do(lambda uow: ledger.set_credit(uow, self.member_id, points))

    def capture(self, held: Hold) -> Recorded:
        return self.do(lambda uow: ledger.capture(uow, held.id, actor="test", at=self.clock()))

    def release(self, held: Hold) -> Recorded:
        return self.do(lambda uow: ledger.release(uow, PROGRAMME, held.id, actor="test", at=self.clock()))

    def expire(self, limit: int = 100) -> int:
        return self.do(lambda uow: uow.sweeps.expire(self.clock(), limit))

    def release_due(self, limit: int = 100) -> int:
        return self.do(lambda uow: uow.sweeps.confirm(self.clock(), limit))

    @property
    def balance(self) -> Balance:
        return self.balance_of(self.member_id)

    def balance_of(self, member_id: int) -> Balance:
        with self.units() as uow:
            return uow.ledger.balance(member_id)

    @property
    def lots(self) -> list[tuple[int, int]]:
        """Available and held of each lot, in the order of their opening."""
        with self.database.engine.connect() as connection:
            return [(row.available, row.held) for row in connection.execute(select(lots).order_by(lots.c.id))]

    def count(self) -> list[int]:
        """How many rows every table has."""
        with self.database.engine.connect() as connection:
            return [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            ]

    def check(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []

    def _facts(self, key: str) -> Any:
        return {"key": key, "cause": key, "actor": "test", "at": self.clock()}

    def do(self, step: Callable[[UnitOfWork], T]) -> T:
        with self.units() as uow:
            result = step(uow)
            uow.commit()
        return result


def all_at_once(count: int, call: Callable[[int], object], *refusals: type[Refusal]) -> list[object]:
    """Calls from as many threads as there are calls, let go together; one of these refusals is a result, too."""
    gate = Barrier(count)

    def run(number: int) -> object:
        gate.wait()
        try:
            return call(number)
        except refusals as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
