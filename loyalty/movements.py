"""Movements: what a member is shown of the ledger. Each is one change of the available points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loyalty.merchants import Translations
from loyalty.points import Balance, Kind
from loyalty.purchases import Money


class Shown(StrEnum):
    """Which movements a page shows. Each movement belongs to one of the last three: see `share`."""

    ALL = "all"
    EARNED = "earned"  # what came in, and what was taken back of it
    SPENT = "spent"  # what was spent, sent or set aside, and what came back of it
    EXPIRED = "expired"


_EARNING = frozenset({Kind.EARN, Kind.CONFIRM, Kind.COMMISSION, Kind.REFUND})
_EITHER_WAY = frozenset({Kind.ADJUST, Kind.TRANSFER})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a cause names (the reward of "reward:7"), as its merchant wrote it; of a transfer, the other member.

    A purchase may have no name; it has a price, and perhaps a receipt.
    """

    name: str
    translations: Translations = field(default_factory=dict)
    price: Money | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a member's history: `amount` is the change of the available points."""

    id: int
    kind: Kind
    amount: int
    cause: str
    at: datetime
    merchant: Subject | None = None
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The balance, what expires next and what comes next: each a moment and how many points."""

    balance: Balance
    expires_next: tuple[datetime, int] | None = None
    releases_next: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class LotPart:
    """`points` that went into a lot (or with a minus came out of it), and where the lot came from.

    `left` is what the lot still has: free, set aside or on its way.
    """

    points: int
    expires_at: datetime
    opened_at: datetime
    origin: Movement  # what opened the lot; its amount is what the lot began with
    funder: Subject | None  # None: the club
    left: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """A movement explained. `filled` points went into what was below zero, and so into no lot.

    `spent` says what has left the lots that this movement opened: by the kind of transaction, in points.
    `hold_state` is what became of points that this movement set aside: held | captured | released.
    """

    movement: Movement
    member_id: int
    transaction_id: int
    actor: str
    balance_after: int
    parts: tuple[LotPart, ...]
    filled: int = 0
    spent: Mapping[Kind, int] = field(default_factory=dict)
    reverses_id: int | None = None
    refunds_id: int | None = None
    reversed_by: int | None = None
    refunded: int = 0
    hold_state: str | None = None

    @property
    def on_credit(self) -> int:
        """What was taken from below zero, and so from no lot."""
        return max(0, sum(part.points for part in self.parts) - self.movement.amount)

    @property
    def opened_lots(self) -> bool:
        """Whether points came into the club's hands by this movement, so that it can be told what became of them."""
        return self.movement.amount > 0 and self.movement.kind not in (Kind.RELEASE, Kind.REVERSE)


@dataclass(frozen=True, slots=True)
class Totals:
    """Changes of the available points, added up; the last two are mostly below zero."""

    earned: int = 0
    spent: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """The movements of a span of time; `before` points were available when it began."""

    since: datetime
    until: datetime
    before: int
    movements: tuple[Movement, ...]

    @property
    def after(self) -> int:
        return self.before + sum(movement.amount for movement in self.movements)

    @property
    def totals(self) -> Totals:
        return totals((share(movement.kind, movement.amount), movement.amount) for movement in self.movements)


def share(kind: Kind, amount: int) -> Shown:
    """Where a movement belongs: earned, spent or expired."""
    if kind is Kind.EXPIRE:
        return Shown.EXPIRED
    taken_back = kind is Kind.REVERSE and amount < 0
    came_in = kind in _EITHER_WAY and amount > 0
    return Shown.EARNED if kind in _EARNING or taken_back or came_in else Shown.SPENT


def totals(parts: Iterable[tuple[Shown, int]]) -> Totals:
    """Adds up changes, each with where it belongs."""
    sums = dict.fromkeys(Shown, 0)
    for shown, amount in parts:
        sums[shown] += amount
    return Totals(sums[Shown.EARNED], sums[Shown.SPENT], sums[Shown.EXPIRED])
