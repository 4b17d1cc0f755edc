from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class Admin(CallbackData, prefix="admin"):
    pass


class Stats(CallbackData, prefix="stats"):
    pass


class MerchantsPage(CallbackData, prefix="shops"):
    after: Number = 0


class UndoAdjustment(CallbackData, prefix="unadj"):
    """Takes back what the command in message `source` did."""

    member_id: Number
    points: int
    source: Number
