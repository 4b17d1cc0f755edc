from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class PickMonth(CallbackData, prefix="stmt"):
    """The months of a year (0: the present one)."""

    year: Number = 0


class GetStatement(CallbackData, prefix="stmtmonth"):
    year: Number
    month: Number
