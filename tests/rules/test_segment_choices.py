from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.errors import InvalidSegment, NotFound
from loyalty.members import Language, Tier
from loyalty.segment_choices import (
    NEXT_MONTH,
    THIS_MONTH,
    Choice,
    Sort,
    choice_of,
    condition_of,
    number_of,
    read_days,
    read_not,
    read_points,
)
from loyalty.segments import (
    All,
    BirthdayIn,
    BirthdayMonth,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    InSaved,
    IsCustomer,
    Keeps,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
    Tapped,
    check,
)

TEA, CAKE = number_of("tea"), number_of("moon cake")


@pytest.mark.parametrize(
    ("choice", "condition"),
    [
        (Choice(Sort.TIER, 0b110), HasTier((Tier.SILVER, Tier.GOLD))),
        (Choice(Sort.POINTS, 50), HasPoints(50)),
        (Choice(Sort.POINTS, 50, 101), HasPoints(50, 100)),
        (Choice(Sort.CUSTOMER, is_not=True), Not(IsCustomer())),
        (Choice(Sort.LAST), Bought()),
        (Choice(Sort.LAST, 30, is_not=True), Not(Bought(30))),
        (Choice(Sort.PRODUCT, TEA, 7), Bought(7, "tea")),
        (Choice(Sort.PAIR, TEA, CAKE), All((Bought(tag="tea"), Not(Bought(tag="moon cake"))))),
        (Choice(Sort.SPENT, 5_000, 90), Spent(5_000, 90)),
        (Choice(Sort.REWARDS), Redeemed()),
        (Choice(Sort.REWARDS, 7), Redeemed(7)),
        (Choice(Sort.FAVOURITES, 7), Keeps(7)),
        (Choice(Sort.TAPPED, 30), Tapped(30)),
        (Choice(Sort.BIRTHDAY, 0b100000000001), BirthdayIn((1, 12))),
        (Choice(Sort.BIRTHDAY, 0, THIS_MONTH), BirthdayMonth(0, "Asia/Taipei")),
        (Choice(Sort.BIRTHDAY, 0, NEXT_MONTH), BirthdayMonth(1, "Asia/Taipei")),
        (Choice(Sort.LANGUAGE, 0b101), Speaks((Language.ENGLISH, Language.TRADITIONAL))),
        (Choice(Sort.FRIENDS, 1), HasReferral(ReferralStatus.WAS_BROUGHT)),
        (Choice(Sort.SAVED, 3), InSaved(3)),
    ],
)
def test_a_choice_is_a_condition(choice: Choice, condition: Segment) -> None:
    made = condition_of(choice, "Asia/Taipei", ["tea", "moon cake"])
    assert check(made) == condition
    if choice.sort is not Sort.PAIR:
        known = choice_of(made)
        assert known is not None
        assert (known.sort, known.is_not) == (choice.sort, choice.is_not)
        if choice.sort in (Sort.TIER, Sort.LANGUAGE) or (choice.sort is Sort.BIRTHDAY and choice.first):
            assert known.first == choice.first


@given(st.sampled_from(Sort), st.integers(0, 2**62), st.integers(0, 2**62), st.booleans())
def test_whatever_a_button_carries_is_a_condition_or_refused(sort: Sort, first: int, second: int, is_not: bool) -> None:
    with suppress(InvalidSegment, NotFound):
        check(condition_of(Choice(sort, first, second, is_not), "UTC", ["tea"]))


def test_a_product_that_is_not_known_is_not_found() -> None:
    with pytest.raises(NotFound):
        condition_of(Choice(Sort.PRODUCT, TEA), "UTC", ["coffee"])


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("100", HasPoints(100)),
        ("1,250", HasPoints(1_250)),
        ("１００", HasPoints(100)),
        ("100+", HasPoints(100)),
        (" 100 - 500 ", HasPoints(100, 500)),
        ("100–1.000", HasPoints(100, 1_000)),
        ("100到500", HasPoints(100, 500)),
        ("100 to 500", HasPoints(100, 500)),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("many", None),
        ("100-", None),
        ("1-2-3", None),
        ("9" * 20, None),
    ],
)
def test_points_as_they_are_typed(text: str, points: HasPoints | None) -> None:
    assert read_points(text) == points


@pytest.mark.parametrize(
    ("text", "days", "is_not"),
    [("45", 45, False), ("45 days", 45, False), ("-45", 45, True), ("−７天", 7, True), ("<3", 3, True),
     ("4.5", None, False), ("soon", None, False), ("", None, False), ("--", None, True)],
)  # fmt: skip
def test_days_as_they_are_typed(text: str, days: int | None, is_not: bool) -> None:
    rest, said_not = read_not(text)
    assert (read_days(rest), said_not) == (days, is_not)
