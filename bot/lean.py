"""The courier's road to Telegram: a screen goes as JSON, and of the answer to it only that it went well is read.

aiogram's road costs several times as much: a model of what is sent, a form, and a model of everything that Telegram
repeats about a message which we have just written ourselves.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import SendMessage, SendPhoto
from aiohttp import ClientError, ClientTimeout
from yarl import URL

from bot.telegram import Session
from handlers.reply import Album, send_screen
from handlers.screens import Screen

HEADERS = {"Content-Type": "application/json"}
UNREAD_S = 0.5
DONE = b'{"ok":true,'


async def send(bot: Bot, chat_id: int, screen: Screen, album: Album) -> None:
    """`send_screen` for who looks at nothing of what was sent. Raises what aiogram does.

    A picture whose file is not known yet, and a bot with another session, take aiogram's road.
    """
    session = bot.session
    file_id = None if screen.picture is None else album.known(bot, screen.picture)
    if isinstance(session, LeanSession) and (screen.picture is None or file_id is not None):
        await session.send(bot, chat_id, screen, file_id)
    else:
        await send_screen(bot, chat_id, screen, album)


class LeanSession(Session):
    """Knows a way around aiogram's models, besides the one through them."""

    async def send(self, bot: Bot, chat_id: int, screen: Screen, file_id: str | None) -> None:
        method = SendMessage if file_id is None else SendPhoto
        session = await self.create_session()
        try:
            async with (
                _patience(self.timeout),
                session.post(
                    URL(self.api.api_url(bot.token, method.__api_method__)),
                    data=body(chat_id, screen, file_id),
                    headers=HEADERS,
                    timeout=ClientTimeout(None),
                ) as answer,
            ):
                status, content = answer.status, await answer.read()
        except TimeoutError as error:
            raise TelegramNetworkError(_as_method(chat_id, screen, file_id), "Request timeout error") from error
        except ClientError as error:
            said = f"{type(error).__name__}: {error}"
            raise TelegramNetworkError(_as_method(chat_id, screen, file_id), said) from error
        if status != HTTPStatus.OK or not content.startswith(DONE):
            self.check_response(bot, _as_method(chat_id, screen, file_id), status, content.decode(errors="replace"))


@asynccontextmanager
async def _patience(seconds: float) -> AsyncIterator[None]:
    """Raises TimeoutError after so long. A program that was paused meanwhile finds its time over and the answer here,
    unread; it reads that first, or what was sent would be sent again."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as limit:
        over = loop.call_later(seconds, lambda: limit.reschedule(loop.time() + UNREAD_S))
        try:
            yield
        finally:
            over.cancel()


def body(chat_id: int, screen: Screen, file_id: str | None) -> bytes:
    """What sendMessage, or with a file's id sendPhoto, is called with."""
    words = json.dumps(screen.text)
    said = f'"text":{words}' if file_id is None else f'"photo":{json.dumps(file_id)},"caption":{words}'
    keyboard = screen.keyboard_json
    markup = f',"reply_markup":{keyboard}' if keyboard else ""
    return f'{{"chat_id":{chat_id},"parse_mode":"HTML",{said}{markup}}}'.encode()


def _as_method(chat_id: int, screen: Screen, file_id: str | None) -> SendMessage | SendPhoto:
    """For errors: they tell what was tried."""
    if file_id is None:
        return SendMessage(chat_id=chat_id, text=screen.text, parse_mode=ParseMode.HTML)
    return SendPhoto(chat_id=chat_id, photo=file_id, caption=screen.text, parse_mode=ParseMode.HTML)
