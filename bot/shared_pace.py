"""The pace of several programs together, kept in Valkey: one limit, one pause, one minute of a group for all of them.

The club's turns are moments, one after the other at even distances, handed out in small lots by a script that looks at
Valkey's own clock; so there is a round trip for each lot and not for each message. With each lot a program tells the
others which chats it has written to and what Telegram asked it to leave alone, and hears the same of them. What people
need goes first over all programs: while one waits for such a turn, the others get none for anything else.

News of chats are as old as a lot (a tenth of a second): two programs may write to the same chat in that time, which
Telegram lets pass. Turns that nobody used in time are lost rather than sent late, and a little of the limit is left, so
that an uneven network does not push two seconds' messages into one.

While Valkey is away, each program goes on alone with its share of the limit: what is allowed, divided by the programs
that were last seen, or by two if it has never seen any. To stop would be worse than to be somewhat slow, and to go on
as before would be refused. Pauses and chats are then known to each program alone. When Valkey is back, a program keeps
to its share for a while and says what it takes, for the others may not have noticed yet.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import structlog

from bot.pace import CHAT_GAP_S, CHAT_SPAN_S, Pace
from loyalty.deliveries import Lane

log = structlog.get_logger()

SHARE = 0.97  # of the limit; what a network that is late by up to GRACE_S pushes together is the rest
GRACE_S = 0.03  # a turn that is older is lost
LOT_S = 0.1  # so much of the pace is one lot
NEWS_S = 0.02  # answers are told with those that follow at once
AGAIN_S = 1.0  # between two looks whether Valkey is back
CAREFUL_S = 3 * AGAIN_S  # until all have had a look
ANSWER_S = 0.5
PREFIX = "perkchat:pace"

# KEYS: the next free moment (ms), somebody waits for what people need, the programs by when they were seen, the news.
EXCHANGE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local me, step, wanted, answered = ARGV[1], 1000 / ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local is_first, ahead = ARGV[5] == '1', tonumber(ARGV[6])
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + answered * step
local begins, granted = free, 0
if wanted > 0 then
  if is_first then redis.call('SET', KEYS[2], me, 'PX', 250) end
  local first = redis.call('GET', KEYS[2])
  if is_first or (not first and free <= now + ahead) then
    granted = wanted
    free = free + granted * step
  end
end
redis.call('SET', KEYS[1], string.format('%.3f', free), 'PX', 60000)
redis.call('ZADD', KEYS[3], now, me)
redis.call('ZREMRANGEBYSCORE', KEYS[3], 0, now - 10000)
local since = ARGV[7]
if since == '' then since = string.format('%.0f', now - 60000) end
local news = redis.call('XRANGE', KEYS[4], '(' .. since, '+')
if ARGV[8] ~= '' or ARGV[9] ~= '' then
  redis.call('XADD', KEYS[4], 'MINID', string.format('%.0f', now - 60000), '*', me, ARGV[8] .. '|' .. ARGV[9])
  redis.call('PEXPIRE', KEYS[4], 60000)
end
return {string.format('%.3f', now), string.format('%.3f', begins), granted, redis.call('ZCARD', KEYS[3]), news}
"""


class SharedPace(Pace):
    def __init__(
        self,
        per_second: float,
        url: str,
        *,
        chat_gap: float = CHAT_GAP_S,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        super().__init__(per_second, chat_gap=chat_gap, now=now, sleep=sleep)
        self._valkey = Redis.from_url(
            url, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S, retry=Retry(NoBackoff(), 1)
        )
        self._script = self._valkey.register_script(EXCHANGE)
        self._away = (RedisError, OSError)
        self._me = secrets.token_hex(4)
        self._slots: deque[float] = deque()  # turns by when they may be taken
        self._most_in_lot = max(1, int(per_second * LOT_S))
        self._lot = 1
        self._answered = 0
        self._written: list[str] = []  # chats that the others have not heard of
        self._asked_for: list[str] = []  # pauses that they have not heard of
        self._heard = ""  # the number of the last news
        self._programs = 2
        self._back_at = 0.0  # when to look for Valkey again
        self._careful_until = 0.0  # alone until then, Valkey or no Valkey
        self._free = 0.0  # the next free moment while alone
        self._exchange: asyncio.Task[None] | None = None

    def note(self, chat: str) -> None:
        super().note(chat)
        self._answered += 1
        self._free = max(self._free, self._now()) + self._step_alone
        self._tell(chat)
        self._ask(0, delay=NEWS_S)

    def flooded(self, chat: str, lane: Lane, seconds: float) -> bool:
        is_chats_own = super().flooded(chat, lane, seconds)
        self._asked_for.append(f"{'chat' if is_chats_own else 'lane'}={chat if is_chats_own else lane}={seconds}")
        self._ask(0)
        return is_chats_own

    async def close(self) -> None:
        if self._exchange is not None:
            self._exchange.cancel()
            await asyncio.gather(self._exchange, return_exceptions=True)
        with suppress(*self._away):
            await self._valkey.aclose()

    async def _turn_wait(self, is_first: bool) -> float:
        slots = self._slots
        while slots and slots[0] < self._now() - GRACE_S:
            slots.popleft()
            self._lot = 1
        if len(slots) <= self._lot // 2:
            asking = self._ask(self._lot, is_first=is_first)
            if not slots:
                await asyncio.shield(asking)
        if not slots:
            return LOT_S / 10
        return max(slots[0] - self._now(), self._window_wait())

    def _take(self, chat: str) -> None:
        self._slots.popleft()
        super().note(chat)
        self._tell(chat)

    def _tell(self, chat: str) -> None:
        if chat:
            self._written.append(chat)

    def _ask(self, wanted: int, *, is_first: bool = False, delay: float = 0.0) -> asyncio.Task[None]:
        """One exchange at a time; whoever comes in between waits for that one."""
        if self._exchange is None or self._exchange.done():
            self._exchange = asyncio.create_task(self._trade(wanted, is_first, delay), name="pace")
        return self._exchange

    async def _trade(self, wanted: int, is_first: bool, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        if self._now() >= self._back_at:
            is_careful = self._now() < self._careful_until
            try:
                await self._trade_with_valkey(0 if is_careful else wanted, is_first, is_careful)
            except self._away as error:
                log.warning("valkey is away, this program keeps to its share", error=str(error), of=self._programs)
                now = self._now()
                if now >= self._careful_until:
                    self._free = now + 2 * LOT_S  # the others still have turns that they were given
                self._back_at = now + AGAIN_S
                self._careful_until = now + CAREFUL_S
                self._answered = 0
                self._written.clear()  # stale by the time anybody hears it
            else:
                if not is_careful:
                    return
        self._help_oneself(wanted)

    async def _trade_with_valkey(self, wanted: int, is_first: bool, is_careful: bool) -> None:
        answered, written, asked_for = self._answered, self._written[:], self._asked_for[:]
        now, begins, granted, programs, news = await self._script(
            [f"{PREFIX}:{name}" for name in ("free", "first", "programs", "news")],
            [
                self._me,
                self.per_second * SHARE,
                wanted,
                answered,
                int(is_first),
                LOT_S * 1000,
                self._heard,
                " ".join(written),
                " ".join(asked_for),
            ],
        )
        self._answered -= answered
        del self._written[: len(written)], self._asked_for[: len(asked_for)]
        self._programs = max(self._programs, programs) if is_careful else programs
        self._hear(news, float(now))
        self._grant(self._now() + (float(begins) - float(now)) / 1000, granted, 1 / (self.per_second * SHARE))

    def _help_oneself(self, wanted: int) -> None:
        self._free = max(self._free, self._now())
        if self._free <= self._now() + LOT_S:
            self._grant(self._free, wanted, self._step_alone)
            self._free += wanted * self._step_alone
            self._answered += wanted

    @property
    def _step_alone(self) -> float:
        return self._programs / (self.per_second * SHARE)

    def _grant(self, begins: float, count: int, step: float) -> None:
        self._slots.extend(begins + number * step for number in range(count))
        if count:
            self._lot = min(2 * self._lot, self._most_in_lot)

    def _hear(self, news: list[Any], server_ms: float) -> None:
        """What the others did; the numbers of the news are the moments by Valkey's clock."""
        for number, (by, told) in news:
            self._heard = number.decode()
            if by.decode() == self._me:
                continue
            age = max(0.0, (server_ms - int(self._heard.partition("-")[0])) / 1000)
            written, _, asked_for = told.decode().partition("|")
            for chat in written.split():
                if age < CHAT_SPAN_S or chat.startswith("-"):
                    self._remember(chat, self._now() - age)
            for pause in asked_for.split():
                kind, name, seconds = pause.split("=")
                if kind == "chat":
                    self.pause_chat(name, float(seconds) - age)
                else:
                    self.pause(Lane(name), float(seconds) - age)
