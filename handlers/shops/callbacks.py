from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class Shops(CallbackData, prefix="fronts"):
    """The shops of the club after the one with this id (0: the first page)."""

    after: Number = 0


class ShopFront(CallbackData, prefix="front"):
    """A shop as members see it, on the page of shops after `after`."""

    merchant_id: Number
    after: Number = 0
