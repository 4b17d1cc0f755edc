"""Settlements: what merchants and the club owe each other for a month of points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.merchants import Merchant
from loyalty.months import Month, written
from loyalty.points import Account, Kind
from loyalty.sheets import Cell


@dataclass(frozen=True, slots=True)
class Sum:
    """Points, in how many transactions."""

    points: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """A merchant's month. Each sum is positive in its own direction.

    What a merchant issues is a promise that somebody will honour: it pays the club for it. What is redeemed at the
    merchant it has honoured itself, and what expires nobody has to: that comes off. So `net` is what the merchant pays
    the club (below zero: what the club pays the merchant), and since issues stand in the books with a minus and the
    rest with a plus, it is minus the sum of all the month's postings on the merchant's accounts.
    """

    merchant: Merchant
    awarded: Sum = field(default_factory=Sum)
    refunded: Sum = field(default_factory=Sum)  # of what was awarded: taken back because a purchase was
    reversed: Sum = field(default_factory=Sum)  # of what was awarded: undone by the operator
    spent: Sum = field(default_factory=Sum)
    returned: Sum = field(default_factory=Sum)  # of what was spent: undone
    lapsed: Sum = field(default_factory=Sum)
    revived: Sum = field(default_factory=Sum)  # of what had expired: refunded or undone, so it counts there instead

    @property
    def issued(self) -> int:
        return self.awarded.points - self.refunded.points - self.reversed.points

    @property
    def redeemed(self) -> int:
        return self.spent.points - self.returned.points

    @property
    def expired(self) -> int:
        return self.lapsed.points - self.revived.points

    @property
    def net(self) -> int:
        return self.issued - self.redeemed - self.expired


# On which line of a settlement postings count, and with which sign: by account and kind, or by account alone.
_LINES: Mapping[tuple[Account, Kind | None], tuple[str, int]] = {
    (Account.FUNDING, None): ("awarded", -1),
    (Account.FUNDING, Kind.REFUND): ("refunded", 1),
    (Account.FUNDING, Kind.REVERSE): ("reversed", 1),
    (Account.REDEEMED, None): ("spent", 1),
    (Account.REDEEMED, Kind.REVERSE): ("returned", -1),
    (Account.EXPIRED, None): ("lapsed", 1),
    (Account.EXPIRED, Kind.REFUND): ("revived", -1),
    (Account.EXPIRED, Kind.REVERSE): ("revived", -1),
}


@dataclass(frozen=True, slots=True)
class Posted:
    """The sum of a month's postings on one of a merchant's accounts, by transactions of one kind."""

    account: Account
    kind: Kind
    amount: int
    count: int


def settlement(merchant: Merchant, posted: Iterable[Posted]) -> Settlement:
    sums: dict[str, Sum] = {}
    for row in posted:
        line, sign = _LINES.get((row.account, row.kind)) or _LINES[row.account, None]
        so_far = sums.get(line, Sum())
        sums[line] = Sum(so_far.points + sign * row.amount, so_far.count + row.count)
    return Settlement(merchant, **sums)


@dataclass(frozen=True, slots=True)
class SettlementEntry:
    """What one transaction adds to a merchant's month. Of the member the number is known, never the name."""

    transaction_id: int
    at: datetime
    kind: Kind
    cause: str
    member_id: int | None
    issued: int
    redeemed: int
    expired: int

    @property
    def net(self) -> int:
        return self.issued - self.redeemed - self.expired


@dataclass(frozen=True, slots=True)
class Carried:
    """All points there are, since the beginning: whatever members have, somebody has issued."""

    merchants: int
    club: int
    members: int

    @property
    def holds(self) -> bool:
        return self.merchants + self.club + self.members == 0


SETTLEMENT_COLUMNS = (
    "month",
    "merchant_number",
    "merchant",
    "awarded",
    "awarded_count",
    "refunded",
    "refunded_count",
    "reversed",
    "reversed_count",
    "issued",
    "redeemed",
    "redeemed_count",
    "returned",
    "returned_count",
    "expired",
    "expired_count",
    "revived",
    "revived_count",
    "net",
)
ENTRY_COLUMNS = ("date", "transaction", "kind", "cause", "member_number", "issued", "redeemed", "expired", "net")


def settlement_row(month: Month, of: Settlement) -> Sequence[Cell]:
    """`issued` and `net` are what the columns around them come to; the others are as they happened."""
    return (
        written(month),
        of.merchant.id,
        of.merchant.name,
        *(of.awarded.points, of.awarded.count),
        *(of.refunded.points, of.refunded.count),
        *(of.reversed.points, of.reversed.count),
        of.issued,
        *(of.spent.points, of.spent.count),
        *(of.returned.points, of.returned.count),
        *(of.lapsed.points, of.lapsed.count),
        *(of.revived.points, of.revived.count),
        of.net,
    )


def entry_row(entry: SettlementEntry, zone: ZoneInfo) -> Sequence[Cell]:
    """Dates are days in the club's zone."""
    return (
        entry.at.astimezone(zone).date().isoformat(),
        entry.transaction_id,
        entry.kind.value,
        entry.cause,
        "" if entry.member_id is None else entry.member_id,
        entry.issued,
        entry.redeemed,
        entry.expired,
        entry.net,
    )
