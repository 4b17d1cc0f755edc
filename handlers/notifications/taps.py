"""Taps on the row under a message that nobody asked for. The message stays; its row changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import CallbackQuery, Message

from handlers import footers
from handlers.directory import Directory
from handlers.footers import (
    PREVIEW,
    GoOn,
    HaveItBack,
    HaveLess,
    OldConsent,
    OldWhy,
    ShowFooter,
    ShowLess,
    Stop,
    WhyThis,
)
from handlers.notifications import screens, words
from handlers.reply import GONE, toast
from handlers.roles import MEMBER
from handlers.screens import Row, plain
from locales.texts import Texts
from loyalty.members import Member
from loyalty.notifications import Less, Said
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="unasked")
    for handler, button in (
        (why, WhyThis),
        (why, OldWhy),
        (less, ShowLess),
        (back, ShowFooter),
        (stop, Stop),
        (old_consent, OldConsent),
        (have_less, HaveLess),
        (have_it_back, HaveItBack),
        (go_on, GoOn),
    ):
        router.callback_query.register(handler, button.filter(), flags=MEMBER)
    return router


async def why(
    query: CallbackQuery, callback_data: WhyThis | OldWhy, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if await _is_preview(query, callback_data.delivery_id, texts):
        return
    explained = await run(club.notifications.why, member, callback_data.delivery_id)
    await toast(query, words.why(explained, member.zone, texts), alert=True)


async def less(
    query: CallbackQuery, callback_data: ShowLess, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    if await _is_preview(query, callback_data.delivery_id, texts):
        return
    found = await run(club.notifications.less, member, callback_data.delivery_id)
    await toast(query, "" if found.ways else words.nothing_less(texts))
    await _redraw(query, footers.ways_to_less(found, texts))


async def back(query: CallbackQuery, callback_data: ShowFooter, texts: Texts) -> None:
    await query.answer()
    await _redraw(query, [footers.footer(texts, callback_data.delivery_id)])


async def stop(query: CallbackQuery, callback_data: Stop, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await _have_less(query, HaveLess(delivery_id=callback_data.delivery_id, less=Less.TOPIC), member, texts, club, run)


async def have_less(
    query: CallbackQuery, callback_data: HaveLess, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _have_less(query, callback_data, member, texts, club, run)


async def _have_less(query: CallbackQuery, wish: HaveLess, member: Member, texts: Texts, club: Club, run: Run) -> None:
    """One tap, and the row turns into the one that takes it back."""
    delivery_id, less = wish.delivery_id, wish.less
    if await _is_preview(query, delivery_id, texts):
        return
    wording = _label(query) or plain(texts("Stop"))
    message, is_undoable = await run(club.notifications.have_less, member, delivery_id, less, wording)
    await toast(query, words.done(less, message, texts), alert=True)
    undo = footers.taken_back(delivery_id, less, message.topic, texts, wish.per_week)
    await _redraw(query, [undo if is_undoable else footers.footer(texts, delivery_id)])


async def have_it_back(
    query: CallbackQuery, callback_data: HaveItBack, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _have_it_back(query, callback_data, member, texts, club, run)


async def old_consent(
    query: CallbackQuery, callback_data: OldConsent, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    delivery_id = callback_data.delivery_id
    if callback_data.given:
        wish = HaveItBack(delivery_id=delivery_id, less=Less.TOPIC)
        await _have_it_back(query, wish, member, texts, club, run)
    else:
        await _have_less(query, HaveLess(delivery_id=delivery_id, less=Less.TOPIC), member, texts, club, run)


async def _have_it_back(
    query: CallbackQuery, wish: HaveItBack, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    delivery_id, less = wish.delivery_id, wish.less
    if await _is_preview(query, delivery_id, texts):
        return
    wording = _label(query) or plain(texts("Undo"))
    message, said = await run(
        club.notifications.have_it_back, member, delivery_id, less, wish.per_week or None, wording
    )
    if said is Said.ASKED:
        await toast(query, screens.asked(texts), alert=True)
    else:
        await toast(query, words.undone(less, message, texts))
    await _redraw(query, [footers.footer(texts, delivery_id)])


async def go_on(query: CallbackQuery, callback_data: GoOn, directory: Directory, **data: Any) -> None:
    """A tap on any other button under such a message is noted and goes on to whose it is, with what came with it."""
    club: Club = data["club"]
    if callback_data.delivery_id != PREVIEW:
        await data["run"](club.notifications.open, data["member"], callback_data.delivery_id)
    data["directory"] = directory
    await directory.lead_on(query.model_copy(update={"data": callback_data.data}), data)


def _label(query: CallbackQuery) -> str:
    """What the button said; empty where the message cannot be seen any more."""
    if not isinstance(query.message, Message) or query.message.reply_markup is None:
        return ""
    shown = (button for row in query.message.reply_markup.inline_keyboard for button in row)
    return next((button.text for button in shown if button.callback_data == query.data), "")


async def _is_preview(query: CallbackQuery, delivery_id: int, texts: Texts) -> bool:
    if delivery_id == PREVIEW:
        await toast(query, words.only_a_preview(texts))
    return delivery_id == PREVIEW


async def _redraw(query: CallbackQuery, rows: Sequence[Row]) -> None:
    """Puts other rows in the place of ours. A message that is too old to be touched keeps what it has."""
    if not isinstance(query.message, Message):
        return
    keyboard = footers.with_row(query.message.reply_markup, rows)
    try:
        await query.message.edit_reply_markup(reply_markup=keyboard)
    except TelegramBadRequest as error:
        if not any(said in error.message for said in ("message is not modified", *GONE)):
            raise
