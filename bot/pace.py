"""The pace of sending: a sliding window over the club's limit, one message a second per chat, and who goes first.

Answers to people who are speaking go at once and only take their place in the window (`note`). Of what waits for a
turn, the transactional lane goes before the marketing lane.

Telegram's `retry_after` does not say which limit was passed. When a chat has had more than its share lately, that chat
is blamed and the others go on; otherwise the lane pauses. A pause is never waited out with rows in hand: whoever asks
for a turn is told that there is none, and gives the row back to the queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from loyalty.deliveries import Lane

CHAT_GAP_S = 1.0
CHAT_SPAN_S = 3.0  # Telegram lets a chat have a short burst: three messages in three seconds
CHAT_MOST = 3
YIELD_S = 0.01
CHATS_KEPT = 10_000


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
        self.per_second, self.chat_gap = per_second, chat_gap
        self._most, self._window = (int(per_second), 1.0) if per_second >= 1 else (1, 1 / per_second)
        self._now, self._sleep = now, sleep
        self._turns: deque[float] = deque()
        self._chats: dict[str, deque[float]] = {}
        self._first = 0  # transactional messages that wait for room in the window
        self._paused_lanes: dict[Lane, float] = {}
        self._paused_chats: dict[str, float] = {}

    async def turn(self, chat: str, lane: Lane = Lane.TRANSACTIONAL) -> bool:
        """Returns True when a message to this chat may go, False when there is a pause and it may not."""
        is_first, is_counted = lane is Lane.TRANSACTIONAL, False
        try:
            while True:
                if self.pause_left(lane, chat) > 0:
                    return False
                window, gap = self._window_wait(), self._gap_wait(chat)
                if is_first and window > 0 and not is_counted and gap <= window:
                    self._first, is_counted = self._first + 1, True
                if not is_first and self._first:
                    window = max(window, YIELD_S)
                if max(window, gap) <= 0:
                    break
                await self._sleep(max(window, gap))
        finally:
            self._first -= is_counted
        self.note(chat)
        return True

    def note(self, chat: str) -> None:
        """A message to this chat goes now, turn or no turn."""
        now = self._now()
        self._turns.append(now)
        times = self._chats.setdefault(chat, deque(maxlen=CHAT_MOST + 1))
        times.append(now)
        if len(self._chats) > CHATS_KEPT:
            self._chats = {known: at for known, at in self._chats.items() if now - at[-1] < CHAT_SPAN_S}
            self._paused_chats = {known: until for known, until in self._paused_chats.items() if until > now}

    def flooded(self, chat: str, lane: Lane, seconds: float) -> None:
        """Telegram asked for a break after a message to this chat."""
        until = self._now() + seconds
        if self._was_exceeded(chat):
            self._paused_chats[chat] = max(self._paused_chats.get(chat, 0.0), until)
        else:
            self.pause(lane, seconds)

    def pause(self, lane: Lane, seconds: float) -> None:
        """No turns in this lane for a while."""
        self._paused_lanes[lane] = max(self._paused_lanes.get(lane, 0.0), self._now() + seconds)

    def pause_left(self, lane: Lane, chat: str | None = None) -> float:
        """Seconds until the lane, and the chat if one is named, may go on; 0 when they may."""
        until = self._paused_lanes.get(lane, 0.0)
        if chat is not None:
            until = max(until, self._paused_chats.get(chat, 0.0))
        return max(0.0, until - self._now())

    def _was_exceeded(self, chat: str) -> bool:
        """Whether the chat had more messages lately than Telegram's burst."""
        times = self._chats.get(chat, ())
        return sum(self._now() - at < CHAT_SPAN_S for at in times) > CHAT_MOST

    def _window_wait(self) -> float:
        now = self._now()
        while self._turns and now - self._turns[0] >= self._window:
            self._turns.popleft()
        over = len(self._turns) - self._most
        return self._turns[over] + self._window - now if over >= 0 else 0.0

    def _gap_wait(self, chat: str) -> float:
        times = self._chats.get(chat)
        return times[-1] + self.chat_gap - self._now() if times else 0.0


class CountedAnswers(BaseRequestMiddleware):
    """Direct answers wait for nobody, but the courier leaves room for them."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        if method.__api_method__.startswith(("send", "edit", "copy", "forward")):
            self._pace.note(str(getattr(method, "chat_id", None) or ""))
        return await make_request(bot, method)
