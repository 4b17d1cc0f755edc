"""The pace of sending: a sliding window over the club's limit, and one message a second per chat."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

CHAT_GAP_S = 1.0


class Pace:
    """At most `per_second` turns in any second, and never two for one chat within a second."""

    def __init__(
        self,
        per_second: float,
        *,
        chat_gap: float = CHAT_GAP_S,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._most, self._window = (int(per_second), 1.0) if per_second >= 1 else (1, 1 / per_second)
        self._chat_gap, self._now, self._sleep = chat_gap, now, sleep
        self._turns: deque[float] = deque()
        self._chats: dict[str, float] = {}
        self._paused_until = 0.0

    async def turn(self, chat: str) -> None:
        """Returns when a message to this chat may go."""
        while (wait := self._wait(chat)) > 0:
            await self._sleep(wait)
        now = self._now()
        self._turns.append(now)
        self._chats[chat] = now
        if len(self._chats) > 10_000:
            self._chats = {known: at for known, at in self._chats.items() if now - at < self._chat_gap}

    def pause(self, seconds: float) -> None:
        """Telegram asked for a break: nobody's turn comes before it is over."""
        self._paused_until = max(self._paused_until, self._now() + seconds)

    def _wait(self, chat: str) -> float:
        now = self._now()
        while self._turns and now - self._turns[0] >= self._window:
            self._turns.popleft()
        window = self._turns[0] + self._window - now if len(self._turns) >= self._most else 0.0
        gap = self._chats[chat] + self._chat_gap - now if chat in self._chats else 0.0
        return max(window, gap, self._paused_until - now)
