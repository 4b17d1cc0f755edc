"""Whom a command means: where what was typed fits several members, the operator picks one, and the command goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware, Router
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers.directory import Directory
from handlers.fields import Number, Short
from handlers.roles import OPERATOR
from handlers.screens import Screen, button, shortened
from locales.texts import Texts
from loyalty.errors import NotFound, SeveralMembers
from loyalty.ports import Run
from loyalty.services import Club

Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Meant(CallbackData, prefix="meant"):
    """This member, in the place of what stands from `start` to `end` of the command that the question answers."""

    member_id: Number
    start: Short
    end: Short


class AsksWhom(BaseMiddleware):
    """Around the commands that name a member. The question is a reply to the command, by which that is found again."""

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        try:
            return await handler(event, data)
        except SeveralMembers as several:
            if not isinstance(event, Message) or event.text is None:
                raise
            screen = question(several, event.text, data["texts"])
            return await event.reply(screen.text, parse_mode=ParseMode.HTML, reply_markup=screen.keyboard)


def setup() -> Router:
    router = Router(name="meant")
    router.callback_query.register(pick, Meant.filter(), flags=OPERATOR)
    return router


def question(several: SeveralMembers, command: str, texts: Texts) -> Screen:
    start = command.find(several.typed, command.find(" "))
    rows = [
        [
            button(
                f"{texts.person(shortened(one.name))} · {one.code}",
                Meant(member_id=one.id, start=start, end=start + len(several.typed)),
            )
        ]
        for one in several.people
    ]
    lines = [texts("Several members fit {typed}. Whom do you mean?", typed=several.typed)]
    if several.has_more:
        lines.append(texts("There are more of them. The code of the card, or all of the phone, finds one alone."))
    return Screen("\n".join(lines), rows)


def ways_to_name(texts: Texts) -> str:
    """Below how a command goes, which shows a code."""
    return texts("In the place of the code a card's code, a member number or a phone will do, too.")


async def pick(query: CallbackQuery, callback_data: Meant, directory: Directory, **data: Any) -> None:
    run: Run = data["run"]
    club: Club = data["club"]
    member = await run(club.operators.member, callback_data.member_id)
    asked = query.message
    command = asked.reply_to_message if isinstance(asked, Message) else None
    if command is None or command.text is None:
        raise NotFound("command")
    await query.answer()
    with suppress(TelegramBadRequest):
        await asked.edit_reply_markup(reply_markup=None)  # type: ignore[union-attr]
    text = f"{command.text[: callback_data.start]}{member.code}{command.text[callback_data.end :]}"
    heard = command.model_copy(update={"text": text, "entities": None, "from_user": query.from_user})
    await directory.hear(heard, data | {"directory": directory})
