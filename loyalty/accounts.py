"""A member's account as the operator sees it: every transaction with its number, and whether it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.movements import Movement
from loyalty.points import Kind

CORRECTIONS = (Kind.REVERSE, Kind.REFUND)
REVERSIBLE = (Kind.EARN, Kind.COMMISSION, Kind.ADJUST, Kind.REDEEM, Kind.CAPTURE)


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A transaction and what it changed for one member: `movement.amount` is free points, its id the transaction's."""

    movement: Movement
    member_id: int
    key: str
    held: int = 0
    pending: int = 0
    is_reversed: bool = False
    is_refunded: bool = False

    @property
    def transaction_id(self) -> int:
        return self.movement.id

    @property
    def points(self) -> int:
        """What the member got by it (or with a minus gave), wherever it lies."""
        return self.movement.amount + self.held + self.pending

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be undone, as NotReversible names it; None when it can."""
        if self.is_reversed:
            return "reversed"
        if self.is_refunded:
            return "refunded"
        if self.movement.kind in CORRECTIONS:
            return "reversal"
        return None if self.movement.kind in REVERSIBLE else "kind"
