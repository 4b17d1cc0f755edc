"""Finds what somebody means who has typed it a little wrong: a letter too many, or half of a longer Chinese word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import partial
from typing import TypeVar

T = TypeVar("T")

LENGTH_MIN = 4  # a letter more or less makes another word of a shorter one
ALIKE = 0.79  # of two words with letters, as `difflib` counts: "cofe" is coffee, "care" is no cake
PAIRS = 1 / 3  # of the pairs of signs in a Chinese word, so many at least: 乌龙奶茶 comes near to 乌龙茶
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORDS = re.compile(r"\w+")


def has_word(text: str, word: str) -> bool:
    """Whether a word of the text begins so; of Chinese, which has no blanks, whether it is anywhere."""
    return word in text if not word.isascii() else re.search(rf"(?<!\w){re.escape(word)}", text) is not None


def nearest(words: Sequence[str], among: Sequence[tuple[T, str]]) -> list[T]:
    """Those of `among` whose text comes near to each of the words, the nearest first, and else in their order.

    Words and texts are casefolded. What has a word as it is counts as near, too.
    """
    scores = [1.0] * len(among)
    for word in words:
        of_word = _by_pairs if _HAN.search(word) else partial(_by_letters, _alike(word, among))
        for place, (_, text) in enumerate(among):
            scores[place] = min(scores[place], 1.0 if word in text else of_word(word, text))
    found = [place for place, score in enumerate(scores) if score > 0]
    return [among[place][0] for place in sorted(found, key=lambda place: -scores[place])]


def _alike(word: str, among: Sequence[tuple[T, str]]) -> dict[str, float]:
    """The words of all the texts that are like this one, with how much. Each is compared once, however often it is
    said."""
    if len(word) < LENGTH_MIN:
        return {}
    matcher, alike = SequenceMatcher(b=word), {}
    for other in {other for _, text in among for other in _WORDS.findall(text)}:
        matcher.set_seq1(other)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE:
            alike[other] = matcher.ratio()
    return alike


def _by_letters(alike: dict[str, float], word: str, text: str) -> float:
    return max((alike[other] for other in _WORDS.findall(text) if other in alike), default=0.0)


def _by_pairs(word: str, text: str) -> float:
    pairs = [word[place : place + 2] for place in range(len(word) - 1)]
    share = sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0
    return share if share >= PAIRS else 0.0
