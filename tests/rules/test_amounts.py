from __future__ import annotations

import pytest

from loyalty.amounts import Typed, read_amount, tagged
from loyalty.errors import AmountRefused


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
    assert read("12.50 # 7") == Typed(1250, None, ("#", "7"))


def test_words_that_the_shop_knows_are_tags_and_the_others_a_note() -> None:
    assert tagged(("Coffee", "for", "Bo"), {"coffee": 200, "tea": 150}) == (("coffee",), "for Bo")
    assert tagged(("咖啡", "外带"), {"咖啡"}) == (("咖啡",), "外带")
    assert tagged((), {"coffee"}) == ((), "")
