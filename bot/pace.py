"""The pace of sending: a sliding window over the club's limit, one message a second per chat, twenty a minute in a
chat of many, and who goes first.

Answers to people who are speaking go at once and only take their place in the windows (`note`). Of what waits for a
turn, the transactional lane goes before the others.

Telegram's `retry_after` does not say which limit was passed. When a chat has had more than its share lately, that chat
is blamed and the others go on; otherwise the lane pauses. A pause is never waited out with rows in hand: whoever asks
for a turn is told that there is none, and gives the row back to the queue.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from loyalty.deliveries import Lane

CHAT_GAP_S = 1.0
CHAT_SPAN_S = 3.0  # Telegram lets a chat have a short burst: three messages in three seconds
CHAT_MOST = 3
GROUP_SPAN_S = 60.0  # Telegram lets a group have twenty messages and edits a minute
GROUP_MOST = 20
YIELD_S = 0.01
TICK_S = 0.002  # nobody wakes up more often
BURST_S = 0.05
BURST_MIN = 30
HASTE = 1.1  # how much faster than the limit it goes to make up for what it lost, within the limit
SAMPLE = 100  # calls of which the quickest tells what all take at least ...
CERTAIN = 0.9  # ... and this much of that is relied on
CHATS_KEPT = 10_000


class Pace:
    """At most `per_second` turns in any second, never two for one chat within a second, and never more than GROUP_MOST
    for one group (its id begins with a minus) within a minute."""

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
        # Within the second they go evenly, or all would meet a server that stumbles.
        burst = max(BURST_MIN, int(self._most * BURST_S))
        self._starts: deque[float] = deque(maxlen=burst)
        self._burst_window = burst / (self._most * HASTE)
        self._turns: list[float] = []  # in order
        self._fresh: deque[float] = deque(maxlen=self._most)  # turns whose calls are not under way yet
        self._flying = 0  # calls under way
        self._quickest, self._sample = 0.0, list[float]()
        self._chats: dict[str, deque[float]] = {}
        self._groups: dict[str, deque[float]] = {}
        self._first = 0  # transactional messages that wait for room in the window
        self._paused_lanes: dict[Lane, float] = {}
        self._paused_chats: dict[str, float] = {}
        self._flooded_last = ("", -GROUP_SPAN_S)

    async def turn(self, chat: str, lane: Lane = Lane.TRANSACTIONAL) -> bool:
        """Returns True when a message to this chat may go, False when there is a pause and it may not."""
        while (wait := await self.turn_if_room(chat, lane)) > 0:
            if self.pause_left(lane, chat) > 0:
                return False
            await self._sleep(wait)
        return True

    async def turn_if_room(self, chat: str, lane: Lane, *, most: int = GROUP_MOST) -> float:
        """Waits for the club's window, but for no chat: answers 0 when a message may go, else the seconds until the
        lane goes on and the chat has room. `most` of a group's messages a minute may be like this one."""
        is_first, is_counted = lane is Lane.TRANSACTIONAL, False
        try:
            while True:
                window = await self._turn_wait(is_first)
                if (wait := max(self.pause_left(lane, chat), self.room(chat, most=most))) > 0:
                    return wait
                if is_first and window > 0 and not is_counted:
                    self._first, is_counted = self._first + 1, True
                if not is_first and self._first:
                    window = max(window, YIELD_S)
                if window <= 0:
                    break
                await self._sleep(max(window, TICK_S))
        finally:
            self._first -= is_counted
        self._take(chat)
        return 0.0

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Around a call that has had its turn, in the order of turns.

        Telegram counts it when it arrives, and nobody here knows when that is: so it counts as long as it is under way,
        and for a second from then on, less what the quickest calls take. That way no second has too many arrivals,
        however unevenly the network lets them through; see decision 16.
        """
        began = self._now()
        if self._fresh:
            turn = self._fresh.popleft()
            place = bisect_left(self._turns, turn)
            if self._turns[place : place + 1] == [turn]:
                del self._turns[place]
        self._flying += 1
        try:
            yield
        finally:
            now = self._now()
            self._flying -= 1
            self._learn(now - began)
            insort(self._turns, now - CERTAIN * self._quickest)

    def room(self, chat: str, *, ahead: int = 0, most: int = GROUP_MOST) -> float:
        """Seconds until a chat may have one more message, after `ahead` others; 0 when it may now."""
        return max(self._gap_wait(chat) + ahead * self.chat_gap, self._group_wait(chat, ahead, most))

    def note(self, chat: str) -> None:
        """A message to this chat goes now, turn or no turn."""
        now = self._now()
        self._starts.append(now)
        self._fresh.append(now)
        insort(self._turns, now)
        self._remember(chat, now)

    async def close(self) -> None:
        """Lets go of whatever is shared with other processes."""

    async def _turn_wait(self, is_first: bool) -> float:
        """Seconds until there may be a turn; 0 when there is one."""
        return self._window_wait()

    def _take(self, chat: str) -> None:
        """Takes the turn that `_turn_wait` had."""
        self.note(chat)

    def _remember(self, chat: str, now: float) -> None:
        times = self._chats.setdefault(chat, deque(maxlen=CHAT_MOST + 1))
        times.append(now)
        if chat.startswith("-"):
            self._groups.setdefault(chat, deque(maxlen=GROUP_MOST)).append(now)
        if len(self._chats) > CHATS_KEPT:
            self._groups = {known: at for known, at in self._groups.items() if at and now - at[-1] < GROUP_SPAN_S}
            self._chats = {known: at for known, at in self._chats.items() if now - at[-1] < CHAT_SPAN_S}
            self._paused_chats = {known: until for known, until in self._paused_chats.items() if until > now}

    def flooded(self, chat: str, lane: Lane, seconds: float) -> bool:
        """Telegram asked for a break after a message to this chat. Answers whether the chat alone is to blame."""
        is_chats_own = self._was_exceeded(chat) or (lane is Lane.LIVE and not self._is_general(chat))
        if is_chats_own:
            self.pause_chat(chat, seconds)
        else:
            self.pause(lane, seconds)
        return is_chats_own

    def pause_chat(self, chat: str, seconds: float) -> None:
        """No turns for this chat for a while."""
        self._paused_chats[chat] = max(self._paused_chats.get(chat, 0.0), self._now() + seconds)

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
        """Whether the chat had more messages lately than Telegram's burst, or a group all of its minute."""
        times = self._chats.get(chat, ())
        is_burst = sum(self._now() - at < CHAT_SPAN_S for at in times) > CHAT_MOST
        return is_burst or self._group_wait(chat, 0, GROUP_MOST) > 0

    def _is_general(self, chat: str) -> bool:
        """Whether another chat was refused as well just now. Live cards are mostly refused for their chat's sake: one
        refusal is no reason to let all the others stand still."""
        (other, at), now = self._flooded_last, self._now()
        self._flooded_last = (chat, now)
        return other != chat and now - at < CHAT_SPAN_S

    def _window_wait(self) -> float:
        now, turns = self._now(), self._turns
        del turns[: bisect_right(turns, now - self._window)]
        wait, over = 0.0, self._flying + len(turns) - self._most
        if over >= 0:
            wait = turns[over] + self._window - now if over < len(turns) else YIELD_S
        if len(self._starts) == self._starts.maxlen:
            wait = max(wait, self._starts[0] + self._burst_window - now)
        return wait

    def _learn(self, took: float) -> None:
        """What the quickest call takes: nothing that is known at first, later the least of the last sample."""
        self._sample.append(took)
        self._quickest = min(self._quickest, took)
        if len(self._sample) >= max(SAMPLE, self._most):
            self._quickest = min(self._sample)
            self._sample.clear()

    def _gap_wait(self, chat: str) -> float:
        times = self._chats.get(chat)
        return max(0.0, times[-1] + self.chat_gap - self._now()) if times else 0.0

    def _group_wait(self, chat: str, ahead: int, most: int) -> float:
        times = self._groups.get(chat)
        if times is None:
            return 0.0
        now = self._now()
        while times and now - times[0] >= GROUP_SPAN_S:
            times.popleft()
        over = len(times) + ahead + 1 - most
        return times[min(over, len(times)) - 1] + GROUP_SPAN_S - now if over > 0 and times else 0.0


class CountedAnswers(BaseRequestMiddleware):
    """Direct answers wait for nobody, but the courier leaves room for them."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        if method.__api_method__.startswith(("send", "edit", "copy", "forward")):
            self._pace.note(str(getattr(method, "chat_id", None) or ""))
            with self._pace.under_way():
                return await make_request(bot, method)
        return await make_request(bot, method)
