from __future__ import annotations

from collections.abc import Callable

from handlers.group_buys.callbacks import ShowGroup
from handlers.group_buys.screens import SHARE, first_name
from handlers.links import Links
from handlers.rewards.callbacks import Wallet
from handlers.screens import Button, Screen, button, share_button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def joined(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To the organiser."""
    facts = delivery.facts
    return Screen(
        texts(
            "{name} joined your group for {title}: {taken}/{size}",
            name=first_name(facts["name"]),
            title=said_title(delivery, texts),
            taken=facts["taken"],
            size=facts["size"],
        ),
        to_group(delivery, texts),
    )


def led(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To whoever leads now that the organiser has left."""
    return Screen(
        texts(
            "{name} has left the group for {title}, and you lead it now. The time that is left stays the same.",
            name=first_name(delivery.facts["name"]),
            title=said_title(delivery, texts),
        ),
        to_group(delivery, texts),
    )


def filled(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    return Screen(
        texts("The group for {title} is complete. Your voucher is waiting for you.", title=said_title(delivery, texts)),
        [[button(texts("My vouchers"), Wallet())]],
    )


def said_title(delivery: Delivery, texts: Texts) -> str:
    return str(delivery.facts["titles"].get(texts.language, delivery.facts["title"]))


def to_group(delivery: Delivery, texts: Texts) -> list[list[Button]]:
    group_id = delivery.facts["group_id"]
    return [
        [
            button(texts("See the group"), ShowGroup(group_id=group_id)),
            share_button(texts("Share"), f"{SHARE}_{group_id}"),
        ]
    ]


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "group_joined": joined,
    "group_led": led,
    "group_filled": filled,
}
