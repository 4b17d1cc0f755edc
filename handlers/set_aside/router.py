from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.reply import show
from handlers.roles import OPERATOR
from handlers.set_aside import screens
from handlers.set_aside.callbacks import HandleAgain, LetBe, SetAsidePage
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="set_aside")
    router.message.register(updates, Command("updates"), flags=OPERATOR)
    router.callback_query.register(page, SetAsidePage.filter(), flags=OPERATOR)
    router.callback_query.register(again, HandleAgain.filter(), flags=OPERATOR)
    router.callback_query.register(let_be, LetBe.filter(), flags=OPERATOR)
    return router


async def updates(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await _show(message, 0, member, texts, club, run)


async def page(
    query: CallbackQuery, callback_data: SetAsidePage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _show(query, callback_data.after, member, texts, club, run)


async def again(
    query: CallbackQuery, callback_data: HandleAgain, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await run(club.set_aside.again, str(callback_data.update_id))
    await _show(query, 0, member, texts, club, run, said=texts("It is handled again in a few seconds."))


async def let_be(
    query: CallbackQuery, callback_data: LetBe, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await run(club.set_aside.skip, str(callback_data.update_id))
    await _show(query, 0, member, texts, club, run, said=texts("Skipped. Nobody handles it any more."))


async def _show(
    event: Message | CallbackQuery, after: int, member: Member, texts: Texts, club: Club, run: Run, *, said: str = ""
) -> None:
    found, has_more = await run(club.set_aside.page, after)
    await show(event, screens.page(found, after, has_more, member, texts), said=said)
