from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.settlements import Carried, Settlement, SettlementEntry


class Settlements(Protocol):
    def of_all(self, since: datetime, until: datetime) -> Sequence[Settlement]:
        """What moved on merchants' accounts from `since` (included) to `until` (not), by merchant, in the order of
        their numbers. A merchant without any movement is left out."""

    def of(self, merchant_id: int, since: datetime, until: datetime) -> Settlement | None:
        """The same of one merchant; None where nothing moved."""

    def entries(
        self, merchant_id: int, since: datetime, until: datetime, *, after_id: int, limit: int
    ) -> Sequence[SettlementEntry]:
        """The transactions that moved something of a merchant's, in order, after the one with number `after_id`."""

    def carried(self) -> Carried:
        """From all postings since the beginning, and from the members' balances: the two must agree."""
