from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.broadcasts import Broadcast, Reach
from loyalty.deliveries import Enlisted
from loyalty.members import Topic
from loyalty.segments import Counted, Glimpse, Sample, Segment


class Recipients(Protocol):
    """Those whom a segment of a shop means and who may be written to: they said yes to the topic and not no to the
    shop, and they can be reached."""

    def reach(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime) -> Reach: ...
    def is_anyone(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime) -> bool:
        """Whether there are any: cheaper than counting them."""

    def count(self, merchant_id: int, topic: Topic, segment: Segment, at: datetime) -> Counted: ...
    def without_each(self, merchant_id: int, topic: Topic, parts: Sequence[Segment], at: datetime) -> Sequence[int]:
        """Of parts that must all hold: how many would be meant without each of them."""

    def glimpses(
        self, merchant_id: int, topic: Topic, segment: Segment, at: datetime, *, limit: int
    ) -> Sequence[Glimpse]:
        """The same few as `samples`, without telling who they are."""

    def samples(
        self, merchant_id: int, topic: Topic, segment: Segment, at: datetime, *, limit: int
    ) -> Sequence[Sample]:
        """A few of them, the ones who agreed last at the front."""

    def enlist(self, broadcast: Broadcast, at: datetime) -> Enlisted:
        """Queues a broadcast that has started for the next of them, after the member up to whom that was done."""
