from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class ShowFigures(CallbackData, prefix="bfigures"):
    broadcast_id: Number


class ShowPicture(CallbackData, prefix="bchart"):
    """The same figures, drawn."""

    broadcast_id: Number


class GetFigures(CallbackData, prefix="bcsv"):
    """The same figures, as a file."""

    broadcast_id: Number


class ShowShopSent(CallbackData, prefix="bshop"):
    """What a shop sent in the last `period` days, those before `before` (0: the newest)."""

    merchant_id: Number
    period: Number
    before: Number = 0


class GetShopSent(CallbackData, prefix="bshopcsv"):
    merchant_id: Number
    period: Number


class ShowClubSent(CallbackData, prefix="bclub"):
    """For the operator: who writes how much, after so many shops."""

    after: Number = 0
