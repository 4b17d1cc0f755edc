from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.offers import screens
from handlers.offers.callbacks import MyOffers, OffersConsent, SetOffers, WhyOffer
from handlers.offers.ways import because
from handlers.reply import show, toast
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.members import Member, Topic
from loyalty.merchants import said_in
from loyalty.ports import Run
from loyalty.services import Club


def setup() -> Router:
    router = Router(name="offers")
    router.message.register(offers, Command("offers"), flags=MEMBER)
    router.callback_query.register(offers_again, MyOffers.filter(), flags=MEMBER)
    router.callback_query.register(ask_consent, OffersConsent.filter(), flags=MEMBER)
    router.callback_query.register(set_offers, SetOffers.filter(), flags=MEMBER)
    router.callback_query.register(why, WhyOffer.filter(), flags=MEMBER)
    return router


async def offers(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.today(await run(club.offers.today, member), texts))


async def offers_again(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(query, screens.today(await run(club.offers.today, member), texts))


async def ask_consent(query: CallbackQuery, texts: Texts) -> None:
    await show(query, screens.consent(texts))


async def set_offers(
    query: CallbackQuery, callback_data: SetOffers, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    wording = screens.offer_terms(texts) if callback_data.on else texts("Stop")
    await run(club.members.consent, member, Topic.OFFERS, callback_data.on, plain(wording))
    await show(query, screens.turned_on(texts) if callback_data.on else screens.turned_off(texts))


async def why(
    query: CallbackQuery, callback_data: WhyOffer, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    explained = await run(club.offers.why, member.id, callback_data.delivery_id)
    shop = said_in(texts.language, explained.merchant_translations, "name", explained.merchant)
    await toast(query, because(explained.reasons, shop, texts), alert=True)
