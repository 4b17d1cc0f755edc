"""Photos that people send."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from aiogram import Bot
from aiogram.types import Message, PhotoSize

from locales.texts import Texts

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


async def content_of(photo: PhotoSize, bot: Bot, check_size: Callable[[int], None]) -> bytes:
    """What is in it. Telegram keeps files for a while only, we keep it for as long as it is needed.

    `check_size` raises for too many bytes: at once where Telegram says how many there are, otherwise as soon as more
    have come, and the rest is not fetched.
    """
    check_size(photo.file_size or 0)
    content = _Checked(check_size)
    await bot.download(photo, content)
    return content.getvalue()


class _Checked(BytesIO):
    def __init__(self, check_size: Callable[[int], None]) -> None:
        super().__init__()
        self._check_size = check_size

    def write(self, chunk: ReadableBuffer, /) -> int:
        self._check_size(self.tell() + memoryview(chunk).nbytes)
        return super().write(chunk)


def one_of_album(message: Message, texts: Texts) -> str:
    """What is said over the answer to the first of several pictures; empty for one that came alone."""
    return texts("One picture fits here, so I took the first.") if message.media_group_id is not None else ""
