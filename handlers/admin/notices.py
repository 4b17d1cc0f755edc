from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers import names
from handlers.admin.callbacks import ClubLookups, ReviewsPage, ShowShop, SuspectsPage
from handlers.admin.review_screens import decide
from handlers.admin.watch_screens import place
from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.points.causes import because
from handlers.screens import Screen, button
from handlers.staff import notices as staff_notices
from handlers.staff.callbacks import LookupsPage
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.attempts import Guess
from loyalty.ceilings import Ceiling
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
            "You are {role} at {shop} now. You find it on your home screen.",
            role=names.a_role(texts, delivery.facts["role"]),
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


def sale_held(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    at = datetime.fromisoformat(facts["releases_at"])
    said = texts.plural(
        "{shop} has booked an unusually large sale: {amount}, {n} point. If you say nothing, it comes on {date}.",
        "{shop} has booked an unusually large sale: {amount}, {n} points. If you say nothing, they come on {date}.",
        facts["points"],
        shop=facts["shop"],
        amount=texts.money(facts["minor"], facts["currency"]),
        date=texts.date(at.astimezone(ZoneInfo(delivery.timezone)).date()),
    )
    return Screen(said, [decide(facts["purchase_id"], texts), [button(texts("Large sales"), ReviewsPage())]])


def ceiling_reached(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    said = texts.plural(
        "{shop} has reached a ceiling: {ceiling}. A sale of {amount} earned {points} point instead of more. You hear "
        "of it once a day.",
        "{shop} has reached a ceiling: {ceiling}. A sale of {amount} earned {points} points instead of more. You hear "
        "of it once a day.",
        facts["points"],
        shop=facts["shop"],
        ceiling=_ceiling(Ceiling(facts["ceiling"]), texts),
        amount=texts.money(facts["minor"], facts["currency"]),
        points=facts["points"],
    )
    return Screen(said, [[button(texts("To the shop"), ShowShop(merchant_id=facts["merchant_id"]))]])


def own_sale(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    said = texts.plural(
        "{name} has booked a purchase on their own card at {shop}, where nobody else sells: {amount}, {n} point. You "
        "hear of it once a day.",
        "{name} has booked a purchase on their own card at {shop}, where nobody else sells: {amount}, {n} points. You "
        "hear of it once a day.",
        facts["points"],
        name=facts["name"],
        shop=facts["shop"],
        amount=texts.money(facts["minor"], facts["currency"]),
    )
    return Screen(said, [[button(texts("To the shop"), ShowShop(merchant_id=facts["merchant_id"]))]])


def _ceiling(ceiling: Ceiling, texts: Texts) -> str:
    match ceiling:
        case Ceiling.UNIT:
            return texts("points for each unit of the currency")
        case Ceiling.PURCHASE:
            return texts("points of one purchase")
        case Ceiling.MEMBER_DAY:
            return texts("points of one member in a day")
        case Ceiling.SHOP_DAY:
            return texts("points of a shop in a day")
        case Ceiling.SHOP_MONTH:
            return texts("points of a shop in a month")


def guessing(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    said = texts(
        "{name} (<code>{code}</code>) has tried so many wrong codes that their tries are paused: {place}.",
        name=facts["name"],
        code=facts["code"],
        place=place(Guess(facts["place"]), texts),
    )
    return Screen(said, [[button(texts("Wrong codes"), SuspectsPage())]])


def many_lookups(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To the owners of the shop."""
    to = LookupsPage(merchant_id=delivery.facts["merchant_id"])
    return Screen(_many_lookups(delivery, texts), [[button(texts("Phones looked up"), to)]])


def club_lookups(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(_many_lookups(delivery, texts), [[button(texts("Phones looked up"), ClubLookups())]])


def _many_lookups(delivery: Delivery, texts: Texts) -> str:
    facts = delivery.facts
    return texts.plural(
        "{name} has looked up {n} phone within an hour at the till of {shop}. That is as many as there can be.",
        "{name} has looked up {n} phones within an hour at the till of {shop}. That is as many as there can be.",
        facts["n"],
        name=facts["name"],
        shop=facts["shop"],
    )


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
    "sale_held": sale_held,
    "ceiling_reached": ceiling_reached,
    "own_sale": own_sale,
    "guessing": guessing,
    "many_lookups": many_lookups,
    "club_lookups": club_lookups,
    "shop_orphaned": shop_orphaned,
}
