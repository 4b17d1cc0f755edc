from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loyalty.errors import Refusal, RewardUnavailable, TierTooLow
from loyalty.members import Tier
from loyalty.merchants import Merchant
from loyalty.rewards import Reward, RewardState, counted_since, is_over, next_at, obstacle, search_words

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
COFFEE = Reward(
    id=7,
    merchant=Merchant(1, "Harbour Coffee"),
    name="Flat white",
    description="",
    translations={},
    points=80,
    stock=3,
    tier_min=Tier.MEMBER,
    per_member=2,
    picture_id=None,
    state=RewardState.RUNNING,
    starts_at=None,
    ends_at=None,
)


def test_a_running_reward_within_its_limits_has_no_obstacle() -> None:
    window = replace(COFFEE, starts_at=NOW, ends_at=NOW + timedelta(seconds=1))
    assert obstacle(window, Tier.MEMBER, 1, NOW) is None


def test_no_stock_figure_means_no_end_of_it() -> None:
    assert obstacle(replace(COFFEE, stock=None, per_member=None), Tier.MEMBER, 999, NOW) is None


@pytest.mark.parametrize(
    ("change", "had", "refusal"),
    [
        ({"removed_at": NOW, "state": RewardState.PAUSED}, 0, RewardUnavailable(7, "removed")),
        ({"state": RewardState.PAUSED}, 0, RewardUnavailable(7, "paused")),
        ({"starts_at": NOW + timedelta(seconds=1)}, 0, RewardUnavailable(7, "not_started")),
        ({"ends_at": NOW}, 0, RewardUnavailable(7, "ended")),
        ({"stock": 0}, 0, RewardUnavailable(7, "sold_out")),
        ({"tier_min": Tier.SILVER}, 0, TierTooLow("silver", "member")),
        ({}, 2, RewardUnavailable(7, "limit_reached", 2)),
    ],
)
def test_obstacles(change: dict[str, object], had: int, refusal: Refusal) -> None:
    assert obstacle(replace(COFFEE, **change), Tier.MEMBER, had, NOW) == refusal  # type: ignore[arg-type]


def test_what_nobody_can_change_is_said_first() -> None:
    refusal = obstacle(replace(COFFEE, stock=0, tier_min=Tier.GOLD), Tier.MEMBER, 2, NOW)
    assert refusal == RewardUnavailable(7, "sold_out")


@pytest.mark.parametrize(("available", "missing"), [(0, 80), (79, 1), (80, 0), (500, 0)])
def test_missing_points(available: int, missing: int) -> None:
    assert COFFEE.missing(available) == missing


def test_a_limit_of_a_span_counts_that_far_back() -> None:
    assert counted_since(replace(COFFEE, per_member_days=7), NOW) == NOW - timedelta(days=7)
    assert counted_since(COFFEE, NOW) is None


@pytest.mark.parametrize(
    ("days_ago", "in_days"),
    [
        ([1, 5], 2),  # of two the older one leaves first
        ([0, 1, 5], 6),  # the limit was lowered to two meanwhile: two of the three must leave
        ([1], None),  # there is room
        ([], None),
    ],
)
def test_when_the_next_is_possible(days_ago: list[int], in_days: int | None) -> None:
    had_at = [NOW - timedelta(days=days) for days in days_ago]
    expected = None if in_days is None else NOW + timedelta(days=in_days)
    assert next_at(replace(COFFEE, per_member_days=7), had_at) == expected


def test_a_limit_for_ever_never_opens_again() -> None:
    assert next_at(COFFEE, [NOW, NOW]) is None


@pytest.mark.parametrize(
    ("reason", "is_so"), [("removed", True), ("ended", True), ("paused", False), ("sold_out", False)]
)
def test_what_is_over_does_not_come_back(reason: str, is_so: bool) -> None:
    assert is_over(RewardUnavailable(7, reason)) is is_so
    assert not is_over(None)


def test_a_reward_is_found_by_all_that_is_said_of_it() -> None:
    said = {"zh-Hans": {"name": "澳白", "description": "双份浓缩"}, "de": {"name": "Weißer Kaffee"}}
    assert search_words("Flat White", "", said) == "flat white\n澳白\n双份浓缩\nweisser kaffee"
