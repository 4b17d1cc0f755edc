"""`/points` of ordinary members while one person sends 12,000 messages: do answers stay quick?

Two clubs, alike. The flood goes to one of them, and in turn to a box without a program: so that the machine and whoever
sends the flood are as busy in both rounds, and the difference is the program's.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks import answers
from benchmarks.programs import Box, open_box, start
from benchmarks.report import spread, table, verdict

FLOOD = 12_000
FLOODER = 900_001
PER_SECOND = 40
SECONDS = 8
ROUNDS = 5
AT_ONCE = 50
GOAL = 2.0


async def measure() -> str:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession())
        folder = stack.enter_context(TemporaryDirectory(prefix="perkchat-bench-"))
        club, elsewhere = await open_box(stack, web), await open_box(stack, web)
        await start(stack, club, ["-m", "bot", "run"], f"sqlite:///{folder}/club.db")
        for box in (club, elsewhere):
            await box.do("POST", "people", {"id": FLOODER, "first_name": "Fay", "language_code": "en"})
        await answers.enrol(club)
        beside: list[list[float]] = []
        without: list[list[float]] = []
        for _ in range(ROUNDS):
            for flooded, latencies in ((elsewhere, without), (club, beside)):
                flooding = asyncio.create_task(_flood(flooded))
                latencies.append(await answers.ask(club, PER_SECOND, SECONDS))
                await flooding
                await asyncio.sleep(1)
    return _report(beside, without)


async def _flood(box: Box) -> None:
    """As fast as the box takes them, a round's share of the whole."""
    places = asyncio.Semaphore(AT_ONCE)

    async def say() -> None:
        async with places:
            await box.says(FLOODER, "/points")

    await asyncio.gather(*(say() for _ in range(FLOOD // ROUNDS)))


def _report(beside: list[list[float]], without: list[list[float]]) -> str:
    p99 = {name: [quantiles(each, n=100)[98] for each in of] for name, of in (("b", beside), ("w", without))}
    ratios = [mine / quiet for mine, quiet in zip(p99["b"], p99["w"], strict=True)]
    rows = [
        ["no flood", spread([quantiles(each, n=100)[49] for each in without], 1), spread(p99["w"], 1), "", ""],
        [
            "one person's flood",
            spread([quantiles(each, n=100)[49] for each in beside], 1),
            spread(p99["b"], 1),
            spread(ratios),
            verdict(median(ratios), GOAL),
        ],
    ]
    return "\n".join(
        [
            "## Answering `/points` beside one person's flood",
            "",
            f"{PER_SECOND} messages a second of {answers.PEOPLE} people for {SECONDS} s, {ROUNDS} rounds in turn, "
            f"SQLite, long polling; meanwhile one person sends {FLOOD:,} messages, a part in each round.",
            f"Goal: p99 at most {GOAL:.0f} x what it is without.",
            "",
            table(["meanwhile", "latency p50 ms", "latency p99 ms", "p99 / without", ""], rows),
        ]
    )
