from __future__ import annotations

from typing import Annotated, Self

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Nonce, Number
from loyalty.rewards import Wanted
from loyalty.vouchers import Shelf

WORDS_MAX = 24  # bytes; what is left of Telegram's 64 beside the rest of `Browse`

# Short, so that a button can carry several: no club has a milliard of anything.
Short = Annotated[int, Field(ge=0, lt=10**9)]
Words = Annotated[str, Field(pattern=r"^[^\x00-\x1f:]*$")]


class RewardsPage(CallbackData, prefix="rewards"):
    """All rewards after the one with this price and id; without, the first ones."""

    points: Number = 0
    after: Number = 0


class Browse(CallbackData, prefix="rfind"):
    """What is wanted of the rewards, after the one with this price and id. `shop` 0: of all shops."""

    points: Short = 0
    after: Short = 0
    shop: Short = 0
    in_reach: bool = False
    favourite: bool = False
    words: Words = ""

    @classmethod
    def of(cls, wanted: Wanted, points: int = 0, after: int = 0) -> Self:
        return cls(
            points=points,
            after=after,
            shop=wanted.merchant_id or 0,
            in_reach=wanted.is_in_reach,
            favourite=wanted.is_favourite,
            words=wanted.words,
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.shop or None, self.in_reach, self.favourite, self.words)


class ShopsPage(CallbackData, prefix="rshops"):
    """To the shops after the one with this id, of which one is picked; the rest of what is wanted stays."""

    after: Short = 0
    in_reach: bool = False
    favourite: bool = False
    words: Words = ""

    @property
    def wanted(self) -> Wanted:
        return Wanted(None, self.in_reach, self.favourite, self.words)


class AskSearch(CallbackData, prefix="rsearch"):
    """To the form that asks for words; the rest of what is wanted stays."""

    shop: Short = 0
    in_reach: bool = False
    favourite: bool = False

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.shop or None, self.in_reach, self.favourite)


class LeaveSearch(AskSearch, prefix="norsearch"):
    """Out of the form, back to what was wanted before."""


class ShowReward(CallbackData, prefix="reward"):
    reward_id: Number


class Heart(CallbackData, prefix="heart"):
    """Makes a reward a favourite, or none any more: as it says, however often it is tapped."""

    reward_id: Number
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
