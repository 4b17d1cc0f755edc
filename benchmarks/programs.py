"""What the benchmarks of whole programs share: sandboxes and the programs before them, each a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

TOKEN = "42:BENCH"


@dataclass(frozen=True, slots=True)
class Box:
    """A sandbox, acted on through its control API."""

    web: aiohttp.ClientSession
    api: str

    async def do(self, verb: str, path: str, content: dict[str, object]) -> Any:
        async with self.web.request(verb, f"{self.api}/sandbox/{path}", json=content) as response:
            response.raise_for_status()
            return await response.json()

    async def says(self, user_id: int, text: str) -> None:
        await self.do("POST", f"people/{user_id}/messages", {"chat_id": user_id, "text": text})

    async def calls(self, after: int, method: str = "sendMessage") -> Any:
        """The calls after that number, and the number of the last one."""
        query = {"after": str(after), "method": method}
        async with self.web.get(f"{self.api}/sandbox/calls", params=query) as response:
            return await response.json()

    async def last(self) -> int:
        number: int = (await self.calls(sys.maxsize))["last"]
        return number


@dataclass(frozen=True, slots=True)
class Program:
    process: asyncio.subprocess.Process

    def cpu_s(self) -> float:
        """User and system time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def open_box(stack: AsyncExitStack, web: aiohttp.ClientSession, *, has_limits: bool = False) -> Box:
    sandbox = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", "0", "--token", TOKEN, "--limits", "on" if has_limits else "off",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    stack.push_async_callback(_end, sandbox)
    assert sandbox.stdout is not None
    return Box(web, (await sandbox.stdout.readline()).decode().strip())


async def start(stack: AsyncExitStack, box: Box, command: Sequence[str], database_url: str, **more: str) -> Program:
    """A Python program before that sandbox; its standard output can be read."""
    environment = os.environ | {
        "PERKCHAT_BOT_TOKEN": TOKEN,
        "PERKCHAT_TELEGRAM_API": box.api,
        "PERKCHAT_DATABASE_URL": database_url,
    }
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env=environment | more,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    stack.push_async_callback(_end, program)
    return Program(program)


async def _end(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.communicate()
