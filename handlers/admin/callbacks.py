from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class Admin(CallbackData, prefix="admin"):
    pass


class Stats(CallbackData, prefix="stats"):
    pass


class MerchantsPage(CallbackData, prefix="shops"):
    after: Number = 0


class UndoAdjustment(CallbackData, prefix="undo"):
    """Takes back what an adjustment did."""

    transaction_id: Number


class ShowAccount(CallbackData, prefix="account"):
    """A member's standing, and the transactions before number `before` (0: the newest)."""

    member_id: Number
    before: Number = 0


class AskReverse(CallbackData, prefix="askundo"):
    """To the question before a transaction is undone."""

    transaction_id: Number


class Reverse(CallbackData, prefix="reverse"):
    transaction_id: Number
