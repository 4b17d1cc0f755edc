from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Console(CallbackData, prefix="shop"):
    merchant_id: int = 0
