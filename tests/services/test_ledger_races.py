"""Many at once on a real database: no update is lost, no point counted twice, nobody waits for ever."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from loyalty.errors import HoldIsClosed, NotEnoughPoints, RefundTooLarge
from loyalty.points import Balance, Recorded
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import Books, all_at_once
from tests.kit.shops import enrol


@pytest.fixture
def books(units: UnitFactory, database: Database, clock: FrozenClock) -> Books:
    return Books(units, database, clock)


@pytest.mark.race
def test_sixteen_threads_cannot_spend_the_same_points(books: Books) -> None:
    for number in range(5):
        books.award(20, f"a{number}")
    outcomes = all_at_once(16, lambda number: books.spend(10, f"s{number}"), NotEnoughPoints, HoldIsClosed)
    assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, NotEnoughPoints) for outcome in outcomes) == 6
    assert books.balance == Balance()
    books.check()


@pytest.mark.race
def test_sixteen_threads_with_one_key_spend_once(books: Books) -> None:
    books.award(100, "a")
    outcomes = all_at_once(16, lambda _: books.spend(10, "s"), NotEnoughPoints, HoldIsClosed)
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Recorded)) == [False] + [True] * 15
    assert books.balance == Balance(available=90)
    books.check()


@pytest.mark.race
def test_sixteen_threads_with_one_key_award_once(books: Books) -> None:
    outcomes = all_at_once(16, lambda _: books.award(10, "a"), NotEnoughPoints, HoldIsClosed)
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Recorded)) == [False] + [True] * 15
    assert books.balance == Balance(available=10)
    books.check()


@pytest.mark.race
def test_of_capture_and_release_at_once_one_wins(books: Books) -> None:
    books.award(100, "a")
    for number in range(8):
        held = books.hold(10, f"h{number}")
        ways = [partial(books.capture, held), partial(books.release, held)]
        outcomes = all_at_once(2, lambda way, ways=ways: ways[way](), HoldIsClosed)  # type: ignore[misc]
        assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, HoldIsClosed) for outcome in outcomes) == 1
    assert books.balance.held == 0
    books.check()


@pytest.mark.race
def test_spending_and_expiry_at_once_close_every_point_once(books: Books) -> None:
    generator = random.Random(3)
    for number in range(10):
        books.award(10, f"a{number}")
    books.clock.advance(days=400)
    amounts = [generator.randint(1, 15) for _ in range(8)]

    def act(number: int) -> object:
        return books.expire() if number == 8 else books.spend(amounts[number], f"s{number}")

    all_at_once(9, act, NotEnoughPoints, HoldIsClosed)
    books.expire()
    assert books.balance == Balance()
    books.check()


@pytest.mark.race
@pytest.mark.parametrize(
    ("ranges", "new", "replays", "refused"),
    [([(0, 150), (150, 300)], 200, 0, 100), ([(0, 150), (0, 150)], 150, 150, 0)],
    ids=["different keys", "the same keys"],
)
def test_two_processes_on_one_database_spend_every_point_once(
    books: Books, ranges: list[tuple[int, int]], new: int, replays: int, refused: int
) -> None:
    books.award(200, "a")
    url = books.database.url.render_as_string(hide_password=False)
    spenders = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.services.spender", url, str(books.member_id), str(first), str(last)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first, last in ranges
    ]
    for spender in spenders:
        assert spender.stdout is not None
        assert spender.stdout.readline() == "ready\n"
    counts = [spender.communicate("go\n", timeout=60)[0].split() for spender in spenders]
    assert [sum(int(count[position]) for count in counts) for position in range(3)] == [new, replays, refused]
    assert books.balance == Balance(available=200 - new)
    books.check()


@pytest.mark.race
def test_of_many_reversals_at_once_one_counts(books: Books) -> None:
    award = books.award(30, "a")
    outcomes = all_at_once(8, lambda _: books.reverse(award), NotEnoughPoints, HoldIsClosed)
    assert sorted(outcome.is_replay for outcome in outcomes if isinstance(outcome, Recorded)) == [False] + [True] * 7
    assert books.balance == Balance()
    books.check()


@pytest.mark.race
def test_refunds_at_once_never_take_more_than_was_given(books: Books) -> None:
    award = books.award(30, "a")
    books.award(100, "b")
    outcomes = all_at_once(8, lambda number: books.refund(award, 7, f"r{number}"), RefundTooLarge)
    assert sum(isinstance(outcome, Recorded) for outcome in outcomes) == 4
    assert sum(isinstance(outcome, RefundTooLarge) for outcome in outcomes) == 4
    assert books.balance == Balance(available=130 - 4 * 7)
    books.check()


@pytest.mark.race
def test_refund_confirmation_and_sweep_at_once_move_each_pending_point_once(books: Books) -> None:
    awards = [books.award(10, f"a{number}", days=3) for number in range(8)]
    books.clock.advance(days=4)

    def act(number: int) -> object:
        if number == 8:
            return books.release_due()
        award = awards[number]
        return books.refund(award, 4, f"r{number}") if number % 2 else books.confirm(award)

    all_at_once(9, act, NotEnoughPoints, HoldIsClosed)
    while books.release_due():
        pass
    assert books.balance == Balance(available=8 * 10 - 4 * 4)
    books.check()


@pytest.mark.race
def test_two_who_send_to_each_other_do_not_wait_for_each_other(books: Books) -> None:
    ana, bo = books.member_id, enrol(books.units, "Bo").id
    books.award(100, "a")
    books.award(100, "b", whose=bo)

    def send(number: int) -> object:
        sender, receiver = (ana, bo) if number % 2 else (bo, ana)
        return [books.transfer(sender, receiver, 3, f"t{number}:{again}") for again in range(5)]

    outcomes = all_at_once(16, send, NotEnoughPoints, HoldIsClosed)
    assert all(isinstance(outcome, list) for outcome in outcomes)
    assert books.balance == books.balance_of(bo) == Balance(available=100)
    books.check()


@pytest.mark.race
def test_sweeps_at_once_close_each_lot_once(books: Books) -> None:
    members = [books.member_id, *(enrol(books.units, f"M{number}").id for number in range(4))]
    for number in range(40):
        books.award(10, f"a{number}", whose=members[number % 5])
    books.clock.advance(days=400)
    closed = all_at_once(6, lambda _: books.expire(limit=7), NotEnoughPoints, HoldIsClosed)
    while more := books.expire(limit=7):
        closed.append(more)
    assert sum(count for count in closed if isinstance(count, int)) == 40
    assert all(books.balance_of(member_id) == Balance() for member_id in members)
    books.check()


@pytest.mark.race
async def test_sixteen_at_once_over_the_bridge_lose_nothing(books: Books) -> None:
    """As the bot does it: use cases of every kind, on a few members who are wanted by all."""
    ana, bo, cy = books.member_id, enrol(books.units, "Bo").id, enrol(books.units, "Cy").id
    for member_id in (ana, bo, cy):
        books.award(1_000, f"start:{member_id}", whose=member_id)
    chance = random.Random(11)
    moves: list[tuple[str, int, int, int]] = []
    for _ in range(240):
        whose, other = chance.sample((ana, bo, cy), 2)
        moves.append((chance.choice("aast"), whose, other, chance.randint(1, 9)))

    def act(number: int, kind: str, whose: int, other: int, points: int) -> None:
        match kind:
            case "a":
                books.award(points, f"m{number}", whose=whose)
            case "s":
                books.spend(points, f"m{number}", whose=whose)
            case _:
                books.transfer(whose, other, points, f"m{number}")

    async def worker(first: int) -> None:
        for number in range(first, len(moves), 16):
            await books.database.run(act, number, *moves[number])

    await asyncio.gather(*(worker(first) for first in range(16)))
    expected = dict.fromkeys((ana, bo, cy), 1000)
    for kind, whose, other, points in moves:
        expected[whose] += points if kind == "a" else -points
        expected[other] += points if kind == "t" else 0
    assert {member_id: books.balance_of(member_id).available for member_id in expected} == expected
    books.check()
