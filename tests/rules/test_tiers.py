"""Tiers: what a total reaches, what comes next, and what is due when it is too little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.members import Tier
from loyalty.points import expiry
from loyalty.tiers import Counted, Due, Standing, due, next_tier, reached, standing, step_down, window

MINIMUMS = {Tier.SILVER: 500, Tier.GOLD: 2000}
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=3), NOW - timedelta(days=3)


def counted(tier: Tier, total: int, **facts: datetime) -> Counted:
    return Counted(1, tier, total, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("total", "tier"),
    [
        (-20, Tier.MEMBER),
        (0, Tier.MEMBER),
        (499, Tier.MEMBER),
        (500, Tier.SILVER),
        (1999, Tier.SILVER),
        (2000, Tier.GOLD),
        (10**12, Tier.GOLD),
    ],
)
def test_a_total_reaches_the_highest_tier_that_it_is_enough_for(total: int, tier: Tier) -> None:
    assert reached(MINIMUMS, total) is tier


def test_a_club_need_not_have_every_tier() -> None:
    only_gold = {Tier.GOLD: 100}
    assert reached(only_gold, 99) is Tier.MEMBER
    assert next_tier(only_gold, Tier.MEMBER) is Tier.GOLD
    assert step_down(only_gold, Tier.GOLD) is Tier.MEMBER
    assert step_down(MINIMUMS, Tier.GOLD) is Tier.SILVER
    assert reached({}, 10**9) is Tier.MEMBER
    # Silver cannot be bought there: who was granted it loses it when the grant is over.
    assert due(only_gold, counted(Tier.SILVER, 99), NOW) is Due.WARN


def test_the_next_tier_and_what_it_needs() -> None:
    assert standing(MINIMUMS, counted(Tier.MEMBER, 120), NOW) == Standing(
        Tier.MEMBER, 120, next=Tier.SILVER, needed=500, missing=380
    )
    assert standing(MINIMUMS, counted(Tier.GOLD, 2400), NOW) == Standing(Tier.GOLD, 2400)
    granted = standing(MINIMUMS, counted(Tier.SILVER, 20, kept_until=LATER), NOW)
    assert (granted.missing, granted.lacking, granted.kept_until) == (1980, 480, LATER)
    assert standing(MINIMUMS, counted(Tier.SILVER, 20, kept_until=NOW), NOW).kept_until is None


@pytest.mark.parametrize(
    ("tier", "total", "facts", "wanted"),
    [
        (Tier.MEMBER, 499, {}, None),
        (Tier.MEMBER, 500, {}, Due.RISE),
        (Tier.MEMBER, 2000, {}, Due.RISE),
        (Tier.SILVER, 2000, {"kept_until": LATER}, Due.RISE),
        (Tier.SILVER, 2000, {"grace_until": EARLIER}, Due.RISE),
        (Tier.SILVER, 500, {}, None),
        (Tier.SILVER, 499, {}, Due.WARN),
        (Tier.GOLD, 1999, {}, Due.WARN),
        (Tier.SILVER, 499, {"grace_until": LATER}, None),
        (Tier.SILVER, 499, {"grace_until": NOW}, Due.FALL),
        (Tier.SILVER, 500, {"grace_until": NOW}, Due.SPARE),
        (Tier.GOLD, 0, {"kept_until": LATER}, None),
        (Tier.GOLD, 0, {"kept_until": NOW}, Due.WARN),
        (Tier.GOLD, 0, {"kept_until": LATER, "grace_until": EARLIER}, Due.SPARE),
    ],
)
def test_what_is_due(tier: Tier, total: int, facts: dict[str, datetime], wanted: Due | None) -> None:
    assert due(MINIMUMS, counted(tier, total, **facts), NOW) is wanted


def test_twelve_months_are_those_of_the_calendar_and_their_last_moment_counts() -> None:
    since, until = window(datetime(2028, 2, 29, 12, tzinfo=UTC), ZoneInfo("UTC"))
    assert since == datetime(2027, 2, 28, 12, tzinfo=UTC)
    assert since <= datetime(2028, 2, 29, 12, tzinfo=UTC) < until


def test_a_grace_ends_with_the_clubs_day() -> None:
    taipei = ZoneInfo("Asia/Taipei")
    assert expiry(datetime(2026, 5, 1, 15, 59, tzinfo=UTC), 30, taipei) == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert expiry(datetime(2026, 5, 1, 16, 0, tzinfo=UTC), 30, taipei) == datetime(2026, 6, 1, 16, tzinfo=UTC)


@given(
    minimums=st.dictionaries(st.sampled_from([Tier.SILVER, Tier.GOLD]), st.integers(1, 5000)),
    tier=st.sampled_from(Tier),
    total=st.integers(-100, 6000),
)
def test_reviewed_again_and_again_everybody_comes_to_rest(minimums: dict[Tier, int], tier: Tier, total: int) -> None:
    """Whatever the programme says, nobody goes up and down by turns."""
    at, seen, grace = NOW, tier, None
    for _ in range(8):
        now = Counted(1, seen, total, grace_until=grace)
        match due(minimums, now, at):
            case Due.RISE:
                seen, grace = reached(minimums, total), None
            case Due.FALL:
                seen, grace = step_down(minimums, seen), None
            case Due.WARN:
                grace = at
            case Due.SPARE:
                grace = None
            case None:
                break
    else:
        raise AssertionError(f"{tier} with {total} of {minimums} never comes to rest")
    assert seen is reached(minimums, total)
