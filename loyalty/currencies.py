"""What is known of a currency: its decimals, how people mark an amount of it, and what an everyday bill comes to.

Facts of languages come from whoever knows those (`locales.coins`); amounts are kept in the smallest unit of ISO 4217.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TILL_UNITS = 10_000  # of a currency like the euro: what a till books at once


@dataclass(frozen=True, slots=True)
class Coin:
    """`cash_decimals` are those of coins and notes: fewer than `decimals` where the smallest coin is a whole unit.
    `marks` are signs and words beside an amount in it, `foreign` those of other currencies; all folded by case."""

    code: str
    decimals: int
    cash_decimals: int
    marks: frozenset[str]
    foreign: frozenset[str]


# About how many units buy what one euro does, to the next power of ten: rates of 2025. It decides about slips of the
# finger alone, so that a few times more or less is no matter, and a currency that lost much since is set by hand.
_SIZES = {
    10: "AED BOB BRL BWP CNY DKK FJD GEL GHS GTQ HKD HNL ILS LSL MAD MDL MOP MVR MXN MYR NAD NOK PEN PGK PLN QAR RON "
    "SAR SBD SCR SEK SZL TJS TMT TTD VES ZAR ZMW",
    100: "AFN ALL BDT BTN CVE CZK DJF DOP DZD EGP ETB GMD GYD HTG INR ISK JMD JPY KES KGS LKR LRD MKD MRU MUR MZN NIO "
    "NPR PHP RSD RUB SRD THB TRY TWD UAH UYU VUV XPF",
    1_000: "AMD AOA ARS CLP CRC HUF IQD KMF KZT NGN PKR RWF SDG SOS SSP XAF XOF YER",
    10_000: "BIF CDF COP GNF KHR KRW MGA MMK MNT MWK PYG SYP TZS UGX UZS",
    100_000: "IDR LAK SLL VND",
    1_000_000: "IRR LBP",
}
_SIZE: Mapping[str, int] = MappingProxyType({code: size for size, codes in _SIZES.items() for code in codes.split()})


def size_of(currency: str) -> int:
    """About how many units of it are worth one euro, as a power of ten; 1 where nothing is known."""
    return _SIZE.get(currency, 1)


def till_most(currency: str) -> int:
    """The largest amount that a till books at once, in whole units: more is a slip of the finger."""
    return TILL_UNITS * size_of(currency)
