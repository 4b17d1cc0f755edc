from __future__ import annotations

from collections.abc import Callable

from handlers.links import Links
from handlers.notifications import screens
from handlers.screens import Screen
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.members import Topic
from loyalty.programme import Programme


def question(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    programme = Programme(birthday_points=facts["birthday_points"], birthday_notice_days=facts["birthday_notice_days"])
    return screens.question(Topic(facts["topic"]), facts["line_id"], programme, texts)


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"consent_question": question}
