from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from handlers.links import Links
from handlers.rewards.callbacks import Browse, ShowReward, ShowVoucher, Wallet
from handlers.rewards.titles import last_day, noticed
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty import favourites
from loyalty.deliveries import Delivery
from loyalty.rewards import Wanted


def favourite_in_reach(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    title, shop = noticed(facts, texts)
    lines: list[str] = [
        texts(
            "You have the points for <b>{title}</b> at {shop} now; it takes {points}.",
            title=title,
            shop=shop,
            points=facts["points"],
        )
    ]
    if facts["price_minor"]:
        price = texts.money(facts["price_minor"], facts["currency"])
        lines.append(texts("You pay {price} on top, at the counter.", price=price))
    return Screen(
        "\n".join(lines),
        [
            [button(texts("Show it"), ShowReward(reward_id=facts["reward_id"]))],
            [button(texts("Favourites"), Browse.of(Wanted(is_favourite=True)))],
        ],
    )


def voucher_ending(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    facts = delivery.facts
    title, shop = noticed(facts, texts)
    date = last_day(datetime.fromisoformat(facts["until"]), texts)
    return Screen(
        texts(
            "Your voucher for <b>{title}</b> at {shop} is good until {date}. Do not let it go to waste.",
            title=title,
            shop=shop,
            date=date,
        ),
        [
            [button(texts("Show it"), ShowVoucher(voucher_id=facts["voucher_id"]))],
            [button(texts("My vouchers"), Wallet())],
        ],
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    favourites.KIND: favourite_in_reach,
    "voucher_ending": voucher_ending,
}
