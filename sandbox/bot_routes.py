"""`/bot<token>/<method>` and `/file/bot<token>/<path>`: the Bot API as the bot's client sees it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox.errors import ApiError
from sandbox.files import StoredFile
from sandbox.model import Json
from sandbox.telegram import Telegram
from sandbox.weather import Sky
from sandbox.wire import failure, read_call, success

UNAUTHORIZED = ApiError(401, "Unauthorized")
NO_FILE = ApiError(404, "Not Found")
TERMINATED = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"

Handler = Callable[[web.Request], Awaitable[web.Response]]


class LongPoll:
    """getUpdates that waits. A second one ends the first with 409, as in Telegram."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self._waiting: asyncio.Future[bool] | None = None

    async def get_updates(self, params: Json, request: web.Request) -> Any:
        """The updates, as soon as there are any; ApiError 409 if another poll comes in between."""
        self.interrupt(TERMINATED)
        try:
            if seconds := self._telegram.begin_poll(params):
                await self._wait(seconds)
        except ApiError as error:
            self._telegram.calls.note(self._telegram.now(), "getUpdates", params, error=error)
            raise
        if request.transport is None:  # nobody is there any more to take the updates
            return []
        if str(params.get("offset", "")).startswith("-"):
            params = {key: value for key, value in params.items() if key != "offset"}  # counted only once
        return self._telegram.call("getUpdates", params)

    def interrupt(self, reason: str) -> None:
        """Ends the poll that waits now, if there is one, with a conflict."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(ApiError(409, reason))

    async def _wait(self, seconds: int) -> None:
        waiting = self._waiting = asyncio.get_running_loop().create_future()

        def wake(update: Json) -> None:
            if not waiting.done():
                waiting.set_result(True)

        stop = self._telegram.updates.watch(wake)
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            pass
        finally:
            stop()
            if self._waiting is waiting:
                self._waiting = None


class BotRoutes:
    """The handlers of the Bot API."""

    def __init__(self, telegram: Telegram, sky: Sky) -> None:
        self._telegram = telegram
        self._sky = sky
        self._poll = LongPoll(telegram)

    def add_to(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._in_weather(self.call))
        app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._in_weather(self.download))

    def interrupt(self) -> None:
        """Ends a waiting poll: the server stops."""
        self._poll.interrupt("Conflict: the sandbox stops")

    def _in_weather(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            if self._sky.weather.latency_ms:
                await asyncio.sleep(self._sky.weather.latency_ms / 1000)
            if self._sky.loses_request():
                return dropped(request)
            response = await handler(request)
            return dropped(request) if self._sky.loses_answer() else response

        return handle

    async def call(self, request: web.Request) -> web.Response:
        """One Bot API call."""
        if request.match_info["token"] != self._telegram.token:
            return failure(UNAUTHORIZED)
        method = request.match_info["method"]
        try:
            params, files = await read_call(request)
            if method.lower() == "getupdates":
                return success(await self._poll.get_updates(params, request))
            return success(self._telegram.call(method, params, files))
        except ApiError as error:
            return failure(error)

    async def download(self, request: web.Request) -> web.Response:
        """A file by the path that getFile told."""
        if request.match_info["token"] != self._telegram.token:
            return failure(UNAUTHORIZED)
        file = self._telegram.world.files.at_path(request.match_info["path"])
        return failure(NO_FILE) if file is None else file_response(file)


def file_response(file: StoredFile) -> web.Response:
    """The bytes, or the way to them for a file that was given as a link."""
    if file.url is not None:
        return web.Response(status=302, headers={"Location": file.url})
    return web.Response(body=file.content, content_type=file.mime_type)


def dropped(request: web.Request) -> web.Response:
    """Cuts the connection, so that the client gets no answer; what is returned is not sent any more."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
