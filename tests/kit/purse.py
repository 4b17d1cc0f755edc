"""A model of points to hold the ledger against, written differently: points lie in piles and are moved by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from loyalty.points import RefundPolicy

GRACE = timedelta(days=7)
YEAR = timedelta(days=365)

Taken = list[tuple["Pile", int]]


@dataclass(slots=True, eq=False)
class Pile:
    """Points that came together. `award` is the transaction that gave them, where one did; `expired` are those that
    expired and were not refunded since."""

    expires_at: datetime
    free: int = 0
    pending: int = 0
    releases_at: datetime | None = None
    award: int | None = None
    given: int = 0
    refunded: int = 0
    is_reversed: bool = False
    expired: int = 0


@dataclass(slots=True)
class Debit:
    """What was spent: from where, and how much of it on credit."""

    taken: Taken
    on_credit: int
    is_reversed: bool = False


@dataclass(slots=True)
class Purse:
    """What one member has. `debt` is what lies below zero: then nothing is free."""

    piles: list[Pile] = field(default_factory=list)
    debt: int = 0
    credit: int = 0
    held: int = 0

    @property
    def free(self) -> int:
        return sum(pile.free for pile in self.piles)

    @property
    def available(self) -> int:
        return self.free - self.debt

    @property
    def pending(self) -> int:
        return sum(pile.pending for pile in self.piles)

    @property
    def owed(self) -> int:
        return max(0, self.debt - self.credit)

    @property
    def spendable(self) -> int:
        return max(0, self.available + self.credit)

    def open(self, pile: Pile) -> None:
        """A new pile; what fills the debt is not free in it."""
        self.piles.append(pile)
        points, pile.free = pile.free, 0
        self.put(pile, points)

    def put(self, pile: Pile, points: int) -> None:
        fills = min(self.debt, points)
        self.debt -= fills
        pile.free += points - fills

    def in_order(self) -> list[Pile]:
        """Sorting is stable: of those that expire together the oldest comes first."""
        return sorted((pile for pile in self.piles if pile.free), key=lambda pile: pile.expires_at)

    def take(self, points: int, but: Pile | None = None) -> Taken:
        taken: Taken = []
        for pile in self.in_order():
            part = min(pile.free, points)
            if part and pile is not but:
                pile.free -= part
                points -= part
                taken.append((pile, part))
        return taken

    def spend(self, points: int) -> Debit:
        taken = self.take(points)
        on_credit = points - sum(part for _, part in taken)
        self.debt += on_credit
        return Debit(taken, on_credit)

    def give_back(self, taken: Taken, at: datetime) -> None:
        """Into the piles that they came from, the first to expire first; what has expired meanwhile gets a grace."""
        for pile, part in sorted(taken, key=lambda each: (each[0].expires_at, self.piles.index(each[0]))):
            self.put(pile, part)
            if pile.expires_at <= at:
                pile.expires_at = at + GRACE

    def undo(self, debit: Debit, at: datetime, fresh: datetime) -> None:
        if debit.on_credit:
            self.open(Pile(fresh, debit.on_credit))
        self.give_back(debit.taken, at)
        debit.is_reversed = True

    def take_back(self, pile: Pile, points: int, policy: RefundPolicy) -> None:
        """A refund: of what is pending, then of what expired, then of the pile, then of others, then of nothing."""
        pile.refunded += points
        for place in ("pending", "expired", "free"):
            part = min(points, getattr(pile, place))
            setattr(pile, place, getattr(pile, place) - part)
            points -= part
        points -= sum(part for _, part in self.take(points, but=pile))
        if policy is RefundPolicy.ALLOW_NEGATIVE:
            self.debt += points

    def expire(self, at: datetime) -> None:
        for pile in self.piles:
            if pile.expires_at <= at:
                pile.expired += pile.free
                pile.free = 0

    def confirm(self, piles: Iterable[Pile]) -> None:
        for pile in piles:
            points, pile.pending = pile.pending, 0
            self.put(pile, points)

    def due(self, at: datetime) -> list[Pile]:
        """Whose pending points should be free, the longest overdue first."""
        waiting = [(pile.releases_at, pile) for pile in self.piles if pile.pending and pile.releases_at is not None]
        return [pile for due, pile in sorted(waiting, key=lambda each: each[0]) if due <= at]
