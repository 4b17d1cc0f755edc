"""Numbers as people type them: amounts of money, at the till with a receipt's number and with what was bought, and
whole numbers of points, pieces, people, days.

"12.50", "12,50", "１２．５０", "1 234,50", "€12.50", "12.50 EUR", "12.50 coffee", "12.50 #A-1007 coffee".

What could mean two amounts is none: whoever typed it is asked again, with an example.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from loyalty.currencies import Coin
from loyalty.errors import AmountRefused

DIGITS_MAX = 16  # more is no number that a database takes
LOOKED_AT = 600  # signs of what was typed: nobody types a longer line at a till

# Digits in groups, with marks and single blanks between them; whether the marks make sense is seen later.
_RUN = r"[.,]?[0-9]+(?:[.,' ][0-9]+)*"
_MINUS = "\\-\N{MINUS SIGN}\N{EN DASH}"  # as it stands in a class of signs
_SIGN = re.compile(rf"^\s*[{_MINUS}]\s*")
_SUM = re.compile(rf"(?:[x×*+/÷=@%:{_MINUS}]\s*[0-9.,]*|[0-9][0-9.,']*)[x×*+/÷=@%:{_MINUS}]?[0-9.,']*", re.IGNORECASE)
_EVEN = re.compile(rf"[.,][{_MINUS}]{{1,2}}(?= |$)")  # "12,-" is twelve and nothing
_LAKH = re.compile(r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")  # as India groups: 12,34,500
_MARKS = str.maketrans({"。": ".", "٫": ".", "٬": "'", "،": ",", "’": "'", "‘": "'", "`": "'"})


class Counted(StrEnum):
    """What a whole number may count, and may be written beside it."""

    POINTS = "points"
    PERCENT = "percent"
    PIECES = "pieces"
    PEOPLE = "people"
    DAYS = "days"
    HOURS = "hours"


_UNITS = {
    Counted.POINTS: "points?|pts?|p|积分|積分|点数|點數|点|點|分",
    Counted.PERCENT: "%|percent|per cent|pct",
    Counted.PIECES: "pieces?|pcs?|times|x|个|個|件|份|张|張|次|枚",
    Counted.PEOPLE: "people|persons?|members?|个人|個人|人|位|名",
    Counted.DAYS: "days?|d|天|日",
    Counted.HOURS: "hours?|hrs?|h|个小时|個小時|小时|小時|个钟|個鐘|鐘頭",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """`words` is everything besides the amount and the receipt, in order."""

    amount_minor: int
    receipt: str | None = None
    words: tuple[str, ...] = ()


def read_amount(given: str, *, currency: str, decimals: int, amount_minor_max: int, coin: Coin | None = None) -> Typed:
    """The amount in the smallest unit of a currency with so many decimals, the receipt (#...), and the other words.

    `coin` says how amounts in it are marked. Raises AmountRefused.
    """
    refusal = AmountRefused("unreadable", currency, decimals, amount_minor_max)
    amount_minor, rest = _amount(given, coin or _unmarked(currency, decimals), refusal)
    if amount_minor == 0:
        raise refusal.because("zero")
    if amount_minor > amount_minor_max:
        raise refusal.because("too_large")
    receipt, words = _receipt(rest.split())
    return Typed(amount_minor, receipt, words)


def money_minor(given: str, decimals: int, coin: Coin | None = None) -> int | None:
    """An amount alone, which may be zero, in the smallest unit of a currency with so many decimals; else None."""
    found = leading_money(given, decimals, coin)
    return found[0] if found is not None and not found[1] else None


def leading_money(given: str, decimals: int, coin: Coin | None = None) -> tuple[int, str] | None:
    """An amount, which may be zero, and the words after it; None where it does not begin with one."""
    try:
        return _amount(given, coin or _unmarked("", decimals), AmountRefused("unreadable", "", decimals, 0))
    except AmountRefused:
        return None


def whole_number(given: str, *counted: Counted, is_signed: bool = False) -> int | None:
    """A whole number, thousands grouped or not, with or without the word for what it counts; None if it is not that.

    Only one that `is_signed` may carry a plus or a minus.
    """
    found = leading_whole(given, *counted, is_signed=is_signed)
    return found[0] if found is not None and not found[1] else None


def leading_whole(given: str, *counted: Counted, is_signed: bool = False) -> tuple[int, str] | None:
    """A whole number, and the words after it; None where it does not begin with one, or a sum or a second number
    follows: nobody knows then which was meant."""
    text = _folded(given)
    sign = _SIGN.match(text) if is_signed else None
    if sign is not None:
        text = text[sign.end() :]
    elif is_signed:
        text = text.removeprefix("+").lstrip()
    units = "|".join(_UNITS[each] for each in counted) or "(?!)"
    found = _whole_pattern(units).match(text)
    if found is None or _digits(found["number"]) > DIGITS_MAX:
        return None
    number, rest = _whole(found["number"]), text[found.end() :].strip()
    if number is None or (rest and _SUM.fullmatch(rest.split()[0])):
        return None
    return (-number if sign else number), rest


def tagged(words: Collection[str], known: Collection[str]) -> tuple[tuple[str, ...], str]:
    """Which of the words are product tags that the shop knows, and the others as a note."""
    tags = tuple(word.casefold() for word in words if word.casefold() in known)
    return tags, " ".join(word for word in words if word.casefold() not in known)


def plain_digits(given: str) -> str:
    """The text with full-width letters and the digits of every script as ASCII ones, blanks folded. Superscripts and
    fractions stay what they are: `²` is no 2."""
    runs = groupby(given[:LOOKED_AT], key=lambda sign: unicodedata.category(sign) == "No")
    text = "".join("".join(run) if is_other else unicodedata.normalize("NFKC", "".join(run)) for is_other, run in runs)
    seen = "".join(
        str(unicodedata.decimal(sign)) if unicodedata.category(sign) == "Nd" else sign
        for sign in text
        if unicodedata.category(sign) not in ("Cf", "Cs")  # marks of direction come along with pasted numbers
    )
    return " ".join(seen.split())


def _folded(given: str) -> str:
    return plain_digits(given).translate(_MARKS)


@lru_cache(maxsize=64)
def _unmarked(currency: str, decimals: int) -> Coin:
    """One of which nothing but the code is known: any sign of a currency will do."""
    signs = {chr(number) for number in (0x24, *range(0xA2, 0xA6), *range(0x20A0, 0x20D0))}
    return Coin(currency, decimals, decimals, frozenset({currency.casefold()} | signs) - {""}, frozenset())


@lru_cache(maxsize=64)
def _money_pattern(coin: Coin) -> re.Pattern[str]:
    marks = "|".join(re.escape(mark) for mark in sorted(coin.marks, key=len, reverse=True))
    return re.compile(
        rf"(?P<first>[{_MINUS}])? ?(?:(?:{marks})\.? ?)?(?P<second>[{_MINUS}])?(?P<number>{_RUN})"
        rf"(?: ?(?:{marks})\.?(?![^\W\d_]))?(?= |$)",
        re.IGNORECASE,
    )


@lru_cache(maxsize=64)
def _whole_pattern(units: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<number>{_RUN})(?: ?(?:{units}))?(?= |$)", re.IGNORECASE)


# Beside a number, what is no blank, digit, mark or bracket of it may be the sign of a currency.
_BESIDE = re.compile(
    rf"(?P<before>[^\s\d.,'#{_MINUS}]+)? ?{_RUN}(?:(?P<after>[^\s\d.,'#{_MINUS}]+)| (?P<apart>\S+))?(?= |$)"
)


def _amount(given: str, coin: Coin, refusal: AmountRefused) -> tuple[int, str]:
    number, rest = _leading(_folded(given), coin, refusal)
    if _digits(number) > DIGITS_MAX:
        raise refusal.because("too_large")
    whole, part = _split(number, coin, refusal)
    if len(part) > coin.decimals:
        raise refusal.because("decimals")
    if rest and _SUM.fullmatch(rest.split()[0]):
        raise refusal.because("unsure")
    return int((whole or "0") + part.ljust(coin.decimals, "0")), rest


def _leading(text: str, coin: Coin, refusal: AmountRefused) -> tuple[str, str]:
    """The number that the text begins with, without the currency's marks, and what follows."""
    text = _EVEN.sub("", text)
    found = _money_pattern(coin).match(text)
    sign = _foreign(text, coin)
    if sign:
        raise refusal.marked(sign)
    if found is None:
        raise refusal
    if found["first"] or found["second"]:
        raise refusal.because("negative")
    return found["number"], text[found.end() :].strip()


def _foreign(text: str, coin: Coin) -> str:
    """The mark of another currency beside the number; empty if there is none."""
    found = _BESIDE.match(text)
    if found is None:
        return ""
    for sign in filter(None, (found["before"], found["after"])):
        if sign.casefold() in coin.foreign:
            return str(sign)
    apart: str = found["apart"] or ""
    # Codes are words of other things, too ("12.50 cup"): one that stands apart is meant only in capitals.
    is_meant = apart.isupper() or not (apart.isascii() and apart.isalpha())
    return apart if is_meant and apart.casefold() in coin.foreign else ""


def _receipt(words: list[str]) -> tuple[str | None, tuple[str, ...]]:
    found = next((word for word in words if word.startswith("#") and len(word) > 1), None)
    rest = [word for place, word in enumerate(words) if place != (words.index(found) if found else None)]
    return (found[1:] if found else None), tuple(rest)


def _split(number: str, coin: Coin, refusal: AmountRefused) -> tuple[str, str]:
    """Whole and part. Of two different marks the last is the decimal mark; one that is repeated groups thousands.

    A single mark before three digits groups thousands where nobody pays with less than a whole unit; with three
    decimals a point is the decimal mark, as it is written here, and a comma may be either.
    """
    marks = re.sub("[0-9]", "", number)
    if not marks:
        return number, ""
    whole, part = number[: number.rindex(marks[-1])], number[number.rindex(marks[-1]) + 1 :]
    if set(marks) <= {"'"} or set(marks) <= {" "} or _LAKH.fullmatch(number):
        return _ungrouped(number, refusal), ""
    if len(marks) == 1:
        if len(part) != 3 or whole in ("", "0"):
            return whole, part
        if coin.cash_decimals == 0:
            return _ungrouped(number, refusal), ""
        if coin.decimals == 3 and marks == ",":
            raise refusal.because("unsure")
        return whole, part
    if len(set(marks)) == 1:
        return _ungrouped(number, refusal), ""
    if len(set(marks[:-1])) > 1 or marks[-1] in marks[:-1] or marks[-1] in " '":
        raise refusal.because("unsure") if " " in marks else refusal
    return _ungrouped(whole, refusal), part


def _digits(number: str) -> int:
    return sum("0" <= sign <= "9" for sign in number)


def _ungrouped(number: str, refusal: AmountRefused) -> str:
    whole = _whole(number)
    if whole is None:
        raise refusal.because("unsure") if " " in number else refusal
    return str(whole)


def _whole(number: str) -> int | None:
    """A whole number whose thousands are grouped by one mark, or not at all."""
    if _LAKH.fullmatch(number):
        return int(number.replace(",", ""))
    first, *groups = re.split("[.,' ]", number)
    is_grouped = 1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)
    if groups and not (is_grouped and first != "0" and len(set(re.sub("[0-9]", "", number))) == 1):
        return None
    return int(first + "".join(groups)) if first else None
