from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.links import Links
from handlers.rewards.callbacks import RewardsPage, Wallet
from handlers.rewards.titles import noticed
from handlers.screens import Screen, button
from locales.texts import Texts
from loyalty.deliveries import Delivery


def voucher_used(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    title, shop = noticed(delivery.facts, texts)
    at = texts.moment(datetime.fromisoformat(delivery.facts["at"]), ZoneInfo(delivery.timezone))
    return Screen(
        texts("Your voucher for <b>{title}</b> was used at {shop} on {at}.", title=title, shop=shop, at=at),
        [[button(texts("My vouchers"), Wallet()), button(texts("Rewards"), RewardsPage())]],
    )


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {"voucher_used": voucher_used}
