"""Vouchers: what a member got for points, to be handed in at a merchant once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.codes import as_typed
from loyalty.errors import VoucherRefused
from loyalty.merchants import Post, Translations
from loyalty.points import expiry


class VoucherState(StrEnum):
    ISSUED = "issued"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Shelf(StrEnum):
    """Where a member finds a voucher. Cancelled ones lie with the expired ones."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"


class Viewer(StrEnum):
    """Who looks at a voucher."""

    COUNTER = "counter"
    OWNER = "owner"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class NewVoucher:
    """`key` is the idempotency key of what it was given for. `translations` are those of the reward, deal or
    offer."""

    key: str
    code: str
    member_id: int
    merchant_id: int
    title: str
    translations: Mapping[str, Mapping[str, str]]
    points: int
    issued_at: datetime
    expires_at: datetime
    reward_id: int | None = None
    group_id: int | None = None
    price_minor: int = 0
    deal_id: int | None = None
    offer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Voucher:
    """`price_minor` is still to be paid at the counter. What the programme says about it is filled in by the services:
    `currency`, until when it could be given back (None: never), and whether it can be now."""

    id: int
    code: str
    member_id: int
    first_name: str  # all that a shop sees of the member
    merchant_id: int
    merchant: str
    title: str
    translations: Mapping[str, Mapping[str, str]]
    points: int
    state: VoucherState
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    merchant_translations: Translations = field(default_factory=dict)
    reward_id: int | None = None
    price_minor: int = 0
    deal_id: int | None = None
    group_id: int | None = None
    offer_id: int | None = None
    currency: str = ""
    returnable_until: datetime | None = None
    is_returnable: bool = False

    @property
    def is_bought_alone(self) -> bool:
        """Of a group buy, without a group."""
        return self.deal_id is not None and self.group_id is None

    @property
    def is_bought(self) -> bool:
        """With a group, or alone what groups buy: that is not given back."""
        return self.reward_id is None and self.offer_id is None

    def state_at(self, now: datetime) -> VoucherState:
        """Its state: an issued voucher past its day counts as expired, swept or not."""
        if self.state is VoucherState.ISSUED and self.expires_at <= now:
            return VoucherState.EXPIRED
        return self.state


@dataclass(frozen=True, slots=True)
class Ending:
    """A voucher that will not be good much longer, and where its owner lives."""

    voucher: Voucher
    timezone: str


def returnable_until(voucher: Voucher, days: int, zone: ZoneInfo) -> datetime | None:
    """Until when it can be given back for its points, or for nothing where it took none: the end of a day, so many days
    after it was issued, while it is good. None for what came of a group buy, together or alone, and where the
    programme allows none."""
    if voucher.is_bought or days == 0:
        return None
    return min(expiry(voucher.issued_at, days, zone), voucher.expires_at)


def check_returnable(voucher: Voucher, now: datetime) -> None:
    """Raises VoucherRefused where it cannot be given back now."""
    if voucher.is_bought:
        raise VoucherRefused("alone" if voucher.is_bought_alone else "group_buy")
    check_unused(voucher, now)
    if voucher.returnable_until is None:
        raise VoucherRefused("final")
    if now >= voucher.returnable_until:
        raise VoucherRefused("too_late", voucher.returnable_until)


def code_in(given: str) -> str:
    """The code that was typed, or that ends the link in the voucher's QR (".../perkchat_bot?start=v_<code>")."""
    return as_typed(given.rpartition("_")[2])


def viewer(voucher: Voucher, member_id: int, posts: Sequence[Post]) -> Viewer:
    """In what role a member looks at a voucher: staff of its merchant first, even where it is their own."""
    if voucher.merchant_id in {post.merchant_id for post in posts}:
        return Viewer.COUNTER
    return Viewer.OWNER if voucher.member_id == member_id else Viewer.STRANGER


def check_usable(voucher: Voucher | None, posts: Sequence[Post], now: datetime) -> Voucher:
    """The voucher, if staff with these posts may take it now. Raises VoucherRefused.

    Staff of another merchant learn no more than that it is not theirs.
    """
    if voucher is None:
        raise VoucherRefused("unknown")
    if voucher.merchant_id not in {post.merchant_id for post in posts}:
        raise VoucherRefused("other_merchant")
    check_unused(voucher, now)
    return voucher


def check_unused(voucher: Voucher, now: datetime) -> None:
    """Raises VoucherRefused where it is not good any more."""
    match voucher.state_at(now):
        case VoucherState.USED:
            raise VoucherRefused("used", voucher.used_at)
        case VoucherState.EXPIRED:
            raise VoucherRefused("expired", voucher.expires_at)
        case VoucherState.CANCELLED:
            raise VoucherRefused("cancelled")
        case VoucherState.ISSUED:
            return
