"""What the parts of a broadcast are called, wherever they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from zoneinfo import ZoneInfo

from handlers import names
from handlers.screens import shortened
from handlers.segments.sentences import UNNAMED, sentence
from locales.texts import LANGUAGES, Markup, Texts
from loyalty.broadcasts import ORIGINAL, Broadcast, Content, ContentButton, Leads, Method, Metric, Schedule
from loyalty.members import Topic
from loyalty.merchants import said_in
from loyalty.placeholders import FIRST_NAME, POINTS, SHOP, TIER, fill
from loyalty.segments import is_everybody
from loyalty.services.draft_steps import Card
from loyalty.services.segments import Named

UNKNOWN = "…"
LINE = 60  # characters of a wording by which it is known again


def shop(content: Content, texts: Texts) -> str:
    return said_in(texts.language, content.translations, "name", content.shop)


def words_of(html: str) -> str:
    """The words alone, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def known_by(content: Content, texts: Texts) -> str:
    """The first wording in the reader's language, on one line. Where each member reads something else, it says what
    those read of whom nothing is known."""
    nobody = {
        FIRST_NAME: texts("friend"),
        POINTS: UNKNOWN,
        TIER: UNKNOWN,
        SHOP: escape(shop(content, texts), quote=False),
    }
    said = content.wording(language=texts.language).text
    return words_of(fill(said, {name: unescape(value) for name, value in nobody.items()}, (FIRST_NAME, POINTS, TIER)))


def shop_of(facts: Mapping[str, Any], texts: Texts) -> str:
    """The shop of the broadcast that a notice is about."""
    return said_in(texts.language, facts.get("merchant_translations", {}), "name", facts["shop"])


def quoted(html: str, texts: Texts, most: int = LINE) -> Markup:
    return texts("“{words}”", words=shortened(words_of(html), most))


def language(value: str, content: Content, texts: Texts) -> str:
    """A language by its own name; of what was first written, the one in which that is, as far as anybody knows."""
    named = LANGUAGES.get(value if value != ORIGINAL else content.original)
    return named or texts("language not said")


def when(schedule: Schedule, zone: ZoneInfo, texts: Texts) -> Markup:
    """On a clock in the zone, which is named: plans are made across borders."""
    if schedule.local_day is not None and schedule.local_hour is not None:
        return texts(
            "{date} at {hour}:00 on each member's own clock",
            date=texts.date(schedule.local_day),
            hour=str(schedule.local_hour),
        )
    if schedule.send_at is not None:
        return texts("{at} ({zone})", at=texts.moment(schedule.send_at, zone), zone=zone.key)
    return texts("as soon as you say so")


def leads(value: Leads, texts: Texts) -> Markup:
    match value:
        case Leads.LINK:
            return texts("a link")
        case Leads.REWARD:
            return texts("a reward")
        case Leads.DEAL:
            return texts("a group buy")
        case Leads.OFFER:
            return texts("an offer")


def label(button: ContentButton, language: str) -> str:
    return button.labels.get(language, button.label)


def on_button(words: str) -> Markup:
    """What somebody wrote, as it is: `button` takes markup."""
    return Markup(escape(words, quote=False))


def metric(value: Metric, texts: Texts) -> Markup:
    return texts("taps on its buttons") if value is Metric.TAPS else texts("redemptions")


def method(value: Method, texts: Texts) -> Markup:
    return texts("the best of a test") if value is Method.FIXED else texts("learning as it goes")


def to_whom(broadcast: Broadcast, texts: Texts, currency: str | None = None, named: Named = UNNAMED) -> Markup:
    """Whom it means. Without `named`, lists and rewards go without their names."""
    return sentence(broadcast.segment, currency, texts, named)


def reach(seen: Card, texts: Texts) -> Markup:
    agreed, members = seen.reach.agreed, seen.reach.members
    if not is_everybody(seen.draft.segment):
        return texts("{agreed} of {members} members are meant and can be reached.", agreed=agreed, members=members)
    if seen.draft.content.topic is Topic.OFFERS:
        return texts(
            "{agreed} of {members} members of the club have said yes to offers and can be reached.",
            agreed=agreed,
            members=members,
        )
    return texts(
        "{agreed} of {members} members of the club have said yes to this and can be reached: {topic}.",
        agreed=agreed,
        members=members,
        topic=names.topic_title(texts, seen.draft.content.topic),
    )
