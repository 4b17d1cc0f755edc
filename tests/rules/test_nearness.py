"""What is near to a word that was typed a little wrong, and what is another word."""

from __future__ import annotations

import pytest

from loyalty.nearness import has_word, nearest

TEXTS = ["flat white\nharbour coffee", "espresso\nharbour coffee", "carrot cake\nred door", "高山乌龙茶\ntea house"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["espreso"], [1]),
        (["expresso"], [1]),
        (["esspresso"], [1]),
        (["coffe"], [0, 1]),
        (["cofffee", "white"], [0]),
        (["harbor", "espresso"], [1]),
        (["乌龙奶茶"], [3]),
        (["乌龙"], [3]),
        (["care"], []),
        (["dor"], []),
        (["绿茶"], []),
        (["茶"], [3]),
        ([], [0, 1, 2, 3]),
    ],
)
def test_a_slip_is_near_and_another_word_is_not(words: list[str], found: list[int]) -> None:
    assert sorted(nearest(words, list(enumerate(TEXTS)))) == found


def test_the_nearest_comes_first() -> None:
    among = [("far", "coffees"), ("same", "a cofee"), ("near", "coffee")]
    assert nearest(["cofee"], among) == ["same", "near", "far"]


@pytest.mark.parametrize(
    ("text", "word", "is_so"),
    [
        ("harbour coffee", "coff", True),
        ("harbour coffee", "our", False),
        ("港湾咖啡", "咖啡", True),
        ("tea & cakes", "&", True),
        ("a+b", "+", False),
    ],
)
def test_a_name_has_a_word_where_one_begins(text: str, word: str, is_so: bool) -> None:
    assert has_word(text, word) is is_so
