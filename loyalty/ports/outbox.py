from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.deliveries import Delivery, Due, Lane, Notice, Postponed, Result
from loyalty.members import Topic


class Outbox(Protocol):
    def add(self, notices: Sequence[Notice], at: datetime) -> int:
        """Queues what is not queued yet (one per member and cause); answers how many were new."""

    def due(self, lane: Lane, at: datetime, *, limit: int) -> Sequence[Due]:
        """Takes due rows of a lane, in order and at most `limit`, with what is known of their members, and with them
        what else of marketing that may score higher waits for the same members. Nobody else gets them until the unit
        ends, nor other marketing for the same members.

        Broadcasts that are being sent get equal shares, so that a small one does not wait behind a large one; those
        that are paused or called off get none.
        """

    def contacts(self, member_ids: Sequence[int], since: datetime) -> Mapping[int, Sequence[datetime]]:
        """When members were sent marketing since then, or are being sent now."""

    def lease(self, deliveries: Sequence[Delivery], reasons: Mapping[int, str], lease_until: datetime) -> None:
        """Marks rows as being sent, each with why it may be (by its id)."""

    def postpone(self, postponed: Sequence[Postponed]) -> None:
        """They wait on, each with its reason."""

    def drop(self, reasons: Mapping[int, str], at: datetime) -> None:
        """They will not be sent, each for its reason (by its id)."""

    def settle(self, results: Sequence[Result], at: datetime) -> None:
        """Writes down what became of claimed rows; drops whatever else waits for the people who were lost. What was
        sent counts as ignored until the member taps it."""

    def recover(self, at: datetime, ours: Collection[int] = ()) -> tuple[int, int]:
        """After a crash: rows whose lease ran out, but for `ours`. Transactional ones are queued again, marketing ones
        become unknown and are never sent again. Answers (requeued, unknown)."""

    def open(self, delivery_id: int, member_id: int, at: datetime) -> bool:
        """Notes the first tap on a message; its topic interests the member again. False when it is not a message to
        this member."""

    def suppress_topic(self, member_id: int, topic: Topic, reason: str, at: datetime) -> int:
        """Drops what is still queued of a topic for a member; answers how many."""

    def suppress_shop(self, member_id: int, merchant_id: int, reason: str, at: datetime) -> int:
        """Drops marketing of a shop that is still queued for a member; answers how many."""

    def suppress_all(self, member_id: int, reason: str, at: datetime) -> int:
        """Drops everything that is still queued for a member, who cannot be reached; answers how many."""

    def suppress_broadcast(self, broadcast_id: int, reason: str, at: datetime) -> int:
        """Drops what is still queued of a broadcast; answers how many."""

    def release(self, member_id: int, at: datetime) -> int:
        """What the contact policy holds up for a member is asked about again now: the member has changed what decides.
        Answers how much that is."""
