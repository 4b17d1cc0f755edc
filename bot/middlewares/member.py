"""Who speaks: the member, their words, and the hats they wear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, InlineQuery, InlineQueryResultsButton, Message, TelegramObject, User

from handlers.directory import command_of
from handlers.filters import parse_start
from handlers.group_buys.callbacks import JoinGroup, OpenHere, PostDeal, ShowGroup
from handlers.group_buys.payloads import ID_DIGITS
from handlers.group_buys.screens import DEAL_LINK, SHARE
from handlers.links import WAY_IN, Links
from handlers.reply import show
from handlers.screens import plain
from handlers.start.screens import only_in_private
from locales import texts_for
from loyalty.members import Address, Language, language_for
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.members import Enrolment, Speaker

CHANNEL = "telegram"
# The deep link behind a button whose first field is what it is about.
LINK_OF = {
    JoinGroup.__prefix__: SHARE,
    ShowGroup.__prefix__: SHARE,
    OpenHere.__prefix__: DEAL_LINK,
    PostDeal.__prefix__: DEAL_LINK,
}
Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


def address_of(user_id: int) -> Address:
    return Address(CHANNEL, str(user_id))


class MemberMiddleware(BaseMiddleware):
    """Hands `member`, `posts`, `texts` and `is_operator` on.

    Whoever writes to the bot becomes a member then. A tap by somebody who never did (in a group, or on a shared card)
    is answered with the way in.
    """

    def __init__(self, club: Club, run: Run, operators: frozenset[int], language: Language) -> None:
        self._club, self._run, self._operators, self._language = club, run, operators, language

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        if isinstance(event, Message) and event.migrate_to_chat_id is not None:
            return await handler(event, data)  # Telegram itself says that, whoever it names
        user: User | None = getattr(event, "from_user", None)
        if isinstance(event, Message) and event.sender_chat is not None and event.chat.type != "private":
            # An administrator who writes as the group: nobody's points are shown there, so nobody need be known.
            data |= {"member": None, "posts": (), "texts": texts_for(self._language), "is_operator": False}
            return await handler(event, data)
        if user is None or user.is_bot:
            if isinstance(event, CallbackQuery):
                await event.answer()
            return None
        speaker = await self._speaker(event, user, data)
        if speaker is None:
            return await self._show_the_way_in(event, user, data["links"])
        data["member"], data["posts"] = speaker.member, speaker.posts
        data["texts"] = texts_for(speaker.member.language)
        data["is_operator"] = user.id in self._operators
        return await handler(event, data)

    async def _speaker(self, event: TelegramObject, user: User, data: dict[str, Any]) -> Speaker | None:
        starts = isinstance(event, Message) and event.chat.type == "private" and command_of(event) == "start"
        if not starts:
            speaker = await self._run(self._club.members.speaker, address_of(user.id))
            if speaker is not None or not isinstance(event, Message) or event.chat.type != "private":
                return await self._back(speaker, user) if isinstance(event, Message) else speaker
        link = parse_start(event.text) if isinstance(event, Message) else None
        enrolment: Enrolment = await self._run(
            self._club.members.enrol,
            address_of(user.id),
            name=user.full_name,
            first_name=user.first_name,
            client_language=user.language_code,
            referral_code=link[1] if link is not None and link[0] == "r" else None,
        )
        data["enrolment"] = enrolment
        if enrolment.is_new:
            return Speaker(enrolment.member)
        return await self._run(self._club.members.speaker, address_of(user.id))

    async def _back(self, speaker: Speaker | None, user: User) -> Speaker | None:
        """Who writes to us can be written to, whatever we believed."""
        if speaker is not None and not speaker.member.is_reachable:
            await self._run(self._club.members.set_reachable, address_of(user.id), True)
        return speaker

    async def _show_the_way_in(self, event: TelegramObject, user: User, links: Links) -> None:
        texts = texts_for(language_for(user.language_code, self._language))
        match event:
            case CallbackQuery():
                # Telegram opens the bot for a link to it; the payload brings the newcomer back to what was tapped.
                await event.answer(url=links.start(_payload(event)))
            case InlineQuery():
                way_in = InlineQueryResultsButton(text=plain(texts("Start here first")), start_parameter=WAY_IN)
                await event.answer([], cache_time=0, is_personal=True, button=way_in)
            case Message():
                await show(event, only_in_private(texts, links))
            case _:
                pass


def _payload(query: CallbackQuery) -> str:
    """A tap on a group buy's button leads back to that group buy, or to the deal where nobody has opened one yet."""
    button, _, rest = (query.data or "").partition(":")
    number, link = rest.partition(":")[0], LINK_OF.get(button)
    is_number = number.isascii() and number.isdecimal() and len(number) <= ID_DIGITS
    return f"{link}_{number}" if link is not None and is_number else WAY_IN
