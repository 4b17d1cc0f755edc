"""The shops of the club, for everybody: what a purchase earns at each, and what there is to be had."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.shops.callbacks import ShopFront, Shops
from loyalty.earning import EarnRule
from loyalty.members import Tier
from loyalty.services.fronts import PAGE
from tests.kit.chat import Chat, labels, said
from tests.kit.deals import add_deal
from tests.kit.shops import add_merchant, add_reward


async def rule(chat: Chat, shop: int, **parts: object) -> None:
    await chat.run(chat.club.purchases.set_rule, shop, EarnRule(**parts))  # type: ignore[arg-type]


async def test_each_shop_says_what_a_purchase_earns(chat: Chat) -> None:
    coffee = add_merchant(chat.app.units, "Harbour Coffee")
    door, empty = add_merchant(chat.app.units, "Red Door"), add_merchant(chat.app.units, "Not Open Yet")
    await rule(chat, coffee, points=2, tiers={Tier.GOLD: 150}, first_points=20)
    add_reward(chat.app.units, coffee, "Flat white")
    add_reward(chat.app.units, coffee, "Draft", published_at=None)
    add_reward(chat.app.units, door, "Noodles")
    ana = chat.member("Ana")
    shown = await ana.says("/shops")
    ana.sees("2 shops take part", "Harbour Coffee: 2 points per €1.00", "Red Door: purchases earn nothing yet")
    assert "Not Open Yet" not in said(shown)
    assert labels(shown) == ["Harbour Coffee", "Red Door", "My card", "Home"]
    await ana.taps("Harbour Coffee")
    ana.sees("2 points per €1.00.", "Gold members get 150 %.", "The first purchase here brings 20 points more.")
    await ana.taps("Rewards here (1)")
    assert "Noodles" not in said(ana.sees("Flat white"))
    await ana.taps_data(ShopFront(merchant_id=door).pack())
    ana.sees("Purchases earn nothing here yet.")
    await ana.taps_data(ShopFront(merchant_id=empty).pack())
    assert ana.alert == "This is not there any more. Here is how things stand now."


async def test_a_shops_group_buys_lead_to_themselves(chat: Chat) -> None:
    add_deal(chat.app.units)
    ana = chat.member("Ana")
    await ana.says("/shops")
    await ana.taps(labels(ana.sees("1 shop takes part"))[0])
    page = ana.sees("1 group buy runs here.")
    label = next(label for label in labels(page) if label.startswith("👥"))
    await ana.taps(label)
    ana.sees(label.removeprefix("👥 "))


async def test_many_shops_are_paged(chat: Chat) -> None:
    for n in range(2 * PAGE + 1):
        await rule(chat, add_merchant(chat.app.units, f"Shop {n:02}"))
    ana = chat.member("Ana")
    await ana.says("/shops")
    seen = [label for label in labels(ana.sees(f"{2 * PAGE + 1} shops take part")) if label.startswith("Shop")]
    for _ in range(2):
        page = await ana.taps("More »")
        seen += [label for label in labels(page) if label.startswith("Shop")]
    assert seen == [f"Shop {n:02}" for n in range(2 * PAGE + 1)]
    assert "More »" not in labels(page)
    await ana.taps(seen[-1])
    await ana.taps("All shops")
    assert seen[-1] in labels(ana.sees("shops take part"))
    await ana.taps("« First")
    ana.sees("Shop 00")
    await ana.taps_data(Shops(after=10**9).pack())
    ana.sees("That was all of them.")


async def test_before_the_first_shop_opens(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("where")
    assert labels(ana.sees("No shop has opened here yet.")) == ["My card", "Home"]


async def test_what_has_ended_is_counted_no_more(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    add_reward(chat.app.units, shop, ends_at=chat.clock() + timedelta(hours=1))
    ana = chat.member("Ana")
    await ana.says("/shops")
    ana.sees("Harbour Coffee")
    chat.clock.advance(hours=1)
    await ana.says("/shops")
    ana.sees("No shop has opened here yet.")


@pytest.mark.parametrize(("language", "words"), [("zh-hans", ("港湾咖啡", "每")), ("zh-hant", ("港灣咖啡", "每"))])
async def test_in_chinese_under_their_own_names(chat: Chat, language: str, words: tuple[str, str]) -> None:
    names = {"zh-Hans": {"name": "港湾咖啡"}, "zh-Hant": {"name": "港灣咖啡"}}
    await rule(chat, add_merchant(chat.app.units, "Harbour Coffee", names))
    mei = chat.member("Mei", language=language)
    await mei.says("商家")
    mei.sees(*words)
