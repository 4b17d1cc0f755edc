from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.experiments import (
    SURE,
    Score,
    chances_to_win,
    difference_interval,
    draw,
    share_interval,
    split,
    winner,
)


@pytest.mark.parametrize(
    ("hits", "sent", "low", "high"),
    [  # Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(hits: int, sent: int, low: float, high: float) -> None:
    interval = share_interval(Score(sent, hits))
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe (1998), Interval estimation for the difference, table II, method 10
        (Score(70, 56), Score(80, 48), 0.0524, 0.3339),
        (Score(10, 9), Score(10, 3), 0.1705, 0.8090),
        (Score(10, 10), Score(10, 0), 0.6075, 1.0000),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(one: Score, other: Score, low: float, high: float) -> None:
    interval = difference_interval(one, other)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_sent_says_nothing() -> None:
    interval = share_interval(Score())
    assert (interval.low, interval.high) == (0, 1)
    assert winner({"a": Score(), "b": Score()}) is None


def test_what_is_clear_wins_and_what_is_not_waits() -> None:
    assert winner({"a": Score(1_000, 100), "b": Score(1_000, 150)}) == "b"
    assert winner({"a": Score(40, 4), "b": Score(40, 6)}) is None
    assert winner({"only": Score(10, 1)}) == "only"


@settings(deadline=None, max_examples=30)
@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 200), min_size=1))
def test_chances_are_shares_of_one_and_come_out_alike(hits: dict[str, int]) -> None:
    scores = {name: Score(200, hit) for name, hit in hits.items()}
    chances = chances_to_win(scores)
    assert sum(chances.values()) == pytest.approx(1)
    assert chances == chances_to_win(dict(reversed(scores.items())))


def test_draws_go_to_the_better_one_and_do_not_forget_the_other() -> None:
    """Ten thousand people, one by one: most get the wording that four in a hundred more like."""
    dice, liked = Random(7), {"a": 0.08, "b": 0.12}
    scores = {name: Score() for name in liked}
    for _ in range(10_000):
        name = draw(scores, dice)
        hit = dice.random() < liked[name]
        scores[name] = Score(scores[name].sent + 1, scores[name].hits + hit)
    assert scores["b"].sent > 8 * scores["a"].sent > 0
    assert chances_to_win(scores)["b"] >= SURE


@given(st.integers(0, 1_000), st.integers(1, 5))
def test_everybody_gets_one_and_the_shares_differ_by_one_at_most(count: int, variants: int) -> None:
    shares = split([str(number) for number in range(variants)], count)
    assert sum(shares) == count
    assert max(shares) - min(shares) <= 1
