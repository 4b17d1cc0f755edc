"""Whatever people do with group buys, in whatever order, however often, whenever, and wherever it dies: the books are
right.

Each wish is now and then cut off before its commit, which is what a crash at any of its lines comes to; then it is made
again. What is true of units, holds and vouchers is told from the tables, whichever way they went, so that
another way to use a deal is another rule and no other invariant.
"""

from __future__ import annotations

import itertools
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import Any, NoReturn

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
from sqlalchemy import Table, event, func, select, update

from loyalty.errors import Refusal
from loyalty.group_buys import Choice
from loyalty.members import Address, Language, Member
from loyalty.points import Kind
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.books import balances, holds, lot_entries, lots, postings, transactions
from storage.database import Database
from storage.group_buys import choices, deals, groups, seats
from storage.outbox import deliveries
from storage.unit_of_work import SqlUnitOfWork, UnitFactory
from storage.vouchers import vouchers
from tests.kit.books import check_books
from tests.kit.clock import FrozenClock
from tests.kit.databases import Postgres, sqlite_copy
from tests.kit.deals import add_deal

STOCK = 16
PEOPLE = 6
PROGRAMME = Programme(lot_days=3)
PICKS = st.integers(0, 11)
MEMBERS = st.integers(0, PEOPLE - 1)
DIES = st.sampled_from([False, False, False, True])
TABLES: tuple[Table, ...] = (
    deals, groups, seats, choices, holds, balances, lots, lot_entries, transactions, postings, vouchers, deliveries,
)  # fmt: skip

OpenDatabase = Callable[[ExitStack], Database]


class Died(Exception):
    """In place of a commit."""


class DyingUnits(UnitFactory):
    def __call__(self) -> SqlUnitOfWork:
        return _Dying(self._database)


class _Dying(SqlUnitOfWork):
    def commit(self) -> NoReturn:
        raise Died


Wish = Callable[[Club], object]


class GroupBuys(RuleBasedStateMachine):
    open_database: OpenDatabase

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.database = type(self).open_database(self.stack)
        self.clock = FrozenClock()
        self.units = UnitFactory(self.database)
        self.club, self.dying = self.open_club(self.units), self.open_club(DyingUnits(self.database))
        self.stocked = STOCK
        self.numbers = itertools.count()
        self.last: Wish | None = None
        self.openings: list[Wish] = []

    def open_club(self, units: UnitFactory) -> Club:
        return open_club(units, self.clock, random.Random(7), PROGRAMME, Language.ENGLISH)

    def teardown(self) -> None:
        self.stack.close()

    @initialize(
        size=st.integers(2, 4),
        per_member=st.integers(2, 4),
        is_several_allowed=st.booleans(),
        bonus_points=st.sampled_from([0, 20]),
        expired=st.integers(0, 2),
        is_open=st.integers(0, 2),
    )
    def begin(
        self, size: int, per_member: int, is_several_allowed: bool, bonus_points: int, expired: int, is_open: int
    ) -> None:
        """With so many groups, of one or two people each, that did not fill, and so many that may: what can become of
        them is more than chance finds from nothing."""
        self.deal_id = add_deal(
            self.units,
            size=size,
            stock=STOCK,
            group_points=100,
            solo_points=150,
            per_member=per_member,
            is_several_allowed=is_several_allowed,
            bonus_points=bonus_points,
        )
        self.people: list[Member] = []
        for number in range(PEOPLE):
            address = Address("telegram", str(number))
            self.people.append(self.club.members.enrol(address, name=f"P{number}", client_language="en").member)
            self.earn(number, 500)
        for number in range(expired):
            self.sit(number, number + 3)
        if expired:
            self.clock.advance(hours=24)
            self.sweep_all()
        for number in range(is_open):
            self.sit(number + 1, number + 4)

    def sit(self, *who: int) -> None:
        """In a group of their own, as long as it does not fill by that."""
        organiser, *others = who
        opened = self.club.group_buys.open(self.people[organiser], self.deal_id, f"FFFFFF{next(self.numbers):02}")
        for number in others[: self.rows(select(deals.c.size))[0][0] - 2]:
            self.club.group_buys.join(self.people[number], opened.group.id)

    # What people do

    @rule(who=MEMBERS, nonce=st.sampled_from(["AAAAAAAA", "BBBBBBBB", "CCCCCCCC"]), dies=DIES)
    def open(self, who: int, nonce: str, dies: bool) -> None:
        def wish(club: Club) -> object:
            return club.group_buys.open(self.people[who], self.deal_id, nonce)

        if self.do(wish, dies):
            self.openings.append(wish)

    @rule(who=MEMBERS, pick=PICKS, dies=DIES)
    def join(self, who: int, pick: int, dies: bool) -> None:
        is_open = self.open_groups()
        group_id = is_open[pick % len(is_open)] if is_open and pick % 4 else self.group(pick)
        self.do(lambda club: club.group_buys.join(self.people[who], group_id), dies)

    @precondition(lambda self: self.open_groups())
    @rule(dies=DIES)
    def fill(self, dies: bool) -> None:
        """Whoever can joins the oldest one: chance alone fills few."""
        group_id = self.open_groups()[0]
        for person in self.people:
            self.do(lambda club, person=person: club.group_buys.join(person, group_id), dies)  # type: ignore[misc]

    @rule(who=MEMBERS, pick=PICKS, dies=DIES)
    def leave(self, who: int, pick: int, dies: bool) -> None:
        group_id = self.group(pick)
        self.do(lambda club: club.group_buys.leave(self.people[who], group_id), dies)

    @rule(pick=PICKS, dies=DIES)
    def give_up_a_seat(self, pick: int, dies: bool) -> None:
        held = self.rows(select(seats.c.group_id, seats.c.member_id).where(seats.c.state == "held"))
        if held:
            group_id, member_id = held[pick % len(held)]
            member = self.person(member_id)
            self.do(lambda club: club.group_buys.leave(member, group_id), dies)

    @precondition(lambda self: len(self.open_groups()) > 1)
    @rule(pick=PICKS, who=MEMBERS, leads=st.sampled_from([True, True, True, False]), dies=DIES)
    def merge(self, pick: int, who: int, leads: bool, dies: bool) -> None:
        pairs = list(itertools.permutations(self.open_groups(), 2))
        mine, other = pairs[pick % len(pairs)]
        member = self.person(self.rows(select(groups.c.organiser_id).where(groups.c.id == mine))[0][0])
        member = member if leads else self.people[who]
        self.do(lambda club: club.merging.merge(member, mine, other), dies)

    @rule(who=MEMBERS, nonce=st.sampled_from(["DDDDDDDD", "EEEEEEEE"]), dies=DIES)
    def buy_alone(self, who: int, nonce: str, dies: bool) -> None:
        self.do(lambda club: club.solo.buy(self.people[who], self.deal_id, nonce), dies)

    @rule(pick=PICKS, choice=st.sampled_from(list(Choice)), dies=DIES)
    def choose(self, pick: int, choice: Choice, dies: bool) -> None:
        """Whoever was in one that did not fill, the newest first; now and then for the second time, or too late."""
        offered = self.rows(select(choices.c.group_id, choices.c.member_id).order_by(choices.c.group_id.desc()))
        if not offered:
            return
        group_id, member_id = offered[pick % len(offered)]
        member = self.person(member_id)
        self.do(lambda club: getattr(club.choices, choice.value)(member, group_id), dies)

    # What the shop does

    @rule(
        group_points=st.sampled_from([60, 100, 100, 140]),
        bonus_points=st.sampled_from([0, 20, 30]),
        is_paused=st.sampled_from([False, False, False, True]),
        units=st.sampled_from([-3, 0, 2, 5]),
    )
    def change_its_mind(self, group_points: int, bonus_points: int, is_paused: bool, units: int) -> None:
        """Groups that are open keep their terms, and the units that they have reserved."""
        left = self.rows(select(deals.c.stock))[0][0]
        units = max(units, -left)
        terms = {"group_points": group_points, "bonus_points": bonus_points, "is_paused": is_paused}
        with self.database.engine.begin() as connection:
            connection.execute(update(deals).values(stock=left + units, **terms))
        self.stocked += units
        self.last = None

    # What time does

    @rule(hours=st.sampled_from([1, 3, 9, 25]), expires=st.booleans())
    def wait(self, hours: int, expires: bool) -> None:
        self.clock.advance(hours=hours)
        while expires and self.club.points.expire_due():
            pass
        self.last = None

    @rule(limit=st.integers(1, 3), dies=DIES)
    def sweep(self, limit: int, dies: bool) -> None:
        def close(club: Club) -> None:
            assert club.group_buys.close_due(limit) <= limit

        self.do(close, dies)
        self.last = None  # the same again closes the next ones

    @rule()
    def sweep_all(self) -> None:
        while self.club.group_buys.close_due():
            pass
        late = select(groups.c.id).where(groups.c.state == "open", groups.c.closes_at <= self.clock())
        assert self.rows(late) == []
        self.last = lambda club: club.group_buys.close_due()

    # What happens to points meanwhile

    @rule(who=MEMBERS, points=st.sampled_from([-250, -30, 30, 100]))
    def earn(self, who: int, points: int) -> None:
        member = self.people[who]
        with suppress(Refusal):
            self.club.operators.adjust(member.id, points, "test", key=f"test:{next(self.numbers)}", actor="test")
        self.last = None

    @rule(pick=PICKS, ends=st.booleans())
    def take_earnings_back(self, pick: int, ends: bool) -> None:
        """All of somebody's who sits in a group, rather: set aside already, they leave the member below zero. Now and
        then the group ends thereupon."""
        sitting = [member_id for (member_id,) in self.rows(select(seats.c.member_id).where(seats.c.state == "held"))]
        whose = sorted(sitting) or [member.id for member in self.people]
        earned = (
            select(transactions.c.id)
            .join_from(transactions, postings, postings.c.transaction_id == transactions.c.id)
            .where(transactions.c.kind == Kind.ADJUST, postings.c.amount > 0)
            .where(postings.c.member_id == whose[pick % len(whose)])
            .order_by(transactions.c.id)
        )
        for (transaction_id,) in self.rows(earned):
            with suppress(Refusal):
                self.club.accounts.reverse(transaction_id, actor="test")
        if ends:
            self.clock.advance(hours=25)
            self.sweep_all()
        self.last = None

    # What must not change anything

    @precondition(lambda self: self.last is not None)
    @rule()
    def replay(self) -> None:
        """The same wish again, at once: a double tap, a redelivered update."""
        assert self.last is not None
        self.changes_nothing(self.last)

    @precondition(lambda self: self.openings)
    @rule(pick=PICKS)
    def replay_an_opening(self, pick: int) -> None:
        """However long ago, and whatever has become of the group."""
        self.changes_nothing(self.openings[pick % len(self.openings)])

    # What is always true

    @invariant()
    def books_are_right(self) -> None:
        check_books(self.database)

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        """In stock, in a group that is open or filled, or bought alone."""
        if not hasattr(self, "deal_id"):
            return
        stock = self.rows(select(deals.c.stock))[0][0]
        in_groups = self.rows(select(groups.c.size).where(groups.c.state.in_(["open", "filled"])))
        alone = self.rows(select(vouchers.c.id).where(vouchers.c.deal_id.is_not(None), vouchers.c.group_id.is_(None)))
        assert stock >= 0
        assert stock + sum(size for (size,) in in_groups) + len(alone) == self.stocked

    @invariant()
    def every_hold_has_one_seat_and_one_end(self) -> None:
        sitting = select(seats.c.hold_id, seats.c.member_id, seats.c.state, groups.c.state, groups.c.points)
        of_hold = {row[0]: row[1:] for row in self.rows(sitting.join(groups, groups.c.id == seats.c.group_id))}
        held = self.rows(select(holds.c.id, holds.c.member_id, holds.c.state, holds.c.amount))
        assert len(held) == len(of_hold)
        for hold_id, member_id, state, amount in held:
            assert of_hold[hold_id][:2] == (member_id, state)
            assert state != "held" or of_hold[hold_id][2:] == ("open", amount)
            assert (state == "captured") == (of_hold[hold_id][2] == "filled" and state != "released")
        closings = self.rows(select(transactions.c.key).where(transactions.c.kind.in_([Kind.CAPTURE, Kind.RELEASE])))
        kinds = {"captured": "capture", "released": "release"}
        ends = [f"{kinds[state]}:{hold_id}" for hold_id, _, state, _ in held if state != "held"]
        assert sorted(key for (key,) in closings) == sorted(ends)

    @invariant()
    def whoever_paid_has_a_voucher(self) -> None:
        paid = self.rows(select(seats.c.group_id, seats.c.member_id).where(seats.c.state == "captured"))
        of_groups = select(vouchers.c.group_id, vouchers.c.member_id).where(vouchers.c.group_id.is_not(None))
        assert sorted(paid) == sorted(self.rows(of_groups))

    @invariant()
    def an_organiser_is_thanked_once(self) -> None:
        thanked = self.rows(
            select(transactions.c.key, postings.c.member_id, postings.c.amount)
            .join_from(transactions, postings, postings.c.transaction_id == transactions.c.id)
            .where(transactions.c.key.startswith("organiser:"), postings.c.member_id.is_not(None))
        )
        filled = select(groups.c.id, groups.c.organiser_id, groups.c.bonus_points).where(groups.c.state == "filled")
        owed = [
            (f"organiser:{group_id}", *rest) for group_id, *rest in self.rows(filled.where(groups.c.bonus_points > 0))
        ]
        assert sorted(thanked) == sorted(owed)

    @invariant()
    def whoever_was_in_to_the_end_may_choose(self) -> None:
        """And is told of it."""
        offered = self.rows(select(choices.c.group_id, choices.c.member_id))
        to_the_end = (
            select(seats.c.group_id, seats.c.member_id)
            .join_from(seats, groups, groups.c.id == seats.c.group_id)
            .where(groups.c.state == "expired", seats.c.closed_at == groups.c.closed_at)
        )
        told = self.rows(select(deliveries.c.cause, deliveries.c.member_id).where(deliveries.c.kind == "group_expired"))
        assert sorted(offered) == sorted(set(self.rows(to_the_end)))
        assert sorted(told) == sorted((f"group_expired:{group_id}", member_id) for group_id, member_id in offered)

    @invariant()
    def nobody_wins_or_loses_points(self) -> None:
        """What was given and is neither expired, taken back nor spent alone is free, set aside, or in a voucher of a
        group."""
        seat_by_seat = [Kind.HOLD, Kind.RELEASE, Kind.CAPTURE]
        given = (
            select(postings.c.member_id, func.sum(postings.c.amount))
            .join_from(postings, transactions, transactions.c.id == postings.c.transaction_id)
            .where(transactions.c.kind.not_in(seat_by_seat), postings.c.member_id.is_not(None))
            .group_by(postings.c.member_id)
        )
        expected = Counter({member_id: int(points) for member_id, points in self.rows(given)})
        of_groups = select(vouchers.c.member_id, vouchers.c.points).where(vouchers.c.group_id.is_not(None))
        for member_id, points in self.rows(of_groups):
            expected[member_id] -= points
        found = self.rows(select(balances.c.member_id, balances.c.available + balances.c.held))
        assert dict(found) == {member_id: expected[member_id] for member_id, _ in found}

    @invariant()
    def one_unit_one_price(self) -> None:
        """Whoever bought one alone has paid for it once, and has one voucher."""
        paid = select(transactions.c.key).where(transactions.c.kind == Kind.REDEEM)
        alone = select(vouchers.c.key).where(vouchers.c.deal_id.is_not(None), vouchers.c.group_id.is_(None))
        assert sorted(self.rows(paid)) == sorted(self.rows(alone))

    @invariant()
    def another_try_comes_once(self) -> None:
        tries = self.rows(select(groups.c.extends_id).where(groups.c.extends_id.is_not(None)))
        assert len(tries) == len(set(tries))
        of_tries = select(groups.c.id).where(groups.c.extends_id.in_([group_id for (group_id,) in tries]))
        assert not {group_id for (group_id,) in tries} & {group_id for (group_id,) in self.rows(of_tries)}

    # How it is done

    def group(self, pick: int) -> int:
        """One of the newest groups, now and then one that is not there."""
        newest = self.rows(select(func.max(groups.c.id)))[0][0] or 0
        return int(max(1, newest + 1 - pick // 2))

    def person(self, member_id: int) -> Member:
        return next(person for person in self.people if person.id == member_id)

    def open_groups(self) -> list[int]:
        is_open = select(groups.c.id).where(groups.c.state == "open").order_by(groups.c.id)
        return [group_id for (group_id,) in self.rows(is_open)]

    def do(self, wish: Wish, dies: bool) -> bool:
        """Whether it was granted. One that dies first leaves no trace."""
        if dies:
            before = self.everything()
            with suppress(Refusal, Died):
                wish(self.dying)
            assert self.everything() == before
        self.last = wish
        try:
            wish(self.club)
        except Refusal:
            return False
        return True

    def changes_nothing(self, wish: Wish) -> None:
        before = self.everything()
        with suppress(Refusal):
            wish(self.club)
        assert self.everything() == before

    def rows(self, query: Any) -> list[Any]:
        with self.database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def everything(self) -> list[Any]:
        return [self.rows(select(table).order_by(*table.primary_key)) for table in TABLES]


def run(open_database: OpenDatabase, usual: int) -> None:
    """PERKCHAT_DEEP=20 tries twenty times as many, other ones each time: for an evening, not for every change."""
    machine = type("GroupBuysHere", (GroupBuys,), {"open_database": staticmethod(open_database)})
    deep = int(os.environ.get("PERKCHAT_DEEP", "0"))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=usual * max(1, deep),
            stateful_step_count=30,
            deadline=None,
            derandomize=not deep,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.machine
def test_group_buys_keep_the_books_right_on_sqlite(template: Path) -> None:
    def open_database(stack: ExitStack) -> Database:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(sqlite_copy(template, folder))
        event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA synchronous=OFF"))
        return database

    run(open_database, 12)


@pytest.mark.machine
@pytest.mark.postgres
def test_group_buys_keep_the_books_right_on_postgresql(postgres_server: Postgres) -> None:
    def open_database(stack: ExitStack) -> Database:
        copy: AbstractContextManager[Database] = postgres_server.copy()
        return stack.enter_context(copy)

    run(open_database, 4)
