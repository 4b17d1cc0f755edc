from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loyalty.attempts import Guess
from loyalty.codes import Random
from loyalty.contact_policy import next_contact
from loyalty.deliveries import EDITS, Notice
from loyalty.errors import NotAllowed, NotFound, VoucherRefused, VoucherUndoRefused
from loyalty.members import Member
from loyalty.merchants import Post, Right, with_right
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import ledger
from loyalty.services.guessing import guarded
from loyalty.services.staff import check_right
from loyalty.vouchers import (
    Ending,
    Shelf,
    Viewer,
    Voucher,
    VoucherState,
    check_returnable,
    check_usable,
    code_in,
    returnable_until,
    viewer,
)

PAGE = 6
WARNED = 500  # vouchers in one transaction
REDRAWN = 5  # messages that show one voucher; whoever opens it more often has scrolled past the others
NEWS = timedelta(days=1)  # who got one so lately knows how long it is good


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


@dataclass(frozen=True, slots=True)
class GivenBack:
    """`is_replay`: it was given back before, and no point moved now."""

    voucher: Voucher
    available: int
    is_replay: bool


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
            vouchers=tuple(as_shown(voucher, self._programme, now) for voucher in found[:PAGE]),
            older_than=found[PAGE - 1].id if len(found) > PAGE else None,
            is_first_page=before_id is None,
        )

    @reads
    def own(self, member_id: int, voucher_id: int) -> Voucher:
        """The member's voucher. Raises NotFound, for another person's just as for none."""
        with self._units() as uow:
            return self._own(uow, member_id, voucher_id)

    @reads
    def ask_give_back(self, member_id: int, voucher_id: int) -> Voucher:
        """The member's voucher, if it can be given back now. Raises NotFound, VoucherRefused."""
        with self._units() as uow:
            voucher = self._own(uow, member_id, voucher_id)
        check_returnable(voucher, self._clock())
        return voucher

    def give_back(self, member_id: int, voucher_id: int) -> GivenBack:
        """Cancels an unused voucher of a reward or an offer: the points return to the lots they came from, and what it
        was for to the shelf. Once; it replays. Raises NotFound, VoucherRefused."""
        now = self._clock()
        with self._units() as uow:
            hold_shelf(uow, self._own(uow, member_id, voucher_id))
            voucher = self._own(uow, member_id, voucher_id)  # as it stands under the lock: taps come twice
            is_replay = voucher.state is VoucherState.CANCELLED and not voucher.is_bought
            if not is_replay:
                check_returnable(voucher, now)
                if voucher.reward_id is not None:
                    paid_by = uow.vouchers.paid_by(voucher.id)
                    assert paid_by is not None, "a reward's voucher was paid for in points"
                    ledger.reverse(uow, self._programme, paid_by, actor=f"member:{member_id}", at=now)
                cancel(uow, voucher, now)
            voucher = self._own(uow, member_id, voucher_id)
            available = uow.ledger.balance(member_id).spendable
            uow.commit()
        return GivenBack(voucher, available, is_replay)

    def warn_due(self, limit: int = WARNED) -> int:
        """Tells of vouchers that end soon, in their owners' daytime, of at most `limit`; answers of how many."""
        now = self._clock()
        until = now + timedelta(days=self._programme.voucher_warning_days)
        with self._units() as uow:
            endings = uow.vouchers.to_warn(now, until, now - NEWS, limit)
            if endings:
                uow.outbox.add([_ending(ending, now, self._programme) for ending in endings], now)
                uow.vouchers.mark_warned([ending.voucher.id for ending in endings], now)
            uow.commit()
        return len(endings)

    @guarded(Guess.VOUCHER)
    def check(self, staff: Member, given: str) -> Voucher:
        """The voucher with this code (typed, or a link with it), if staff may take it now.

        Raises NotAllowed for somebody who is no staff, VoucherRefused.
        """
        with self._units() as uow:
            found = self._shown(uow.vouchers.by_code(code_in(given)))
            return check_usable(found, _posts(uow, staff), self._clock())

    @guarded(Guess.VOUCHER)
    def scan(self, member: Member, given: str) -> Scanned:
        """Whose voucher a scanned QR is, to the one who scanned it. Raises VoucherRefused.

        Staff get it only if they may take it now.
        """
        now = self._clock()
        with self._units() as uow:
            voucher = self._shown(uow.vouchers.by_code(code_in(given)))
            posts = with_right(uow.merchants.posts(member.id), Right.SELL)
        if voucher is None:
            raise VoucherRefused("unknown")
        seen_by = viewer(voucher, member.id, posts)
        if posts and seen_by is not Viewer.OWNER:
            check_usable(voucher, posts, now)
        return Scanned(voucher, seen_by)

    @guarded(Guess.VOUCHER)
    def use(self, staff: Member, code: str) -> Voucher:
        """Takes a voucher at the counter, once; its owner is told. By its code alone, which whoever has not been shown
        the voucher does not know. Raises NotAllowed, VoucherRefused."""
        now = self._clock()
        with self._units() as uow:
            posts = _posts(uow, staff)
            voucher = take(uow, self._programme, uow.vouchers.by_code(code_in(code)), posts, staff, now)
            uow.commit()
        return as_shown(voucher, self._programme, now)

    def put_back(self, staff: Member, voucher_id: int) -> Voucher:
        """The counter took it by mistake a few minutes ago: it is good again, and its owner is told, once. By whoever
        stands at the till of its shop. Raises NotFound, NotAllowed, VoucherUndoRefused."""
        now, minutes = self._clock(), self._programme.till_undo_minutes
        with self._units() as uow:
            voucher = uow.vouchers.get(voucher_id)
            if voucher is None:
                raise NotFound("voucher", voucher_id)
            check_right(uow, staff.id, voucher.merchant_id, Right.SELL)
            if voucher.state is not VoucherState.ISSUED:
                if voucher.used_at is None or now >= voucher.used_at + timedelta(minutes=minutes):
                    raise VoucherUndoRefused(minutes)
                used_at = voucher.used_at
                is_first = uow.vouchers.put_back(voucher_id, used_at)
                voucher = as_shown(uow.vouchers.get(voucher_id) or voucher, self._programme, now)
                if is_first:
                    cause = f"voucher_put_back:{voucher.id}:{used_at.isoformat()}"
                    facts = _facts(voucher) | {"voucher_id": voucher.id, "until": voucher.expires_at.isoformat()}
                    notice = Notice(voucher.member_id, kind="voucher_put_back", cause=cause, facts=facts)
                    uow.outbox.add([notice, *redrawn(uow, voucher, now)], now)
            uow.commit()
        return as_shown(voucher, self._programme, now)

    def show_in(self, voucher_id: int, chat: str, message_id: int) -> None:
        """A message of the owner's own chat shows the voucher with its code: it is drawn again once that is good for
        nothing."""
        with self._units() as uow:
            voucher = uow.vouchers.get(voucher_id)
            if voucher is None:
                return
            uow.vouchers.show_in(voucher_id, chat, message_id)
            if voucher.state is not VoucherState.ISSUED:  # taken while the message was on its way
                now = self._clock()
                uow.outbox.add(redrawn(uow, voucher, now), now)
            uow.commit()

    def _shown(self, voucher: Voucher | None) -> Voucher | None:
        return None if voucher is None else as_shown(voucher, self._programme, self._clock())

    def _own(self, uow: UnitOfWork, member_id: int, voucher_id: int) -> Voucher:
        voucher = uow.vouchers.get(voucher_id)
        if voucher is None or voucher.member_id != member_id:
            raise NotFound("voucher", voucher_id)
        return as_shown(voucher, self._programme, self._clock())


def as_shown(voucher: Voucher, programme: Programme, now: datetime) -> Voucher:
    """A voucher as it stands now, with what the programme says about it."""
    state, until = voucher.state_at(now), returnable_until(voucher, programme.voucher_cancel_days, programme.zone)
    until = None if until is None else programme.local(until)
    return replace(
        voucher,
        state=state,
        expires_at=programme.local(voucher.expires_at),
        currency=programme.currency,
        returnable_until=until,
        is_returnable=state is VoucherState.ISSUED and until is not None and now < until,
    )


def hold_shelf(uow: UnitOfWork, voucher: Voucher) -> None:
    """Locks the reward, the deal or the offer that a voucher is for. Whoever will `cancel` it does this before anything
    of the ledger: those who buy lock in this order, too, and so no two wait crosswise."""
    if voucher.reward_id is not None:
        uow.rewards.lock(voucher.reward_id)
    elif voucher.deal_id is not None and voucher.is_bought_alone:
        uow.deals.lock(voucher.deal_id)
    elif voucher.offer_id is not None:
        uow.offer_claims.lock(voucher.offer_id)


def take(
    uow: UnitOfWork,
    programme: Programme,
    found: Voucher | None,
    posts: Sequence[Post],
    staff: Member,
    now: datetime,
) -> Voucher:
    """The counter takes the voucher, once; its owner is told, and the messages that show it are drawn again.

    Raises VoucherRefused.
    """
    voucher_id = check_usable(_on_clock(found, programme), posts, now).id
    is_first = uow.vouchers.use(voucher_id, staff.id, now)
    # Read again: whoever lost the race by a moment learns what the winner did.
    voucher = uow.vouchers.get(voucher_id)
    if voucher is None or not is_first:
        check_usable(_on_clock(voucher, programme), posts, now)
        raise VoucherRefused("used")
    uow.outbox.add([_used(voucher, now), *redrawn(uow, voucher, now)], now)
    return voucher


def _on_clock(voucher: Voucher | None, programme: Programme) -> Voucher | None:
    """With its last day as the club has it, for whoever reads why it is refused."""
    return None if voucher is None else replace(voucher, expires_at=programme.local(voucher.expires_at))


def redrawn(uow: UnitOfWork, voucher: Voucher, at: datetime) -> list[Notice]:
    """For the messages that show a voucher with its code: each is to say how it stands since this moment."""
    facts = _facts(voucher) | {
        "voucher_id": voucher.id,
        "state": voucher.state.value,
        "at": at.isoformat(),
        "until": voucher.expires_at.isoformat(),
    }
    return [
        Notice(
            voucher.member_id,
            kind="voucher_redrawn",
            cause=f"voucher_redrawn:{chat}:{message_id}:{voucher.state}:{at.isoformat()}",
            facts=facts | {EDITS: message_id, "chat": chat},
        )
        for chat, message_id in uow.vouchers.shown_in(voucher.id, REDRAWN)
    ]


def cancel(uow: UnitOfWork, voucher: Voucher, at: datetime) -> None:
    """The voucher is good for nothing any more, and what it was for is on the shelf again.

    Raises VoucherRefused where the counter was faster by a moment. One that had expired stays so.
    """
    if uow.vouchers.cancel(voucher.id, at):
        uow.outbox.add(redrawn(uow, replace(voucher, state=VoucherState.CANCELLED), at), at)
        if voucher.reward_id is not None:
            uow.rewards.restock(voucher.reward_id)
        elif voucher.deal_id is not None and voucher.is_bought_alone:
            uow.deals.restock({voucher.deal_id: 1})
        elif voucher.offer_id is not None:
            uow.offer_claims.give_back(voucher.offer_id, voucher.member_id)
        return
    known = uow.vouchers.get(voucher.id)
    if known is not None and known.state is VoucherState.USED:
        raise VoucherRefused("used", known.used_at)


def _posts(uow: UnitOfWork, staff: Member) -> list[Post]:
    """Where a member stands at the till, looked up now: a button outlives its post. Raises NotAllowed."""
    posts = with_right(uow.merchants.posts(staff.id), Right.SELL)
    if not posts:
        raise NotAllowed(Right.SELL)
    return posts


def _used(voucher: Voucher, at: datetime) -> Notice:
    facts = _facts(voucher) | {"at": at.isoformat()}
    cause = f"voucher_used:{voucher.id}:{at.isoformat()}"  # put back, it may be used again
    return Notice(voucher.member_id, kind="voucher_used", cause=cause, facts=facts)


def _ending(ending: Ending, now: datetime, programme: Programme) -> Notice:
    voucher = ending.voucher
    return Notice(
        voucher.member_id,
        kind="voucher_ending",
        cause=f"voucher_ending:{voucher.id}",
        facts=_facts(voucher) | {"voucher_id": voucher.id, "until": programme.local(voucher.expires_at).isoformat()},
        not_before=next_contact(now, ending.timezone, programme),
        deadline=voucher.expires_at,
    )


def _facts(voucher: Voucher) -> dict[str, object]:
    return {
        "title": voucher.title,
        "translations": dict(voucher.translations),
        "merchant": voucher.merchant,
        "merchant_translations": dict(voucher.merchant_translations),
    }
