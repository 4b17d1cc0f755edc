from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.deliveries import Delivery, DeliveryState, Lane, Notice
from loyalty.members import Topic


class Outbox(Protocol):
    def add(self, notices: Sequence[Notice], at: datetime) -> int:
        """Queues what is not queued yet (one per member and cause); answers how many were new."""

    def claim(self, lane: Lane, at: datetime, *, limit: int, lease_until: datetime) -> Sequence[Delivery]:
        """Marks due rows of a lane as being sent, in order, and drops those past their deadline."""

    def finish(self, delivery_id: int, state: DeliveryState, at: datetime, *, reason: str = "") -> None: ...
    def retry(self, delivery_id: int, not_before: datetime) -> None:
        """Back into the queue, not before then."""

    def recover(self, at: datetime) -> tuple[int, int]:
        """After a crash: rows whose lease ran out. Transactional ones are queued again, marketing ones become
        unknown and are never sent again. Answers (requeued, unknown)."""

    def suppress_topic(self, member_id: int, topic: Topic, reason: str, at: datetime) -> int:
        """Drops what is still queued of a topic for a member; answers how many."""

    def suppress_all(self, member_id: int, reason: str, at: datetime) -> int:
        """Drops everything that is still queued for a member, who cannot be reached; answers how many."""
