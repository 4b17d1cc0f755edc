"""Whom a draft means, built by taps. Every button leaves whatever form was open; an outdated one draws the segment
as it is now and changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.handler import CallableObject
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers.forms import open_form
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import staff_with
from handlers.segments import list_screens, screens, typed
from handlers.segments.callbacks import (
    AskName,
    ChooseSort,
    ChooseValue,
    DeleteList,
    Edit,
    EditPart,
    Overwrite,
    PutCondition,
    RestoreList,
    ShowList,
    ShowLists,
    ShowPart,
    ShowSamples,
    ShowSegment,
    StartFrom,
)
from handlers.segments.states import SegmentForm
from handlers.segments.value_screens import TYPED, Values
from locales.texts import Texts
from loyalty.errors import SegmentChanged
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.segment_choices import Choice
from loyalty.services import Club

Handler = Callable[..., Awaitable[None]]


def setup() -> Router:
    router = Router(name="segments")
    marketer = staff_with(Right.BROADCAST)
    router.message.register(typed.value, StateFilter(SegmentForm.value), flags=marketer)
    router.message.register(typed.name, StateFilter(SegmentForm.name), flags=marketer)
    for register, button in (
        (show_segment, ShowSegment),
        (show_part, ShowPart),
        (choose_sort, ChooseSort),
        (choose_value, ChooseValue),
        (put_condition, PutCondition),
        (edit_part, EditPart),
        (show_samples, ShowSamples),
        (show_lists, ShowLists),
        (show_list, ShowList),
        (start_from, StartFrom),
        (ask_name, AskName),
        (overwrite, Overwrite),
        (delete_list, DeleteList),
        (restore_list, RestoreList),
    ):
        router.callback_query.register(_fresh(register), button.filter(), flags=marketer)
    return router


def _fresh(handler: Handler) -> Handler:
    unguarded = CallableObject(handler)  # gives it what it asks for

    async def guarded(query: CallbackQuery, **known: Any) -> None:
        await known["state"].clear()
        try:
            await unguarded.call(query, **known)
        except SegmentChanged as refusal:
            member, texts, club = known["member"], known["texts"], known["club"]
            card = await known["run"](club.segments.card, member, known["callback_data"].broadcast_id)
            said = words(texts, refusal, member.zone)
            await show(query, screens.card(card, club.programme.currency, texts), said=said)

    return guarded


async def show_segment(
    query: CallbackQuery,
    callback_data: ShowSegment,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    card = await run(club.segments.card, member, callback_data.broadcast_id)
    await show(query, screens.card(card, club.programme.currency, texts))


async def show_part(
    query: CallbackQuery,
    callback_data: ShowPart,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    seen = await run(club.segments.look, member, callback_data.broadcast_id, callback_data.mark)
    await show(query, screens.one_part(seen, callback_data.path, club.programme.currency, texts))


async def choose_sort(
    query: CallbackQuery,
    callback_data: ChooseSort,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    seen = await run(club.segments.look, member, callback_data.broadcast_id, callback_data.mark)
    await show(query, screens.sorts(seen, callback_data.where, texts))


async def choose_value(
    query: CallbackQuery,
    callback_data: ChooseValue,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    data = callback_data
    offered = await run(club.segments.offered, member, data.broadcast_id, data.mark, data.sort)
    values = Values(offered.seen, data.where, _choice(data), club.programme.currency, texts)
    if data.sort in TYPED:
        await open_form(state, SegmentForm.value, **data.model_dump(mode="json"))
    await show(query, values.screen(offered.products, offered.rewards, offered.lists))


async def put_condition(
    query: CallbackQuery,
    callback_data: PutCondition,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    data = callback_data
    card = await run(club.segments.put, member, data.broadcast_id, data.mark, data.where, _choice(data))
    await show(query, screens.card(card, club.programme.currency, texts))


async def edit_part(
    query: CallbackQuery,
    callback_data: EditPart,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    segments, of_draft = club.segments, (member, callback_data.broadcast_id, callback_data.mark)
    match callback_data.edit:
        case Edit.CLEAR:
            card = await run(segments.clear, *of_draft)
        case Edit.UNDO:
            card = await run(segments.undo, *of_draft)
        case Edit.NEGATE:
            card = await run(segments.negate, *of_draft, callback_data.path)
        case Edit.REMOVE:
            card = await run(segments.remove, *of_draft, callback_data.path)
        case Edit.MOVE_UP:
            card = await run(segments.move_up, *of_draft, callback_data.path)
        case Edit.TURN:
            card = await run(segments.turn, *of_draft, callback_data.path)
    await show(query, screens.card(card, club.programme.currency, texts))


async def show_samples(
    query: CallbackQuery,
    callback_data: ShowSamples,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    seen, found = await run(club.segments.samples, member, callback_data.broadcast_id)
    await show(query, screens.samples(seen, found, texts))


# The shop's lists


async def show_lists(
    query: CallbackQuery,
    callback_data: ShowLists,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    seen, kept = await run(club.segments.lists, member, callback_data.broadcast_id)
    await show(query, list_screens.lists(seen, kept, callback_data.page, texts))


async def show_list(
    query: CallbackQuery,
    callback_data: ShowList,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    card = await run(club.segments.saved, member, callback_data.broadcast_id, callback_data.segment_id)
    await show(query, list_screens.one_list(card, club.programme.currency, texts))


async def start_from(
    query: CallbackQuery,
    callback_data: StartFrom,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    data = callback_data
    card = await run(club.segments.start_from, member, data.broadcast_id, data.mark, data.segment_id)
    await show(query, screens.card(card, club.programme.currency, texts))


async def ask_name(
    query: CallbackQuery,
    callback_data: AskName,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    data = callback_data
    called = ""
    if data.segment_id:
        called = (await run(club.segments.saved, member, data.broadcast_id, data.segment_id)).saved.name
    else:
        await run(club.segments.look, member, data.broadcast_id, data.mark)
    await open_form(state, SegmentForm.name, **data.model_dump(mode="json"))
    await show(query, list_screens.ask_name(data.broadcast_id, texts, called=called))


async def overwrite(
    query: CallbackQuery,
    callback_data: Overwrite,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    data = callback_data
    card = await run(club.segments.overwrite, member, data.broadcast_id, data.mark, data.segment_id)
    await show(query, list_screens.one_list(card, club.programme.currency, texts))


async def delete_list(
    query: CallbackQuery,
    callback_data: DeleteList,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    seen, saved = await run(club.segments.delete, member, callback_data.broadcast_id, callback_data.segment_id)
    await show(query, list_screens.deleted(seen, saved, texts))


async def restore_list(
    query: CallbackQuery,
    callback_data: RestoreList,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
) -> None:
    card = await run(club.segments.restore, member, callback_data.broadcast_id, callback_data.segment_id)
    await show(query, list_screens.one_list(card, club.programme.currency, texts))


def _choice(data: ChooseValue | PutCondition) -> Choice:
    return Choice(data.sort, data.first, data.second, data.is_not)
