from __future__ import annotations

from collections.abc import Callable

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers.broadcasts import (
    approval,
    card,
    follow,
    links,
    preview,
    progress_screens,
    screens,
    times,
    wording,
)
from handlers.broadcasts.callbacks import (
    AskAgain,
    AskToSend,
    CallOff,
    History,
    Pause,
    Resume,
    Send,
    ShowStanding,
)
from handlers.reply import show
from handlers.roles import staff_with
from locales.texts import Texts
from loyalty.broadcasts import Shown, Standing
from loyalty.members import Address, Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="broadcasts")
    marketer = staff_with(Right.BROADCAST)
    for step in (card, wording, links, times, preview, approval, follow):
        step.register(router)
    for register, button in (
        (ask_to_send, AskToSend),
        (ask_again, AskAgain),
        (send, Send),
        (pause, Pause),
        (resume, Resume),
        (call_off, CallOff),
        (show_standing, ShowStanding),
        (history, History),
    ):
        router.callback_query.register(register, button.filter(), flags=marketer)
    return router


# On its way


async def ask_to_send(
    query: CallbackQuery, callback_data: AskToSend, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    question = await run(club.broadcasts.ask, member, callback_data.broadcast_id)
    await show(query, progress_screens.ask_to_send(question, member.zone, texts))


async def ask_again(
    query: CallbackQuery, callback_data: AskAgain, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    question = await run(club.broadcasts.ask, member, callback_data.broadcast_id)
    await show(query, progress_screens.ask_again(question, texts))


async def send(
    query: CallbackQuery,
    callback_data: Send,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    operators: frozenset[int],
) -> None:
    """The message that asked becomes the one in which progress is drawn."""
    shown = Shown(str(query.from_user.id), query.message.message_id if query.message is not None else 0)
    standing = await run(
        club.broadcasts.start,
        member,
        callback_data.broadcast_id,
        nonce=callback_data.nonce,
        shown=shown,
        operators=[Address(member.address.channel, str(operator)) for operator in operators],
    )
    await show(query, screens.standing(standing, texts, member.zone))


async def pause(query: CallbackQuery, callback_data: Pause, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await _turn(query, club.broadcasts.pause, callback_data.broadcast_id, member, texts, run)


async def resume(
    query: CallbackQuery, callback_data: Resume, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _turn(query, club.broadcasts.resume, callback_data.broadcast_id, member, texts, run)


async def call_off(
    query: CallbackQuery, callback_data: CallOff, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _turn(query, club.broadcasts.cancel, callback_data.broadcast_id, member, texts, run)


async def show_standing(
    query: CallbackQuery, callback_data: ShowStanding, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _turn(query, club.broadcasts.standing, callback_data.broadcast_id, member, texts, run)


async def _turn(
    query: CallbackQuery,
    use_case: Callable[[Member, int], Standing],
    broadcast_id: int,
    member: Member,
    texts: Texts,
    run: Run,
) -> None:
    await show(query, screens.standing(await run(use_case, member, broadcast_id), texts, member.zone))


async def history(
    query: CallbackQuery,
    callback_data: History,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    merchant_id, before = callback_data.merchant_id, callback_data.before
    page, older_than = await run(club.broadcasts.history, member, merchant_id, before or None)
    await show(query, screens.history(merchant_id, page, older_than, member.zone, texts, is_first=not before))
