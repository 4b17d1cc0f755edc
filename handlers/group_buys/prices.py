"""What a group buy costs in money, besides its points."""

from __future__ import annotations

from locales.texts import Markup, Texts


def cost(texts: Texts, points: int, price_minor: int, currency: str) -> Markup:
    """In few words, for cards and buttons."""
    price = texts.plural("{n} point", "{n} points", points)
    return Markup(f"{price} + {texts.money(price_minor, currency)}") if price_minor else price


def on_top(texts: Texts, price_minor: int, currency: str) -> Markup:
    """What there is to pay besides points, within a line."""
    return texts("+ {price} at the counter", price=texts.money(price_minor, currency))


def at_the_counter(texts: Texts, together_minor: int, alone_minor: int, currency: str) -> list[str]:
    """Both prices in money, where there are any."""
    if not together_minor and not alone_minor:
        return []
    return [
        texts(
            "At the counter, on top: together {together} each, alone {alone}.",
            together=texts.money(together_minor, currency),
            alone=texts.money(alone_minor, currency),
        )
    ]


def to_pay(texts: Texts, price_minor: int, currency: str) -> list[str]:
    if not price_minor:
        return []
    return [texts("You pay {price} on top, at the counter.", price=texts.money(price_minor, currency))]


def alone(texts: Texts, points: int, price_minor: int, currency: str) -> Markup:
    """A button's words."""
    if not price_minor:
        return texts.plural("Alone for {points} point", "Alone for {points} points", points, points=points)
    return texts.plural(
        "Alone for {points} point + {price}",
        "Alone for {points} points + {price}",
        points,
        points=points,
        price=texts.money(price_minor, currency),
    )
