from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Nonce, Number, Price, Short


class MyOffers(CallbackData, prefix="offers"):
    pass


class OffersPage(CallbackData, prefix="offerspage"):
    number: Short


class ShowOffer(CallbackData, prefix="offer"):
    """An offer, which leads back to the page that it was on."""

    offer_id: Number
    page: Short = 0


class ClaimOffer(CallbackData, prefix="offerclaim"):
    """`nonce` makes it happen once, at the price at the counter that was shown."""

    offer_id: Number
    nonce: Nonce
    price: Price
    page: Short


class WhyShown(CallbackData, prefix="offerwhy"):
    offer_id: Number


class OffersConsent(CallbackData, prefix="offersask"):
    """Shows what saying yes means."""


class SetOffers(CallbackData, prefix="offersset"):
    on: bool
