"""A bare echo bot, as aiogram's documentation writes it. `uvloop` as argument runs it on uvloop."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message) -> None:
    await message.answer(message.text or "")


async def main() -> None:
    api = TelegramAPIServer.from_base(os.environ["PERKCHAT_TELEGRAM_API"])
    bot = Bot(os.environ["PERKCHAT_BOT_TOKEN"], session=AiohttpSession(api=api))
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    if "uvloop" in sys.argv:
        uvloop.run(main())
    else:
        asyncio.run(main())
