"""The buttons under a draft: where they lead and what they say."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import link_screens as screens
from handlers.broadcasts.callbacks import (
    AskAddress,
    AskLabel,
    LeadTo,
    PickTarget,
    RemoveLink,
    ShowLink,
    ShowLinks,
)
from handlers.broadcasts.states import BroadcastForm
from handlers.forms import open_form
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import staff_with
from handlers.screens import plain
from locales import texts_for
from locales.texts import Texts
from loyalty.broadcasts import Broadcast
from loyalty.errors import BroadcastRefused, NotFound, Refusal
from loyalty.members import Language, Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club

DRAFT = "broadcast_id"
MENDABLE = ("link", "label")


def register(router: Router) -> None:
    marketer = staff_with(Right.BROADCAST)
    router.callback_query.register(show_links, ShowLinks.filter(), flags=marketer)
    router.callback_query.register(show_link, ShowLink.filter(), flags=marketer)
    router.callback_query.register(ask_address, AskAddress.filter(), flags=marketer)
    router.callback_query.register(pick_target, PickTarget.filter(), flags=marketer)
    router.callback_query.register(lead_to, LeadTo.filter(), flags=marketer)
    router.callback_query.register(ask_label, AskLabel.filter(), flags=marketer)
    router.callback_query.register(remove, RemoveLink.filter(), flags=marketer)
    router.message.register(address, StateFilter(BroadcastForm.address), flags=marketer)
    router.message.register(label, StateFilter(BroadcastForm.label), flags=marketer)


async def show_links(
    query: CallbackQuery,
    callback_data: ShowLinks,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """Also the way out of a form."""
    await state.clear()
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, screens.links(card.draft, texts))


async def show_link(
    query: CallbackQuery,
    callback_data: ShowLink,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    draft = await _with_link(callback_data.broadcast_id, callback_data.place, member, club, run)
    await show(query, screens.link(draft, callback_data.place, texts))


async def _with_link(broadcast_id: int, place: int, member: Member, club: Club, run: Run) -> Broadcast:
    """The draft, which has a button at that place. Raises NotFound where it has none any more."""
    draft = (await run(club.broadcasts.card, member, broadcast_id)).draft
    if place >= len(draft.content.buttons):
        raise NotFound("button", place)
    return draft


async def ask_address(
    query: CallbackQuery,
    callback_data: AskAddress,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    draft = (await run(club.broadcasts.card, member, callback_data.broadcast_id)).draft
    await open_form(state, BroadcastForm.address, **{DRAFT: draft.id, "place": callback_data.place})
    await show(query, screens.ask_address(draft.id, texts))


async def address(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    draft_id, place = known[DRAFT], known["place"]
    others = {each.value: _read_more(texts_for(each)) for each in Language if each.value != texts.language}
    try:
        card = await run(
            club.broadcasts.link_to, member, draft_id, place, message.text or "", _read_more(texts), others
        )
    except Refusal as refusal:
        if not isinstance(refusal, BroadcastRefused) or refusal.reason not in MENDABLE:
            await state.clear()
            raise
        await show(message, screens.ask_address(draft_id, texts, words(texts, refusal, member.zone)))
        return
    await state.clear()
    await show(message, screens.link(card.draft, min(place, len(card.draft.content.buttons) - 1), texts))


def _read_more(texts: Texts) -> str:
    """What a link says until somebody types something better."""
    return plain(texts("Read more"))


async def pick_target(
    query: CallbackQuery, callback_data: PickTarget, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    asked = callback_data
    draft, page, more = await run(club.broadcasts.destinations, member, asked.broadcast_id, asked.leads, asked.after)
    await show(query, screens.targets(draft, asked.place, asked.leads, page, asked.after, more, texts))


async def lead_to(
    query: CallbackQuery, callback_data: LeadTo, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    to = callback_data
    card = await run(club.broadcasts.lead_to, member, to.broadcast_id, to.place, to.leads, to.target)
    await show(query, screens.link(card.draft, min(to.place, len(card.draft.content.buttons) - 1), texts))


async def ask_label(
    query: CallbackQuery,
    callback_data: AskLabel,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    place, language = callback_data.place, callback_data.language
    draft = await _with_link(callback_data.broadcast_id, place, member, club, run)
    await open_form(state, BroadcastForm.label, **{DRAFT: draft.id, "place": place, "language": language})
    await show(query, screens.ask_label(draft, place, language, texts))


async def label(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    draft_id, place, language = known[DRAFT], known["place"], known["language"]
    try:
        card = await run(club.broadcasts.label, member, draft_id, place, language, message.text or "")
    except Refusal as refusal:
        if not isinstance(refusal, BroadcastRefused) or refusal.reason not in MENDABLE:
            await state.clear()
            raise
        draft = await _with_link(draft_id, place, member, club, run)
        complaint = words(texts, refusal, member.zone)
        await show(message, screens.ask_label(draft, place, language, texts, complaint))
        return
    await state.clear()
    await show(message, screens.link(card.draft, place, texts))


async def remove(
    query: CallbackQuery, callback_data: RemoveLink, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    of = callback_data
    card = await run(club.broadcasts.remove_button, member, of.broadcast_id, of.place, of.count)
    await show(query, screens.links(card.draft, texts))
