"""A place is held while somebody is served, and by nobody who waits."""

from __future__ import annotations

import asyncio

import pytest

from bot.places import Place, given_back, note_wait


async def test_whoever_waits_gives_the_place_back_and_takes_it_again() -> None:
    places, waits = asyncio.Semaphore(1), list[str]()
    answer = asyncio.Event()

    async def waiting() -> None:
        async with Place(places, lambda: waits.append("ana")):
            async with given_back():
                note_wait()
                await answer.wait()
            assert places.locked()

    ana = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    async with asyncio.timeout(5), Place(places, lambda: None):
        assert waits == ["ana"]
        answer.set()
        await asyncio.sleep(0.01)
        assert not ana.done(), "the place is taken again only when it is free"
    await ana
    assert not places.locked()


async def test_several_calls_at_once_give_one_place_back() -> None:
    places = asyncio.Semaphore(2)

    async def call(answer: asyncio.Event) -> None:
        async with given_back():
            await answer.wait()

    first, second = asyncio.Event(), asyncio.Event()
    async with Place(places, lambda: None):
        calls = [asyncio.create_task(call(first)), asyncio.create_task(call(second))]
        await asyncio.sleep(0)
        assert places._value == 2
        first.set()
        await calls[0]
        assert places._value == 2, "one of its calls is still waited for"
        second.set()
        await calls[1]
        assert places._value == 1
    assert places._value == 2


async def test_who_is_cancelled_while_away_leaves_every_place_free() -> None:
    places = asyncio.Semaphore(1)

    async def waiting() -> None:
        async with Place(places, lambda: None), given_back():
            await asyncio.sleep(60)

    ana = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    await places.acquire()
    ana.cancel()
    await asyncio.sleep(0)
    ana.cancel()  # while it waits for its place
    with pytest.raises(asyncio.CancelledError):
        await ana
    places.release()
    assert places._value == 1


async def test_without_a_place_nothing_happens() -> None:
    async with given_back():
        note_wait()
