"""`/points` from the real program with its database, beside bare echo bots: CPU per update, and latency.

Each contestant is a process of its own with a sandbox of its own, all alive for the whole run; the load goes to one
after the other, so that what the machine does meanwhile meets all of them. The load is open: messages are sent when
they are due, whether or not earlier ones have been answered, and latency counts from then.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import time
from typing import Any

import aiohttp

from benchmarks.programs import Box, Program, open_box, start
from benchmarks.report import spread, table, verdict

PEOPLE = 40
PER_SECOND = 80
SECONDS = 5
ROUNDS = 5
PATIENCE_S = 180
AIOGRAM_MOST, PTB_MOST = 1.5, 0.5

OURS, AIOGRAM, AIOGRAM_UVLOOP, PTB = (
    "Perkchat: /points",
    "aiogram echo",
    "aiogram echo on uvloop",
    "python-telegram-bot echo",
)
PROGRAMS = {
    OURS: ["-m", "bot", "run"],
    AIOGRAM: ["-m", "benchmarks.echo_aiogram"],
    AIOGRAM_UVLOOP: ["-m", "benchmarks.echo_aiogram", "uvloop"],
    PTB: ["-m", "benchmarks.echo_ptb"],
}


@dataclass
class Contestant:
    name: str
    box: Box
    program: Program
    cpu_ms: list[float] = field(default_factory=list)  # per update, a round each
    latency_ms: list[list[float]] = field(default_factory=list)


async def measure() -> str:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession())
        folder = stack.enter_context(TemporaryDirectory(prefix="perkchat-bench-"))
        contestants = []
        for name, command in PROGRAMS.items():
            box = await open_box(stack, web)
            program = await start(stack, box, command, f"sqlite:///{folder}/club.db")
            contestants.append(Contestant(name, box, program))
        for contestant in contestants:
            await enrol(contestant.box)
        for _ in range(ROUNDS):
            for contestant in contestants:
                cpu = contestant.program.cpu_s()
                latency_ms = await ask(contestant.box)
                contestant.cpu_ms.append((contestant.program.cpu_s() - cpu) / len(latency_ms) * 1000)
                contestant.latency_ms.append(latency_ms)
    return _report({contestant.name: contestant for contestant in contestants})


async def enrol(box: Box) -> None:
    """Everybody starts and checks in, so that there is something to show; and the programs are warm."""
    for user_id in range(1, PEOPLE + 1):
        person = {"id": user_id, "first_name": f"Member {user_id}", "language_code": "en"}
        await box.do("POST", "people", person)
        for text in ("/start", "/checkin", "/points"):
            await box.says(user_id, text)
    await _answered(box, 0, 3 * PEOPLE)


async def ask(box: Box, per_second: int = PER_SECOND, seconds: int = SECONDS) -> list[float]:
    """Everybody asks for the points in turn; answers how long each answer took, in ms."""
    before = await box.last()
    begun, due = time() + 0.2, defaultdict[int, deque[float]](deque)
    sends = []
    for number in range(per_second * seconds):
        user_id, at = number % PEOPLE + 1, begun + number / per_second
        due[user_id].append(at)
        await asyncio.sleep(max(0.0, at - time()))
        sends.append(asyncio.create_task(box.says(user_id, "/points")))
    await asyncio.gather(*sends)
    calls = await _answered(box, before, len(sends))
    return [(call["at"] - due[int(call["params"]["chat_id"])].popleft()) * 1000 for call in calls]


async def _answered(box: Box, after: int, count: int) -> list[Any]:
    """The answers to those people; what else the program sends meanwhile is not theirs."""
    deadline = time() + PATIENCE_S
    while True:
        calls = (await box.calls(after))["calls"]
        answers = [call for call in calls if call["ok"] and int(call["params"]["chat_id"]) <= PEOPLE]
        if len(answers) >= count:
            break
        if time() > deadline:
            raise TimeoutError(f"{len(answers)} answers of {count}")
        await asyncio.sleep(0.1 + len(calls) / 20_000)
    await asyncio.sleep(0.2)  # what the program does after its answers is part of the cost
    return answers


def _report(by_name: dict[str, Contestant]) -> str:
    ours = by_name[OURS].cpu_ms
    rows = []
    for name, contestant in by_name.items():
        latencies = [quantiles(latency, n=100) for latency in contestant.latency_ms]
        ratio = [mine / theirs for mine, theirs in zip(ours, contestant.cpu_ms, strict=True)]
        rows.append(
            [
                name,
                spread(contestant.cpu_ms),
                spread(ratio) if name != OURS else "",
                spread([cuts[49] for cuts in latencies], 1),
                spread([cuts[98] for cuts in latencies], 1),
            ]
        )
    beside = {
        name: median(mine / theirs for mine, theirs in zip(ours, by_name[name].cpu_ms, strict=True))
        for name in (AIOGRAM, PTB)
    }
    return "\n".join(
        [
            "## Answering `/points` with the database, beside bare echo bots",
            "",
            f"{PER_SECOND} messages a second of {PEOPLE} people for {SECONDS} s, {ROUNDS} rounds in turn, SQLite with "
            "synchronous=FULL, long polling.",
            "The echo bots confirm before they handle and keep nothing; Perkchat stores each update before it",
            "confirms, finds the member, reads balance and history, and marks the update as handled.",
            "",
            "Goals for CPU:",
            f"at most {AIOGRAM_MOST} x the aiogram echo bot's ({verdict(beside[AIOGRAM], AIOGRAM_MOST)}),",
            f"less than {PTB_MOST} x python-telegram-bot's ({verdict(beside[PTB], PTB_MOST)}).",
            "",
            table(
                ["contestant", "CPU ms per update", "Perkchat's CPU / this one's", "latency p50 ms", "latency p99 ms"],
                rows,
            ),
        ]
    )
