"""What several tests of the box need."""

import asyncio
import io
from collections.abc import Callable

from PIL import Image

from sandbox import Telegram
from sandbox.model import Json

ARTICLE: Json = {
    "type": "article",
    "id": "1",
    "title": "Offer",
    "input_message_content": {"message_text": "<b>Offer</b>", "parse_mode": "HTML"},
    "reply_markup": {"inline_keyboard": [[{"text": "Join", "callback_data": "join"}]]},
}


def picture(width: int = 640, height: int = 480, kind: str = "PNG") -> bytes:
    """The bytes of a picture of that size."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(buffer, kind)
    return buffer.getvalue()


def updates(telegram: Telegram) -> list[Json]:
    """What is pending for the bot; confirmed, so that it does not come again."""
    taken: list[Json] = telegram.call("getUpdates")
    if taken:
        telegram.call("getUpdates", {"offset": taken[-1]["update_id"] + 1})
    return taken


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Waits for something that another task does; fails if it does not come."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)


async def last_text(telegram: Telegram, chat_id: int, text: str) -> int:
    """Waits until the chat's last message says `text`; its number."""
    messages = telegram.world.chats[chat_id].messages

    def said() -> bool:
        return list(messages.values())[-1].get("text") == text

    await until(said)
    return list(messages)[-1]
