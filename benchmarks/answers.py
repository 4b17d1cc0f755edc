"""`/points` from the real program with its database, beside bare echo bots: CPU per update, and latency.

Each contestant is a process of its own with a sandbox of its own, all alive for the whole run; the load goes to one
after the other, so that what the machine does meanwhile meets all of them. The load is open: messages are sent when
they are due, whether or not earlier ones have been answered, and latency counts from then.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict, deque
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import time
from typing import Any

import aiohttp

from benchmarks.report import spread, table, verdict

TOKEN = "42:BENCH"
PEOPLE = 40
PER_SECOND = 80
SECONDS = 5
ROUNDS = 5
PATIENCE_S = 60
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
    api: str
    pid: int
    cpu_ms: list[float] = field(default_factory=list)  # per update, a round each
    latency_ms: list[list[float]] = field(default_factory=list)

    def cpu_s(self) -> float:
        """User and system time of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure() -> str:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession())
        folder = stack.enter_context(TemporaryDirectory(prefix="perkchat-bench-"))
        contestants = [await _start(stack, web, name, Path(folder)) for name in PROGRAMS]
        for contestant in contestants:
            await _enrol(web, contestant)
        for _ in range(ROUNDS):
            for contestant in contestants:
                await _round(web, contestant)
    return _report({contestant.name: contestant for contestant in contestants})


async def _start(stack: AsyncExitStack, web: aiohttp.ClientSession, name: str, folder: Path) -> Contestant:
    sandbox = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", "0", "--token", TOKEN, "--limits", "off",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stack.push_async_callback(_end, sandbox)
    assert sandbox.stdout is not None
    api = (await sandbox.stdout.readline()).decode().strip()
    environment = os.environ | {
        "PERKCHAT_BOT_TOKEN": TOKEN,
        "PERKCHAT_TELEGRAM_API": api,
        "PERKCHAT_DATABASE_URL": f"sqlite:///{folder}/club.db",
    }
    program = await asyncio.create_subprocess_exec(
        sys.executable, *PROGRAMS[name], env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    stack.push_async_callback(_end, program)
    return Contestant(name, api, program.pid)


async def _end(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.communicate()


async def _enrol(web: aiohttp.ClientSession, contestant: Contestant) -> None:
    """Everybody starts and checks in, so that there is something to show; and the programs are warm."""
    for user_id in range(1, PEOPLE + 1):
        person = {"id": user_id, "first_name": f"Member {user_id}", "language_code": "en"}
        await _post(web, contestant, "people", person)
        for text in ("/start", "/checkin", "/points"):
            await _post(web, contestant, f"people/{user_id}/messages", {"chat_id": user_id, "text": text})
    await _answered(web, contestant, 0, 3 * PEOPLE)


async def _round(web: aiohttp.ClientSession, contestant: Contestant) -> None:
    before, cpu = (await _calls(web, contestant, 0))["last"], contestant.cpu_s()
    begun, due = time() + 0.2, defaultdict[int, deque[float]](deque)
    sends = []
    for number in range(PER_SECOND * SECONDS):
        user_id, at = number % PEOPLE + 1, begun + number / PER_SECOND
        due[user_id].append(at)
        await asyncio.sleep(max(0.0, at - time()))
        content = {"chat_id": user_id, "text": "/points"}
        sends.append(asyncio.create_task(_post(web, contestant, f"people/{user_id}/messages", content)))
    await asyncio.gather(*sends)
    calls = await _answered(web, contestant, before, len(sends))
    contestant.cpu_ms.append((contestant.cpu_s() - cpu) / len(sends) * 1000)
    contestant.latency_ms.append(
        [(call["at"] - due[int(call["params"]["chat_id"])].popleft()) * 1000 for call in calls]
    )


async def _answered(web: aiohttp.ClientSession, contestant: Contestant, after: int, count: int) -> list[Any]:
    deadline = time() + PATIENCE_S
    calls: list[Any] = []
    while len(calls := (await _calls(web, contestant, after))["calls"]) < count:
        if time() > deadline:
            raise TimeoutError(f"{contestant.name} answered {len(calls)} of {count}")
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.2)  # what the program does after its answers is part of the cost
    return calls


async def _calls(web: aiohttp.ClientSession, contestant: Contestant, after: int) -> Any:
    query = {"after": str(after), "method": "sendMessage"}
    async with web.get(f"{contestant.api}/sandbox/calls", params=query) as response:
        return await response.json()


async def _post(web: aiohttp.ClientSession, contestant: Contestant, path: str, content: dict[str, object]) -> None:
    async with web.post(f"{contestant.api}/sandbox/{path}", json=content) as response:
        response.raise_for_status()


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
