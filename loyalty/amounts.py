"""Amounts of money as people type them; at the till with a receipt's number, and with what was bought.

"12.50", "12,50", "１２．５０", "1,234.50", "€12.50", "12.50 coffee", "12.50 #A-1007 coffee".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from loyalty.errors import AmountRefused

SIGNS_MAX = 16  # more is no amount, and a long number takes long to read
_NUMBER = re.compile(r"\d*(?:[.,']\d+)*")
_MINUS = ("-", "\N{MINUS SIGN}", "\N{EN DASH}")


@dataclass(frozen=True, slots=True)
class Typed:
    """`words` is everything besides the amount and the receipt, in order."""

    amount_minor: int
    receipt: str | None = None
    words: tuple[str, ...] = ()


def read_amount(given: str, *, currency: str, decimals: int, amount_minor_max: int) -> Typed:
    """The amount in the smallest unit of a currency with so many decimals, the receipt (#...), and the other words.

    Raises AmountRefused.
    """
    refusal = AmountRefused("unreadable", currency, decimals, amount_minor_max)
    first, *rest = unicodedata.normalize("NFKC", given).split() or [""]
    receipt, words = _receipt(rest)
    amount_minor = _minor(first, decimals, refusal)
    if amount_minor == 0:
        raise refusal.because("zero")
    if amount_minor > amount_minor_max:
        raise refusal.because("too_large")
    return Typed(amount_minor, receipt, words)


def money_minor(given: str, decimals: int) -> int | None:
    """An amount alone, which may be zero, in the smallest unit of a currency with so many decimals; else None."""
    try:
        return _minor(
            unicodedata.normalize("NFKC", given).strip(), decimals, AmountRefused("unreadable", "", decimals, 0)
        )
    except AmountRefused:
        return None


def tagged(words: Collection[str], known: Collection[str]) -> tuple[tuple[str, ...], str]:
    """Which of the words are product tags that the shop knows, and the others as a note."""
    tags = tuple(word.casefold() for word in words if word.casefold() in known)
    return tags, " ".join(word for word in words if word.casefold() not in known)


def _minor(word: str, decimals: int, refusal: AmountRefused) -> int:
    number = _bare(word)
    if number.startswith(_MINUS) and _NUMBER.fullmatch(number[1:]) and number[1:]:
        raise refusal.because("negative")
    if not number or not _NUMBER.fullmatch(number):
        raise refusal
    if len(number) > SIGNS_MAX:
        raise refusal.because("too_large")
    whole, part = _split(number, decimals, refusal)
    if len(part) > decimals:
        raise refusal.because("decimals")
    return int((whole or "0") + part.ljust(decimals, "0"))


def _bare(word: str) -> str:
    """Without the currency's sign before or after it."""
    return "".join(sign for sign in word if unicodedata.category(sign) != "Sc").strip()


def _receipt(words: list[str]) -> tuple[str | None, tuple[str, ...]]:
    found = next((word for word in words if word.startswith("#") and len(word) > 1), None)
    rest = [word for place, word in enumerate(words) if place != (words.index(found) if found else None)]
    return (found[1:] if found else None), tuple(rest)


def _split(number: str, decimals: int, refusal: AmountRefused) -> tuple[str, str]:
    """Whole and part. Of two different marks the last is the decimal mark; one that is repeated groups thousands."""
    marks = [sign for sign in number if not sign.isdigit()]
    if not marks:
        return number, ""
    whole, _, part = number.rpartition(marks[-1])
    if len(marks) == 1:
        is_group = marks[0] == "'" or (decimals == 0 and len(part) == 3 and whole not in ("", "0"))
        return _ungrouped(number, refusal) if is_group else (whole, part)
    if len(set(marks)) == 1:
        return _ungrouped(number, refusal)
    if len(set(marks[:-1])) > 1 or marks[-1] in marks[:-1]:
        raise refusal
    return _ungrouped(whole, refusal)[0], part


def _ungrouped(number: str, refusal: AmountRefused) -> tuple[str, str]:
    first, *groups = re.split(r"[.,']", number)
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        raise refusal
    return first + "".join(groups), ""
