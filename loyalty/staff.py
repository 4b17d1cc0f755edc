"""The people who work at a shop, and the invitations by which they come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from loyalty.codes import ALPHABET, VOUCHER_LENGTH, as_typed
from loyalty.errors import InviteRefused
from loyalty.merchants import RIGHTS, Post, Role, Translations, said_in


class StaffEvent(StrEnum):
    APPOINTED = "appointed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class NewInvite:
    """`key` makes one wish for an invitation open one; `actor` is who wished, as in the ledger."""

    key: str
    code: str
    merchant_id: int
    role: Role
    actor: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invite:
    """A way onto the staff that opens once: whoever follows it first and says yes is appointed."""

    id: int
    code: str
    merchant_id: int
    merchant: str
    role: Role
    actor: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    used_by: int | None = None
    revoked_at: datetime | None = None
    translations: Translations = field(default_factory=dict)

    def shop(self, language: str) -> str:
        """The shop's name in a language."""
        return said_in(language, self.translations, "name", self.merchant)

    def check_open(self, now: datetime) -> None:
        """Raises InviteRefused unless somebody may still follow it."""
        if self.used_at is not None:
            raise InviteRefused("used")
        if self.revoked_at is not None:
            raise InviteRefused("withdrawn")
        if now >= self.expires_at:
            raise InviteRefused("expired")

    def adds_nothing_to(self, posts: list[Post]) -> Post | None:
        """The post at this shop that brings every right of the invitation already; None where it brings more."""
        here = [post for post in posts if post.merchant_id == self.merchant_id]
        enough = [post for post in here if RIGHTS[self.role] <= RIGHTS[post.role]]
        return min(enough, key=lambda post: post.role is not self.role, default=None)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One role of somebody at a shop. Of the person, colleagues see the first name."""

    merchant_id: int
    member_id: int
    first_name: str
    role: Role
    since: datetime


def invite_code_in(given: str) -> str:
    """The code of an invitation as it came with a link. Raises InviteRefused for what is none."""
    code = as_typed(given)
    if len(code) != VOUCHER_LENGTH or not set(code) <= set(ALPHABET):
        raise InviteRefused("unknown")
    return code


def second_of(at: datetime) -> int:
    """An instant as a button carries it, to the second: a button ends the post that it was made for, no later one."""
    return int(at.timestamp())
