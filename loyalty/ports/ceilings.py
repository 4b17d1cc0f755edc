from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from loyalty.ceilings import Given, Review, ReviewState
from loyalty.earning import Span


class Ceilings(Protocol):
    """What shops have given, and the large sales that somebody should look at."""

    def given(self, member_id: int, merchant_id: int, today: Span, day: date) -> Given:
        """`day` is the one that `today` spans, in the club's zone. What was taken back makes room again."""

    def lock(self, merchant_id: int, day: date) -> None:
        """Nobody else gives points of this shop on this day until the unit ends."""

    def add(self, merchant_id: int, day: date, points: int) -> None:
        """So many more were given; with a minus, taken back."""

    def hold(self, purchase_id: int, points: int, at: datetime, releases_at: datetime) -> None:
        """Somebody should look at this purchase."""

    def decide(self, purchase_id: int, state: ReviewState, actor: str, at: datetime) -> bool:
        """False where it does not wait."""

    def review(self, purchase_id: int) -> Review | None: ...
    def waiting(self, *, before_id: int | None, limit: int) -> Sequence[Review]:
        """Those that nobody has decided about, the newest first."""
