"""Why points moved, in words."""

from __future__ import annotations

from locales.texts import Markup, Texts
from loyalty.merchants import said_in
from loyalty.movements import Movement, Subject
from loyalty.points import Kind


def because(texts: Texts, movement: Movement) -> Markup:
    """One line for a movement."""
    noun, _, rest = movement.cause.partition(":")
    title, shop = named(texts, movement.subject), named(texts, movement.merchant)
    match noun, movement.kind:
        case "checkin", _:
            return texts("Check-in")
        case "purchase" | "first_purchase" | "birthday_purchase", Kind.REFUND | Kind.REVERSE:
            return texts("Return to {shop}", shop=shop)
        case "purchase", _:
            return _purchase(texts, shop, movement.subject)
        case "first_purchase", _:
            return texts("First purchase at {shop}", shop=shop)
        case "birthday_purchase", _:
            return texts("Your birthday month at {shop}", shop=shop)
        case "commission", Kind.REFUND | Kind.REVERSE:
            return texts("A friend brought something back")
        case "commission", _:
            return texts("A friend went shopping")
        case "welcome", _:
            return texts("Welcome")
        case "referral_referrer", _:
            return texts("You brought a friend")
        case "referral_referee", _:
            return texts("A friend brought you")
        case "birthday", _:
            return texts("Birthday gift")
        case "reward", _:
            return texts("Reward: {title}", title=title)
        case "group", Kind.RELEASE:
            return texts("Back from a group buy: {title}", title=title)
        case "group", Kind.EARN:
            return texts("Your group filled: {title}", title=title)
        case "group", _:
            return texts("Group buy: {title}", title=title)
        case "deal", _:
            return texts("Bought alone: {title}", title=title)
        case "opening", _:
            return texts("From before the club was here")
        case "claim", _:
            return texts("From your member number")
        case "transfer", _ if movement.amount < 0:
            return texts("Sent to a friend")
        case "transfer", _:
            return texts("From a friend")
        case "lot", _:
            return texts("Expired")
        case "adjust", _:
            return texts("By the club: {reason}", reason=rest)
        case _:
            return texts("Movement")


def _purchase(texts: Texts, shop: str, purchase: Subject | None) -> Markup:
    """Where, and what it was or what it cost."""
    if purchase is not None and purchase.name:
        return texts("{shop}: {what}", shop=shop, what=purchase.name)
    if purchase is not None and purchase.price is not None:
        price = texts.money(purchase.price.minor, purchase.price.currency)
        return texts("Purchase at {shop}: {amount}", shop=shop, amount=price)
    return texts("Purchase at {shop}", shop=shop)


def named(texts: Texts, subject: Subject | None) -> str:
    """What a subject is called in the reader's language; empty without one."""
    return "" if subject is None else said_in(texts.language, subject.translations, "name", subject.name)
