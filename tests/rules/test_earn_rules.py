"""The parts of an earn rule: changing one leaves the others, and what people type for it is read strictly."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.amounts import money_minor
from loyalty.earn_rules import (
    HOURS_MAX,
    RULE_TAGS_MAX,
    Example,
    RulePart,
    TypedHours,
    at_minute,
    bits_of,
    days_in,
    mark,
    marked,
    minute_of,
    named,
    part_of,
    read_hours,
    read_rate,
    read_tag,
    read_whole,
    telling,
    tried,
    with_hours,
    with_part,
    with_tag,
    without_hours,
)
from loyalty.earning import EarnRule, HappyHours
from loyalty.errors import EarnRuleIsFull, InvalidEarnRule, InvalidPurchase
from loyalty.members import Tier

RULE = EarnRule(
    points=2,
    per_minor=500,
    amount_minor_min=300,
    tiers={Tier.GOLD: 150},
    hours=(HappyHours(200, (4,), time(17), time(19)),),
    tags={"coffee": 200, "flat white": 300},
    points_day_max=50,
)
FRIDAY = datetime(2026, 5, 1, 10, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("text", "decimals", "minor"),
    [
        ("12.50", 2, 1250),
        ("12,50", 2, 1250),
        ("12.5", 2, 1250),
        ("12", 2, 1200),
        (" １２．５０ ", 2, 1250),
        ("0", 2, 0),
        ("380", 0, 380),
        ("1.234", 3, 1234),
        ("12.505", 2, None),
        ("12.5", 0, None),
        ("1,234.50", 2, 123_450),
        ("-5", 2, None),
        ("1e9", 2, None),
        ("十二", 2, None),
        ("12 50", 2, None),
        ("", 2, None),
        ("9" * 17, 2, None),
        ("٣", 2, 300),
    ],
)
def test_an_amount_is_read_strictly(text: str, decimals: int, minor: int | None) -> None:
    assert money_minor(text, decimals) == minor


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("2 per 5", (2, 500)),
        ("2 points per 5.50", (2, 550)),
        ("1/10", (1, 1000)),
        ("3 : 7,25", (3, 725)),
        ("1 for each 5", None),
        ("每5元2分", (2, 500)),
        ("每 10 得 1 點", (1, 1000)),
        ("２／５", (2, 500)),
        ("0 per 5", (0, 500)),  # the rule refuses it, and says what is right
        ("2", None),
        ("2 per", None),
        ("per 5", None),
        ("2.5 per 5", None),
        ("-2 per 5", None),
        ("2 per 5.005", None),
        ("two per five", None),
        ("", None),
    ],
)
def test_a_rate_is_read_strictly(text: str, rate: tuple[int, int] | None) -> None:
    assert read_rate(text, 2) == rate


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("17-19", TypedHours(1020, 1140)),
        ("17:30-19:00", TypedHours(1050, 1140)),
        ("17：30 – 19", TypedHours(1050, 1140)),
        ("17 to 19 180", TypedHours(1020, 1140, 180)),
        ("17-19 180%", TypedHours(1020, 1140, 180)),
        ("9至11", TypedHours(540, 660)),
        ("22-2", TypedHours(1320, 120)),
        ("0-24", TypedHours(0, 0)),
        ("20-24:00", TypedHours(1200, 0)),
        ("24-3", None),
        ("17-25", None),
        ("17:60-19", None),
        ("17-24:30", None),
        ("17", None),
        ("5pm-7pm", TypedHours(17 * 60, 19 * 60)),
        ("下午5点到7点", TypedHours(17 * 60, 19 * 60)),
        ("17²-19", None),
        ("", None),
    ],
)
def test_hours_are_read_strictly(text: str, hours: TypedHours | None) -> None:
    assert read_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("coffee 200", ("coffee", 200)),
        ("Flat White 150 %", ("Flat White", 150)),
        ("咖啡 200", ("咖啡", 200)),
        ("coffee", None),
        ("200", None),
        ("coffee twice", None),
        ("", None),
    ],
)
def test_a_product_is_read_strictly(text: str, tag: tuple[str, int] | None) -> None:
    assert read_tag(text) == tag


@pytest.mark.parametrize(
    ("text", "number"),
    [("50", 50), ("150 %", 150), ("５０", 50), ("0", 0), ("-5", None), ("1.5", None), ("ten", None), ("1e3", None)],
)
def test_a_number_is_read_strictly(text: str, number: int | None) -> None:
    assert read_whole(text) == number


@given(
    part=st.sampled_from([part for part in RulePart if part is not RulePart.RECEIPTS]), number=st.integers(100, 1000)
)
def test_a_part_is_what_it_was_set_to_and_the_others_stay(part: RulePart, number: int) -> None:
    changed = with_part(RULE, part, number)
    assert part_of(changed, part) == number
    for other in set(RulePart) - {part}:
        assert part_of(changed, other) == part_of(RULE, other)
    assert (changed.points, changed.per_minor, changed.hours, changed.tags) == (2, 500, RULE.hours, RULE.tags)
    assert with_part(changed, part, part_of(RULE, part)) == RULE


def test_receipt_numbers_begin_again_or_they_do_not() -> None:
    daily = with_part(RULE, RulePart.RECEIPTS, 1)
    assert (daily.is_receipt_daily, part_of(daily, RulePart.RECEIPTS)) == (True, 1)
    assert with_part(daily, RulePart.RECEIPTS, 0) == RULE
    with pytest.raises(InvalidEarnRule):
        with_part(RULE, RulePart.RECEIPTS, 2)


def test_none_of_a_part_leaves_no_trace() -> None:
    bare = with_part(with_part(with_part(RULE, RulePart.GOLD, 100), RulePart.DAY, 0), RulePart.MINIMUM, 0)
    assert (bare.tiers, bare.points_day_max, bare.amount_minor_min) == ({}, None, 0)


@pytest.mark.parametrize(
    ("part", "number"),
    [(RulePart.GOLD, 99), (RulePart.SILVER, 1001), (RulePart.FIRST, -1), (RulePart.DAY, 10**12)],
)
def test_what_a_rule_cannot_be_is_refused(part: RulePart, number: int) -> None:
    with pytest.raises(InvalidEarnRule):
        with_part(RULE, part, number)


def test_the_same_hours_again_have_the_new_percentage() -> None:
    again = with_hours(RULE, HappyHours(150, (4,), time(17), time(19)))
    assert again.hours == (HappyHours(150, (4,), time(17), time(19)),)
    assert without_hours(RULE, HappyHours(150, (4,), time(17), time(19))) == RULE
    assert without_hours(RULE, RULE.hours[0]).hours == ()
    with pytest.raises(InvalidEarnRule):
        with_hours(RULE, HappyHours(99))


def test_hours_and_products_have_an_end() -> None:
    rule = EarnRule()
    for hour in range(HOURS_MAX):
        rule = with_hours(rule, HappyHours(200, (), time(hour), time(hour + 1)))
    with pytest.raises(EarnRuleIsFull, match="hours"):
        with_hours(rule, HappyHours(200, (), time(12), time(13)))
    assert with_hours(rule, HappyHours(300, (), time(0), time(1))).hours[-1].percent == 300
    for number in range(RULE_TAGS_MAX):
        rule = with_tag(rule, f"tag {number}", 200)
    with pytest.raises(EarnRuleIsFull, match="tags"):
        with_tag(rule, "one more", 200)
    assert with_tag(rule, "tag 1", 300).tags["tag 1"] == 300
    assert "tag 1" not in with_tag(rule, "tag 1", 100).tags


def test_a_product_is_cleaned_and_found_by_its_mark() -> None:
    rule = with_tag(EarnRule(), "  Oat   Milk ", 150)
    assert rule.tags == {"oat milk": 150}
    assert marked(rule, mark("oat milk")) == "oat milk"
    assert marked(rule, mark("soy milk")) is None
    for wrong in ("x" * 33, "  "):
        with pytest.raises(InvalidPurchase):
            with_tag(rule, wrong, 150)


def test_of_the_products_that_are_named_the_best_one_counts() -> None:
    assert named(RULE, "coffee") == "coffee"
    assert named(RULE, "a  COFFEE please") == "coffee"
    assert named(RULE, "Flat White") == "flat white"
    assert named(RULE, "tea") is None
    assert named(RULE, "") is None


@given(st.integers(0, 127))
def test_weekdays_fit_into_bits(days: int) -> None:
    assert bits_of(days_in(days)) == (days if days != 127 else 0)


@given(st.integers(0, 24 * 60 - 1))
def test_minutes_are_times(minute: int) -> None:
    assert minute_of(at_minute(minute)) == minute


def test_an_example_shows_much_of_the_rule() -> None:
    shown = telling(RULE, 1250, FRIDAY, UTC_ZONE)
    assert shown == Example(1250, 4, 17 * 60, Tier.GOLD)
    found = tried(RULE, shown, FRIDAY, UTC_ZONE)
    assert (found.base, found.points) == (5, 15)  # 12.50 by 2 per 5, half as much again for gold, and twice
    assert telling(EarnRule(), 1250, FRIDAY, UTC_ZONE) == Example(1250, 4, 600)


@pytest.mark.parametrize(("weekday", "points"), [(3, 5), (4, 10), (5, 5)])
def test_an_example_is_of_the_next_such_day_on_the_clubs_clock(weekday: int, points: int) -> None:
    for at in (FRIDAY, datetime(2026, 4, 30, 22, tzinfo=UTC), datetime(2026, 5, 3, 1, tzinfo=UTC)):
        example = Example(1250, weekday, 18 * 60)
        assert tried(RULE, example, at, ZoneInfo("Asia/Taipei")).points == points
