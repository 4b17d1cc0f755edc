from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number
from loyalty.group_buys import Choice


class ShowChoices(CallbackData, prefix="choices"):
    """What can be made of a group that did not fill."""

    group_id: Number


class Choose(CallbackData, prefix="choose"):
    """One of them; alone, at the price that the button says."""

    group_id: Number
    choice: Choice
    points: Number = 0
    price: Number = 0
