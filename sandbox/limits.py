"""Telegram's limits as sliding windows by the box's own clock.

Telegram names about 30 messages a second over all chats, one a second in a chat and 20 a minute in a group,
and is flexible about short bursts in a chat. Edits count like sends.
A refused call takes nothing from the windows.
"""

import math
from collections import deque
from dataclasses import dataclass

from sandbox.errors import too_many_requests

SWEEP_AT = 10_000
"""Windows of chats kept before the idle ones are forgotten, for a broadcast may go to a million chats."""


@dataclass(slots=True)
class LimitSettings:
    """How fast the bot may speak."""

    per_second: int = 30
    per_chat_per_second: float = 1
    per_chat_burst: int = 3
    per_group_per_minute: int = 20
    paid_per_second: int = 1000
    enabled: bool = True


@dataclass(slots=True)
class Flood:
    """An injected 429: the next `times` messages (to that chat, or to any) are refused."""

    retry_after: int
    times: int = 1
    chat_id: int | None = None


class Window:
    """At most `limit` events in any `span` seconds."""

    __slots__ = ("_times", "limit", "span")

    def __init__(self, limit: int, span: float) -> None:
        self.limit = limit
        self.span = span
        self._times: deque[float] = deque()

    def wait(self, now: float, count: int = 1) -> float:
        """Seconds until `count` more fit; 0 if they do. More than the limit (an album) need it empty."""
        times = self._times
        while times and times[0] <= now - self.span:
            times.popleft()
        over = len(times) + min(count, self.limit) - self.limit
        return times[over - 1] + self.span - now if over > 0 else 0.0

    def add(self, now: float, count: int = 1) -> None:
        self._times.extend([now] * count)

    def is_idle(self, now: float) -> bool:
        return not self._times or self._times[-1] <= now - self.span


class Limits:
    """Says when a message must wait. Not an I/O: it raises 429 at once."""

    def __init__(self, settings: LimitSettings | None = None) -> None:
        self.floods: list[Flood] = []
        self.apply(settings or LimitSettings())

    def apply(self, settings: LimitSettings) -> None:
        """Takes new settings and starts with empty windows."""
        self.settings = settings
        self._all = Window(settings.per_second, 1.0)
        self._paid = Window(settings.paid_per_second, 1.0)
        self._chats: dict[int, Window] = {}
        self._groups: dict[int, Window] = {}

    def flood(self, retry_after: int, times: int = 1, chat_id: int | None = None) -> None:
        """Lets the next `times` messages fail with 429, limits or no limits."""
        self.floods.append(Flood(retry_after, times, chat_id))

    def admit(self, chat_id: int, *, is_group: bool, now: float, count: int = 1, is_paid: bool = False) -> None:
        """Counts `count` messages to a chat, or raises ApiError 429 with the whole seconds to wait."""
        if self.floods:
            self._strike(chat_id)
        if not self.settings.enabled:
            return
        windows = [self._paid if is_paid else self._all, self._chat(chat_id, now)]
        if is_group:
            windows.append(self._group(chat_id))
        wait = max(window.wait(now, count) for window in windows)
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        for window in windows:
            window.add(now, count)

    def _strike(self, chat_id: int) -> None:
        for flood in self.floods:
            if flood.chat_id in (None, chat_id):
                flood.times -= 1
                if flood.times <= 0:
                    self.floods.remove(flood)
                raise too_many_requests(flood.retry_after)

    def _chat(self, chat_id: int, now: float) -> Window:
        window = self._chats.get(chat_id)
        if window is None:
            if len(self._chats) >= SWEEP_AT:
                self._chats = {key: each for key, each in self._chats.items() if not each.is_idle(now)}
            burst = self.settings.per_chat_burst
            window = self._chats[chat_id] = Window(burst, burst / self.settings.per_chat_per_second)
        return window

    def _group(self, chat_id: int) -> Window:
        window = self._groups.get(chat_id)
        if window is None:
            window = self._groups[chat_id] = Window(self.settings.per_group_per_minute, 60.0)
        return window
