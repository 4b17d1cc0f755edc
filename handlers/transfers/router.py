from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.refusals import words
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.transfers import screens
from handlers.transfers.callbacks import AskTransfer, LeaveTransfer, SendPoints
from handlers.transfers.commands import read_wish
from handlers.transfers.states import TransferForm
from locales.texts import Texts
from loyalty.errors import InvalidAmount, NotEnoughPoints, NotFound, TransferRefused
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="transfers")
    router.message.register(send, Command("send"), flags=MEMBER)
    router.callback_query.register(ask, AskTransfer.filter(), flags=MEMBER)
    router.message.register(typed, StateFilter(TransferForm.wish), flags=MEMBER)
    router.callback_query.register(confirm, SendPoints.filter(), flags=MEMBER)
    router.callback_query.register(leave, LeaveTransfer.filter(), flags=MEMBER)
    return router


async def send(
    message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """`/send ABCD2345 20` asks whether that is meant; `/send` asks what is."""
    if command.args:
        await _propose(message, command.args, member, texts, club, run, state)
    else:
        await _open_form(message, member, texts, club, run, state)


async def ask(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    await _open_form(query, member, texts, club, run, state)


async def typed(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    await _propose(message, message.text or "", member, texts, club, run, state)


async def confirm(
    query: CallbackQuery,
    callback_data: SendPoints,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    sent = await run(club.transfers.send, member, callback_data.code, callback_data.points, callback_data.nonce)
    if await state.get_state() == TransferForm.wish.state:
        await state.clear()
    await show(query, screens.sent(sent, texts))


async def leave(query: CallbackQuery, texts: Texts, state: FSMContext) -> None:
    await state.clear()
    await show(query, screens.left(texts))


async def _propose(
    message: Message, text: str, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """The question that what was typed leads to; if it leads to none, why, and the form is open."""
    wish = read_wish(text)
    if wish is None:
        await _open_form(message, member, texts, club, run, state, screens.misread(texts))
        return
    try:
        quote = await run(club.transfers.quote, member, wish.code, wish.points)
    except (NotFound, InvalidAmount, NotEnoughPoints, TransferRefused) as refusal:
        await _open_form(message, member, texts, club, run, state, words(texts, refusal, member.zone))
    else:  # where it was open, the form stays so: it may be typed again while the question waits
        await show(message, screens.question(quote, texts))


async def _open_form(
    event: Message | CallbackQuery,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
    complaint: str | None = None,
) -> None:
    await state.clear()  # where transfers are off, no form stays open
    allowed = await run(club.transfers.allowance, member)
    await state.set_state(TransferForm.wish)
    await show(event, screens.ask(allowed, texts, complaint))
