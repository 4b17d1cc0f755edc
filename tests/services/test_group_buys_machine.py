"""Whatever people do with group buys, in whatever order, however often and whenever: the books are right."""

from __future__ import annotations

import itertools
import random
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, func, select

from loyalty.errors import Refusal
from loyalty.members import Address, Language, Member
from loyalty.programme import Programme
from loyalty.services import open_club
from storage.books import balances, transactions
from storage.group_buys import deals, groups, seats
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from storage.vouchers import vouchers
from tests.kit.books import check_books
from tests.kit.clock import FrozenClock
from tests.kit.databases import sqlite_copy
from tests.kit.deals import add_deal

STOCK = 8
PEOPLE = 6
PICKS = st.integers(0, 11)
MEMBERS = st.integers(0, PEOPLE - 1)


class GroupBuys(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.database = self.stack.enter_context(sqlite_copy(self.template, folder))
        event.listen(self.database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        self.clock = FrozenClock()
        self.units = UnitFactory(self.database)
        self.club = open_club(self.units, self.clock, random.Random(7), Programme(), Language.ENGLISH)
        self.given: dict[int, int] = {}
        self.numbers = itertools.count()
        self.last: Callable[[], object] | None = None

    def teardown(self) -> None:
        self.stack.close()

    @initialize(size=st.integers(2, 4), per_member=st.integers(1, 3), is_several_allowed=st.booleans())
    def begin(self, size: int, per_member: int, is_several_allowed: bool) -> None:
        self.deal_id = add_deal(
            self.units,
            size=size,
            stock=STOCK,
            group_points=100,
            per_member=per_member,
            is_several_allowed=is_several_allowed,
        )
        self.people: list[Member] = []
        for number in range(PEOPLE):
            address = Address("telegram", str(number))
            self.people.append(self.club.members.enrol(address, name=f"P{number}", client_language="en").member)
            self.earn(number, 250)

    @rule(who=MEMBERS, nonce=st.sampled_from(["AAAAAAAA", "BBBBBBBB", "CCCCCCCC"]))
    def open(self, who: int, nonce: str) -> None:
        self.do(lambda: self.club.group_buys.open(self.people[who], self.deal_id, nonce))

    @rule(who=MEMBERS, pick=PICKS)
    def join(self, who: int, pick: int) -> None:
        group_id = self.group(pick)
        self.do(lambda: self.club.group_buys.join(self.people[who], group_id))

    @rule(who=MEMBERS, pick=PICKS)
    def leave(self, who: int, pick: int) -> None:
        group_id = self.group(pick)
        self.do(lambda: self.club.group_buys.leave(self.people[who], group_id))

    @rule(pick=PICKS)
    def give_up_a_seat(self, pick: int) -> None:
        with self.database.engine.connect() as connection:
            held = connection.execute(select(seats.c.group_id, seats.c.member_id).where(seats.c.state == "held")).all()
        if held:
            group_id, member_id = held[pick % len(held)]
            member = next(person for person in self.people if person.id == member_id)
            self.do(lambda: self.club.group_buys.leave(member, group_id))

    @precondition(lambda self: self.last is not None)
    @rule()
    def replay(self) -> None:
        """The same wish again, at once: a double tap, a redelivered update."""
        assert self.last is not None
        before = self.everything()
        with suppress(Refusal):
            self.last()
        assert self.everything() == before

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.clock.advance(hours=hours)
        self.last = None

    @rule(limit=st.integers(1, 3))
    def sweep(self, limit: int) -> None:
        assert self.club.group_buys.close_due(limit) <= limit
        self.last = None

    @rule()
    def sweep_all(self) -> None:
        while self.club.group_buys.close_due():
            pass
        with self.database.engine.connect() as connection:
            late = select(groups.c.id).where(groups.c.state == "open", groups.c.closes_at <= self.clock())
            assert connection.execute(late).all() == []
        self.last = None

    @rule(who=MEMBERS, points=st.sampled_from([-250, -30, 30, 100]))
    def earn(self, who: int, points: int) -> None:
        member = self.people[who]
        key = f"test:{next(self.numbers)}"
        with suppress(Refusal):
            self.club.operators.adjust(member.id, points, "test", key=key, actor="test")
            self.given[member.id] = self.given.get(member.id, 0) + points
        self.last = None

    @invariant()
    def books_are_right(self) -> None:
        check_books(self.database)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Stock is left or in a group; a member's points are free, set aside, or in a voucher."""
        if not hasattr(self, "deal_id"):
            return
        with self.database.engine.connect() as connection:
            stock = connection.execute(select(deals.c.stock)).scalar_one()
            reserved = select(groups.c.size).where(groups.c.state.in_(["open", "filled"]))
            assert stock + sum(connection.execute(reserved).scalars()) == STOCK
            spent: dict[int, int] = {}
            for member_id, points in connection.execute(select(vouchers.c.member_id, vouchers.c.points)):
                spent[member_id] = spent.get(member_id, 0) + points
            for row in connection.execute(select(balances)):
                assert row.available + row.held + spent.get(row.member_id, 0) == self.given[row.member_id]

    def group(self, pick: int) -> int:
        """One of the newest groups, now and then one that is not there."""
        with self.database.engine.connect() as connection:
            newest = connection.execute(select(func.max(groups.c.id))).scalar_one() or 0
        return max(1, newest + 1 - pick // 2)

    def do(self, wish: Callable[[], object]) -> None:
        with suppress(Refusal):
            wish()
        self.last = wish

    def everything(self) -> list[Any]:
        tables = (deals, groups, seats, balances, transactions, vouchers, deliveries)
        with self.database.engine.connect() as connection:
            return [connection.execute(select(table)).all() for table in tables]


@pytest.mark.machine
def test_group_buys_keep_the_books_right(template: Path) -> None:
    machine = type("GroupBuysHere", (GroupBuys,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
