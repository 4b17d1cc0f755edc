"""What a yes means, topic by topic: shown before it is given, and kept in the log with it."""

from __future__ import annotations

from handlers.offers.screens import offer_terms
from handlers.profile.screens import greeting_terms
from locales.texts import Markup, Texts
from loyalty.members import Topic
from loyalty.programme import Programme


def terms(topic: Topic, programme: Programme, texts: Texts) -> Markup:
    match topic:
        case Topic.OFFERS:
            return offer_terms(texts)
        case Topic.BIRTHDAY:
            return greeting_terms(programme, texts)
        case Topic.GROUP_BUYS:
            return texts(
                "Now and then a shop of the club tells you of a group buy: what it is, the price, and how long there "
                "is time. By day and never at night. Each message has a Stop button; one tap, and no more come."
            )
        case Topic.NEWS:
            return texts(
                "Now and then a shop of the club tells you its news: other hours, something new, something to come "
                "to. By day and never at night. Each message has a Stop button; one tap, and no more come."
            )
        case Topic.SURVEYS:
            return texts(
                "Now and then a shop of the club asks you a question or two, which you can leave unanswered. By day "
                "and never at night. Each message has a Stop button; one tap, and no more come."
            )
