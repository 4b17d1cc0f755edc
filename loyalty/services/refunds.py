"""The step that takes back what a purchase gave. It takes the unit of work of the use case, and never commits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.errors import KeyReused, NotFound, PurchaseRefundTooLarge
from loyalty.points import Award, RefundPolicy
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import FUNDED, Channel, Purchase, PurchaseAward, PurchaseRefund, TakenBack, valid_amount_minor
from loyalty.services import ledger


@dataclass(frozen=True, slots=True)
class RefundedPurchase:
    """What a refund took back from whom. `is_replay`: it was refunded already; nothing was taken again."""

    purchase: Purchase
    refund: PurchaseRefund
    is_replay: bool

    def taken_from(self, member_id: int) -> int:
        return sum(one.points for one in self.refund.taken if one.member_id == member_id)


def refund(
    uow: UnitOfWork,
    programme: Programme,
    purchase_id: int,
    amount_minor: int,
    *,
    key: str,
    actor: str,
    at: datetime,
) -> RefundedPurchase:
    """Takes back what so much of a purchase has given, from everybody who got of it, once per key.

    The buyer's points and commissions go back by their share, see `loyalty.earning.refundable`; bonuses and referral
    rewards when nothing of the purchase is left. Raises InvalidPurchase, NotFound, KeyReused, PurchaseRefundTooLarge.
    """
    valid_amount_minor(amount_minor)
    awards = uow.purchases.awards(purchase_id)
    buyer_id = existing(uow, purchase_id).wish.member_id
    ledger.lock_all(uow, (buyer_id, *(award.member_id for award in awards)))
    purchase = existing(uow, purchase_id)  # again, because others may have refunded of it meanwhile
    first = uow.purchases.refund_by_key(key)
    if first is not None:
        if (first.purchase_id, first.amount_minor) != (purchase_id, amount_minor):
            raise KeyReused(key)
        return RefundedPurchase(purchase, first, is_replay=True)
    if amount_minor > purchase.left_minor:
        raise PurchaseRefundTooLarge(purchase_id, amount_minor, purchase.left_minor, purchase.wish.currency)
    refunded = purchase.refunded_minor + amount_minor
    taken, given_back = [], 0
    for award in awards:
        due, points = _take_back(uow, programme, purchase, award, refunded, actor, at)
        if award.role in FUNDED:
            given_back += due
        if points:
            taken.append(TakenBack(award.member_id, award.role, points, award.level))
    is_counted = purchase.wish.channel is not Channel.IMPORT
    if given_back and is_counted and purchase.booked_at is not None:  # below the shop's ceilings there is room again
        day = purchase.booked_at.astimezone(programme.zone).date()
        uow.ceilings.add(purchase.wish.merchant_id, day, -given_back)
    done = PurchaseRefund(key, purchase_id, amount_minor, refunded, at, tuple(taken))
    uow.purchases.refund(done, actor)
    return RefundedPurchase(replace(purchase, refunded_minor=refunded), done, is_replay=False)


def due_from(uow: UnitOfWork, programme: Programme, purchase: Purchase, amount_minor: int, member_id: int) -> int:
    """What a refund of so much would really take from a member now: what of it has expired costs nothing, and what was
    spent follows the programme's policy, as `ledger.refund` has it."""
    refunded, taken = purchase.refunded_minor + amount_minor, 0
    is_clamped = programme.refund_policy is RefundPolicy.CLAMP_TO_ZERO
    owned = uow.ledger.balance(member_id).owned if is_clamped else 0
    for award in uow.purchases.awards(purchase.id):
        if award.member_id == member_id:
            stands = _stands(uow, award)
            due = _due(stands, purchase, award, refunded)
            pending = min(due, stands.pending)
            missing = due - pending - min(due - pending, stands.expired)
            free = min(missing, owned) if is_clamped else missing
            owned -= free
            taken += pending + free
    return taken


def existing(uow: UnitOfWork, purchase_id: int) -> Purchase:
    """Raises NotFound."""
    purchase = uow.purchases.get(purchase_id)
    if purchase is None:
        raise NotFound("purchase", purchase_id)
    return purchase


def _take_back(
    uow: UnitOfWork,
    programme: Programme,
    purchase: Purchase,
    award: PurchaseAward,
    refunded_minor: int,
    actor: str,
    at: datetime,
) -> tuple[int, int]:
    """Takes back what is due of one award by now; answers how many points that is, and how many of them the member
    really gave: less where some had expired, or were spent and the club bears it."""
    stands = _stands(uow, award)
    points = _due(stands, purchase, award, refunded_minor)
    if not points:
        return 0, 0
    recorded = ledger.refund(
        uow,
        programme,
        award.transaction_id,
        points,
        key=f"refund:{purchase.id}:{refunded_minor}:{award.transaction_id}",
        cause=stands.cause,
        actor=actor,
        at=at,
    )
    moved = uow.ledger.transaction(recorded.transaction_id)
    assert moved is not None, "it was recorded a moment ago"
    return points, -moved.amount


def _due(stands: Award, purchase: Purchase, award: PurchaseAward, refunded_minor: int) -> int:
    """Points still to be taken back of an award once so much is refunded. Less where the club took some by hand."""
    return max(0, min(award.due(purchase.wish.amount_minor, refunded_minor) - stands.refunded, stands.left))


def _stands(uow: UnitOfWork, award: PurchaseAward) -> Award:
    stands = uow.ledger.award(award.transaction_id)
    assert stands is not None, "an award is never removed"
    return stands
