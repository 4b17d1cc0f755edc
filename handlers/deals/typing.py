"""What was typed into the forms. What cannot be taken is explained, and the form stays open."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers.deals import forms, screens
from handlers.deals.states import DealForm
from handlers.forms import open_form
from handlers.reply import show
from handlers.screens import Screen
from handlers.ware_forms import WareForms, answered, begun, written
from locales.texts import Texts, decimals_of
from loyalty.deals import ASKED, Field
from loyalty.group_buys import Deal
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.deals import DealCard


async def new(message: Message, member: Member, texts: Texts, club: Club, run: Run, state: FSMContext) -> None:
    """The next answer about a new one; the last makes it."""
    known = await state.get_data()
    merchant_id, nonce, answers = known["merchant_id"], known["nonce"], known["answers"]
    asked, decimals = _next(answers), decimals_of(club.programme.currency)
    title = answers.get(Field.NAME, "")

    async def take() -> Deal | DealCard:
        given = {**answers, asked.value: written(message, asked)}
        if asked is ASKED[-1]:
            card = await run(club.deals.begin, member, merchant_id, nonce, given, decimals=decimals)
            of, text = card.deal.id, written(message, asked)
            return await begun(message, card, lambda: run(club.deals.write, member, of, asked, text, decimals=decimals))
        return await run(club.deals.check, member, merchant_id, given, decimals=decimals)

    async def again(complaint: str) -> Screen:
        return forms.ask_new(merchant_id, title, asked, decimals, texts, complaint)

    match await answered(message, member, texts, state, take, again):
        case DealCard() as card:
            await open_form(state, DealForm.picture, deal_id=card.deal.id, is_new=True)
            await show(message, forms.ask_picture(card, texts, is_new=True))
        case Deal() as deal:
            given = {**answers, asked.value: deal.title if asked is Field.NAME else message.text}
            await open_form(state, DealForm.new, merchant_id=merchant_id, nonce=nonce, answers=given)
            await show(message, forms.ask_new(merchant_id, deal.title, _next(given), decimals, texts))


def _next(answers: dict[str, str]) -> Field:
    return next(field for field in ASKED if field.value not in answers)


def _changed(card: DealCard, field: Field, texts: Texts) -> Screen:
    return screens.parts(card, texts)


FORMS = WareForms(
    "deal_id", Field, lambda club: club.deals, forms, _changed, in_words=screens.words, pictured=screens.card
)
