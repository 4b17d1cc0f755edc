"""Answers to the one who spoke: a new message for a message, an edit in place for a tap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InaccessibleMessage,
    InputMediaPhoto,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from handlers.screens import Document, Screen, StoredPicture, plain
from loyalty.pictures import Picture

TOAST_MAX = 200
CAPTION_MAX = 1024
# It was deleted meanwhile, is too old, or is no text after all.
GONE = ("message to edit not found", "message can't be edited", "there is no text in the message to edit")

LoadPicture = Callable[[int], Awaitable[Picture | None]]
RememberPicture = Callable[[int, str, str], Awaitable[None]]
RememberVoucher = Callable[[int, str, int], Awaitable[None]]


class Album:
    """Stored pictures on their way to Telegram: each is uploaded once per bot. It also notes which messages show the
    code of a voucher."""

    def __init__(
        self, load: LoadPicture, remember: RememberPicture, remember_voucher: RememberVoucher | None = None
    ) -> None:
        self._load, self._remember, self._remember_voucher = load, remember, remember_voucher
        self._known: dict[tuple[str, int], str] = {}  # so that a picture for thousands is not loaded for each of them

    def known(self, bot: Bot, picture: bytes | StoredPicture) -> str | None:
        """The id of its file at the channel, if that is known without a look into the database."""
        return None if isinstance(picture, bytes) else self._known.get((_channel(bot), picture.id))

    async def file(self, bot: Bot, picture: bytes | StoredPicture) -> BufferedInputFile | str | None:
        if isinstance(picture, bytes):
            return BufferedInputFile(picture, "picture.png")
        if (known := self.known(bot, picture)) is not None:
            return known
        stored = await self._load(picture.id)
        if stored is None:
            return None
        if (file_id := stored.file_ids.get(_channel(bot))) is not None:
            self._known[_channel(bot), picture.id] = file_id
        return file_id or BufferedInputFile(stored.content, f"{picture.id}.png")

    async def keep(self, bot: Bot, picture: bytes | StoredPicture, sent: Message | bool) -> None:
        if not isinstance(picture, StoredPicture) or (_channel(bot), picture.id) in self._known:
            return
        if isinstance(sent, Message) and sent.photo:
            await self._remember(picture.id, _channel(bot), sent.photo[-1].file_id)

    async def note(self, screen: Screen, shown: Message | None) -> None:
        """What has just been shown in a chat."""
        if screen.voucher_id is not None and shown is not None and self._remember_voucher is not None:
            await self._remember_voucher(screen.voucher_id, str(shown.chat.id), shown.message_id)


def wish_of(event: Message | CallbackQuery) -> str:
    """Names the one tap or message, the same when it is handled again after a crash."""
    return f"tap:{event.id}"[:64] if isinstance(event, CallbackQuery) else f"said:{event.chat.id}:{event.message_id}"


async def show(
    event: Message | CallbackQuery, screen: Screen, album: Album | None = None, *, said: str = "", alert: bool = False
) -> Message | None:
    """Answers with a screen. A tap redraws the message that it came from; where that cannot be, a new one is sent to
    whoever tapped. What was shared by inline mode stands before the eyes of others and never becomes a screen: those
    cards are the painter's.

    `said` stands over the chat besides, for a tap: as a line that goes by itself, or as an alert that waits for OK.
    """
    shown = await _show(event, screen, album, said=said, alert=alert)
    if album is not None:
        await album.note(screen, shown)
    return shown


async def _show(
    event: Message | CallbackQuery, screen: Screen, album: Album | None, *, said: str, alert: bool
) -> Message | None:
    if isinstance(event, Message):
        return await send(event, screen, album)
    await toast(event, said, alert=alert)
    message = event.message
    if message is None or isinstance(message, InaccessibleMessage):
        return await _send_to(event, screen, album)
    if bool(message.photo) != (screen.picture is not None) or message.document is not None:
        # Telegram cannot turn a text into a picture, nor a file into a text: the old one stays and loses its buttons.
        with suppress(TelegramBadRequest):
            await message.edit_reply_markup(reply_markup=None)
        return await send(message, screen, album)
    try:
        return await _edit(message, screen, album)
    except TelegramBadRequest as error:
        if not any(words in error.message for words in GONE):
            raise
        return await send(message, screen, album)


async def send(message: Message, screen: Screen, album: Album | None = None) -> Message:
    """A new message in the chat of `message`."""
    bot = message.bot
    assert bot is not None
    return await send_screen(bot, message.chat.id, screen, album, topic=topic_of(message))


def topic_of(message: Message) -> int | None:
    """The thread of a forum in which a message is; None elsewhere, and in the general topic, which is not named."""
    return message.message_thread_id if message.is_topic_message else None


async def send_screen(
    bot: Bot, chat_id: int, screen: Screen, album: Album | None = None, *, topic: int | None = None
) -> Message:
    file = None
    if screen.picture is not None:
        file = await (album or NO_ALBUM).file(bot, screen.picture)
    if file is None or screen.picture is None:
        return await bot.send_message(
            chat_id,
            screen.text,
            parse_mode=ParseMode.HTML,
            reply_markup=screen.keyboard,
            message_thread_id=topic,
        )
    sent = await bot.send_photo(
        chat_id,
        file,
        caption=screen.text,
        parse_mode=ParseMode.HTML,
        reply_markup=screen.keyboard,
        message_thread_id=topic,
    )
    if album is not None:
        await album.keep(bot, screen.picture, sent)
    return sent


async def send_document(event: Message | CallbackQuery, document: Document, screen: Screen | None = None) -> Message:
    """A file, with the screen's text under it. It is a new message for a tap too: the one that was tapped stays.

    Telegram takes none that is empty.
    """
    bot = event.bot
    assert bot is not None
    if isinstance(event, CallbackQuery):
        await event.answer()
    return await bot.send_document(
        event.from_user.id if isinstance(event, CallbackQuery) else event.chat.id,
        BufferedInputFile(document.content, document.name),
        caption=screen.text if screen is not None else None,
        parse_mode=ParseMode.HTML,
        reply_markup=screen.keyboard if screen is not None else None,
    )


async def send_keys(
    event: Message | CallbackQuery, words: str, keys: ReplyKeyboardMarkup | ReplyKeyboardRemove
) -> None:
    """A line with keys in the place of the person's own keyboard. They stay until `put_keys_away`."""
    bot = event.bot
    assert bot is not None
    chat_id = event.from_user.id if isinstance(event, CallbackQuery) else event.chat.id
    await bot.send_message(chat_id, words, parse_mode=ParseMode.HTML, reply_markup=keys)


async def put_keys_away(event: Message | CallbackQuery, words: str) -> None:
    """Telegram takes keys away with a message only, so it says something."""
    await send_keys(event, words, ReplyKeyboardRemove())


async def redraw(bot: Bot, chat_id: int, message_id: int, screen: Screen) -> None:
    """Draws a message again that somebody got some time ago; one that is as it should be stays."""
    if isinstance(screen.picture, bytes):
        media = InputMediaPhoto(
            media=BufferedInputFile(screen.picture, "picture.png"), caption=screen.text, parse_mode=ParseMode.HTML
        )
        edit = bot.edit_message_media(media, chat_id=chat_id, message_id=message_id, reply_markup=screen.keyboard)
    else:
        edit = bot.edit_message_text(
            screen.text, chat_id=chat_id, message_id=message_id, parse_mode=ParseMode.HTML, reply_markup=screen.keyboard
        )
    await _unless_unchanged(edit)


async def toast(query: CallbackQuery, words: str, *, alert: bool = False) -> None:
    """A line over the chat that goes by itself, or an alert that waits for OK."""
    await query.answer(plain(words)[:TOAST_MAX] or None, show_alert=alert)


async def _send_to(query: CallbackQuery, screen: Screen, album: Album | None) -> Message:
    bot = query.bot
    assert bot is not None
    return await send_screen(bot, query.from_user.id, screen, album)


async def _edit(message: Message, screen: Screen, album: Album | None) -> Message | None:
    bot = message.bot
    assert bot is not None
    if screen.picture is None:
        await _unless_unchanged(message.edit_text(screen.text, parse_mode=ParseMode.HTML, reply_markup=screen.keyboard))
        return message
    file = await (album or NO_ALBUM).file(bot, screen.picture)
    if file is None:
        return await send(message, screen)
    edited = await _unless_unchanged(
        message.edit_media(
            InputMediaPhoto(media=file, caption=screen.text, parse_mode=ParseMode.HTML),
            reply_markup=screen.keyboard,
        )
    )
    if album is not None and edited is not None:
        await album.keep(bot, screen.picture, edited)
    return message


async def _unless_unchanged(edit: Awaitable[Message | bool]) -> Message | bool | None:
    """Editing a message into what it is already is an error to Telegram and none to us: the tap came twice."""
    try:
        return await edit
    except TelegramBadRequest as error:
        if "message is not modified" in error.message:
            return None
        raise


def _channel(bot: Bot) -> str:
    return f"telegram:{bot.id}"


async def _nothing_stored(_picture_id: int) -> Picture | None:
    return None


async def _nothing_kept(_picture_id: int, _channel: str, _file_id: str) -> None:
    return None


NO_ALBUM = Album(_nothing_stored, _nothing_kept)
