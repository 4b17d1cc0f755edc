from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class PointsPage(CallbackData, prefix="points"):
    """A page of movements older than `before` (0: the newest)."""

    before: Number = 0


class CheckIn(CallbackData, prefix="checkin"):
    pass
