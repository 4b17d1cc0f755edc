from __future__ import annotations

from loyalty.errors import NotFound
from loyalty.fronts import ShopFronts, ShopPage
from loyalty.ports import Clock, Units, reads
from loyalty.programme import Programme

PAGE = 6
DEALS_MAX = 6


class FrontService:
    """The shops of the club, for everybody."""

    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def page(self, after_id: int = 0) -> ShopFronts:
        now = self._clock()
        with self._units() as uow:
            found = uow.fronts.page(now, after_id=after_id, limit=PAGE + 1)
            total = uow.fronts.total(now)
        return ShopFronts(
            shops=found[:PAGE],
            more_after=found[PAGE - 1].merchant.id if len(found) > PAGE else None,
            is_first_page=after_id == 0,
            total=total,
            currency=self._programme.currency,
        )

    @reads
    def shop(self, merchant_id: int) -> ShopPage:
        """Raises NotFound, also for one where nothing can be earned or had (any more)."""
        now = self._clock()
        with self._units() as uow:
            front = uow.fronts.get(merchant_id, now)
            if front is None:
                raise NotFound("shop", merchant_id)
            deals = uow.fronts.deals(merchant_id, now, limit=DEALS_MAX)
        return ShopPage(front, deals, self._programme.currency)
