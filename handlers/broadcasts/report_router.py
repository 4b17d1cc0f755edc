from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import reports, shop_reports
from handlers.broadcasts.report_callbacks import (
    GetFigures,
    GetShopSent,
    ShowClubSent,
    ShowFigures,
    ShowPicture,
    ShowShopSent,
)
from handlers.reply import send_document, show
from handlers.roles import OPERATOR, staff_with
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="broadcast_reports")
    marketer = staff_with(Right.BROADCAST)
    for register, button in (
        (figures, ShowFigures),
        (picture, ShowPicture),
        (file, GetFigures),
        (shop_page, ShowShopSent),
        (shop_file, GetShopSent),
    ):
        router.callback_query.register(register, button.filter(), flags=marketer)
    router.message.register(club_command, Command("broadcasts"), flags=OPERATOR)
    router.callback_query.register(club_page, ShowClubSent.filter(), flags=OPERATOR)
    return router


async def figures(
    query: CallbackQuery, callback_data: ShowFigures, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    report = await run(club.broadcast_reports.report, member, callback_data.broadcast_id)
    await show(query, reports.full(report, member, texts))


async def picture(
    query: CallbackQuery, callback_data: ShowPicture, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    report = await run(club.broadcast_reports.report, member, callback_data.broadcast_id)
    drawn = await asyncio.to_thread(reports.draw, report, texts)
    await show(
        query, reports.full(report, member, texts) if drawn is None else reports.drawn(report, member, texts, drawn)
    )


async def file(
    query: CallbackQuery, callback_data: GetFigures, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    report = await run(club.broadcast_reports.report, member, callback_data.broadcast_id)
    await send_document(query, reports.sheet(report, member, texts), reports.caption(report, member, texts))


async def shop_page(
    query: CallbackQuery, callback_data: ShowShopSent, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    merchant_id, period, before = callback_data.merchant_id, callback_data.period, callback_data.before
    seen = await run(club.broadcast_reports.of_shop, member, merchant_id, period, before or None)
    await show(query, shop_reports.page(seen, member, texts))


async def shop_file(
    query: CallbackQuery, callback_data: GetShopSent, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    merchant_id, period = callback_data.merchant_id, callback_data.period
    seen = await run(club.broadcast_reports.file_of_shop, member, merchant_id, period)
    await send_document(query, shop_reports.sheet(seen, member, texts), shop_reports.caption(seen, texts))


async def club_command(message: Message, texts: Texts, club: Club, run: Run) -> None:
    await show(message, shop_reports.club(await run(club.broadcast_reports.of_club), 0, texts))


async def club_page(query: CallbackQuery, callback_data: ShowClubSent, texts: Texts, club: Club, run: Run) -> None:
    await show(query, shop_reports.club(await run(club.broadcast_reports.of_club), callback_data.after, texts))
