"""Server-sent events: the box's changes as they happen, and those a page missed."""

import asyncio
import contextlib

from aiohttp import web

from sandbox.calls import printable
from sandbox.control.reading import asked
from sandbox.errors import ActError
from sandbox.model import Json
from sandbox.telegram import Telegram
from sandbox.wire import encode_json, json_response

HEARTBEAT_S = 15


class EventStream:
    """`/sandbox/events`"""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._streams: set[asyncio.Queue[Json | None]] = set()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/sandbox/events", self.stream)

    def interrupt(self) -> None:
        """Ends all streams: the server stops."""
        for waiting in self._streams:
            waiting.put_nowait(None)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Events after a number, then live ones; `?calls=1` adds each Bot API call."""
        try:
            after = last_seen(request)
        except ActError as error:
            return json_response({"error": error.message}, error.status)
        with_calls = request.query.get("calls") == "1"
        waiting: asyncio.Queue[Json | None] = asyncio.Queue()
        for event in self._telegram.events.after(self._telegram.events.seq if after is None else after):
            waiting.put_nowait(event)

        def notice(event: Json) -> None:
            if with_calls or event["type"] != "call":
                waiting.put_nowait(event)

        stop = self._telegram.events.watch(notice)
        self._streams.add(waiting)
        try:
            return await self._send(request, waiting)
        finally:
            stop()
            self._streams.discard(waiting)

    async def _send(self, request: web.Request, waiting: asyncio.Queue[Json | None]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        await response.prepare(request)
        await response.write(b": hello\n\n")
        with contextlib.suppress(ConnectionResetError):
            while (chunk := await next_chunk(waiting)) is not None:
                await response.write(chunk)
        return response


async def next_chunk(waiting: asyncio.Queue[Json | None]) -> bytes | None:
    """The next event as it goes over the wire, a sign of life if there is none, None at the end."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            event = await waiting.get()
    except TimeoutError:
        return b": still here\n\n"
    if event is None:
        return None
    return f"id: {event['seq']}\ndata: {encode_json(printable(event))}\n\n".encode()


def last_seen(request: web.Request) -> int | None:
    """What the page asks for, or what a browser says on its own after a lost connection."""
    header = request.headers.get("Last-Event-ID", "")
    return int(header) if header.isdigit() else asked(request, "after")
