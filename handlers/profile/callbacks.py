from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class ShowProfile(CallbackData, prefix="profile"):
    pass
