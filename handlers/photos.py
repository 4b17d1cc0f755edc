"""Photos that people send."""

from __future__ import annotations

from io import BytesIO

from aiogram import Bot
from aiogram.types import Message, PhotoSize

from locales.texts import Texts


async def content_of(photo: PhotoSize, bot: Bot) -> bytes:
    """What is in it. Telegram keeps files for a while only, we keep it for as long as it is needed."""
    content = BytesIO()
    await bot.download(photo, content)
    return content.getvalue()


def one_of_album(message: Message, texts: Texts) -> str:
    """What is said over the answer to the first of several pictures; empty for one that came alone."""
    return texts("One picture fits here, so I took the first.") if message.media_group_id is not None else ""
