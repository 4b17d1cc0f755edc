from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.reply import send_document, show
from handlers.roles import OPERATOR, staff_with
from handlers.screens import Document
from handlers.settlements import screens
from handlers.settlements.callbacks import Settle, SettleFile, ShopStatement, ShopStatementFile
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.months import read_month
from loyalty.ports import Run
from loyalty.services import Club

OWNER = staff_with(Right.STATEMENT)


def setup() -> Router:
    router = Router(name="settlements")
    router.message.register(settle, Command("settle"), flags=OPERATOR)
    router.callback_query.register(month, Settle.filter(), flags=OPERATOR)
    router.callback_query.register(file, SettleFile.filter(), flags=OPERATOR)
    router.callback_query.register(shop_month, ShopStatement.filter(), flags=OWNER)
    router.callback_query.register(shop_file, ShopStatementFile.filter(), flags=OWNER)
    return router


async def settle(message: Message, command: CommandObject, texts: Texts, club: Club, run: Run) -> None:
    wanted = read_month(command.args or "")
    if command.args and wanted is None:
        await show(message, screens.how_to_settle(texts))
        return
    await show(message, screens.all_shops(await run(club.settlements.of_all, wanted), texts))


async def month(query: CallbackQuery, callback_data: Settle, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.settlements.of_all, read_month(callback_data.month))
    await show(query, screens.all_shops(seen, texts))


async def file(query: CallbackQuery, callback_data: SettleFile, club: Club, run: Run) -> None:
    made = await run(club.settlements.file, read_month(callback_data.month))
    await send_document(query, Document(made.name, made.content))


async def shop_month(
    query: CallbackQuery, callback_data: ShopStatement, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    wanted = read_month(callback_data.month)
    seen = await run(club.settlements.own, member.id, callback_data.merchant_id, wanted)
    await show(query, screens.one_shop(seen, texts))


async def shop_file(
    query: CallbackQuery, callback_data: ShopStatementFile, member: Member, club: Club, run: Run
) -> None:
    wanted = read_month(callback_data.month)
    made = await run(club.settlements.own_file, member.id, callback_data.merchant_id, wanted)
    await send_document(query, Document(made.name, made.content))
