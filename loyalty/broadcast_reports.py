"""What became of a broadcast: who got it, who did not and why, and what came after it.

After is not because of: somebody who buys within the days after a message may have bought anyway. So an effect counts
for one message only, the last one that the shop sent before it, and only within the programme's days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from loyalty.broadcasts import Broadcast, Metric
from loyalty.deliveries import DeliveryState
from loyalty.experiments import Interval, Score, chances_to_win, difference_interval, share_interval
from loyalty.merchants import Translations

PERIODS = (30, 90)  # days that a shop's report looks back


@dataclass(frozen=True, slots=True)
class Fate:
    """So many deliveries in one state for one reason. `asked`: how many of them were handed to the channel at least
    once; `until`: when the last of those that wait is looked at again."""

    state: DeliveryState
    reason: str
    count: int
    asked: int = 0
    opened: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    reason: str
    count: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """Every recipient is in exactly one of: waiting, on the way, sent, failed, unknown, suppressed."""

    waiting: Sequence[Waiting] = ()
    under_way: int = 0
    sent: int = 0
    unknown: int = 0
    unknown_opened: int = 0  # of those, who tapped something in it: it has arrived
    failed: Mapping[str, int] = field(default_factory=dict)  # by reason
    suppressed: Mapping[str, int] = field(default_factory=dict)  # by reason
    refused: int = 0  # of the suppressed, those whom the gate had let it go to: they have blocked the bot

    @property
    def is_waiting(self) -> int:
        return sum(one.count for one in self.waiting)

    @property
    def not_sent(self) -> int:
        return sum(self.suppressed.values())

    @property
    def has_failed(self) -> int:
        return sum(self.failed.values())

    @property
    def let_go(self) -> int:
        """Whom the gate let it go to, whatever came of it."""
        return self.under_way + self.sent + self.unknown + self.has_failed + self.refused

    @property
    def recipients(self) -> int:
        return self.is_waiting + self.under_way + self.sent + self.unknown + self.has_failed + self.not_sent


def way_of(fates: Iterable[Fate]) -> Way:
    waiting: list[Waiting] = []
    by_state: dict[DeliveryState, int] = {}
    failed: dict[str, int] = {}
    suppressed: dict[str, int] = {}
    refused = unknown_opened = 0
    for fate in fates:
        match fate.state:
            case DeliveryState.QUEUED:
                waiting.append(Waiting(fate.reason, fate.count, fate.until))
            case DeliveryState.FAILED:
                failed[fate.reason] = failed.get(fate.reason, 0) + fate.count
            case DeliveryState.SUPPRESSED:
                suppressed[fate.reason] = suppressed.get(fate.reason, 0) + fate.count
                refused += fate.asked
            case _:
                unknown_opened += fate.opened if fate.state is DeliveryState.UNKNOWN else 0
                by_state[fate.state] = by_state.get(fate.state, 0) + fate.count
    return Way(
        waiting=tuple(sorted(waiting, key=lambda one: one.reason)),
        under_way=by_state.get(DeliveryState.SENDING, 0),
        sent=by_state.get(DeliveryState.SENT, 0),
        unknown=by_state.get(DeliveryState.UNKNOWN, 0),
        unknown_opened=unknown_opened,
        failed=failed,
        suppressed=suppressed,
        refused=refused,
    )


@dataclass(frozen=True, slots=True)
class Effects:
    """What those who were sent it did, in people, points and money (in the currency's smallest unit, refunds taken
    off). What is said of lookers is of the same, those who tapped anything in the message."""

    sent: int = 0
    lookers: int = 0
    tappers: int = 0  # on a button of the message itself
    redeemers: int = 0
    redemptions: int = 0
    points: int = 0
    buyers: int = 0
    purchases: int = 0
    revenue_minor: int = 0
    looking_redeemers: int = 0
    looking_points: int = 0
    looking_buyers: int = 0
    looking_revenue_minor: int = 0

    def __add__(self, other: Effects) -> Effects:
        return Effects(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def productivity(self) -> float | None:
        """Points productivity: of those who looked, how many redeemed, in percent; None while nobody has looked."""
        return percent(self.looking_redeemers, self.lookers)


def in_all(effects: Iterable[Effects]) -> Effects:
    return sum(effects, Effects())


def percent(part: int, whole: int) -> float | None:
    """With one decimal, rounded down, so that 100 is all of them; None of nothing."""
    return part * 1000 // whole / 10 if whole else None


@dataclass(frozen=True, slots=True)
class Variant:
    """`chance` to be the best one, from 0 to 1."""

    name: str
    score: Score
    interval: Interval
    chance: float


@dataclass(frozen=True, slots=True)
class Lead:
    """By how much the share of the best variant is above another's, at 95 %."""

    over: str
    interval: Interval

    @property
    def is_clear(self) -> bool:
        return self.interval.low > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of two variants and more. `leads` are those of the one with the largest share over each of the others."""

    variants: Sequence[Variant]
    best: str
    leads: Sequence[Lead]


def score_of(effects: Effects, metric: Metric) -> Score:
    return Score(effects.sent, effects.redeemers if metric is Metric.REDEMPTIONS else effects.tappers)


def compare(names: str, scores: Mapping[str, Score]) -> Comparison | None:
    """None where there is nothing to compare."""
    if len(names) < 2:
        return None
    scores = {name: scores.get(name, Score()) for name in names}
    chances = chances_to_win(scores)
    best = max(names, key=lambda name: scores[name].share)
    return Comparison(
        variants=tuple(Variant(name, scores[name], share_interval(scores[name]), chances[name]) for name in names),
        best=best,
        leads=tuple(Lead(name, difference_interval(scores[best], scores[name])) for name in names if name != best),
    )


@dataclass(frozen=True, slots=True)
class ShopLine:
    """A broadcast in the report of its shop."""

    broadcast: Broadcast
    effects: Effects

    @property
    def tap_rate(self) -> float | None:
        return percent(self.effects.lookers, self.effects.sent)


@dataclass(frozen=True, slots=True)
class ShopTotals:
    """How much a shop wrote in a time, and what people thought of it. `stops`: members who said no from under one of
    its messages."""

    merchant_id: int
    shop: str
    translations: Translations
    broadcasts: int = 0
    way: Way = Way()
    stops: int = 0

    @property
    def block_rate(self) -> float | None:
        """Of those to whom it could have come, how many had blocked the bot, in percent."""
        return percent(self.way.refused, self.way.sent + self.way.refused)
