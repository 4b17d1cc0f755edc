from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from loyalty.codes import NONCE_LENGTH
from loyalty.vouchers import Shelf

# What a database takes for a number. Buttons can be made up, and larger ones would be an error there.
Number = Annotated[int, Field(ge=0, le=2**62)]
Nonce = Annotated[str, Field(pattern=rf"^[0-9A-Z]{{{NONCE_LENGTH}}}$")]


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
    """The answer to one question: `nonce` makes it happen once."""

    reward_id: Number
    nonce: Nonce


class Wallet(CallbackData, prefix="wallet"):
    """A shelf of the member's vouchers, older than `before` (0: the newest)."""

    before: Number = 0
    shelf: Shelf = Shelf.WAITING


class ShowVoucher(CallbackData, prefix="voucher"):
    voucher_id: Number
