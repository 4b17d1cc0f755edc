"""What was typed into the forms. What cannot be taken is explained, and the form stays open."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers.forms import open_form
from handlers.offer_desk import forms, screens
from handlers.offer_desk.states import OfferForm
from handlers.refusals import words
from handlers.reply import show
from handlers.screens import Screen
from handlers.ware_forms import WareForms, answered, begun, written
from locales.texts import Texts, decimals_of
from loyalty.answers import clean_name
from loyalty.errors import InvalidWare
from loyalty.members import Member
from loyalty.offer_desk import Field
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.offer_desk import DeskCard


async def new_name(message: Message, member: Member, texts: Texts, state: FSMContext) -> None:
    known = await state.get_data()
    merchant_id: int = known["merchant_id"]
    try:
        name = clean_name(message.text or "")
    except InvalidWare as refusal:
        await show(message, forms.ask_new_name(merchant_id, texts, words(texts, refusal, member.zone)))
        return
    await open_form(state, OfferForm.new_words, **{**known, "name": name})
    await show(message, forms.ask_new_words(merchant_id, name, texts))


async def new_words(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    known = await state.get_data()
    merchant_id, nonce, name = known["merchant_id"], known["nonce"], known["name"]

    async def take() -> DeskCard:
        text, decimals = written(message, Field.DESCRIPTION), decimals_of(club.programme.currency)
        card = await run(club.offer_desk.begin, member, merchant_id, nonce, name, text)
        of = card.offer.id
        return await begun(
            message, card, lambda: run(club.offer_desk.write, member, of, Field.DESCRIPTION, text, decimals=decimals)
        )

    async def again(complaint: str) -> Screen:
        return forms.ask_new_words(merchant_id, name, texts, complaint)

    if (seen := await answered(message, member, texts, state, take, again)) is not None:
        await open_form(state, OfferForm.picture, offer_id=seen.offer.id, is_new=True)
        await show(message, forms.ask_picture(seen, texts, is_new=True))


def _changed(seen: DeskCard, asked: Field, texts: Texts) -> Screen:
    return screens.card(seen, texts)


FORMS = WareForms(
    "offer_id", Field, lambda club: club.offer_desk, forms, _changed, in_words=screens.words, pictured=screens.card
)
