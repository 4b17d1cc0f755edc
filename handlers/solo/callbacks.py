from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Nonce, Number


class AskSolo(CallbackData, prefix="solo"):
    """To the question before one is bought without a group."""

    deal_id: Number


class BuySolo(CallbackData, prefix="solobuy"):
    """The answer to one question: `nonce` makes it happen once, at the price that was asked."""

    deal_id: Number
    nonce: Nonce
    points: Number
    price: Number
