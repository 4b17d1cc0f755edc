from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.movements import Movement, Shown, Standing, Statement, Totals, Why

MONTHS = 6  # that `months` adds up


class Movements(Protocol):
    """What people are shown of the ledger. Movements come with the names of what their causes mean."""

    def page(self, member_id: int, *, before_id: int | None, limit: int, shown: Shown) -> Sequence[Movement]:
        """Changes of the available points, newest first."""

    def standing(self, member_id: int) -> Standing: ...
    def why(self, movement_id: int) -> Why | None:
        """Everything about one movement, whoever's it is; the caller looks whose it is."""

    def month(self, member_id: int, since: datetime, until: datetime) -> Statement:
        """The movements from `since` (included) to `until` (not), oldest first, with the balance before them."""

    def months(self, member_id: int, edges: Sequence[datetime]) -> Sequence[Totals]:
        """What was earned, spent and expired in each of the MONTHS spans between MONTHS + 1 `edges`."""
