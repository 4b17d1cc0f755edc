"""Amounts of money as people type them."""

from __future__ import annotations

import re
import unicodedata

_TYPED = re.compile(r"(\d{1,12})(?:[.,](\d+))?", re.ASCII)


def money_minor(text: str, decimals: int) -> int | None:
    """An amount in the smallest unit of a currency that has so many decimals: "12.50", "12,50", "１２"; None if it is
    not that, or has more decimals than the currency.
    """
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    whole, part = found[1], found[2] or ""
    return int(whole + part.ljust(decimals, "0")) if len(part) <= decimals else None
