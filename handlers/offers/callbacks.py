from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field


class MyOffers(CallbackData, prefix="offers"):
    pass


class OffersConsent(CallbackData, prefix="offersask"):
    """Shows what saying yes means."""


class SetOffers(CallbackData, prefix="offersset"):
    on: bool


class WhyOffer(CallbackData, prefix="why"):
    delivery_id: Annotated[int, Field(ge=0, le=2**62)]  # made-up ones included, the database takes it for a number
