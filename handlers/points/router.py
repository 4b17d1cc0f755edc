from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.pictures.charts import ChartsUnavailable, bars
from handlers.points import screens
from handlers.points.callbacks import CheckIn, ListMovements, PointsPage, ShowHistory, ShowWhy
from handlers.points.why import why as why_screen
from handlers.refusals import words
from handlers.reply import show, wish_of
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.errors import NotFound
from loyalty.members import Member
from loyalty.months import Month
from loyalty.movements import Totals
from loyalty.ports import Run
from loyalty.services import Club

EARNED, SPENT, EXPIRED = "#2e9e6b", "#d9822b", "#9a93a8"


def setup() -> Router:
    router = Router(name="points")
    router.message.register(points, Command("points"), flags=MEMBER)
    router.callback_query.register(page, PointsPage.filter(), flags=MEMBER)
    router.callback_query.register(filtered, ListMovements.filter(), flags=MEMBER)
    router.callback_query.register(why, ShowWhy.filter(), flags=MEMBER)
    router.callback_query.register(history, ShowHistory.filter(), flags=MEMBER)
    router.message.register(check_in, Command("checkin"), flags=MEMBER)
    router.callback_query.register(check_in, CheckIn.filter(), flags=MEMBER)
    return router


async def points(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.overview(await run(club.points.overview, member.id), member, texts))


async def page(
    query: CallbackQuery, callback_data: PointsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.points.overview, member.id, callback_data.before or None)
    await show(query, screens.overview(seen, member, texts))


async def filtered(
    query: CallbackQuery, callback_data: ListMovements, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.points.overview, member.id, callback_data.before or None, callback_data.shown)
    await show(query, screens.overview(seen, member, texts))


async def why(query: CallbackQuery, callback_data: ShowWhy, member: Member, texts: Texts, club: Club, run: Run) -> None:
    shown, before = callback_data.shown, callback_data.before
    try:
        seen = await run(club.points.why, member.id, callback_data.movement_id)
    except NotFound as refusal:
        own = await run(club.points.overview, member.id, before or None, shown)
        said = words(texts, refusal, member.zone)
        await show(query, screens.overview(own, member, texts), said=said, alert=True)
    else:
        await show(query, why_screen(seen, ListMovements(shown=shown, before=before), member, texts))


async def history(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    months = await run(club.points.history, member)
    await show(query, screens.history(months, texts, await asyncio.to_thread(_chart, months, texts)))


async def check_in(event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    result = await run(club.points.check_in, member, wish_of(event))
    await show(event, screens.checked_in(result, texts))


def _chart(months: Sequence[tuple[Month, Totals]], texts: Texts) -> bytes | None:
    """What came and went, month by month; without the extra `charts` the figures have to do."""
    labels = [texts.month(month.year, month.number, is_short=True) for month, _ in months]
    try:
        return bars(
            plain(texts("Your points, month by month")),
            labels,
            [
                (plain(texts("Earned")), EARNED, [totals.earned for _, totals in months]),
                (plain(texts("Spent")), SPENT, [-totals.spent for _, totals in months]),
                (plain(texts("Expired")), EXPIRED, [-totals.expired for _, totals in months]),
            ],
            plain(texts("points")),
            empty=plain(texts("Nothing here yet")),
        )
    except ChartsUnavailable:
        return None
