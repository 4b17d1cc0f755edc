"""What a shop's staff type about what they offer: names, numbers, prices, stocks and days, as people write them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from loyalty.amounts import money_minor
from loyalty.errors import InvalidWare
from loyalty.names import is_seen, one_line, readable

NAME_MAX = 60
DESCRIPTION_MAX = 400
PRICE_MINOR_MAX = 100_000_000
STOCK_MAX = 1_000_000
LIMIT_MAX = 1_000
YEARS_MAX = 10  # a day further away is a slip of the finger

_NUMBER = r"\d{1,3}(?:[ ,.']\d{3}){1,2}|\d{1,9}"
_WHOLE = re.compile(_NUMBER)
_STOCK = re.compile(rf"(?P<sign>[+=-]?) ?(?P<number>{_NUMBER})")
_UNLIMITED = frozenset({"unlimited", "∞", "不限", "无限", "無限"})
_MINUSES = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})
_DAYS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})(?:\. ?(?P<year>\d{4})|\.)?"),
    re.compile(r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?[日号號]?"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """By what typed days and amounts are read: today in the club's zone, and the decimals of its currency."""

    today: date
    zone: ZoneInfo
    decimals: int


def clean_name(given: str) -> str:
    name = one_line(given)
    if not name or len(name) > NAME_MAX:
        raise InvalidWare("name", "length", {"most": NAME_MAX})
    return name


def clean_description(given: str) -> str:
    """Line breaks stay."""
    lines = (" ".join(line.split()) for line in readable(given).splitlines())
    words = "\n".join(lines).strip()
    if len(words) > DESCRIPTION_MAX:
        raise InvalidWare("description", "length", {"length": len(words), "most": DESCRIPTION_MAX})
    return words if is_seen(words) else ""


def whole(given: str, field: str, most: int, *, least: int = 1) -> int:
    """A whole number from `least` to `most`, thousands grouped or not."""
    found = _WHOLE.fullmatch(_folded(given))
    number = _digits(found[0]) if found else 0
    if not least <= number <= most:
        raise InvalidWare(field, "range", {"least": least, "most": most})
    return number


def price(given: str, field: str, decimals: int) -> int:
    """In the smallest unit of the currency; 0 is for points alone."""
    amount_minor = money_minor(given, decimals)
    if amount_minor is None:
        raise InvalidWare(field, "unreadable", {"example": example_price(decimals)})
    if amount_minor > PRICE_MINOR_MAX:
        raise InvalidWare(field, "range", {"most_minor": PRICE_MINOR_MAX})
    return amount_minor


def example_price(decimals: int) -> str:
    return "4." + "5".ljust(decimals, "0") if decimals else "450"


def restocked(stock: int | None, given: str) -> int | None:
    """A stock after "+10", "-2", "=5" or "5"; "unlimited" is None. It never falls below nothing."""
    wish = _folded(given).translate(_MINUSES)
    if wish in _UNLIMITED:
        return None
    found = _STOCK.fullmatch(wish)
    if found is None:
        raise InvalidWare("stock", "unreadable")
    number = _digits(found["number"])
    if found["sign"] in ("", "="):
        left = number
    elif stock is None:
        raise InvalidWare("stock", "unlimited")
    else:
        left = stock + (number if found["sign"] == "+" else -number)
    if left < 0:
        raise InvalidWare("stock", "too_few", {"left": stock or 0})
    if left > STOCK_MAX:
        raise InvalidWare("stock", "range", {"most": STOCK_MAX})
    return left


def read_day(given: str, field: str, today: date) -> date:
    """A day from today on, typed like 24.12., 24.12.2026, 2026-12-24 or 12月24日; without a year it is the next one."""
    found = next((match for form in _DAYS if (match := form.fullmatch(_folded(given)))), None)
    if found is None:
        raise InvalidWare(field, "unreadable")
    day, month = int(found["day"]), int(found["month"])
    years = [int(found["year"])] if found["year"] else range(today.year, today.year + YEARS_MAX)
    days = [each for year in years if (each := _day(year, month, day)) is not None]
    if not days:
        raise InvalidWare(field, "unreadable")
    coming = [each for each in days if each >= today]
    if not coming:
        raise InvalidWare(field, "past")
    if coming[0].year > today.year + YEARS_MAX:
        raise InvalidWare(field, "far", {"year": today.year + YEARS_MAX})
    return coming[0]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _folded(given: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", given).casefold().split())


def _digits(number: str) -> int:
    return int("".join(sign for sign in number if sign.isdigit()))
