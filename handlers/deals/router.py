"""A shop's group buys, made and changed by its staff."""

from __future__ import annotations

import asyncio

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers import wares
from handlers.deals import forms, reports, screens, typing
from handlers.deals.callbacks import (
    AllowSeveral,
    AskDealTurn,
    AskEnd,
    ChangeDeal,
    ClearDeal,
    ClearDealWords,
    EditDeal,
    EditDealWords,
    EndDeal,
    GetTable,
    NewDeal,
    PreviewDeal,
    ShowDealGroups,
    ShowDealWords,
    ShowFigures,
    ShowShopDeal,
    ShowShopDeals,
    TakeDealTurn,
)
from handlers.deals.states import DealForm
from handlers.forms import open_form
from handlers.group_buys.screens import deal_card
from handlers.reply import Album, send_document, show
from handlers.roles import staff_with
from locales.coins import cash_decimals_of
from locales.texts import Texts
from loyalty.deals import ASKED, Field
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.wares import Turn


def setup() -> Router:
    router = Router(name="deals")
    keeper = staff_with(Right.DEALS)
    for register, button in (
        (page, ShowShopDeals),
        (new, NewDeal),
        (card, ShowShopDeal),
        (change, ChangeDeal),
        (edit, EditDeal),
        (clear, ClearDeal),
        (allow_several, AllowSeveral),
        (show_words, ShowDealWords),
        (edit_words, EditDealWords),
        (clear_words, ClearDealWords),
        (preview, PreviewDeal),
        (ask_turn, AskDealTurn),
        (take_turn, TakeDealTurn),
        (ask_end, AskEnd),
        (end, EndDeal),
        (figures, ShowFigures),
        (groups, ShowDealGroups),
        (table, GetTable),
    ):
        router.callback_query.register(register, button.filter(), flags=keeper)
    router.message.register(typing.new, StateFilter(DealForm.new), flags=keeper)
    router.message.register(typing.FORMS.field, StateFilter(DealForm.field), flags=keeper)
    router.message.register(typing.FORMS.words, StateFilter(DealForm.words), flags=keeper)
    router.message.register(typing.FORMS.picture, StateFilter(DealForm.picture), flags=keeper)
    return router


async def page(
    query: CallbackQuery,
    callback_data: ShowShopDeals,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    after = (callback_data.rank, callback_data.before) if callback_data.before else None
    await show(query, screens.page(await run(club.deals.page, member, callback_data.merchant_id, after), texts))


async def new(
    query: CallbackQuery,
    callback_data: NewDeal,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    merchant_id = callback_data.merchant_id
    nonce = await run(club.deals.open, member, merchant_id)
    await open_form(state, DealForm.new, merchant_id=merchant_id, nonce=nonce, answers={})
    await show(query, forms.ask_new(merchant_id, "", ASKED[0], cash_decimals_of(club.programme.currency), texts))


async def card(
    query: CallbackQuery,
    callback_data: ShowShopDeal,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.card(await run(club.deals.card, member, callback_data.deal_id), texts))


async def change(
    query: CallbackQuery,
    callback_data: ChangeDeal,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.parts(await run(club.deals.changeable, member, callback_data.deal_id), texts))


async def edit(
    query: CallbackQuery, callback_data: EditDeal, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    deal_id, field = callback_data.deal_id, callback_data.field
    seen = await run(club.deals.changeable, member, deal_id)
    if field is Field.PICTURE:
        await open_form(state, DealForm.picture, deal_id=deal_id)
        await show(query, forms.ask_picture(seen, texts))
    else:
        await open_form(state, DealForm.field, deal_id=deal_id, field=field.value)
        await show(query, forms.ask(seen, field, cash_decimals_of(club.programme.currency), texts))


async def clear(
    query: CallbackQuery,
    callback_data: ClearDeal,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.deals.clear, member, callback_data.deal_id, callback_data.field)
    await state.clear()
    await show(query, screens.parts(seen, texts))


async def allow_several(
    query: CallbackQuery, callback_data: AllowSeveral, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.deals.allow_several, member, callback_data.deal_id, is_allowed=callback_data.is_allowed)
    await show(query, screens.parts(seen, texts))


async def show_words(
    query: CallbackQuery,
    callback_data: ShowDealWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.words(await run(club.deals.changeable, member, callback_data.deal_id), texts))


async def edit_words(
    query: CallbackQuery,
    callback_data: EditDealWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    deal_id, field, language = callback_data.deal_id, callback_data.field, callback_data.language
    seen = await run(club.deals.changeable, member, deal_id)
    await open_form(state, DealForm.words, deal_id=deal_id, field=field.value, language=language.value)
    await show(query, forms.ask_words(seen, field, language, texts))


async def clear_words(
    query: CallbackQuery,
    callback_data: ClearDealWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    deal_id, field, language = callback_data.deal_id, callback_data.field, callback_data.language
    seen = await run(club.deals.say, member, deal_id, field, language, None)
    await state.clear()
    await show(query, screens.words(seen, texts))


async def preview(
    query: CallbackQuery, callback_data: PreviewDeal, member: Member, texts: Texts, club: Club, run: Run, album: Album
) -> None:
    deal_id = callback_data.deal_id
    seen = deal_card(await run(club.deals.preview, member, deal_id), member.zone, texts)
    await show(query, wares.preview(seen, ShowShopDeal(deal_id=deal_id), texts), album)


async def ask_turn(
    query: CallbackQuery, callback_data: AskDealTurn, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if callback_data.turn is Turn.REMOVE:
        await show(query, screens.ask_remove(await run(club.deals.removable, member, callback_data.deal_id), texts))
    else:
        await show(query, screens.ask_publish(await run(club.deals.publishable, member, callback_data.deal_id), texts))


async def take_turn(
    query: CallbackQuery, callback_data: TakeDealTurn, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.deals.turn, member, callback_data.deal_id, callback_data.turn)
    await show(query, screens.card(seen, texts))


async def ask_end(
    query: CallbackQuery, callback_data: AskEnd, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.ask_end(await run(club.deals.changeable, member, callback_data.deal_id), texts))


async def end(query: CallbackQuery, callback_data: EndDeal, member: Member, texts: Texts, club: Club, run: Run) -> None:
    seen = await run(club.deals.end, member, callback_data.deal_id, calls_off=callback_data.calls_off)
    await show(query, screens.card(seen, texts))


async def figures(
    query: CallbackQuery, callback_data: ShowFigures, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.deals.card, member, callback_data.deal_id)
    await show(query, reports.figures(seen, texts, await asyncio.to_thread(reports.chart, seen, texts)))


async def groups(
    query: CallbackQuery, callback_data: ShowDealGroups, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    after = (callback_data.rank, callback_data.before) if callback_data.before else None
    seen = await run(club.deals.groups, member, callback_data.deal_id, after)
    await show(query, reports.groups(seen, texts, member))


async def table(
    query: CallbackQuery, callback_data: GetTable, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.deals.table, member, callback_data.deal_id)
    document = reports.sheet(seen, club.programme.currency, member, texts)
    await send_document(query, document, reports.caption(seen, texts))
