"""What the screens of the rule share."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.earning.callbacks import ShowRule, Try
from handlers.screens import Button, Row, Screen, button
from locales.texts import Texts, decimals_of
from loyalty.earn_rules import Example, mark


def form(shop: int, lines: Sequence[str], rows: Sequence[Row], texts: Texts, complaint: str | None) -> Screen:
    """`complaint`: what was wrong with what was typed; the form is still open."""
    above = [complaint, ""] if complaint else []
    return Screen("\n".join([*above, *lines]), [*rows, [button(texts("Cancel"), ShowRule(merchant_id=shop))]])


def back(shop: int, texts: Texts) -> Button:
    return button(texts("« Back"), ShowRule(merchant_id=shop))


def grid(buttons: Sequence[Button], width: int) -> list[Row]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def as_try(shop: int, shown: Example) -> Try:
    return Try(
        merchant_id=shop,
        amount=shown.amount_minor,
        weekday=shown.weekday,
        minute=shown.minute,
        tier=shown.tier,
        tag=mark(shown.tag) if shown.tag else "",
    )


def unit_of(currency: str) -> int:
    """What a rate speaks of: one of the currency, or a hundred where it has no cents."""
    return 10 ** decimals_of(currency) if decimals_of(currency) else 100
