"""The places of those who are being served at the same time. Whoever waits for Telegram gives the place back meanwhile,
so that people whose chats Telegram limits hold up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Self


class Place:
    """Held within `async with`, and given back within `away`. `on_wait` hears when its holder has to wait long."""

    def __init__(self, places: asyncio.Semaphore, on_wait: Callable[[], None]) -> None:
        self._places, self.on_wait = places, on_wait
        self._is_held = False
        self._away = 0  # a handler may have several calls under way at once

    async def __aenter__(self) -> Self:
        await self._take()
        self._token = _held.set(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        _held.reset(self._token)
        self._give_back()

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        self._away += 1
        if self._away == 1:
            self._give_back()
        try:
            yield
        finally:
            self._away -= 1
            if self._away == 0:
                await self._take()

    async def _take(self) -> None:
        await self._places.acquire()
        self._is_held = True

    def _give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._places.release()


_held: ContextVar[Place | None] = ContextVar("place", default=None)


@asynccontextmanager
async def given_back() -> AsyncIterator[None]:
    """Around whatever is waited for that is not ours. Where no place is held, nothing happens."""
    place = _held.get()
    if place is None:
        yield
    else:
        async with place.away():
            yield


def note_wait() -> None:
    """Telegram makes whoever is being served wait."""
    if (place := _held.get()) is not None:
        place.on_wait()
