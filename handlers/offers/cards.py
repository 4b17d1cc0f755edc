"""One offer: its words and terms, and the way to have it."""

from __future__ import annotations

from datetime import datetime
from html import escape

from handlers.links import Links
from handlers.offers.callbacks import ClaimOffer, MyOffers, OffersPage, WhyShown
from handlers.offers.terms import terms
from handlers.offers.ways import way_to
from handlers.refusals import words
from handlers.rewards.callbacks import Wallet
from handlers.rewards.titles import last_day
from handlers.rewards.wallet import voucher_screen
from handlers.screens import Button, Screen, StoredPicture, button, link_button, plain
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.members import Member
from loyalty.merchants import said_in
from loyalty.offers import Offer
from loyalty.services.offer_claims import Claimed, OfferCard
from loyalty.vouchers import VoucherState


def card(seen: OfferCard, member: Member, texts: Texts, links: Links, page: int = 0) -> Screen:
    """An offer, and whether the member can have it now; if not, why. `page` is where it was found in the list."""
    offer = seen.offer
    text = escape(said_in(texts.language, offer.translations, "description", offer.text), quote=False)
    parts = [heading(offer, texts), text, terms(seen.candidate, seen.had, member, seen.now, seen.currency, texts)]
    ways: list[Button] = []
    if seen.obstacle is not None:
        parts.append(words(texts, seen.obstacle, member.zone))
        if seen.had:
            ways = [button(texts("My vouchers"), Wallet())]
    elif offer.is_claimable:
        parts.append(_voucher(seen.good_until, texts))
        ways = [button(texts("Claim"), _claim(seen, page))]
    else:
        ways = [way_to(texts("Show me"), offer.reward_id, offer.deal_id)]
    about = [button(texts("Why for me?"), WhyShown(offer_id=offer.id))]
    if seen.obstacle is None:
        url = links.sharing(links.offer(offer.id), plain(heading_words(offer, texts)))
        about.append(link_button(texts("Share"), url))
    back = OffersPage(number=page) if page else MyOffers()
    return Screen(
        "\n\n".join(part for part in parts if part),
        [ways, about, [button(texts("Back"), back), button(texts("Home"), Home())]],
        picture=None if offer.picture_id is None else StoredPicture(offer.picture_id),
    )


async def claimed(result: Claimed, member: Member, texts: Texts, links: Links) -> Screen:
    """The voucher just got, the same again for the same tap."""
    voucher = result.voucher
    above = texts("It is yours.") if voucher.state is VoucherState.ISSUED else None
    return await voucher_screen(voucher, member, texts, links, above=above)


def heading(offer: Offer, texts: Texts) -> str:
    title = said_in(texts.language, offer.translations, "name", offer.title)
    return texts("<b>{title}</b> · {shop}", title=title, shop=offer.merchant.shop(texts.language))


def heading_words(offer: Offer, texts: Texts) -> str:
    """The same without its looks, for what a member sends to a friend."""
    title = said_in(texts.language, offer.translations, "name", offer.title)
    return texts("{title} · {shop}", title=title, shop=offer.merchant.shop(texts.language))


def _voucher(good_until: datetime, texts: Texts) -> str:
    until = last_day(good_until, texts)
    return texts("You get a voucher for the counter, good until {date}.", date=until)


def _claim(seen: OfferCard, page: int) -> ClaimOffer:
    return ClaimOffer(offer_id=seen.offer.id, nonce=seen.nonce, price=seen.offer.price_minor, page=page)
