from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.codes import Random
from loyalty.deliveries import Notice
from loyalty.errors import NotAllowed, NotFound, VoucherRefused
from loyalty.members import Member
from loyalty.merchants import Post, Right, with_right
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.vouchers import Shelf, Viewer, Voucher, check_usable, code_in, viewer

PAGE = 6


@dataclass(frozen=True, slots=True)
class Wallet:
    """A page of one shelf. `older_than` is the id to page on from, None on the last page."""

    shelf: Shelf
    vouchers: tuple[Voucher, ...]
    older_than: int | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class Scanned:
    """A voucher whose QR somebody scanned, and in what role."""

    voucher: Voucher
    viewer: Viewer


class VoucherService:
    """Vouchers come out of here as they stand now: one past its day is expired, swept or not."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def wallet(self, member_id: int, shelf: Shelf = Shelf.WAITING, before_id: int | None = None) -> Wallet:
        """A page of the member's vouchers on a shelf, newest first."""
        now = self._clock()
        with self._units() as uow:
            found = uow.vouchers.of(member_id, shelf, now, before_id=before_id, limit=PAGE + 1)
        return Wallet(
            shelf=shelf,
            vouchers=tuple(_as_of(voucher, now) for voucher in found[:PAGE]),
            older_than=found[PAGE - 1].id if len(found) > PAGE else None,
            is_first_page=before_id is None,
        )

    @reads
    def own(self, member_id: int, voucher_id: int) -> Voucher:
        """The member's voucher. Raises NotFound, for another person's just as for none."""
        with self._units() as uow:
            voucher = uow.vouchers.get(voucher_id)
        if voucher is None or voucher.member_id != member_id:
            raise NotFound("voucher", voucher_id)
        return _as_of(voucher, self._clock())

    @reads
    def check(self, staff: Member, given: str) -> Voucher:
        """The voucher with this code (typed, or a link with it), if staff may take it now.

        Raises NotAllowed for somebody who is no staff, VoucherRefused.
        """
        with self._units() as uow:
            return check_usable(uow.vouchers.by_code(code_in(given)), _posts(uow, staff), self._clock())

    @reads
    def scan(self, member: Member, given: str) -> Scanned:
        """Whose voucher a scanned QR is, to the one who scanned it. Raises VoucherRefused.

        Staff get it only if they may take it now.
        """
        now = self._clock()
        with self._units() as uow:
            voucher = uow.vouchers.by_code(code_in(given))
            posts = with_right(uow.merchants.posts(member.id), Right.SELL)
        if voucher is None:
            raise VoucherRefused("unknown")
        seen_by = viewer(voucher, member.id, posts)
        if posts and seen_by is not Viewer.OWNER:
            check_usable(voucher, posts, now)
        return Scanned(_as_of(voucher, now), seen_by)

    def use(self, staff: Member, voucher_id: int) -> Voucher:
        """Takes a voucher at the counter, once; its owner is told. Raises NotAllowed, VoucherRefused."""
        now = self._clock()
        with self._units() as uow:
            posts = _posts(uow, staff)
            check_usable(uow.vouchers.get(voucher_id), posts, now)
            is_first = uow.vouchers.use(voucher_id, staff.id, now)
            # Read again: whoever lost the race by a moment learns what the winner did.
            voucher = uow.vouchers.get(voucher_id)
            if voucher is None or not is_first:
                check_usable(voucher, posts, now)
                raise VoucherRefused("used")
            uow.outbox.add([_used(voucher, now)], now)
            uow.commit()
        return voucher


def _posts(uow: UnitOfWork, staff: Member) -> list[Post]:
    """Where a member stands at the till, looked up now: a button outlives its post. Raises NotAllowed."""
    posts = with_right(uow.merchants.posts(staff.id), Right.SELL)
    if not posts:
        raise NotAllowed(Right.SELL)
    return posts


def _used(voucher: Voucher, at: datetime) -> Notice:
    return Notice(
        voucher.member_id,
        kind="voucher_used",
        cause=f"voucher_used:{voucher.id}",
        facts={
            "title": voucher.title,
            "translations": dict(voucher.translations),
            "merchant": voucher.merchant,
            "merchant_translations": dict(voucher.merchant_translations),
            "at": at.isoformat(),
        },
    )


def _as_of(voucher: Voucher, now: datetime) -> Voucher:
    return replace(voucher, state=voucher.state_at(now))
