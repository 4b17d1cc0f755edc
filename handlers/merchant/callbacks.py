from __future__ import annotations

from aiogram.filters.callback_data import CallbackData

from handlers.fields import LongCode, Number


class Console(CallbackData, prefix="shop"):
    """A shop's console; it also leaves the form that asks for a code."""

    merchant_id: Number = 0


class CheckVoucher(CallbackData, prefix="vcheck"):
    """To the form that asks for a code; `merchant_id` is the console to come back to."""

    merchant_id: Number = 0


class UseVoucher(CallbackData, prefix="vuse"):
    """By the code that was scanned or typed: numbers count up, and whoever makes one up has been shown nothing."""

    voucher_code: LongCode


class PutBack(CallbackData, prefix="vundo"):
    """Undoes, for some minutes, that a voucher was taken."""

    voucher_id: Number
