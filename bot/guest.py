"""The club as a guest in a bot that somebody runs already. docs/mounting.md is the way in for the host.

The guest claims its own commands, deep links, forms and marked buttons, and gives everything else back unhandled. It
sees nothing of the host's middlewares, defaults and form storage, and its own never reach the host's handlers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from dataclasses import replace
from typing import Any

import structlog
from aiogram import Bot, Dispatcher, Router
from aiogram.dispatcher.event.bases import UNHANDLED, CancelHandler, SkipHandler
from aiogram.types import (
    BotCommand,
    CallbackQuery,
    ChosenInlineResult,
    InlineQuery,
    Message,
    TelegramObject,
    Update,
)
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot import reading
from bot.app import App, Overrides, build_app
from bot.intake import Intake
from bot.marks import GuestSession, marked, unmarked
from bot.middlewares.errors import Incident
from bot.middlewares.member import address_of
from bot.reading import Unreadable
from bot.serve import prepare
from bot.settings import Settings
from handlers import menu
from handlers.directory import command_of
from handlers.start.callbacks import Home
from locales import texts_for

log = structlog.get_logger()

OF_THE_HOST = frozenset({"start", "help", "stop", "contact"})
HEEDED = ("message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member")
HOME_DATA = marked(Home().pack())  # for a button of the host's that opens the club
_PASSED = "perkchat_has_passed"


async def mount(
    settings: Settings,
    *,
    bot: Bot,
    commands_without: frozenset[str] = OF_THE_HOST,
    overrides: Overrides | None = None,
) -> GuestClub:
    """The club for the bot of a host; SQLite is migrated on the way.

    `commands_without` are commands that stay the host's; deep links of the club reach it all the same. Of the settings,
    the bot's token and the address of the Bot API are not used: they are the host's.
    """
    if overrides is None or overrides.database is None:
        await asyncio.to_thread(prepare, settings)
    me = await bot.me()
    overrides = replace(
        overrides or Overrides(),
        bot=Bot(bot.token, session=GuestSession(bot.session)),
        courier_bot=Bot(bot.token, session=GuestSession(bot.session, is_patient=False)),
        is_guest=True,
        commands_without=frozenset(command.lstrip("/").casefold() for command in commands_without),
    )
    club = GuestClub(await build_app(settings, overrides), bot)
    log.info("mounted", bot=me.username)
    return club


class GuestClub:
    """`router` is for the host's dispatcher, before a handler that takes any text. It starts and stops with it.

    A host without a dispatcher calls `start`, `offer` for each update, and `stop`.
    """

    def __init__(self, app: App, host_bot: Bot) -> None:
        self.app, self.host_bot = app, host_bot
        self.router = ClubRouter(app)
        self.router.startup.register(self.start)
        self.router.shutdown.register(self.stop)
        self._is_started = self._is_stopped = False

    async def start(self) -> None:
        """The courier and the timetable. A second call does nothing."""
        if not self._is_started:
            self._is_started = True
            await self.app.start_background()

    async def stop(self) -> None:
        """Ends them and closes the database. A second call does nothing; a stopped club does not start again."""
        if not self._is_stopped:
            self._is_started = self._is_stopped = True
            await self.app.close()

    async def offer(self, raw: dict[str, Any]) -> bool:
        """Offers an update as Telegram sent it; True if it was the club's, and nobody else should answer."""
        try:
            said = reading.read(raw)
            if said is None:
                return False
            update = Update.model_validate(said, context={"bot": self.host_bot})
            kind = update.event_type
        except (Unreadable, ValidationError, UpdateTypeLookupError):
            log.warning("an update that we cannot read", update_id=raw.get("update_id"))
            return False
        return await self.router.propagate_event(kind, update.event) is not UNHANDLED

    def go_first(self, dispatcher: Dispatcher) -> None:
        """Asks the club before handlers that are registered on the dispatcher itself, which come before any router."""

        def asked_first(kind: str) -> Callable[..., Awaitable[Any]]:
            async def ask(handler: Callable[..., Any], event: TelegramObject, data: dict[str, Any]) -> Any:
                response = await self.router.propagate_event(kind, event, **data)
                return await handler(event, data | {_PASSED: True}) if response is UNHANDLED else response

            return ask

        for kind in HEEDED:
            dispatcher.observers[kind].outer_middleware(asked_first(kind))

    def intake(self, dispatcher: Dispatcher) -> Intake:
        """The club's own intake for the host's dispatcher: stored before it is confirmed, so that a kill loses none."""
        app = self.app
        app.intake = Intake(
            self.host_bot,
            dispatcher,
            app.units,
            app.database.run,
            app.clock,
            allowed_updates=dispatcher.resolve_used_update_types(),
            language=app.settings.language,
            read=reading.read_as_it_came,
        )
        return app.intake

    async def poll(self, dispatcher: Dispatcher) -> None:
        """In place of `dispatcher.start_polling(bot)`, by way of the intake. Runs until cancelled."""
        around = {"dispatcher": dispatcher, "bots": (self.host_bot,), **dispatcher.workflow_data, "bot": self.host_bot}
        await dispatcher.emit_startup(**around)
        try:
            await self.intake(dispatcher).poll()
        finally:
            await dispatcher.emit_shutdown(**around)

    @property
    def claims(self) -> frozenset[str]:
        """The commands that the club answers here."""
        return self.app.router.commands

    def menu(self, language: str | None = None) -> list[BotCommand]:
        """The club's lines for the command menu, which is the host's to set."""
        texts = texts_for(language or self.app.settings.language)
        programme = self.app.club.programme
        lines = [BotCommand(command="club", description=programme.club), *menu.commands(texts, programme)]
        return [line for line in lines if line.command in self.claims]


class ClubRouter(Router):
    """The club's seat in the host's dispatcher: lets in what is the club's, without what the host put around it."""

    def __init__(self, app: App) -> None:
        super().__init__(name="perkchat")
        self._app, self._directory = app, app.router

    @property
    def chain_tail(self) -> Generator[Router, None, None]:
        """Tells the host's polling which updates the club needs."""
        yield self
        yield from self._directory.chain_tail

    async def propagate_event(self, update_type: str, event: TelegramObject, **data: Any) -> Any:
        if update_type not in HEEDED or _PASSED in data:
            return UNHANDLED
        # Only the intake's count of attempts comes along: a host may call its own things `club` or `texts`.
        ours = {"bot": self._app.bot} | ({"attempt": data["attempt"]} if "attempt" in data else {})
        try:
            let_in = await self._let_in(event)
            if let_in is None:
                return UNHANDLED
            response = await self._directory.propagate_event(update_type, let_in, **ours)
        except (Incident, SkipHandler, CancelHandler):
            raise
        except Exception:
            # Nothing of the club was reached yet; a club in trouble does not keep the host's customers waiting.
            log.exception("the club could not look at an update", kind=update_type)
            return UNHANDLED
        return UNHANDLED if update_type == "my_chat_member" else response  # that one concerns both

    async def _let_in(self, event: TelegramObject) -> TelegramObject | None:
        """The event as the club sees it: by its own bot, without the mark. None if it is the host's."""
        bot = self._app.bot
        match event:
            case Message():
                return None if await self._is_above(event) else event.model_copy().as_(bot)
            case CallbackQuery():
                data = unmarked(event.data)
                if data is None:
                    await self._leave_form(event)
                    return None
                message = event.message.model_copy().as_(bot) if event.message is not None else None
                return event.model_copy(update={"data": data, "message": message}).as_(bot)
            case InlineQuery() | ChosenInlineResult():
                query = unmarked(event.query)
                return None if query is None else event.model_copy(update={"query": query}).as_(bot)
            case _:
                return event

    async def _is_above(self, message: Message) -> bool:
        """A command for staff from somebody whom the club does not know: the host's /admin enrols nobody."""
        if command_of(message) not in self._directory.reserved or message.from_user is None:
            return False
        if message.from_user.id in self._app.settings.admin_ids:
            return False
        return await self._app.database.run(self._app.club.members.speaker, address_of(message.from_user.id)) is None

    async def _leave_form(self, query: CallbackQuery) -> None:
        """Who taps a button of the host's has left the club's form; the next words are for the host."""
        if query.message is not None:
            form = self._directory.form(self._app.bot, query.message.chat.id, query.from_user.id)
            if await form.get_state() is not None:
                await form.clear()
