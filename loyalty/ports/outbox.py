from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.deliveries import Delivery, Lane, Notice, Result
from loyalty.members import Topic


class Outbox(Protocol):
    def add(self, notices: Sequence[Notice], at: datetime) -> int:
        """Queues what is not queued yet (one per member and cause); answers how many were new."""

    def enlist(self, broadcast_id: int, at: datetime) -> int:
        """Queues a broadcast for everybody who said yes to offers and can be reached; answers how many there are."""

    def claim(self, lane: Lane, at: datetime, *, limit: int, lease_until: datetime) -> Sequence[Delivery]:
        """Marks due rows of a lane as being sent, in order, and drops those past their deadline.

        Broadcasts that are being sent get equal shares, so that a small one does not wait behind a large one; those
        that are paused or called off get none.
        """

    def settle(self, results: Sequence[Result], at: datetime) -> None:
        """Writes down what became of claimed rows; drops whatever else waits for the people who were lost."""

    def recover(self, at: datetime) -> tuple[int, int]:
        """After a crash: rows whose lease ran out. Transactional ones are queued again, marketing ones become
        unknown and are never sent again. Answers (requeued, unknown)."""

    def open(self, delivery_id: int, member_id: int, at: datetime) -> bool:
        """Notes the first tap on a message. False when it is not a message to this member."""

    def suppress_topic(self, member_id: int, topic: Topic, reason: str, at: datetime) -> int:
        """Drops what is still queued of a topic for a member; answers how many."""

    def suppress_all(self, member_id: int, reason: str, at: datetime) -> int:
        """Drops everything that is still queued for a member, who cannot be reached; answers how many."""

    def suppress_broadcast(self, broadcast_id: int, reason: str, at: datetime) -> int:
        """Drops what is still queued of a broadcast; answers how many."""
