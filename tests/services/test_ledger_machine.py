"""Whatever is done with one club's points, in whatever order, however often and whenever: the books are right.

A plain model of lots runs beside the ledger, written differently from it: points are single things that wander.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import event, select

from loyalty.errors import HoldIsClosed, KeyReused, NotEnoughPoints
from loyalty.points import Balance, Hold, Recorded
from loyalty.programme import Programme
from loyalty.services import ledger
from storage.audit import audit
from storage.ledger import balances, holds, lot_entries, lots, postings, transactions
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.databases import sqlite_copy
from tests.kit.shops import enrol

PROGRAMME = Programme()
PEOPLE = 2
WHO = st.integers(0, PEOPLE - 1)
PART = st.integers(1, 15)


@dataclass(slots=True)
class Pile:
    """Points of one lot: how many are free, and how many lie in which hold."""

    expires_at: datetime
    free: int
    held: dict[int, int] = field(default_factory=dict)


class Points(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.database = self.stack.enter_context(sqlite_copy(self.template, folder))
        event.listen(self.database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        self.units, self.clock = UnitFactory(self.database), FrozenClock()
        self.members = [enrol(self.units, f"P{number}").id for number in range(PEOPLE)]
        self.piles: list[list[Pile]] = [[] for _ in range(PEOPLE)]
        self.holds: list[tuple[int, Hold, str]] = []  # whose, which, and its state
        self.keys = itertools.count()
        self.done: list[tuple[str, Callable[[SqlUnitOfWork, str], Any], Any]] = []  # key, step, result

    def teardown(self) -> None:
        self.stack.close()

    @rule(who=WHO, points=st.integers(10, 40), days=st.sampled_from([0, 3, 30]))
    def award(self, who: int, points: int, days: int) -> None:
        at, member, programme = self.clock(), self.members[who], Programme(lot_days=days)

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.award(uow, programme, member, points, key=key, cause="t", actor="t", at=at)

        self.do(step)
        midnight = at.replace(hour=0, minute=0, second=0) + timedelta(days=days + 1)
        self.piles[who].append(Pile(midnight, points))

    @rule(who=WHO, points=PART)
    def spend(self, who: int, points: int) -> None:
        at, member = self.clock(), self.members[who]

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.spend(uow, member, points, key=key, cause="t", actor="t", at=at)

        if self.free(who) < points:
            self.refused(step, NotEnoughPoints)
            return
        self.do(step)
        self.take(who, points)

    @rule(who=WHO, points=PART)
    def hold(self, who: int, points: int) -> None:
        at, member = self.clock(), self.members[who]

        def step(uow: SqlUnitOfWork, key: str) -> Hold:
            return ledger.hold(uow, member, points, key=key, cause="t", actor="t", at=at)

        if self.free(who) < points:
            self.refused(step, NotEnoughPoints)
            return
        held = self.do(step)
        for pile, part in self.take(who, points):
            pile.held[held.id] = part
        self.holds.append((who, held, "held"))

    @precondition(lambda self: self.holds)
    @rule(pick=st.integers(0, 50), captures=st.booleans())
    def close(self, pick: int, captures: bool) -> None:
        """Captures or releases a hold; one that is closed in that way is a replay, in the other way a refusal."""
        position = pick % len(self.holds)
        who, held, state = self.holds[position]
        wanted, at = "captured" if captures else "released", self.clock()

        def step(uow: SqlUnitOfWork, _key: str) -> Recorded:
            if captures:
                return ledger.capture(uow, held.id, actor="t", at=at)
            return ledger.release(uow, PROGRAMME, held.id, actor="t", at=at)

        if state not in ("held", wanted):
            self.refused(step, HoldIsClosed)
            return
        recorded = self.do(step)
        assert recorded.is_replay == (state == wanted)
        self.holds[position] = (who, held, wanted)
        for pile in self.piles[who]:
            part = pile.held.pop(held.id, 0)
            if part and not captures:
                pile.free += part
                if pile.expires_at <= at:
                    pile.expires_at = at + timedelta(days=PROGRAMME.lot_grace_days)

    @rule(limit=st.integers(1, 4))
    def expire(self, limit: int) -> None:
        """A sweep of so many lots, and then the rest of them."""
        for most in (limit, 1000):
            with self.units() as uow:
                for lot in uow.ledger.due_lots(self.clock(), most):
                    ledger.expire(uow, lot, at=self.clock())
                uow.commit()
        for pile in itertools.chain(*self.piles):
            if pile.expires_at <= self.clock():
                pile.free = 0

    @rule(hours=st.sampled_from([0, 5, 24, 24 * 7, 24 * 31]))
    def wait(self, hours: int) -> None:
        self.clock.advance(hours=hours)

    @precondition(lambda self: self.done)
    @rule(pick=st.integers(0, 100))
    def replay(self, pick: int) -> None:
        """Any wish of the past again: the first result, and not a row more."""
        key, step, first = self.done[pick % len(self.done)]
        before = self.everything()
        try:
            again = self.unit(step, key)
        except HoldIsClosed:
            raise AssertionError("a replay is not refused") from None
        if isinstance(first, Recorded):
            assert again == Recorded(first.transaction_id, is_replay=True)
        else:
            assert again.id == first.id
        assert self.everything() == before

    @precondition(lambda self: self.done)
    @rule(who=WHO, pick=st.integers(0, 100))
    def reuse_a_key(self, who: int, pick: int) -> None:
        key = self.done[pick % len(self.done)][0]
        member, at = self.members[who], self.clock()

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.award(uow, PROGRAMME, member, 99, key=key, cause="other", actor="t", at=at)

        if key:
            self.refused(step, KeyReused, key)

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []

    @invariant()
    def the_model_agrees(self) -> None:
        for who, member in enumerate(self.members):
            with self.units() as uow:
                spendable = uow.ledger.spendable(member)
                balance, expires_next = uow.ledger.standing(member)
            held = sum(sum(pile.held.values()) for pile in self.piles[who])
            assert balance == Balance(self.free(who), held)
            open_piles = self.in_order(who)
            assert [(lot.expires_at, lot.available) for lot in spendable] == [
                (p.expires_at, p.free) for p in open_piles
            ]
            assert (expires_next is None) == (not open_piles)
            if expires_next is not None:
                soonest = open_piles[0].expires_at
                assert expires_next == (soonest, sum(p.free for p in open_piles if p.expires_at == soonest))

    def free(self, who: int) -> int:
        return sum(pile.free for pile in self.piles[who])

    def in_order(self, who: int) -> list[Pile]:
        """Sorting is stable: of those that expire together the oldest comes first."""
        return sorted((pile for pile in self.piles[who] if pile.free), key=lambda pile: pile.expires_at)

    def take(self, who: int, points: int) -> list[tuple[Pile, int]]:
        parts: list[tuple[Pile, int]] = []
        for pile in self.in_order(who):
            part = min(pile.free, points)
            if part:
                pile.free -= part
                points -= part
                parts.append((pile, part))
        return parts

    def do(self, step: Callable[[SqlUnitOfWork, str], Any]) -> Any:
        key = f"k{next(self.keys)}"
        result = self.unit(step, key)
        closes = isinstance(result, Recorded) and step.__qualname__.startswith("Points.close")
        self.done.append(("" if closes else key, step, result))
        return result

    def refused(self, step: Callable[[SqlUnitOfWork, str], Any], by: type[Exception], key: str | None = None) -> None:
        """Turned down, and not a row has changed."""
        before = self.everything()
        with pytest.raises(by):
            self.unit(step, key or f"k{next(self.keys)}")
        assert self.everything() == before

    def unit(self, step: Callable[[SqlUnitOfWork, str], Any], key: str) -> Any:
        with self.units() as uow:
            result = step(uow, key)
            uow.commit()
        return result

    def everything(self) -> list[Any]:
        tables = (transactions, postings, balances, lots, lot_entries, holds)
        with self.database.engine.connect() as connection:
            return [connection.execute(select(table)).all() for table in tables]


@pytest.mark.machine
def test_points_keep_the_books_right(template: Path) -> None:
    machine = type("PointsHere", (Points,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
