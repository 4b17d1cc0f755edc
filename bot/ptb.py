"""The club in a bot built with python-telegram-bot. docs/mounting.md is the way in for the host."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot import guest
from bot.app import Overrides
from bot.guest import HEEDED, HOME_DATA, OF_THE_HOST, GuestClub
from bot.middlewares.errors import Incident
from bot.settings import Settings

try:
    from telegram import Update
    from telegram.ext import Application, ApplicationHandlerStop, ContextTypes, InvalidCallbackData, TypeHandler
except ImportError as error:
    raise ImportError("bot.ptb needs python-telegram-bot: pip install 'perkchat[ptb]'") from error

__all__ = ["HOME_DATA", "GuestOfPtb", "mount"]

GROUP = -10  # before the host's handlers, which are in group 0 unless they say otherwise

Host = Application[Any, Any, Any, Any, Any, Any]
Hook = Callable[[Host], Coroutine[Any, Any, None]]


def mount(
    application: Host,
    settings: Settings,
    *,
    commands_without: frozenset[str] = OF_THE_HOST,
    group: int = GROUP,
    overrides: Overrides | None = None,
) -> GuestOfPtb:
    """Adds the club to an application that is built but not running.

    `run_polling` and `run_webhook` start and stop it; who runs the application by hand calls `start` and `stop`.
    """
    club = GuestOfPtb(application, settings, commands_without, overrides)
    # block=True whatever the host's defaults say: whether it was the club's is known only at the end.
    application.add_handler(TypeHandler(Update, club.take, block=True), group)
    application.post_init = _after(application.post_init, club.start)
    application.post_shutdown = _after(application.post_shutdown, club.stop)
    return club


class GuestOfPtb:
    """`club` is there while it is open."""

    def __init__(
        self, application: Host, settings: Settings, commands_without: frozenset[str], overrides: Overrides | None
    ) -> None:
        self._application, self._settings = application, settings
        self._commands_without, self._overrides = commands_without, overrides
        self._session: AiohttpSession | None = None
        self.club: GuestClub | None = None

    @property
    def is_open(self) -> bool:
        return self.club is not None

    async def start(self) -> None:
        """Opens the club. A second call does nothing."""
        if self._session is not None:
            return
        host = self._application.bot
        # PTB's addresses contain the token already.
        api = TelegramAPIServer(
            base=f"{host.base_url}/{{method}}", file=f"{host.base_file_url}/{{path}}", is_local=host.local_mode
        )
        self._session = AiohttpSession(api=api, limit=200)
        self.club = await guest.mount(
            self._settings,
            bot=Bot(host.token, session=self._session),
            commands_without=self._commands_without,
            overrides=self._overrides,
        )
        await self.club.start()

    async def stop(self) -> None:
        club, self.club = self.club, None
        if club is not None:
            await club.stop()
        if self._session is not None:
            await self._session.close()

    async def take(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """What is the club's goes no further."""
        if self.club is None:
            raise RuntimeError("The club is not open: `await club.start()` after `application.initialize()`.")
        if not any(getattr(update, kind) is not None for kind in HEEDED):
            return
        try:
            is_ours = await self.club.offer(as_sent(update))
        except Incident as error:
            # The person has our apology; the host's error handlers hear of it, its other handlers do not answer too.
            await self._application.process_error(update, error)
            is_ours = True
        if is_ours:
            raise ApplicationHandlerStop


def as_sent(update: Update) -> dict[str, Any]:
    """The update as Telegram sent it. An application with arbitrary_callback_data replaces what it does not know."""
    raw: dict[str, Any] = json.loads(json.dumps(update.to_dict(), default=_callback_data))
    return raw


def _callback_data(value: object) -> str | None:
    return value.callback_data if isinstance(value, InvalidCallbackData) else None


def _after(hook: Hook | None, ours: Callable[[], Awaitable[None]]) -> Hook:
    async def both(application: Host) -> None:
        if hook is not None:
            await hook(application)
        await ours()

    return both
