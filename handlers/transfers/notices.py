from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from handlers.links import Links
from handlers.points.callbacks import PointsPage
from handlers.rewards.titles import last_day
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def received(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    said: str = texts.plural(
        "{name} sent you <b>{n}</b> point.", "{name} sent you <b>{n}</b> points.", facts["points"], name=facts["name"]
    )
    if facts["until"] is not None:
        date = last_day(datetime.fromisoformat(facts["until"]), texts)
        said += " " + (
            texts("Good until {date}.", date=date)
            if facts["is_all"]
            else texts("The first of them are good until {date}.", date=date)
        )
    return Screen(said, [[button(texts("My points"), PointsPage())]])


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"transfer_received": received}
