"""Merchants of the coalition and their staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from loyalty.errors import InvalidName
from loyalty.names import one_line

NAME_MAX = 64

# What a merchant wrote about something, per language: {"zh-Hans": {"name": ..., "description": ...}}
Translations = Mapping[str, Mapping[str, str]]


class Role(StrEnum):
    OWNER = "owner"
    MARKETER = "marketer"
    CASHIER = "cashier"


class Right(StrEnum):
    """What staff may do for their shop. A role has the rights that `RIGHTS` names, and no others."""

    SELL = "sell"  # the till: purchases, refunds, vouchers
    REWARDS = "rewards"
    DEALS = "deals"  # group buys
    OFFERS = "offers"
    BROADCAST = "broadcast"
    RULES = "rules"  # how purchases earn
    STAFF = "staff_list"  # who works here
    STATEMENT = "statement"


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MARKETER: frozenset({Right.REWARDS, Right.DEALS, Right.OFFERS, Right.BROADCAST}),
    Role.CASHIER: frozenset({Right.SELL}),
}


@dataclass(frozen=True, slots=True)
class Merchant:
    """Orphaned: nobody who owns it can be reached. Then it sells nothing new, and what it owes stays good."""

    id: int
    name: str
    translations: Translations = field(default_factory=dict)
    is_orphaned: bool = False

    def shop(self, language: str) -> str:
        """The merchant's name in a language."""
        return said_in(language, self.translations, "name", self.name)


@dataclass(frozen=True, slots=True)
class Post:
    """A member's role at a merchant."""

    merchant_id: int
    merchant: str
    role: Role
    translations: Translations = field(default_factory=dict)

    def shop(self, language: str) -> str:
        """The merchant's name in a language."""
        return said_in(language, self.translations, "name", self.merchant)


def with_right(posts: Sequence[Post], right: Right) -> list[Post]:
    """Those of the posts that bring a right."""
    return [post for post in posts if right in RIGHTS[post.role]]


def may(posts: Sequence[Post], right: Right, merchant_id: int | None = None) -> bool:
    """Whether somebody with these posts has a right at a shop; without one named, at any."""
    return any(merchant_id in (None, post.merchant_id) for post in with_right(posts, right))


def shop_at(posts: Sequence[Post], merchant_id: int) -> Merchant:
    """The shop at which somebody has one of these posts."""
    post = next(post for post in posts if post.merchant_id == merchant_id)
    return Merchant(post.merchant_id, post.merchant, post.translations)


def said_in(language: str, translations: Translations, field_name: str, default: str) -> str:
    """The merchant's own words in a language, or in the one they were first written in."""
    return translations.get(language, {}).get(field_name, default)


def clean_merchant_name(given: str) -> str:
    """A shop's name as typed, cleaned. Raises InvalidName when nothing of it is seen, or it is too long."""
    name = one_line(given)
    if not name or len(name) > NAME_MAX:
        raise InvalidName(NAME_MAX)
    return name
