from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Nonce, Number


class Admin(CallbackData, prefix="admin"):
    pass


class Stats(CallbackData, prefix="stats"):
    pass


class MerchantsPage(CallbackData, prefix="shops"):
    after: Number = 0


class SuspectsPage(CallbackData, prefix="guesses"):
    """Who was paused for wrong codes, the members with a number below `before` (0: from the first)."""

    before: Number = 0


class ClubLookups(CallbackData, prefix="lookups"):
    """Phones that were looked up before number `before` (0: the newest)."""

    before: Number = 0


class ReviewsPage(CallbackData, prefix="reviews"):
    """Large sales that wait, before number `before` (0: the newest)."""

    before: Number = 0


class ShowReview(CallbackData, prefix="review"):
    purchase_id: Number


class ReleaseSale(CallbackData, prefix="salego"):
    purchase_id: Number


class RefuseSale(CallbackData, prefix="saleno"):
    purchase_id: Number


class ConfirmAdjust(CallbackData, prefix="adjustyes"):
    """`number` is that of the message with the command: the wish, and its idempotency key."""

    number: Number


class ConfirmCredit(CallbackData, prefix="credityes"):
    """As `ConfirmAdjust`."""

    number: Number


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


class ShowShop(CallbackData, prefix="shopcard"):
    """A shop, with the people after the one with the id `after`. Also the way out of the form for its name."""

    merchant_id: Number
    after: Number = 0


class ShowShopPerson(CallbackData, prefix="shopman"):
    merchant_id: Number
    member_id: Number


class AskOff(CallbackData, prefix="askoff"):
    """To the question before somebody is taken off a staff."""

    merchant_id: Number
    member_id: Number


class TakeOff(CallbackData, prefix="takeoff"):
    """Ends what began in the second `since` or before."""

    merchant_id: Number
    member_id: Number
    since: Number


class InviteOwner(CallbackData, prefix="ownerinv"):
    """`nonce` is the idempotency key of this wish."""

    merchant_id: Number
    nonce: Nonce


class WithdrawOwnerInvite(CallbackData, prefix="ownerdrop"):
    invite_id: Number


class AskRename(CallbackData, prefix="shopname"):
    """To the form for a shop's new name."""

    merchant_id: Number
