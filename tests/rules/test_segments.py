from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given

from loyalty.errors import InvalidSegment
from loyalty.members import Language, Tier
from loyalty.segments import (
    CONDITIONS_MAX,
    DAYS_MAX,
    DEPTH_MAX,
    EVERYBODY,
    RESOLVED_MAX,
    All,
    AnyOf,
    BirthdayIn,
    BirthdayMonth,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    InSaved,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
    Tapped,
    as_json,
    check,
    check_resolved,
    conditions,
    from_json,
    is_everybody,
    mentioned,
    resolve,
)
from tests.kit.segments import segments

GOLD = HasTier((Tier.GOLD,))


@given(segments())
def test_what_is_kept_comes_back_as_it_was(segment: Segment) -> None:
    assert from_json(as_json(segment)) == segment


def test_conditions_come_in_the_order_in_which_they_were_put() -> None:
    segment = All((GOLD, AnyOf((Bought(30), Not(Redeemed(7)))), HasReferral(ReferralStatus.WAS_BROUGHT)))
    assert list(conditions(segment)) == [GOLD, Bought(30), Redeemed(7), HasReferral(ReferralStatus.WAS_BROUGHT)]
    assert list(conditions(EVERYBODY)) == []


@pytest.mark.parametrize(
    ("segment", "reason"),
    [
        (All((GOLD,) * (CONDITIONS_MAX + 1)), "too_many"),
        (HasTier(()), "nothing_chosen"),
        (Speaks(()), "nothing_chosen"),
        (BirthdayIn(()), "nothing_chosen"),
        (BirthdayIn((13,)), "range"),
        (HasPoints(-1), "range"),
        (HasPoints(100, 99), "range"),
        (Bought(0), "range"),
        (Bought(DAYS_MAX + 1), "range"),
        (Bought(tag="x" * 41), "tag"),
        (Spent(0), "range"),
        (Spent(1, 0), "range"),
        (Not(HasTier(())), "nothing_chosen"),
        (Tapped(0), "range"),
        (BirthdayMonth(12, "UTC"), "range"),
        (InSaved(0), "range"),
    ],
)
def test_what_cannot_be_meant_is_refused(segment: Segment, reason: str) -> None:
    with pytest.raises(InvalidSegment) as refusal:
        check(segment)
    assert refusal.value.reason == reason


def test_a_thicket_is_refused() -> None:
    segment: Segment = Speaks((Language.ENGLISH,))
    for _ in range(DEPTH_MAX):
        segment = All((Not(segment),))
    assert check(segment) is segment
    with pytest.raises(InvalidSegment, match="too_deep"):
        check(AnyOf((segment,)))


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"is": "stars"},
        {"is": "tier"},
        {"is": "tier", "tiers": ["platinum"]},
        {"is": "tier", "tiers": []},
        {"is": "points", "least": "many"},
        {"is": "points", "at_least": 5},
        {"is": "all", "parts": [{"is": "not"}]},
        {"is": "all", "parts": 5},
        {"is": "referral", "status": "unknown"},
        {"is": "birthday", "months": [0]},
        {"is": "birthday_month", "ahead": 0, "timezone": "Nowhere/Town"},
        {"is": "birthday_month", "ahead": 0, "timezone": ""},
        {"is": "saved", "segment_id": "7"},
        {"is": "tapped"},
    ],
)
def test_what_nobody_has_written_so_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(InvalidSegment):
        from_json(kept)


def test_what_was_kept_before_there_were_more_conditions_is_still_read() -> None:
    kept = {"is": "all", "parts": [{"is": "tier", "tiers": ["gold"]}, {"is": "not", "part": {"is": "bought", "days": 30,
            "tag": ""}}, {"is": "redeemed", "reward_id": None}]}  # fmt: skip
    assert from_json(kept) == All((GOLD, Not(Bought(30)), Redeemed()))


def test_everybody_is_told_from_the_rest() -> None:
    assert is_everybody(EVERYBODY)
    assert is_everybody(All((All(),)))
    for one in (GOLD, All((GOLD,)), AnyOf(), Not(All()), All((AnyOf(),))):
        assert not is_everybody(one)


def test_lists_are_put_where_they_are_mentioned() -> None:
    lists: dict[int, Segment] = {1: GOLD, 2: AnyOf((InSaved(1), Bought(7)))}
    segment = All((Not(InSaved(2)), InSaved(1)))
    assert mentioned(segment) == {1, 2}
    assert resolve(segment, lists) == All((Not(AnyOf((GOLD, Bought(7)))), GOLD))
    check_resolved(segment, lists)


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        ({}, "gone"),
        ({1: InSaved(1)}, "loop"),
        ({1: Not(InSaved(2)), 2: All((GOLD, InSaved(3))), 3: AnyOf((InSaved(1),))}, "loop"),
        ({1: All((InSaved(2),) * 6), 2: All((GOLD,) * 20)}, "too_many"),
    ],
)
def test_lists_that_cannot_be_meant_are_refused(lists: dict[int, Segment], reason: str) -> None:
    with pytest.raises(InvalidSegment, match=reason):
        check_resolved(InSaved(1), lists)
    assert RESOLVED_MAX < 6 * 20


@pytest.mark.parametrize(
    ("ahead", "timezone", "at", "month"),
    [
        (0, "UTC", datetime(2026, 4, 30, 23, tzinfo=UTC), 4),
        (0, "Asia/Taipei", datetime(2026, 4, 30, 23, tzinfo=UTC), 5),  # the first of May there already
        (1, "America/New_York", datetime(2026, 1, 1, 3, tzinfo=UTC), 1),  # still December there
        (1, "UTC", datetime(2026, 12, 5, tzinfo=UTC), 1),
    ],
)
def test_a_birthday_month_is_that_of_the_time_of_use(ahead: int, timezone: str, at: datetime, month: int) -> None:
    assert BirthdayMonth(ahead, timezone).month(at) == month
