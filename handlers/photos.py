"""Photos that people send."""

from __future__ import annotations

from io import BytesIO

from aiogram import Bot
from aiogram.types import PhotoSize


async def content_of(photo: PhotoSize, bot: Bot) -> bytes:
    """What is in it. Telegram keeps files for a while only, we keep it for as long as it is needed."""
    content = BytesIO()
    await bot.download(photo, content)
    return content.getvalue()
