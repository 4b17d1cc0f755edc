"""The step that makes a purchase as if it had never been: somebody at a till had mistyped. It takes the unit of work of
the use case, and never commits."""

from __future__ import annotations

from datetime import datetime, timedelta

from loyalty.errors import PurchaseRefundTooLarge, UndoRefused
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import AwardRole, Channel, Purchase
from loyalty.services import ledger, refunds
from loyalty.services.refunds import RefundedPurchase


def undo(uow: UnitOfWork, programme: Programme, purchase_id: int, *, actor: str, at: datetime) -> RefundedPurchase:
    """Takes back all that a purchase gave, once, within the minutes of the programme since it was booked at a till.

    Unlike a refund it costs nobody what is given once: the right purchase may have the same receipt, and it earns the
    bonuses and the referral's rewards anew. Raises NotFound, UndoRefused, PurchaseRefundTooLarge where all of it was
    refunded already.
    """
    purchase, key = _locked(uow, purchase_id), f"undo:{purchase_id}"
    first = uow.purchases.refund_by_key(key)
    if first is not None:
        return RefundedPurchase(purchase, first, is_replay=True)
    if not can_undo(programme, purchase, at):
        raise UndoRefused(programme.till_undo_minutes)
    if purchase.left_minor == 0:
        raise PurchaseRefundTooLarge(purchase_id, purchase.wish.amount_minor, 0, purchase.wish.currency)
    undone = refunds.refund(uow, programme, purchase_id, purchase.left_minor, key=key, actor=actor, at=at)
    uow.purchases.undo(purchase_id, at)
    # The referral waits again, and whoever brought the buyer is rewarded for the right purchase.
    if any(award.role is AwardRole.REFEREE for award in uow.purchases.awards(purchase_id)):
        uow.referrals.reopen(purchase.wish.member_id)
    return undone


def can_undo(programme: Programme, purchase: Purchase, at: datetime) -> bool:
    """Whether it was booked at a till, so few minutes ago."""
    if purchase.wish.channel is not Channel.TILL or purchase.booked_at is None:
        return False
    return at < purchase.booked_at + timedelta(minutes=programme.till_undo_minutes)


def _locked(uow: UnitOfWork, purchase_id: int) -> Purchase:
    awards = uow.purchases.awards(purchase_id)
    buyer_id = refunds.existing(uow, purchase_id).wish.member_id
    ledger.lock_all(uow, (buyer_id, *(award.member_id for award in awards)))
    return refunds.existing(uow, purchase_id)  # again, because others may have been faster
