from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loyalty.accounts import AccountLine


class Accounts(Protocol):
    """What the operator is shown of the ledger."""

    def line(self, transaction_id: int) -> AccountLine | None:
        """None for a transaction that is not there, or that moved nobody's points."""

    def page(self, member_id: int, *, before_id: int | None, limit: int) -> Sequence[AccountLine]:
        """Transactions older than `before_id` that changed what a member can spend, newest first; besides those, what
        is pending and what was captured."""
