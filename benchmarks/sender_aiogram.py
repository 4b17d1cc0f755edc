"""A bare loop that sends, as aiogram's documentation writes it: for each line on its standard input, a message to each
of that many people, CONCURRENCY at a time. `uvloop` as argument runs it on uvloop."""

from __future__ import annotations

import asyncio
import os
import sys

import uvloop
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from benchmarks.crowd import FIRST_ID, WORDS

CONCURRENCY = 50


async def main() -> None:
    api = TelegramAPIServer.from_base(os.environ["PERKCHAT_TELEGRAM_API"])
    bot = Bot(os.environ["PERKCHAT_BOT_TOKEN"], session=AiohttpSession(api=api))
    while line := await asyncio.to_thread(sys.stdin.readline):
        people = iter(range(FIRST_ID, FIRST_ID + int(line)))

        async def send() -> None:
            for chat_id in people:  # noqa: B023 - ends with the line
                buttons = [
                    InlineKeyboardButton(text="Why this?", callback_data=f"bwhy:{chat_id}"),
                    InlineKeyboardButton(text="Stop offers", callback_data=f"bconsent:{chat_id}:0"),
                ]
                keyboard = InlineKeyboardMarkup(inline_keyboard=[buttons])
                await bot.send_message(chat_id, f"<b>Bean Bar</b>\n\n{WORDS}", parse_mode="HTML", reply_markup=keyboard)

        await asyncio.gather(*(send() for _ in range(CONCURRENCY)))


if __name__ == "__main__":
    if "uvloop" in sys.argv:
        uvloop.run(main())
    else:
        asyncio.run(main())
