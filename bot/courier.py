"""The courier: drains the outbox at the allowed pace, what people need first, and knows what a crash left behind.

A row is marked as being sent, and that is committed, before the call: Telegram knows no idempotency key. Batches are
small, so that a crash leaves few rows in doubt, and results are written while the batch still runs, those that came in
together in one commit.

What can happen to a send:

* sent, or refused for good (blocked, no such chat, unreadable): it is over;
* the chat has got a new id: it is sent there at once;
* Telegram asks for a break, or the call never left the house: the row goes back into the queue, nothing is lost;
* the connection broke after that: nobody knows whether it arrived. What people need is sent again, marketing is not.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from time import monotonic
from weakref import WeakValueDictionary

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError

from bot import lean
from bot.middlewares.errors import is_passing
from bot.pace import Pace
from handlers.broadcasts.form_letters import FormLetter
from handlers.broadcasts.screens import standing as standing_screen
from handlers.links import Links
from handlers.notices import render
from handlers.referrals.notices import GATHERED
from handlers.referrals.notices import today as friends_today
from handlers.reply import Album, redraw, send_screen
from handlers.screens import Screen
from locales import texts_for
from locales.texts import Texts
from loyalty.broadcasts import REDRAW, Shown
from loyalty.deliveries import EDITS, Delivery, DeliveryState, Lane, Result
from loyalty.errors import ClockJumped
from loyalty.ports import Clock, Run
from loyalty.services.broadcasts import BroadcastService, Drawing
from loyalty.services.deliveries import DeliveryService
from loyalty.services.referrals import ReferralService

log = structlog.get_logger()

HANDS = 32  # batches of a lane that are under way at the same time: most of them wait for answers ...
AHEAD = 2  # ... and so many are claimed and not off yet
BATCH_S = 0.03  # so much of the pace is one batch: what is claimed is in doubt after a crash
BATCH_LEAST, BATCH_MOST = 5, 100  # a claim has its price; but never more than the pace of a second
SETTLE_S = 0.05  # results of so long are written down together
LEASE = timedelta(seconds=90)  # longer than a batch takes at the slowest pace
RETRY = timedelta(seconds=5)
ATTEMPTS_MAX = 8
IDLE_S = 0.25
AWAY_MAX_S = 60.0
LAST_CALLS_S = 10  # for what is under way when the program stops
LETTERS_KEPT = 256
BUSY_S = 0.02  # an event loop that takes longer to come round has too much to do


class Courier:
    def __init__(
        self,
        bot: Bot,
        deliveries: DeliveryService,
        run: Run,
        clock: Clock,
        album: Album,
        pace: Pace,
        links: Links,
        broadcasts: BroadcastService,
        referrals: ReferralService,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot, self._deliveries, self._run, self._clock = bot, deliveries, run, clock
        self._album, self._pace, self._links, self._sleep = album, pace, links, sleep
        self._broadcasts, self._referrals = broadcasts, referrals
        least, share = min(BATCH_LEAST, pace.per_second), pace.per_second * BATCH_S
        self._batch = max(1, min(BATCH_MOST, round(max(least, share))))
        self._letters: OrderedDict[tuple[int, str | None, str], FormLetter] = OrderedDict()
        self._misses = dict.fromkeys(Lane, 0)  # calls in a row that did not get through
        self._ahead = {lane: asyncio.Semaphore(AHEAD) for lane in Lane}
        self._claiming = {lane: asyncio.Lock() for lane in Lane}
        self._sending = {lane: asyncio.Lock() for lane in Lane}
        self._gathering = WeakValueDictionary[int, asyncio.Lock]()  # by member, one after the other
        self._is_closing = False

    async def work(self) -> None:
        """Runs until cancelled. The lanes do not wait for each other: they share only the pace."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(HANDS):
                for lane in (Lane.TRANSACTIONAL, Lane.MARKETING):
                    step = partial(self._deliver, lane, IDLE_S)
                    tasks.create_task(self._forever(step), name=f"{lane} {number}")
            tasks.create_task(self._forever(self._draw), name="progress")
            tasks.create_task(self._forever(self._prepare), name="preparing")

    async def deliver(self) -> int:
        """One round: what is due is prepared, then goes a batch of transactional rows or, when there are none, of
        marketing; then progress is drawn. Answers 0 when there was nothing to do."""
        while await self._prepare():
            pass
        taken = await self._deliver(Lane.TRANSACTIONAL) or await self._deliver(Lane.MARKETING)
        drawn = await self._draw()
        return taken or drawn

    async def recover(self) -> tuple[int, int]:
        """What a crash left in sending: transactional rows queued again, marketing rows marked unknown."""
        return await self._run(self._deliveries.recover)

    async def _forever(self, step: Callable[[], Awaitable[int]]) -> None:
        while True:
            try:
                done = await step()
            except ClockJumped:  # the clock has said so
                await self._sleep(RETRY.total_seconds())
                continue
            except Exception as error:
                if is_passing(error):
                    log.warning("the courier waits", error=str(error))
                else:
                    log.exception("the courier stumbled")
                await self._sleep(RETRY.total_seconds())
                continue
            if not done:
                await self._sleep(IDLE_S)

    async def _deliver(self, lane: Lane, idle_s: float = 0.0) -> int:
        """A batch of one lane; 0 while it pauses. Several of these take turns: the next one claims while this one
        sends, and others send while this one waits for its last answers. Only one asks an empty queue, every
        `idle_s`."""
        if self._pace.pause_left(lane) > 0:
            return 0
        claiming: asyncio.Future[list[Delivery]] | None = None
        sends, taken = set[asyncio.Task[Result]](), 0
        try:
            async with self._ahead[lane]:
                async with self._claiming[lane]:
                    claiming = asyncio.ensure_future(self._run(self._deliveries.claim, lane, self._batch, LEASE))
                    batch = await asyncio.shield(claiming)
                    if not batch and idle_s:
                        await self._sleep(idle_s)
                async with self._sending[lane]:
                    for delivery, place in self._in_places(batch):
                        ready, has_turn = await self._ready(delivery, place)
                        sends.add(asyncio.create_task(self._send(delivery, ready, has_turn=has_turn)))
                        taken += 1
                        await self._give_way(lane)
            await self._settle_all(sends)
        except asyncio.CancelledError:
            # Whoever still waits for a turn gives the row back; calls under way get a moment to come home.
            self._is_closing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_CALLS_S):
                    left = (await claiming)[taken:] if claiming is not None else ()
                    sends |= {asyncio.create_task(self._send(delivery, self._back(delivery, 0))) for delivery in left}
                    await self._settle_all(sends)
            raise
        finally:
            if claiming is not None and claiming.done() and not claiming.cancelled() and claiming.exception() is None:
                self._deliveries.let_go(claiming.result())
        return len(batch)

    async def _give_way(self, lane: Lane) -> None:
        """Lets everything go first that waits in the event loop. When that takes long, the machine is too small for
        this pace: marketing rests twice as long, so that people who are speaking do not wait for it."""
        began = monotonic()
        await asyncio.sleep(0)
        took = monotonic() - began
        if took > BUSY_S and lane is Lane.MARKETING:
            await asyncio.sleep(2 * took)

    def _in_places(self, batch: Sequence[Delivery]) -> Iterator[tuple[Delivery, int]]:
        """Each with its place among those to the same chat."""
        chats = Counter[str]()
        for delivery in batch:
            yield delivery, chats[delivery.address.external_id]
            chats[delivery.address.external_id] += 1

    async def _settle_all(self, sends: set[asyncio.Task[Result]]) -> None:
        """Writes results down as they come, those of SETTLE_S together."""
        while sends:
            done, _ = await asyncio.wait(sends, timeout=SETTLE_S)
            if done:
                await self._write_down([send.result() for send in done])
                sends -= done

    async def _write_down(self, results: list[Result]) -> None:
        """Tries until the database has taken it: what was sent must not be sent again."""
        while True:
            try:
                return await self._run(self._deliveries.settle, results)
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("the database is away", error=str(error))
                await self._sleep(RETRY.total_seconds())

    async def _ready(self, delivery: Delivery, place: int) -> tuple[Screen | Result, bool]:
        """What to send, once it may be sent, or what becomes of the row when it may not; and whether it has had its
        turn. Somebody who has just been answered gets theirs a moment later, while the others go on."""
        chat, lane = delivery.address.external_id, delivery.lane
        if place and self._pace.chat_gap:
            # Several for one chat: the others of the batch need not wait for the gaps between them.
            return self._back(delivery, place * self._pace.chat_gap), False
        try:
            screen = await self._screen(delivery)
        except Exception as error:
            if is_passing(error):
                return self._back(delivery, self._pause(lane)), False
            log.exception("a notice that cannot be written", delivery=delivery.id, kind=delivery.kind)
            return Result(delivery, DeliveryState.FAILED, "unreadable"), False
        wait = await self._pace.turn_if_room(chat, lane)
        is_short = wait <= self._pace.chat_gap and self._pace.pause_left(lane, chat) <= 0
        return (screen if is_short else self._back(delivery, wait)), wait <= 0

    async def _send(
        self, delivery: Delivery, ready: Screen | Result, *, has_turn: bool = True, moved_to: int | None = None
    ) -> Result:
        if isinstance(ready, Result):
            return ready
        chat, lane = delivery.address.external_id, delivery.lane
        if not has_turn and (not await self._pace.turn(chat, lane) or self._is_closing):
            return self._back(delivery, self._pace.pause_left(lane, chat))
        try:
            with self._pace.under_way():
                await self._call(delivery, moved_to or int(chat), ready)
        except TelegramMigrateToChat as error:
            if moved_to is not None:
                return self._failed(delivery, error)
            # The chat has a new id, and nothing was sent to the old one.
            new_id = error.migrate_to_chat_id
            wait = await self._pace.turn_if_room(str(new_id), lane)
            return await self._send(delivery, self._back(delivery, wait) if wait > 0 else ready, moved_to=new_id)
        except Exception as error:
            return self._failed(delivery, error)
        self._misses[lane] = 0
        return Result(delivery, DeliveryState.SENT)

    async def _call(self, delivery: Delivery, chat_id: int, screen: Screen) -> None:
        if delivery.kind in GATHERED:
            await self._gather(delivery, chat_id, screen)
            return
        message_id = delivery.facts.get(EDITS)
        if message_id is None:
            await lean.send(self._bot, chat_id, screen, self._album)
            return
        try:
            await redraw(self._bot, int(delivery.facts["chat"]), message_id, screen)
        except TelegramBadRequest as error:  # its chat was cleared, or it is something else by now
            log.info("a message that is not drawn again", delivery=delivery.id, error=error.message)

    async def _gather(self, delivery: Delivery, chat_id: int, screen: Screen) -> None:
        """The third message of a day about friends is drawn into the second one, and so are all that follow."""
        async with self._gathering.setdefault(delivery.member_id, asyncio.Lock()):
            seen = await self._run(self._referrals.today, delivery.member_id)
            if seen.is_gathered and seen.chat == str(chat_id):
                with suppress(TelegramBadRequest):  # it is gone: then there is a new one
                    await redraw(self._bot, chat_id, seen.message_id, friends_today(seen, texts_for(delivery.language)))
                    return
            sent = await send_screen(self._bot, chat_id, screen, self._album)
            await self._run(self._referrals.note_told, delivery.member_id, seen.told + 1, str(chat_id), sent.message_id)

    async def _screen(self, delivery: Delivery) -> Screen:
        texts = texts_for(delivery.language)
        if delivery.broadcast_id is not None:
            letter = await self._letter(delivery.broadcast_id, delivery.variant, texts)
            delivery = replace(delivery, facts={"letter": letter})
        if EDITS in delivery.facts:  # its picture is drawn, while others are served
            return await asyncio.to_thread(render, delivery, texts, self._links)
        return render(delivery, texts, self._links)

    async def _letter(self, broadcast_id: int, variant: str | None, texts: Texts) -> FormLetter:
        """Laid out once: a broadcast does not change any more."""
        key = broadcast_id, variant, texts.language
        letter = self._letters.get(key)
        if letter is None:
            content = await self._run(self._broadcasts.content, broadcast_id)
            if content is None:
                raise LookupError(f"there is no broadcast {broadcast_id}")
            letter = self._letters[key] = FormLetter(content, texts, variant)
            while len(self._letters) > LETTERS_KEPT:
                self._letters.popitem(last=False)
        return letter

    def _failed(self, delivery: Delivery, error: Exception) -> Result:
        chat, lane = delivery.address.external_id, delivery.lane
        match error:
            case TelegramRetryAfter():
                self._pace.flooded(chat, lane, error.retry_after)
                return self._back(delivery, error.retry_after)
            case TelegramForbiddenError():
                return Result(delivery, DeliveryState.SUPPRESSED, "blocked", is_lost=True)
            case TelegramBadRequest() if "chat not found" in error.message:
                return Result(delivery, DeliveryState.FAILED, "unreachable", is_lost=True)
            case TelegramUnauthorizedError() | TelegramNotFound():
                # The token, not the message: everything waits until somebody has seen to it.
                log.error("telegram does not know the bot", error=str(error))
                return self._back(delivery, self._pause(lane))
            case TelegramNetworkError() if isinstance(error.__cause__, ClientConnectorError):
                return self._back(delivery, self._pause(lane))
            case TelegramEntityTooLarge() | TelegramBadRequest():
                log.warning("a message that telegram refuses", delivery=delivery.id, error=error.message)
                return Result(delivery, DeliveryState.FAILED, error.message[:64])
            case ClientDecodeError():
                return self._uncertain(delivery, error)
            case _ if is_passing(error):
                return self._uncertain(delivery, error)
            case _:
                log.error("a send that failed", delivery=delivery.id, exc_info=error)
                return Result(delivery, DeliveryState.FAILED, type(error).__name__[:64])

    def _uncertain(self, delivery: Delivery, error: Exception) -> Result:
        """Nobody knows whether it arrived. What people need is sent again, marketing never is."""
        log.warning("a send with an unknown outcome", delivery=delivery.id, error=str(error))
        self._pause(delivery.lane)
        attempts = delivery.attempts + 1
        if delivery.lane is Lane.MARKETING:
            return Result(delivery, DeliveryState.UNKNOWN, "network")
        if attempts >= ATTEMPTS_MAX:
            return Result(delivery, DeliveryState.FAILED, "network")
        not_before = self._clock() + RETRY * 2**delivery.attempts
        return Result(delivery, DeliveryState.QUEUED, not_before=not_before, attempts=attempts)

    def _back(self, delivery: Delivery, seconds: float) -> Result:
        """Into the queue again: no call was made that counts."""
        not_before = self._clock() + timedelta(seconds=seconds) if seconds > 0 else None
        return Result(delivery, DeliveryState.QUEUED, not_before=not_before, attempts=delivery.attempts)

    def _pause(self, lane: Lane) -> float:
        """Telegram is away: the lane waits, longer each time, so that an outage costs a few messages and not all."""
        if self._pace.pause_left(lane) <= 0:
            self._pace.pause(lane, min(2.0 ** self._misses[lane], AWAY_MAX_S))
            self._misses[lane] += 1
        return self._pace.pause_left(lane)

    # Broadcasts: who gets them, and how they stand

    async def _prepare(self) -> int:
        """Fixes the next recipients of what has started. Answers 0 when there was nothing to prepare."""
        if not await self._run(self._broadcasts.is_any_to_prepare):
            return 0
        return await self._run(self._broadcasts.prepare_due)

    async def _draw(self) -> int:
        """Redraws the progress of broadcasts where it is due. Answers how many that were."""
        if not await self._run(self._broadcasts.is_any_due):
            return 0
        drawings = await self._run(self._broadcasts.due)
        for drawing in drawings:
            await self._redraw(drawing)
        return len(drawings)

    async def _redraw(self, drawing: Drawing) -> None:
        shown = drawing.standing.broadcast.shown
        moved: Shown | None = None
        screen = standing_screen(drawing.standing, texts_for(drawing.language))
        try:
            if shown is not None and not await self._edit(shown, screen):
                sent = await send_screen(self._bot, int(shown.chat), screen)
                moved = Shown(shown.chat, sent.message_id)
        except TelegramRetryAfter as error:
            await self._run(self._broadcasts.postpone, drawing, error.retry_after)
        except (TelegramNetworkError, TelegramServerError, ClientDecodeError) as error:
            log.warning("progress was not drawn", error=str(error))
            await self._run(self._broadcasts.postpone, drawing, REDRAW.total_seconds())
        except TelegramAPIError as error:
            # Whoever watched has blocked the bot: the broadcast goes on, and its report waits in the list.
            log.warning("progress cannot be drawn", error=error.message)
            await self._run(self._broadcasts.drawn, drawing)
        else:
            await self._run(self._broadcasts.drawn, drawing, moved)

    async def _edit(self, shown: Shown, screen: Screen) -> bool:
        """False when the message is not there any more."""
        await self._pace.turn(shown.chat)
        try:
            with self._pace.under_way():
                await self._bot.edit_message_text(
                    text=screen.text,
                    chat_id=int(shown.chat),
                    message_id=shown.message_id,
                    parse_mode="HTML",
                    reply_markup=screen.keyboard,
                )
        except TelegramBadRequest as error:
            return "message is not modified" in error.message
        return True
