"""A shop's words, filled in for whoever reads them."""

from __future__ import annotations

from dataclasses import dataclass

from handlers import names
from handlers.screens import plain, shortened
from locales.texts import Texts, isolated
from loyalty import placeholders
from loyalty.members import NAME_MAX, Tier

ISOLATES = 2  # signs that may stand around a name


@dataclass(frozen=True, slots=True)
class Reader:
    """What placeholders are about. Without a name, tier or points, what the text says instead stands there."""

    first_name: str = ""
    tier: Tier = Tier.MEMBER
    points: int = 0


def filled(text: str, reader: Reader, shop: str, texts: Texts) -> str:
    first_name = shortened(reader.first_name, NAME_MAX - ISOLATES)
    values = {
        placeholders.FIRST_NAME: isolated(first_name) or plain(texts("friend")),
        placeholders.POINTS: texts.number(reader.points),
        placeholders.TIER: str(names.tier(texts, reader.tier)),
        placeholders.SHOP: shop,
    }
    is_missing = {
        placeholders.FIRST_NAME: not any(sign.isalnum() for sign in first_name),
        placeholders.POINTS: reader.points <= 0,
        placeholders.TIER: reader.tier is Tier.MEMBER,
    }
    return placeholders.fill(text, values, [name for name, missing in is_missing.items() if missing])
