"""What is said to a tap on the row under a message: lines and alerts, which hold 200 characters."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from handlers import names
from handlers.footers import shop_of
from handlers.offers.ways import because
from handlers.reply import TOAST_MAX
from handlers.screens import plain, shortened
from locales.texts import Markup, Texts
from loyalty.members import Topic
from loyalty.notifications import Less, Unasked
from loyalty.offers import Reason, Why
from loyalty.services.notifications import Explained

SHOP_MAX = 32  # characters of a shop's name


def why(explained: Explained, zone: ZoneInfo, texts: Texts) -> str:
    """From the facts that were stored with the message: who sent it, what was agreed to and when, what spoke for it.
    Whom else a shop chose is the shop's own business."""
    message = explained.message
    shop = shortened(shop_of(message, texts), SHOP_MAX)
    topic = names.topic(texts, message.topic or Topic.OFFERS)
    if explained.agreed_at is None:
        if shop:
            return texts(
                "This came from {shop} while you had said yes to {topic}. Now no more come.", shop=shop, topic=topic
            )
        return texts("This came while you had said yes to {topic}. Now no more come.", topic=topic)
    date = texts.date(explained.agreed_at.astimezone(zone).date())
    if message.is_broadcast:
        return texts(
            "This is from {shop}. You said yes to {topic} on {date}. Among all who said yes, the shop chose whom to "
            "write to.",
            shop=shop,
            topic=topic,
            date=date,
        )
    if message.topic is Topic.BIRTHDAY:
        return texts("It is your birthday, and you said yes to a greeting on {date}.", date=date)
    said: Markup = (
        texts("This is from {shop}. You said yes to {topic} on {date}.", shop=shop, topic=topic, date=date)
        if shop
        else texts("You said yes to {topic} on {date}.", topic=topic, date=date)
    )
    reasons = [Reason(Why(reason), missing) for reason, missing in message.facts.get("reasons", ())]
    return _as_many_as_fit(said, reasons, shop, texts)


def _as_many_as_fit(said: str, reasons: list[Reason], shop: str, texts: Texts) -> str:
    """The weightiest reasons come first, so the last ones may be left out."""
    for count in range(len(reasons), 0, -1):
        whole = texts.sentences([said, because(reasons[:count], shop, texts)])
        if len(plain(whole)) <= TOAST_MAX:
            return whole
    return said


def done(less: Less, message: Unasked, texts: Texts) -> Markup:
    match less:
        case Less.WEEKLY:
            return texts("Done. At most one message a week comes unasked, all shops together.")
        case Less.SHOP:
            shop = shortened(shop_of(message, texts), SHOP_MAX)
            return texts("Done. {shop} writes to you no more.", shop=shop)
    match message.topic:
        case Topic.BIRTHDAY:
            return texts("Done. There will be no greeting on your birthday.")
        case Topic.GROUP_BUYS:
            return texts("Done. No shop tells you of group buys any more.")
        case Topic.NEWS:
            return texts("Done. You get no more news, from no shop of the club.")
        case Topic.SURVEYS:
            return texts("Done. No shop asks you questions any more.")
        case _:
            return texts("Done. You get no more offers, from no shop of the club.")


def undone(less: Less, message: Unasked, texts: Texts) -> Markup:
    match less:
        case Less.WEEKLY:
            return texts("Undone. They come as often as before.")
        case Less.SHOP:
            shop = shortened(shop_of(message, texts), SHOP_MAX)
            return texts("Undone. {shop} may write to you again.", shop=shop)
    return texts("Undone. You get {topic} again.", topic=names.topic(texts, message.topic or Topic.OFFERS))


def only_a_preview(texts: Texts) -> Markup:
    return texts("This is a preview: for your customers the button works.")


def nothing_less(texts: Texts) -> Markup:
    return texts("There is nothing left to have less of: you have stopped all of it.")
