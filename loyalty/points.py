"""Points: a double-entry ledger with lots.

Each transaction is a set of postings that sums to zero. What a member owns sits in lots, each with an expiry; debits
take from the lot that expires soonest, then from the oldest. The shape follows what ledgers in the field do
(append-only postings, a key per transaction, replays answer with the first result).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.errors import InvalidAmount, NotEnoughPoints
from loyalty.merchants import Translations

POINTS_MAX = 100_000_000


class Account(StrEnum):
    """A member's three, the club's three, and a merchant's one."""

    AVAILABLE = "available"
    HELD = "held"
    PENDING = "pending"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    FUNDING = "funding"


class Kind(StrEnum):
    EARN = "earn"
    REDEEM = "redeem"
    HOLD = "hold"
    RELEASE = "release"
    CAPTURE = "capture"
    EXPIRE = "expire"
    ADJUST = "adjust"
    REVERSE = "reverse"
    TRANSFER = "transfer"
    COMMISSION = "commission"


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` is signed; the postings of a transaction sum to zero."""

    account: Account
    amount: int
    member_id: int | None = None
    merchant_id: int | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that came together and expire together: what of them is free, held, not yet released."""

    id: int
    member_id: int
    available: int
    held: int
    expires_at: datetime
    funder_id: int | None = None


@dataclass(frozen=True, slots=True)
class LotEntry:
    """How a transaction moves one lot. `lot_id` None opens a new one. `expires_at` is set where it changes."""

    lot_id: int | None
    available: int = 0
    held: int = 0
    pending: int = 0
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction to be recorded. `key` makes it happen once; `cause` names what it is for ("checkin:2026-05-01")."""

    kind: Kind
    key: str
    cause: str
    actor: str
    at: datetime
    postings: tuple[Posting, ...]
    lots: tuple[LotEntry, ...] = ()
    merchant_id: int | None = None
    reverses_id: int | None = None

    def __post_init__(self) -> None:
        assert sum(posting.amount for posting in self.postings) == 0, "postings must sum to zero"

    @property
    def fingerprint(self) -> str:
        """Tells a replay from another wish under the same key. Lots are left out: they depend on the moment."""
        parts = [
            self.kind,
            self.cause,
            *(f"{p.account}/{p.member_id}/{p.merchant_id}/{p.amount}" for p in self.postings),
        ]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The first result of a key. `is_replay`: it was there already, and nothing was written."""

    transaction_id: int
    is_replay: bool


@dataclass(frozen=True, slots=True)
class Hold:
    id: int
    member_id: int
    amount: int
    state: str  # held | captured | released
    cause: str


@dataclass(frozen=True, slots=True)
class Balance:
    available: int = 0
    held: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """What a cause names (the reward of "reward:7"), as its merchant wrote it."""

    name: str
    translations: Translations = field(default_factory=dict)


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


def valid_amount(points: int) -> int:
    """Points as given, or InvalidAmount: whole, at least 1, at most POINTS_MAX."""
    if isinstance(points, bool) or not isinstance(points, int) or not 1 <= points <= POINTS_MAX:
        raise InvalidAmount(points, POINTS_MAX)
    return points


def expiry(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the day, `days` from `at`, in the club's zone, as an instant in UTC."""
    day = at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def take(lots: Sequence[Lot], amount: int) -> list[tuple[Lot, int]]:
    """Which lots pay for `amount`, in the order given (soonest expiry first). Raises NotEnoughPoints."""
    taken: list[tuple[Lot, int]] = []
    missing = amount
    for lot in lots:
        if missing == 0:
            break
        part = min(lot.available, missing)
        if part > 0:
            taken.append((lot, part))
            missing -= part
    if missing:
        raise NotEnoughPoints(needed=amount, available=amount - missing)
    return taken


def streak_points(table: Sequence[int], streak: int) -> int:
    """Points for day `streak` (from 1) of a check-in streak; after the table's end its last value repeats."""
    return table[min(streak, len(table)) - 1]
