"""The intake: fetch, store, confirm, handle, in that order.

An update is confirmed to Telegram by the next fetch, which happens only after the batch is in our database (one commit
a batch; Telegram's update id is the key). So a kill loses none: what was stored is handled after the restart, what was
not is handed out again. A repeated update finds its id there and has no second effect; effects have keys of their own
besides, for a kill between an effect and its mark.

Updates of one person are handled in their order, those of different people at the same time.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from aiogram.types import Update
from pydantic import ValidationError

from bot.middlewares.errors import Incident, apology, is_passing, new_incident
from bot.telegram import RawUpdates
from handlers.reply import TOAST_MAX
from handlers.screens import plain
from locales import texts_for
from loyalty.members import Language, language_for
from loyalty.ports import Clock, Run, reads
from storage.unit_of_work import UnitFactory
from storage.updates import HandledUpdate, StoredUpdate

log = structlog.get_logger()

BATCH = 100
POLL_S = 30
AT_ONCE = 64  # people whose updates are handled at the same time
BACKLOG_MAX = 5_000  # stored but not handled: above this nothing more is fetched
WAITS = (0.5, 1, 2, 5, 10, 30)  # seconds between tries while a part of the house is away
GATHER_S = 0.03  # while people are being answered, new updates gather this long: one fetch and one commit for several
MARK_S = 0.05  # what has been handled is marked this late at most; a kill before that answers it again
KEPT = timedelta(hours=48)  # Telegram repeats an update for 24 h at most


class Intake:
    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        units: UnitFactory,
        run: Run,
        clock: Clock,
        *,
        allowed_updates: list[str],
        language: Language,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot, self._dispatcher, self._units, self._run, self._clock = bot, dispatcher, units, run, clock
        self._allowed_updates, self._language, self._sleep = allowed_updates, language, sleep
        self._lanes: dict[int, deque[tuple[StoredUpdate, dict[str, Any] | None]]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._workers: set[asyncio.Task[None]] = set()
        self._handled: list[HandledUpdate] = []
        self._due: asyncio.TimerHandle | None = None
        self._flush: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self.backlog = 0

    async def poll(self) -> None:
        """Runs until cancelled."""
        await self.resume()
        offset, misses = 0, 0
        while True:
            try:
                raw = await self._bot(
                    RawUpdates(offset=offset, limit=BATCH, timeout=POLL_S, allowed_updates=self._allowed_updates),
                    request_timeout=POLL_S + 10,
                )
            except TelegramUnauthorizedError:
                raise
            except (TelegramAPIError, OSError) as error:
                wait = WAITS[min(misses, len(WAITS) - 1)]
                misses += 1
                log.warning("no updates", error=str(error), wait=wait)
                await self._sleep(wait)
                continue
            misses = 0
            if raw:
                await self.take(raw)  # type: ignore[arg-type]
                offset = raw[-1]["update_id"] + 1  # type: ignore[index]
                if self._lanes:
                    await asyncio.sleep(GATHER_S)
            while self.backlog > BACKLOG_MAX:
                await self._sleep(0.05)

    async def resume(self) -> None:
        """Takes up what an earlier run stored and did not get to handle."""
        for stored in await self._persist(self._waiting):
            self._enqueue(stored)

    async def take(self, raw: list[dict[str, Any]]) -> None:
        """Stores a batch; returns when Telegram may forget it."""
        batch = [
            StoredUpdate(update["update_id"], json.dumps(update, ensure_ascii=False, separators=(",", ":")))
            for update in raw
        ]
        handled, self._handled = self._handled, []  # what was handled meanwhile is marked in the same commit
        new = await self._persist(
            self._store, batch, handled, on_first_failure=lambda error: self._apologise(error, raw)
        )
        for stored, update in zip(batch, raw, strict=True):
            if stored.update_id in new:
                new.discard(stored.update_id)
                self._enqueue(stored, update)

    async def idle(self) -> None:
        """Returns when everything taken so far has been handled and marked."""
        await self._idle.wait()
        if self._flush is not None:
            await asyncio.shield(self._flush)
        await self._write_marks()

    async def close(self) -> None:
        """Lets the answers under way finish, for a while."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=10)
        for worker in self._workers:
            worker.cancel()
        if self._due is not None:
            self._due.cancel()
        with suppress(Exception):
            if self._flush is not None:
                await self._flush
            await self._write_marks()

    def _enqueue(self, stored: StoredUpdate, update: dict[str, Any] | None = None) -> None:
        """`update`: the payload as it came, where it need not be read again."""
        person = person_of(update or json.loads(stored.payload))
        self.backlog += 1
        self._idle.clear()
        lane = self._lanes.get(person)
        if lane is not None:
            lane.append((stored, update))
            return
        self._lanes[person] = deque([(stored, update)])
        worker = asyncio.create_task(self._work(person))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, person: int) -> None:
        """Handles one person's updates in their order."""
        lane = self._lanes[person]
        while lane:
            handled = await self._handle(*lane[0])
            lane.popleft()
            self.backlog -= 1
            self._mark(handled)
        del self._lanes[person]
        if not self._lanes:
            self._idle.set()

    async def _handle(self, stored: StoredUpdate, raw: dict[str, Any] | None) -> HandledUpdate:
        attempt = stored.attempts
        while True:
            attempt += 1
            try:
                async with self._slots:
                    update = self._read(stored, raw)
                    await self._dispatcher.feed_update(self._bot, update, attempt=attempt)
                return HandledUpdate(stored.update_id, attempts=attempt)
            except Incident as incident:
                if not incident.is_passing:
                    return HandledUpdate(stored.update_id, "failed", attempt, incident.number)
            except ValidationError:
                log.exception("an update that we cannot read", update=stored.payload[:500])
                return HandledUpdate(stored.update_id, "failed", attempt, "unreadable")
            except Exception as error:
                if not is_passing(error):
                    log.exception("an update failed outside of every handler", update_id=stored.update_id)
                    return HandledUpdate(stored.update_id, "failed", attempt, "outside")
            await self._sleep(WAITS[min(attempt, len(WAITS)) - 1])

    def _read(self, stored: StoredUpdate, raw: dict[str, Any] | None) -> Update:
        context = {"bot": self._bot}
        if raw is not None:
            return Update.model_validate(raw, context=context)
        return Update.model_validate_json(stored.payload, context=context)

    def _mark(self, handled: HandledUpdate) -> None:
        """Marks go with the next batch that is stored, or by themselves when none comes soon."""
        self._handled.append(handled)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(MARK_S, self._begin_flush)

    def _begin_flush(self) -> None:
        self._due, self._flush = None, asyncio.create_task(self._write_marks())

    async def _write_marks(self) -> None:
        if self._handled:
            batch, self._handled = self._handled, []
            await self._persist(self._finish, batch)

    async def _persist(
        self,
        use_case: Callable[..., Any],
        *args: Any,
        on_first_failure: Callable[[Exception], Awaitable[None]] | None = None,
    ) -> Any:
        """Runs a storage step until the database has taken it."""
        tries = 0
        while True:
            try:
                return await self._run(use_case, *args)
            except Exception as error:
                if not is_passing(error):
                    raise
                if tries == 0 and on_first_failure is not None:
                    await on_first_failure(error)
                wait = WAITS[min(tries, len(WAITS) - 1)]
                tries += 1
                log.warning("the database is away", error=str(error), wait=wait)
                await self._sleep(wait)

    async def _apologise(self, error: Exception, raw: list[dict[str, Any]]) -> None:
        """The database is away before anything could be stored: each person who asked is told once."""
        incident = new_incident(error)
        log.warning("updates wait for the database", incident=incident.number, updates=len(raw))
        asked: dict[int, dict[str, Any]] = {}
        for update in raw:
            said = update.get("callback_query") or update.get("message") or {}
            is_group = "message" in update and said.get("chat", {}).get("type") != "private"
            if "from" in said and not is_group:
                asked[said["from"]["id"]] = said
        await asyncio.gather(*(self._apologise_to(said, incident) for said in asked.values()))

    async def _apologise_to(self, said: dict[str, Any], incident: Incident) -> None:
        person = said["from"]
        words = apology(texts_for(language_for(person.get("language_code"), self._language)), incident)
        with suppress(TelegramAPIError, OSError):
            if "data" in said:
                await self._bot.answer_callback_query(said["id"], plain(words)[:TOAST_MAX], show_alert=True)
            else:
                await self._bot.send_message(person["id"], words, parse_mode="HTML")

    @reads
    def _waiting(self) -> list[StoredUpdate]:
        with self._units() as uow:
            return list(uow.updates.waiting(self._bot.id))

    def _store(self, batch: list[StoredUpdate], handled: list[HandledUpdate]) -> set[int]:
        with self._units() as uow:
            new = uow.updates.store(self._bot.id, batch, self._clock())
            if handled:
                uow.updates.finish(self._bot.id, handled)
            uow.commit()
        return new

    def _finish(self, handled: list[HandledUpdate]) -> None:
        with self._units() as uow:
            uow.updates.finish(self._bot.id, handled)
            uow.commit()


def person_of(update: dict[str, Any]) -> int:
    """Whose update it is: updates of one person keep their order. 0 for those of nobody."""
    for name, content in update.items():
        if name == "update_id" or not isinstance(content, dict):
            continue
        for key in ("from", "user", "chat"):
            if isinstance(sender := content.get(key), dict):
                return int(sender.get("id", 0))
    return 0
