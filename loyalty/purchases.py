"""Purchases: what a member bought where, which points it gave to whom, and how they go back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.earning import AMOUNT_MAX, Earned, refundable
from loyalty.errors import InvalidPurchase
from loyalty.names import one_line

RECEIPT_MAX = 64
NOTE_MAX = 120
TAG_MAX = 32
TAGS_MAX = 20


class Channel(StrEnum):
    TILL = "till"
    ONLINE = "online"  # has a return window
    IMPORT = "import"


class AwardRole(StrEnum):
    """For what somebody got points of a purchase."""

    BUYER = "buyer"
    FIRST = "first"  # the first purchase at the merchant
    BIRTHDAY = "birthday"  # the first one in the month of the birthday
    COMMISSION = "commission"  # to the buyer's referrer, and to theirs
    REFERRER = "referrer"  # the referral qualified by it: for who brought the buyer
    REFEREE = "referee"  # and for the buyer

    @property
    def clawback(self) -> Clawback:
        return Clawback.PROPORTIONAL if self in (AwardRole.BUYER, AwardRole.COMMISSION) else Clawback.WHOLE


FUNDED = frozenset({AwardRole.BUYER, AwardRole.FIRST, AwardRole.BIRTHDAY})  # by the shop; the others by the club


class Standing(StrEnum):
    """What became of something that is given once."""

    NEVER = "never"  # not given yet
    GIVEN = "given"  # and perhaps refunded: it does not come again
    UNDONE = "undone"  # by a purchase that was a mistake: as if it had never been given


class Clawback(StrEnum):
    """How a refund of the purchase takes an award back."""

    PROPORTIONAL = "proportional"  # as much of it as is refunded
    WHOLE = "whole"  # all of it, when nothing of the purchase is left


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of a currency (ISO 4217)."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class NewPurchase:
    """A purchase to be recorded once: by its `key`, and by its `receipt` at the merchant. `note` says what it was.
    `receipt_day` is the club's day where the merchant's receipt numbers begin again each day, else empty."""

    key: str
    member_id: int
    merchant_id: int
    amount_minor: int
    currency: str
    at: datetime
    channel: Channel = Channel.TILL
    receipt: str | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    receipt_day: str = ""


@dataclass(frozen=True, slots=True)
class Purchase:
    """`booked_by` is named as in the ledger. An undone purchase was a mistake: refunded whole, and its
    receipt is free again. `grace_before`: when the buyer's tier would have ended, had the purchase not kept it."""

    id: int
    wish: NewPurchase
    earned: Earned
    refunded_minor: int = 0
    booked_by: str = ""
    booked_at: datetime | None = None
    undone_at: datetime | None = None
    grace_before: datetime | None = None

    @property
    def left_minor(self) -> int:
        """What can still be refunded."""
        return self.wish.amount_minor - self.refunded_minor

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None

    def is_same(self, wish: NewPurchase) -> bool:
        """Whether the same key asks for the same again. The moment is left out: a replay may come later."""
        mine = self.wish
        return (mine.member_id, mine.merchant_id, mine.amount_minor, mine.currency, mine.receipt, mine.channel) == (
            wish.member_id,
            wish.merchant_id,
            wish.amount_minor,
            wish.currency,
            wish.receipt,
            wish.channel,
        ) and mine.tags == wish.tags

    def is_receipt_of(self, wish: NewPurchase) -> bool:
        """Whether the same receipt comes again, perhaps by another way: from the till, and later in an import."""
        mine = self.wish
        return (mine.member_id, mine.amount_minor, mine.currency) == (
            wish.member_id,
            wish.amount_minor,
            wish.currency,
        )


@dataclass(frozen=True, slots=True)
class Sold:
    """A purchase as its shop sees it: of the buyer the first name, nothing else."""

    purchase: Purchase
    first_name: str


@dataclass(frozen=True, slots=True)
class PurchaseAward:
    """Points that a purchase gave to somebody. `level` counts referrers upwards, 0 for who is none."""

    transaction_id: int
    member_id: int
    role: AwardRole
    points: int
    level: int = 0
    clawback: Clawback = Clawback.PROPORTIONAL

    def due(self, amount_minor: int, refunded_minor: int) -> int:
        """How much of it is taken back once `refunded_minor` of the purchase are refunded, altogether."""
        if self.clawback is Clawback.WHOLE:
            return self.points if refunded_minor == amount_minor else 0
        return refundable(self.points, amount_minor, refunded_minor)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a refund took back from whom."""

    member_id: int
    role: AwardRole
    points: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class PurchaseRefund:
    """A refund as it was recorded. `refunded_minor` is how much of the purchase was refunded by then."""

    key: str
    purchase_id: int
    amount_minor: int
    refunded_minor: int
    at: datetime
    taken: tuple[TakenBack, ...]


def valid_amount_minor(given: int) -> int:
    """The amount as given, or InvalidPurchase: a whole number from 1 to AMOUNT_MAX."""
    if type(given) is not int or not 1 <= given <= AMOUNT_MAX:
        raise InvalidPurchase("amount", AMOUNT_MAX)
    return given


def clean_receipt(given: str | None) -> str | None:
    """A receipt's number, blanks folded; None where there is none. Raises InvalidPurchase."""
    return _clean("receipt", given or "", RECEIPT_MAX) or None


def clean_note(given: str) -> str:
    """Raises InvalidPurchase."""
    return _clean("note", given, NOTE_MAX)


def clean_tags(given: Iterable[str]) -> tuple[str, ...]:
    """Product tags, each once, in order. Raises InvalidPurchase."""
    tags = sorted({_clean("tag", tag, TAG_MAX).casefold() for tag in given} - {""})
    if len(tags) > TAGS_MAX:
        raise InvalidPurchase("tags", TAGS_MAX)
    return tuple(tags)


def _clean(what: str, given: str, most: int) -> str:
    text = one_line(given)
    if len(text) > most:
        raise InvalidPurchase(what, most)
    return text
