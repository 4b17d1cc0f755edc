from __future__ import annotations

from collections.abc import Callable

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.broadcasts import screens
from handlers.broadcasts.callbacks import (
    AskToSend,
    CallOff,
    ChangePicture,
    ChangeText,
    Compose,
    DeleteDraft,
    History,
    Pause,
    Preview,
    RemovePicture,
    Resume,
    Send,
    ShowDraft,
    ShowStanding,
)
from handlers.broadcasts.states import BroadcastForm
from handlers.broadcasts.typed import typed_html, typed_length
from handlers.forms import open_form
from handlers.photos import content_of
from handlers.refusals import words
from handlers.reply import Album, send_screen, show
from handlers.roles import staff_with
from locales.texts import Texts
from loyalty.broadcasts import Shown, Standing
from loyalty.errors import BroadcastRefused, Refusal
from loyalty.members import Member
from loyalty.merchants import Right
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.broadcasts import Card

DRAFT = "broadcast_id"
MENDABLE = ("empty", "too_long", "too_long_for_picture")


def setup() -> Router:
    router = Router(name="broadcasts")
    marketer = staff_with(Right.BROADCAST)
    router.message.register(broadcast, Command("broadcast"), flags=marketer)
    router.message.register(typed, StateFilter(BroadcastForm.text, BroadcastForm.picture), flags=marketer)
    for register, button in (
        (compose, Compose),
        (show_draft, ShowDraft),
        (change_text, ChangeText),
        (change_picture, ChangePicture),
        (remove_picture, RemovePicture),
        (preview, Preview),
        (delete, DeleteDraft),
        (ask_to_send, AskToSend),
        (send, Send),
        (pause, Pause),
        (resume, Resume),
        (call_off, CallOff),
        (show_standing, ShowStanding),
        (history, History),
    ):
        router.callback_query.register(register, button.filter(), flags=marketer)
    return router


# The draft


async def broadcast(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    shops = await run(club.broadcasts.shops, member)
    if len(shops) > 1:
        await show(message, screens.choose_shop(shops, texts))
    else:
        await _open(message, await run(club.broadcasts.draft, member, shops[0].merchant_id), texts, state)


async def compose(
    query: CallbackQuery,
    callback_data: Compose,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await _open(query, await run(club.broadcasts.draft, member, callback_data.merchant_id), texts, state)


async def _open(event: Message | CallbackQuery, card: Card, texts: Texts, state: FSMContext) -> None:
    """A new draft begins with its text; one that was begun is shown."""
    if card.draft.content.text:
        await state.clear()
        await show(event, screens.card(card, texts))
        return
    await _ask_text(event, card, texts, state)


async def _ask_text(event: Message | CallbackQuery, card: Card, texts: Texts, state: FSMContext) -> None:
    await open_form(state, BroadcastForm.text, **{DRAFT: card.draft.id})
    await show(event, screens.ask_text(card.draft, texts))


async def change_text(
    query: CallbackQuery,
    callback_data: ChangeText,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await _ask_text(query, await run(club.broadcasts.card, member, callback_data.broadcast_id), texts, state)


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
    draft_id: int = (await state.get_data()).get(DRAFT, 0)
    wants_picture = await state.get_state() == BroadcastForm.picture.state
    if not message.photo and (wants_picture or not message.text):
        await show(message, (screens.not_a_picture if wants_picture else screens.not_a_text)(draft_id, texts))
        return
    try:
        card = await run(
            club.broadcasts.write,
            member,
            draft_id,
            text=typed_html(message),
            length=typed_length(message),
            picture=await _picture(message, bot),
        )
    except Refusal as refusal:
        if isinstance(refusal, BroadcastRefused) and refusal.reason in MENDABLE:
            await show(message, screens.try_again(draft_id, words(texts, refusal, member.zone), texts))
            return
        await state.clear()  # the draft is sent or gone, or somebody else's now: it takes no more words
        raise
    if not card.draft.content.text:
        await _ask_text(message, card, texts, state)
        return
    await _send_preview(bot, message.chat.id, card, texts, album)
    await state.clear()
    await show(message, screens.card(card, texts))


async def _picture(message: Message, bot: Bot) -> bytes | None:
    """The largest size of a photo, None where there is none."""
    return await content_of(message.photo[-1], bot) if message.photo else None


async def _send_preview(bot: Bot, chat_id: int, card: Card, texts: Texts, album: Album) -> None:
    try:
        await send_screen(bot, chat_id, screens.message(card.draft.content, texts, screens.PREVIEW), album)
    except TelegramBadRequest as error:
        raise BroadcastRefused("bad_markup") from error


async def show_draft(
    query: CallbackQuery,
    callback_data: ShowDraft,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    await show(query, screens.card(await run(club.broadcasts.card, member, callback_data.broadcast_id), texts))


async def remove_picture(
    query: CallbackQuery, callback_data: RemovePicture, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    card = await run(club.broadcasts.remove_picture, member, callback_data.broadcast_id)
    await show(query, screens.card(card, texts))


async def preview(
    query: CallbackQuery,
    callback_data: Preview,
    bot: Bot,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    album: Album,
) -> None:
    """The preview, and the card again below it."""
    card = await run(club.broadcasts.card, member, callback_data.broadcast_id)
    if not card.draft.content.text:
        raise BroadcastRefused("empty")
    await query.answer()
    await _send_preview(bot, query.from_user.id, card, texts, album)
    await send_screen(bot, query.from_user.id, screens.card(card, texts))


async def delete(
    query: CallbackQuery,
    callback_data: DeleteDraft,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    draft = await run(club.broadcasts.delete, member, callback_data.broadcast_id)
    await state.clear()
    await show(query, screens.deleted(draft, texts))


# On its way


async def ask_to_send(
    query: CallbackQuery, callback_data: AskToSend, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    question = await run(club.broadcasts.ask, member, callback_data.broadcast_id)
    await show(query, screens.ask_to_send(question, texts))


async def send(query: CallbackQuery, callback_data: Send, member: Member, texts: Texts, club: Club, run: Run) -> None:
    """The message that asked becomes the one in which progress is drawn."""
    shown = Shown(str(query.from_user.id), query.message.message_id if query.message is not None else 0)
    standing = await run(
        club.broadcasts.start, member, callback_data.broadcast_id, nonce=callback_data.nonce, shown=shown
    )
    await show(query, screens.standing(standing, texts))


async def pause(query: CallbackQuery, callback_data: Pause, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await _turn(query, club.broadcasts.pause, callback_data.broadcast_id, member, texts, run)


async def resume(
    query: CallbackQuery, callback_data: Resume, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _turn(query, club.broadcasts.resume, callback_data.broadcast_id, member, texts, run)


async def call_off(
    query: CallbackQuery, callback_data: CallOff, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _turn(query, club.broadcasts.cancel, callback_data.broadcast_id, member, texts, run)


async def show_standing(
    query: CallbackQuery, callback_data: ShowStanding, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _turn(query, club.broadcasts.standing, callback_data.broadcast_id, member, texts, run)


async def _turn(
    query: CallbackQuery,
    use_case: Callable[[Member, int], Standing],
    broadcast_id: int,
    member: Member,
    texts: Texts,
    run: Run,
) -> None:
    await show(query, screens.standing(await run(use_case, member, broadcast_id), texts))


async def history(
    query: CallbackQuery,
    callback_data: History,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    state: FSMContext,
) -> None:
    await state.clear()
    merchant_id, before = callback_data.merchant_id, callback_data.before
    page, older_than = await run(club.broadcasts.history, member, merchant_id, before or None)
    await show(query, screens.history(merchant_id, page, older_than, member.zone, texts, is_first=not before))
