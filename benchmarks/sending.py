"""A broadcast at the pace that Telegram allows, beside a bare sending loop; and what 429s do to it.

The sandbox enforces its limits by a sliding window of its own, scaled up to 1,000 a second, and counts what arrives.
Pace is what arrived after the first second's messages and until the last second's began, by the time it took: within a
second they may go as they like. Without limits, the real program (claiming, rendering, sending, writing down) takes
turns with loops that do nothing but send the same message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from tempfile import TemporaryDirectory
from time import time
from typing import Any

import aiohttp

from benchmarks.crowd import FIRST_ID, OWNER_ID, Town
from benchmarks.programs import Box, Program, open_box, start
from benchmarks.report import least, spread, table, verdict

MESSAGES = 20_000
LIMIT = 1_000
PACES = {30: 900, LIMIT: MESSAGES}  # a second, and how many go; 30 is what Telegram allows without being asked
PACE_ROUNDS = 3
ROUNDS = 3
UNLIMITED_MESSAGES = 10_000
PATIENCE_S = 240
PACE_LEAST, CORE_MOST, BACK_MOST_S = 0.99, 0.70, 2.0
RETRY_AFTER_S = 3

OURS, AIOGRAM, AIOGRAM_UVLOOP = "Perkchat's broadcast", "aiogram loop", "aiogram loop on uvloop"
LOOPS = {
    AIOGRAM: ["-m", "benchmarks.sender_aiogram"],
    AIOGRAM_UVLOOP: ["-m", "benchmarks.sender_aiogram", "uvloop"],
}


@dataclass
class Sender:
    """Somebody who sends to a crowd, and what each round of it gave."""

    box: Box
    program: Program
    town: Town | None = None
    rounds: int = 0
    per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)  # per message
    core: list[float] = field(default_factory=list)
    refused: int = 0

    async def send(self, count: int) -> None:
        """Begins to send a message to each of the crowd."""
        self.rounds += 1
        if self.town is not None:
            await asyncio.to_thread(self.town.broadcast, f"ROUND{self.rounds}")
        else:
            stdin = self.program.process.stdin
            assert stdin is not None
            stdin.write(f"{count}\n".encode())

    async def round(self, count: int, *, is_counted: bool = True, burst: int = 0) -> list[Any]:
        before, cpu = await self.box.last(), self.program.cpu_s()
        await self.send(count)
        calls = await arrived(self.box, before, count)
        cpu = self.program.cpu_s() - cpu
        if is_counted:
            moments = [call["at"] for call in calls if call["ok"]][:count]
            last = count - max(1, burst)
            self.per_second.append((last - burst) / (moments[last] - moments[burst]))
            self.cpu_ms.append(cpu / count * 1000)
            self.core.append(cpu / (moments[-1] - moments[0]))
            self.refused += sum(call.get("error_code") == 429 for call in calls)
        return calls


async def measure() -> str:
    parts = ["## Sending a broadcast", "", await _at_the_limit(), "", await _beside_loops(), "", await _in_floods()]
    return "\n".join(parts)


async def arrived(box: Box, after: int, count: int) -> list[Any]:
    """The calls from then on, once so many have been sent to the crowd and all is written down."""
    deadline = time() + PATIENCE_S
    while await box.last() - after < count:  # asked cheaply while it runs
        await _rest(deadline)
    while True:
        calls = [call for call in (await box.calls(after))["calls"] if int(call["params"]["chat_id"]) >= FIRST_ID]
        if sum(call["ok"] for call in calls) >= count:
            await asyncio.sleep(1)
            return calls
        await _rest(deadline)


async def _rest(deadline: float) -> None:
    if time() > deadline:
        raise TimeoutError("the broadcast did not end")
    await asyncio.sleep(0.3)


async def sender(
    stack: AsyncExitStack, web: aiohttp.ClientSession, command: Sequence[str], people: int, *, limit: int | None = None
) -> Sender:
    """The real program gets a club of that many members; a loop gets its people only."""
    box = await open_box(stack, web, has_limits=limit is not None)
    if limit is not None:
        await box.do("PUT", "limits", {"per_second": limit})
    await box.do("POST", "crowd", {"first_id": OWNER_ID, "count": people + 1})
    url, town = f"sqlite:///{stack.enter_context(TemporaryDirectory(prefix='perkchat-bench-'))}/club.db", None
    if command not in LOOPS.values():
        town = await asyncio.to_thread(Town, url)
        stack.callback(town.close)
        await asyncio.to_thread(town.settle, people)
    program = await start(stack, box, command, url, PERKCHAT_SENDS_PER_SECOND=str(limit or LIMIT))
    made = Sender(box, program, town)
    await made.round(people, is_counted=False)
    return made


async def _at_the_limit() -> str:
    rows = []
    for limit, messages in PACES.items():
        async with AsyncExitStack() as stack:
            web = await stack.enter_async_context(aiohttp.ClientSession())
            ours = await sender(stack, web, ["-m", "bot", "run"], messages, limit=limit)
            for _ in range(PACE_ROUNDS):
                await ours.round(messages, burst=limit)
        shares = [each / limit for each in ours.per_second]
        rows.append(
            [
                f"{limit:,}",
                f"{messages:,}",
                f"{spread(shares, 3)} ({least(shares, PACE_LEAST)})",
                f"{ours.refused} ({verdict(ours.refused, 0)})",
                f"{spread(ours.core)} ({verdict(median(ours.core), CORE_MOST)})",
                spread(ours.cpu_ms),
            ]
        )
    head = [
        "allowed a second", "messages", "share of it", "refused with 429", "share of one core", "CPU ms per message",
    ]  # fmt: skip
    return "\n".join(
        [
            f"At a limit that the sandbox enforces, {PACE_ROUNDS} rounds on SQLite. Goals: at least {PACE_LEAST:.0%}",
            f"of what is allowed, no 429, at most {CORE_MOST:.0%} of one core.",
            "",
            table(head, rows),
        ]
    )


async def _beside_loops() -> str:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession())
        commands = {OURS: ["-m", "benchmarks.unlimited"], **LOOPS}
        senders = {name: await sender(stack, web, command, UNLIMITED_MESSAGES) for name, command in commands.items()}
        for _ in range(ROUNDS):
            for each in senders.values():
                await each.round(UNLIMITED_MESSAGES)
    ours = senders[OURS].cpu_ms
    rows = [
        [
            name,
            spread(each.per_second, 0),
            spread(each.cpu_ms),
            "" if name == OURS else spread([mine / bare for mine, bare in zip(ours, each.cpu_ms, strict=True)]),
        ]
        for name, each in senders.items()
    ]
    return "\n".join(
        [
            f"Without limits, {UNLIMITED_MESSAGES:,} messages with two buttons, {ROUNDS} rounds in turn. The loops",
            "send 50 at a time and do nothing else; the broadcast is claimed from the database, rendered for each",
            "member, and every result is written down with synchronous=FULL.",
            "",
            table(["contestant", "messages a second", "CPU ms per message", "Perkchat's CPU / this one's"], rows),
        ]
    )


async def _in_floods() -> str:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(aiohttp.ClientSession())
        ours = await sender(stack, web, ["-m", "bot", "run"], MESSAGES, limit=LIMIT)
        flood: dict[str, object] = {"retry_after": RETRY_AFTER_S, "times": 1}
        everybody = await _flooded(ours, flood)
        chatting = FIRST_ID + MESSAGES // 2
        one_chat = await _flooded(ours, flood | {"chat_id": chatting}, talker=chatting)
    rows = [["the whole bot", *everybody], ["one chat that has had too many", *one_chat]]
    return "\n".join(
        [
            f"429 with retry_after {RETRY_AFTER_S} s is injected in the middle of a broadcast of {MESSAGES:,}. What it",
            "concerns pauses: the bulk lane, or the one chat. Back at the pace: from when on a second has",
            f"{PACE_LEAST:.0%} of what is allowed, counted from the end of retry_after. Goal: within {BACK_MOST_S} s.",
            "",
            table(["429 for", "lost", "sent twice", "refused", "longest silence s", "back at the pace after s"], rows),
        ]
    )


async def _flooded(ours: Sender, flood: dict[str, object], talker: int | None = None) -> list[str]:
    """A round with a flood in it: lost, twice, refused, the longest silence, the time until the pace is back."""
    box, before = ours.box, await ours.box.last()
    await ours.send(MESSAGES)
    if talker is None:
        await asyncio.sleep(5)
    else:
        # Somebody who chats shortly before their turn: the chat has had more than Telegram's burst when that comes.
        while await box.last() - before < MESSAGES / 2 - LIMIT:
            await asyncio.sleep(0.05)
        for _ in range(3):
            await box.says(talker, "/points")
        await asyncio.sleep(0.2)
    await box.do("PUT", "weather", {"flood": flood})
    calls = await arrived(box, before, MESSAGES)
    sent = [call for call in calls if call["ok"] and _is_bulk(call)]
    chats = [int(call["params"]["chat_id"]) for call in sent]
    refused = [call["at"] for call in calls if call.get("error_code") == 429 and _is_bulk(call)]
    moments = [call["at"] for call in sent]
    silence = max(later - earlier for earlier, later in pairwise(moments))
    ends = (refused[0] if refused else moments[0]) + RETRY_AFTER_S
    back = next((at for at in _tenths(ends, moments[-1]) if _is_at_pace(moments, at)), None)
    return [
        str(MESSAGES - len(set(chats))),
        str(len(chats) - len(set(chats))),
        str(len(refused)),
        f"{silence:.1f}",
        "never" if back is None else f"{max(0.0, back - ends):.1f} ({verdict(back - ends, BACK_MOST_S)})",
    ]


def _is_bulk(call: Any) -> bool:
    return "croissants" in call["params"]["text"]


def _tenths(begin: float, end: float) -> list[float]:
    return [begin + number / 10 for number in range(max(0, int((end - begin) * 10)))]


def _is_at_pace(moments: Sequence[float], at: float) -> bool:
    return sum(at <= moment < at + 1 for moment in moments) >= PACE_LEAST * LIMIT
