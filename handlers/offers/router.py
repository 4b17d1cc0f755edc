from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from handlers.filters import DeepLink
from handlers.links import Links
from handlers.notifications.screens import asked
from handlers.offers import cards, screens
from handlers.offers.callbacks import (
    ClaimOffer,
    MyOffers,
    OffersConsent,
    OffersPage,
    SetOffers,
    ShowOffer,
    WhyShown,
)
from handlers.offers.ways import because
from handlers.refusals import words
from handlers.reply import Album, show, toast
from handlers.roles import MEMBER
from handlers.screens import plain
from locales.texts import Texts
from loyalty.errors import NotFound, OfferUnavailable, PriceChanged, TierTooLow
from loyalty.members import Member, Topic
from loyalty.merchants import said_in
from loyalty.notifications import Said
from loyalty.ports import Run
from loyalty.services import Club
from loyalty.services.offer_claims import OfferCard
from loyalty.services.offers import Explanation

PLACE = "offers"  # as the log of consents names it


def setup() -> Router:
    router = Router(name="offers")
    router.message.register(offers, Command("offers"), flags=MEMBER)
    router.callback_query.register(offers_again, MyOffers.filter(), flags=MEMBER)
    router.callback_query.register(page, OffersPage.filter(), flags=MEMBER)
    router.callback_query.register(card, ShowOffer.filter(), flags=MEMBER)
    router.message.register(follow, DeepLink("o"), flags=MEMBER)
    router.callback_query.register(claim, ClaimOffer.filter(), flags=MEMBER)
    router.callback_query.register(why_shown, WhyShown.filter(), flags=MEMBER)
    router.callback_query.register(ask_consent, OffersConsent.filter(), flags=MEMBER)
    router.callback_query.register(set_offers, SetOffers.filter(), flags=MEMBER)
    return router


async def offers(message: Message, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(message, screens.running(await run(club.offers.running, member), member, texts))


async def offers_again(query: CallbackQuery, member: Member, texts: Texts, club: Club, run: Run) -> None:
    await show(query, screens.running(await run(club.offers.running, member), member, texts))


async def page(
    query: CallbackQuery, callback_data: OffersPage, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    seen = await run(club.offers.running, member, callback_data.number)
    await show(query, screens.running(seen, member, texts))


async def card(
    query: CallbackQuery,
    callback_data: ShowOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    seen = await _look(callback_data.offer_id, member, club, run)
    await show(query, cards.card(seen, member, texts, links, callback_data.page), album)


async def follow(
    message: Message, payload: str, member: Member, texts: Texts, club: Club, run: Run, links: Links, album: Album
) -> None:
    """Somebody shared an offer."""
    if not (payload.isascii() and payload.isdigit() and len(payload) < 19):
        raise NotFound("offer", payload)
    seen = await _look(int(payload), member, club, run)
    await show(message, cards.card(seen, member, texts, links), album)


async def claim(
    query: CallbackQuery,
    callback_data: ClaimOffer,
    member: Member,
    texts: Texts,
    club: Club,
    run: Run,
    links: Links,
    album: Album,
) -> None:
    offer_id = callback_data.offer_id
    try:
        result = await run(club.offer_claims.claim, member, offer_id, callback_data.nonce, callback_data.price)
    except (OfferUnavailable, TierTooLow, PriceChanged) as refusal:
        seen = await run(club.offer_claims.card, member, offer_id)
        screen = cards.card(seen, member, texts, links, callback_data.page)
        await show(query, screen, album, said=words(texts, refusal, member.zone), alert=True)
    else:
        await show(query, await cards.claimed(result, member, texts, links), album)


async def why_shown(
    query: CallbackQuery, callback_data: WhyShown, member: Member, texts: Texts, club: Club, run: Run
) -> None:
    await _explain(query, await run(club.offers.why_shown, member, callback_data.offer_id), texts)


async def _look(offer_id: int, member: Member, club: Club, run: Run) -> OfferCard:
    seen = await run(club.offer_claims.card, member, offer_id)
    if seen.is_first_look:
        await run(club.offer_claims.look_at, member.id, offer_id)
    return seen


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


async def _explain(query: CallbackQuery, explained: Explanation, texts: Texts) -> None:
    shop = said_in(texts.language, explained.merchant_translations, "name", explained.merchant)
    said = because(explained.reasons, shop, texts) or texts("It is running now, and you may have a look at it.")
    await toast(query, said, alert=True)
