"""What the operator keeps an eye on: who tries codes, and who looks phones up."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.admin import watch_screens as screens
from handlers.admin.callbacks import ClubLookups, SuspectsPage
from handlers.reply import show
from handlers.roles import OPERATOR
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="watch")
    router.message.register(guesses, Command("guesses"), flags=OPERATOR)
    router.callback_query.register(more_guesses, SuspectsPage.filter(), flags=OPERATOR)
    router.callback_query.register(lookups, ClubLookups.filter(), flags=OPERATOR)
    return router


async def guesses(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.operators.suspects)
    await show(message, screens.suspects(seen, member.zone, texts))


async def more_guesses(
    query: CallbackQuery, callback_data: SuspectsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.operators.suspects, callback_data.before or None)
    await show(query, screens.suspects(seen, member.zone, texts))


async def lookups(
    query: CallbackQuery, callback_data: ClubLookups, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.operators.lookups, callback_data.before or None)
    await show(query, screens.lookups(seen, member.zone, texts))
