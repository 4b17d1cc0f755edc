"""A client that nobody here wrote: python-telegram-bot, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    MenuButtonCommands,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from sandbox import Telegram
from sandbox.model import Person
from sandbox.server import SandboxServer
from tests.sandbox.kit import last_text, picture, until

pytestmark = pytest.mark.peer

JOIN = InlineKeyboardMarkup([[InlineKeyboardButton("Join", callback_data="join")]])
App = Application[Any, Any, Any, Any, Any, Any]


@pytest.fixture
async def bot(server: SandboxServer) -> AsyncIterator[Bot]:
    async with Bot("42:SANDBOX", base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot") as bot:
        yield bot


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text("*Welcome*", parse_mode=ParseMode.MARKDOWN_V2, reply_markup=JOIN)


async def join(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query is not None
    await update.callback_query.answer("You are in")
    await update.callback_query.edit_message_text("Joined")


async def offer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.inline_query is not None
    content = InputTextMessageContent("Offer")
    await update.inline_query.answer([InlineQueryResultArticle("1", "Offer", content, reply_markup=JOIN)])


async def echo_photo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    file = await update.message.photo[-1].get_file()
    await update.message.reply_photo(bytes(await file.download_as_bytearray()), caption="Back")


@pytest.fixture
async def polling(server: SandboxServer) -> AsyncIterator[App]:
    app: App = (
        ApplicationBuilder()
        .token("42:SANDBOX")
        .base_url(f"{server.url}/bot")
        .base_file_url(f"{server.url}/file/bot")
        .build()
    )
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(join))
    app.add_handler(InlineQueryHandler(offer))
    app.add_handler(MessageHandler(filters.PHOTO, echo_photo))
    async with app:
        assert app.updater is not None
        await app.updater.start_polling(timeout=5, allowed_updates=Update.ALL_TYPES)
        await app.start()
        yield app
        server.telegram.people.add_person("Last")
        await app.updater.stop()
        await app.stop()


@pytest.mark.usefixtures("polling")
async def test_a_conversation_by_polling(telegram: Telegram, ana: Person) -> None:
    telegram.people.say(ana.id, "/start")
    number = await last_text(telegram, ana.id, "Welcome")
    tap = telegram.people.tap(ana.id, number, text="Join")
    await last_text(telegram, ana.id, "Joined")
    assert tap.query is not None
    assert tap.query.answer is not None
    assert tap.query.answer.text == "You are in"

    query = telegram.people.inline_query(ana.id, "")
    await until(lambda: query.answer is not None)
    message = telegram.people.choose_inline(ana.id, query.id, "1")
    telegram.people.tap(ana.id, message["message_id"], text="Join")
    await last_text(telegram, ana.id, "Joined")

    content = picture()
    telegram.people.send_photo(ana.id, content)
    chat = telegram.world.chats[ana.id]
    await until(lambda: list(chat.messages.values())[-1].get("caption") == "Back")
    file = telegram.world.files.find(list(chat.messages.values())[-1]["photo"][-1]["file_id"])
    assert file is not None
    assert file.content == content


async def test_sends_in_every_form(telegram: Telegram, bot: Bot, ana: Person) -> None:
    first = await bot.send_message(
        ana.id,
        "<b>Bold</b>",
        parse_mode=ParseMode.HTML,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=JOIN,
    )
    assert [entity.type for entity in first.entities] == ["bold"]
    assert first.reply_markup == JOIN
    reply = await bot.send_message(
        ana.id,
        "Yes",
        reply_to_message_id=first.message_id,
        reply_markup=ReplyKeyboardMarkup([["Points", "Rewards"]], resize_keyboard=True),
    )
    assert reply.reply_to_message is not None
    album = await bot.send_media_group(ana.id, [InputMediaPhoto(picture(), caption="One"), InputMediaPhoto(picture())])
    assert len(album) == 2
    edited = await bot.edit_message_text("Other", ana.id, first.message_id)
    assert edited is not True
    await bot.edit_message_reply_markup(ana.id, first.message_id, reply_markup=JOIN)
    photo = await bot.send_photo(ana.id, picture(), caption="A")
    await bot.edit_message_caption(ana.id, photo.message_id, caption="B")
    again = await bot.send_photo(ana.id, photo.photo[-1])
    assert again.photo[-1].file_id == photo.photo[-1].file_id
    document = await bot.send_document(ana.id, b"content", filename="terms.pdf")
    assert document.document is not None
    assert document.document.mime_type == "application/pdf"
    assert await bot.delete_message(ana.id, first.message_id)
    assert await bot.set_message_reaction(ana.id, reply.message_id, "👍")


async def test_the_bots_own_settings(telegram: Telegram, bot: Bot, ana: Person) -> None:
    assert bot.username == "perkchat_bot"
    scope = BotCommandScopeChat(ana.id)
    await bot.set_my_commands([BotCommand("points", "My points")], scope=scope, language_code="en")
    assert (await bot.get_my_commands(scope=scope, language_code="en"))[0].command == "points"
    await bot.set_chat_menu_button(ana.id, MenuButtonCommands())
    assert await bot.get_chat_menu_button(ana.id) == MenuButtonCommands()
    group = telegram.groups.create("Friends", [ana.id])
    assert await bot.get_chat_member_count(group.id) == 2
    assert (await bot.get_chat_administrators(group.id))[0].user.id == ana.id
    assert (await bot.get_chat(group.id)).title == "Friends"
    assert await bot.leave_chat(group.id)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_refusals_are_its_own_exceptions(
    server: SandboxServer, telegram: Telegram, bot: Bot, ana: Person
) -> None:
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "Hi")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x" * 65)]])
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        await bot.send_message(ana.id, "Hi", reply_markup=keyboard)
    with pytest.raises(BadRequest, match="Unknown field"):
        await bot.send_message(ana.id, "Hi", api_kwargs={"colour": "red"})
    with pytest.raises(NetworkError, match="the sandbox has not"):
        await bot.send_dice(ana.id)
    telegram.limits.flood(7)
    with pytest.raises(RetryAfter, match="7"):
        await bot.send_message(ana.id, "Hi")
    telegram.people.block(ana.id)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "Hi")
    telegram.people.unblock(ana.id)
    group = telegram.groups.create("Friends", [ana.id])
    new = telegram.groups.upgrade(group.id)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group.id, "Hi")
    assert moved.value.new_chat_id == new.id
    with pytest.raises(InvalidToken):
        await Bot("43:WRONG", base_url=f"{server.url}/bot").initialize()


async def test_one_poll_at_a_time(server: SandboxServer, telegram: Telegram, bot: Bot, ana: Person) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.1)
    async with Bot("42:SANDBOX", base_url=f"{server.url}/bot") as other:
        second = asyncio.create_task(other.get_updates(timeout=5))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        telegram.people.say(ana.id, "Hi")
        assert [update.message.text for update in await second if update.message] == ["Hi"]
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
