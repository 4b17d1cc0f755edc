"""Taking over a member number from before."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.claims import screens
from handlers.claims.callbacks import LeaveNumber, TakeNumber
from handlers.claims.states import NumberForm
from handlers.filters import DeepLink
from handlers.links import Links
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import MEMBER, OPERATOR
from locales.texts import Texts
from loyalty.errors import ClaimRefused
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="claims")
    router.message.register(open_link, DeepLink("m"), flags=MEMBER)
    router.message.register(number, Command("number"), flags=MEMBER)
    router.message.register(typed, StateFilter(NumberForm.code), flags=MEMBER)
    router.callback_query.register(take, TakeNumber.filter(), flags=MEMBER)
    router.callback_query.register(leave, LeaveNumber.filter(), flags=MEMBER)
    router.message.register(issue, Command("claim"), flags=OPERATOR)
    return router


async def open_link(
    message: Message, payload: str, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    await _propose(message, payload, member, texts, club, run, state)


async def number(
    message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """`/number 7F3K-9QWE-2XH4P` asks whether that is meant; `/number` asks for the code."""
    if command.args:
        await _propose(message, command.args, member, texts, club, run, state)
    else:
        await _open_form(message, texts, state)


async def typed(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    await _propose(message, message.text or "", member, texts, club, run, state)


async def take(
    query: CallbackQuery, callback_data: TakeNumber, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.taken(await run(club.claims.claim, member, callback_data.code), texts))


async def leave(query: CallbackQuery, texts: Texts, state: FSMContext) -> None:
    await state.clear()
    await show(query, screens.left(texts))


async def issue(
    message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run, links: Links
) -> None:
    if not command.args:
        await show(message, screens.how_to_issue(texts))
        return
    issued = await run(club.claims.issue, command.args)
    await show(message, screens.issued(issued, member.zone, texts, links))


async def _propose(
    message: Message, code: str, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """The question that a code leads to; if it leads to none, why, and the form is open."""
    try:
        offered = await run(club.claims.look, member, code)
    except ClaimRefused as refusal:
        await _open_form(message, texts, state, words(texts, refusal, member.zone))
    else:
        await state.clear()
        await show(message, screens.question(offered, texts))


async def _open_form(message: Message, texts: Texts, state: FSMContext, complaint: str | None = None) -> None:
    await state.set_state(NumberForm.code)
    await show(message, screens.ask(texts, complaint))
