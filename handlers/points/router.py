from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.points import screens
from handlers.points.callbacks import CheckIn, PointsPage
from handlers.reply import show
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="points")
    router.message.register(points, Command("points"))
    router.callback_query.register(page, PointsPage.filter())
    router.message.register(check_in, Command("checkin"))
    router.callback_query.register(check_in, CheckIn.filter())
    return router


async def points(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.overview(await run(club.points.overview, member.id), member, texts))


async def page(
    query: CallbackQuery, callback_data: PointsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.points.overview, member.id, callback_data.before or None)
    await show(query, screens.overview(seen, member, texts))


async def check_in(event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(event, screens.checked_in(await run(club.points.check_in, member), texts))
