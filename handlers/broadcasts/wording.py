"""What a draft says: words by language and version, and a picture. Each form has one step."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import card_screens, preview
from handlers.broadcasts import wording_screens as screens
from handlers.broadcasts.callbacks import (
    AskOriginal,
    ChangePicture,
    ChangeText,
    RemovePicture,
    RemoveWording,
    SetOriginal,
    ShowWordings,
    WriteWording,
)
from handlers.broadcasts.states import BroadcastForm
from handlers.broadcasts.typed import typed_html, typed_length
from handlers.forms import open_form
from handlers.photos import content_of, one_of_album
from handlers.refusals import words
from handlers.reply import Album, show
from handlers.roles import staff_with
from handlers.screens import Screen
from locales.texts import Texts
from loyalty.broadcasts import FIRST, ORIGINAL, Broadcast, check_picture
from loyalty.errors import BroadcastRefused, Refusal
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club

DRAFT = "broadcast_id"
MENDABLE = (
    "empty", "too_long", "too_long_for_picture", "unknown_placeholder", "open_brace", "picture_too_large",
)  # fmt: skip


def register(router: Router) -> None:
    marketer = staff_with(Right.BROADCAST)
    router.message.register(typed, StateFilter(BroadcastForm.text, BroadcastForm.picture), flags=marketer)
    router.callback_query.register(change_text, ChangeText.filter(), flags=marketer)
    router.callback_query.register(show_wordings, ShowWordings.filter(), flags=marketer)
    router.callback_query.register(write, WriteWording.filter(), flags=marketer)
    router.callback_query.register(remove, RemoveWording.filter(), flags=marketer)
    router.callback_query.register(ask_original, AskOriginal.filter(), flags=marketer)
    router.callback_query.register(set_original, SetOriginal.filter(), flags=marketer)
    router.callback_query.register(change_picture, ChangePicture.filter(), flags=marketer)
    router.callback_query.register(remove_picture, RemovePicture.filter(), flags=marketer)


async def ask_text(
    event: Message | CallbackQuery,
    draft: Broadcast,
    texts: Texts,
    state: FSMContext,
    variant: str = FIRST,
    language: str = ORIGINAL,
) -> None:
    await open_form(state, BroadcastForm.text, **{DRAFT: draft.id, "variant": variant, "language": language})
    await show(event, screens.ask_text(draft, texts, variant, language))


async def change_text(
    query: CallbackQuery,
    callback_data: ChangeText,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await ask_text(query, card.draft, texts, state)


async def show_wordings(
    query: CallbackQuery,
    callback_data: ShowWordings,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    """Also the way out of the form for one of them."""
    await state.clear()
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, screens.wordings(card.draft, texts))


async def write(
    query: CallbackQuery,
    callback_data: WriteWording,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await ask_text(query, card.draft, texts, state, callback_data.variant, callback_data.language)


async def remove(
    query: CallbackQuery,
    callback_data: RemoveWording,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    broadcast_id, variant, language = callback_data.broadcast_id, callback_data.variant, callback_data.language
    card = await run(club.broadcasts.unwrite, member, broadcast_id, variant, language)
    await state.clear()
    await show(query, screens.wordings(card.draft, texts))


async def ask_original(
    query: CallbackQuery, callback_data: AskOriginal, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await show(query, screens.ask_original(card.draft, texts))


async def set_original(
    query: CallbackQuery, callback_data: SetOriginal, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.say_original, member, callback_data.broadcast_id, callback_data.language)
    await show(query, screens.wordings(card.draft, texts))


async def change_picture(
    query: CallbackQuery,
    callback_data: ChangePicture,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    await open_form(state, BroadcastForm.picture, **{DRAFT: card.draft.id})
    await show(query, screens.ask_picture(card.draft, texts))


async def remove_picture(
    query: CallbackQuery, callback_data: RemovePicture, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.remove_picture, member, callback_data.broadcast_id)
    await show(query, card_screens.card(card, member.zone, texts))


async def typed(
    message: Message,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
    state: FSMContext,
) -> None:
    """Words, a picture, or both at once, whichever the form asked for."""
    known = await state.get_data()
    draft_id: int = known.get(DRAFT, 0)
    variant, language = known.get("variant", FIRST), known.get("language", ORIGINAL)
    wants_picture = await state.get_state() == BroadcastForm.picture.state
    if not message.photo and (wants_picture or not message.text):
        await show(message, _not_that(message, draft_id, texts, wants_picture=wants_picture))
        return
    try:
        card = await run(
            club.broadcasts.write,
            member,
            draft_id,
            text=typed_html(message),
            length=typed_length(message),
            picture=await _picture(message, bot),
            variant=variant,
            language=language,
        )
    except Refusal as refusal:
        if isinstance(refusal, BroadcastRefused) and refusal.reason in MENDABLE:
            await show(message, card_screens.try_again(draft_id, words(texts, refusal, member.zone), texts))
            return
        await state.clear()  # the draft is sent or gone, or somebody else's now: it takes no more words
        raise
    if not card.draft.content.text:
        await ask_text(message, card.draft, texts, state)
        return
    await preview.send_preview(bot, message.chat.id, card.draft, member, texts, album, club, run, variant, language)
    await state.clear()
    is_first = (variant, language) == (FIRST, ORIGINAL)
    seen = card_screens.card(card, member.zone, texts) if is_first else screens.wordings(card.draft, texts)
    await show(message, seen.below(one_of_album(message, texts)))


def _not_that(message: Message, draft_id: int, texts: Texts, *, wants_picture: bool) -> Screen:
    """A picture may have come as a file, whatever was asked for."""
    file = message.document
    if wants_picture or (file is not None and (file.mime_type or "").startswith("image/")):
        return screens.not_a_picture(draft_id, texts, file.file_size if file is not None else None)
    return screens.not_a_text(draft_id, texts)


async def _picture(message: Message, bot: Bot) -> bytes | None:
    """The largest size of a photo, None where there is none."""
    if not message.photo:
        return None
    return await content_of(message.photo[-1], bot, check_picture)
