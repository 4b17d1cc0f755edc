from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.referrals.callbacks import Invite
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.referrals import ReferralEvent


def joined(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    points = delivery.facts["points"]
    if _event(delivery) is ReferralEvent.PURCHASE:
        text = texts.plural(
            "A friend has joined through you. When they buy something for the first time, you get {points} point.",
            "A friend has joined through you. When they buy something for the first time, you get {points} points.",
            points,
            points=points,
        )
    else:
        text = texts.plural(
            "A friend has joined through you. When they check in for the first time, you get {points} point.",
            "A friend has joined through you. When they check in for the first time, you get {points} points.",
            points,
            points=points,
        )
    return Screen(text, [[button(texts("Invite a friend"), Invite())]])


def qualified(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    points, releases_at = delivery.facts["points"], delivery.facts.get("releases_at")
    if releases_at is not None:
        text = texts.plural(
            "Your friend has made a first purchase: <b>{points}</b> point for you, to spend from {date}.",
            "Your friend has made a first purchase: <b>{points}</b> points for you, to spend from {date}.",
            points,
            points=points,
            date=texts.date(datetime.fromisoformat(releases_at).astimezone(ZoneInfo(delivery.timezone)).date()),
        )
    elif _event(delivery) is ReferralEvent.PURCHASE:
        text = texts.plural(
            "Your friend has made a first purchase: <b>{points}</b> point for you.",
            "Your friend has made a first purchase: <b>{points}</b> points for you.",
            points,
            points=points,
        )
    else:
        text = texts.plural(
            "Your friend has checked in: <b>{points}</b> point for you.",
            "Your friend has checked in: <b>{points}</b> points for you.",
            points,
            points=points,
        )
    return Screen(text, [[button(texts("My points"), PointsPage())]])


def _event(delivery: Delivery) -> ReferralEvent:
    return ReferralEvent(delivery.facts.get("event", ReferralEvent.CHECK_IN))


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "referral_joined": joined,
    "referral_qualified": qualified,
}
