from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.group_buys.notices import said_title, to_group
from handlers.links import Links
from handlers.screens import Screen
from locales.texts import Texts
from loyalty.deliveries import Delivery


def merged(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To the people of both groups."""
    facts = delivery.facts
    return Screen(
        texts(
            "Your group for {title} and another one are one now: {taken}/{size}, until {at}.",
            title=said_title(delivery, texts),
            taken=facts["taken"],
            size=facts["size"],
            at=texts.moment(datetime.fromisoformat(facts["closes_at"]), ZoneInfo(delivery.timezone)),
        ),
        to_group(delivery, texts),
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"group_merged": merged}
