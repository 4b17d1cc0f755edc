from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from handlers import names
from handlers.links import Links
from handlers.screens import Screen, button
from handlers.staff.callbacks import ShowStaff
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.merchants import said_in


def joined(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    said = texts(
        "{name} has followed an invitation and is {role} at {shop} now. If that is not who you meant, take them off "
        "the staff.",
        name=delivery.facts["name"],
        role=names.a_role(texts, delivery.facts["role"]),
        shop=shop(delivery.facts, texts),
    )
    to = ShowStaff(merchant_id=delivery.facts["merchant_id"])
    return Screen(said, [[button(texts("Staff"), to), button(texts("Home"), Home())]])


def left(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    said = texts("{name} has left the staff of {shop}.", name=delivery.facts["name"], shop=shop(delivery.facts, texts))
    to = ShowStaff(merchant_id=delivery.facts["merchant_id"])
    return Screen(said, [[button(texts("Staff"), to), button(texts("Home"), Home())]])


def dismissed(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts(
            "You are no longer {role} at {shop}. Your points and vouchers stay yours.",
            role=names.a_role(texts, delivery.facts["role"]),
            shop=shop(delivery.facts, texts),
        ),
        [[button(texts("Home"), Home())]],
    )


def shop(facts: Mapping[str, Any], texts: Texts) -> str:
    """The shop's name in the reader's language."""
    return said_in(texts.language, facts.get("translations", {}), "name", facts["merchant"])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "staff_joined": joined,
    "staff_left": left,
    "dismissed": dismissed,
}
