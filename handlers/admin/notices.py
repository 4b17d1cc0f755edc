from __future__ import annotations

from collections.abc import Callable

from handlers import names
from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.screens import Screen, button
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.deliveries import Delivery


def adjusted(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts(
            "The club has changed your points: <b>{points}</b>. Reason: {reason}",
            points=texts.signed(delivery.facts["points"]),
            reason=delivery.facts["reason"],
        ),
        [[button(texts("My points"), PointsPage())]],
    )


def appointed(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts(
            "You are {role} at {shop} now. Your home screen shows the counter.",
            role=names.role(texts, delivery.facts["role"]),
            shop=delivery.facts["merchant"],
        ),
        [[button(texts("Home"), Home())]],
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"adjusted": adjusted, "appointed": appointed}
