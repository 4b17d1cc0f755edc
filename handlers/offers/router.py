from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.notifications.screens import asked
from handlers.offers import screens
from handlers.offers.callbacks import MyOffers, OffersConsent, SetOffers
from handlers.reply import show
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.members import Member, Topic
from loyalty.notifications import Said
from loyalty.ports import Run
from loyalty.services import Club

PLACE = "offers"  # as the log of consents names it


def setup() -> Router:
    router = Router(name="offers")
    router.message.register(offers, Command("offers"), flags=MEMBER)
    router.callback_query.register(offers_again, MyOffers.filter(), flags=MEMBER)
    router.callback_query.register(ask_consent, OffersConsent.filter(), flags=MEMBER)
    router.callback_query.register(set_offers, SetOffers.filter(), flags=MEMBER)
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
    said = await run(club.members.consent, member, Topic.OFFERS, callback_data.on, plain(wording), PLACE)
    if said is Said.ASKED:
        await show(query, screens.asked_twice(asked(texts), texts))
    else:
        await show(query, screens.turned_on(texts) if callback_data.on else screens.turned_off(texts))
