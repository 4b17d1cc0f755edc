"""What was typed into the forms. What cannot be taken is explained, and the form stays open."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers.forms import open_form
from handlers.refusals import words
from handlers.reply import show
from handlers.screens import Screen
from handlers.shelf import forms, screens
from handlers.shelf.states import ShelfForm
from handlers.ware_forms import WareForms, answered, begun
from locales.texts import Texts, decimals_of
from loyalty.answers import clean_name
from loyalty.errors import InvalidWare
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.shelf import ShelfCard
from loyalty.shelf import Field


async def new_name(message: Message, member: Member, texts: Texts, state: FSMContext) -> None:
    known = await state.get_data()
    merchant_id: int = known["merchant_id"]
    try:
        name = clean_name(message.text or "")
    except InvalidWare as refusal:
        await show(message, forms.ask_new_name(merchant_id, texts, words(texts, refusal, member.zone)))
        return
    await open_form(state, ShelfForm.new_points, **{**known, "name": name})
    await show(message, forms.ask_new_points(merchant_id, name, texts))


async def new_points(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    merchant_id, nonce, name = known["merchant_id"], known["nonce"], known["name"]

    async def take() -> ShelfCard:
        text, decimals = message.text or "", decimals_of(club.programme.currency)
        card = await run(club.shelf.begin, member, merchant_id, nonce, name, text)
        of = card.reward.id
        return await begun(
            message, card, lambda: run(club.shelf.write, member, of, Field.POINTS, text, decimals=decimals)
        )

    async def again(complaint: str) -> Screen:
        return forms.ask_new_points(merchant_id, name, texts, complaint)

    if (seen := await answered(message, member, texts, state, take, again)) is not None:
        await open_form(state, ShelfForm.picture, reward_id=seen.reward.id, is_new=True)
        await show(message, forms.ask_picture(seen, texts, is_new=True))


def _changed(seen: ShelfCard, asked: Field, texts: Texts) -> Screen:
    return forms.ask_span(seen, texts) if asked is Field.LIMIT else screens.card(seen, texts)


FORMS = WareForms(
    "reward_id", Field, lambda club: club.shelf, forms, _changed, in_words=screens.words, pictured=screens.card
)
