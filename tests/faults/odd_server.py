"""A Bot API server that is odd where a test says so, and the box's everywhere else; and the whole program, polling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from bot.app import App, Overrides, build_app
from bot.settings import Settings
from bot.telegram import Patience, Session
from sandbox import LimitSettings, Telegram
from sandbox.bot_routes import LongPoll
from sandbox.errors import ApiError
from sandbox.model import Json
from sandbox.wire import failure, read_call, success
from storage.database import Database
from tests.kit.chat import TOKEN, Chat
from tests.kit.clock import FrozenClock

Sleep = Callable[[float], Awaitable[None]]
Oddity = Callable[[str, Json], web.Response | None]


def box() -> Telegram:
    return Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))


@asynccontextmanager
async def odd_server(telegram: Telegram, oddity: Oddity) -> AsyncIterator[str]:
    """Answers its address. `oddity` is asked with the method and its parameters before the box is."""
    poll = LongPoll(telegram)

    async def call(request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params, files = await read_call(request)
        try:
            if (odd := oddity(method, params)) is not None:
                return odd
            if method == "getUpdates":
                return success(await poll.get_updates(params, request))
            return success(telegram.call(method, params, files))
        except ApiError as error:
            return failure(error)

    app = web.Application()
    app.router.add_route("*", "/bot{token:[^/]+}/{method}", call)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        poll.interrupt("Conflict: the server stops")
        await runner.cleanup()


@asynccontextmanager
async def polling(database: Database, url: str, sleep: Sleep) -> AsyncIterator[App]:
    """The whole program; its intake and its patience wait by `sleep`."""
    settings = Settings.load(_env_file=None, bot_token=TOKEN, telegram_api=url, database_url="sqlite:///unused.db")
    session = Session(api=TelegramAPIServer.from_base(url), limit=200)
    session.middleware(Patience(sleep))
    app = await build_app(settings, Overrides(database=database, bot=Bot(TOKEN, session=session)))
    Chat(app, Telegram(TOKEN), FrozenClock()).wait_with(sleep)
    running = asyncio.create_task(app.run())
    try:
        yield app
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)
