"""What a purchase gives below the operator's ceilings."""

from __future__ import annotations

import pytest

from loyalty.ceilings import Ceiling, Given, check_rule, cut
from loyalty.earning import Cap, Cut, Earned, EarnRule
from loyalty.errors import AboveCeiling
from loyalty.programme import Programme

CLUB = Programme(
    points_unit_max=10,
    points_purchase_max=1000,
    points_member_day_max=2000,
    points_shop_day_max=5000,
    points_shop_month_max=9000,
)


@pytest.mark.parametrize(
    ("amount_minor", "points", "bonuses", "given", "left", "ceiling"),
    [
        (10_000, 900, (), Given(), (900, ()), None),
        (5_000, 900, (), Given(), (500, ()), Ceiling.UNIT),
        (100_000, 1001, (), Given(), (1000, ()), Ceiling.PURCHASE),
        (100_000, 900, (60, 70), Given(), (900, (60, 40)), Ceiling.PURCHASE),
        (100_000, 990, (60, 70), Given(), (990, (10, 0)), Ceiling.PURCHASE),
        (100_000, 500, (), Given(member_day=1900), (100, ()), Ceiling.MEMBER_DAY),
        (100_000, 500, (), Given(shop_day=4999), (1, ()), Ceiling.SHOP_DAY),
        (100_000, 500, (30,), Given(shop_month=9000), (0, (0,)), Ceiling.SHOP_MONTH),
        (100_000, 500, (), Given(shop_day=6000), (0, ()), Ceiling.SHOP_DAY),
    ],
)
def test_the_lowest_ceiling_cuts(
    amount_minor: int,
    points: int,
    bonuses: tuple[int, ...],
    given: Given,
    left: tuple[int, tuple[int, ...]],
    ceiling: Ceiling | None,
) -> None:
    earned, kept, reached = cut(CLUB, amount_minor, Earned(points, points), bonuses, given)
    assert ((earned.points, kept), reached) == (left, ceiling)
    assert earned.cuts == ((Cut(Cap.CLUB, points - earned.points),) if earned.points < points else ())


def test_a_currency_without_decimals_has_its_own_units() -> None:
    yen = Programme(currency="JPY", decimals=0, points_unit_max=1)
    assert cut(yen, 500, Earned(600, 600), (), Given())[0].points == 500
    check_rule(yen, EarnRule(points=1, per_minor=1))
    with pytest.raises(AboveCeiling):
        check_rule(yen, EarnRule(points=2, per_minor=1))


@pytest.mark.parametrize(
    "rule",
    [EarnRule(points=11, per_minor=100), EarnRule(first_points=1001), EarnRule(birthday_points=1001)],
)
def test_a_rule_above_a_ceiling_is_refused(rule: EarnRule) -> None:
    with pytest.raises(AboveCeiling):
        check_rule(CLUB, rule)
    check_rule(CLUB, EarnRule(points=10, per_minor=100, first_points=1000))
