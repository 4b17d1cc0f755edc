"""Segments by chance, few values each, so that they meet the members of a test."""

from __future__ import annotations

from hypothesis import strategies as st

from loyalty.members import Language, Tier
from loyalty.segments import (
    All,
    AnyOf,
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
)

TAGS = ("", "coffee", "茶", 'a "quote" 100% _')
_days = st.sampled_from([None, 7, 30])
_points = st.sampled_from([0, 50, 120, 400])


def _points_between(pair: tuple[int, int]) -> HasPoints:
    least, most = sorted(pair)
    return HasPoints(least, most)


def segments(reward_ids: tuple[int, ...] = (1, 2), list_ids: tuple[int, ...] = (1, 2)) -> st.SearchStrategy[Segment]:
    conditions: st.SearchStrategy[Segment] = st.one_of(
        st.lists(st.sampled_from(list(Tier)), min_size=1, unique=True).map(lambda tiers: HasTier(tuple(tiers))),
        _points.map(HasPoints),
        st.tuples(_points, _points).map(_points_between),
        st.builds(Bought, _days, st.sampled_from(TAGS)),
        st.builds(Spent, st.sampled_from([1, 1_000, 5_000]), _days),
        st.builds(Redeemed, st.sampled_from([None, *reward_ids])),
        st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True).map(lambda months: BirthdayIn(tuple(months))),
        st.lists(st.sampled_from(list(Language)), min_size=1, unique=True).map(
            lambda languages: Speaks(tuple(languages))
        ),
        st.sampled_from(list(ReferralStatus)).map(HasReferral),
        st.just(IsCustomer()),
        st.builds(Keeps, st.sampled_from([None, *reward_ids])),
        st.builds(Tapped, st.sampled_from([7, 30])),
        st.builds(BirthdayMonth, st.integers(0, 11), st.sampled_from(["UTC", "Asia/Taipei"])),
        st.builds(InSaved, st.sampled_from(list_ids)),
    )
    negatable = conditions | conditions.map(Not)
    parts = st.lists(negatable, max_size=3).map(tuple)
    joined: st.SearchStrategy[Segment] = st.one_of(parts.map(All), parts.map(AnyOf))
    return st.one_of(negatable, joined, joined.map(Not), st.lists(joined, max_size=2).map(lambda two: All(tuple(two))))
