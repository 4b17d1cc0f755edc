from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.privacy import screens
from handlers.privacy.callbacks import Privacy, PrivacyOn, PrivacyTopic
from handlers.reply import show
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="privacy")
    router.message.register(privacy, Command("privacy"), flags=MEMBER)
    router.callback_query.register(page, Privacy.filter(), flags=MEMBER)
    router.callback_query.register(on, PrivacyOn.filter(), flags=MEMBER)
    return router


async def privacy(message: Message, command: CommandObject, texts: Texts, club: Club) -> None:
    """`/privacy` in short, `/privacy rights` one topic alone."""
    asked = (command.args or "").strip().casefold()
    if asked in set(PrivacyTopic):
        await show(message, screens.on(PrivacyTopic(asked), club.programme, texts))
    else:
        await show(message, screens.privacy(club.programme, texts))


async def page(query: CallbackQuery, texts: Texts, club: Club) -> None:
    await show(query, screens.privacy(club.programme, texts))


async def on(query: CallbackQuery, callback_data: PrivacyOn, texts: Texts, club: Club) -> None:
    await show(query, screens.on(callback_data.topic, club.programme, texts))
