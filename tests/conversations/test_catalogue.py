"""Leafing through the rewards: by shop, by reach, by favourites and by words, and all of them together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from handlers.rewards.callbacks import AskSearch, Browse, Heart, LeaveSearch, ShopsPage, ShowFound, ShowReward
from loyalty.members import Tier
from loyalty.rewards import RewardState, Wanted
from storage.rewards import rewards
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.shops import add_merchant, add_reward


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


async def comes_with(chat: Chat, name: str, points: int, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if points:
        await person.earns(points)
    return person


def change(chat: Chat, reward_id: int, **facts: object) -> None:
    with chat.app.database.engine.begin() as connection:
        connection.execute(update(rewards).where(rewards.c.id == reward_id).values(**facts))


async def test_one_shop_after_another(chat: Chat, shop: int) -> None:
    door = add_merchant(chat.app.units, "Red Door")
    add_reward(chat.app.units, shop, "Flat white")
    add_reward(chat.app.units, shop, "Beans")
    add_reward(chat.app.units, door, "Noodles")
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("By shop")
    shops = ana.sees("Whose rewards would you like to see?")
    assert labels(shops) == ["Harbour Coffee · 2", "Red Door · 1", "All shops", "Home"]
    await ana.taps("Red Door")
    page = ana.sees("Noodles · Red Door")
    assert "Flat white" not in said(page)
    await ana.taps("✕ Red Door")
    ana.sees("Noodles", "Flat white", "Beans")
    await ana.taps("By shop")
    await ana.taps("All shops")
    ana.sees("Noodles", "Flat white")


async def test_what_is_within_reach(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Flat white", points=80)
    add_reward(chat.app.units, shop, "Grinder", points=900)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Within reach")
    page = ana.sees("✅ Flat white")
    assert "Grinder" not in said(page)
    await ana.taps("✓ Within reach", times=2)
    ana.sees("Flat white", "Grinder", "800 points missing")
    bo = await comes_with(chat, "Bo", 0)
    await bo.says("/rewards")
    await bo.taps("Within reach")
    empty = bo.sees("With 0 points nothing is within reach yet.")
    assert labels(empty) == ["✓ Within reach", "Favourites", "By shop", "Search", "Check in", "Everything", "Home"]
    await bo.taps("Everything")
    bo.sees("Flat white", "Grinder")


async def test_words_find_rewards(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Flat white", translations={"zh-Hans": {"name": "澳白一杯"}})
    add_reward(chat.app.units, shop, "Carrot cake", description="Baked today.")
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards FLAT")
    page = ana.sees("Flat white")
    assert "Carrot cake" not in said(page)
    await ana.taps("✕ flat")
    ana.sees("Carrot cake")
    await ana.taps("Search")
    ask = ana.sees("What are you looking for?")
    assert labels(ask) == ["Cancel"]
    await ana.says("  Today   cake ")
    page = ana.sees("Carrot cake")
    assert "Flat white" not in said(page)
    # The search is open: the next words are one, too.
    await ana.says("qwertz")
    ana.sees("I found no reward for “qwertz”.")
    await ana.says("/rewards 澳白")
    ana.sees("Flat white")
    await ana.says("/rewards tea")
    empty = ana.sees("I found no reward for “tea”.")
    assert labels(empty) == ["Within reach", "Favourites", "By shop", "✕ tea", "Everything", "Home"]


@pytest.mark.parametrize("nothing", ["", ":", "::: :", "\u200b", "\u0007"])
async def test_a_search_for_nothing_leaves_the_form_open(chat: Chat, shop: int, nothing: str) -> None:
    add_reward(chat.app.units, shop, "Flat white")
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Search")
    if nothing:
        await ana.says(nothing)
    else:
        await ana.sends("sticker")
    asked = ana.sees("Type a word of what you are looking for.", "What are you looking for?")
    assert labels(asked) == ["Cancel"]
    await ana.says("flat")
    ana.sees("Flat white · Harbour Coffee")


@pytest.mark.parametrize("long", ["a cup of coffee with milk", "一二三四五六七八九", "x" * 4000])
async def test_a_search_that_is_too_long_leaves_the_form_open(chat: Chat, shop: int, long: str) -> None:
    add_reward(chat.app.units, shop, "Flat white")
    ana = await comes_with(chat, "Ana", 100)
    await ana.says(f"/rewards {long}")
    ana.sees("That is too long to search for. One or two words do.", "What are you looking for?")
    await ana.says(long)
    ana.sees("That is too long to search for.")
    await ana.says("flat")
    ana.sees("Flat white · Harbour Coffee")


@pytest.mark.parametrize("odd", ["%", "_", "\\", "'; DROP TABLE rewards", "<b>x</b>", "a:b:c", "😀"])
async def test_odd_signs_are_searched_for_as_they_are(chat: Chat, shop: int, odd: str) -> None:
    add_reward(chat.app.units, shop, "Flat white", description="Milk & more")
    add_reward(chat.app.units, shop, f"Odd {odd.replace(':', ' ')} one", description="", points=10)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says(f"/rewards {odd}")
    page = ana.sees("Odd ")
    assert "Flat white" not in said(page)


async def test_cancel_leaves_the_search_as_it_was(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Flat white", points=80)
    add_reward(chat.app.units, shop, "Grinder", points=900)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Within reach")
    await ana.taps("Search")
    await ana.taps("Cancel", times=2)
    page = ana.sees("Flat white")
    assert "✓ Within reach" in labels(page)
    assert "Grinder" not in said(page)
    await ana.says("qwertz")
    ana.sees("I did not quite get that.")


async def test_everything_together_over_several_pages(chat: Chat, shop: int) -> None:
    door = add_merchant(chat.app.units, "Red Door")
    add_reward(chat.app.units, door, "Cake to go", points=10)
    add_reward(chat.app.units, shop, "Cake frother", points=900)
    add_reward(chat.app.units, shop, "Tea", points=10)
    for n in range(8):
        add_reward(chat.app.units, shop, f"Cake {n}", points=20)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards cake")
    await ana.taps("Within reach")
    await ana.taps("By shop")
    await ana.taps("Harbour Coffee")
    page = ana.sees("Cake 0", "Cake 5")
    assert {"✓ Within reach", "✕ Harbour Coffee", "✕ cake", "More »"} <= set(labels(page))
    await ana.taps("More »", times=2)
    page = ana.sees("Cake 6", "Cake 7")
    assert not any(word in said(page) for word in ("Cake 5", "frother", "Cake to go", "Tea"))
    assert "More »" not in labels(page)
    await ana.taps("« First")
    ana.sees("Cake 0")
    await ana.taps("Favourites")
    empty = ana.sees("Nothing fits all of this.")
    assert "✓ Favourites" in labels(empty)
    await ana.taps("Everything")
    ana.sees("Tea", "Cake to go")


async def test_from_a_card_the_way_leads_back_to_what_was_wanted(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Flat white", points=80)
    add_reward(chat.app.units, shop, "Grinder", points=900)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards white")
    await ana.taps("Flat white")
    await ana.taps("♡ Add to favourites")
    await ana.taps("Rewards")
    page = ana.sees("Flat white · Harbour Coffee ♥")
    assert "✕ white" in labels(page)
    assert "Grinder" not in said(page)


async def test_a_search_within_a_shop_stays_there(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Coffee here")
    add_reward(chat.app.units, add_merchant(chat.app.units, "Red Door"), "Coffee there")
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("By shop")
    await ana.taps("Harbour Coffee")
    await ana.taps("Search")
    await ana.says("coffee")
    page = ana.sees("Coffee here")
    assert "Coffee there" not in said(page)


async def test_a_page_that_has_emptied_has_a_way_on(chat: Chat, shop: int) -> None:
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    ana.sees("The shops have no rewards just now.")
    await ana.taps_data(ShopsPage().pack())
    assert labels(ana.sees("The shops have no rewards just now.")) == ["Rewards", "Home"]
    reward_id = add_reward(chat.app.units, shop)
    await ana.taps_data(Browse(shop=shop).pack())
    ana.sees("Flat white")
    await ana.taps_data(ShopsPage(after=shop).pack())
    assert labels(ana.sees("That was all of them.")) == ["Rewards", "Home"]
    await ana.taps_data(Browse(shop=shop, points=10**6, after=1).pack())
    ana.sees("That was all of them.")
    change(chat, reward_id, state=RewardState.PAUSED)
    await ana.taps_data(Browse(shop=shop).pack())
    gone = ana.sees("This shop has no rewards just now.")
    assert "✕ This shop" in labels(gone)


async def test_old_buttons_of_what_is_paused_removed_or_a_draft(chat: Chat, shop: int) -> None:
    reward_id = add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    question = await ana.taps("Redeem")
    change(chat, reward_id, state=RewardState.PAUSED)
    await ana.taps("Confirm", on=question)
    assert ana.alert == "The shop is taking a break with this one."
    change(chat, reward_id, removed_at=chat.clock())
    await ana.taps("Confirm", on=question)
    assert ana.alert == "The shop has taken this one away."
    card = ana.sees("The shop has taken this one away.")
    assert labels(card) == ["Rewards", "Home"]
    assert await ana.balance() == 100
    draft = add_reward(chat.app.units, shop, "Draft", published_at=None)
    await ana.taps_data(ShowReward(reward_id=draft).pack())
    assert ana.alert == "This is not there any more. Here is how things stand now."


async def test_points_and_money_are_said_everywhere(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Grinder", points=80, price_minor=1200)
    ana = await comes_with(chat, "Ana", 100)
    page = await ana.says("/rewards")
    ana.sees("80 points and €12.00 · yours if you like")
    assert "Grinder · 80 + €12.00" in labels(page)
    await ana.taps("Grinder")
    ana.sees("It takes 80 points, and you have 100.", "You pay €12.00 on top, at the counter.")
    await ana.taps("Redeem")
    ana.sees("Redeem this for 80 points?", "You pay €12.00 on top, at the counter.")
    await ana.taps("Confirm")
    ana.sees("You pay €12.00 on top, at the counter.")
    # The shop asks for more from now on: what was bought keeps its price.
    with chat.app.database.engine.begin() as connection:
        connection.execute(update(rewards).values(price_minor=9900))
    await ana.says("/vouchers")
    await ana.taps("Grinder")
    ana.sees("You pay €12.00 on top, at the counter.")


async def test_a_limit_of_a_span_says_when_it_opens(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=10, per_member=1, per_member_days=7)
    add_reward(chat.app.units, shop, "Cookie", points=10, per_member=3, per_member_days=30)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Cookie")
    ana.sees("Up to 3 times in 30 days.")
    await ana.says("/rewards")
    await ana.taps("Flat white")
    ana.sees("Once in 7 days.")
    await ana.taps("Redeem")
    await ana.taps("Confirm")
    await ana.says("/rewards")
    await ana.taps("Flat white")
    ana.sees("You have had this one already. You can have it again from 8 May 2026, 10:00.")
    chat.clock.advance(days=7)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    await ana.taps("Redeem")
    await ana.taps("Confirm")
    ana.sees("It is yours. You have 80 points left.")


async def test_in_chinese(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, price_minor=1200, translations={"zh-Hans": {"name": "澳白一杯"}})
    mei = await comes_with(chat, "Mei", 100, language="zh-hans")
    await mei.says("/rewards")
    mei.sees("80 积分 + €12.00")
    await mei.taps("按商家")
    await mei.taps("港湾咖啡 · 1")
    await mei.taps("✕ 港湾咖啡")
    await mei.taps("搜索")
    mei.sees("想找什么？")
    await mei.says("澳白")
    mei.sees("澳白一杯")
    await mei.says("/rewards 茶")
    mei.sees("没找到和“茶”有关的好礼")
    fang = await comes_with(chat, "Fang", 0, language="zh-hant")
    await fang.says("/rewards")
    fang.sees("80 點 + €12.00")
    await fang.taps("現在能換")
    fang.sees("0 點暫時還換不了好禮。")


@pytest.mark.parametrize(
    "data",
    [
        "rfind:0:0:0::0",
        "rfind:0:0:0::0:0:more",
        "rfind:-1:0:0::0:0",
        "rfind:0:0:0::1000000000:0",
        "rfind:0:x:0::0:0",
        "rshops:0:0:0::x",
        "rsearch:0:0",
        "norsearch:-1:0:0:",
        "rfound:0:0:0::",
        "heart:0:0:0::1:maybe",
        "heart:1:1",
    ],
)
async def test_a_made_up_button_is_out_of_date(chat: Chat, shop: int, data: str) -> None:
    add_reward(chat.app.units, shop)
    ana = await comes_with(chat, "Ana", 100)
    await ana.taps_data(data)
    assert ana.toast == "This button is out of date. Here is how things stand now."


async def test_a_shop_that_never_was(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop)
    ana = await comes_with(chat, "Ana", 100)
    await ana.taps_data(Browse(shop=404).pack())
    ana.sees("This shop has no rewards just now.")


def test_the_buttons_fit_into_what_telegram_carries() -> None:
    most, words = 10**9 - 1, "咖" * 8
    wanted = Wanted(merchant_id=most, is_in_reach=True, is_favourite=True, words=words)
    for button in (
        Browse.of(wanted, points=most, after=most),
        ShopsPage.of(wanted, after=most),
        AskSearch.of(wanted),
        LeaveSearch.of(wanted),
        ShowFound.of(wanted, reward_id=most),
        Heart.of(wanted, reward_id=most, is_on=True),
    ):
        assert len(button.pack().encode()) <= 64
    assert Browse.unpack(Browse.of(wanted).pack()).wanted == wanted


async def test_tiers_and_stock_are_told_in_a_narrowed_list(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Tote", points=10, tier_min=Tier.SILVER)
    add_reward(chat.app.units, shop, "Last cake", points=10, stock=0)
    add_reward(chat.app.units, shop, "Soon over", points=10, ends_at=chat.clock() + timedelta(hours=1))
    ana = await comes_with(chat, "Ana", 100)
    await ana.taps_data(Browse(shop=shop).pack())
    ana.sees("🔒 Tote", "🥈 from Silver", "▫️ Last cake", "sold out", "✅ Soon over")
    chat.clock.advance(hours=1)
    page = await ana.taps_data(Browse(shop=shop, in_reach=True).pack())
    assert "Nothing fits all of this." in said(page)
