from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from loyalty.contact_policy import ContactHours
from loyalty.members import Tier
from loyalty.offers import Candidate, NewOffer, Shopper


class Offers(Protocol):
    def add(self, offer: NewOffer) -> int:
        """Stores it, once per slug: one that is there stays as it is. Answers its id."""

    def running(self, at: datetime, *, limit: int) -> Sequence[Candidate]:
        """Announcements within their window, the newest first; none for a reward that cannot be had now."""

    def due(self, timezone: str, hours: ContactHours, *, limit: int) -> Sequence[tuple[int, Tier, int]]:
        """Id, tier and available points of reachable members of a zone who agreed to offers and had no turn for the
        day nor any other message of that topic on it, by id, at most `limit`."""

    def shoppers(
        self, members: Sequence[tuple[int, Tier, int]], *, visited_since: datetime, offered_since: date
    ) -> Sequence[Shopper]:
        """What is known of these members, in one query for all of them."""

    def take_turns(self, day: date, keys: Mapping[int, str | None]) -> frozenset[int]:
        """Notes that members had their turn for a day, with what they were offered (None: nothing fitted). Answers
        those whose turn was not taken before."""

    def forget_turns(self, before: date) -> None: ...
    def facts_of(self, delivery_id: int, member_id: int) -> Mapping[str, Any] | None:
        """The facts of an offer that was sent to this member."""
