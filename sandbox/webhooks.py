"""Delivers updates to the bot's webhook.

What belongs together (a chat's messages, a person's taps) goes in order, one by one; different things go at
the same time, as many as `max_connections`. So a tap may overtake a message, as in Telegram. A failed
update is tried again after growing waits and holds up those behind it.
"""

import asyncio
import contextlib
from collections import deque
from urllib.parse import urlsplit

import aiohttp

from sandbox.errors import ApiError
from sandbox.methods.updating import is_loopback
from sandbox.model import Json
from sandbox.telegram import Telegram
from sandbox.wire import decode_body, encode_json, read_multipart

ANSWER_WITHIN = aiohttp.ClientTimeout(total=60)
LONGEST_WAIT_S = 60.0

Lane = tuple[str, int]


class WebhookDelivery:
    """Watches the queue and delivers while a webhook is set."""

    def __init__(self, telegram: Telegram, first_wait_s: float) -> None:
        self._telegram = telegram
        self._first_wait_s = first_wait_s
        self._lanes: dict[Lane, deque[Json]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(telegram.world.webhook.max_connections)
        self._session = aiohttp.ClientSession(timeout=ANSWER_WITHIN)
        self._stops = [telegram.updates.watch(self._enqueue), telegram.events.watch(self._notice)]
        self._restart()

    async def stop(self) -> None:
        """Ends all deliveries; what was not taken stays pending."""
        for stop in self._stops:
            stop()
        tasks = list(self._tasks)
        self._drop_lanes()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    def _notice(self, event: Json) -> None:
        if event["type"] == "webhook":
            self._restart()

    def _restart(self) -> None:
        self._drop_lanes()
        self._slots = asyncio.Semaphore(self._telegram.world.webhook.max_connections)
        for update in self._telegram.updates.pending():
            self._enqueue(update)

    def _drop_lanes(self) -> None:
        self._lanes = {}
        for task in self._tasks:
            task.cancel()

    def _enqueue(self, update: Json) -> None:
        if not self._telegram.world.webhook.url:
            return
        lane = lane_of(update)
        if lane in self._lanes:
            self._lanes[lane].append(update)
            return
        self._lanes[lane] = deque([update])
        task = asyncio.get_running_loop().create_task(self._empty(lane, self._lanes))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _empty(self, lane: Lane, lanes: dict[Lane, deque[Json]]) -> None:
        waiting = lanes[lane]
        while waiting:
            await self._deliver_until_taken(waiting[0])
            waiting.popleft()
        del lanes[lane]

    async def _deliver_until_taken(self, update: Json) -> None:
        wait = self._first_wait_s
        while self._telegram.updates.is_pending(update["update_id"]):
            async with self._slots:
                problem = await self._deliver(update)
            if problem is None:
                return
            webhook = self._telegram.world.webhook
            webhook.last_error_at, webhook.last_error = self._telegram.now(), problem
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _deliver(self, update: Json) -> str | None:
        """What went wrong, in Telegram's words, or None."""
        webhook = self._telegram.world.webhook
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        self._telegram.updates.hand_out(update["update_id"])
        try:
            async with self._session.post(
                webhook.url,
                data=encode_json(update).encode(),
                headers=headers,
                ssl=not is_loopback(urlsplit(webhook.url).hostname),  # own certificates at home
            ) as answer:
                if not 200 <= answer.status < 300:
                    return f"Wrong response from the webhook: {answer.status} {answer.reason}"
                await self._take_answer(update, answer)
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError as error:
            return f"Connection failed: {error}"
        return None

    async def _take_answer(self, update: Json, answer: aiohttp.ClientResponse) -> None:
        """Confirms the update and does the method that the answer may be; nobody learns of its errors."""
        if answer.content_type == "multipart/form-data":
            params, files = await read_multipart(aiohttp.MultipartReader(answer.headers, answer.content))
        else:
            body = await answer.read()
            files = {}
            params = {}
            with contextlib.suppress(ApiError):
                params = decode_body(answer.content_type, body)
        self._telegram.updates.confirm_one(update["update_id"])
        method = params.pop("method", None)
        if isinstance(method, str):
            with contextlib.suppress(ApiError):
                self._telegram.call(method, params, files)


def lane_of(update: Json) -> Lane:
    """The queue an update waits in: taps and queries by person, everything else by chat."""
    kind, payload = next((key, value) for key, value in update.items() if key != "update_id")
    chat = payload.get("chat")
    return ("chat", chat["id"]) if chat else (kind, payload["from"]["id"])
