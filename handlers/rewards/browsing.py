"""Leafing through the rewards. What is wanted of them stands in the buttons; only words to search for are typed.

A search stays open for the next word until somebody leaves it: by Cancel, by taking the words away, by a command, or by
saying something else that the bot understands. In somebody else's bot it ends with the first one: the rest is theirs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import Router
from aiogram.filters import Command, CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.directory import Directory
from handlers.reply import show
from handlers.rewards import listing
from handlers.rewards.callbacks import AskSearch, Browse, LeaveSearch, RewardsPage, ShopsPage
from handlers.rewards.states import SearchForm
from handlers.rewards.typed import misread, read_words
from handlers.roles import MEMBER
from handlers.words.wishes import whole_wish, wish
from locales.texts import Texts
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.rewards import EVERYTHING, Wanted
from loyalty.services import Club
from loyalty.services.rewards import Catalogue


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
    message: Message,
    command: CommandObject,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
    directory: Directory,
) -> None:
    """`/rewards coffee` searches; `/rewards` shows them all."""
    words = read_words(command.args or "")
    complaint = misread(words, texts)
    if command.args and complaint is not None:
        await _open_form(message, EVERYTHING, texts, state, complaint)
    elif command.args:
        seen = await run(club.rewards.catalogue, member.id, (0, 0), replace(EVERYTHING, words=words))
        await _show(message, seen, member, texts, state, directory)
    else:
        await show(message, listing.catalogue(await run(club.rewards.catalogue, member.id), member, texts))


async def page(
    query: CallbackQuery,
    callback_data: RewardsPage,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    directory: Directory,
    state: FSMContext | None = None,
) -> None:
    seen = await run(club.rewards.catalogue, member.id, (callback_data.points, callback_data.after))
    await _show(query, seen, member, texts, state, directory)


async def browse(
    query: CallbackQuery,
    callback_data: Browse,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    directory: Directory,
    state: FSMContext | None = None,
) -> None:
    after = (callback_data.points, callback_data.after)
    seen = await run(club.rewards.catalogue, member.id, after, callback_data.wanted)
    await _show(query, seen, member, texts, state, directory)


async def shops(query: CallbackQuery, callback_data: ShopsPage, texts: Texts, club: Club, run: Run) -> None:
    await show(query, listing.shops(await run(club.rewards.shops, callback_data.after, callback_data.wanted), texts))


async def ask_words(query: CallbackQuery, callback_data: AskSearch, texts: Texts, state: FSMContext) -> None:
    await _open_form(query, callback_data.wanted, texts, state)


async def typed(
    message: Message,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
    directory: Directory,
    **data: Any,
) -> None:
    """The next word. What is another wish is heard as one: at once where the text is nothing else, and where nothing
    is found by it."""
    text, is_guest = message.text or "", directory.is_guest
    wanted = Browse.unpack((await state.get_data())["wanted"]).wanted
    words = read_words(text)
    complaint = misread(words, texts)
    seen: Catalogue | None = None
    if complaint is None and (is_guest or whole_wish(text) is None):
        seen = await run(club.rewards.catalogue, member.id, (0, 0), replace(wanted, words=words))
    if (seen is None or not seen.rewards) and wish(text) is not None and not is_guest:
        data |= {"member": member, "texts": texts, "club": club, "run": run, "state": state, "directory": directory}
        await directory.hear_anew(message, data)
    elif seen is None:
        await _open_form(message, wanted, texts, state, complaint)
    else:
        await _show(message, seen, member, texts, state, directory)


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


async def _show(
    event: Message | CallbackQuery,
    seen: Catalogue,
    member: Member,
    texts: Texts,
    state: FSMContext | None,
    directory: Directory,
) -> None:
    """Below what was found by words the next ones may be typed; without words the search has been left."""
    is_open = bool(seen.wanted.words) and state is not None and not directory.is_guest
    if state is not None and is_open:
        await _wait_for_words(state, replace(seen.wanted, words=""))
    elif state is not None and await state.get_state() == SearchForm.words.state:
        await state.clear()
    await show(event, listing.catalogue(seen, member, texts, is_open=is_open))


async def _wait_for_words(state: FSMContext, among: Wanted) -> None:
    await state.set_state(SearchForm.words)
    await state.update_data(wanted=Browse.of(among).pack())


async def _open_form(
    event: Message | CallbackQuery, among: Wanted, texts: Texts, state: FSMContext, complaint: str | None = None
) -> None:
    await _wait_for_words(state, among)
    await show(event, listing.ask_words(among, texts, complaint))
