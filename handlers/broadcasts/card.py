"""The draft as a whole: begun, shown, put away and brought back, copied, confirmed as being about something."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import card_screens as screens
from handlers.broadcasts import wording
from handlers.broadcasts.callbacks import (
    Compose,
    CopyToDraft,
    DeleteDraft,
    RestoreDraft,
    Revise,
    SetTopic,
    ShowDraft,
    ShowTopics,
)
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import staff_with
from locales.texts import Texts
from loyalty.errors import BroadcastRefused
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.draft_steps import Card


def register(router: Router) -> None:
    marketer = staff_with(Right.BROADCAST)
    router.message.register(broadcast, Command("broadcast"), flags=marketer)
    router.callback_query.register(compose, Compose.filter(), flags=marketer)
    router.callback_query.register(show_draft, ShowDraft.filter(), flags=marketer)
    router.callback_query.register(delete, DeleteDraft.filter(), flags=marketer)
    router.callback_query.register(restore, RestoreDraft.filter(), flags=marketer)
    router.callback_query.register(copy, CopyToDraft.filter(), flags=marketer)
    router.callback_query.register(revise, Revise.filter(), flags=marketer)
    router.callback_query.register(show_topics, ShowTopics.filter(), flags=marketer)
    router.callback_query.register(set_topic, SetTopic.filter(), flags=marketer)


async def broadcast(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    shops = await run(club.broadcasts.shops, member)
    if len(shops) > 1:
        await show(message, screens.choose_shop(shops, texts))
    else:
        await _open(message, await run(club.broadcasts.draft, member, shops[0].merchant_id), member, texts, state)


async def compose(
    query: CallbackQuery,
    callback_data: Compose,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await _open(query, await run(club.broadcasts.draft, member, callback_data.merchant_id), member, texts, state)


async def _open(event: Message | CallbackQuery, card: Card, member: Member, texts: Texts, state: FSMContext) -> None:
    """A new draft begins with its text; one that was begun is shown."""
    if card.draft.content.text:
        await state.clear()
        await show(event, screens.card(card, member.zone, texts))
        return
    await wording.ask_text(event, card.draft, texts, state)


async def show_draft(
    query: CallbackQuery,
    callback_data: ShowDraft,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, screens.card(card, member.zone, texts))


async def delete(
    query: CallbackQuery,
    callback_data: DeleteDraft,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    draft = await run(club.broadcasts.delete, member, callback_data.broadcast_id)
    await state.clear()
    await show(query, screens.deleted(draft, texts))


async def restore(
    query: CallbackQuery, callback_data: RestoreDraft, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    try:
        card = await run(club.broadcasts.restore, member, callback_data.broadcast_id)
    except BroadcastRefused as refusal:
        await _in_the_way(query, refusal, member, texts)
    else:
        await show(query, screens.card(card, member.zone, texts))


async def copy(
    query: CallbackQuery, callback_data: CopyToDraft, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    broadcast_id = callback_data.broadcast_id
    try:
        card = await run(club.broadcasts.copy, member, broadcast_id, replaces=callback_data.replaces)
    except BroadcastRefused as refusal:
        await _in_the_way(query, refusal, member, texts, broadcast_id)
    else:
        await show(query, screens.card(card, member.zone, texts))


async def revise(
    query: CallbackQuery, callback_data: Revise, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    try:
        card = await run(club.broadcasts.revise, member, callback_data.broadcast_id)
    except BroadcastRefused as refusal:
        await _in_the_way(query, refusal, member, texts)
    else:
        await show(query, screens.card(card, member.zone, texts))


async def _in_the_way(
    query: CallbackQuery, refusal: BroadcastRefused, member: Member, texts: Texts, copied_id: int | None = None
) -> None:
    """Another draft is: which one goes on is for its author to say."""
    draft_id = refusal.facts.get("draft_id")
    if not isinstance(draft_id, int):
        raise refusal
    await show(query, screens.other_draft(words(texts, refusal, member.zone), draft_id, texts, copied_id))


async def show_topics(
    query: CallbackQuery, callback_data: ShowTopics, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, screens.topics(card.draft, texts))


async def set_topic(
    query: CallbackQuery, callback_data: SetTopic, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.set_topic, member, callback_data.broadcast_id, callback_data.topic)
    await show(query, screens.card(card, member.zone, texts))
