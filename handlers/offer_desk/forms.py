"""The questions that are answered by typing or picking, each with its way out."""

from __future__ import annotations

from handlers import names, wares
from handlers.offer_desk.callbacks import (
    ClaimHere,
    ClearOffer,
    ClearOfferWords,
    EditOffer,
    EndWithOffer,
    LeadTo,
    SetOfferTier,
    ShowOfferWords,
    ShowShopOffer,
    ShowShopOffers,
    ShowTargets,
)
from handlers.paging import newest_and_older
from handlers.screens import Button, Row, Screen, button, shortened
from handlers.wares import question
from locales.texts import Markup, Texts
from loyalty.answers import LIMIT_MAX, NAME_MAX, example_price
from loyalty.members import Language, Tier
from loyalty.offer_desk import DAYS_MAX, Field
from loyalty.offers import OfferKind
from loyalty.services.offer_desk import DeskCard, Targets


def ask_new_name(merchant_id: int, texts: Texts, complaint: str | None = None) -> Screen:
    """`complaint`, here and below: what was wrong with what was typed; the form is still open."""
    return question(_ask_name(texts), [_no_new_one(merchant_id, texts)], complaint)


def ask_new_words(merchant_id: int, name: str, texts: Texts, complaint: str | None = None) -> Screen:
    asked = texts("<b>{title}</b>", title=name) + "\n\n" + wares.ask_description(texts)
    return question(asked, [_no_new_one(merchant_id, texts)], complaint)


def ask_picture(card: DeskCard, texts: Texts, complaint: str | None = None, *, is_new: bool = False) -> Screen:
    """`is_new`: the last question about a new one."""
    if is_new:
        ways = [button(texts("Without a picture"), ShowShopOffer(offer_id=card.offer.id))]
    else:
        ways = [*_without(card, Field.PICTURE, texts), _cancel(card, texts)]
    return question(wares.ask_picture(texts), ways, complaint)


def ask(card: DeskCard, field: Field, decimals: int, texts: Texts, complaint: str | None = None) -> Screen:
    """For one field of an offer; `decimals` are those of the currency."""
    asked = _heading(card, texts) + "\n\n" + _ask(card, field, decimals, texts)
    ways = [*_without(card, field, texts), _cancel(card, texts)]
    if field is Field.DAYS and card.offer.ends_at is not None and card.offer.voucher_days:
        ways.insert(0, button(texts("To the offer's end"), EndWithOffer(offer_id=card.offer.id)))
    return question(asked, ways, complaint)


def ask_tier(card: DeskCard, texts: Texts) -> Screen:
    tiers = [
        [button(f"{names.tier_medal(tier)} {names.tier(texts, tier)}", SetOfferTier(offer_id=card.offer.id, tier=tier))]
        for tier in Tier
    ]
    asked = _heading(card, texts) + "\n\n" + texts("From which tier on can members have it?")
    return Screen(asked, [*tiers, [_cancel(card, texts)]])


def ask_kind(card: DeskCard, texts: Texts) -> Screen:
    offer_id = card.offer.id
    asked = texts("What do members get? A voucher at once, or does the offer lead to something that your shop has?")
    return Screen(
        _heading(card, texts) + "\n\n" + asked,
        [
            [button(texts("A voucher, claimed here"), ClaimHere(offer_id=offer_id))],
            [button(texts("One of our rewards"), ShowTargets(offer_id=offer_id, kind=OfferKind.REWARD))],
            [button(texts("One of our group buys"), ShowTargets(offer_id=offer_id, kind=OfferKind.DEAL))],
            [_cancel(card, texts)],
        ],
    )


def ask_target(seen: Targets, texts: Texts) -> Screen:
    """A page of the shop's rewards or group buys, to pick one from."""
    offer_id, kind = seen.card.offer.id, seen.kind
    if seen.targets:
        asked = texts("Which one does it lead to?")
    elif not seen.is_first_page:
        asked = texts("That was all of them.")
    elif kind is OfferKind.REWARD:
        asked = texts("Your shop has no reward that members can see. Publish one first, under Our rewards.")
    else:
        asked = texts("Your shop has no group buy that members can see. Publish one first, under Our group buys.")
    rows: list[Row] = [
        [
            button(
                shortened(wares.called(target.title, target.translations, texts)),
                LeadTo(offer_id=offer_id, kind=kind, target=target.id),
            )
        ]
        for target in seen.targets
    ]
    paging = newest_and_older(
        None if seen.is_first_page else ShowTargets(offer_id=offer_id, kind=kind),
        None if seen.more_before is None else ShowTargets(offer_id=offer_id, kind=kind, before=seen.more_before),
        texts,
    )
    back = button(texts("Back"), EditOffer(offer_id=offer_id, field=Field.LEADS_TO))
    return Screen(_heading(seen.card, texts) + "\n\n" + asked, [*rows, paging, [back]])


def ask_words(card: DeskCard, field: Field, language: Language, texts: Texts, complaint: str | None = None) -> Screen:
    offer = card.offer
    ways = [button(texts("Cancel"), ShowOfferWords(offer_id=offer.id))]
    if field in offer.translations.get(language, {}):
        clear = ClearOfferWords(offer_id=offer.id, language=language, field=field)
        ways.insert(0, button(texts("As first written"), clear))
    original = offer.title if field is Field.NAME else offer.text
    return wares.ask_words(field, language, original, ways, texts, complaint)


def _no_new_one(merchant_id: int, texts: Texts) -> Button:
    return button(texts("Cancel"), ShowShopOffers(merchant_id=merchant_id))


def _cancel(card: DeskCard, texts: Texts) -> Button:
    return button(texts("Cancel"), ShowShopOffer(offer_id=card.offer.id))


def _heading(card: DeskCard, texts: Texts) -> str:
    return texts("<b>{title}</b>", title=wares.called(card.offer.title, card.offer.translations, texts))


def _ask_name(texts: Texts) -> Markup:
    return texts("What do you offer? Type it in a few words, up to {most} characters.", most=NAME_MAX)


def _ask(card: DeskCard, field: Field, decimals: int, texts: Texts) -> Markup:
    match field:
        case Field.NAME:
            return _ask_name(texts)
        case Field.DESCRIPTION:
            return wares.ask_description(texts)
        case Field.PRICE:
            return texts("How much is paid at the counter? Type it like {example}.", example=example_price(decimals))
        case Field.STOCK:
            return wares.ask_stock(card.offer.stock, texts)
        case Field.LIMIT:
            return texts("How often can one member have it? Type a whole number from 1 to {most}.", most=LIMIT_MAX)
        case Field.DAYS:
            return texts("How many days is its voucher good? Type a whole number from 1 to {most}.", most=DAYS_MAX)
        case Field.STARTS:
            return wares.ask_starts(texts)
        case _:
            return wares.ask_ends(texts)


def _without(card: DeskCard, field: Field, texts: Texts) -> list[Button]:
    """The button that takes back what the field says, where it says something."""
    offer = card.offer
    says = {
        Field.DESCRIPTION: bool(offer.text),
        Field.PRICE: bool(offer.price_minor),
        Field.STOCK: offer.stock is not None,
        Field.LIMIT: offer.per_member is not None,
        Field.DAYS: offer.voucher_days is not None and offer.ends_at is None,
        Field.STARTS: offer.starts_at is not None,
        Field.ENDS: offer.ends_at is not None,
        Field.PICTURE: offer.picture_id is not None,
    }
    return [button(wares.without(field, texts), ClearOffer(offer_id=offer.id, field=field))] if says.get(field) else []
