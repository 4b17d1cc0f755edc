from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class MyTier(CallbackData, prefix="tier"):
    pass


class UndoGrant(CallbackData, prefix="ungrant"):
    """Takes a grant back. `kept` is until when the tier before it was kept, in seconds since 1970; 0: it was not."""

    member_id: Number
    change_id: Number
    kept: Number = 0
