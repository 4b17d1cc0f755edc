from __future__ import annotations

from collections.abc import Callable

from handlers.group_buys.callbacks import LeaveGroup, NameInGroup, ShowGroup
from handlers.group_buys.people import first_name
from handlers.group_buys.screens import SHARE
from handlers.links import Links
from handlers.rewards.callbacks import Wallet
from handlers.screens import Button, Row, Screen, button, share_button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def joined(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To the organiser."""
    facts = delivery.facts
    figures = {"title": said_title(delivery, texts), "taken": facts["taken"], "size": facts["size"]}
    said = (
        texts("{name} joined your group for {title}: {taken}/{size}", name=first_name(facts["name"]), **figures)
        if facts["name"]
        else texts("Somebody joined your group for {title}: {taken}/{size}", **figures)
    )
    return Screen(said, to_group(delivery, texts))


def led(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To whoever leads now that the organiser has left."""
    name, title = delivery.facts["name"], said_title(delivery, texts)
    said = (
        texts(
            "{name} has left the group for {title}, and you lead it now. The time that is left stays the same.",
            name=first_name(name),
            title=title,
        )
        if name
        else texts(
            "Whoever led the group for {title} has left, and you lead it now. The time that is left stays the same.",
            title=title,
        )
    )
    return Screen(said, to_group(delivery, texts))


def seat(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To whoever has joined before everybody's eyes: what it means for the points, and how to undo it."""
    facts, title = delivery.facts, said_title(delivery, texts)
    group_id = facts["group_id"]
    if facts["is_filled"]:
        said: str = texts("The last place was yours: {title}. Your voucher is waiting for you.", title=title)
        rows: list[Row] = [[button(texts("My vouchers"), Wallet())]]
    else:
        said = texts.plural(
            "You are in the group for {title}, and {points} of your points is set aside. Until it is "
            "full you can leave and have it back.",
            "You are in the group for {title}, and {points} of your points are set aside. Until it "
            "is full you can leave and have them back.",
            facts["points"],
            title=title,
            points=facts["points"],
        )
        leave = button(texts("Leave"), LeaveGroup(group_id=group_id))
        rows = [[button(texts("See the group"), ShowGroup(group_id=group_id)), leave]]
    if facts["asks_name"]:
        said += "\n\n" + texts(
            "The others see how many you are, not who. May they see your first name, {name}?",
            name=first_name(delivery.first_name),
        )
        rows += [
            [button(texts("Show my first name"), NameInGroup(group_id=group_id, on=True))],
            [button(texts("Keep it hidden"), NameInGroup(group_id=group_id, on=False))],
        ]
    return Screen(said, rows)


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
    "group_seat": seat,
    "group_filled": filled,
}
