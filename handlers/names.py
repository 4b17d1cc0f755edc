"""What the club's nouns are called."""

from __future__ import annotations

from locales.texts import Markup, Texts
from loyalty.members import Tier
from loyalty.merchants import Role


def tier(texts: Texts, value: str) -> Markup:
    match Tier(value):
        case Tier.GOLD:
            return texts("Gold")
        case Tier.SILVER:
            return texts("Silver")
        case Tier.MEMBER:
            return texts("Member")


def tier_medal(value: str) -> str:
    return {Tier.GOLD: "🥇", Tier.SILVER: "🥈", Tier.MEMBER: "🌱"}[Tier(value)]


def role(texts: Texts, value: str) -> Markup:
    match Role(value):
        case Role.OWNER:
            return texts("Owner")
        case Role.MARKETER:
            return texts("Marketer")
        case Role.CASHIER:
            return texts("Cashier")
