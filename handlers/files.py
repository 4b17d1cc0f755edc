"""Documents as answers."""

from __future__ import annotations

from aiogram.types import BufferedInputFile, CallbackQuery


async def send_file(query: CallbackQuery, name: str, content: bytes) -> None:
    """Answers a tap with a document of that name, in a message of its own. Telegram takes none that is empty."""
    bot = query.bot
    assert bot is not None
    await query.answer()
    await bot.send_document(query.from_user.id, BufferedInputFile(content, name))
