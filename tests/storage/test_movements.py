"""What people are shown of the ledger, on both databases: pages by kind, whys, months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from loyalty.errors import NotFound
from loyalty.months import Month
from loyalty.movements import Movement, Shown, Subject, Totals, Why, share
from loyalty.points import Kind, RefundPolicy
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.services import Club, ledger
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.deals import add_deal
from tests.kit.shops import add_merchant, add_reward, enrol

PROGRAMME = Programme()
CLAMPING = Programme(refund_policy=RefundPolicy.CLAMP_TO_ZERO)
EVERYTHING = 1_000
T = TypeVar("T")


class Books:
    """The steps of the ledger, a day apart, each in a unit of its own. They answer with a transaction's number."""

    def __init__(self, units: UnitFactory, clock: FrozenClock) -> None:
        self.units, self.clock = units, clock
        self.ana, self.bo = enrol(units, "Ana"), enrol(units, "Bo")
        self.shop = add_merchant(units, "Corner")
        self._steps = 0

    def do(self, step: Callable[[UnitOfWork], T]) -> T:
        with self.units() as uow:
            result = step(uow)
            uow.commit()
        self.clock.advance(days=1)
        return result

    def key(self) -> str:
        self._steps += 1
        return f"step:{self._steps}"

    def earn(
        self, points: int, cause: str = "checkin:today", *, funder: int | None = None, kind: Kind = Kind.EARN
    ) -> int:
        return self.do(
            lambda uow: ledger.award(
                uow,
                PROGRAMME,
                self.ana.id,
                points,
                key=self.key(),
                cause=cause,
                actor="club",
                at=self.clock(),
                funder_id=funder,
                kind=kind,
            )
        ).transaction_id

    def await_points(self, points: int, *, releases_at: datetime | None = None) -> int:
        return self.do(
            lambda uow: ledger.award(
                uow,
                PROGRAMME,
                self.ana.id,
                points,
                key=self.key(),
                cause="purchase",
                actor="club",
                at=self.clock(),
                funder_id=self.shop,
                is_pending=True,
                releases_at=releases_at,
            )
        ).transaction_id

    def spend(self, points: int, cause: str = "reward:1", *, kind: Kind = Kind.REDEEM) -> int:
        return self.do(
            lambda uow: ledger.spend(
                uow,
                self.ana.id,
                points,
                key=self.key(),
                cause=cause,
                actor=f"member:{self.ana.id}",
                at=self.clock(),
                merchant_id=None if kind is Kind.ADJUST else self.shop,
                kind=kind,
            )
        ).transaction_id

    def hold(self, points: int, cause: str = "group:1") -> int:
        return self.do(
            lambda uow: ledger.hold(
                uow, self.ana.id, points, key=self.key(), cause=cause, actor="club", at=self.clock()
            )
        ).id

    def release(self, hold_id: int) -> int:
        step = self.do(lambda uow: ledger.release(uow, PROGRAMME, hold_id, actor="club", at=self.clock()))
        return step.transaction_id

    def capture(self, hold_id: int) -> int:
        step = self.do(lambda uow: ledger.capture(uow, hold_id, actor="club", at=self.clock(), merchant_id=self.shop))
        return step.transaction_id

    def refund(self, award_id: int, points: int, programme: Programme = PROGRAMME) -> int:
        return self.do(
            lambda uow: ledger.refund(
                uow, programme, award_id, points, key=self.key(), cause="refund", actor="club", at=self.clock()
            )
        ).transaction_id

    def reverse(self, transaction_id: int) -> int:
        step = self.do(lambda uow: ledger.reverse(uow, PROGRAMME, transaction_id, actor="operator:1", at=self.clock()))
        return step.transaction_id

    def confirm(self, award_id: int) -> int:
        step = self.do(lambda uow: ledger.confirm(uow, award_id, actor="club", at=self.clock()))
        assert step is not None
        return step.transaction_id

    def send(self, points: int) -> int:
        return self.do(
            lambda uow: ledger.transfer(
                uow,
                self.ana.id,
                self.bo.id,
                points,
                key=self.key(),
                cause="transfer",
                actor=f"member:{self.ana.id}",
                at=self.clock(),
            )
        ).transaction_id

    def expire(self) -> int:
        return self.do(lambda uow: uow.sweeps.expire(self.clock(), EVERYTHING))

    def page(self, shown: Shown = Shown.ALL, *, of: int | None = None) -> list[Movement]:
        with self.units() as uow:
            return list(uow.movements.page(of or self.ana.id, before_id=None, limit=EVERYTHING, shown=shown))

    def why(self, number: int = 0, *, of: int | None = None) -> Why:
        """Of the newest movement, or of the one that is `number` older."""
        movement_id = self.page(of=of)[number].id
        with self.units() as uow:
            why = uow.movements.why(movement_id)
        assert why is not None
        return why


@pytest.fixture
def books(units: UnitFactory, clock: FrozenClock) -> Books:
    return Books(units, clock)


def parts(why: Why) -> list[tuple[int, str, int]]:
    """Points, cause and size of the lots that a movement moved."""
    return [(part.points, part.origin.cause, part.origin.amount) for part in why.parts]


def test_an_earning_tells_who_paid_and_what_has_become_of_it(books: Books, clock: FrozenClock) -> None:
    earned_at = clock()
    number = books.earn(30, "purchase", funder=books.shop)
    books.spend(12)
    why = books.why(1)
    assert (why.movement.kind, why.movement.amount, why.movement.at) == (Kind.EARN, 30, earned_at)
    assert (why.member_id, why.transaction_id, why.actor, why.balance_after) == (books.ana.id, number, "club", 30)
    (part,) = why.parts
    assert (part.points, part.left, part.opened_at, part.funder) == (30, 18, earned_at, Subject("Corner"))
    assert part.expires_at == datetime(2027, 5, 2, tzinfo=UTC), "the end of the day, a year on"
    assert why.spent == {Kind.REDEEM: 12}


def test_a_spending_names_the_lots_that_it_took_from(books: Books) -> None:
    books.earn(10, "checkin:1")
    books.earn(30, "purchase", funder=books.shop)
    number = books.spend(25)
    why = books.why()
    assert (why.movement.amount, why.transaction_id, why.balance_after) == (-25, number, 15)
    assert why.movement.merchant == Subject("Corner")
    assert parts(why) == [(-10, "checkin:1", 10), (-15, "purchase", 30)]
    assert [part.funder for part in why.parts] == [None, Subject("Corner")]


def test_a_hold_tells_what_became_of_it(books: Books) -> None:
    books.earn(50)
    first, second, _ = books.hold(10), books.hold(20), books.hold(5)
    books.capture(first)
    books.release(second)
    assert [books.why(number).hold_state for number in (1, 2, 3)] == ["held", "released", "captured"]
    assert books.why(0).movement.kind is Kind.RELEASE
    assert parts(books.why(0)) == [(20, "checkin:today", 50)]
    assert parts(books.why(3)) == [(-10, "checkin:today", 50)]
    award = books.why(4)
    assert award.spent == {Kind.CAPTURE: 10}
    assert award.parts[0].left == 40, "what is set aside is still there"


def test_a_capture_is_no_movement_but_can_be_explained(books: Books) -> None:
    books.earn(50)
    number = books.capture(books.hold(10))
    assert [movement.kind for movement in books.page()] == [Kind.HOLD, Kind.EARN]
    with books.units() as uow:
        found = [uow.movements.why(posting_id) for posting_id in range(1, 20)]
    (why,) = [why for why in found if why is not None and why.transaction_id == number]
    assert (why.movement.kind, why.movement.amount, why.balance_after) == (Kind.CAPTURE, -10, 40)
    assert parts(why) == [(-10, "checkin:today", 50)]


def test_a_release_after_the_lots_day_tells_of_the_grace(books: Books, clock: FrozenClock) -> None:
    books.earn(50)
    held = books.hold(10)
    clock.advance(days=400)
    books.expire()
    books.release(held)
    (part,) = books.why().parts
    assert (part.points, part.left) == (10, 10)
    assert part.expires_at == books.why().movement.at + timedelta(days=PROGRAMME.lot_grace_days)


def test_an_expiry_names_its_lot(books: Books, clock: FrozenClock) -> None:
    books.earn(10, "checkin:1")
    books.spend(4)
    clock.advance(days=400)
    books.expire()
    why = books.why()
    assert (why.movement.kind, why.movement.amount, why.balance_after) == (Kind.EXPIRE, -6, 0)
    assert parts(why) == [(-6, "checkin:1", 10)]
    assert books.why(2).spent == {Kind.REDEEM: 4, Kind.EXPIRE: 6}
    assert books.why(2).parts[0].left == 0


def test_adjustments_go_both_ways(books: Books) -> None:
    books.earn(30, "adjust:sorry", kind=Kind.ADJUST)
    books.spend(10, "adjust:oops", kind=Kind.ADJUST)
    taken, given = books.why(0), books.why(1)
    assert (taken.movement.amount, parts(taken)) == (-10, [(-10, "adjust:sorry", 30)])
    assert (given.movement.amount, given.spent, given.parts[0].funder) == (30, {Kind.ADJUST: 10}, None)


def test_a_refund_and_its_award_name_each_other(books: Books) -> None:
    award = books.earn(30, funder=books.shop)
    number = books.refund(award, 10)
    refund, awarded = books.why(0), books.why(1)
    assert (refund.transaction_id, refund.refunds_id, refund.movement.amount) == (number, award, -10)
    assert parts(refund) == [(-10, "checkin:today", 30)]
    assert (awarded.refunded, awarded.spent, awarded.parts[0].left) == (10, {Kind.REFUND: 10}, 20)


def test_a_refund_of_what_was_spent_is_owed_and_the_next_earning_fills_it(books: Books) -> None:
    award = books.earn(30)
    books.spend(25)
    books.refund(award, 30)
    refund = books.why()
    assert (refund.movement.amount, refund.on_credit, refund.balance_after) == (-30, 25, -25)
    assert parts(refund) == [(-5, "checkin:today", 30)]
    books.earn(40, "checkin:later")
    fills = books.why()
    assert (fills.filled, fills.balance_after, parts(fills)) == (25, 15, [(15, "checkin:later", 15)])


def test_an_earning_that_only_fills_a_gap_lies_in_no_lot(books: Books) -> None:
    award = books.earn(30)
    books.spend(30)
    books.refund(award, 30)
    books.earn(10)
    why = books.why()
    assert (why.filled, why.parts, why.spent, why.balance_after) == (10, (), {}, -20)


def test_a_refund_that_the_club_bears_takes_nothing(books: Books) -> None:
    award = books.earn(30)
    books.spend(25)
    books.refund(award, 30, CLAMPING)
    assert (books.why().movement.amount, books.why().on_credit) == (-5, 0)
    assert books.why(2).refunded == 30, "the shop got all of it back"


def test_a_reversal_and_what_it_undoes_name_each_other(books: Books) -> None:
    books.earn(30)
    spent = books.spend(12)
    number = books.reverse(spent)
    back, spending, award = books.why(0), books.why(1), books.why(2)
    assert (back.movement.kind, back.movement.amount, back.reverses_id) == (Kind.REVERSE, 12, spent)
    assert (back.actor, back.balance_after, parts(back)) == ("operator:1", 30, [(12, "checkin:today", 30)])
    assert spending.reversed_by == number
    assert award.parts[0].left == 30
    assert award.spent == {}, "what came back is not spent"


def test_a_reversed_award_is_taken_back(books: Books) -> None:
    award = books.earn(30)
    books.reverse(award)
    assert (books.why(0).movement.amount, books.why(0).reverses_id) == (-30, award)
    assert books.why(1).spent == {Kind.REVERSE: 30}


def test_a_transfer_is_told_to_both_with_the_other_ones_name(books: Books) -> None:
    books.earn(10, "checkin:1")
    books.earn(30, "purchase", funder=books.shop)
    number = books.send(25)
    sent, got = books.why(), books.why(of=books.bo.id)
    assert sent.transaction_id == got.transaction_id == number
    assert (sent.movement.amount, sent.movement.subject) == (-25, Subject("Bo"))
    assert parts(sent) == [(-10, "checkin:1", 10), (-15, "purchase", 30)]
    assert (got.movement.amount, got.movement.subject, got.member_id) == (25, Subject("Ana"), books.bo.id)
    assert [(part.points, part.funder) for part in got.parts] == [(10, None), (15, Subject("Corner"))]
    assert [part.expires_at for part in got.parts] == [part.expires_at for part in sent.parts]
    assert books.why(1).spent == {Kind.TRANSFER: 15}


def test_a_commission_is_an_earning(books: Books) -> None:
    books.earn(7, "commission:1", funder=books.shop, kind=Kind.COMMISSION)
    assert (books.why().movement.kind, books.why().movement.merchant) == (Kind.COMMISSION, Subject("Corner"))
    assert parts(books.why()) == [(7, "commission:1", 7)]


def test_pending_points_move_when_they_are_confirmed(books: Books) -> None:
    award = books.await_points(40)
    assert books.page() == []
    number = books.confirm(award)
    books.spend(10)
    why = books.why(1)
    assert (why.movement.kind, why.movement.amount, why.transaction_id) == (Kind.CONFIRM, 40, number)
    assert parts(why) == [(40, "purchase", 40)]
    assert (why.parts[0].funder, why.spent, why.parts[0].left) == (Subject("Corner"), {Kind.REDEEM: 10}, 30)


def test_a_why_takes_few_statements_however_much_it_tells(books: Books, database: Database) -> None:
    for number in range(20):
        books.earn(1, f"checkin:{number}")
    books.spend(20)
    books.earn(5)
    spent, earned = books.page()[1], books.page()[0]
    for movement, most in ((spent, 2), (earned, 3)):
        with statements(database) as seen, books.units() as uow:
            assert uow.movements.why(movement.id) is not None
        assert len(seen) == most


def test_nobody_elses_movement_is_explained(books: Books, club: Club) -> None:
    books.earn(5)
    (movement,) = books.page()
    assert club.points.why(books.ana.id, movement.id).movement == movement
    for member_id, movement_id in ((books.bo.id, movement.id), (books.ana.id, 999), (books.ana.id, 2**62)):
        with pytest.raises(NotFound):
            club.points.why(member_id, movement_id)


def make_everything(books: Books) -> None:
    """A movement of every kind and direction."""
    first = books.earn(100, "checkin:1")
    books.confirm(books.await_points(40))
    books.earn(7, "commission:1", kind=Kind.COMMISSION)
    books.earn(30, "adjust:sorry", kind=Kind.ADJUST)
    books.spend(10, "adjust:oops", kind=Kind.ADJUST)
    books.reverse(books.spend(12))
    books.release(books.hold(9))
    books.capture(books.hold(8))
    books.refund(first, 6)
    books.reverse(books.earn(5))
    books.send(4)
    books.clock.advance(days=400)
    books.expire()


def test_each_movement_is_on_one_of_the_pages_and_rightly(books: Books) -> None:
    make_everything(books)
    everything = books.page()
    by_page = {shown: books.page(shown) for shown in (Shown.EARNED, Shown.SPENT, Shown.EXPIRED)}
    assert sorted((m for page in by_page.values() for m in page), key=lambda m: -m.id) == everything
    for shown, page in by_page.items():
        assert {share(movement.kind, movement.amount) for movement in page} == {shown}
    assert {(movement.kind, movement.amount > 0) for movement in by_page[Shown.EARNED]} == {
        (Kind.EARN, True),
        (Kind.CONFIRM, True),
        (Kind.COMMISSION, True),
        (Kind.ADJUST, True),
        (Kind.REFUND, False),
        (Kind.REVERSE, False),
    }
    assert {(movement.kind, movement.amount > 0) for movement in by_page[Shown.SPENT]} == {
        (Kind.REDEEM, False),
        (Kind.ADJUST, False),
        (Kind.REVERSE, True),
        (Kind.HOLD, False),
        (Kind.RELEASE, True),
        (Kind.TRANSFER, False),
    }
    assert {movement.kind for movement in by_page[Shown.EXPIRED]} == {Kind.EXPIRE}


def test_every_movement_can_be_explained_and_the_balances_follow_each_other(books: Books) -> None:
    make_everything(books)
    balance, everything = 0, books.page()
    with books.units() as uow:
        for movement in reversed(everything):
            why = uow.movements.why(movement.id)
            balance += movement.amount
            assert why is not None
            assert why.movement == movement
            assert why.balance_after == balance
            moved = sum(part.points for part in why.parts)
            assert moved + why.filled - why.on_credit == movement.amount
            if why.opened_lots:
                began = sum(part.origin.amount for part in why.parts)
                assert sum(why.spent.values()) + sum(part.left for part in why.parts) == began


def test_pages_follow_each_other_without_gap_or_repetition(books: Books) -> None:
    for number in range(1, 8):
        books.earn(number, f"checkin:{number}")
        if number % 2:
            books.spend(1)
    seen: list[int] = []
    before: int | None = None
    with books.units() as uow:
        while page := uow.movements.page(books.ana.id, before_id=before, limit=3, shown=Shown.EARNED):
            seen += [movement.amount for movement in page]
            before = page[-1].id
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_movements_name_rewards_and_deals(books: Books, units: UnitFactory) -> None:
    names = {"zh-Hans": {"name": "白咖啡"}}
    reward_id = add_reward(units, books.shop, "Flat white", translations=names)
    books.earn(50)
    books.spend(5, f"reward:{reward_id}")
    books.spend(5, "reward:")
    books.spend(5, "reward:99")
    books.spend(5, "reward:seven")
    books.spend(5, "rewards:1")
    found = {movement.cause: movement.subject for movement in books.page()}
    assert found[f"reward:{reward_id}"] == Subject("Flat white", names)
    assert {subject for cause, subject in found.items() if cause != f"reward:{reward_id}"} == {None}


def test_movements_of_a_group_buy_name_its_deal(books: Books, units: UnitFactory, club: Club) -> None:
    deal_id = add_deal(units)
    books.earn(500)
    club.group_buys.open(books.ana, deal_id, "0123456789ABCDEF"[:10])
    subject = books.page()[0].subject
    assert subject is not None
    assert (subject.name, subject.translations["zh-Hans"]["name"]) == ("Coffee beans", "咖啡豆")


def test_the_standing_tells_what_comes_and_goes_next(books: Books, clock: FrozenClock) -> None:
    soon, later = clock() + timedelta(days=5), clock() + timedelta(days=9)
    books.await_points(10, releases_at=later)
    books.await_points(20, releases_at=soon)
    books.await_points(5, releases_at=soon)
    books.await_points(70)
    clock.move_to(datetime(2026, 6, 1, 8, tzinfo=UTC))
    with books.units() as uow:
        ledger.award(uow, PROGRAMME, books.ana.id, 3, key="a", cause="a", actor="club", at=clock())
        ledger.award(uow, PROGRAMME, books.ana.id, 4, key="b", cause="b", actor="club", at=clock())
        ledger.award(uow, PROGRAMME, books.ana.id, 5, key="c", cause="c", actor="club", at=clock() + timedelta(days=1))
        standing, nobody = uow.movements.standing(books.ana.id), uow.movements.standing(books.bo.id)
    assert (standing.balance.available, standing.balance.pending) == (12, 105)
    assert standing.expires_next == (datetime(2027, 6, 2, tzinfo=UTC), 7)
    assert standing.releases_next == (soon, 25)
    assert (nobody.balance.available, nobody.expires_next, nobody.releases_next) == (0, None, None)


def test_what_waits_for_an_event_has_no_date(books: Books) -> None:
    books.await_points(70)
    with books.units() as uow:
        standing = uow.movements.standing(books.ana.id)
    assert (standing.balance.pending, standing.releases_next) == (70, None)


@pytest.mark.parametrize(
    ("zone", "month", "first", "last"),
    [
        ("UTC", Month(2026, 3), "2026-03-01T00:00", "2026-03-31T23:59"),
        ("Asia/Taipei", Month(2026, 3), "2026-02-28T16:00", "2026-03-31T15:59"),
        ("Europe/Berlin", Month(2026, 3), "2026-02-28T23:00", "2026-03-31T21:59"),  # summer time began
        ("Europe/Berlin", Month(2026, 10), "2026-09-30T22:00", "2026-10-31T22:59"),  # and ended
        ("America/New_York", Month(2026, 11), "2026-11-01T04:00", "2026-12-01T04:59"),  # on its first day
        ("Pacific/Kiritimati", Month(2026, 12), "2026-11-30T10:00", "2026-12-31T09:59"),
    ],
)
def test_a_month_is_the_members_own(
    books: Books, club: Club, clock: FrozenClock, zone: str, month: Month, first: str, last: str
) -> None:
    member = replace(books.ana, timezone=zone)
    minute = timedelta(minutes=1)
    first_at, last_at = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (first, last))
    for points, at in ((1, first_at - minute), (10, first_at), (100, last_at), (1000, last_at + minute)):
        clock.move_to(at)
        books.earn(points, f"checkin:{points}")
    clock.move_to(last_at + timedelta(days=40))
    found = club.points.statement(member, month)
    assert [movement.amount for movement in found.movements] == [10, 100]
    assert (found.before, found.after, found.totals) == (1, 111, Totals(earned=110))
    by_month = dict(club.points.history(member))
    assert by_month[month] == found.totals
    assert by_month[month.plus(-1)] == Totals(earned=1)
    assert by_month[month.plus(1)] == Totals(earned=1000)


def test_a_month_adds_up_to_the_next_ones_opening(books: Books, club: Club) -> None:
    make_everything(books)
    first, last = club.points.months(books.ana)
    month, balance = first, 0
    sums = Totals()
    while month <= last:
        found = club.points.statement(books.ana, month)
        assert found.before == balance
        balance = found.after
        totals = found.totals
        sums = Totals(sums.earned + totals.earned, sums.spent + totals.spent, sums.expired + totals.expired)
        month = month.plus(1)
    assert balance == club.points.balance(books.ana.id).available
    assert sums.earned + sums.spent + sums.expired == balance
    assert sums.expired < 0 < sums.earned


def test_there_is_no_statement_of_other_months(books: Books, club: Club) -> None:
    first, last = club.points.months(books.ana)
    for month in (first.plus(-1), last.plus(1), Month(2026, 0), Month(2025, 99), Month(2**62, 1), Month(2026, 13)):
        with pytest.raises(NotFound):
            club.points.statement(books.ana, month)


def test_an_empty_month_keeps_its_balance(books: Books, club: Club, clock: FrozenClock) -> None:
    books.earn(5)
    clock.advance(days=60)
    found = club.points.statement(books.ana, Month.of(clock(), ZoneInfo("UTC")))
    assert (found.before, found.after, found.movements, found.totals) == (5, 5, (), Totals())


@pytest.mark.parametrize("shown", Shown)
def test_every_page_walks_the_members_own_index(sqlite: Database, clock: FrozenClock, shown: Shown) -> None:
    books = Books(UnitFactory(sqlite), clock)
    with statements(sqlite) as seen:
        books.page(shown)
    (asked,) = seen
    with sqlite.engine.connect() as connection:
        plan = [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    assert plan[0] == "SEARCH postings USING INDEX ix_postings_movements (member_id=? AND id<?)"
    assert all(step.startswith("SEARCH") for step in plan), "nothing is read as a whole, and nothing is sorted"
