from __future__ import annotations

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from handlers.fields import Number

MonthGiven = Annotated[str, Field(pattern="^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")]  # empty: the one that runs


class Settle(CallbackData, prefix="settle"):
    """All merchants' month, for the operator."""

    month: MonthGiven = ""


class SettleFile(CallbackData, prefix="settlefile"):
    month: MonthGiven


class ShopStatement(CallbackData, prefix="shopmonth"):
    """One shop's month, for its owner."""

    merchant_id: Number
    month: MonthGiven = ""


class ShopStatementFile(CallbackData, prefix="shopfile"):
    merchant_id: Number
    month: MonthGiven
