from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.earning import Span
from loyalty.members import Tier
from loyalty.tiers import Counted, TierBasis, TierChange, TierReason


class Tiers(Protocol):
    """What tiers are reckoned from, and their changes.

    A total is what was bought within a span, less what refunds took back: the points of purchases with their bonuses,
    or what was paid.
    """

    def counted(self, member_id: int, basis: TierBasis, span: Span) -> Counted | None: ...

    def next_batch(self, after_id: int, size: int) -> tuple[int, int]:
        """The last of the next `size` members after this id, and how many they are; (0, 0) when there are no more."""

    def to_review(self, after_id: int, up_to_id: int, basis: TierBasis, span: Span, least: int) -> Sequence[Counted]:
        """Members after one id and up to another with a tier above the first one, or with a total of at least `least`,
        by id; nobody else changes them until the end of the unit.

        Who buys at this moment, or is changed by somebody else, is left for the next time.
        """

    def lock(self, member_id: int) -> None:
        """Whoever else changes the member's tier waits until the end of the unit."""

    def change(
        self, member_ids: Sequence[int], before: Tier, after: Tier, reason: TierReason, at: datetime
    ) -> Sequence[TierChange]:
        """Those of the members who have the one tier get the other, without a grace, and each change is logged."""

    def keep(self, member_id: int, until: datetime | None) -> None:
        """Until then nobody looks at what was earned. None: as for everybody."""

    def set_grace(self, member_ids: Sequence[int], until: datetime | None) -> None:
        """When their tier ends; None: it does not."""

    def last_change(self, member_id: int) -> TierChange | None: ...
    def changes_since(self, member_id: int, since: datetime) -> Sequence[TierChange]:
        """The newest first."""
