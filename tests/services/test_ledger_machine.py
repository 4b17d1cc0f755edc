"""Whatever is done with points, in whatever order, however often, and wherever it dies: the books are right.

A plain model runs beside the ledger (tests/kit/purse.py). Each step is now and then cut off before its commit, which is
what a crash at any of its lines comes to; then it is done again under the same key.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import event, select

from loyalty.errors import (
    CreditInUse,
    HoldIsClosed,
    KeyReused,
    NotEnoughPoints,
    NotReversible,
    RefundTooLarge,
    Refusal,
    TransferRefused,
)
from loyalty.points import Balance, Hold, Recorded, RefundPolicy
from loyalty.programme import Programme
from loyalty.services import ledger
from loyalty.services.points import PointsService
from storage.audit import audit
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.databases import Postgres, sqlite_copy
from tests.kit.purse import Debit, Pile, Purse, Taken
from tests.kit.shops import add_merchant, enrol

PROGRAMME = Programme()
PEOPLE = 2
WHO = st.integers(0, PEOPLE - 1)
PART = st.integers(1, 25)
PICK = st.integers(0, 100)
DIES = st.sampled_from([False, False, False, True])

Step = Callable[[SqlUnitOfWork, str], Any]
OpenDatabase = Callable[[ExitStack], Database]


class Points(RuleBasedStateMachine):
    open_database: OpenDatabase

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.database = type(self).open_database(self.stack)
        self.units, self.clock = UnitFactory(self.database), FrozenClock()
        self.shop = add_merchant(self.units, "Corner")
        self.members = [enrol(self.units, f"P{number}").id for number in range(PEOPLE)]
        self.purses = [Purse() for _ in range(PEOPLE)]
        self.holds: list[tuple[int, Hold, Taken, str]] = []  # whose, which, from where, and its state
        self.awards: list[tuple[int, Pile]] = []
        self.debits: list[tuple[int, int, Debit]] = []  # whose, which transaction
        self.keys = itertools.count()
        self.done: list[tuple[str, Step, Any]] = []  # key, step, first result
        self.is_unchanged = False  # since all was found right: row by row, which takes less time than to check it anew

    def teardown(self) -> None:
        self.stack.close()

    # Steps

    @rule(
        who=WHO,
        points=st.integers(10, 40),
        days=st.sampled_from([0, 3, 30]),
        funded=st.booleans(),
        wait=st.sampled_from([None, None, 0, 1, 14, -1]),
        dies=DIES,
    )
    def award(self, who: int, points: int, days: int, funded: bool, wait: int | None, dies: bool) -> None:
        """Free at once, or pending: for so many days, or (with -1) until somebody confirms it."""
        at, member, programme = self.clock(), self.members[who], Programme(lot_days=days)
        is_pending = wait is not None
        releases_at = at + timedelta(days=wait) if wait is not None and wait >= 0 else None

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.award(
                uow,
                programme,
                member,
                points,
                key=key,
                cause="t",
                actor="t",
                at=at,
                funder_id=self.shop if funded else None,
                is_pending=is_pending,
                releases_at=releases_at,
            )

        award_id = self.do(step, dies).transaction_id
        pile = Pile(self.midnight(days), award=award_id, given=points, releases_at=releases_at)
        pile.free, pile.pending = (0, points) if is_pending else (points, 0)
        self.purses[who].open(pile)
        self.awards.append((who, pile))

    @precondition(lambda self: self.awards)
    @rule(pick=PICK, dies=DIES)
    def confirm(self, pick: int, dies: bool) -> None:
        who, pile = self.awards[pick % len(self.awards)]
        at, award_id = self.clock(), pile.award
        assert award_id is not None
        had = pile.pending
        result = self.do(lambda uow, _key: ledger.confirm(uow, award_id, actor="t", at=at), dies, keyed=False)
        assert had == 0 or result.is_replay is False
        self.purses[who].confirm([pile])

    @rule(who=WHO, points=PART, dies=DIES)
    def spend(self, who: int, points: int, dies: bool) -> None:
        at, member, purse = self.clock(), self.members[who], self.purses[who]

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.spend(uow, member, points, key=key, cause="t", actor="t", at=at, merchant_id=self.shop)

        if purse.spendable < points:
            self.refused(step, NotEnoughPoints)
            return
        self.debits.append((who, self.do(step, dies).transaction_id, purse.spend(points)))

    @rule(who=WHO, points=PART, dies=DIES)
    def hold(self, who: int, points: int, dies: bool) -> None:
        at, member, purse = self.clock(), self.members[who], self.purses[who]

        def step(uow: SqlUnitOfWork, key: str) -> Hold:
            return ledger.hold(uow, member, points, key=key, cause="t", actor="t", at=at)

        if purse.available < points:
            self.refused(step, NotEnoughPoints)
            return
        self.holds.append((who, self.do(step, dies), purse.take(points), "held"))
        purse.held += points

    @precondition(lambda self: self.holds)
    @rule(pick=PICK, captures=st.booleans(), dies=DIES)
    def close(self, pick: int, captures: bool, dies: bool) -> None:
        """Captures or releases a hold; one that is closed in that way is a replay, in the other way a refusal."""
        position = pick % len(self.holds)
        who, held, taken, state = self.holds[position]
        wanted, at, purse = "captured" if captures else "released", self.clock(), self.purses[who]

        def step(uow: SqlUnitOfWork, _key: str) -> Recorded:
            if captures:
                return ledger.capture(uow, held.id, actor="t", at=at, merchant_id=self.shop)
            return ledger.release(uow, PROGRAMME, held.id, actor="t", at=at)

        if state not in ("held", wanted):
            self.refused(step, HoldIsClosed)
            return
        recorded = self.do(step, dies, keyed=False)
        assert recorded.is_replay == (state == wanted)
        if recorded.is_replay:
            return
        self.holds[position] = (who, held, taken, wanted)
        purse.held -= held.amount
        if captures:
            self.debits.append((who, recorded.transaction_id, Debit(taken, 0)))
        else:
            purse.give_back(taken, at)

    @precondition(lambda self: self.awards)
    @rule(pick=PICK, points=st.integers(1, 45), policy=st.sampled_from(RefundPolicy), dies=DIES)
    def refund(self, pick: int, points: int, policy: RefundPolicy, dies: bool) -> None:
        who, pile = self.awards[pick % len(self.awards)]
        at, award_id, programme = self.clock(), pile.award, Programme(refund_policy=policy)
        assert award_id is not None

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.refund(uow, programme, award_id, points, key=key, cause="t", actor="t", at=at)

        if pile.is_reversed:
            self.refused(step, NotReversible)
        elif points > pile.given - pile.refunded:
            self.refused(step, RefundTooLarge)
        else:
            self.do(step, dies)
            self.purses[who].take_back(pile, points, policy)

    @precondition(lambda self: self.awards)
    @rule(pick=PICK)
    def fall_below_zero(self, pick: int) -> None:
        """All is spent, and then something is brought back: chance alone comes here too seldom."""
        who, pile = self.awards[pick % len(self.awards)]
        if (points := self.purses[who].spendable) > 0:
            self.spend(who, points, False)
        if not pile.is_reversed and (left := pile.given - pile.refunded) > 0:
            self.refund(pick, left, RefundPolicy.ALLOW_NEGATIVE, False)

    @precondition(lambda self: self.awards)
    @rule(pick=PICK, policy=st.sampled_from(RefundPolicy), dies=DIES)
    def reverse_an_award(self, pick: int, policy: RefundPolicy, dies: bool) -> None:
        who, pile = self.awards[pick % len(self.awards)]
        at, award_id, programme = self.clock(), pile.award, Programme(refund_policy=policy)
        assert award_id is not None

        def step(uow: SqlUnitOfWork, _key: str) -> Recorded:
            return ledger.reverse(uow, programme, award_id, actor="t", at=at)

        if pile.refunded and not pile.is_reversed:
            self.refused(step, NotReversible)
            return
        recorded = self.do(step, dies, keyed=False)
        assert recorded.is_replay == pile.is_reversed
        if not recorded.is_replay:
            self.purses[who].take_back(pile, pile.given, policy)
            pile.is_reversed = True
            self.refused(
                lambda uow, _key: ledger.reverse(uow, programme, recorded.transaction_id, actor="t", at=at),
                NotReversible,
            )

    @precondition(lambda self: self.debits)
    @rule(pick=PICK, dies=DIES)
    def reverse_a_debit(self, pick: int, dies: bool) -> None:
        who, transaction_id, debit = self.debits[pick % len(self.debits)]
        at = self.clock()
        recorded = self.do(
            lambda uow, _key: ledger.reverse(uow, PROGRAMME, transaction_id, actor="t", at=at), dies, keyed=False
        )
        assert recorded.is_replay == debit.is_reversed
        if not recorded.is_replay:
            self.purses[who].undo(debit, at, self.midnight(PROGRAMME.lot_days))

    @rule(sender=WHO, receiver=WHO, points=PART, dies=DIES)
    def transfer(self, sender: int, receiver: int, points: int, dies: bool) -> None:
        at, giving, getting = self.clock(), self.purses[sender], self.purses[receiver]

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.transfer(
                uow, self.members[sender], self.members[receiver], points, key=key, cause="t", actor="t", at=at
            )

        if sender == receiver:
            self.refused(step, TransferRefused)
        elif giving.available < points:
            self.refused(step, NotEnoughPoints)
        else:
            self.do(step, dies)
            for pile, part in giving.take(points):
                getting.open(Pile(pile.expires_at, part))

    @rule(who=WHO, points=st.sampled_from([0, 5, 20]))
    def set_credit(self, who: int, points: int) -> None:
        member, purse = self.members[who], self.purses[who]

        def step(uow: SqlUnitOfWork, _key: str) -> None:
            ledger.set_credit(uow, member, points)

        if purse.debt > points + purse.owed:
            self.refused(step, CreditInUse)
        else:
            self.unit(step, "")
            purse.credit = points

    @rule(limit=st.integers(1, 4))
    def expire(self, limit: int) -> None:
        """A sweep of so many lots, and then the rest of them."""
        points = PointsService(self.units, self.clock, PROGRAMME)
        points.expire_due(limit)
        while points.expire_due():
            pass
        for purse in self.purses:
            purse.expire(self.clock())

    @rule(limit=st.integers(1, 4))
    def release_due(self, limit: int) -> None:
        points = PointsService(self.units, self.clock, PROGRAMME)
        points.confirm_due(limit)
        while points.confirm_due():
            pass
        for purse in self.purses:
            purse.confirm(purse.due(self.clock()))

    @rule(hours=st.sampled_from([-30, -1, 5, 24, 24 * 7, 24 * 31]))
    def wait(self, hours: int) -> None:
        """Also backwards: somebody has set the machine's clock."""
        self.clock.advance(hours=hours)

    # What must not change anything

    @precondition(lambda self: self.done)
    @rule(pick=PICK)
    def replay(self, pick: int) -> None:
        """Any wish of the past again: the first result, and not a row more."""
        key, step, first = self.done[pick % len(self.done)]
        before = self.everything()
        again = self.unit(step, key)
        if isinstance(first, Recorded):
            assert again == Recorded(first.transaction_id, is_replay=True)
        else:
            assert again.id == first.id
        assert self.everything() == before
        self.is_unchanged = True

    @precondition(lambda self: self.done)
    @rule(who=WHO, pick=PICK)
    def reuse_a_key(self, who: int, pick: int) -> None:
        key = self.done[pick % len(self.done)][0]
        member, at = self.members[who], self.clock()

        def step(uow: SqlUnitOfWork, key: str) -> Recorded:
            return ledger.award(uow, PROGRAMME, member, 99, key=key, cause="other", actor="t", at=at)

        if key:
            self.refused(step, KeyReused, key)

    @invariant()
    def all_is_right(self) -> None:
        if self.is_unchanged:
            self.is_unchanged = False
            return
        self.the_books_are_right()
        self.the_model_agrees()

    def the_books_are_right(self) -> None:
        with self.database.engine.connect() as connection:
            assert [finding for finding in audit(connection) if not finding.holds] == []

    def the_model_agrees(self) -> None:
        with self.database.engine.connect() as connection:
            rows = connection.execute(
                select(lots.c.member_id, lots.c.expires_at, lots.c.available)
                .where(lots.c.available > 0)
                .order_by(lots.c.expires_at, lots.c.id)
            ).all()
        with self.units() as uow:
            found = [uow.ledger.balance(member) for member in self.members]
        for member, purse, balance in zip(self.members, self.purses, found, strict=True):
            assert balance == Balance(purse.available, purse.held, purse.pending, -purse.credit, purse.owed)
            spendable = [(expires_at, points) for owner, expires_at, points in rows if owner == member]
            assert spendable == [(pile.expires_at, pile.free) for pile in purse.in_order()]

    def midnight(self, days: int) -> datetime:
        """The end of the day, so many days from now."""
        return self.clock().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)

    def do(self, step: Step, dies: bool = False, *, keyed: bool = True) -> Any:
        """Does a step, under a key of its own unless it makes its key itself; one that dies is tried again."""
        self.clock.advance(microseconds=1)
        key = f"k{next(self.keys)}"
        if dies:
            before = self.everything()
            with self.units() as uow:
                step(uow, key)
            assert self.everything() == before
        result = self.unit(step, key)
        if result is not None:
            self.done.append((key if keyed else "", step, result))
        return result

    def refused(self, step: Step, by: type[Refusal], key: str | None = None) -> None:
        """Turned down, and not a row has changed."""
        before = self.everything()
        with pytest.raises(by):
            self.unit(step, key or f"k{next(self.keys)}")
        assert self.everything() == before
        self.is_unchanged = True

    def unit(self, step: Step, key: str) -> Any:
        with self.units() as uow:
            result = step(uow, key)
            uow.commit()
        self.is_unchanged = False
        return result

    def everything(self) -> list[Any]:
        tables = (transactions, postings, balances, lots, lot_entries, holds)
        with self.database.engine.connect() as connection:
            return [connection.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY 1, 2").all() for table in tables]


def examples(usual: int) -> settings:
    """PERKCHAT_DEEP=20 tries twenty times as many, other ones each time: for an evening, not for every change."""
    deep = int(os.environ.get("PERKCHAT_DEEP", "0"))
    return settings(
        max_examples=usual * max(1, deep),
        stateful_step_count=50,
        deadline=None,
        derandomize=not deep,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


def run(open_database: OpenDatabase, usual: int) -> None:
    machine = type("PointsHere", (Points,), {"open_database": staticmethod(open_database)})
    run_state_machine_as_test(machine, settings=examples(usual))


@pytest.mark.machine
def test_points_keep_the_books_right_on_sqlite(template: Path) -> None:
    def open_database(stack: ExitStack) -> Database:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(sqlite_copy(template, folder))
        event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        return database

    run(open_database, 500)


@pytest.mark.machine
@pytest.mark.postgres
def test_points_keep_the_books_right_on_postgresql(postgres_server: Postgres) -> None:
    def open_database(stack: ExitStack) -> Database:
        copy: AbstractContextManager[Database] = postgres_server.copy()
        return stack.enter_context(copy)

    run(open_database, 50)
