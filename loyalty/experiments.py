"""Which of several wordings does better: how sure one may be, and who gets which next.

Sources: Wilson (1927), "Probable inference", for the interval of a share; Newcombe (1998), "Interval estimation for the
difference between independent proportions", Statistics in Medicine 17, method 10; Thompson (1933), "On the likelihood
that one unknown probability exceeds another", Biometrika 25, for the draw, from a Beta(1, 1) prior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random as Dice
from typing import Protocol

Z95 = 1.959963984540054
SURE = 0.95
DRAWS = 4_000


class Chance(Protocol):
    """The part of `random.Random` that a draw needs."""

    def betavariate(self, alpha: float, beta: float, /) -> float: ...


@dataclass(frozen=True, slots=True)
class Score:
    """How often a variant was sent, and how often it did what it was for."""

    sent: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        assert 0 <= self.hits <= self.sent, "nobody answers what was not sent"

    @property
    def share(self) -> float:
        return self.hits / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def share_interval(score: Score, z: float = Z95) -> Interval:
    """Between which shares the true one lies, at 95 % unless told. Nothing sent says nothing."""
    if not score.sent:
        return Interval(0.0, 1.0)
    n, p = score.sent, score.share
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def difference_interval(one: Score, other: Score, z: float = Z95) -> Interval:
    """By how much the share of `one` is above that of `other`. Without 0 in it, the difference is hardly chance."""
    a, b = share_interval(one, z), share_interval(other, z)
    difference = one.share - other.share
    return Interval(
        difference - sqrt((one.share - a.low) ** 2 + (b.high - other.share) ** 2),
        difference + sqrt((a.high - one.share) ** 2 + (other.share - b.low) ** 2),
    )


def draw(scores: Mapping[str, Score], chance: Chance) -> str:
    """The variant to send next: each as often as it is likely to be the best one."""
    drawn = {name: chance.betavariate(1 + s.hits, 1 + s.sent - s.hits) for name, s in scores.items()}
    return max(drawn, key=drawn.__getitem__)


def chances_to_win(scores: Mapping[str, Score]) -> dict[str, float]:
    """How likely each is to be the best, from draws that come out alike for the same scores."""
    scores = dict(sorted(scores.items()))
    dice = Dice("|".join(f"{name}:{score.sent}:{score.hits}" for name, score in scores.items()))
    wins = dict.fromkeys(scores, 0)
    for _ in range(DRAWS):
        wins[draw(scores, dice)] += 1
    return {name: won / DRAWS for name, won in wins.items()}


def winner(scores: Mapping[str, Score], sure: float = SURE) -> str | None:
    """The variant that is the best one with so much certainty; None as long as it is too early to say."""
    if len(scores) < 2:
        return next(iter(scores), None)
    name, likely = max(chances_to_win(scores).items(), key=lambda one: one[1])
    return name if likely >= sure else None


def best(scores: Mapping[str, Score]) -> str:
    """The variant with the largest share, sure or not; of equal ones the first."""
    return max(sorted(scores), key=lambda name: scores[name].share)


def split(names: Sequence[str], count: int) -> list[int]:
    """How many of `count` each variant gets, as evenly as it goes, the first ones one more."""
    share, rest = divmod(count, len(names))
    return [share + (place < rest) for place in range(len(names))]
