"""Which wording of a broadcast somebody gets for whom none was fixed at the start. Steps of the courier's use case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from loyalty.broadcasts import Broadcast, Method
from loyalty.codes import Random
from loyalty.deliveries import Delivery
from loyalty.experiments import Score, best, draw
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
        return [
            replace(delivery, variant=self._variant(uow, broadcast, now))
            if delivery.variant is None and (broadcast := broadcasts.get(delivery.broadcast_id or 0)) is not None
            else delivery
            for delivery in deliveries
        ]

    def _variant(self, uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> str:
        trial, variants = broadcast.trial, broadcast.content.variants
        if len(variants) == 1:
            return variants
        if trial.winner is not None:
            return trial.winner
        scores = self._known_scores(uow, broadcast, now)
        if trial.method is Method.THOMPSON:
            return draw(scores, self._random)
        winner = best(scores)
        uow.broadcasts.decide(broadcast.id, winner, now)
        return winner

    def _known_scores(self, uow: UnitOfWork, broadcast: Broadcast, now: datetime) -> Mapping[str, Score]:
        counted_at, scores = self._scores.get(broadcast.id, (None, {}))
        if counted_at is None or not now - KNOWN_FOR < counted_at <= now:
            counted = uow.broadcasts.scores(broadcast.id, broadcast.trial)
            scores = {variant: counted.get(variant, Score()) for variant in broadcast.content.variants}
            self._scores = {kept: known for kept, known in self._scores.items() if now - KNOWN_FOR < known[0]} | {
                broadcast.id: (now, scores)
            }
        return scores
