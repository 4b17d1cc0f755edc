"""Filters of our own. Async, because aiogram runs a plain one on a thread each time it is tried."""

from __future__ import annotations

import re
from typing import Any

from aiogram.enums import ChatType, ContentType
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, ChatMemberUpdated, InlineQuery, Message

_PASTED = re.compile(r"[?&]start=[a-z]_\S+\s*$", re.IGNORECASE)
# What people say, by kind; the rest is what somebody did to the chat.
SAID = frozenset(
    {
        ContentType.UNKNOWN,
        ContentType.ANY,
        ContentType.TEXT,
        ContentType.RICH_MESSAGE,
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.DOCUMENT,
        ContentType.PAID_MEDIA,
        ContentType.PHOTO,
        ContentType.LIVE_PHOTO,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
        ContentType.CHECKLIST,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.GAME,
        ContentType.POLL,
        ContentType.GIVEAWAY,
        ContentType.GIVEAWAY_WINNERS,
        ContentType.VENUE,
        ContentType.LOCATION,
        ContentType.INVOICE,
    }
)


class DeepLink(Filter):
    """`/start <prefix>_<rest>`: hands the rest to the handler as `payload`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        link = parse_start(message.text)
        return {"payload": link[1]} if link is not None and link[0] == self.prefix else False


class Shared(Filter):
    """An inline query `<prefix>_<rest>`: hands the rest to the handler as `payload`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    async def __call__(self, query: InlineQuery) -> bool | dict[str, Any]:
        prefix, _, rest = query.query.partition("_")
        return {"payload": rest} if prefix == self.prefix else False


class Searched(Filter):
    """An inline query of words, or of nothing yet: whatever no feature knows the beginning of."""

    async def __call__(self, query: InlineQuery) -> bool:
        return True


class AmongMany(Filter):
    """What happens before the eyes of others, as opposed to one's own chat with the bot. A card that was shared inline
    may be anywhere."""

    async def __call__(self, event: Message | CallbackQuery | ChatMemberUpdated) -> bool:
        message = event.message if isinstance(event, CallbackQuery) else event
        return message is None or message.chat.type != ChatType.PRIVATE


class Moved(Filter):
    """A group tells that it is a supergroup now, under another id."""

    async def __call__(self, message: Message) -> bool:
        return message.migrate_to_chat_id is not None


class Recognised(Filter):
    """What staff type without being asked, and no feature has a word for: the one that listens looks whether it knows
    it, and skips what it does not."""

    async def __call__(self, message: Message, raw_state: str | None = None) -> bool:
        return raw_state is None and bool(message.text)


def has_link(message: Message) -> bool:
    """Whether a deep link was pasted."""
    return _PASTED.search(message.text or "") is not None


def is_service(message: Message) -> bool:
    """Whether it tells what somebody did to the chat (pinned something, set a timer, changed the picture), not what
    somebody says. What a later version of Telegram brings may be either, so it counts as said."""
    return message.content_type not in SAID


def parse_start(text: str | None) -> tuple[str, str] | None:
    """Prefix and rest of a deep link's payload ("/start r_ABC" -> ("r", "ABC")), None for a plain start.

    Somebody may have typed it, with the capitals that a phone puts at the beginning.
    """
    words = (text or "").split(maxsplit=1)
    if len(words) < 2 or words[0].partition("@")[0].casefold() != "/start":
        return None
    prefix, _, rest = words[1].strip().partition("_")
    return prefix.casefold(), rest


class Albums:
    """Pictures that are sent together come as a message each. The first one of an album is answered, the others are
    not. They come within a second, one after the other, so a restart forgets nothing that matters."""

    KEPT = 1000

    def __init__(self) -> None:
        self._first: dict[tuple[int, str], int] = {}

    def is_first(self, message: Message) -> bool:
        """True also for what is in no album, and for the first one when it is handled again."""
        if message.media_group_id is None:
            return True
        while len(self._first) >= self.KEPT:
            del self._first[next(iter(self._first))]
        album = (message.chat.id, message.media_group_id)
        return self._first.setdefault(album, message.message_id) == message.message_id
