"""`/points` while a broadcast is on its way: do answers stay quick?

Three programs, alike but for what they send meanwhile: nothing, a broadcast at 30 a second, one at 1,000 a second. The
questions go to one after the other, open-loop as in `answers`; a broadcast that is not being measured is idle.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks import answers
from benchmarks.crowd import OWNER_ID, Town
from benchmarks.programs import Box, open_box, start
from benchmarks.report import spread, table, verdict

PER_SECOND = 40
SECONDS = 8
ROUNDS = 5
MEMBERS = 15_000
PACES = (0, 30, 1_000)  # of the broadcast
GOAL = 2.0


@dataclass
class Club:
    """A running program; `pace` is its broadcast's, 0 for one that sends nothing."""

    pace: int
    box: Box
    town: Town
    latencies: list[list[float]] = field(default_factory=list)

    async def round(self, number: int) -> None:
        if not self.pace:
            self.latencies.append(await answers.ask(self.box, PER_SECOND, SECONDS))
            return
        standing = await asyncio.to_thread(self.town.broadcast, f"ROUND{number}")
        await asyncio.sleep(1)
        self.latencies.append(await answers.ask(self.box, PER_SECOND, SECONDS))
        await asyncio.to_thread(self.town.cancel, standing)
        await asyncio.sleep(1)


async def measure() -> str:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession())
        clubs = [await _open(stack, web, pace) for pace in PACES]
        for number in range(ROUNDS):
            for club in clubs:
                await club.round(number)
    return _report(clubs)


async def _open(stack: AsyncExitStack, web: aiohttp.ClientSession, pace: int) -> Club:
    folder = stack.enter_context(TemporaryDirectory(prefix="perkchat-bench-"))
    url, box = f"sqlite:///{folder}/club.db", await open_box(stack, web)
    await box.do("POST", "crowd", {"first_id": OWNER_ID, "count": MEMBERS + 1})
    town = await asyncio.to_thread(Town, url)
    stack.callback(town.close)
    await asyncio.to_thread(town.settle, MEMBERS)
    await start(stack, box, ["-m", "bot", "run"], url, PERKCHAT_SENDS_PER_SECOND=str(pace or 30))
    await answers.enrol(box)
    return Club(pace, box, town)


def _report(clubs: list[Club]) -> str:
    p99 = {club.pace: [quantiles(latency, n=100)[98] for latency in club.latencies] for club in clubs}
    rows = []
    for club in clubs:
        ratios = [mine / quiet for mine, quiet in zip(p99[club.pace], p99[0], strict=True)]
        rows.append(
            [
                f"a broadcast at {club.pace:,} a second" if club.pace else "no broadcast",
                spread([quantiles(latency, n=100)[49] for latency in club.latencies], 1),
                spread(p99[club.pace], 1),
                spread(ratios) if club.pace else "",
                verdict(median(ratios), GOAL) if club.pace else "",
            ]
        )
    return "\n".join(
        [
            "## Answering `/points` during a broadcast",
            "",
            f"{PER_SECOND} messages a second of {answers.PEOPLE} people for {SECONDS} s, {ROUNDS} rounds in turn, "
            "SQLite, long polling.",
            f"Goal: p99 at most {GOAL:.0f} x what it is without a broadcast.",
            "",
            table(["meanwhile", "latency p50 ms", "latency p99 ms", "p99 / without", ""], rows),
        ]
    )
