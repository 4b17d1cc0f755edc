from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.warnings import Expiring


class Sweeps(Protocol):
    """What moves the points of many at once: each a few statements, however many lots there are.

    Lots of members whose points somebody moves at this moment are left for the next time.
    """

    def expire(self, at: datetime, limit: int) -> int:
        """Closes what is free of up to `limit` lots whose day has passed; answers how many."""

    def confirm(self, at: datetime, limit: int) -> int:
        """Makes the pending points of up to `limit` lots available whose time has come; answers how many.

        Those of members below zero are left: what fills a gap is counted one by one.
        """

    def unconfirmed(self, at: datetime, limit: int) -> Sequence[int]:
        """Awards of members below zero whose pending points should be available."""

    def to_warn(self, at: datetime, until: datetime, days: int, limit: int) -> Sequence[int]:
        """Up to `limit` members with free points that expire after `at` and not after `until`, who have not had the
        warning of so many `days` for them."""

    def expiring(self, member_ids: Sequence[int], at: datetime, until: datetime, days: int) -> Sequence[Expiring]:
        """What these members have not been warned of yet, by member and moment."""

    def mark_warned(self, member_ids: Sequence[int], at: datetime, until: datetime, days: int) -> None:
        """These members have been told of all that expires after `at` and not after `until`."""

    def lock_free(self, member_ids: Sequence[int]) -> set[int]:
        """Of these members those whose points nobody moves at this moment; nobody else does until the unit ends."""

    def release_holds(self, hold_ids: Sequence[int], at: datetime, grace_until: datetime) -> Sequence[int]:
        """Gives back what these holds set aside, by the club; a lot that expired meanwhile counts until `grace_until`.

        Answers which it left to be released one by one: those of members below zero, for what fills a gap is counted
        singly. Holds that are closed already stay as they are. The balances are locked.
        """

    def capture_holds(self, hold_ids: Sequence[int], at: datetime, merchant_id: int) -> int:
        """Spends what these holds set aside, at a merchant; answers how many of them were still open. The balances are
        locked."""
