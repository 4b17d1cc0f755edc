from __future__ import annotations

from aiogram.filters.callback_data import CallbackData


class RewardsPage(CallbackData, prefix="rewards"):
    after: int = 0


class Wallet(CallbackData, prefix="wallet"):
    before: int = 0
