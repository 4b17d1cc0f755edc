from __future__ import annotations

from typing import Annotated, Self

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Nonce, Number, Short
from loyalty.rewards import Wanted
from loyalty.vouchers import Shelf

WORDS_MAX = 24  # bytes; what is left of Telegram's 64 beside the rest of `Browse`

Words = Annotated[str, Field(pattern=r"^[^\x00-\x1f:]*$")]


class RewardsPage(CallbackData, prefix="rewards"):
    """All rewards after the one with this price and id; without, the first ones."""

    points: Number = 0
    after: Number = 0


class Narrowed(CallbackData, prefix="narrowed"):
    """What is wanted of the rewards, kept by every button on the way. `shop` 0: of all shops."""

    shop: Short = 0
    in_reach: bool = False
    favourite: bool = False
    words: Words = ""

    @classmethod
    def of(cls, wanted: Wanted, **rest: int) -> Self:
        return cls(
            shop=wanted.merchant_id or 0,
            in_reach=wanted.is_in_reach,
            favourite=wanted.is_favourite,
            words=wanted.words,
            **rest,
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.shop or None, self.in_reach, self.favourite, self.words)


class Browse(Narrowed, prefix="rfind"):
    """What is wanted, after the one with this price and id."""

    points: Short = 0
    after: Short = 0


class ShopsPage(Narrowed, prefix="rshops"):
    """To the shops after the one with this id, of which one is picked."""

    after: Short = 0


class AskSearch(Narrowed, prefix="rsearch"):
    """To the form that asks for words."""


class LeaveSearch(Narrowed, prefix="norsearch"):
    """Out of the form, back to what was wanted before."""


class ShowFound(Narrowed, prefix="rfound"):
    """A reward out of what is wanted, to which its card leads back."""

    reward_id: Short


class ShowReward(CallbackData, prefix="reward"):
    reward_id: Number


class Heart(Narrowed, prefix="heart"):
    """Makes a reward a favourite, or none any more: as it says, however often it is tapped."""

    reward_id: Short
    is_on: bool


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


class AskGiveBack(CallbackData, prefix="vback"):
    """To the question before a voucher becomes points again."""

    voucher_id: Number


class GiveBack(CallbackData, prefix="vbacknow"):
    voucher_id: Number
