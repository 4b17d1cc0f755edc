from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from handlers import names
from handlers.links import Links
from handlers.rewards.callbacks import RewardsPage
from handlers.rewards.titles import last_day
from handlers.screens import Screen, button
from handlers.tiers.callbacks import MyTier
from handlers.tiers.screens import amount
from locales.texts import Markup, Texts
from loyalty.deliveries import Delivery
from loyalty.tiers import TierBasis


def risen(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    tier = delivery.facts["tier"]
    said = texts("{medal} You are {tier} now.", medal=names.tier_medal(tier), tier=names.tier(texts, tier))
    return _screen([said, texts("Some shops give you more points, and some rewards are yours now.")], texts)


def warned(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """In good time: until when the tier is theirs, and what keeps it."""
    facts = delivery.facts
    date = last_day(datetime.fromisoformat(facts["until"]), texts)
    said = texts(
        "You are {tier} until {date}, then {after}.",
        tier=names.tier(texts, facts["tier"]),
        after=names.tier(texts, facts["after"]),
        date=date,
    )
    if not facts["missing"]:
        return _screen([said], texts)
    keep = texts("To keep it, it takes {missing} more in your twelve months.", missing=_missing(delivery, texts))
    return _screen([said, keep], texts)


def fallen(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    before = names.tier(texts, facts["before"])
    lines = [
        texts(
            "Your {before} has ended. You are {medal} {tier} now.",
            before=before,
            medal=names.tier_medal(facts["tier"]),
            tier=names.tier(texts, facts["tier"]),
        )
    ]
    if facts["missing"]:
        missing = _missing(delivery, texts)
        lines.append(texts("{missing} more, and you are {before} again, at once.", missing=missing, before=before))
    return _screen(lines, texts)


def undone(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To who was told of a higher tier that came of a purchase booked by mistake."""
    tier = delivery.facts["tier"]
    return _screen(
        [
            texts(
                "The purchase that had made you {before} was booked by mistake. You are {medal} {tier}, as before.",
                before=names.tier(texts, delivery.facts["before"]),
                medal=names.tier_medal(tier),
                tier=names.tier(texts, tier),
            )
        ],
        texts,
    )


def granted(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    tier = names.tier(texts, facts["tier"])
    if facts["until"] is None:
        said = texts("The club has set your tier: you are {tier} now.", tier=tier)
    else:
        date = last_day(datetime.fromisoformat(facts["until"]), texts)
        said = texts("The club has set your tier: you are {tier} until {date}.", tier=tier, date=date)
    return _screen([said], texts)


def _missing(delivery: Delivery, texts: Texts) -> Markup:
    facts = delivery.facts
    return amount(facts["missing"], TierBasis(facts["basis"]), facts["currency"], texts)


def _screen(lines: list[Markup], texts: Texts) -> Screen:
    return Screen("\n".join(lines), [[button(texts("My tier"), MyTier()), button(texts("Rewards"), RewardsPage())]])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "tier_up": risen,
    "tier_warning": warned,
    "tier_down": fallen,
    "tier_granted": granted,
    "tier_undone": undone,
}
