"""What the club's nouns are called."""

from __future__ import annotations

from locales.texts import Markup, Texts
from loyalty.members import Tier, Topic
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


def a_role(texts: Texts, value: str) -> Markup:
    """What somebody is, within a sentence."""
    match Role(value):
        case Role.OWNER:
            return texts("an owner")
        case Role.MARKETER:
            return texts("a marketer")
        case Role.CASHIER:
            return texts("a cashier")


def way_in(texts: Texts, shop: str, *roles: str) -> Markup:
    """The button to the console of a shop where one works: to its owner it is more than a counter."""
    return texts("My shop: {shop}", shop=shop) if Role.OWNER in roles else texts("{shop}: counter", shop=shop)


def topic(texts: Texts, topic: Topic) -> Markup:
    """What a member says yes to, within a sentence."""
    match topic:
        case Topic.OFFERS:
            return texts("offers")
        case Topic.BIRTHDAY:
            return texts("a birthday greeting")
        case Topic.GROUP_BUYS:
            return texts("group buys")
        case Topic.NEWS:
            return texts("news")
        case Topic.SURVEYS:
            return texts("short questions")


def topic_title(texts: Texts, topic: Topic) -> Markup:
    match topic:
        case Topic.OFFERS:
            return texts("Offers")
        case Topic.BIRTHDAY:
            return texts("Birthday greeting")
        case Topic.GROUP_BUYS:
            return texts("Group buys")
        case Topic.NEWS:
            return texts("News")
        case Topic.SURVEYS:
            return texts("Short questions")
