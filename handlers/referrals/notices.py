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
from loyalty.referrals import FriendsToday, ReferralEvent


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


def waits(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """The caps are full: for the friend, too, it counts the next time."""
    if _event(delivery) is ReferralEvent.PURCHASE:
        text = texts(
            "So many of your friends have joined in lately that one more has to wait: both of you get your points with "
            "a later purchase of theirs."
        )
    else:
        text = texts(
            "So many of your friends have joined in lately that one more has to wait: both of you get your points with "
            "a later check-in of theirs."
        )
    return Screen(text, [[button(texts("Invite a friend"), Invite())]])


def undone(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    text = texts.plural(
        "Your friend's first purchase was booked by mistake, and {n} point went back. It comes with the right one.",
        "Your friend's first purchase was booked by mistake, and {n} points went back. They come with the right one.",
        delivery.facts["points"],
    )
    return Screen(text, [[button(texts("My points"), PointsPage())]])


def today(seen: FriendsToday, texts: Texts) -> Screen:
    """All that friends did today, in one message that is drawn again."""
    parts = [
        texts.plural("{n} friend came", "{n} friends came", seen.joined),
        texts("{n} took part", n=seen.qualified),
        texts.plural("<b>+{n}</b> point for you", "<b>+{n}</b> points for you", seen.points),
    ]
    return Screen(
        texts("Your friends today: {parts}.", parts=texts.listed(parts)),
        [[button(texts("Invite a friend"), Invite()), button(texts("My points"), PointsPage())]],
    )


def _event(delivery: Delivery) -> ReferralEvent:
    return ReferralEvent(delivery.facts.get("event", ReferralEvent.CHECK_IN))


GATHERED = frozenset({"referral_joined", "referral_qualified"})  # ten friends are no reason for twenty messages
NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "referral_joined": joined,
    "referral_qualified": qualified,
    "referral_waits": waits,
    "referral_undone": undone,
}
