"""Points: a double-entry ledger with lots.

Each transaction is a set of postings that sums to zero. What a member owns sits in lots, each with an expiry; debits
take from the lot that expires soonest, then from the oldest. The shape follows what ledgers in the field do
(append-only postings, a key per transaction, replays answer with the first result).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.errors import InvalidAmount, NotEnoughPoints

POINTS_MAX = 100_000_000
IN_KEY = "key"  # the fingerprint of what its key says all of


class Account(StrEnum):
    """A member's three, and those of the club and the merchants. docs/ledger.md has the map."""

    AVAILABLE = "available"
    HELD = "held"
    PENDING = "pending"
    ISSUED = "issued"  # by the club
    FUNDING = "funding"  # by a merchant
    REDEEMED = "redeemed"  # at a merchant, or at the club
    EXPIRED = "expired"  # by whom they were issued
    WRITTEN_OFF = "written_off"  # refunded, spent already, and by the club's policy not asked back


class Kind(StrEnum):
    EARN = "earn"
    REDEEM = "redeem"
    HOLD = "hold"
    RELEASE = "release"
    CAPTURE = "capture"
    EXPIRE = "expire"
    CONFIRM = "confirm"
    ADJUST = "adjust"
    REFUND = "refund"
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
    pending: int = 0


Parts = Sequence[tuple[Lot, int]]  # how much of which lot


@dataclass(frozen=True, slots=True)
class LotEntry:
    """How a transaction moves one lot. `lot_id` None opens a new one. `expires_at` is set where it changes.

    `releases_at` says when a new lot's pending points become available; without it they wait for an event.
    """

    lot_id: int | None
    member_id: int
    available: int = 0
    held: int = 0
    pending: int = 0
    expires_at: datetime | None = None
    releases_at: datetime | None = None
    funder_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction to be recorded. `key` makes it happen once; `cause` names what it is for ("checkin:2026-05-01")."""

    kind: Kind
    key: str
    cause: str
    actor: str
    at: datetime
    postings: tuple[Posting, ...] = ()
    lots: tuple[LotEntry, ...] = ()
    merchant_id: int | None = None
    reverses_id: int | None = None
    refunds_id: int | None = None
    wish: str = ""  # what was asked for, where the postings depend on the moment
    is_in_key: bool = False  # the key says all of it

    def __post_init__(self) -> None:
        assert sum(posting.amount for posting in self.postings) == 0, "postings must sum to zero"

    @property
    def fingerprint(self) -> str:
        """Tells a replay from another wish under the same key. Lots are left out: they depend on the moment."""
        if self.is_in_key:
            return IN_KEY
        postings = (f"{p.account}/{p.member_id}/{p.merchant_id}/{p.amount}" for p in self.postings)
        references = (
            f"{name}/{of}" for name, of in (("-", self.reverses_id), ("~", self.refunds_id)) if of is not None
        )
        parts = [self.kind, self.cause, *references, *([self.wish] if self.wish else postings)]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The first result of a key. `is_replay`: it was there already, and nothing was written."""

    transaction_id: int
    is_replay: bool


class RefundPolicy(StrEnum):
    """What happens when points that are to be taken back were spent already."""

    ALLOW_NEGATIVE = "allow_negative"  # the balance goes below zero, and the next earnings fill it
    CLAMP_TO_ZERO = "clamp_to_zero"  # the club bears the shortfall, on its account "written_off"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a reversal needs to know. `amount` is what the member got (or with a minus gave); `others` is the rest.

    Without a member where it moved nobody's points: a refund of what had expired.
    """

    id: int
    kind: Kind
    cause: str
    member_id: int | None
    amount: int
    others: tuple[Posting, ...]
    merchant_id: int | None


@dataclass(frozen=True, slots=True)
class Award:
    """What has become of points that were given: how many of its lot are pending, free, or expired and not refunded."""

    transaction_id: int
    member_id: int
    points: int
    refunded: int
    is_reversed: bool
    cause: str
    funder_id: int | None
    lot_id: int | None  # None where all of it filled what was below zero
    pending: int
    available: int
    expired: int

    @property
    def left(self) -> int:
        """What can still be refunded."""
        return 0 if self.is_reversed else self.points - self.refunded


@dataclass(frozen=True, slots=True)
class Hold:
    id: int
    member_id: int
    amount: int
    state: str  # held | captured | released
    cause: str
    closed_by: int | None = None  # the transaction that captured or released it


@dataclass(frozen=True, slots=True)
class Balance:
    """`available` is below zero where the member spent on credit, or owes what a refund took back.

    `floor` is the credit line: 0, or how far below zero the member may spend. `owed` is how far below even that
    refunds have gone.
    """

    available: int = 0
    held: int = 0
    pending: int = 0
    floor: int = 0
    owed: int = 0

    @property
    def spendable(self) -> int:
        return max(0, self.available - self.floor)

    @property
    def owned(self) -> int:
        """What lies in lots: free points, without those spent on credit or owed."""
        return max(0, self.available)


def valid_amount(points: int, least: int = 1) -> int:
    """Points as given, or InvalidAmount: whole, at least `least`, at most POINTS_MAX."""
    if isinstance(points, bool) or not isinstance(points, int) or not least <= points <= POINTS_MAX:
        raise InvalidAmount(points, POINTS_MAX)
    return points


def expiry(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the day, `days` from `at`, in the club's zone, as an instant in UTC."""
    day = at.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def settled(lots: Sequence[LotEntry], before: int, after: int) -> tuple[LotEntry, ...]:
    """The entries of one member's lots when the available points move from `before` to `after`.

    What fills a gap below zero lies in no lot: the first entries give it.
    """
    gap = sum(lot.available for lot in lots) - max(0, after) + max(0, before)
    entries = []
    for lot in lots:
        part = min(gap, max(0, lot.available))
        gap -= part
        entry = replace(lot, available=lot.available - part) if part else lot
        if entry.lot_id is not None or entry.available or entry.pending:
            entries.append(entry)
    assert gap == 0, "lots equal balances"
    return tuple(entries)


def take(lots: Iterable[Lot], amount: int) -> Parts:
    """Which lots pay for `amount`, in the order given (soonest expiry first). Raises NotEnoughPoints."""
    taken: list[tuple[Lot, int]] = []
    missing = amount
    for lot in lots:
        part = min(lot.available, missing)
        if part > 0:
            taken.append((lot, part))
            missing -= part
        if missing == 0:
            return taken
    if missing:
        raise NotEnoughPoints(needed=amount, available=amount - missing)
    return taken


def streak_points(table: Sequence[int], streak: int) -> int:
    """Points for day `streak` (from 1) of a check-in streak; after the table's end its last value repeats."""
    return table[min(streak, len(table)) - 1]
