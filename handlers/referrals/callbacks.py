from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class Invite(CallbackData, prefix="invite"):
    pass
