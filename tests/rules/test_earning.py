"""What a purchase is worth: rates, multipliers, caps, and what a refund takes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.birthdays import LunarDay
from loyalty.earning import (
    AMOUNT_MAX,
    Cap,
    Cut,
    Earned,
    EarnRule,
    Factor,
    HappyHours,
    Multiplied,
    birthday_year,
    day_of,
    month_of,
    months_later,
    points_for,
    refundable,
    share,
)
from loyalty.errors import InvalidEarnRule, InvalidPurchase
from loyalty.members import Birthday, Calendar, Tier
from loyalty.points import POINTS_MAX
from loyalty.programme import Programme
from loyalty.purchases import AwardRole, Channel, PurchaseAward, clean_receipt, clean_tags, valid_amount_minor

TAIPEI, UTC_ZONE, BERLIN = ZoneInfo("Asia/Taipei"), ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
FRIDAY_NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def earned(rule: EarnRule, amount_minor: int, at: datetime = FRIDAY_NOON, **facts: object) -> Earned:
    return points_for(rule, amount_minor, at=at, zone=facts.pop("zone", UTC_ZONE), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "amount_minor", "points"),
    [
        (EarnRule(), 1250, 12),  # a point per euro: the rest of a euro earns nothing
        (EarnRule(), 99, 0),
        (EarnRule(), 100, 1),
        (EarnRule(points=2), 1250, 25),
        (EarnRule(points=2), 1299, 25),  # 25.98, rounded once at the end: not twice twelve
        (EarnRule(points=1, per_minor=1000), 9999, 9),  # a point per ten
        (EarnRule(points=3, per_minor=700), 1000, 4),  # 4.28...
        (EarnRule(points=1, per_minor=1), 380, 380),  # a point per yen
        (EarnRule(amount_minor_min=500), 500, 5),
        (EarnRule(amount_minor_min=500), 499, 0),
    ],
)
def test_a_rate_earns_by_the_unit_and_rounds_down(rule: EarnRule, amount_minor: int, points: int) -> None:
    assert earned(rule, amount_minor).points == points


def test_multipliers_multiply_and_each_says_what_it_added() -> None:
    """12.50 on a Friday by a gold member: 12.5 x 1.5 x 2 is 37.5, of which the tier brought 6 and the hours 19."""
    rule = EarnRule(tiers={Tier.GOLD: 150}, hours=(HappyHours(200, weekdays=(4,)),))
    assert earned(rule, 1250, tier=Tier.GOLD) == Earned(
        points=37,
        base=12,
        added=(Multiplied(Factor.TIER, 150, 6, "gold"), Multiplied(Factor.HOURS, 200, 19)),
    )
    assert earned(rule, 1250, tier=Tier.SILVER).points == 25
    assert earned(rule, 1250, at=datetime(2026, 5, 2, 12, tzinfo=UTC), tier=Tier.GOLD).points == 18


def test_of_several_hours_or_tags_the_best_one_counts_alone() -> None:
    rule = EarnRule(
        hours=(HappyHours(150), HappyHours(300, weekdays=(4,)), HappyHours(200)), tags={"beans": 200, "cake": 120}
    )
    found = earned(rule, 1000, tags=("cake", "beans", "water"))
    assert found.points == 60
    assert found.added == (Multiplied(Factor.HOURS, 300, 20), Multiplied(Factor.TAG, 200, 30, "beans"))


@pytest.mark.parametrize(
    ("starts", "ends", "weekdays", "at", "is_covered"),
    [
        ("17:00", "19:00", (4,), "2026-05-01T17:00", True),
        ("17:00", "19:00", (4,), "2026-05-01T16:59", False),
        ("17:00", "19:00", (4,), "2026-05-01T19:00", False),
        ("17:00", "19:00", (4,), "2026-05-02T18:00", False),
        ("22:00", "02:00", (4,), "2026-05-01T23:00", True),
        ("22:00", "02:00", (4,), "2026-05-02T01:59", True),  # still Friday's night
        ("22:00", "02:00", (4,), "2026-05-01T01:00", False),  # that was Thursday's
        ("00:00", "00:00", (4,), "2026-05-01T00:00", True),
        ("00:00", "00:00", (4,), "2026-05-02T00:00", False),
        ("17:00", "19:00", (), "2026-05-06T18:00", True),
    ],
)
def test_happy_hours_have_days_and_may_run_past_midnight(
    starts: str, ends: str, weekdays: tuple[int, ...], at: str, is_covered: bool
) -> None:
    hours = HappyHours(200, weekdays, time.fromisoformat(starts), time.fromisoformat(ends))
    assert hours.covers(datetime.fromisoformat(at).replace(tzinfo=UTC)) is is_covered


def test_hours_are_those_of_the_clubs_clock() -> None:
    rule = EarnRule(hours=(HappyHours(200, starts=time(20), ends=time(21)),))
    assert earned(rule, 1000, zone=TAIPEI).points == 20, "noon in London is eight in the evening in Taipei"
    assert earned(rule, 1000).points == 10


@pytest.mark.parametrize(
    ("day", "month", "so_far", "points", "cuts"),
    [
        (50, None, (0, 0), 50, (Cut(Cap.DAY, 50),)),
        (50, None, (30, 30), 20, (Cut(Cap.DAY, 80),)),
        (50, None, (50, 50), 0, (Cut(Cap.DAY, 100),)),
        (50, None, (70, 70), 0, (Cut(Cap.DAY, 100),)),  # the cap was lowered since
        (None, 120, (0, 40), 80, (Cut(Cap.MONTH, 20),)),
        (90, 120, (0, 60), 60, (Cut(Cap.DAY, 10), Cut(Cap.MONTH, 30))),
        (100, 100, (0, 0), 100, ()),
    ],
)
def test_caps_cut_and_say_so(
    day: int | None, month: int | None, so_far: tuple[int, int], points: int, cuts: tuple[Cut, ...]
) -> None:
    rule = EarnRule(points_day_max=day, points_month_max=month)
    found = earned(rule, 10_000, earned_today=so_far[0], earned_this_month=so_far[1])
    assert (found.points, found.cuts) == (points, cuts)


def test_too_small_a_purchase_says_what_it_would_have_earned() -> None:
    assert earned(EarnRule(amount_minor_min=1000), 900) == Earned(0, 9, cuts=(Cut(Cap.MINIMUM, 9),))


rules = st.builds(
    EarnRule,
    points=st.integers(1, 50),
    per_minor=st.integers(1, 1000),
    amount_minor_min=st.integers(0, 2000),
    tiers=st.dictionaries(st.sampled_from(Tier), st.integers(100, 1000)),
    hours=st.lists(st.builds(HappyHours, percent=st.integers(100, 1000))).map(tuple),
    tags=st.dictionaries(st.sampled_from("abc"), st.integers(100, 1000)),
    points_day_max=st.none() | st.integers(0, 5000),
    points_month_max=st.none() | st.integers(0, 20_000),
)


@given(rules, st.integers(1, AMOUNT_MAX), st.sampled_from(Tier), st.sets(st.sampled_from("abc")))
def test_an_explanation_always_adds_up(rule: EarnRule, amount_minor: int, tier: Tier, tags: set[str]) -> None:
    found = earned(rule, amount_minor, tier=tier, tags=tags)
    assert found.points == found.base + sum(one.points for one in found.added) - sum(cut.points for cut in found.cuts)
    assert 0 <= found.points <= POINTS_MAX
    assert all(one.points >= 0 for one in found.added)
    assert all(cut.points > 0 for cut in found.cuts)


@given(rules, st.lists(st.integers(1, 100_000), max_size=12))
def test_caps_are_never_exceeded(rule: EarnRule, amounts: list[int]) -> None:
    total = 0
    for amount_minor in amounts:
        total += earned(rule, amount_minor, earned_today=total, earned_this_month=total).points
    assert rule.points_day_max is None or total <= rule.points_day_max
    assert rule.points_month_max is None or total <= rule.points_month_max


@given(rules, st.integers(1, 1_000_000), st.integers(0, 1_000_000))
def test_who_spends_more_never_earns_less(rule: EarnRule, amount_minor: int, more: int) -> None:
    assert earned(rule, amount_minor).points <= earned(rule, amount_minor + more).points


@pytest.mark.parametrize(
    ("points", "amount_minor", "refunded_minor", "taken"),
    [
        (12, 1250, 0, 0),
        (12, 1250, 104, 0),
        (12, 1250, 105, 1),
        (12, 1250, 625, 6),
        (12, 1250, 1249, 11),
        (12, 1250, 1250, 12),
        (0, 1250, 1250, 0),
        (POINTS_MAX, AMOUNT_MAX, AMOUNT_MAX, POINTS_MAX),
    ],
)
def test_a_refund_takes_its_share_rounded_for_the_member(
    points: int, amount_minor: int, refunded_minor: int, taken: int
) -> None:
    assert refundable(points, amount_minor, refunded_minor) == taken


@given(st.integers(0, POINTS_MAX), st.lists(st.integers(1, 10**8), min_size=1, max_size=20))
def test_refunds_of_any_split_take_exactly_the_award_in_the_end(points: int, parts: list[int]) -> None:
    amount_minor = sum(parts)
    taken = [refundable(points, amount_minor, so_far) for so_far in accumulate(parts, initial=0)]
    assert taken[0] == 0
    assert taken[-1] == points
    assert all(before <= after <= points for before, after in pairwise(taken))
    for so_far, took in zip(accumulate(parts, initial=0), taken, strict=True):
        assert took * amount_minor <= points * so_far, "never more than the share"
        assert points * so_far < (took + 1) * amount_minor, "and less by less than a point"


def test_more_than_was_paid_cannot_be_refunded() -> None:
    for refunded_minor in (-1, 101):
        with pytest.raises(ValueError, match="cannot be refunded"):
            refundable(10, 100, refunded_minor)


def test_bonuses_go_back_whole_when_nothing_of_the_purchase_is_left() -> None:
    for role in AwardRole:
        award = PurchaseAward(1, 1, role, 30, clawback=role.clawback)
        half = 15 if role in (AwardRole.BUYER, AwardRole.COMMISSION) else 0
        assert [award.due(1000, refunded) for refunded in (0, 500, 1000)] == [0, half, 30], role


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": 0},
        {"points": True},
        {"points": 1.5},
        {"per_minor": 0},
        {"amount_minor_min": -1},
        {"tiers": {Tier.GOLD: 99}},
        {"tags": {"beans": 1001}},
        {"hours": (HappyHours(50),)},
        {"hours": (HappyHours(200, weekdays=(7,)),)},
        {"points_day_max": -1},
        {"points_month_max": POINTS_MAX + 1},
        {"first_points": -5},
    ],
)
def test_a_rule_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidEarnRule):
        EarnRule(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [0, -100, AMOUNT_MAX + 1, 12.5, True, "100"])
def test_amounts_are_whole_and_positive(amount: object) -> None:
    with pytest.raises(InvalidPurchase):
        valid_amount_minor(amount)  # type: ignore[arg-type]


def test_receipts_and_tags_are_tidied_and_bounded() -> None:
    assert clean_receipt("  A  17 ") == "A 17"
    assert clean_receipt("  ") is None
    assert clean_tags(["Beans", "cake", " beans ", ""]) == ("beans", "cake")
    with pytest.raises(InvalidPurchase):
        clean_receipt("9" * 65)
    for tags in (["x" * 33], [str(number) for number in range(21)]):
        with pytest.raises(InvalidPurchase):
            clean_tags(tags)


def test_days_and_months_are_those_of_the_zone() -> None:
    late = datetime(2026, 4, 30, 17, tzinfo=UTC)  # one in the morning of the first of May in Taipei
    assert day_of(late, TAIPEI) == (datetime(2026, 4, 30, 16, tzinfo=UTC), datetime(2026, 5, 1, 16, tzinfo=UTC))
    assert month_of(late, TAIPEI) == (datetime(2026, 4, 30, 16, tzinfo=UTC), datetime(2026, 5, 31, 16, tzinfo=UTC))
    assert month_of(datetime(2026, 12, 5, tzinfo=UTC), UTC_ZONE)[1] == datetime(2027, 1, 1, tzinfo=UTC)
    since, until = day_of(datetime(2026, 3, 29, 12, tzinfo=UTC), BERLIN)  # the clocks go forward: 23 hours
    assert (until - since).total_seconds() == 23 * 3600


@pytest.mark.parametrize(
    ("at", "months", "later"),
    [
        ("2026-05-01T10:00", 12, "2027-05-01T10:00"),
        ("2026-01-31T10:00", 1, "2026-02-28T10:00"),
        ("2024-02-29T10:00", 12, "2025-02-28T10:00"),
        ("2026-11-15T10:00", 2, "2027-01-15T10:00"),
    ],
)
def test_commissions_last_calendar_months(at: str, months: int, later: str) -> None:
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert months_later(read(at), months, UTC_ZONE) == read(later)


def test_a_percentage_is_rounded_down() -> None:
    assert [share(points, 5) for points in (0, 19, 20, 39, 40)] == [0, 0, 1, 1, 2]


def test_a_birthday_month_is_one_of_its_own_calendar() -> None:
    solar, lunar = Birthday(5, 14), Birthday(8, 15, Calendar.LUNAR)
    assert birthday_year(solar, date(2026, 5, 31), None) == 2026
    assert birthday_year(solar, date(2026, 6, 1), None) is None
    assert birthday_year(lunar, date(2026, 9, 20), lambda _: LunarDay(2026, 8, 10)) == 2026
    assert birthday_year(lunar, date(2026, 9, 5), lambda _: LunarDay(2026, 7, 24)) is None
    assert birthday_year(lunar, date(2026, 9, 20), lambda _: LunarDay(2026, 8, 10, is_leap=True)) is None
    assert birthday_year(lunar, date(2026, 9, 20), None) is None, "nobody can convert it"


def test_only_what_was_bought_online_has_a_return_window() -> None:
    programme = Programme(online_pending_days=14)
    assert [programme.return_days(channel) for channel in Channel] == [0, 14, 0]
