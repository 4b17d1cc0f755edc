"""What the rules need to know of the club's currency, as its languages write it."""

from __future__ import annotations

from functools import cache

from locales.coins import cash_decimals_of, decimals_of, marks_of
from loyalty.currencies import Coin


@cache
def coin_of(currency: str) -> Coin:
    marks = marks_of(currency)
    return Coin(currency, decimals_of(currency), cash_decimals_of(currency), marks.own, marks.foreign)
