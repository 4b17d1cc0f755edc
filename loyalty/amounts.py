"""Amounts of money as people type them."""

from __future__ import annotations

import re
import unicodedata

_AMOUNT = re.compile(r"(?P<whole>\d{1,12})(?:[.,](?P<part>\d+))?")


def money_minor(text: str, decimals: int) -> int | None:
    """An amount in the smallest unit of a currency with so many decimals: "12.50", "12,50", "１２．５", "€12".

    None for what is no amount, or is finer than the currency.
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Sc")
    found = _AMOUNT.fullmatch(bare.strip())
    part = (found["part"] or "") if found else ""
    if found is None or len(part) > decimals:
        return None
    return int(found["whole"] + part.ljust(decimals, "0"))
