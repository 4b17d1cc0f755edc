from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import Number


class Console(CallbackData, prefix="shop"):
    """A shop's console; it also leaves the form that asks for a code."""

    merchant_id: Number = 0


class CheckVoucher(CallbackData, prefix="vcheck"):
    """To the form that asks for a code; `merchant_id` is the console to come back to."""

    merchant_id: Number = 0


class UseVoucher(CallbackData, prefix="vuse"):
    voucher_id: Number
