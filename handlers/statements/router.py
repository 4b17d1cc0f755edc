from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from handlers.refusals import words
from handlers.reply import send_document, show
from handlers.roles import MEMBER
from handlers.statements import screens
from handlers.statements.callbacks import GetStatement, PickMonth
from handlers.statements.sheet import sheet
from locales.texts import Texts
from loyalty.errors import NotFound
from loyalty.members import Member
from loyalty.months import Month, read_month
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="statements")
    router.message.register(statement, Command("statement"), flags=MEMBER)
    router.callback_query.register(pick_month, PickMonth.filter(), flags=MEMBER)
    router.callback_query.register(get_statement, GetStatement.filter(), flags=MEMBER)
    return router


async def statement(
    message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    first, last = club.points.months(member)
    if not command.args:
        await show(message, screens.months(first, last, last.year, texts))
    elif (month := read_month(command.args)) is None:
        await show(message, screens.months(first, last, last.year, texts, screens.unreadable(last, texts)))
    else:
        await _send(message, month, member, texts, club, run)


async def pick_month(query: CallbackQuery, callback_data: PickMonth, member: Member, texts: Texts, club: Club) -> None:
    await show(query, screens.months(*club.points.months(member), callback_data.year, texts))


async def get_statement(
    query: CallbackQuery, callback_data: GetStatement, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _send(query, Month(callback_data.year, callback_data.month), member, texts, club, run)


async def _send(
    event: Message | CallbackQuery, month: Month, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    try:
        found = await run(club.points.statement, member, month)
    except NotFound as refusal:
        said = words(texts, refusal, member.zone)
        first, last = club.points.months(member)
        above = said if isinstance(event, Message) else ""
        await show(event, screens.months(first, last, month.year, texts, above), said=said, alert=True)
    else:
        await send_document(event, sheet(found, month, member, texts), screens.caption(found, month, texts))
