"""The operator looks at what shops want to send, and says yes or no."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import approval_screens as screens
from handlers.broadcasts.callbacks import Approvals, Approve, Decline, ShowApproval
from handlers.broadcasts.reading import Reader
from handlers.broadcasts.screens import PREVIEW
from handlers.broadcasts.screens import message as broadcast_message
from handlers.broadcasts.states import BroadcastForm
from handlers.forms import open_form
from handlers.refusals import words
from handlers.reply import Album, send_screen, show
from handlers.roles import OPERATOR
from locales.texts import Texts
from loyalty.errors import BroadcastRefused, Refusal
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club

BROADCAST = "broadcast_id"


def register(router: Router) -> None:
    router.message.register(approvals, Command("approvals"), flags=OPERATOR)
    router.callback_query.register(page, Approvals.filter(), flags=OPERATOR)
    router.callback_query.register(look, ShowApproval.filter(), flags=OPERATOR)
    router.callback_query.register(approve, Approve.filter(), flags=OPERATOR)
    router.callback_query.register(decline, Decline.filter(), flags=OPERATOR)
    router.message.register(reason, StateFilter(BroadcastForm.reason), flags=OPERATOR)


async def approvals(message: Message, texts: Texts, club: Club, run: Run) -> None:
    waiting, older_than = await run(club.approvals.page)
    await show(message, screens.page(waiting, older_than, texts, is_first=True))


async def page(query: CallbackQuery, callback_data: Approvals, texts: Texts, club: Club, run: Run) -> None:
    waiting, older_than = await run(club.approvals.page, callback_data.before or None)
    await show(query, screens.page(waiting, older_than, texts, is_first=not callback_data.before))


async def look(
    query: CallbackQuery,
    callback_data: ShowApproval,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    state: FSMContext,
) -> None:
    """Each version as members will see it, and below them the facts. Also the way out of the form."""
    await state.clear()
    seen = await run(club.approvals.card, callback_data.broadcast_id)
    await query.answer()
    reader = Reader(member.first_name, member.tier)
    for variant in seen.draft.content.variants:
        looked_at = broadcast_message(seen.draft.content, texts, PREVIEW, variant=variant, reader=reader)
        await send_screen(bot, query.from_user.id, looked_at, album)
    await send_screen(bot, query.from_user.id, screens.card(seen, member.zone, texts))


async def approve(
    query: CallbackQuery, callback_data: Approve, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    approved = await run(club.approvals.approve, member, callback_data.broadcast_id)
    await show(query, screens.approved(approved, member.zone, texts))


async def decline(
    query: CallbackQuery, callback_data: Decline, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    broadcast = (await run(club.approvals.card, callback_data.broadcast_id)).draft
    await open_form(state, BroadcastForm.reason, **{BROADCAST: broadcast.id})
    await show(query, screens.ask_reason(broadcast, texts))


async def reason(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    broadcast_id: int = (await state.get_data()).get(BROADCAST, 0)
    try:
        declined = await run(club.approvals.decline, member, broadcast_id, message.text or "")
    except Refusal as refusal:
        if not isinstance(refusal, BroadcastRefused) or refusal.reason != "reason":
            await state.clear()
            raise
        broadcast = (await run(club.approvals.card, broadcast_id)).draft
        await show(message, screens.ask_reason(broadcast, texts, words(texts, refusal, member.zone)))
        return
    await state.clear()
    await show(message, screens.declined(declined, texts))
