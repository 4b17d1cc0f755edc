from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class DealsPage(CallbackData, prefix="deals"):
    after: int = 0
