"""The member card: picture, code, phone number."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.cards import screens
from handlers.cards.callbacks import AskNewCode, AskPhone, ForgetPhone, NewCode, ShowCard, ShowPhone
from handlers.cards.states import PhoneForm
from handlers.claims.screens import question
from handlers.links import Links
from handlers.refusals import words
from handlers.reply import put_keys_away, send_keys, show
from handlers.roles import MEMBER
from locales.texts import Texts
from loyalty.errors import InvalidPhone, NotOwnContact
from loyalty.members import Member
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="cards")
    router.message.register(card, Command("card"), flags=MEMBER)
    router.callback_query.register(card, ShowCard.filter(), flags=MEMBER)
    router.callback_query.register(ask_new_code, AskNewCode.filter(), flags=MEMBER)
    router.callback_query.register(new_code, NewCode.filter(), flags=MEMBER)
    router.callback_query.register(phone, ShowPhone.filter(), flags=MEMBER)
    router.callback_query.register(ask_phone, AskPhone.filter(), flags=MEMBER)
    router.message.register(shared, StateFilter(PhoneForm.contact), flags=MEMBER)
    router.callback_query.register(forget_phone, ForgetPhone.filter(), flags=MEMBER)
    return router


async def card(
    event: Message | CallbackQuery, member: Member, texts: Texts, club: Club, run: Run, links: Links
) -> None:
    code = await run(club.cards.card, member)
    await show(event, await screens.card(member, code, club.programme.club, texts, links))


async def ask_new_code(query: CallbackQuery, callback_data: AskNewCode, texts: Texts) -> None:
    await show(query, screens.ask_new_code(callback_data.instead_of, texts))


async def new_code(
    query: CallbackQuery,
    callback_data: NewCode,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
) -> None:
    code = await run(club.cards.renew, member, callback_data.instead_of)
    above = screens.renewed(texts)
    await show(query, await screens.card(member, code, club.programme.club, texts, links, above=above))


async def phone(query: CallbackQuery, state: FSMContext, member: Member, texts: Texts) -> None:
    if await state.get_state() == PhoneForm.contact.state:
        await state.clear()
        await put_keys_away(query, texts("Nothing was changed."))
    await show(query, screens.phone(member.phone, texts))


async def ask_phone(query: CallbackQuery, state: FSMContext, texts: Texts) -> None:
    await state.set_state(PhoneForm.contact)
    await show(query, screens.ask_phone(texts))
    await send_keys(query, texts("Only your own number can be shared here."), screens.contact_key(texts))


async def shared(message: Message, state: FSMContext, member: Member, texts: Texts, club: Club, run: Run) -> None:
    """Telegram vouches for a contact whose id is the sender's; a typed number could be anybody's."""
    contact = message.contact
    is_own = contact is not None and contact.user_id == _sender(message)
    try:
        number = await run(club.cards.set_phone, member, contact.phone_number if contact else "", is_own=is_own)
    except (NotOwnContact, InvalidPhone) as refusal:
        await show(message, screens.ask_phone(texts, words(texts, refusal, member.zone)))
        return
    await state.clear()
    await put_keys_away(message, texts("Noted. Thank you."))
    offered = await run(club.claims.offer_to, member)
    await show(message, screens.phone(number, texts) if offered is None else question(offered, texts))


async def forget_phone(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await run(club.cards.forget_phone, member)
    await show(query, screens.phone(None, texts))


def _sender(message: Message) -> int:
    assert message.from_user is not None, "only people share contacts"
    return message.from_user.id
