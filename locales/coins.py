"""Currencies as languages write them: decimals, the signs and words beside an amount, by the CLDR through Babel."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol, list_currencies

_LOCALES = ("en", "en_GB", "zh_Hans", "zh_Hant")
_CASH_DIGITS = 2  # of a currency's fractions in CLDR: digits, rounding, digits in cash, rounding in cash

# What people write at home, where the club's languages do not write it.
_AT_HOME = {
    "AED": "dh dhs درهم",
    "BRL": "r$",
    "CHF": "fr sfr",
    "CNY": "rmb 元 块 塊 圆 圓 人民币 人民幣",
    "CZK": "kč",
    "DKK": "kr",
    "GBP": "£",
    "HKD": "元 蚊 圓 港元 港幣 港币",
    "HUF": "ft",
    "IDR": "rp",
    "ILS": "₪",
    "INR": "rs ₹",
    "ISK": "kr",
    "JPY": "円 圓 yen 日元 日圓",
    "KRW": "원 won ₩",
    "KWD": "kd د.ك",
    "MOP": "mop$ 元 圓",
    "MYR": "rm",
    "NOK": "kr",
    "PHP": "₱",
    "PLN": "zł zl",
    "RUB": "₽ руб р",
    "SEK": "kr",
    "SGD": "s$ 元",
    "THB": "฿ บาท",
    "TRY": "tl ₺",
    "TWD": "nt$ nt 元 塊 圓 新台幣 新臺幣",
    "UAH": "₴ грн",
    "USD": "us$",
    "VND": "đ ₫ đồng vnđ",
    "ZAR": "r",
}
# Currencies that write a bare dollar sign at home.
_DOLLAR_CODES = """
ARS AUD BBD BMD BND BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD USD UYU XCD
"""
_DOLLARS = frozenset(_DOLLAR_CODES.split())


def decimals_of(currency: str) -> int:
    """How many decimals amounts in a currency (ISO 4217) have: 2 for cents, 0 for yen. So they are kept."""
    return int(get_currency_precision(currency))


def cash_decimals_of(currency: str) -> int:
    """How many of them coins and notes have: none for the New Taiwan dollar, the forint, the rupiah."""
    fractions = get_global("currency_fractions")
    digits = fractions.get(currency, fractions["DEFAULT"])
    return min(int(digits[_CASH_DIGITS]), decimals_of(currency))


@dataclass(frozen=True, slots=True)
class Marks:
    """Signs and words beside an amount in a currency, and those of all others; folded by case and width."""

    own: frozenset[str]
    foreign: frozenset[str]


@cache
def marks_of(currency: str) -> Marks:
    own = _marks(currency) | _names(currency)
    return Marks(own, _all_marks() - own)


def _marks(currency: str) -> frozenset[str]:
    """The code, and the signs that stand for it. Full-width ones are folded, as what people type is."""
    found = {currency, *(get_currency_symbol(currency, locale) for locale in _LOCALES)}
    found |= set(_AT_HOME.get(currency, "").split()) | ({"$"} if currency in _DOLLARS else set())
    return frozenset(_fold(mark) for mark in found)


def _names(currency: str) -> frozenset[str]:
    """ "Hong Kong dollars", "dollars", "港元"."""
    names = {get_currency_name(currency, count, locale) for locale in _LOCALES for count in (None, 1, 2)}
    folded = {_fold(name) for name in names if all(sign.isalpha() or sign.isspace() for sign in name)}
    return frozenset(folded | {name.rsplit(" ", 1)[-1] for name in folded})


@cache
def _all_marks() -> frozenset[str]:
    known = {str(currency) for locale in _LOCALES for currency in Locale.parse(locale).currency_symbols}
    codes = list_currencies() | set(_AT_HOME)
    marks = {_fold(code) for code in codes}
    return frozenset(marks.union(*(_marks(currency) for currency in (known & codes) | set(_AT_HOME) | _DOLLARS)))


def _fold(mark: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", mark).casefold().split())
