from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Nonce, Number
from loyalty.vouchers import Shelf


class RewardsPage(CallbackData, prefix="rewards"):
    """The rewards after the one with this price and id; without, the first ones."""

    points: Number = 0
    after: Number = 0


class ShowReward(CallbackData, prefix="reward"):
    reward_id: Number


class AskRedeem(CallbackData, prefix="ask"):
    """To the question before points are spent."""

    reward_id: Number


class Redeem(CallbackData, prefix="redeem"):
    """The answer to one question: `nonce` makes it happen once, at the price that was asked."""

    reward_id: Number
    nonce: Nonce
    points: Number
    price: Number


class Wallet(CallbackData, prefix="wallet"):
    """A shelf of the member's vouchers, older than `before` (0: the newest)."""

    before: Number = 0
    shelf: Shelf = Shelf.WAITING


class ShowVoucher(CallbackData, prefix="voucher"):
    voucher_id: Number
