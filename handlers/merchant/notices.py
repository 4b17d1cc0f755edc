from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.links import Links
from handlers.pictures.cards import spent_card
from handlers.rewards.callbacks import RewardsPage, ShowVoucher, Wallet
from handlers.rewards.titles import last_day, noticed
from handlers.screens import Screen, button, plain
from handlers.start.callbacks import Home
from locales.texts import Texts
from loyalty.deliveries import Delivery
from loyalty.vouchers import VoucherState


def voucher_used(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    title, shop = noticed(delivery.facts, texts)
    at = texts.moment(datetime.fromisoformat(delivery.facts["at"]), _zone(delivery))
    return Screen(
        texts("Your voucher for <b>{title}</b> was used at {shop} on {at}.", title=title, shop=shop, at=at),
        [[button(texts("My vouchers"), Wallet()), button(texts("Rewards"), RewardsPage())]],
    )


def voucher_put_back(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """To who was told that it was used: the counter had taken it by mistake."""
    title, shop = noticed(delivery.facts, texts)
    return Screen(
        texts(
            "{shop} took your voucher for <b>{title}</b> by mistake. It is yours again, good until {date}.",
            title=title,
            shop=shop,
            date=_last_day(delivery, texts),
        ),
        [
            [button(texts("Show it"), ShowVoucher(voucher_id=delivery.facts["voucher_id"]))],
            [button(texts("My vouchers"), Wallet())],
        ],
    )


def voucher_redrawn(delivery: Delivery, texts: Texts, links: Links) -> Screen:
    """In the place of a voucher with its code that is not good any more, or is so again."""
    facts = delivery.facts
    title, shop = noticed(facts, texts)
    ways = [button(texts("My vouchers"), Wallet()), button(texts("Home"), Home())]
    match VoucherState(facts["state"]):
        case VoucherState.USED:
            stands = texts("Used on {at}", at=texts.moment(datetime.fromisoformat(facts["at"]), _zone(delivery)))
        case VoucherState.ISSUED:
            stands = texts("Good until {date}", date=_last_day(delivery, texts))
            ways = [button(texts("Show it"), ShowVoucher(voucher_id=facts["voucher_id"])), *ways]
        case _:
            stands = texts("Cancelled")
    heading = texts("<b>{title}</b> · {shop}", title=title, shop=shop)
    return Screen(f"🎟 {heading}\n\n{stands}", [ways], picture=spent_card(title, shop, plain(stands)))


def _last_day(delivery: Delivery, texts: Texts) -> str:
    return last_day(datetime.fromisoformat(delivery.facts["until"]), texts)


def _zone(delivery: Delivery) -> ZoneInfo:
    return ZoneInfo(delivery.timezone)


NOTICES: dict[str, Callable[[Delivery, Texts, Links], Screen]] = {
    "voucher_used": voucher_used,
    "voucher_put_back": voucher_put_back,
    "voucher_redrawn": voucher_redrawn,
}
