from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.earning import Cap, Cut
from loyalty.merchants import said_in


def purchased(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To who bought something."""
    facts = delivery.facts
    place: dict[str, Any] = {"amount": amount_of(delivery, texts), "shop": shop_of(delivery, texts)}
    if not facts["points"]:
        earned = texts("Your purchase at {shop} is booked: {amount}. It earns no points this time.", **place)
    elif facts["releases_at"] is None:
        earned = texts.plural(
            "<b>+{n}</b> point for {amount} at {shop}.",
            "<b>+{n}</b> points for {amount} at {shop}.",
            facts["points"],
            **place,
        )
    else:
        at = datetime.fromisoformat(facts["releases_at"])
        earned = texts.plural(
            "<b>+{n}</b> point on its way for {amount} at {shop}. It is yours on {date}.",
            "<b>+{n}</b> points on their way for {amount} at {shop}. They are yours on {date}.",
            facts["points"],
            date=texts.date(at.astimezone(ZoneInfo(delivery.timezone)).date()),
            **place,
        )
    lines = [earned, *cut_lines(facts.get("earned", 0), _cuts(facts), texts)]
    if facts["welcome"]:
        lines.append(texts("And {points} more as a welcome: a friend brought you here.", points=facts["welcome"]))
    return Screen("\n".join(lines), [[button(texts("My points"), PointsPage())]])


def cut_lines(points: int, cuts: Iterable[Cut], texts: Texts) -> list[str]:
    """Why a purchase earned less than its amount lets one expect. `points` is what it earned."""
    lines: list[str] = []
    left = points
    for cut in reversed(list(cuts)):  # the last one cut from what the others had left
        whole = left + cut.points
        match cut.cap:
            case Cap.DAY:
                lines.insert(0, texts("{points} of {whole}: today's limit here.", points=left, whole=whole))
            case Cap.MONTH:
                lines.insert(0, texts("{points} of {whole}: this month's limit here.", points=left, whole=whole))
            case Cap.PURCHASE:
                lines.insert(0, texts("{points} of {whole}: the limit of one purchase.", points=left, whole=whole))
            case Cap.MINIMUM:
                lines.insert(0, texts("It is below the amount from which purchases earn here."))
        left = whole
    return lines


def _cuts(facts: Mapping[str, Any]) -> list[Cut]:
    return [Cut(Cap(cap), points) for cap, points in facts.get("cuts", ())]


def refunded(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    lines = [
        texts.plural(
            "{shop} gave you {amount} back, and {n} point went back with it.",
            "{shop} gave you {amount} back, and {n} points went back with it.",
            facts["points"],
            shop=shop_of(delivery, texts),
            amount=amount_of(delivery, texts),
        ),
        how_it_stands(facts["available"], texts),
    ]
    return Screen("\n".join(lines), [[button(texts("My points"), PointsPage())]])


def commission(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To who brought the buyer; who bought what is not theirs to know."""
    facts = delivery.facts
    at = datetime.fromisoformat(facts["releases_at"])
    return Screen(
        texts.plural(
            "A friend of yours went shopping: <b>+{n}</b> point for you on {date}.",
            "A friend of yours went shopping: <b>+{n}</b> points for you on {date}.",
            facts["points"],
            date=texts.date(at.astimezone(ZoneInfo(delivery.timezone)).date()),
        ),
        [[button(texts("My points"), PointsPage())]],
    )


def commission_undone(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To who was told of a commission that came of a mistake."""
    said = texts.plural(
        "A friend's purchase was booked by mistake, and {n} point that you were to get from it does not come.",
        "A friend's purchase was booked by mistake, and {n} points that you were to get from it do not come.",
        delivery.facts["points"],
    )
    return Screen(said, [[button(texts("My points"), PointsPage())]])


def how_it_stands(available: int, texts: Texts) -> str:
    """What somebody has after points were taken back."""
    if available < 0:
        return texts(
            "They were spent already: you stand at {points}, and what you earn next fills that first.",
            points=texts.signed(available),
        )
    return texts.plural(
        "You have <b>{points}</b> point now.", "You have <b>{points}</b> points now.", available, points=available
    )


def amount_of(delivery: Delivery, texts: Texts) -> str:
    return texts.money(delivery.facts["minor"], delivery.facts["currency"])


def shop_of(delivery: Delivery, texts: Texts) -> str:
    return said_in(texts.language, delivery.facts["merchant_translations"], "name", delivery.facts["merchant"])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "purchase": purchased,
    "refunded": refunded,
    "commission": commission,
    "commission_undone": commission_undone,
}
