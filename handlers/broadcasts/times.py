"""When a draft goes out, and how its versions are compared."""

from __future__ import annotations

from datetime import date

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import card_screens, trial_screens
from handlers.broadcasts import time_screens as screens
from handlers.broadcasts.callbacks import (
    PickDay,
    PickHour,
    PlanAt,
    PlanNow,
    SetTrial,
    ShowTimes,
    ShowTrial,
    TypeMoment,
)
from handlers.broadcasts.states import BroadcastForm
from handlers.forms import open_form
from handlers.refusals import words
from handlers.reply import show
from handlers.roles import staff_with
from locales.texts import Texts
from loyalty.broadcasts import Trial
from loyalty.errors import BroadcastRefused, Refusal
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club

DRAFT = "broadcast_id"
MENDABLE = ("no_moment", "past", "too_far")


def register(router: Router) -> None:
    marketer = staff_with(Right.BROADCAST)
    router.callback_query.register(show_times, ShowTimes.filter(), flags=marketer)
    router.callback_query.register(plan_now, PlanNow.filter(), flags=marketer)
    router.callback_query.register(pick_day, PickDay.filter(), flags=marketer)
    router.callback_query.register(pick_hour, PickHour.filter(), flags=marketer)
    router.callback_query.register(plan_at, PlanAt.filter(), flags=marketer)
    router.callback_query.register(type_moment, TypeMoment.filter(), flags=marketer)
    router.message.register(moment, StateFilter(BroadcastForm.moment), flags=marketer)
    router.callback_query.register(show_trial, ShowTrial.filter(), flags=marketer)
    router.callback_query.register(set_trial, SetTrial.filter(), flags=marketer)


async def show_times(
    query: CallbackQuery,
    callback_data: ShowTimes,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """Also the way out of the form."""
    await state.clear()
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, screens.times(card.draft, member.zone, texts))


async def plan_now(
    query: CallbackQuery, callback_data: PlanNow, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.plan_now, member, callback_data.broadcast_id)
    await show(query, card_screens.card(card, member.zone, texts))


async def pick_day(
    query: CallbackQuery, callback_data: PickDay, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.broadcasts.times, member, callback_data.broadcast_id)
    await show(query, screens.days(seen, callback_data.is_local, member.zone, texts))


async def pick_hour(
    query: CallbackQuery, callback_data: PickHour, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    day = date.fromordinal(callback_data.day)
    seen = await run(club.broadcasts.times, member, callback_data.broadcast_id, day)
    await show(query, screens.hours(seen, callback_data.is_local, member.zone, texts))


async def plan_at(
    query: CallbackQuery, callback_data: PlanAt, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    plan = club.broadcasts.plan_local if callback_data.is_local else club.broadcasts.plan_at
    day = date.fromordinal(callback_data.day)
    card = await run(plan, member, callback_data.broadcast_id, day, callback_data.hour)
    await show(query, card_screens.card(card, member.zone, texts))


async def type_moment(
    query: CallbackQuery,
    callback_data: TypeMoment,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    draft = (await run(club.broadcasts.card, member, callback_data.broadcast_id)).draft
    await open_form(state, BroadcastForm.moment, **{DRAFT: draft.id})
    await show(query, screens.ask_moment(draft.id, member.zone, texts))


async def moment(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    draft_id: int = (await state.get_data()).get(DRAFT, 0)
    try:
        card = await run(club.broadcasts.plan_typed, member, draft_id, message.text or "")
    except Refusal as refusal:
        if not isinstance(refusal, BroadcastRefused) or refusal.reason not in MENDABLE:
            await state.clear()
            raise
        complaint = words(texts, refusal, member.zone)
        await show(message, screens.ask_moment(draft_id, member.zone, texts, complaint))
        return
    await state.clear()
    await show(message, card_screens.card(card, member.zone, texts))


async def show_trial(
    query: CallbackQuery, callback_data: ShowTrial, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, trial_screens.trial(card, texts))


async def set_trial(
    query: CallbackQuery, callback_data: SetTrial, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    wish = callback_data
    trial = Trial(wish.method, wish.metric, wish.share, wish.hours)
    card = await run(club.broadcasts.set_trial, member, wish.broadcast_id, trial)
    await show(query, trial_screens.trial(card, texts))
