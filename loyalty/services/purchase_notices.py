"""What people hear of purchases. Rows of the outbox, for the commit of the use case that they belong to."""

from __future__ import annotations

from typing import Any

from loyalty.deliveries import Notice
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import AwardRole, Purchase, PurchaseAward
from loyalty.services import earning
from loyalty.services.earning import RecordedPurchase
from loyalty.services.refunds import RefundedPurchase

BUYERS = (AwardRole.BUYER, AwardRole.FIRST, AwardRole.BIRTHDAY)


def recorded(
    uow: UnitOfWork, programme: Programme, recorded: RecordedPurchase, *, is_told_anyway: bool = False
) -> list[Notice]:
    """To the buyer, and to who gets a commission. `is_told_anyway`: the buyer hears of a purchase without points."""
    purchase = recorded.purchase
    notices = []
    if recorded.points(*BUYERS) or is_told_anyway:
        told = {
            **facts(uow, purchase, purchase.wish.amount_minor),
            "points": recorded.points(*BUYERS),
            "earned": purchase.earned.points,
            "cuts": [[cut.cap.value, cut.points] for cut in purchase.earned.cuts],
            "welcome": recorded.points(AwardRole.REFEREE),
            "releases_at": recorded.releases_at.isoformat() if recorded.releases_at else None,
        }
        notices.append(Notice(purchase.wish.member_id, "purchase", f"purchase:{purchase.id}", told))
    for award in recorded.awards:
        if award.role is AwardRole.COMMISSION:
            releases_at = earning.commission_releases_at(programme, purchase).isoformat()
            told = {"points": award.points, "releases_at": releases_at}
            notices.append(Notice(award.member_id, "commission", f"commission:{purchase.id}:{award.level}", told))
    return notices


def refunded(uow: UnitOfWork, refunded: RefundedPurchase) -> list[Notice]:
    """To the buyer, if points went back."""
    purchase, refund = refunded.purchase, refunded.refund
    if not refunded.taken_from(purchase.wish.member_id):
        return []
    cause = f"refunded:{purchase.id}:{refund.refunded_minor}"
    return [Notice(purchase.wish.member_id, "refunded", cause, _taken(uow, refunded))]


def undone(uow: UnitOfWork, refunded: RefundedPurchase) -> list[Notice]:
    """To the buyer: they were told of the purchase, too."""
    buyer_id = refunded.purchase.wish.member_id
    cause = f"purchase_undone:{refunded.purchase.id}"
    return [Notice(buyer_id, "purchase_undone", cause, _taken(uow, refunded))]


def taken_back(purchase: Purchase, award: PurchaseAward) -> list[Notice]:
    """To who was told of a commission, or of a friend's first purchase, that came of a mistake."""
    kind = "commission_undone" if award.role is AwardRole.COMMISSION else "referral_undone"
    return [Notice(award.member_id, kind, f"{kind}:{purchase.id}:{award.level}", {"points": award.points})]


def facts(uow: UnitOfWork, purchase: Purchase, amount_minor: int) -> dict[str, Any]:
    merchant = uow.merchants.get(purchase.wish.merchant_id)
    assert merchant is not None, "a purchase is made at one"
    return {
        "merchant": merchant.name,
        "merchant_translations": {
            language: {"name": words["name"]} for language, words in merchant.translations.items() if "name" in words
        },
        "minor": amount_minor,
        "currency": purchase.wish.currency,
    }


def _taken(uow: UnitOfWork, refunded: RefundedPurchase) -> dict[str, Any]:
    buyer_id = refunded.purchase.wish.member_id
    return {
        **facts(uow, refunded.purchase, refunded.refund.amount_minor),
        "points": refunded.taken_from(buyer_id),
        "available": uow.ledger.balance(buyer_id).available,
    }
