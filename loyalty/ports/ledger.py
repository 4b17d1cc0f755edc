from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.points import Award, Balance, Entry, Hold, Parts, Recorded, Transaction


class Ledger(Protocol):
    """What moves points. What people are shown of it is in `Movements`."""

    def record(self, entry: Entry) -> Recorded:
        """Writes the transaction, its postings, lots and the balances, once per key.

        A replay writes nothing. Raises KeyReused for other content under the key, NotEnoughPoints where a balance
        would fall below its floor, NotFound for an unknown member or merchant.
        """

    def lock_for(self, entry: Entry, member_id: int) -> tuple[Balance, Recorded | None]:
        """`lock`, and the first result of the entry's key, None when it is new. Raises KeyReused."""

    def lock(self, member_id: int) -> Balance:
        """The balance, and nobody else moves this member's points until the unit ends."""

    def lock_all(self, member_ids: Sequence[int]) -> None:
        """The same for several members, by their ids upwards. Raises NotFound."""

    def balance(self, member_id: int) -> Balance: ...
    def take(self, member_id: int, amount: int, but: int | None = None) -> Parts:
        """Which lots give how much of `amount`, the soonest to expire first, then the oldest; none of the lot `but`.

        Raises NotEnoughPoints.
        """

    def transaction(self, transaction_id: int) -> Transaction | None: ...
    def award(self, transaction_id: int) -> Award | None:
        """None also for a transaction that gave nothing."""

    def given(self, transaction_id: int) -> Parts:
        """What a transaction took out of which lot for good, with the lots as they are now."""

    def set_floor(self, member_id: int, floor: int) -> None:
        """Raises NotFound for an unknown member."""

    def open_hold(self, member_id: int, amount: int, cause: str, transaction_id: int) -> Hold: ...
    def hold(self, hold_id: int) -> Hold | None:
        """And nobody else closes it until the unit ends."""

    def hold_of(self, transaction_id: int) -> Hold | None: ...
    def close_hold(self, hold_id: int, state: str, transaction_id: int) -> bool:
        """False when the hold is closed already."""

    def hold_lots(self, hold_id: int) -> Parts:
        """What the hold took out of which lot, the soonest to expire first."""

    def sent_since(self, member_id: int, at: datetime) -> tuple[int, int]:
        """How many points the member has sent to others, and how many times."""
