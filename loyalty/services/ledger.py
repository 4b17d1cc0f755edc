"""Steps that move points. They take the unit of work of the use case that they are part of, and never commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from loyalty.errors import HoldIsClosed, NotEnoughPoints, NotFound
from loyalty.points import (
    Account,
    Entry,
    Hold,
    Kind,
    Lot,
    LotEntry,
    Posting,
    Recorded,
    expiry,
    take,
    valid_amount,
)
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme


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
) -> Recorded:
    """Gives points in a lot of their own, paid for by the club or by the merchant `funder_id`."""
    amount = valid_amount(points)
    source = Account.FUNDING if funder_id is not None else Account.ISSUED
    return uow.ledger.record(
        Entry(
            kind=kind,
            key=key,
            cause=cause,
            actor=actor,
            at=at,
            postings=(
                Posting(Account.AVAILABLE, amount, member_id=member_id),
                Posting(source, -amount, merchant_id=funder_id),
            ),
            lots=(LotEntry(None, available=amount, expires_at=expiry(at, programme.lot_days, programme.zone)),),
            merchant_id=funder_id,
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
    """Takes points out of the soonest-expiring lots. Raises NotEnoughPoints; a replay takes nothing."""
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
    return _debit(uow, member_id, amount, entry, held=False)


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
    """Sets points aside until they are captured or released. A replay answers with the first hold."""
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
    recorded = _debit(uow, member_id, amount, entry, held=True)
    if not recorded.is_replay:
        return uow.ledger.open_hold(member_id, amount, cause, recorded.transaction_id)
    first = uow.ledger.hold_of(recorded.transaction_id)
    if first is None:
        raise NotFound("hold", recorded.transaction_id)
    return first


def capture(uow: UnitOfWork, hold_id: int, *, actor: str, at: datetime, merchant_id: int | None = None) -> Recorded:
    """The held points are spent. Raises HoldIsClosed when the hold was released."""
    held = _open_hold(uow, hold_id, "captured")
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
        lots=tuple(LotEntry(lot.lot_id, held=-lot.held) for lot in uow.ledger.hold_lots(hold_id)),
        merchant_id=merchant_id,
    )
    return _close(uow, held, "captured", entry)


def release(uow: UnitOfWork, programme: Programme, hold_id: int, *, actor: str, at: datetime) -> Recorded:
    """The held points are free again, in their lots; a lot that expired meanwhile gets a grace."""
    held = _open_hold(uow, hold_id, "released")
    grace = at + timedelta(days=programme.lot_grace_days)
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
            LotEntry(
                lot.lot_id,
                available=lot.held,
                held=-lot.held,
                expires_at=grace if lot.expires_at is not None and lot.expires_at <= at else None,
            )
            for lot in uow.ledger.hold_lots(hold_id)
        ),
    )
    return _close(uow, held, "released", entry)


def expire(uow: UnitOfWork, lot: Lot, *, at: datetime) -> Recorded:
    """Closes what is free of one lot, and of that lot only."""
    return uow.ledger.record(
        Entry(
            kind=Kind.EXPIRE,
            key=f"expire:{lot.id}:{lot.expires_at:%Y%m%dT%H%M}",
            cause=f"lot:{lot.id}",
            actor="club",
            at=at,
            postings=(
                Posting(Account.AVAILABLE, -lot.available, member_id=lot.member_id),
                Posting(Account.EXPIRED, lot.available, merchant_id=lot.funder_id),
            ),
            lots=(LotEntry(lot.id, available=-lot.available),),
        )
    )


def _debit(uow: UnitOfWork, member_id: int, amount: int, entry: Entry, *, held: bool) -> Recorded:
    """Records a debit out of the member's lots. The lock comes first: two taps at once then see each other's key."""
    available = uow.ledger.lock(member_id).available
    if (first := uow.ledger.replay(entry)) is not None:
        return first
    if available < amount:
        raise NotEnoughPoints(needed=amount, available=available)
    parts = take(uow.ledger.spendable(member_id), amount)
    lots = tuple(LotEntry(lot.id, available=-part, held=part if held else 0) for lot, part in parts)
    return uow.ledger.record(replace(entry, lots=lots))


def _open_hold(uow: UnitOfWork, hold_id: int, wanted: str) -> Hold:
    held = uow.ledger.hold(hold_id)
    if held is None:
        raise NotFound("hold", hold_id)
    if held.state not in ("held", wanted):
        raise HoldIsClosed(hold_id, held.state)
    return held


def _close(uow: UnitOfWork, held: Hold, state: str, entry: Entry) -> Recorded:
    recorded = uow.ledger.record(entry)
    if not recorded.is_replay and not uow.ledger.close_hold(held.id, state, recorded.transaction_id):
        raise HoldIsClosed(held.id, state)
    return recorded
