from __future__ import annotations

from collections.abc import Callable

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.referrals.callbacks import Invite
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def joined(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts(
            "A friend has joined through you. When they check in for the first time, you get {points} points.",
            points=delivery.facts["points"],
        ),
        [[button(texts("Invite a friend"), Invite())]],
    )


def qualified(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts("Your friend has checked in: <b>{points}</b> points for you.", points=delivery.facts["points"]),
        [[button(texts("My points"), PointsPage())]],
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "referral_joined": joined,
    "referral_qualified": qualified,
}
