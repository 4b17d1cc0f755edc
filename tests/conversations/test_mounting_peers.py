"""The recipes of docs/mounting.md as they stand there, with hosts and clients that nobody here wrote, over HTTP."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import telegram as ptb
from aiogram import Bot, Dispatcher, F, Router
from aiogram import types as aio
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandStart
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    InvalidCallbackData,
    MessageHandler,
    filters,
)

from bot.marks import MARK
from bot.ptb import GuestOfPtb, as_sent, mount
from bot.settings import Settings
from sandbox import LimitSettings, Telegram
from sandbox.server import SandboxServer
from tests.kit.chat import TOKEN, Message, said

pytestmark = pytest.mark.peer

PAGE = Path(__file__).parents[2] / "docs" / "mounting.md"
ANSWERS = {"sendMessage", "sendPhoto", "editMessageText", "answerCallbackQuery", "answerInlineQuery"}
Host = Application[Any, Any, Any, Any, Any, Any]


def recipes() -> list[str]:
    """aiogram's and python-telegram-bot's."""
    found = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(found) == 2
    return found


def run_recipe(monkeypatch: pytest.MonkeyPatch, recipe: str, **of_the_shop: Any) -> dict[str, Any]:
    """Imports it as a program does, with the shop's own module in place."""
    shop = ModuleType("shop")
    shop.__dict__.update(of_the_shop)
    monkeypatch.setitem(sys.modules, "shop", shop)
    program: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(recipe, str(PAGE), "exec"), program)
    return program


async def until(condition: Callable[[], bool], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)


class Customer:
    """Somebody who talks to the bot while other tasks answer."""

    def __init__(self, telegram: Telegram, name: str) -> None:
        self.telegram, self.name = telegram, name
        self.id = telegram.people.add_person(name).id

    async def says(self, words: str, answer: str) -> Message:
        self.telegram.people.say(self.id, words)
        return await self.hears(answer)

    async def taps(self, label: str, on: Message, answer: str) -> Message:
        """Taps a button; the message becomes the answer."""
        tap = self.telegram.people.tap(self.id, on["message_id"], text=label)
        assert tap.query is not None
        query = tap.query
        await until(lambda: query.answer is not None)
        return await self.hears(answer)

    async def asks(self, query: str) -> str:
        """The title of an inline query's first result."""
        asked = self.telegram.people.inline_query(self.id, query)
        await until(lambda: asked.answer is not None)
        assert asked.answer is not None
        return str(asked.answer.results[0]["title"])

    async def hears(self, answer: str) -> Message:
        """Waits until the bot has said this."""
        await until(lambda: any(answer in said(message) for message in self.messages()))
        return next(message for message in self.messages() if answer in said(message))

    def messages(self) -> list[Message]:
        everything = self.telegram.world.chats[self.id].view()["messages"]
        return [message for message in everything if message.get("from", {}).get("is_bot")]


async def a_morning(telegram: Telegram) -> None:
    """The shop's own things and the club's."""
    ana, bo = Customer(telegram, "Ana"), Customer(telegram, "Bo")
    await ana.says("/start", "Welcome to the shop")
    await ana.says("/menu", "The shop's menu")
    await ana.says("Two teas", "The shop heard Two teas")
    points = await ana.says("/points", "0 points to spend")
    await ana.taps("Check in", points, "+1 point for checking in.")
    await ana.says("/checkin", "You have checked in today already.")
    card = await ana.says("/invite", "Your code:")
    link = re.search(r"https://t\.me/\S+", said(card))
    assert link is not None
    telegram.people.open_link(bo.id, link[0])
    await bo.hears("Ana brought you here")
    await ana.hears("A friend has joined through you.")  # by the courier
    share = card["reply_markup"]["inline_keyboard"][0][0]["switch_inline_query_chosen_chat"]["query"]
    assert (await ana.asks(share)).startswith("Invite to")
    assert await ana.asks("tea") == "A drink"


def nothing_was_answered_twice(telegram: Telegram) -> None:
    """Asked when the host has stopped, so that nothing is under way: the morning's answers, and not one more."""
    calls = Counter(call["method"] for call in telegram.calls.after() if call["method"] in ANSWERS)
    assert calls == {
        "sendMessage": 7,
        "sendPhoto": 1,
        "answerCallbackQuery": 1,
        "editMessageText": 1,
        "answerInlineQuery": 2,
    }


@pytest.fixture
def telegram() -> Telegram:
    return Telegram(TOKEN, "shop_bot", "Shop", limits=LimitSettings(enabled=False))


@pytest.fixture
async def server(telegram: Telegram) -> AsyncIterator[SandboxServer]:
    async with SandboxServer(telegram) as running:
        yield running


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """As the page says: from the environment, and the database does not exist yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PERKCHAT_DATABASE_URL", f"sqlite:///{tmp_path}/var/club.db")
    monkeypatch.setenv("PERKCHAT_ADMIN_IDS", "1001")
    return Settings.load()


# aiogram


def aiogram_shop(server: SandboxServer) -> tuple[Bot, Dispatcher, Router]:
    """Commands before the club, everything else behind it."""
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(server.url)))
    dispatcher, everything_else = Dispatcher(), Router()

    @dispatcher.message(CommandStart(deep_link=False))
    async def start(message: aio.Message) -> None:
        await message.answer("Welcome to the shop")

    @dispatcher.message(Command("menu"))
    async def menu(message: aio.Message) -> None:
        await message.answer("The shop's menu")

    @everything_else.message(F.text)
    async def hear(message: aio.Message) -> None:
        await message.answer(f"The shop heard {message.text}")

    @everything_else.inline_query()
    async def search(query: aio.InlineQuery) -> None:
        content = aio.InputTextMessageContent(message_text="A drink")
        await query.answer([aio.InlineQueryResultArticle(id="1", title="A drink", input_message_content=content)])

    return bot, dispatcher, everything_else


async def test_aiogram_as_on_the_page(
    server: SandboxServer, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, dispatcher, rest = aiogram_shop(server)
    program = run_recipe(monkeypatch, recipes()[0], bot=bot, dispatcher=dispatcher, everything_else=rest)
    polling = asyncio.create_task(program["main"]())
    await a_morning(telegram)
    await dispatcher.stop_polling()
    await polling
    nothing_was_answered_twice(telegram)
    assert set(telegram.updates.allowed) >= {"message", "callback_query", "inline_query"}


async def test_aiogram_with_the_clubs_intake(
    server: SandboxServer, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, dispatcher, rest = aiogram_shop(server)
    recipe = recipes()[0].replace("dispatcher.start_polling(bot)", "club.poll(dispatcher)")
    program = run_recipe(monkeypatch, recipe, bot=bot, dispatcher=dispatcher, everything_else=rest)
    polling = asyncio.create_task(program["main"]())
    await a_morning(telegram)
    polling.cancel()
    with suppress(asyncio.CancelledError):
        await polling
    await bot.session.close()
    nothing_was_answered_twice(telegram)


# python-telegram-bot


def ptb_shop(server: SandboxServer, *, concurrent: bool = False, **hooks: Any) -> Host:
    async def start(update: ptb.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text("Welcome to the shop")

    async def menu(update: ptb.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text("The shop's menu")

    async def hear(update: ptb.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"The shop heard {update.message.text}")

    async def tapped(update: ptb.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.callback_query is not None
        await update.callback_query.answer("The shop")

    async def search(update: ptb.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.inline_query is not None
        content = ptb.InputTextMessageContent("A drink")
        await update.inline_query.answer([ptb.InlineQueryResultArticle("1", "A drink", content)])

    builder = ApplicationBuilder().token(TOKEN).base_url(f"{server.url}/bot").base_file_url(f"{server.url}/file/bot")
    builder = builder.concurrent_updates(concurrent)
    for name, hook in hooks.items():
        builder = getattr(builder, name)(hook)
    # Non-blocking handlers are the harder case: the club must not become one.
    application: Host = builder.defaults(ptb.ext.Defaults(block=not concurrent)).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CommandHandler("menu", menu))
    application.add_handler(MessageHandler(filters.ALL, hear))
    application.add_handler(CallbackQueryHandler(tapped))
    application.add_handler(InlineQueryHandler(search))
    return application


@asynccontextmanager
async def by_hand(application: Host, club: GuestOfPtb) -> AsyncIterator[None]:
    """As a host does that has other things in its event loop."""
    assert application.updater is not None
    async with application:
        await club.start()
        await application.updater.start_polling(timeout=1, allowed_updates=ptb.Update.ALL_TYPES)
        await application.start()
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()
            await club.stop()


@pytest.mark.parametrize("concurrent", [False, True], ids=["one by one", "concurrent"])
async def test_python_telegram_bot(
    server: SandboxServer, telegram: Telegram, settings: Settings, concurrent: bool
) -> None:
    application = ptb_shop(server, concurrent=concurrent)
    club = mount(application, settings)
    async with by_hand(application, club):
        await a_morning(telegram)
    nothing_was_answered_twice(telegram)


class Thread:
    """A program that owns its thread and its event loop, as `run_polling` does."""

    def __init__(self, application: Host) -> None:
        self.application, self.loop = application, asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.application.run_polling(timeout=1, allowed_updates=ptb.Update.ALL_TYPES, stop_signals=None)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.application.stop_running)
        await asyncio.to_thread(self._thread.join, 15)
        assert not self._thread.is_alive()


async def test_python_telegram_bot_as_on_the_page(
    server: SandboxServer, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def hook(name: str) -> Callable[[Host], Any]:
        async def note(_application: Host) -> None:
            called.append(name)

        return note

    application = ptb_shop(server, post_init=hook("init"), post_shutdown=hook("shutdown"))
    program = run_recipe(monkeypatch, recipes()[1], application=application)
    assert "application.run_polling(allowed_updates=Update.ALL_TYPES)" in recipes()[1]
    thread = Thread(application)
    thread.start()
    try:
        await a_morning(telegram)
    finally:
        await thread.stop()
    nothing_was_answered_twice(telegram)
    assert called == ["init", "shutdown"]
    assert not program["club"].is_open


async def test_a_club_that_was_not_opened_says_so_and_the_host_goes_on(
    server: SandboxServer, telegram: Telegram, settings: Settings
) -> None:
    application, errors = ptb_shop(server), list[object]()

    async def heard(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        errors.append(context.error)

    application.add_error_handler(heard)
    mount(application, settings)
    assert application.updater is not None
    async with application:
        await application.updater.start_polling(timeout=1)
        await application.start()
        ana = Customer(telegram, "Ana")
        await ana.says("/points", "The shop heard /points")
        await application.updater.stop()
        await application.stop()
    assert [str(error) for error in errors] == [
        "The club is not open: `await club.start()` after `application.initialize()`."
    ]


@pytest.fixture
def tap() -> ptb.CallbackQuery:
    """A tap on a button of the club, as an application with arbitrary_callback_data hands it on."""
    chat, user = ptb.Chat(5, "private"), ptb.User(5, "Ana", False)
    unknown: Any = InvalidCallbackData(f"{MARK}checkin")
    keyboard = ptb.InlineKeyboardMarkup([[ptb.InlineKeyboardButton("Check in", callback_data=unknown)]])
    message = ptb.Message(7, ptb.constants.ZERO_DATE, chat, text="0 points", reply_markup=keyboard)
    return ptb.CallbackQuery("9", user, "5", message=message, data=unknown)


def test_what_arbitrary_callback_data_made_of_our_buttons_is_put_right(tap: ptb.CallbackQuery) -> None:
    update = aio.Update.model_validate(as_sent(ptb.Update(1, callback_query=tap)))
    assert update.callback_query is not None
    assert update.callback_query.data == f"{MARK}checkin"
    assert isinstance(update.callback_query.message, aio.Message)
    markup = update.callback_query.message.reply_markup
    assert markup is not None
    assert markup.inline_keyboard[0][0].callback_data == f"{MARK}checkin"
