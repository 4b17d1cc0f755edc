"""Steps that move points. They take the unit of work of the use case that they are part of, and never commit.

Each has an idempotency key: a replay answers with the first result and writes nothing. Steps that look before they
write lock the balance first, so that two taps at once see each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from loyalty.accounts import CORRECTIONS, REVERSIBLE
from loyalty.errors import (
    CreditInUse,
    HoldIsClosed,
    NotEnoughPoints,
    NotFound,
    NotReversible,
    RefundTooLarge,
    TransferRefused,
)
from loyalty.points import (
    Account,
    Award,
    Balance,
    Entry,
    Hold,
    Kind,
    Lot,
    LotEntry,
    Parts,
    Posting,
    Recorded,
    RefundPolicy,
    Transaction,
    expiry,
    valid_amount,
)
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme


def lock_all(uow: UnitOfWork, member_ids: Iterable[int]) -> None:
    """Locks several members' points, by their ids upwards, so that no two units wait for each other crosswise.

    Raises NotFound.
    """
    match sorted(set(member_ids)):
        case [member_id]:
            uow.ledger.lock(member_id)
        case several:
            uow.ledger.lock_all(several)


def award(
    uow: UnitOfWork,
    programme: Programme,
    member_id: int,
    points: int,
    *,
    key: str,
    cause: str,
    actor: str,
    at: datetime,
    funder_id: int | None = None,
    kind: Kind = Kind.EARN,
    is_pending: bool = False,
    releases_at: datetime | None = None,
    earned_at: datetime | None = None,
) -> Recorded:
    """Gives points in a lot of their own, paid for by the club or by the merchant `funder_id`.

    Pending points are released by the timetable at `releases_at`, or without it by `confirm`. They expire as if they
    had been free from the start, counted from `earned_at`, where that is not the moment at which they are booked.
    Raises InvalidAmount, NotFound.
    """
    amount = valid_amount(points)
    source = Account.FUNDING if funder_id is not None else Account.ISSUED
    is_pending = is_pending or releases_at is not None
    return uow.ledger.record(
        Entry(
            kind=kind,
            key=key,
            cause=cause,
            actor=actor,
            at=at,
            postings=(
                Posting(Account.PENDING if is_pending else Account.AVAILABLE, amount, member_id=member_id),
                Posting(source, -amount, merchant_id=funder_id),
            ),
            lots=(
                LotEntry(
                    None,
                    member_id,
                    available=0 if is_pending else amount,
                    pending=amount if is_pending else 0,
                    expires_at=expiry(earned_at or at, programme.lot_days, programme.zone),
                    releases_at=releases_at,
                    funder_id=funder_id,
                ),
            ),
            merchant_id=funder_id,
        )
    )


def confirm(uow: UnitOfWork, award_id: int, *, actor: str, at: datetime) -> Recorded | None:
    """What is still pending of an award becomes available; None where nothing is. Raises NotFound."""
    awarded = _award(uow, award_id)
    wish = Entry(
        kind=Kind.CONFIRM,
        key=f"confirm:{award_id}",
        cause=awarded.cause,
        actor=actor,
        at=at,
        merchant_id=awarded.funder_id,
        is_in_key=True,
    )
    _, first = uow.ledger.lock_for(wish, awarded.member_id)
    pending = 0 if first else _award(uow, award_id).pending  # again, because others may have moved it meanwhile
    if not pending:
        return first
    return uow.ledger.record(
        replace(
            wish,
            postings=(
                Posting(Account.PENDING, -pending, member_id=awarded.member_id),
                Posting(Account.AVAILABLE, pending, member_id=awarded.member_id),
            ),
            lots=(LotEntry(awarded.lot_id, awarded.member_id, available=pending, pending=-pending),),
        )
    )


def spend(
    uow: UnitOfWork,
    member_id: int,
    points: int,
    *,
    key: str,
    cause: str,
    actor: str,
    at: datetime,
    merchant_id: int | None = None,
    kind: Kind = Kind.REDEEM,
) -> Recorded:
    """Takes points out of the soonest-expiring lots, then on credit. Raises InvalidAmount, NotEnoughPoints."""
    amount = valid_amount(points)
    target = Account.ISSUED if kind is Kind.ADJUST else Account.REDEEMED
    entry = Entry(
        kind=kind,
        key=key,
        cause=cause,
        actor=actor,
        at=at,
        postings=(
            Posting(Account.AVAILABLE, -amount, member_id=member_id),
            Posting(target, amount, merchant_id=merchant_id),
        ),
        merchant_id=merchant_id,
    )
    balance, first = uow.ledger.lock_for(entry, member_id)
    if first is not None:
        return first
    taken = _debit(uow, member_id, amount, balance)
    return uow.ledger.record(replace(entry, lots=tuple(LotEntry(lot.id, member_id, -part) for lot, part in taken)))


def hold(
    uow: UnitOfWork,
    member_id: int,
    points: int,
    *,
    key: str,
    cause: str,
    actor: str,
    at: datetime,
    merchant_id: int | None = None,
) -> Hold:
    """Sets points aside until they are captured or released. A replay answers with the first hold.

    Only points that lie in lots can be set aside, none on credit. Raises InvalidAmount, NotEnoughPoints.
    """
    amount = valid_amount(points)
    entry = Entry(
        kind=Kind.HOLD,
        key=key,
        cause=cause,
        actor=actor,
        at=at,
        postings=(
            Posting(Account.AVAILABLE, -amount, member_id=member_id),
            Posting(Account.HELD, amount, member_id=member_id),
        ),
        merchant_id=merchant_id,
    )
    balance, first = uow.ledger.lock_for(entry, member_id)
    if first is None:
        taken = _debit(uow, member_id, amount, replace(balance, floor=0))
        lots = tuple(LotEntry(lot.id, member_id, -part, held=part) for lot, part in taken)
        recorded = uow.ledger.record(replace(entry, lots=lots))
        return uow.ledger.open_hold(member_id, amount, cause, recorded.transaction_id)
    opened = uow.ledger.hold_of(first.transaction_id)
    if opened is None:
        raise NotFound("hold", first.transaction_id)
    return opened


def capture(uow: UnitOfWork, hold_id: int, *, actor: str, at: datetime, merchant_id: int | None = None) -> Recorded:
    """The held points are spent. Raises NotFound, HoldIsClosed when the hold was released."""
    held = _hold_for(uow, hold_id, "captured")
    if held.closed_by is not None:
        return Recorded(held.closed_by, is_replay=True)
    entry = Entry(
        kind=Kind.CAPTURE,
        key=f"capture:{hold_id}",
        cause=held.cause,
        actor=actor,
        at=at,
        postings=(
            Posting(Account.HELD, -held.amount, member_id=held.member_id),
            Posting(Account.REDEEMED, held.amount, merchant_id=merchant_id),
        ),
        lots=tuple(LotEntry(lot.id, held.member_id, held=-part) for lot, part in uow.ledger.hold_lots(hold_id)),
        merchant_id=merchant_id,
        is_in_key=True,
    )
    return _close(uow, held, "captured", entry)


def release(uow: UnitOfWork, programme: Programme, hold_id: int, *, actor: str, at: datetime) -> Recorded:
    """The held points are free again, in their lots; a lot that expired meanwhile gets a grace.

    Raises NotFound, HoldIsClosed when the hold was captured.
    """
    held = _hold_for(uow, hold_id, "released")
    if held.closed_by is not None:
        return Recorded(held.closed_by, is_replay=True)
    entry = Entry(
        kind=Kind.RELEASE,
        key=f"release:{hold_id}",
        cause=held.cause,
        actor=actor,
        at=at,
        postings=(
            Posting(Account.HELD, -held.amount, member_id=held.member_id),
            Posting(Account.AVAILABLE, held.amount, member_id=held.member_id),
        ),
        lots=tuple(
            LotEntry(lot.id, held.member_id, part, held=-part, expires_at=_grace(programme, lot, at))
            for lot, part in uow.ledger.hold_lots(hold_id)
        ),
        is_in_key=True,
    )
    return _close(uow, held, "released", entry)


def capture_all(uow: UnitOfWork, hold_ids: Sequence[int], *, at: datetime, merchant_id: int) -> None:
    """`capture` of many by the club, in as many statements as of one. Their members' points are locked, and all of the
    holds are open."""
    captured = uow.sweeps.capture_holds(hold_ids, at, merchant_id)
    assert captured == len(hold_ids), "whoever has set the points aside closes them once"


def release_all(uow: UnitOfWork, programme: Programme, hold_ids: Sequence[int], *, at: datetime) -> None:
    """`release` of many by the club, in as many statements as of one. Their members' points are locked.

    Holds that are closed already stay as they are.
    """
    for hold_id in uow.sweeps.release_holds(hold_ids, at, at + timedelta(days=programme.lot_grace_days)):
        release(uow, programme, hold_id, actor="club", at=at)


def refund(
    uow: UnitOfWork,
    programme: Programme,
    award_id: int,
    points: int,
    *,
    key: str,
    cause: str,
    actor: str,
    at: datetime,
) -> Recorded:
    """Takes back so many points of an award: pending ones first, then expired ones, which cost the member nothing, then
    free ones of its own lot, then of others. For what was spent already, the programme has a policy.

    Raises InvalidAmount, NotFound, NotReversible, RefundTooLarge.
    """
    amount = valid_amount(points)
    member_id = _award(uow, award_id).member_id
    wish = Entry(Kind.REFUND, key, cause, actor, at, refunds_id=award_id, wish=str(amount))
    balance, first = uow.ledger.lock_for(wish, member_id)
    if first is not None:
        return first
    awarded = _award(uow, award_id)  # again, because others may have moved it meanwhile
    if awarded.is_reversed:
        raise NotReversible(award_id, "reversed")
    if amount > awarded.left:
        raise RefundTooLarge(amount, awarded.left)
    return uow.ledger.record(_taking_back(uow, programme, awarded, amount, balance, wish))


def reverse(uow: UnitOfWork, programme: Programme, transaction_id: int, *, actor: str, at: datetime) -> Recorded:
    """Undoes the whole of a transaction, once: takes an award back, or gives back what was spent, into its lots.

    Raises NotFound; NotReversible for what was partly refunded already, for a reversal, and for kinds that have a way
    back of their own (a hold is released) or none (an expiry).
    """
    original = uow.ledger.transaction(transaction_id)
    if original is None:
        raise NotFound("transaction", transaction_id)
    if original.kind in CORRECTIONS:
        raise NotReversible(transaction_id, "reversal")
    if original.kind not in REVERSIBLE:
        raise NotReversible(transaction_id, "kind")
    assert original.member_id is not None, "these kinds move a member's points"
    wish = Entry(
        kind=Kind.REVERSE,
        key=f"reverse:{transaction_id}",
        cause=original.cause,
        actor=actor,
        at=at,
        merchant_id=original.merchant_id,
        reverses_id=transaction_id,
        is_in_key=True,
    )
    balance, first = uow.ledger.lock_for(wish, original.member_id)
    if first is not None:
        return first
    if original.amount < 0:
        return uow.ledger.record(_giving_back(uow, programme, original, wish))
    awarded = _award(uow, transaction_id)
    if awarded.left < awarded.points:
        raise NotReversible(transaction_id, "refunded")
    return uow.ledger.record(_taking_back(uow, programme, awarded, awarded.points, balance, wish))


def transfer(
    uow: UnitOfWork,
    sender_id: int,
    receiver_id: int,
    points: int,
    *,
    key: str,
    cause: str,
    actor: str,
    at: datetime,
) -> Recorded:
    """Moves points between members; each lot keeps its expiry and its funder. Nobody sends on credit.

    Raises InvalidAmount, TransferRefused to oneself, NotEnoughPoints, NotFound.
    """
    amount = valid_amount(points)
    if sender_id == receiver_id:
        raise TransferRefused("self")
    entry = Entry(
        kind=Kind.TRANSFER,
        key=key,
        cause=cause,
        actor=actor,
        at=at,
        postings=(
            Posting(Account.AVAILABLE, -amount, member_id=sender_id),
            Posting(Account.AVAILABLE, amount, member_id=receiver_id),
        ),
    )
    lock_all(uow, (sender_id, receiver_id))
    balance, first = uow.ledger.lock_for(entry, sender_id)
    if first is not None:
        return first
    taken = _debit(uow, sender_id, amount, replace(balance, floor=0))
    given = [LotEntry(lot.id, sender_id, -part) for lot, part in taken]
    received = [
        LotEntry(None, receiver_id, part, expires_at=lot.expires_at, funder_id=lot.funder_id) for lot, part in taken
    ]
    return uow.ledger.record(replace(entry, lots=(*given, *received)))


def set_credit(uow: UnitOfWork, member_id: int, points: int) -> None:
    """Agrees how far below zero a member may spend: 0 to POINTS_MAX. Raises InvalidAmount, NotFound, CreditInUse."""
    credit = valid_amount(points, least=0)
    balance = uow.ledger.lock(member_id)
    if balance.available < -credit - balance.owed:
        raise CreditInUse(-balance.available - balance.owed)
    uow.ledger.set_floor(member_id, -credit)


def _debit(uow: UnitOfWork, member_id: int, amount: int, balance: Balance) -> Parts:
    """Which lots give how much of `amount`; what they cannot give is on credit. Raises NotEnoughPoints."""
    if balance.spendable < amount:
        raise NotEnoughPoints(needed=amount, available=balance.spendable)
    return uow.ledger.take(member_id, min(amount, balance.owned))


def _award(uow: UnitOfWork, award_id: int) -> Award:
    awarded = uow.ledger.award(award_id)
    if awarded is None:
        raise NotFound("transaction", award_id)
    return awarded


def _taking_back(
    uow: UnitOfWork, programme: Programme, awarded: Award, amount: int, balance: Balance, wish: Entry
) -> Entry:
    """What an award gave, on the way back to whoever funded it."""
    pending = min(amount, awarded.pending)
    expired = min(amount - pending, awarded.expired)
    missing = amount - pending - expired
    own = min(missing, awarded.available)
    others = uow.ledger.take(awarded.member_id, min(missing - own, balance.owned - own), but=awarded.lot_id)
    missing -= own + sum(part for _, part in others)
    written_off = missing if programme.refund_policy is RefundPolicy.CLAMP_TO_ZERO else 0
    member_id, funder_id = awarded.member_id, awarded.funder_id
    postings = (
        Posting(Account.PENDING, -pending, member_id=member_id),
        Posting(Account.EXPIRED, -expired, merchant_id=funder_id),
        Posting(Account.AVAILABLE, -(amount - pending - expired - written_off), member_id=member_id),
        Posting(Account.WRITTEN_OFF, -written_off),
        Posting(Account.ISSUED if funder_id is None else Account.FUNDING, amount, merchant_id=funder_id),
    )
    own_lot = (LotEntry(awarded.lot_id, member_id, -own, pending=-pending),) if own or pending else ()
    return replace(
        wish,
        postings=tuple(posting for posting in postings if posting.amount),
        lots=(*own_lot, *(LotEntry(lot.id, member_id, -part) for lot, part in others)),
        merchant_id=funder_id,
    )


def _giving_back(uow: UnitOfWork, programme: Programme, original: Transaction, wish: Entry) -> Entry:
    """What was spent, on the way back into its lots. What was spent on credit lay in none, and gets a new one if by now
    nothing is left to fill with it."""
    assert original.member_id is not None, "somebody has spent it"
    member_id, given = original.member_id, uow.ledger.given(original.id)
    on_credit = -original.amount - sum(part for _, part in given)
    fresh = expiry(wish.at, programme.lot_days, programme.zone)
    return replace(
        wish,
        postings=(
            Posting(Account.AVAILABLE, -original.amount, member_id=member_id),
            *(replace(posting, amount=-posting.amount) for posting in original.others),
        ),
        lots=(
            *((LotEntry(None, member_id, on_credit, expires_at=fresh),) if on_credit else ()),
            *(LotEntry(lot.id, member_id, part, expires_at=_grace(programme, lot, wish.at)) for lot, part in given),
        ),
    )


def _grace(programme: Programme, lot: Lot, at: datetime) -> datetime | None:
    """When points expire that come back into a lot whose own day has passed; None where it has not."""
    return at + timedelta(days=programme.lot_grace_days) if lot.expires_at <= at else None


def _hold_for(uow: UnitOfWork, hold_id: int, wanted: str) -> Hold:
    held = uow.ledger.hold(hold_id)
    if held is None:
        raise NotFound("hold", hold_id)
    if held.state not in ("held", wanted):
        raise HoldIsClosed(hold_id, held.state)
    return held


def _close(uow: UnitOfWork, held: Hold, state: str, entry: Entry) -> Recorded:
    recorded = uow.ledger.record(entry)
    closed = uow.ledger.close_hold(held.id, state, recorded.transaction_id)
    assert closed, "a hold is closed under its lock only"
    return recorded
