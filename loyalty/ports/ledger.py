from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.points import Balance, Entry, Hold, Kind, Lot, LotEntry, Movement, Recorded


class Ledger(Protocol):
    def record(self, entry: Entry) -> Recorded:
        """Writes the transaction, its postings, lots and the balances, once per key.

        A replay writes nothing. Raises KeyReused for other content under the key, NotEnoughPoints where a balance
        would fall below its floor.
        """

    def replay(self, entry: Entry) -> Recorded | None:
        """The first result of the entry's key, None when it is new. Raises KeyReused for other content."""

    def balance(self, member_id: int) -> Balance: ...
    def lock(self, member_id: int) -> Balance:
        """The balance, and nobody else moves this member's points until the unit ends."""

    def spendable(self, member_id: int) -> Sequence[Lot]:
        """Lots with free points, the soonest to expire first, then the oldest."""

    def open_hold(self, member_id: int, amount: int, cause: str, transaction_id: int) -> Hold: ...
    def hold(self, hold_id: int) -> Hold | None: ...
    def hold_of(self, transaction_id: int) -> Hold | None: ...
    def close_hold(self, hold_id: int, state: str, transaction_id: int) -> bool:
        """False when the hold is closed already."""

    def hold_lots(self, hold_id: int) -> Sequence[LotEntry]:
        """What the hold took from which lot, as positive `held`, each with the lot's expiry."""

    def due_lots(self, at: datetime, limit: int) -> Sequence[Lot]:
        """Lots whose free points have expired."""

    def movements(
        self, member_id: int, *, before_id: int | None, limit: int, kinds: Sequence[Kind] = ()
    ) -> Sequence[Movement]:
        """Changes of the available points, newest first."""

    def standing(self, member_id: int) -> tuple[Balance, tuple[datetime, int] | None]:
        """The balance, and when points expire next and how many."""

    def earned_since(self, member_id: int, at: datetime) -> int: ...
