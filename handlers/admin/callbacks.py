from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Admin(CallbackData, prefix="admin"):
    pass
