"""Kill -9 at random moments of a broadcast of 5,000, ten times: nobody twice, nobody silently missed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.broadcast_harness import BroadcastTrial, broadcast_trial
from tests.faults.harness import Nursery

pytestmark = pytest.mark.crash

PEOPLE, KILLS = 5_000, 10
Open = Callable[[int, int], AbstractAsyncContextManager[BroadcastTrial]]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture
def open_trial(nursery: Nursery, template: Path, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(people: int, seed: int) -> AsyncIterator[BroadcastTrial]:
        path = tmp_path / "club.db"
        shutil.copy(template, path)
        async with broadcast_trial(nursery, path, people, seed) as begun:
            yield begun

    return opened


async def test_ten_kills_send_nothing_twice_and_miss_nobody_silently(open_trial: Open) -> None:
    async with open_trial(PEOPLE, 30) as running:
        outcome = await running.run(KILLS, "small_chunks")
    sys.stdout.write(f"{outcome}\n")
    assert outcome.kills_while_filling
    assert outcome.kills_while_sending
    assert outcome.recipients == PEOPLE
    assert outcome.twice == set()
    assert outcome.missed == set()
    # What it does not know is what was under way at a kill, all of it and nothing else, and the report says so.
    assert outcome.unknown == outcome.in_doubt != frozenset()
    assert len(outcome.unknown) <= KILLS * 200, "two batches and what was under way, at each kill"
    assert outcome.states == {"sent": PEOPLE - len(outcome.unknown), "unknown": len(outcome.unknown)}
    assert f"Sent: {PEOPLE - len(outcome.unknown):,}\n" in outcome.told
    assert f"Perhaps arrived, perhaps not: {len(outcome.unknown):,}" in outcome.told


@pytest.mark.parametrize("mutant", ["mark_after_sending", "send_unknown_again"])
async def test_the_harness_finds_what_is_sent_twice(open_trial: Open, mutant: str) -> None:
    async with open_trial(1_000, 31) as running:
        outcome = await running.run(4, mutant)
    assert outcome.twice


@pytest.mark.parametrize("mutant", ["mark_sent_when_fetched", "checkpoint_before_filling"])
async def test_the_harness_finds_who_is_missed(open_trial: Open, mutant: str) -> None:
    async with open_trial(2_000, 32) as running:
        outcome = await running.run(8, "small_chunks", mutant)
    assert outcome.missed
