from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class MyOffers(CallbackData, prefix="offers"):
    pass


class OffersConsent(CallbackData, prefix="offersask"):
    """Shows what saying yes means."""


class SetOffers(CallbackData, prefix="offersset"):
    on: bool
