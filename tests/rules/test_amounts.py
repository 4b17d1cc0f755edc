from __future__ import annotations

from contextlib import suppress

import pytest
from babel.numbers import list_currencies
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from handlers.coins import coin_of
from locales import LANGUAGES, texts_for
from loyalty.amounts import Counted, Typed, leading_whole, money_minor, read_amount, tagged, whole_number
from loyalty.currencies import till_most
from loyalty.errors import AmountRefused

CURRENCIES = sorted(list_currencies())
BLANKS = ("", " ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}")


def read(given: str, *, decimals: int = 2, most: int = 1_000_000) -> Typed:
    return read_amount(given, currency="EUR", decimals=decimals, amount_minor_max=most)


def refused(given: str, *, decimals: int = 2) -> str:
    with pytest.raises(AmountRefused) as caught:
        read(given, decimals=decimals)
    return caught.value.reason


@pytest.mark.parametrize(
    ("given", "minor"),
    [
        ("12.50", 1250),
        ("12,50", 1250),
        ("１２．５０", 1250),
        ("１２，５０", 1250),
        ("12", 1200),
        ("12.5", 1250),
        (" 12.50 ", 1250),
        ("0.01", 1),
        (".50", 50),
        ("007", 700),
        ("€12.50", 1250),
        ("12,50€", 1250),
        ("￥12", 1200),
        ("1,234.50", 123_450),
        ("1.234,50", 123_450),
        ("1'234.50", 123_450),
        ("1'234", 123_400),
        ("1.234.567", None),
        ("10000", 1_000_000),
        ("٣", 300),
        ("٣٥٫٥٠", 3550),
        ("12。50", 1250),
        ("1 250,00", 125_000),
        ("1\N{NO-BREAK SPACE}250,00", 125_000),
        ("1\N{NARROW NO-BREAK SPACE}250", 125_000),
        ("\N{RIGHT-TO-LEFT MARK}12.50", 1250),
        ("1’234.50", 123_450),
        ("12,-", 1200),
    ],
)
def test_an_amount_is_read_as_people_write_it(given: str, minor: int | None) -> None:
    if minor is None:
        assert refused(given) == "too_large"
        assert read(given, most=200_000_000).amount_minor == 123_456_700
    else:
        assert read(given) == Typed(minor)


@pytest.mark.parametrize(
    ("given", "decimals", "minor"),
    [("1250", 0, 1250), ("1,250", 0, 1250), ("1.250", 0, 1250), ("12,500", 0, 12_500), ("1.250", 3, 1250)],
)
def test_a_currency_has_its_own_decimals(given: str, decimals: int, minor: int) -> None:
    assert read(given, decimals=decimals).amount_minor == minor


@pytest.mark.parametrize(
    ("given", "decimals", "reason"),
    [
        ("0", 2, "zero"),
        ("0.00", 2, "zero"),
        ("0", 0, "zero"),
        ("-5", 2, "negative"),
        ("−5,00", 2, "negative"),
        ("–5", 2, "negative"),
        ("-€5", 2, "negative"),
        ("1e9", 2, "unreadable"),
        ("1000000000", 2, "too_large"),
        ("10000.01", 2, "too_large"),
        ("9" * 5000, 2, "too_large"),
        ("十二", 2, "unreadable"),
        ("twelve", 2, "unreadable"),
        ("", 2, "unreadable"),
        ("   ", 2, "unreadable"),
        ("-", 2, "unreadable"),
        ("#A-1007", 2, "unreadable"),
        ("coffee 12.50", 2, "unreadable"),
        ("12.500", 2, "decimals"),
        ("1.234", 2, "decimals"),
        ("0.001", 2, "decimals"),
        ("12.50", 0, "decimals"),
        ("0,500", 0, "decimals"),
        ("12.", 2, "unreadable"),
        ("1,23.50", 2, "unreadable"),
        ("1.2,3.4", 2, "unreadable"),
        ("1,234.567,8", 2, "unreadable"),
        ("3 x 4.50", 2, "unsure"),
        ("3 × 4.50", 2, "unsure"),
        ("12.50 2 coffees", 2, "unsure"),
        ("12.50 2x coffee", 2, "unsure"),
        ("12.50 + 3", 2, "unsure"),
        ("12.50 -3", 2, "unsure"),
        ("12 50", 2, "unsure"),
        ("1 25 000", 2, "unsure"),
        ("1,250", 3, "unsure"),
        ("²", 2, "unreadable"),
        ("12²", 2, "unreadable"),
        ("①", 2, "unreadable"),
        ("12.50.30", 2, "unreadable"),
        ("１２x", 2, "unreadable"),
        ("½", 2, "unreadable"),
        ("nan", 2, "unreadable"),
        ("+5", 2, "unreadable"),
        ("0x10", 2, "unreadable"),
        ("1_000", 2, "unreadable"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(given: str, decimals: int, reason: str) -> None:
    assert refused(given, decimals=decimals) == reason


def test_a_refusal_knows_what_would_have_been_right() -> None:
    with pytest.raises(AmountRefused) as caught:
        read_amount("x", currency="JPY", decimals=0, amount_minor_max=5)
    assert caught.value == AmountRefused("unreadable", "JPY", 0, 5)


def test_receipt_and_words_stand_beside_the_amount() -> None:
    assert read("12.50 coffee") == Typed(1250, None, ("coffee",))
    assert read("12.50 #A-1007 coffee beans") == Typed(1250, "A-1007", ("coffee", "beans"))
    assert read("12.50 coffee #A-1007") == Typed(1250, "A-1007", ("coffee",))
    assert read("12.50 ＃A-1007") == Typed(1250, "A-1007")
    assert read("12.50 #1 #2") == Typed(1250, "1", ("#2",))
    assert read("12.50 # 7").amount_minor == 1250


def test_words_that_the_shop_knows_are_tags_and_the_others_a_note() -> None:
    assert tagged(("Coffee", "for", "Bo"), {"coffee": 200, "tea": 150}) == (("coffee",), "for Bo")
    assert tagged(("咖啡", "外带"), {"咖啡"}) == (("咖啡",), "外带")
    assert tagged((), {"coffee"}) == ((), "")


# In the club's currency


def typed(text: str, currency: str) -> Typed:
    coin = coin_of(currency)
    most = till_most(currency) * 10**coin.decimals
    return read_amount(text, currency=currency, decimals=coin.decimals, amount_minor_max=most, coin=coin)


@drawn(st.sampled_from(CURRENCIES), st.sampled_from(sorted(LANGUAGES)), st.integers(0, 10**14))
@settings(max_examples=600, deadline=None)
def test_what_the_bot_writes_it_reads_in_every_language_and_currency(currency: str, language: str, minor: int) -> None:
    coin = coin_of(currency)
    assert money_minor(texts_for(language).money(minor, currency), coin.decimals, coin) == minor


@drawn(st.sampled_from(CURRENCIES), st.integers(1, 10**9), st.sampled_from(BLANKS), st.booleans(), st.data())
@settings(max_examples=600, deadline=None)
def test_the_sign_may_stand_before_or_after_with_or_without_a_blank(
    currency: str, whole: int, blank: str, is_before: bool, data: st.DataObject
) -> None:
    coin = coin_of(currency)
    mark = data.draw(st.sampled_from(sorted(coin.marks)))
    text = f"{mark}{blank}{whole}" if is_before else f"{whole}{blank}{mark}"
    assert money_minor(text, coin.decimals, coin) == whole * 10**coin.decimals


@drawn(st.sampled_from(CURRENCIES), st.text("0123456789.,' x+-#€$¥元ab²٣", max_size=20))
@settings(max_examples=600, deadline=None)
def test_whatever_is_typed_is_read_or_refused(currency: str, text: str) -> None:
    with suppress(AmountRefused):
        assert typed(text, currency).amount_minor > 0


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("NT$1,250", "TWD", 125_000),
        ("1,250", "TWD", 125_000),
        ("1.250", "TWD", 125_000),
        ("1250.50", "TWD", 125_050),
        ("HK$128.00", "HKD", 12_800),
        ("$128", "HKD", 12_800),
        ("KWD1.250", "KWD", 1250),
        ("1250円", "JPY", 1250),
        ("￥1,250", "JPY", 1250),
        ("€ 12,50", "EUR", 1250),
        ("12.50EUR", "EUR", 1250),
        ("12.50 eur coffee", "EUR", 1250),
        ("4 500", "HUF", 450_000),
        ("4 500 Ft", "HUF", 450_000),
        ("Rp 35.000", "IDR", 3_500_000),
        ("35.000,00", "IDR", 3_500_000),
        ("1,25,000", "INR", 12_500_000),
        ("128元", "HKD", 12_800),
    ],
)
def test_an_amount_is_read_with_the_marks_of_its_currency(text: str, currency: str, minor: int) -> None:
    assert typed(text, currency).amount_minor == minor


@pytest.mark.parametrize(
    ("text", "currency", "sign"),
    [
        ("$12", "EUR", "$"),
        ("12 €", "HKD", "€"),
        ("HK$12", "TWD", "HK$"),
        ("12.50USD", "EUR", "USD"),
        ("12.50 USD", "EUR", "USD"),
        ("12元", "EUR", "元"),
    ],
)
def test_the_sign_of_another_currency_is_named(text: str, currency: str, sign: str) -> None:
    with pytest.raises(AmountRefused) as caught:
        typed(text, currency)
    assert (caught.value.reason, caught.value.sign) == ("currency", sign)


def test_a_word_that_is_also_the_code_of_a_currency_is_a_note() -> None:
    assert typed("12.50 cup", "EUR").words == ("cup",)


@pytest.mark.parametrize(
    ("bill", "currency"),
    [
        ("35000", "IDR"),
        ("35000", "COP"),
        ("12500", "HUF"),
        ("1250000", "VND"),
        ("12800", "TWD"),
        ("1500000", "KRW"),
        ("1250", "KWD"),
        ("9999", "EUR"),
    ],
)
def test_an_everyday_bill_is_booked_in_every_currency(bill: str, currency: str) -> None:
    assert typed(bill, currency).amount_minor == int(bill) * 10 ** coin_of(currency).decimals


# Whole numbers


@drawn(st.integers(0, 10**12), st.sampled_from(sorted(LANGUAGES)))
def test_whole_numbers_are_read_as_they_are_written(number: int, language: str) -> None:
    assert whole_number(texts_for(language).number(number)) == number
    assert whole_number(texts_for(language).signed(-number), is_signed=True) == -number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("60", 60),
        ("60點", 60),
        ("60 points", 60),
        ("60分", 60),
        ("1,000", 1000),
        ("1.000", 1000),
        ("1 000 points", 1000),
        ("６０", 60),
        ("٦٠", 60),
        ("1_000", None),
        ("²", None),
        ("6²", None),
        ("60 days", None),
        ("12.5", None),
        ("1,00", None),
        ("1 0000", None),
        ("1,000.000", None),
        ("-5", None),
        ("+5", None),
        ("1e3", None),
        ("3 x 20", None),
        ("", None),
    ],
)
def test_points_are_read_as_people_write_them(text: str, number: int | None) -> None:
    assert whole_number(text, Counted.POINTS) == number


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1 000 sorry", (1000, "sorry")),
        ("1,000 sorry", (1000, "sorry")),
        ("-20 a mistake", (-20, "a mistake")),
        ("−1,250 points a mistake", (-1250, "a mistake")),
        ("1_000 sorry", None),
        ("1 00 sorry", None),
        ("20 3 coffees", None),
        ("² sorry", None),
    ],
)
def test_a_number_and_a_reason_are_told_apart(text: str, read: tuple[int, str] | None) -> None:
    assert leading_whole(text, Counted.POINTS, is_signed=True) == read
