from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from loyalty.contact_policy import ContactHours
from loyalty.members import Tier
from loyalty.offers import Candidate, NewOffer, Offer, Round, Shopper


class Offers(Protocol):
    def add(self, offer: NewOffer) -> int:
        """Stores it, once per slug: one that is there stays as it is. Answers its id."""

    def get(self, offer_id: int) -> Offer | None: ...
    def running(self, at: datetime, *, limit: int) -> Sequence[Candidate]:
        """Offers within their window, the newest first; none that nobody can have now, nor for a reward or a deal of
        which that is so."""

    def open_round(self, timezone: str, day: date, at: datetime) -> Round:
        """The round of a zone's day, begun `at` if it is new; nobody else has it until the unit ends."""

    def due(
        self, turns: Round, hours: ContactHours, *, limit: int
    ) -> tuple[Sequence[tuple[int, Tier, int]], Round, int]:
        """Id, tier and available points of the next members whose turn it is, at most `limit`: reachable, in the zone,
        agreed to offers, without a turn for the day or another message of the topic on it. With them the round after
        them, and how many had to be looked at: 0 when the round is over."""

    def keep_round(self, turns: Round) -> None: ...
    def shoppers(
        self, members: Sequence[tuple[int, Tier, int]], *, visited_since: datetime, offered_since: date
    ) -> Sequence[Shopper]:
        """What is known of these members, in one query for all of them."""

    def take_turns(self, day: date, keys: Mapping[int, str | None]) -> frozenset[int]:
        """Notes that members had their turn for a day, with what they were offered (None: nothing fitted). Answers
        those whose turn was not taken before."""

    def forget_turns(self, before: date) -> None: ...
