"""A shop's rewards, made and changed by its staff."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers import wares
from handlers.forms import open_form
from handlers.reply import Album, show
from handlers.rewards.screens import card as member_card
from handlers.roles import staff_with
from handlers.shelf import forms, screens, typing
from handlers.shelf.callbacks import (
    AskTurn,
    Clear,
    ClearWords,
    Edit,
    EditWords,
    NewReward,
    PreviewReward,
    SetSpan,
    SetTier,
    ShowShelf,
    ShowStocked,
    ShowWords,
    TakeTurn,
)
from handlers.shelf.states import ShelfForm
from locales.coins import cash_decimals_of
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.shelf import Field
from loyalty.wares import Turn


def setup() -> Router:
    router = Router(name="shelf")
    keeper = staff_with(Right.REWARDS)
    for register, button in (
        (shelf, ShowShelf),
        (new, NewReward),
        (card, ShowStocked),
        (edit, Edit),
        (clear, Clear),
        (set_tier, SetTier),
        (set_span, SetSpan),
        (show_words, ShowWords),
        (edit_words, EditWords),
        (clear_words, ClearWords),
        (preview, PreviewReward),
        (ask_turn, AskTurn),
        (take_turn, TakeTurn),
    ):
        router.callback_query.register(register, button.filter(), flags=keeper)
    router.message.register(typing.new_name, StateFilter(ShelfForm.new_name), flags=keeper)
    router.message.register(typing.new_points, StateFilter(ShelfForm.new_points), flags=keeper)
    router.message.register(typing.FORMS.field, StateFilter(ShelfForm.field), flags=keeper)
    router.message.register(typing.FORMS.words, StateFilter(ShelfForm.words), flags=keeper)
    router.message.register(typing.FORMS.picture, StateFilter(ShelfForm.picture), flags=keeper)
    return router


async def shelf(
    query: CallbackQuery,
    callback_data: ShowShelf,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    after = (callback_data.rank, callback_data.before) if callback_data.before else None
    await show(query, screens.page(await run(club.shelf.page, member, callback_data.merchant_id, after), texts))


async def new(
    query: CallbackQuery,
    callback_data: NewReward,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    merchant_id = callback_data.merchant_id
    nonce = await run(club.shelf.open, member, merchant_id)
    await open_form(state, ShelfForm.new_name, merchant_id=merchant_id, nonce=nonce)
    await show(query, forms.ask_new_name(merchant_id, texts))


async def card(
    query: CallbackQuery,
    callback_data: ShowStocked,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.card(await run(club.shelf.card, member, callback_data.reward_id), texts))


async def edit(
    query: CallbackQuery, callback_data: Edit, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    reward_id, field = callback_data.reward_id, callback_data.field
    seen = await run(club.shelf.changeable, member, reward_id)
    match field:
        case Field.TIER:
            await state.clear()
            await show(query, forms.ask_tier(seen, texts))
        case Field.PICTURE:
            await open_form(state, ShelfForm.picture, reward_id=reward_id)
            await show(query, forms.ask_picture(seen, texts))
        case _:
            await open_form(state, ShelfForm.field, reward_id=reward_id, field=field.value)
            await show(query, forms.ask(seen, field, cash_decimals_of(club.programme.currency), texts))


async def clear(
    query: CallbackQuery, callback_data: Clear, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    seen = await run(club.shelf.clear, member, callback_data.reward_id, callback_data.field)
    await state.clear()
    await show(query, screens.card(seen, texts))


async def set_tier(
    query: CallbackQuery, callback_data: SetTier, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.shelf.for_tier, member, callback_data.reward_id, callback_data.tier)
    await show(query, screens.card(seen, texts))


async def set_span(
    query: CallbackQuery, callback_data: SetSpan, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.shelf.limit_within, member, callback_data.reward_id, callback_data.days or None)
    await show(query, screens.card(seen, texts))


async def show_words(
    query: CallbackQuery,
    callback_data: ShowWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.words(await run(club.shelf.changeable, member, callback_data.reward_id), texts))


async def edit_words(
    query: CallbackQuery,
    callback_data: EditWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    reward_id, field, language = callback_data.reward_id, callback_data.field, callback_data.language
    seen = await run(club.shelf.changeable, member, reward_id)
    await open_form(state, ShelfForm.words, reward_id=reward_id, field=field.value, language=language.value)
    await show(query, forms.ask_words(seen, field, language, texts))


async def clear_words(
    query: CallbackQuery,
    callback_data: ClearWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    reward_id, field, language = callback_data.reward_id, callback_data.field, callback_data.language
    seen = await run(club.shelf.say, member, reward_id, field, language, None)
    await state.clear()
    await show(query, screens.words(seen, texts))


async def preview(
    query: CallbackQuery,
    callback_data: PreviewReward,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
) -> None:
    seen = await run(club.shelf.preview, member, callback_data.reward_id)
    await show(
        query,
        wares.preview(member_card(seen, member, texts), ShowStocked(reward_id=callback_data.reward_id), texts),
        album,
    )


async def ask_turn(
    query: CallbackQuery, callback_data: AskTurn, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if callback_data.turn is Turn.REMOVE:
        seen = await run(club.shelf.changeable, member, callback_data.reward_id)
        await show(query, screens.ask_remove(seen, texts))
    else:
        seen = await run(club.shelf.publishable, member, callback_data.reward_id)
        await show(query, screens.ask_publish(seen, texts))


async def take_turn(
    query: CallbackQuery, callback_data: TakeTurn, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.shelf.turn, member, callback_data.reward_id, callback_data.turn)
    await show(query, screens.card(seen, texts))
