from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.claims import Claim
from loyalty.members import Tier


class Claims(Protocol):
    """Codes for member numbers, and what becomes of two members who are one."""

    def add(self, code: str, member_id: int, at: datetime, expires_at: datetime) -> None: ...
    def open_of(self, member_id: int, at: datetime) -> Claim | None:
        """The newest code of a member that is neither used nor expired."""

    def get(self, code: str) -> Claim | None:
        """And nobody else uses it until the unit ends."""

    def use(self, code: str, member_id: int, at: datetime) -> None: ...
    def waiting(self, after_id: int, limit: int) -> Sequence[tuple[int, str]]:
        """Members with a number who are in no chat yet, by id: the id and the number."""

    def has_history(self, member_id: int) -> bool:
        """Whether the member has done anything here: earned, bought, redeemed, invited, worked."""

    def move_addresses(self, from_id: int, to_id: int, at: datetime) -> None: ...
    def settle_in(self, newcomer_id: int, member_id: int) -> None:
        """What a newcomer without history said in chat becomes what the member says: language and zone; birthday,
        phone and card where the member has none; consents, and what was chosen about messages."""

    def fill_gaps(self, from_id: int, to_id: int) -> None:
        """Birthday and phone of the one, where the other has none."""

    def raise_tier(self, member_id: int, before: Tier, after: Tier, kept_until: datetime, at: datetime) -> None: ...
