"""What a shop's staff type about what they offer: names, numbers, prices, stocks and days, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from loyalty.amounts import Counted, money_minor, whole_number
from loyalty.currencies import Coin, size_of
from loyalty.dates import Unsure, day_off, folded, month_and_day
from loyalty.errors import InvalidWare
from loyalty.members import Language
from loyalty.names import is_seen, one_line, readable

NAME_MAX = 60
DESCRIPTION_MAX = 400
PRICE_MINOR_MAX = 100_000_000  # of a euro's cents; as much in worth of other currencies
STOCK_MAX = 1_000_000
LIMIT_MAX = 1_000
YEARS_MAX = 10  # a day further away is a slip of the finger

_STOCK = re.compile(r"(?P<sign>[+=-]?) ?(?P<number>[^+=-]+)")
_COUNTED = {  # what the whole number of a field counts, and may be written beside it
    "points": Counted.POINTS,
    "group_points": Counted.POINTS,
    "solo_points": Counted.POINTS,
    "bonus": Counted.POINTS,
    "size": Counted.PEOPLE,
    "hours": Counted.HOURS,
    "days": Counted.DAYS,
}
_UNLIMITED = frozenset({"unlimited", "∞", "不限", "无限", "無限"})
_MINUSES = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-"})


@dataclass(frozen=True, slots=True)
class Terms:
    """By what typed days and amounts are read: today in the club's zone, and the decimals and marks of its currency."""

    today: date
    zone: ZoneInfo
    decimals: int
    coin: Coin | None = None
    language: Language | None = None  # of who types: month and day stand in its order


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
    number = whole_number(given, _COUNTED.get(field, Counted.PIECES))
    if number is None or not least <= number <= most:
        raise InvalidWare(field, "range", {"least": least, "most": most})
    return number


def price(given: str, field: str, decimals: int, coin: Coin | None = None) -> int:
    """In the smallest unit of the currency; 0 is for points alone."""
    amount_minor = money_minor(given, decimals, coin)
    if amount_minor is None:
        raise InvalidWare(field, "unreadable", {"example": example_price(coin.cash_decimals if coin else decimals)})
    most_minor = PRICE_MINOR_MAX // 100 * 10**decimals * (size_of(coin.code) if coin else 1)
    if amount_minor > most_minor:
        raise InvalidWare(field, "range", {"most_minor": most_minor})
    return amount_minor


def example_price(decimals: int) -> str:
    return "4." + "5".ljust(decimals, "0") if decimals else "450"


def restocked(stock: int | None, given: str) -> int | None:
    """A stock after "+10", "-2", "=5" or "5"; "unlimited" is None. It never falls below nothing."""
    wish = folded(given).translate(_MINUSES)
    if wish in _UNLIMITED:
        return None
    found = _STOCK.fullmatch(wish)
    number = None if found is None else whole_number(found["number"], Counted.PIECES)
    if found is None or number is None:
        raise InvalidWare("stock", "unreadable")
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


def read_day(given: str, field: str, today: date, language: Language | None = None) -> date:
    """A day from today on, typed like 24 Dec, 24.12.2026, 2026-12-24, 12月24日, tomorrow; without a year the next one.

    Month and day stand in the order of the writer's `language`. Raises InvalidWare.
    """
    said = folded(given)
    if (near := day_off(said, today)) is not None:
        return near
    try:
        found = month_and_day(said, language)
    except Unsure as unsure:
        one, other = unsure.one, unsure.other
        facts: dict[str, object] = {"both": ((one.month, one.day), (other.month, other.day))}
        raise InvalidWare(field, "unsure", facts) from None
    if found is None:
        raise InvalidWare(field, "unreadable")
    years = range(today.year, today.year + YEARS_MAX) if found.year is None else [found.year]
    days = [each for year in years if (each := _day(year, found.month, found.day)) is not None]
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
