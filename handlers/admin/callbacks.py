from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Admin(CallbackData, prefix="admin"):
    pass


class Stats(CallbackData, prefix="stats"):
    pass


class MerchantsPage(CallbackData, prefix="shops"):
    after: int = 0


class UndoAdjustment(CallbackData, prefix="unadj"):
    """Takes back what the command in message `source` did."""

    member_id: int
    points: int
    source: int
