from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loyalty.merchants import Merchant, Role
from loyalty.staff import Colleague, Invite, NewInvite, StaffEvent


class Staff(Protocol):
    def team(self, merchant_id: int, after_id: int, limit: int) -> Sequence[Colleague]:
        """The roles of at most `limit` people with ids above `after_id`, by person, owners' roles first."""

    def roles_of(self, merchant_id: int, member_id: int) -> Sequence[Colleague]: ...
    def owners(self, merchant_id: int) -> Sequence[int]:
        """The members who own a shop, by id."""

    def sellers(self, merchant_id: int) -> int:
        """How many people may stand at the till of a shop."""

    def dismiss(self, merchant_id: int, member_id: int, role: Role) -> bool:
        """False when the member had no such role there."""

    def log(self, merchant_id: int, member_id: int, role: Role, event: StaffEvent, actor: str, at: datetime) -> int:
        """Keeps for good who came or went, by whom; answers with the number of the entry."""

    def orphaned(self, at: datetime, merchant_id: int | None = None) -> Sequence[Merchant]:
        """Marks the shops that had an owner and have none now who can be reached, all of them or one; those that were
        marked just now."""

    def adopted(self, merchant_id: int | None = None) -> int:
        """Takes the mark from those that have one again; how many."""

    def invite(self, invite: NewInvite) -> Invite:
        """Opens it, or answers with the one that its key opened before."""

    def get_invite(self, invite_id: int) -> Invite | None: ...
    def invite_by_code(self, code: str) -> Invite | None: ...
    def open_invites(self, merchant_id: int, at: datetime, *, before_id: int | None, limit: int) -> Sequence[Invite]:
        """Those that somebody may still follow, newest first."""

    def use(self, invite_id: int, member_id: int, at: datetime) -> bool:
        """False when it is not open (any more): of many at once, one gets it."""

    def withdraw(self, invite_id: int, at: datetime) -> bool:
        """False when it was used or withdrawn before."""

    def withdraw_of(self, merchant_id: int, actor: str, at: datetime) -> None:
        """All that somebody has open at a shop."""
