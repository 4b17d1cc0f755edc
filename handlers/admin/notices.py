from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers import names
from handlers.admin.callbacks import ShowShop
from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.points.causes import because
from handlers.screens import Screen, button
from handlers.staff import notices as staff_notices
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.movements import Movement, Subject
from loyalty.points import Kind


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
            shop=staff_notices.shop(delivery.facts, texts),
        ),
        [[button(texts("Home"), Home())]],
    )


def reversed_(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    at = datetime.fromisoformat(facts["at"])
    undone = Movement(
        id=0,
        kind=Kind(facts["kind"]),
        amount=facts["amount"],
        cause=facts["cause"],
        at=at,
        merchant=_subject(facts["merchant"]),
        subject=_subject(facts["subject"]),
    )
    return Screen(
        texts(
            "The club has undone this: {what} · {date}. Your points: <b>{points}</b>",
            what=because(texts, undone),
            date=texts.date(at.astimezone(ZoneInfo(delivery.timezone)).date()),
            points=texts.signed(facts["points"]),
        ),
        [[button(texts("My points"), PointsPage())]],
    )


def credit_agreed(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    points = delivery.facts["points"]
    said = (
        texts.plural(
            "The club trusts you: you can spend {n} point more than you have. What you earn next fills it up.",
            "The club trusts you: you can spend {n} points more than you have. What you earn next fills it up.",
            points,
        )
        if points
        else texts("Your credit line has ended. You can spend what you have.")
    )
    return Screen(said, [[button(texts("My points"), PointsPage())]])


def shop_orphaned(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To the operators."""
    return Screen(
        texts(
            "Nobody who owns {shop} can be reached any more. Until somebody can, it sells nothing new; the vouchers "
            "that people have stay good. You can invite an owner from its card.",
            shop=delivery.facts["shop"],
        ),
        [[button(texts("To the shop"), ShowShop(merchant_id=delivery.facts["merchant_id"]))]],
    )


def _subject(facts: Mapping[str, Any] | None) -> Subject | None:
    return None if facts is None else Subject(facts["name"], facts["translations"])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "adjusted": adjusted,
    "appointed": appointed,
    "reversed": reversed_,
    "credit_agreed": credit_agreed,
    "shop_orphaned": shop_orphaned,
}
