from __future__ import annotations

from datetime import datetime
from typing import Protocol

from loyalty.offers import Candidate, Offer


class OfferClaims(Protocol):
    """One offer, and who has how many of it."""

    def look(self, offer_id: int) -> tuple[Offer, Candidate] | None:
        """The offer, and what there is to say of it with what it leads to."""

    def lock(self, offer_id: int) -> Offer | None:
        """The offer, and nobody else takes one of it until the unit ends."""

    def take(self, offer_id: int, member_id: int, most: int | None, at: datetime) -> bool:
        """One less in stock, one more for a member who may have `most` of it (None: as many as they like). False when
        none is left, or the member has had all: then the unit ends without a commit."""

    def give_back(self, offer_id: int, member_id: int) -> None:
        """One more in stock, where it is counted, and one less for the member."""

    def had(self, offer_id: int, member_id: int) -> int | None:
        """How many of it a member has had; None if they have never looked at it either."""

    def see(self, offer_id: int, member_id: int, at: datetime) -> None:
        """A member has looked at it; it counts once."""
