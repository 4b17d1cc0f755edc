from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.earning import Earned, Span
from loyalty.purchases import NewPurchase, Purchase, PurchaseAward, PurchaseRefund, Sold, Standing


class Purchases(Protocol):
    def add(
        self, wish: NewPurchase, earned: Earned, *, booked_by: str = "", booked_at: datetime | None = None
    ) -> Purchase | None:
        """None when its key or its receipt is there already."""

    def get(self, purchase_id: int) -> Purchase | None: ...
    def by_key(self, key: str) -> Purchase | None: ...
    def by_receipt(self, merchant_id: int, receipt: str, day: Span | None = None) -> Purchase | None:
        """The latest one with this receipt of the merchant's; of a `day`, where its numbers begin again each day."""

    def with_receipt(self, merchant_id: int, receipt: str, limit: int) -> Sequence[Sold]:
        """Those of all days that have this receipt of the merchant's, newest first."""

    def latest(self, member_ids: Sequence[int], merchant_id: int) -> Mapping[int, datetime]:
        """When each of these members bought at a merchant last; who never did is left out."""

    def amounts(self, merchant_id: int, since: datetime, limit: int) -> Sequence[int]:
        """What the latest purchases at a merchant since then came to, undone ones left out."""

    def add_award(self, purchase_id: int, award: PurchaseAward) -> None: ...
    def awards(self, purchase_id: int) -> Sequence[PurchaseAward]:
        """In the order in which they were given."""

    def earned(self, member_id: int, merchant_id: int, day: Span, month: Span) -> tuple[int, int]:
        """What a member's purchases at a merchant have earned by its rule in a day and in the month that the day lies
        in, without what refunds took back."""

    def standing(self, key: str) -> Standing:
        """Whether there is a transaction with this key, and whether it was a purchase's that was undone."""

    def refund(self, refund: PurchaseRefund, actor: str) -> None: ...
    def refund_by_key(self, key: str) -> PurchaseRefund | None: ...
    def undo(self, purchase_id: int, at: datetime) -> None:
        """Marks it as undone. Its receipt is free again, and kept aside."""

    def keep_grace(self, purchase_id: int, grace_until: datetime) -> None:
        """Notes when the buyer's tier would have ended, had the purchase not kept it."""

    def sold(self, purchase_id: int) -> Sold | None: ...
    def recent(self, merchant_id: int, *, before_id: int | None, limit: int) -> Sequence[Sold]:
        """A merchant's purchases, newest first."""
