"""Steps of a purchase with all that follows: points, what people hear of it, the tier.

They take the unit of work of the use case, and never commit.
"""

from __future__ import annotations

from datetime import datetime

from loyalty.birthdays import LunarDays
from loyalty.ports import UnitOfWork
from loyalty.programme import Programme
from loyalty.purchases import NewPurchase
from loyalty.services import earning, purchase_notices, refunds, tiers
from loyalty.services.earning import RecordedPurchase
from loyalty.services.refunds import RefundedPurchase


def book(
    uow: UnitOfWork,
    programme: Programme,
    wish: NewPurchase,
    *,
    actor: str,
    at: datetime,
    lunar_days: LunarDays | None = None,
    is_told_anyway: bool = False,
) -> RecordedPurchase:
    """Records a purchase; the buyer and who gets a commission hear of it, and a tier that the buyer has reached counts
    from the next one on. A replay changes nothing. `is_told_anyway`: also of one without points.

    Raises as `earning.record`.
    """
    recorded = earning.record(uow, programme, wish, actor=actor, at=at, lunar_days=lunar_days)
    if not recorded.is_replay:
        uow.outbox.add(purchase_notices.recorded(uow, programme, recorded, is_told_anyway=is_told_anyway), at)
        if not recorded.is_held:
            tiers.promote_if_reached(uow, programme, recorded.purchase, at)
    return recorded


def refund(
    uow: UnitOfWork, programme: Programme, purchase_id: int, amount_minor: int, *, key: str, actor: str, at: datetime
) -> RefundedPurchase:
    """Refunds so much of a purchase, and the buyer hears of points that go back. Raises as `refunds.refund`."""
    refunded = refunds.refund(uow, programme, purchase_id, amount_minor, key=key, actor=actor, at=at)
    if not refunded.is_replay:
        uow.outbox.add(purchase_notices.refunded(uow, refunded), at)
    return refunded
