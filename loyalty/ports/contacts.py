from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from loyalty.members import Topic
from loyalty.notifications import Choices, Consent, ShopChoice, Unasked


class Contacts(Protocol):
    def lock(self, member_id: int) -> None:
        """Until the end of the transaction nobody else changes what this member has chosen."""

    def choices(self, member_id: int) -> Choices: ...
    def choose(self, member_id: int, choices: Choices) -> None: ...
    def mute(self, member_id: int, merchant_id: int, at: datetime) -> bool:
        """False when the shop was muted already."""

    def unmute(self, member_id: int, merchant_id: int) -> bool: ...
    def is_muted(self, member_id: int, merchant_id: int) -> bool: ...
    def muted(self, member_id: int) -> int:
        """How many shops are."""

    def shops(self, member_id: int, after_id: int, limit: int) -> Sequence[ShopChoice]:
        """Shops that have written to the member or are muted, by id."""

    def agreed(self, member_id: int) -> Mapping[Topic, datetime]:
        """What a member says yes to, and since when."""

    def note(
        self,
        member_id: int,
        topic: Topic,
        given: bool,
        *,
        at: datetime,
        wording: str,
        place: str,
        merchant_id: int | None = None,
        is_confirmed: bool = True,
    ) -> int:
        """Logs what was said without changing any consent; answers the number of the line."""

    def last_said(self, member_id: int, topic: Topic) -> Consent | None:
        """The last line about a topic that is not about one shop alone."""

    def line(self, member_id: int, line_id: int) -> Consent | None: ...
    def log(self, member_id: int, before_id: int | None, limit: int) -> Sequence[Consent]:
        """Newest first."""

    def unasked(self, member_id: int, before_id: int | None, limit: int) -> Sequence[Unasked]:
        """Newest first."""

    def message(self, member_id: int, delivery_id: int) -> Unasked | None:
        """None when it is not one to this member."""
