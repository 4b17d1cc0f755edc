from __future__ import annotations

import pytest
from hypothesis import given

from loyalty.errors import InvalidSegment
from loyalty.members import Language, Tier
from loyalty.segments import (
    CONDITIONS_MAX,
    DAYS_MAX,
    DEPTH_MAX,
    EVERYBODY,
    All,
    AnyOf,
    BirthdayIn,
    Bought,
    HasPoints,
    HasReferral,
    HasTier,
    Not,
    Redeemed,
    ReferralStatus,
    Segment,
    Speaks,
    Spent,
    as_json,
    check,
    conditions,
    from_json,
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
    ],
)
def test_what_nobody_has_written_so_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(InvalidSegment):
        from_json(kept)
