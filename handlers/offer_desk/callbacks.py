from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number
from loyalty.members import Language, Tier
from loyalty.offer_desk import Field
from loyalty.offers import OfferKind
from loyalty.wares import Turn


class ShowShopOffers(CallbackData, prefix="ofpage"):
    """A page of a shop's offers, after the one of this rank and id (0: the first page). Also the way out of the form
    for a new one."""

    merchant_id: Number
    rank: Number = 0
    before: Number = 0


class NewShopOffer(CallbackData, prefix="ofnew"):
    merchant_id: Number


class ShowShopOffer(CallbackData, prefix="ofcard"):
    """An offer as its shop sees it; also the way out of a form."""

    offer_id: Number


class EditOffer(CallbackData, prefix="ofedit"):
    offer_id: Number
    field: Field


class ClearOffer(CallbackData, prefix="ofclear"):
    """Without what the field said: unlimited, from now, no end."""

    offer_id: Number
    field: Field


class SetOfferTier(CallbackData, prefix="oftier"):
    offer_id: Number
    tier: Tier


class EndWithOffer(CallbackData, prefix="oftoend"):
    """Vouchers end when the offer does."""

    offer_id: Number


class ClaimHere(CallbackData, prefix="ofhere"):
    """The offer gives a voucher at once."""

    offer_id: Number


class ShowTargets(CallbackData, prefix="ofleads"):
    """To the shop's rewards or deals, of which one is picked; those with an id below `before` (0: the newest)."""

    offer_id: Number
    kind: OfferKind
    before: Number = 0


class LeadTo(CallbackData, prefix="oflead"):
    offer_id: Number
    kind: OfferKind
    target: Number


class ShowOfferWords(CallbackData, prefix="oflang"):
    """Its words in the languages of the club."""

    offer_id: Number


class EditOfferWords(CallbackData, prefix="ofwords"):
    offer_id: Number
    language: Language
    field: Field


class ClearOfferWords(CallbackData, prefix="ofnowords"):
    offer_id: Number
    language: Language
    field: Field


class PreviewOffer(CallbackData, prefix="ofpreview"):
    offer_id: Number


class AskOfferTurn(CallbackData, prefix="ofask"):
    """To the question before it is published or removed."""

    offer_id: Number
    turn: Turn


class TakeOfferTurn(CallbackData, prefix="ofturn"):
    offer_id: Number
    turn: Turn


class AskEndOffer(CallbackData, prefix="ofend"):
    offer_id: Number


class EndOffer(CallbackData, prefix="ofended"):
    offer_id: Number


class GetOfferTable(CallbackData, prefix="oftable"):
    """The shop's offers and their figures as a file."""

    merchant_id: Number
