"""Which wording of a broadcast somebody gets for whom none was fixed at the start. Steps of the courier's use case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from loyalty.broadcasts import Broadcast, Method
from loyalty.codes import Random
from loyalty.deliveries import Delivery, Notice
from loyalty.experiments import Score, best, draw, winner
from loyalty.ports import UnitOfWork

KNOWN_FOR = timedelta(seconds=10)  # counting takes a look at every row of the broadcast


class Trials:
    """Keeps the scores of what is being sent for a moment."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._scores: dict[int, tuple[datetime, Mapping[str, Score]]] = {}

    def assign(self, uow: UnitOfWork, deliveries: Sequence[Delivery], now: datetime) -> list[Delivery]:
        """The same with a wording each."""
        open_ids = {d.broadcast_id for d in deliveries if d.broadcast_id is not None and d.variant is None}
        broadcasts = {broadcast_id: uow.broadcasts.get(broadcast_id) for broadcast_id in open_ids}
        chosen = []
        for delivery in deliveries:
            broadcast = broadcasts.get(delivery.broadcast_id or 0)
            if delivery.variant is None and broadcast is not None:
                variant = self._variant(uow, broadcast, now)
                if broadcast.trial.has_rest:  # decided, and not to be decided again for the next one
                    broadcasts[broadcast.id] = replace(broadcast, trial=replace(broadcast.trial, winner=variant))
                chosen.append(replace(delivery, variant=variant))
            else:
                chosen.append(delivery)
        return chosen

    def _variant(self, uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> str:
        trial, variants = broadcast.trial, broadcast.content.variants
        if len(variants) == 1:
            return variants
        if trial.winner is not None:
            return trial.winner
        scores = self._known_scores(uow, broadcast, now)
        if trial.method is Method.THOMPSON:
            return draw(scores, self._random)
        return decide(uow, broadcast, scores, now)

    def _known_scores(self, uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> Mapping[str, Score]:
        counted_at, scores = self._scores.get(broadcast.id, (None, {}))
        if counted_at is None or not now - KNOWN_FOR < counted_at <= now:
            scores = score_all(uow, broadcast)
            self._scores = {kept: known for kept, known in self._scores.items() if now - KNOWN_FOR < known[0]} | {
                broadcast.id: (now, scores)
            }
        return scores


def score_all(uow: UnitOfWork, broadcast: Broadcast) -> Mapping[str, Score]:
    """The score of each of its wordings, of those too that nobody has yet."""
    counted = uow.broadcasts.scores(broadcast.id, broadcast.trial)
    return {variant: counted.get(variant, Score()) for variant in broadcast.content.variants}


def decide(uow: UnitOfWork, broadcast: Broadcast, scores: Mapping[str, Score], now: datetime) -> str:
    """The wording that the rest gets, written down once; its author is told. A test that was decided before, say by
    another courier, stays as it was."""
    uow.broadcasts.decide(broadcast.id, best(scores), now)
    decided = uow.broadcasts.get(broadcast.id)
    assert decided is not None, "it is being sent"
    assert decided.trial.winner is not None, "it was decided just now or before"
    facts = {
        **broadcast.facts,
        "winner": decided.trial.winner,
        "metric": broadcast.trial.metric.value,
        "scores": {variant: [score.sent, score.hits] for variant, score in scores.items()},
        "is_sure": winner(scores) == decided.trial.winner,
    }
    cause = f"broadcast_decided:{broadcast.id}"
    uow.outbox.add([Notice(broadcast.author_id, "broadcast_decided", cause, facts)], now)
    return decided.trial.winner
