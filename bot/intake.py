"""The intake: fetch, store, confirm, handle, in that order.

An update is confirmed to Telegram by the next fetch, which happens only after the batch is in our database (one commit
a batch; Telegram's update id is the key). So a kill loses none: what was stored is handled after the restart, what was
not is handed out again. A repeated update finds its id there and has no second effect; effects have keys of their own
besides, for a kill between an effect and its mark.

Updates of one person are handled in their order, those of different people at the same time. None may end the program,
stop a lane or hold everybody up: what cannot be handled is set aside under a number, the person is told once, and the
next one goes on. Storing counts as the first attempt; what a run that died had begun is tried alone after the start,
and set aside when the program has ended with it STARTS_MAX times. Who sends too many at once is told so, once, and
not heard until it is over.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from pydantic import ValidationError

from bot import reading
from bot.middlewares.errors import Incident, apology, is_passing, new_incident
from bot.places import Place
from bot.reading import Unreadable, chat_of, kind_of, language_of, person_of, query_of
from bot.telegram import RawUpdates, is_up, update_id_in, updates_in
from handlers.reply import TOAST_MAX
from handlers.screens import plain
from locales import texts_for
from locales.texts import Texts
from loyalty.members import Language, language_for
from loyalty.ports import Clock, Run, reads
from storage.unit_of_work import UnitFactory
from storage.updates import HandledUpdate, StoredUpdate

log = structlog.get_logger()

BATCH = 100
POLL_S = 30
AT_ONCE = 64  # people whose updates are handled at the same time
BACKLOG_MAX = (
    5_000  # stored but not handled, of people who do not wait for Telegram: above this nothing more is fetched
)
LANE_MAX = 30  # of one person: whoever sends more than can be answered is told so, and what is above is put away
TOASTS_MAX = 10  # taps of a flood that are answered
FLOOD_REST_S = 3.0  # a flood is over when everything is answered and nothing came for so long
WAITS = (0.5, 1, 2, 5, 10, 30)  # seconds between tries while a part of the house is away
TRIES = 6  # of an update whose calls fail although the Bot API is there
STARTS_MAX = 3  # runs of the program that end with the same update before it is set aside
GATHER_S = 0.03  # while people are being answered, new updates gather this long: one fetch and one commit for several
MARK_S = 0.05  # what has been handled is marked this late at most; a kill before that answers it again
AGAIN_S = 5.0  # what the operator wants handled again is taken up so soon
PAYLOAD_MAX = 256_000  # signs: of what is larger, the part that is read is stored
KEPT = timedelta(hours=48)  # Telegram repeats an update for 24 h at most
ASIDE_KEPT = timedelta(days=14)  # as long as an operator may take to look

Read = Callable[[dict[str, Any]], dict[str, Any] | None]


@dataclass(slots=True)
class Flood:
    """Somebody who sends too many. `last`: when the last one came."""

    last: float
    is_told: bool = False
    toasts: int = 0


class Intake:
    """`read` says what of an update the models are made of."""

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
        read: Read = reading.read,
    ) -> None:
        self._bot, self._dispatcher, self._units, self._run, self._clock = bot, dispatcher, units, run, clock
        self._allowed_updates, self._language, self._sleep, self._read_raw = allowed_updates, language, sleep, read
        self._lanes: dict[tuple[int, int], deque[tuple[StoredUpdate, Any]]] = {}
        self._waiting_of: Counter[int] = Counter()  # by person
        self._floods: dict[int, Flood] = {}
        self._asleep: set[tuple[int, int]] = set()  # lanes that wait for Telegram, or for a part of the house
        self._places = asyncio.Semaphore(AT_ONCE)
        self._suspects: dict[int, asyncio.Event] = {}  # begun by a run that died; set when it turns out harmless
        self._alone = asyncio.Lock()
        self._workers: set[asyncio.Task[None]] = set()
        self._answers: set[asyncio.Task[None]] = set()
        self._handled: list[HandledUpdate] = []
        self._due: asyncio.TimerHandle | None = None
        self._flush: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self.backlog = 0
        self.in_hand: dict[int, StoredUpdate] = {}

    async def poll(self) -> None:
        """Runs until cancelled."""
        await self.resume()
        looking = asyncio.create_task(self._look_again())
        try:
            await self._fetch()
        finally:
            looking.cancel()

    async def _fetch(self) -> None:
        offset, misses = 0, 0
        while True:
            try:
                raw = await self._ask(offset)
                news = await self.take(raw) if raw else 0
            except TelegramUnauthorizedError:
                raise
            except Exception as error:
                wait: float = WAITS[min(misses, len(WAITS) - 1)]
                misses += 1
                if isinstance(error, TelegramRetryAfter):
                    wait = max(wait, error.retry_after)
                if isinstance(error, TelegramAPIError | OSError):
                    log.warning("no updates", error=str(error), wait=wait)
                else:
                    log.exception("updates could not be taken", wait=wait)
                await self._sleep(wait)
                continue
            misses = 0
            numbers = [number for update in raw if (number := _number_in(update)) is not None]
            if numbers:
                offset = max(numbers) + 1
            if raw and not news and not numbers:
                await self._sleep(WAITS[0])  # nothing that could be confirmed: it comes again at once
            if self._lanes and len(raw) < BATCH:  # behind a full batch there is more already
                await asyncio.sleep(GATHER_S)
            while self._pressure() > BACKLOG_MAX:
                await self._sleep(0.05)

    async def _ask(self, offset: int) -> list[Any]:
        asking = RawUpdates(offset=offset, limit=BATCH, timeout=POLL_S, allowed_updates=self._allowed_updates)
        try:
            return await self._bot(asking, request_timeout=POLL_S + 10)
        except ClientDecodeError as error:  # by the session of a host, which knows nothing of torn updates
            found = updates_in(error.data) if isinstance(error.data, str) else None
            if found is None:
                raise
            return found

    def _pressure(self) -> int:
        """How many wait for us. Those who wait for Telegram keep nobody else from being heard."""
        if self.backlog <= BACKLOG_MAX:
            return self.backlog
        return self.backlog - sum(len(self._lanes[lane]) for lane in self._asleep if lane in self._lanes)

    async def resume(self) -> None:
        """Takes up what an earlier run stored and did not get to handle."""
        begun: list[StoredUpdate] = []
        found: list[tuple[StoredUpdate, Any]] = []
        counts, dropped = Counter[int](), list[HandledUpdate]()
        for stored in await self._persist(self._waiting):
            raw = _loaded(stored.payload)
            person = person_of(raw)
            if person and counts[person] >= LANE_MAX:
                dropped.append(HandledUpdate(stored.update_id, "dropped", stored.attempts))
                continue
            counts[person] += 1
            if stored.attempts:
                self._suspects[stored.update_id] = asyncio.Event()
            else:  # stored by a run that ended in peace
                stored = replace(stored, attempts=1)
                begun.append(stored)
            found.append((stored, raw))
        if begun or dropped:
            await self._persist(self._begin, begun, dropped)
        for stored, raw in found:
            self._enqueue(stored, raw)

    async def take(self, raw: list[Any]) -> int:
        """Stores a batch; returns when Telegram may forget it, with how many were new."""
        batch = self._as_stored(raw)
        handled, self._handled = self._handled, []  # what was handled meanwhile is marked in the same commit
        stored = [each for each, _ in batch]
        try:
            new = await self._persist(
                self._store, stored, handled, on_first_failure=lambda error: self._apologise(error, raw)
            )
        except Exception as error:
            log.error("a batch that cannot be stored", updates=len(stored), error=type(error).__name__)
            self._handled = handled + self._handled
            new = await self._store_each(stored)
        news = len(new)
        for each, update in batch:
            if each.update_id not in new:
                continue
            new.discard(each.update_id)
            if each.state == "waiting":
                self._enqueue(each, update)
            else:
                self._slow_down(update)
        return news

    async def _store_each(self, batch: list[StoredUpdate]) -> set[int]:
        """What cannot be stored at all is lost, and takes nothing with it."""
        new: set[int] = set()
        for stored in batch:
            try:
                new |= await self._persist(self._store, [stored], [])
            except Exception as error:
                number = new_incident(error).number
                log.error("lost", incident=number, update_id=stored.update_id, length=len(stored.payload))
        return new

    async def idle(self) -> None:
        """Returns when everything taken so far has been handled and marked."""
        await self._idle.wait()
        while self._answers:
            await asyncio.wait(self._answers)
        if self._flush is not None:
            await asyncio.shield(self._flush)
        await self._write_marks()

    async def close(self) -> None:
        """Lets the answers under way finish, for a while."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=10)
        for task in (*self._workers, *self._answers):
            task.cancel()
        if self._due is not None:
            self._due.cancel()
        with suppress(Exception):
            if self._flush is not None:
                await self._flush
            await self._write_marks()
            if self.backlog:
                await self._run(self._acquit)

    def suspect(self) -> None:
        """What is in hand now keeps the program from going on: the next start tries each alone, once. Called from
        another thread than everything else."""
        begun = [
            replace(stored, attempts=max(stored.attempts, STARTS_MAX - 1)) for stored in list(self.in_hand.values())
        ]
        if begun:
            self._begin(begun)

    def _as_stored(self, raw: list[Any]) -> list[tuple[StoredUpdate, Any]]:
        """What of a batch is stored how: as it came, whatever it is. One without a number that could be a key gets one
        that Telegram does not give."""
        batch: dict[int, tuple[StoredUpdate, Any]] = {}
        counts = Counter[int]()
        for update in raw:
            payload = _payload(update)
            update_id = _number_in(update)
            if update_id is None:
                update_id = -1 - int.from_bytes(hashlib.sha256(payload.encode()).digest()[:7], "big")
            if update_id in batch:
                continue
            person, state = person_of(update), "waiting"
            if person and self._is_flooding(person, counts[person]):
                state = "dropped"
            else:
                counts[person] += 1
            batch[update_id] = StoredUpdate(update_id, payload, attempts=1, state=state), update
        return list(batch.values())

    def _is_flooding(self, person: int, more: int) -> bool:
        now, flood = asyncio.get_running_loop().time(), self._floods.get(person)
        waiting = self._waiting_of[person] + more
        if flood is not None:
            if waiting or now - flood.last < FLOOD_REST_S:
                flood.last = now
                return True
            del self._floods[person]
        if waiting < LANE_MAX:
            return False
        self._floods[person] = Flood(now)
        log.warning("somebody sends too many", person_id=person)
        return True

    def _slow_down(self, raw: Any) -> None:
        """Answers a flood once, and its first taps: who taps sees a clock otherwise."""
        flood = self._floods.get(person_of(raw))
        if flood is None:
            return
        if query_of(raw):
            flood.toasts += 1
            if flood.toasts <= TOASTS_MAX:
                self._answer(self._say(raw, slow_down))
        elif not flood.is_told:
            flood.is_told = True
            self._answer(self._say(raw, slow_down))

    def _answer(self, saying: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(saying)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    def _enqueue(self, stored: StoredUpdate, raw: Any) -> None:
        key = _lane(raw)
        self.backlog += 1
        self._waiting_of[key[0]] += 1
        self._idle.clear()
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append((stored, raw))
            return
        self._lanes[key] = deque([(stored, raw)])
        worker = asyncio.create_task(self._work(key))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, key: tuple[int, int]) -> None:
        """Handles one person's updates in their order."""
        lane = self._lanes[key]
        while lane:
            stored, raw = lane[0]
            is_suspect = stored.update_id in self._suspects
            handled = await (self._handle_alone(stored, raw) if is_suspect else self._handle(stored, raw))
            lane.popleft()
            self.backlog -= 1
            self._waiting_of[key[0]] -= 1
            self._asleep.discard(key)
            self._mark(handled)
        del self._lanes[key]
        if not self._waiting_of[key[0]]:
            del self._waiting_of[key[0]]
        if not self._lanes:
            self._idle.set()

    async def _handle_alone(self, stored: StoredUpdate, raw: Any) -> HandledUpdate:
        """One that a run had begun which died: with the attempt written down first, and no other suspect beside it, so
        that none is blamed for another. As soon as it waits for something, it has ended nothing."""
        harmless = self._suspects[stored.update_id]
        async with self._alone:
            if stored.attempts >= STARTS_MAX:
                del self._suspects[stored.update_id]
                log.error("set aside: the program ended with it", update_id=stored.update_id, starts=stored.attempts)
                return self._set_aside(stored, raw, new_incident(Unreadable()).number, "starts", stored.attempts)
            stored = replace(stored, attempts=stored.attempts + 1)
            await self._persist(self._begin, [stored])
            handling = asyncio.create_task(self._handle(stored, raw))
            waiting = asyncio.create_task(harmless.wait())
            try:
                await asyncio.wait({handling, waiting}, return_when=asyncio.FIRST_COMPLETED)
                if handling.done():
                    await self._persist(self._finish, [handling.result()])
                else:
                    await self._persist(self._begin, [replace(stored, attempts=1)])
            except asyncio.CancelledError:
                handling.cancel()
                raise
            finally:
                waiting.cancel()
        try:
            handled = await handling
        finally:
            handling.cancel()
        del self._suspects[stored.update_id]
        return handled

    async def _handle(self, stored: StoredUpdate, raw: Any) -> HandledUpdate:
        refused = 0
        for attempt in count(1):
            try:
                async with Place(self._places, lambda: self._waits(stored, raw)):
                    self.in_hand[stored.update_id] = stored
                    update = self._read(stored, raw)
                    if update is not None:
                        await self._dispatcher.feed_update(self._bot, update, attempt=attempt)
                return HandledUpdate(stored.update_id, attempts=max(attempt, stored.attempts))
            except Incident as incident:
                cause, number, is_told = incident.__cause__ or incident, incident.number, attempt == 1
                passes, reason = incident.is_passing, "defect"
            except Unreadable as error:
                log.warning(
                    "an update that we cannot read",
                    update_id=stored.update_id,
                    kind=kind_of(raw) if isinstance(raw, dict) else "",
                    length=len(stored.payload),
                    missing=str(error),
                )
                cause, number, is_told, passes, reason = error, new_incident(error).number, False, False, "unreadable"
            except Exception as error:
                cause, number, is_told, passes, reason = (
                    error,
                    new_incident(error).number,
                    False,
                    is_passing(error),
                    "defect",
                )
                if not passes:
                    log.exception("an update failed outside of every handler", incident=number)
            finally:
                self.in_hand.pop(stored.update_id, None)
            if not passes:
                return self._set_aside(stored, raw, number, reason, attempt, is_told=is_told)
            if isinstance(cause, TelegramNetworkError | TelegramServerError | TelegramRetryAfter):
                refused += await is_up(self._bot)  # what is away for everybody refuses nobody
                if refused >= TRIES:
                    log.error("set aside: Telegram refuses its calls", incident=number, error=type(cause).__name__)
                    return self._set_aside(stored, raw, number, "call", attempt, is_told=False)
            await self._wait(stored, raw, attempt, cause)
        raise AssertionError("it counts for ever")

    async def _wait(self, stored: StoredUpdate, raw: Any, attempt: int, cause: BaseException) -> None:
        """Until the next try. Nobody is kept from anything meanwhile."""
        self._waits(stored, raw)
        wait: float = WAITS[min(attempt, len(WAITS)) - 1]
        await self._sleep(max(wait, cause.retry_after) if isinstance(cause, TelegramRetryAfter) else wait)

    def _waits(self, stored: StoredUpdate, raw: Any) -> None:
        """Whatever it waits for, it is not what ended a run, and its lane is no work of ours."""
        if (harmless := self._suspects.get(stored.update_id)) is not None:
            harmless.set()
        self._asleep.add(_lane(raw))

    def _set_aside(
        self, stored: StoredUpdate, raw: Any, number: str, reason: str, attempts: int, *, is_told: bool = False
    ) -> HandledUpdate:
        """It is not tried again by itself. The person is told once, with the number."""
        if not is_told:
            self._answer(self._say(raw, lambda texts: set_aside(texts, number)))
        return HandledUpdate(
            stored.update_id,
            "failed",
            max(attempts, stored.attempts),
            number,
            reason,
            kind=reading.sound(kind_of(raw))[:32] if isinstance(raw, dict) else "",
            person_id=person_of(raw),
        )

    def _read(self, stored: StoredUpdate, raw: Any) -> Update | None:
        """None for what nobody here asked for. Raises Unreadable."""
        if stored.update_id < 0 or not isinstance(raw, dict):
            raise Unreadable("update_id")
        said = self._read_raw(raw)
        if said is None:
            return None
        try:
            return Update.model_validate(said, context={"bot": self._bot})
        except ValidationError as error:
            if self._read_raw is not reading.read and (leniently := reading.read(raw)) is not None:
                with suppress(ValidationError):
                    return Update.model_validate(leniently, context={"bot": self._bot})
            where = {".".join(map(str, each["loc"])) for each in error.errors(include_input=False, include_url=False)}
            raise Unreadable(", ".join(sorted(where)[:3])) from None

    async def _say(self, raw: Any, say: Callable[[Texts], str]) -> None:
        """Tells the sender something: by a toast for a tap, by a message in their own chat, nothing among others."""
        texts = texts_for(language_for(language_of(raw), self._language))
        person, chat = person_of(raw), chat_of(raw)
        try:
            if query := query_of(raw):
                await self._bot.answer_callback_query(query, plain(say(texts))[:TOAST_MAX], show_alert=True)
            elif person > 0 and chat == person and kind_of(raw) in ("message", "edited_message"):
                await self._bot.send_message(person, say(texts), parse_mode="HTML")
        except (TelegramAPIError, OSError) as error:
            log.warning("somebody could not be told", person_id=person, error=type(error).__name__)

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

    async def _look_again(self) -> None:
        """Takes up what the operator wants to be handled again."""
        while True:
            await asyncio.sleep(AGAIN_S)
            with suppress(Exception):
                await self.take_again()

    async def take_again(self) -> None:
        found = await self._run(self._wanted_again)
        if found:
            await self._run(self._finish, [HandledUpdate(stored.update_id, "waiting") for stored in found])
        for stored in found:
            self._enqueue(replace(stored, attempts=1), _loaded(stored.payload))

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

    async def _apologise(self, error: Exception, raw: list[Any]) -> None:
        """The database is away before anything could be stored: each person who asked is told once."""
        incident = new_incident(error)
        log.warning("updates wait for the database", incident=incident.number, updates=len(raw))
        asked = {person: update for update in raw if (person := person_of(update))}
        await asyncio.gather(*(self._say(update, lambda texts: apology(texts, incident)) for update in asked.values()))

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

    def _begin(self, begun: Sequence[StoredUpdate], dropped: Sequence[HandledUpdate] = ()) -> None:
        with self._units() as uow:
            if begun:
                uow.updates.begin(self._bot.id, begun)
            if dropped:
                uow.updates.finish(self._bot.id, dropped)
            uow.commit()

    def _acquit(self) -> None:
        with self._units() as uow:
            uow.updates.acquit(self._bot.id)
            uow.commit()

    @reads
    def _wanted_again(self) -> list[StoredUpdate]:
        with self._units() as uow:
            return list(uow.updates.again(self._bot.id))

    def _finish(self, handled: list[HandledUpdate]) -> None:
        with self._units() as uow:
            uow.updates.finish(self._bot.id, handled)
            uow.commit()


def slow_down(texts: Texts) -> str:
    return texts("That was a lot at once. Please wait a moment, then go on; what arrives until then is not answered.")


def set_aside(texts: Texts, number: str) -> str:
    return texts(
        "Sorry, we could not deal with what you sent. It is kept as number {number}; what you send next is answered.",
        number=number,
    )


def _lane(raw: Any) -> tuple[int, int]:
    """Whose it is, and in which group: one that Telegram limits does not hold up what people do in their own chats."""
    return person_of(raw), min(chat_of(raw), 0)


def _number_in(update: Any) -> int | None:
    """The update's id, if it can be a key and the next offset."""
    if isinstance(update, str):
        number = update_id_in(update)
    else:
        number = update.get("update_id") if isinstance(update, dict) else None
    found = reading.whole(0, reading.NUMBER_MAX - 1)(number)
    return None if found is reading.ODD else int(found)


def _payload(update: Any) -> str:
    """As it came; of one that is too large or nested too deeply, what can be read of it."""
    try:
        payload = json.dumps(update, ensure_ascii=False, separators=(",", ":"))
        if len(payload) <= PAYLOAD_MAX:
            payload.encode()
            return payload
    except UnicodeEncodeError:
        return json.dumps(update, separators=(",", ":"))  # half of a surrogate pair: escaped, any database holds it
    except (RecursionError, ValueError):
        pass
    part = None
    if isinstance(update, dict):
        with suppress(Unreadable):
            part = reading.read(update)
    return json.dumps(part or {"update_id": _number_in(update)}, separators=(",", ":"))


def _loaded(payload: str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
