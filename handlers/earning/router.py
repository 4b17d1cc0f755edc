"""How purchases earn at a shop, edited by its owner."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers.earning import hours_screens, part_screens, screens, tag_screens, trial_screens, typed
from handlers.earning.callbacks import (
    AddHours,
    AskTimes,
    AskTry,
    BeginRule,
    EditPart,
    EditRate,
    PickDays,
    RemoveHours,
    RemoveTag,
    SetPart,
    SetRate,
    SetTag,
    ShowHours,
    ShowParts,
    ShowRule,
    ShowTags,
    Try,
)
from handlers.earning.layout import unit_of
from handlers.earning.states import EarnForm
from handlers.earning.undo import undo
from handlers.forms import open_form
from handlers.reply import show
from handlers.roles import staff_with
from locales.texts import Texts
from loyalty.earn_rules import Example, at_minute, days_in
from loyalty.earning import EarnRule, HappyHours
from loyalty.errors import NotFound
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.earn_rules import RuleCard


def setup() -> Router:
    router = Router(name="earning")
    owner = staff_with(Right.RULES)
    for handler, button in (
        (show_rule, ShowRule),
        (begin, BeginRule),
        (edit_rate, EditRate),
        (set_rate, SetRate),
        (show_parts, ShowParts),
        (edit_part, EditPart),
        (set_part, SetPart),
        (show_hours, ShowHours),
        (pick_days, PickDays),
        (ask_times, AskTimes),
        (add_hours, AddHours),
        (remove_hours, RemoveHours),
        (show_tags, ShowTags),
        (set_tag, SetTag),
        (remove_tag, RemoveTag),
        (try_it, Try),
        (ask_try, AskTry),
    ):
        router.callback_query.register(handler, button.filter(), flags=owner)
    for form, state in (
        (typed.rate, EarnForm.rate),
        (typed.part, EarnForm.part),
        (typed.times, EarnForm.times),
        (typed.tag, EarnForm.tag),
        (typed.amount, EarnForm.amount),
    ):
        router.message.register(form, StateFilter(state), flags=owner)
    return router


async def show_rule(
    query: CallbackQuery,
    callback_data: ShowRule,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await _show(query, await run(club.earn_rules.card, member, callback_data.merchant_id), texts, club, state)


async def begin(
    query: CallbackQuery,
    callback_data: BeginRule,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    first = EarnRule(points=1, per_minor=unit_of(club.programme.currency))
    await _show(query, await run(club.earn_rules.begin, member, callback_data.merchant_id, first), texts, club, state)


# The rate, and the parts that are one number


async def edit_rate(
    query: CallbackQuery,
    callback_data: EditRate,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.earn_rules.card, member, callback_data.merchant_id)
    screen = screens.rate(seen, _rule(seen), club.programme.currency, texts)
    await open_form(state, EarnForm.rate, merchant_id=callback_data.merchant_id)
    await show(query, screen)


async def set_rate(
    query: CallbackQuery,
    callback_data: SetRate,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    points, per_minor = callback_data.points, callback_data.per_minor
    seen = await run(club.earn_rules.set_rate, member, callback_data.merchant_id, points, per_minor)
    await _show(query, seen, texts, club, state)


async def show_parts(
    query: CallbackQuery,
    callback_data: ShowParts,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    seen = await run(club.earn_rules.card, member, callback_data.merchant_id)
    await show(query, part_screens.parts(seen, _rule(seen), callback_data.group, club.programme.currency, texts))


async def edit_part(
    query: CallbackQuery,
    callback_data: EditPart,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.earn_rules.card, member, callback_data.merchant_id)
    screen = part_screens.part(seen, _rule(seen), callback_data.part, club.programme.currency, texts)
    await open_form(state, EarnForm.part, merchant_id=callback_data.merchant_id, part=callback_data.part.value)
    await show(query, screen)


async def set_part(
    query: CallbackQuery,
    callback_data: SetPart,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    part, number = callback_data.part, callback_data.number
    seen = await run(club.earn_rules.set_part, member, callback_data.merchant_id, part, number)
    await _show(query, seen, texts, club, state)


# Happy hours


async def show_hours(
    query: CallbackQuery,
    callback_data: ShowHours,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    seen = await run(club.earn_rules.card, member, callback_data.merchant_id)
    await show(query, hours_screens.happy_hours(seen, _rule(seen), texts))


async def pick_days(
    query: CallbackQuery,
    callback_data: PickDays,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    _rule(await run(club.earn_rules.card, member, callback_data.merchant_id))
    await show(query, hours_screens.pick_days(callback_data.merchant_id, callback_data.days, texts))


async def ask_times(
    query: CallbackQuery,
    callback_data: AskTimes,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    _rule(await run(club.earn_rules.card, member, callback_data.merchant_id))
    await open_form(state, EarnForm.times, merchant_id=callback_data.merchant_id, days=callback_data.days)
    await show(query, hours_screens.ask_times(callback_data.merchant_id, callback_data.days, texts))


async def add_hours(
    query: CallbackQuery,
    callback_data: AddHours,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.earn_rules.add_hours, member, callback_data.merchant_id, _hours(callback_data))
    await _show(query, seen, texts, club, state)


async def remove_hours(
    query: CallbackQuery,
    callback_data: RemoveHours,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.earn_rules.remove_hours, member, callback_data.merchant_id, _hours(callback_data))
    await _show(query, seen, texts, club, state)


# Products


async def show_tags(
    query: CallbackQuery,
    callback_data: ShowTags,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.earn_rules.card, member, callback_data.merchant_id)
    screen = tag_screens.tags(seen, _rule(seen), callback_data.page, texts)
    await open_form(state, EarnForm.tag, merchant_id=callback_data.merchant_id)
    await show(query, screen)


async def set_tag(
    query: CallbackQuery,
    callback_data: SetTag,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    tag, percent = callback_data.tag, callback_data.percent
    seen = await run(club.earn_rules.set_tag, member, callback_data.merchant_id, tag, percent)
    await _show(query, seen, texts, club, state)


async def remove_tag(
    query: CallbackQuery,
    callback_data: RemoveTag,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.earn_rules.remove_tag, member, callback_data.merchant_id, callback_data.tag)
    await _show(query, seen, texts, club, state)


# An example


async def try_it(
    query: CallbackQuery,
    callback_data: Try,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    example = Example(callback_data.amount, callback_data.weekday, callback_data.minute, callback_data.tier)
    seen = await run(club.earn_rules.preview, member, callback_data.merchant_id, example, tag_mark=callback_data.tag)
    await show(query, trial_screens.trial(seen, club.programme.currency, texts))


async def ask_try(
    query: CallbackQuery,
    callback_data: AskTry,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    _rule(await run(club.earn_rules.card, member, callback_data.merchant_id))
    await open_form(state, EarnForm.amount, **callback_data.model_dump(mode="json"))
    await show(query, trial_screens.ask_amount(callback_data.merchant_id, texts))


async def _show(query: CallbackQuery, seen: RuleCard, texts: Texts, club: Club, state: FSMContext) -> None:
    await state.clear()
    await show(query, screens.card(seen, club.programme.currency, texts, undo(seen)))


def _rule(seen: RuleCard) -> EarnRule:
    """Raises NotFound: an old button of a shop that has none."""
    if seen.rule is None:
        raise NotFound("earn_rule", seen.post.merchant_id)
    return seen.rule


def _hours(chosen: AddHours | RemoveHours) -> HappyHours:
    """Raises InvalidEarnRule only when they are put into a rule."""
    return HappyHours(
        percent=chosen.percent,
        weekdays=days_in(chosen.days),
        starts=at_minute(chosen.starts),
        ends=at_minute(chosen.ends),
    )
