"""A shop's offers, made and changed by its staff."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from handlers import wares
from handlers.forms import open_form
from handlers.links import Links
from handlers.offer_desk import forms, reports, screens, typing
from handlers.offer_desk.callbacks import (
    AskEndOffer,
    AskOfferTurn,
    ClaimHere,
    ClearOffer,
    ClearOfferWords,
    EditOffer,
    EditOfferWords,
    EndOffer,
    EndWithOffer,
    GetOfferTable,
    LeadTo,
    NewShopOffer,
    PreviewOffer,
    SetOfferTier,
    ShowOfferWords,
    ShowShopOffer,
    ShowShopOffers,
    ShowTargets,
    TakeOfferTurn,
)
from handlers.offer_desk.states import OfferForm
from handlers.offers.cards import card as member_card
from handlers.reply import Album, send_document, show
from handlers.roles import staff_with
from locales.coins import cash_decimals_of
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.offer_desk import Field
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.wares import Turn


def setup() -> Router:
    router = Router(name="offer_desk")
    keeper = staff_with(Right.OFFERS)
    for register, button in (
        (page, ShowShopOffers),
        (new, NewShopOffer),
        (card, ShowShopOffer),
        (edit, EditOffer),
        (clear, ClearOffer),
        (set_tier, SetOfferTier),
        (end_with_offer, EndWithOffer),
        (claim_here, ClaimHere),
        (targets, ShowTargets),
        (lead_to, LeadTo),
        (show_words, ShowOfferWords),
        (edit_words, EditOfferWords),
        (clear_words, ClearOfferWords),
        (preview, PreviewOffer),
        (ask_turn, AskOfferTurn),
        (take_turn, TakeOfferTurn),
        (ask_end, AskEndOffer),
        (end, EndOffer),
        (table, GetOfferTable),
    ):
        router.callback_query.register(register, button.filter(), flags=keeper)
    router.message.register(typing.new_name, StateFilter(OfferForm.new_name), flags=keeper)
    router.message.register(typing.new_words, StateFilter(OfferForm.new_words), flags=keeper)
    router.message.register(typing.FORMS.field, StateFilter(OfferForm.field), flags=keeper)
    router.message.register(typing.FORMS.words, StateFilter(OfferForm.words), flags=keeper)
    router.message.register(typing.FORMS.picture, StateFilter(OfferForm.picture), flags=keeper)
    return router


async def page(
    query: CallbackQuery,
    callback_data: ShowShopOffers,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    after = (callback_data.rank, callback_data.before) if callback_data.before else None
    await show(query, screens.page(await run(club.offer_desk.page, member, callback_data.merchant_id, after), texts))


async def new(
    query: CallbackQuery,
    callback_data: NewShopOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    merchant_id = callback_data.merchant_id
    nonce = await run(club.offer_desk.open, member, merchant_id)
    await open_form(state, OfferForm.new_name, merchant_id=merchant_id, nonce=nonce)
    await show(query, forms.ask_new_name(merchant_id, texts))


async def card(
    query: CallbackQuery,
    callback_data: ShowShopOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.card(await run(club.offer_desk.card, member, callback_data.offer_id), texts))


async def edit(
    query: CallbackQuery,
    callback_data: EditOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    offer_id, field = callback_data.offer_id, callback_data.field
    seen = await run(club.offer_desk.changeable, member, offer_id)
    match field:
        case Field.TIER:
            await state.clear()
            await show(query, forms.ask_tier(seen, texts))
        case Field.LEADS_TO:
            await state.clear()
            await show(query, forms.ask_kind(seen, texts))
        case Field.PICTURE:
            await open_form(state, OfferForm.picture, offer_id=offer_id)
            await show(query, forms.ask_picture(seen, texts))
        case _:
            await open_form(state, OfferForm.field, offer_id=offer_id, field=field.value)
            await show(query, forms.ask(seen, field, cash_decimals_of(club.programme.currency), texts))


async def clear(
    query: CallbackQuery,
    callback_data: ClearOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.offer_desk.clear, member, callback_data.offer_id, callback_data.field)
    await state.clear()
    await show(query, screens.card(seen, texts))


async def set_tier(
    query: CallbackQuery, callback_data: SetOfferTier, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.offer_desk.for_tier, member, callback_data.offer_id, callback_data.tier)
    await show(query, screens.card(seen, texts))


async def end_with_offer(
    query: CallbackQuery,
    callback_data: EndWithOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    seen = await run(club.offer_desk.to_its_end, member, callback_data.offer_id)
    await state.clear()
    await show(query, screens.card(seen, texts))


async def claim_here(
    query: CallbackQuery, callback_data: ClaimHere, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.card(await run(club.offer_desk.claim_here, member, callback_data.offer_id), texts))


async def targets(
    query: CallbackQuery, callback_data: ShowTargets, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    offer_id, kind, before = callback_data.offer_id, callback_data.kind, callback_data.before
    await show(
        query, forms.ask_target(await run(club.offer_desk.targets, member, offer_id, kind, before or None), texts)
    )


async def lead_to(
    query: CallbackQuery, callback_data: LeadTo, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    offer_id, kind, target_id = callback_data.offer_id, callback_data.kind, callback_data.target
    await show(query, screens.card(await run(club.offer_desk.lead_to, member, offer_id, kind, target_id), texts))


async def show_words(
    query: CallbackQuery,
    callback_data: ShowOfferWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.words(await run(club.offer_desk.changeable, member, callback_data.offer_id), texts))


async def edit_words(
    query: CallbackQuery,
    callback_data: EditOfferWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    offer_id, field, language = callback_data.offer_id, callback_data.field, callback_data.language
    seen = await run(club.offer_desk.changeable, member, offer_id)
    await open_form(state, OfferForm.words, offer_id=offer_id, field=field.value, language=language.value)
    await show(query, forms.ask_words(seen, field, language, texts))


async def clear_words(
    query: CallbackQuery,
    callback_data: ClearOfferWords,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    offer_id, field, language = callback_data.offer_id, callback_data.field, callback_data.language
    seen = await run(club.offer_desk.say, member, offer_id, field, language, None)
    await state.clear()
    await show(query, screens.words(seen, texts))


async def preview(
    query: CallbackQuery,
    callback_data: PreviewOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    offer_id = callback_data.offer_id
    seen = member_card(await run(club.offer_desk.preview, member, offer_id), member, texts, links)
    await show(query, wares.preview(seen, ShowShopOffer(offer_id=offer_id), texts), album)


async def ask_turn(
    query: CallbackQuery, callback_data: AskOfferTurn, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if callback_data.turn is Turn.REMOVE:
        await show(
            query, screens.ask_remove(await run(club.offer_desk.changeable, member, callback_data.offer_id), texts)
        )
    else:
        seen = await run(club.offer_desk.publishable, member, callback_data.offer_id)
        await show(query, screens.ask_publish(seen, texts))


async def take_turn(
    query: CallbackQuery, callback_data: TakeOfferTurn, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.offer_desk.turn, member, callback_data.offer_id, callback_data.turn)
    await show(query, screens.card(seen, texts))


async def ask_end(
    query: CallbackQuery, callback_data: AskEndOffer, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.ask_end(await run(club.offer_desk.changeable, member, callback_data.offer_id), texts))


async def end(
    query: CallbackQuery, callback_data: EndOffer, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await show(query, screens.card(await run(club.offer_desk.end, member, callback_data.offer_id), texts))


async def table(
    query: CallbackQuery, callback_data: GetOfferTable, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.offer_desk.table, member, callback_data.merchant_id)
    await send_document(query, reports.sheet(seen, club.programme, texts), reports.caption(seen, texts))
