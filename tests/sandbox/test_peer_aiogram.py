"""A client that nobody here wrote: aiogram, over HTTP."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command, CommandStart
from aiogram.methods import SendDice, SendMessage, TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BufferedInputFile,
    CallbackQuery,
    ChosenInlineResult,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    LabeledPrice,
    LinkPreviewOptions,
    Message,
    PreCheckoutQuery,
    ReplyParameters,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from sandbox import Telegram
from sandbox.model import Person
from sandbox.server import SandboxServer
from sandbox.weather import Weather
from tests.sandbox.kit import last_text, picture, until

pytestmark = pytest.mark.peer

JOIN = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Join", callback_data="join")]])


def client(server: SandboxServer, token: str = "42:SANDBOX") -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))


@pytest.fixture
async def bot(server: SandboxServer) -> AsyncIterator[Bot]:
    bot = client(server)
    yield bot
    await bot.session.close()


def conversation() -> Dispatcher:
    """A small bot with one of everything."""
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart(deep_link=True))
    async def start(message: Message) -> None:
        await message.answer("<b>Welcome</b> & hello".replace("&", "&amp;"), reply_markup=JOIN)

    @dispatcher.callback_query(F.data == "join")
    async def join(query: CallbackQuery, bot: Bot) -> None:
        await query.answer("You are in", show_alert=True)
        if query.inline_message_id:
            await bot.edit_message_text("Full", inline_message_id=query.inline_message_id)
        elif isinstance(query.message, Message):
            await query.message.edit_text("Joined")

    @dispatcher.inline_query()
    async def offer(query: InlineQuery) -> None:
        content = InputTextMessageContent(message_text=f"Offer: <i>{query.query}</i>")
        result = InlineQueryResultArticle(id="1", title="Offer", input_message_content=content, reply_markup=JOIN)
        await query.answer([result], cache_time=1, is_personal=True)

    @dispatcher.chosen_inline_result()
    async def chosen(result: ChosenInlineResult) -> None:
        assert result.inline_message_id

    @dispatcher.pre_checkout_query()
    async def checkout(query: PreCheckoutQuery) -> None:
        await query.answer(ok=True)

    @dispatcher.message(F.successful_payment)
    async def paid(message: Message) -> None:
        assert message.successful_payment is not None
        await message.answer(f"Paid {message.successful_payment.total_amount}")

    @dispatcher.message(F.photo)
    async def echo_photo(message: Message, bot: Bot) -> None:
        assert message.photo
        content = await bot.download(message.photo[-1])
        assert content is not None
        await message.answer_photo(BufferedInputFile(content.read(), "back.png"), caption=message.caption)

    @dispatcher.message(Command("direct"))
    async def direct(message: Message) -> TelegramMethod[Message]:
        return message.answer("Answered in the webhook's own response")

    return dispatcher


@pytest.fixture
async def polling(bot: Bot) -> AsyncIterator[None]:
    dispatcher = conversation()
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=5))
    yield
    with suppress(RuntimeError):  # it may not have started
        await dispatcher.stop_polling()
    await asyncio.wait_for(task, 5)


@pytest.mark.usefixtures("polling")
async def test_a_conversation_by_polling(telegram: Telegram, ana: Person) -> None:
    telegram.people.open_link(ana.id, "https://t.me/perkchat_bot?start=ref_7")
    number = await last_text(telegram, ana.id, "Welcome & hello")
    tap = telegram.people.tap(ana.id, number, text="Join")
    await last_text(telegram, ana.id, "Joined")
    assert tap.query is not None
    assert tap.query.answer is not None
    assert (tap.query.answer.text, tap.query.answer.show_alert) == ("You are in", True)


@pytest.mark.usefixtures("polling")
async def test_inline_mode_between_friends(telegram: Telegram, ana: Person) -> None:
    bo = telegram.people.add_person("Bo")
    query = telegram.people.inline_query(ana.id, "tea", chat_id=bo.id)
    await until(lambda: query.answer is not None)
    message = telegram.people.choose_inline(ana.id, query.id, "1", chat_id=bo.id)
    assert message["via_bot"]["username"] == "perkchat_bot"
    assert (message["text"], message["entities"][0]["type"]) == ("Offer: tea", "italic")
    telegram.people.tap(bo.id, message["message_id"], text="Join", chat_id=ana.id)
    await last_text(telegram, message["chat"]["id"], "Full")


@pytest.mark.usefixtures("polling")
async def test_a_photo_goes_up_and_down_unchanged(telegram: Telegram, ana: Person) -> None:
    content = picture(900, 500)
    sent = telegram.people.send_photo(ana.id, content, caption="For you")
    chat = telegram.world.chats[ana.id]
    await until(lambda: len(chat.messages) > 2)
    back = list(chat.messages.values())[-1]
    assert back["caption"] == "For you"
    assert back["photo"][-1]["file_id"] != sent["photo"][-1]["file_id"]
    file = telegram.world.files.find(back["photo"][-1]["file_id"])
    assert file is not None
    assert (file.content, file.width, file.height) == (content, 900, 500)


@pytest.mark.usefixtures("polling")
async def test_paying_with_stars_and_getting_them_back(telegram: Telegram, bot: Bot, ana: Person) -> None:
    invoice = await bot.send_invoice(
        ana.id,
        "Gift",
        "A gift card",
        "gift:1",
        currency="XTR",
        prices=[LabeledPrice(label="Gift", amount=50)],
    )
    checkout = telegram.people.pay(ana.id, invoice.message_id)
    await last_text(telegram, ana.id, "Paid 50")
    assert checkout.answer is not None
    assert checkout.answer.message is not None
    charge = checkout.answer.message["successful_payment"]["telegram_payment_charge_id"]
    assert await bot.refund_star_payment(ana.id, charge)
    with pytest.raises(TelegramBadRequest, match="CHARGE_ALREADY_REFUNDED"):
        await bot.refund_star_payment(ana.id, charge)


async def test_a_conversation_by_webhook(server: SandboxServer, telegram: Telegram, bot: Bot, ana: Person) -> None:
    app = web.Application()
    SimpleRequestHandler(conversation(), bot, handle_in_background=False, secret_token="s3cret").register(app, "/hook")
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="s3cret")
        with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        telegram.people.say(ana.id, "/direct")
        await last_text(telegram, ana.id, "Answered in the webhook's own response")
        telegram.people.open_link(ana.id, "https://t.me/perkchat_bot?start=x")
        number = await last_text(telegram, ana.id, "Welcome & hello")
        telegram.people.tap(ana.id, number, data="join")
        await last_text(telegram, ana.id, "Joined")
        # An update is delivered when the hook has answered, which is after the bot has spoken.
        async with asyncio.timeout(5):
            while (await bot.get_webhook_info()).pending_update_count:
                await asyncio.sleep(0.02)
    finally:
        await runner.cleanup()


async def test_sends_in_every_form(telegram: Telegram, bot: Bot, ana: Person) -> None:
    first = await bot.send_message(
        ana.id,
        "<b>Bold</b> and https://example.com",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=JOIN,
    )
    assert first.entities is not None
    assert [entity.type for entity in first.entities] == ["bold", "url"]
    assert first.reply_markup is not None
    assert first.reply_markup.inline_keyboard[0][0].callback_data == "join"
    reply = await bot.send_message(ana.id, "Yes", reply_parameters=ReplyParameters(message_id=first.message_id))
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == first.message_id

    album = await bot.send_media_group(
        ana.id,
        [
            InputMediaPhoto(media=BufferedInputFile(picture(), "one.png"), caption="<i>Menu</i>"),
            InputMediaPhoto(media=BufferedInputFile(picture(), "two.png")),
        ],
    )
    assert len({message.media_group_id for message in album}) == 1
    document = await bot.send_document(ana.id, BufferedInputFile(b"a;b", "list.csv"))
    assert document.document is not None
    assert (document.document.file_name, document.document.mime_type) == ("list.csv", "text/csv")
    back = await bot.download(document.document, destination=io.BytesIO())
    assert back is not None
    assert back.read() == b"a;b"

    changed = await bot.edit_message_media(
        InputMediaPhoto(media=BufferedInputFile(picture(), "new.png"), caption="New"),
        chat_id=ana.id,
        message_id=first.message_id,
        reply_markup=JOIN,
    )
    assert isinstance(changed, Message)
    assert changed.photo
    assert await bot.send_chat_action(ana.id, "typing")
    assert (await bot.copy_message(ana.id, ana.id, reply.message_id)).message_id
    assert (await bot.forward_message(ana.id, ana.id, reply.message_id)).forward_origin
    assert (await bot.send_location(ana.id, 31.2, 121.5)).location
    assert await bot.pin_chat_message(ana.id, reply.message_id)
    pinned = (await bot.get_chat(ana.id)).pinned_message
    assert pinned is not None
    assert pinned.message_id == reply.message_id
    assert await bot.delete_messages(ana.id, [first.message_id, reply.message_id])


async def test_the_bots_own_settings(telegram: Telegram, bot: Bot, ana: Person) -> None:
    me = await bot.get_me()
    assert (me.username, me.supports_inline_queries) == ("perkchat_bot", True)
    commands = [BotCommand(command="points", description="My points")]
    await bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats())
    (got,) = await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert (got.command, got.description) == ("points", "My points")
    assert telegram.people.menu(ana.id)["commands"] == [{"command": "points", "description": "My points"}]
    await bot.set_my_description("积分俱乐部", language_code="zh")
    assert (await bot.get_my_description(language_code="zh")).description == "积分俱乐部"
    assert (await bot.get_chat_menu_button()).type == "commands"
    member = await bot.get_chat_member(ana.id, ana.id)
    assert member.status == "member"


async def test_refusals_are_aiograms_own_exceptions(
    server: SandboxServer, telegram: Telegram, bot: Bot, ana: Person
) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(1, "Hi")
    with pytest.raises(TelegramBadRequest, match='Unsupported start tag "x"'):
        await bot.send_message(ana.id, "<x>")
    with pytest.raises(TelegramServerError, match="the sandbox has not"):
        await bot(SendDice(chat_id=ana.id))
    telegram.limits.flood(7)
    with pytest.raises(TelegramRetryAfter) as flood:
        await bot.send_message(ana.id, "Hi")
    assert flood.value.retry_after == 7
    telegram.people.block(ana.id)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(ana.id, "Hi")
    telegram.people.unblock(ana.id)
    group = telegram.groups.create("Friends", [ana.id])
    new = telegram.groups.upgrade(group.id)
    with pytest.raises(TelegramMigrateToChat) as moved:
        await bot.send_message(group.id, "Hi")
    assert moved.value.migrate_to_chat_id == new.id
    stranger = client(server, "43:WRONG")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await stranger.session.close()


async def test_unknown_methods_and_fields(bot: Bot, ana: Person) -> None:
    class SendMessageOfTomorrow(SendMessage):
        colour: str = "red"

    class NoSuchMethod(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "noSuchMethod"

    with pytest.raises(TelegramBadRequest, match='unknown field "colour"'):
        await bot(SendMessageOfTomorrow(chat_id=ana.id, text="Hi"))
    with pytest.raises(TelegramNotFound):
        await bot(NoSuchMethod())


async def test_a_second_poll_ends_the_first(bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    second.cancel()
    with suppress(asyncio.CancelledError):
        await second


async def test_lost_requests_and_lost_answers(server: SandboxServer, telegram: Telegram, bot: Bot, ana: Person) -> None:
    count = len(telegram.world.chats[ana.id].messages)
    server.sky.weather = Weather(loss=1)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ana.id, "Hi")
    assert len(telegram.world.chats[ana.id].messages) == count
    server.sky.weather = Weather(lost_answers=1)
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ana.id, "Hi")
    assert len(telegram.world.chats[ana.id].messages) == count + 1
    server.sky.weather = Weather(down=True)
    with pytest.raises(TelegramAPIError):
        await bot.get_me()
    server.sky.weather = Weather()
    assert await bot.get_me()
