"""Leafing through the rewards. What is wanted of them stands in the buttons; only words to search for are typed."""

from __future__ import annotations

from dataclasses import replace

from aiogram import Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.reply import show
from handlers.rewards import listing
from handlers.rewards.callbacks import AskSearch, Browse, LeaveSearch, RewardsPage, ShopsPage
from handlers.rewards.states import SearchForm
from handlers.rewards.typed import misread, read_words
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.rewards import EVERYTHING, Wanted
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="browsing")
    router.message.register(rewards, Command("rewards"), flags=MEMBER)
    router.callback_query.register(page, RewardsPage.filter(), flags=MEMBER)
    router.callback_query.register(browse, Browse.filter(), flags=MEMBER)
    router.callback_query.register(shops, ShopsPage.filter(), flags=MEMBER)
    router.callback_query.register(ask_words, AskSearch.filter(), flags=MEMBER)
    router.message.register(typed, StateFilter(SearchForm.words), flags=MEMBER)
    router.callback_query.register(leave, LeaveSearch.filter(), flags=MEMBER)
    return router


async def rewards(
    message: Message, command: CommandObject, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext
) -> None:
    """`/rewards coffee` searches; `/rewards` shows them all."""
    if command.args:
        await _search(message, command.args, EVERYTHING, member, texts, club, run, state)
    else:
        await show(message, listing.catalogue(await run(club.rewards.catalogue, member.id), member, texts))


async def page(
    query: CallbackQuery, callback_data: RewardsPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.rewards.catalogue, member.id, (callback_data.points, callback_data.after))
    await show(query, listing.catalogue(seen, member, texts))


async def browse(
    query: CallbackQuery, callback_data: Browse, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    after = (callback_data.points, callback_data.after)
    seen = await run(club.rewards.catalogue, member.id, after, callback_data.wanted)
    await show(query, listing.catalogue(seen, member, texts))


async def shops(query: CallbackQuery, callback_data: ShopsPage, texts: Texts, club: Club, run: Run) -> None:
    await show(query, listing.shops(await run(club.rewards.shops, callback_data.after, callback_data.wanted), texts))


async def ask_words(query: CallbackQuery, callback_data: AskSearch, texts: Texts, state: FSMContext) -> None:
    await _open_form(query, callback_data.wanted, texts, state)


async def typed(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    wanted = Browse.unpack((await state.get_data())["wanted"]).wanted
    await _search(message, message.text or "", wanted, member, texts, club, run, state)


async def leave(
    query: CallbackQuery,
    callback_data: LeaveSearch,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    seen = await run(club.rewards.catalogue, member.id, (0, 0), callback_data.wanted)
    await show(query, listing.catalogue(seen, member, texts))


async def _search(
    message: Message,
    text: str,
    among: Wanted,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """What the words find; if they cannot be searched for, why, and the form is open."""
    words = read_words(text)
    complaint = misread(words, texts)
    if complaint is not None:
        await _open_form(message, among, texts, state, complaint)
        return
    await state.clear()
    seen = await run(club.rewards.catalogue, member.id, (0, 0), replace(among, words=words))
    await show(message, listing.catalogue(seen, member, texts))


async def _open_form(
    event: Message | CallbackQuery, among: Wanted, texts: Texts, state: FSMContext, complaint: str | None = None
) -> None:
    await state.set_state(SearchForm.words)
    await state.update_data(wanted=Browse.of(among).pack())
    await show(event, listing.ask_words(among, texts, complaint))
