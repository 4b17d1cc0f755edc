from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.earning import Span
from loyalty.referrals import Referral, Referred


class Referrals(Protocol):
    def bind(self, referrer_id: int, referee_id: int, at: datetime) -> bool:
        """False when the referee has a referrer already."""

    def of(self, referee_id: int) -> Referral | None: ...
    def qualify(self, referee_id: int, at: datetime) -> int | None:
        """Marks it as qualified and answers the referrer; None when it was already, or when there is none."""

    def reopen(self, referee_id: int) -> None:
        """What qualified it was a mistake: it waits again."""

    def qualified(self, referrer_id: int, day: Span, month: Span) -> tuple[int, int]:
        """How many friends of a referrer have qualified in a day and in the month that it lies in."""

    def that_day(self, referrer_id: int, day: Span) -> tuple[int, int]:
        """How many friends of a referrer came in a day, and how many qualified."""

    def told(self, referrer_id: int) -> tuple[datetime, int, str, int] | None:
        """When the day began of which a referrer was told last, by how many messages, and which was the last."""

    def note_told(self, referrer_id: int, day_since: datetime, told: int, chat: str, message_id: int) -> None: ...
    def counts(self, referrer_id: int) -> Referred: ...
    def chain(self, member_id: int, depth: int) -> Sequence[int]:
        """The referrers above a member, nearest first, at most `depth`."""
