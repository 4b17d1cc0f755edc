"""The pace by a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count, pairwise
from random import Random

from bot.pace import Pace
from loyalty.deliveries import Lane


class Hours:
    """Sleepers wake in the order of their time, and time is what the last one to wake slept until."""

    def __init__(self, *, steps: int = 5) -> None:
        """`steps` of the event loop are enough for what happens at one moment."""
        self.now, self._steps = 1_000.0, steps
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), woken))
        await woken

    async def pass_until(self, *tasks: asyncio.Task[object]) -> None:
        while not all(task.done() for task in tasks):
            for _ in range(self._steps):
                await asyncio.sleep(0)
            if self._sleepers:
                self.now, _, woken = heapq.heappop(self._sleepers)
                woken.set_result(None)


def turns_of(
    pace: Pace, hours: Hours, chats: list[str], lane: Lane, told: list[tuple[float, str, bool]]
) -> list[asyncio.Task[object]]:
    async def turn(chat: str) -> None:
        may_go = await pace.turn(chat, lane)
        told.append((hours.now, chat, may_go))

    return [asyncio.create_task(turn(chat)) for chat in chats]


async def test_no_second_has_more_than_the_limit() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    await hours.pass_until(*turns_of(pace, hours, [str(n) for n in range(100)], Lane.MARKETING, told))
    moments = sorted(at for at, _, _ in told)
    assert len(moments) == 100
    assert all(later - earlier >= 1 for earlier, later in zip(moments, moments[30:], strict=False))
    assert moments[-1] - moments[0] == 3, "and no slower than it may"


async def test_a_chat_gets_one_a_second() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    await hours.pass_until(*turns_of(pace, hours, ["ana"] * 4 + ["bo"], Lane.TRANSACTIONAL, told))
    moments = sorted(at for at, chat, _ in told if chat == "ana")
    assert [later - earlier for earlier, later in pairwise(moments)] == [1, 1, 1]
    assert next(at for at, chat, _ in told if chat == "bo") == 1_000


async def test_what_people_need_goes_before_marketing_that_waits_longer() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(2, now=hours, sleep=hours.sleep)
    marketing = turns_of(pace, hours, [f"m{n}" for n in range(6)], Lane.MARKETING, told)
    await asyncio.sleep(0)
    needed = turns_of(pace, hours, ["t0", "t1"], Lane.TRANSACTIONAL, told)
    await hours.pass_until(*marketing, *needed)
    order = [chat for _, chat, _ in told]
    assert set(order[2:4]) == {"t0", "t1"}


async def test_answers_take_their_place_in_the_window() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(3, now=hours, sleep=hours.sleep)
    pace.note("speaker")
    pace.note("speaker")
    await hours.pass_until(*turns_of(pace, hours, ["a", "b"], Lane.MARKETING, told))
    assert [at for at, _, _ in told] == [1_000, 1_001]


async def test_a_pause_turns_away_its_lane_only() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    pace.flooded("ana", Lane.MARKETING, 7)
    assert pace.pause_left(Lane.MARKETING) == 7
    await hours.pass_until(
        *turns_of(pace, hours, ["bo"], Lane.MARKETING, told), *turns_of(pace, hours, ["bo"], Lane.TRANSACTIONAL, told)
    )
    assert [may_go for _, _, may_go in told] == [False, True]
    hours.now += 7
    assert await pace.turn("bo", Lane.MARKETING)


async def test_a_chat_that_had_too_many_is_blamed_alone() -> None:
    hours = Hours()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    for _ in range(4):
        pace.note("ana")
    pace.flooded("ana", Lane.TRANSACTIONAL, 60)
    assert pace.pause_left(Lane.TRANSACTIONAL) == 0
    assert pace.pause_left(Lane.TRANSACTIONAL, "ana") == 60
    assert await pace.turn("bo", Lane.TRANSACTIONAL)
    assert not await pace.turn("ana", Lane.TRANSACTIONAL)


async def test_a_group_gets_twenty_a_minute() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    await hours.pass_until(*turns_of(pace, hours, ["-7"] * 45 + ["7"] * 45, Lane.TRANSACTIONAL, told))
    moments = sorted(at for at, chat, _ in told if chat == "-7")
    assert all(later - earlier >= 60 for earlier, later in zip(moments, moments[20:], strict=False))
    person = sorted(at for at, chat, _ in told if chat == "7")
    assert person[-1] - person[0] == 44, "a person's chat has no such limit"


async def test_nobody_waits_in_line_for_a_group_without_room() -> None:
    hours = Hours()
    pace = Pace(30, chat_gap=0, now=hours, sleep=hours.sleep)
    for _ in range(15):
        assert await pace.turn_if_room("-7", Lane.LIVE, most=15) == 0
    assert await pace.turn_if_room("-7", Lane.LIVE, most=15) == 60
    hours.now += 20
    assert await pace.turn_if_room("-7", Lane.LIVE, most=15) == 40
    assert [await pace.turn_if_room("-7", Lane.LIVE, most=20) for _ in range(6)] == [0] * 5 + [40]
    assert await pace.turn_if_room("-8", Lane.LIVE, most=15) == 0
    hours.now += 40
    assert await pace.turn_if_room("-7", Lane.LIVE, most=15) == 0


def test_room_counts_those_ahead() -> None:
    hours = Hours()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    assert [pace.room("-7", ahead=n) for n in range(3)] == [0, 1, 2]
    pace.note("-7")
    hours.now += 0.25
    assert [pace.room("-7", ahead=n) for n in range(3)] == [0.75, 1.75, 2.75]
    for _ in range(13):
        pace.note("-7")
    assert pace.room("-7", ahead=1, most=15) == 59.75
    assert pace.room("-7", ahead=0, most=15) == 1


async def test_live_cards_let_what_people_need_go_first_and_mind_no_other_lanes_pause() -> None:
    hours, told = Hours(), list[str]()
    pace = Pace(2, now=hours, sleep=hours.sleep)
    pace.pause(Lane.MARKETING, 1_000)

    async def live(chat: str) -> None:
        assert await pace.turn_if_room(chat, Lane.LIVE) == 0
        told.append(chat)

    async def needed(chat: str) -> None:
        assert await pace.turn(chat, Lane.TRANSACTIONAL)
        told.append(chat)

    redraws = [asyncio.create_task(live(f"-{n}")) for n in range(6)]
    await asyncio.sleep(0)
    messages = [asyncio.create_task(needed(f"t{n}")) for n in range(2)]
    await hours.pass_until(*redraws, *messages)
    assert set(told[2:4]) == {"t0", "t1"}


async def test_one_refused_group_is_blamed_alone_and_two_mean_everybody() -> None:
    hours = Hours()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    pace.flooded("-7", Lane.LIVE, 30)
    assert pace.pause_left(Lane.LIVE) == 0
    assert pace.pause_left(Lane.LIVE, "-7") == 30
    pace.flooded("-7", Lane.LIVE, 30)
    assert pace.pause_left(Lane.LIVE) == 0
    pace.flooded("-8", Lane.LIVE, 9)
    assert pace.pause_left(Lane.LIVE) == 9
    assert pace.pause_left(Lane.TRANSACTIONAL) == 0


async def test_a_group_that_had_its_minute_is_blamed_alone() -> None:
    hours = Hours()
    pace = Pace(30, now=hours, sleep=hours.sleep)
    for _ in range(20):
        pace.note("-7")
        hours.now += 2
    pace.flooded("-7", Lane.TRANSACTIONAL, 20)
    assert pace.pause_left(Lane.TRANSACTIONAL) == 0
    assert pace.pause_left(Lane.TRANSACTIONAL, "-7") == 20


async def test_no_second_has_too_many_arrivals_however_the_network_delays_them() -> None:
    hours, chance = Hours(steps=40), Random(7)
    arrivals = list[float]()
    pace = Pace(100, chat_gap=0, now=hours, sleep=hours.sleep)

    async def call(there: float, back: float) -> None:
        with pace.under_way():
            await hours.sleep(there)
            arrivals.append(hours.now)
            await hours.sleep(back)

    async def all_calls() -> None:
        calls = []
        for number in range(1_000):
            assert await pace.turn_if_room(str(number), Lane.MARKETING) == 0
            is_slow = 300 < number < 360 or number % 50 == 0
            there = 0.03 + (0.4 if is_slow else 0.01 * chance.random())
            calls.append(asyncio.create_task(call(there, 0.02 + 0.01 * chance.random())))
            await asyncio.sleep(0)
        await asyncio.gather(*calls)

    begun = hours.now
    await hours.pass_until(asyncio.create_task(all_calls()))
    arrivals.sort()
    assert len(arrivals) == 1_000
    assert all(later - earlier >= 1 for earlier, later in zip(arrivals, arrivals[100:], strict=False))
    assert hours.now - begun < 9 / 0.9 + 0.5, "what is slow for all calls costs nothing"


async def test_calls_that_all_take_long_do_not_slow_the_pace_down() -> None:
    hours = Hours(steps=40)
    pace = Pace(30, chat_gap=0, now=hours, sleep=hours.sleep)

    async def call() -> None:
        with pace.under_way():
            await hours.sleep(0.3)

    turns = list[float]()

    async def all_calls() -> None:
        calls = []
        for number in range(450):
            await pace.turn_if_room(str(number), Lane.MARKETING)
            turns.append(hours.now)
            calls.append(asyncio.create_task(call()))
            await asyncio.sleep(0)
        await asyncio.gather(*calls)

    await hours.pass_until(asyncio.create_task(all_calls()))
    assert turns[449] - turns[149] < 10 * 1.04, "once it knows how long calls take"


async def test_a_fast_pace_is_even_within_the_second() -> None:
    hours, told = Hours(), list[tuple[float, str, bool]]()
    pace = Pace(1_000, now=hours, sleep=hours.sleep)

    async def all_turns() -> None:
        for number in range(3_000):
            told.append((hours.now, "", await pace.turn(str(number), Lane.MARKETING)))

    await hours.pass_until(asyncio.create_task(all_turns()))
    moments = [at for at, _, _ in told]
    assert moments[-1] - moments[0] < 3
    assert all(later - earlier > 0.08 for earlier, later in zip(moments, moments[150:], strict=False))
