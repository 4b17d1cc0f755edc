from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.offer_desk import Figures, ListedOffer, Target
from loyalty.offers import Offer, OfferKind


class OfferDesk(Protocol):
    """Offers as their shop sees them."""

    def page(self, merchant_id: int, at: datetime, *, after: tuple[int, int], limit: int) -> Sequence[ListedOffer]:
        """A shop's offers with their figures, removed ones left out: by how they stand, the newest first, after the
        one with this (rank, id)."""

    def figures(self, offer_id: int, at: datetime) -> Figures: ...
    def targets(
        self, merchant_id: int, kind: OfferKind, at: datetime, *, before_id: int, limit: int
    ) -> Sequence[Target]:
        """The shop's rewards or deals that an offer can lead to, the newest first, with an id below this one: they are
        published, not removed and not over."""

    def target(self, merchant_id: int, kind: OfferKind, target_id: int, at: datetime) -> Target | None:
        """One of `targets`; None if it is none."""

    def save(self, offer: Offer) -> None:
        """All that staff may change about it. Whoever saves has locked the row: its stock moves under that lock."""
