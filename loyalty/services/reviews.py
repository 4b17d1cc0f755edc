"""Unusually large sales: their points are pending for some days, in which the operator may let them through or refuse
the sale. Who is an operator is decided before a use case is called."""

from __future__ import annotations

from dataclasses import dataclass

from loyalty.ceilings import Review, ReviewState
from loyalty.errors import NotFound, ReviewOver
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.purchases import AwardRole
from loyalty.services import ledger, refunds, tiers, undoing

PAGE = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page of sales that wait, newest first."""

    reviews: tuple[Review, ...]
    older_than: int | None
    is_first_page: bool


class ReviewService:
    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def page(self, before_id: int | None = None) -> Waiting:
        with self._units() as uow:
            found = uow.ceilings.waiting(before_id=before_id, limit=PAGE + 1)
        older_than = found[PAGE - 1].purchase_id if len(found) > PAGE else None
        return Waiting(tuple(found[:PAGE]), older_than, before_id is None)

    @reads
    def card(self, purchase_id: int) -> Review:
        """Raises NotFound."""
        with self._units() as uow:
            return _review(uow, purchase_id)

    def release(self, purchase_id: int, *, actor: str) -> Review:
        """The points are the buyer's now, and so are the tier and the referral that came with them; once.

        A commission keeps its own time. Raises NotFound, ReviewOver where it was decided otherwise.
        """
        now = self._clock()
        with self._units() as uow:
            if self._decide(uow, purchase_id, ReviewState.RELEASED, actor):
                for award in uow.purchases.awards(purchase_id):
                    if award.role is not AwardRole.COMMISSION:
                        ledger.confirm(uow, award.transaction_id, actor=actor, at=now)
                tiers.promote_if_reached(uow, self._programme, refunds.existing(uow, purchase_id), now)
                uow.commit()
            return _review(uow, purchase_id)

    def refuse(self, purchase_id: int, *, actor: str) -> Review:
        """The sale is as if it had never been, see `undoing`; once. Raises NotFound, ReviewOver."""
        now = self._clock()
        with self._units() as uow:
            if self._decide(uow, purchase_id, ReviewState.REFUSED, actor):
                purchase = refunds.existing(uow, purchase_id)
                if purchase.left_minor:
                    key = undoing.key_of("refuse", purchase_id)
                    undoing.as_if_never(uow, self._programme, purchase, key=key, actor=actor, at=now)
                uow.commit()
            return _review(uow, purchase_id)

    def _decide(self, uow: UnitOfWork, purchase_id: int, state: ReviewState, actor: str) -> bool:
        """Whether it is decided now; False: it was, the same way."""
        _review(uow, purchase_id)
        undoing.locked(uow, purchase_id)
        if uow.ceilings.decide(purchase_id, state, actor, self._clock()):
            return True
        stands = _review(uow, purchase_id).state
        if stands is not state:
            raise ReviewOver(purchase_id, stands.value)
        return False


def _review(uow: UnitOfWork, purchase_id: int) -> Review:
    review = uow.ceilings.review(purchase_id)
    if review is None:
        raise NotFound("review", purchase_id)
    return review
