from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.broadcast_reports import (
    Effects,
    Fate,
    ShopTotals,
    Waiting,
    Way,
    compare,
    in_all,
    percent,
    score_of,
    way_of,
)
from loyalty.broadcasts import Metric
from loyalty.contact_policy import Reason
from loyalty.deliveries import DeliveryState
from loyalty.experiments import Score

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
_reasons = st.sampled_from([*Reason, "", "blocked", "cancelled", "network", "crash", "Bad Request: no"])


@st.composite
def fates(draw: st.DrawFn) -> Fate:
    count = draw(st.integers(1, 1_000))
    asked, opened = draw(st.integers(0, count)), draw(st.integers(0, count))
    return Fate(draw(st.sampled_from(DeliveryState)), draw(_reasons), count, asked, opened, NOON)


@given(st.lists(fates(), unique_by=lambda fate: (fate.state, fate.reason)))
def test_whatever_became_of_them_the_parts_are_the_whole(found: list[Fate]) -> None:
    way = way_of(found)
    assert way.recipients == sum(fate.count for fate in found)
    queued = sum(fate.count for fate in found if fate.state is DeliveryState.QUEUED)
    assert way.is_waiting == queued
    assert way.sent <= way.let_go <= way.recipients - queued
    assert way.unknown_opened <= way.unknown


def test_who_waits_or_was_held_back_was_not_let_go() -> None:
    way = way_of(
        [
            Fate(DeliveryState.QUEUED, "one_a_day", 3, until=NOON),
            Fate(DeliveryState.SUPPRESSED, "no_consent", 2),
            Fate(DeliveryState.SUPPRESSED, "blocked", 5, asked=4),
            Fate(DeliveryState.SENT, "agreed", 7, asked=7),
        ]
    )
    assert way.waiting == (Waiting("one_a_day", 3, NOON),)
    assert (way.let_go, way.recipients, way.not_sent) == (11, 17, 7)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 3, 33.3), (2, 3, 66.6), (999, 1_000, 99.9), (9_999, 10_000, 99.9), (3, 3, 100.0)],
)
def test_a_hundred_percent_is_all_of_them(part: int, whole: int, expected: float) -> None:
    assert percent(part, whole) == expected


def test_of_nobody_there_is_no_part() -> None:
    assert percent(0, 0) is None
    assert Effects(sent=4).productivity is None
    assert ShopTotals(1, "Bean Bar", {}).block_rate is None


def test_productivity_is_of_those_who_looked() -> None:
    assert Effects(sent=100, lookers=8, redeemers=30, looking_redeemers=2).productivity == 25.0


def test_effects_of_wordings_add_up() -> None:
    one = Effects(*range(1, 14))
    assert in_all([one, one]) == Effects(*range(2, 28, 2))
    assert in_all([]) == Effects()


def test_a_wording_is_scored_by_what_it_is_for() -> None:
    effects = Effects(sent=10, tappers=4, redeemers=2)
    assert score_of(effects, Metric.TAPS) == Score(10, 4)
    assert score_of(effects, Metric.REDEMPTIONS) == Score(10, 2)


def test_the_best_one_is_compared_with_each_of_the_others() -> None:
    compared = compare("ABC", {"A": Score(100, 10), "B": Score(100, 40), "C": Score(100, 38)})
    assert compared is not None
    assert compared.best == "B"
    assert [(lead.over, lead.is_clear) for lead in compared.leads] == [("A", True), ("C", False)]
    assert sum(one.chance for one in compared.variants) == pytest.approx(1)


def test_one_wording_is_compared_with_nothing_and_none_is_forgotten() -> None:
    assert compare("A", {"A": Score(100, 10)}) is None
    compared = compare("AB", {})
    assert compared is not None
    assert [one.score for one in compared.variants] == [Score(), Score()]
    assert not compared.leads[0].is_clear


def test_the_block_rate_counts_those_whom_it_could_have_reached() -> None:
    way = Way(sent=3, suppressed={"blocked": 9, "no_consent": 4}, refused=1)
    assert ShopTotals(1, "Bean Bar", {}, 1, way).block_rate == 25.0
