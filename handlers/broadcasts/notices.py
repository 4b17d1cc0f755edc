from __future__ import annotations

from collections.abc import Callable

from handlers.broadcasts import screens
from handlers.broadcasts.callbacks import ShowStanding
from handlers.links import Links
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def broadcast(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return screens.message(delivery.facts["content"], texts, delivery.id, variant=delivery.variant)


def done(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts.plural(
            "Your message from {shop} is out. {n} person has it.",
            "Your message from {shop} is out. {n} people have it.",
            delivery.facts["sent"],
            shop=delivery.facts["shop"],
        ),
        [[button(texts("Report"), ShowStanding(broadcast_id=delivery.facts["broadcast_id"]))]],
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"broadcast": broadcast, "broadcast_done": done}
