"""Movements: what a member is shown of the ledger. Each is one change of the available points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loyalty.merchants import Translations
from loyalty.points import Balance, Kind
from loyalty.purchases import Money


class Shown(StrEnum):
    """Which movements a page shows."""

    ALL = "all"
    EARNED = "earned"  # what came in, but for what came back
    SPENT = "spent"  # what was spent, sent or set aside, and what came back of it
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a cause names (the reward of "reward:7"), as its merchant wrote it.

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
    """`points` that went into a lot (or with a minus came out of it), and where the lot came from."""

    points: int
    expires_at: datetime
    opened_at: datetime
    origin: Movement  # what opened the lot; its amount is what the lot began with
    funder: Subject | None  # None: the club


@dataclass(frozen=True, slots=True)
class Why:
    """A movement explained. `filled` points went into what was below zero, and so into no lot.

    `spent` says what has left the lots that this movement opened: by the kind of transaction, in points.
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
