"""Buttons of the till. Whom a shop serves, and for how much, lies in the form: a button made up finds nobody."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import CardCode, Nonce, Number


class OpenTill(CallbackData, prefix="till"):
    """To the form that asks for the customer; it also leaves a purchase that was begun."""

    merchant_id: Number


class ServeCard(CallbackData, prefix="tillcard"):
    """A card was scanned by somebody who works at several shops: this one."""

    merchant_id: Number
    code: CardCode


class PickCustomer(CallbackData, prefix="tillwho"):
    """One of those who were offered."""

    customer_id: Number


class IsAmount(CallbackData, prefix="tillsure"):
    """What was typed is the amount, as large as it is."""


class IsCustomer(CallbackData, prefix="tillnext"):
    """What was typed is the next customer."""


class BackToSale(CallbackData, prefix="tillgoon"):
    """To the purchase as it stood."""


class ChangeAmount(CallbackData, prefix="tillamount"):
    """Back to the form that asks for the amount."""


class BookSale(CallbackData, prefix="tillbook"):
    nonce: Nonce


class AskTake(CallbackData, prefix="tillvask"):
    """To the question whether a voucher of the customer who is served is to be taken."""

    voucher_id: Number


class TakeVoucher(CallbackData, prefix="tilltake"):
    """Takes a voucher of the customer who is served, and goes on with them."""

    voucher_id: Number


class UndoSale(CallbackData, prefix="tillundo"):
    purchase_id: Number


class ListSales(CallbackData, prefix="tillsales"):
    """What the shop sold, and the form that asks for a receipt. `before` is the id to page on from; 0: the newest."""

    merchant_id: Number
    before: Number = 0


class ShowSale(CallbackData, prefix="tillsale"):
    purchase_id: Number


class AskRefund(CallbackData, prefix="tillback"):
    """Of all that is left."""

    purchase_id: Number


class AskPart(CallbackData, prefix="tillpart"):
    """To the form that asks how much of it."""

    purchase_id: Number


class RefundSale(CallbackData, prefix="tillrefund"):
    """The answer to one question: `nonce` makes it happen once."""

    purchase_id: Number
    amount_minor: Number
    nonce: Nonce
