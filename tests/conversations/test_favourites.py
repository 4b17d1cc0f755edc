"""Favourites: a heart on the card, a list of them, and a message when one comes within reach."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from handlers.rewards.callbacks import Heart
from loyalty.rewards import RewardState
from storage.rewards import rewards
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.shops import add_merchant, add_reward

LINE = "tell of favourites"


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


async def comes_with(chat: Chat, name: str, points: int = 0, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if points:
        await person.earns(points)
    return person


async def loves(person: Person, name: str) -> None:
    await person.says("/rewards")
    await person.taps(name)
    await person.taps("♡")


async def the_round(chat: Chat) -> None:
    await chat.timetable.works(LINE)
    await chat.courier.delivers()


async def test_a_heart_is_kept_and_told_of(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, price_minor=120)
    add_reward(chat.app.units, shop, "Cake", points=80)
    ana = await comes_with(chat, "Ana", 50)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    card = await ana.taps("♡ Add to favourites", times=2)
    assert ana.toast == "Kept among your favourites. I will tell you when you have the points for it."
    assert "♥ Remove from favourites" in labels(card)
    await ana.says("/rewards")
    ana.sees("Flat white · Harbour Coffee ♥")
    await ana.taps("Favourites")
    page = ana.sees("Flat white")
    assert "Cake" not in said(page)
    await the_round(chat)
    ana.has_not_seen("You have the points for")
    await ana.earns(30)
    await the_round(chat)
    await the_round(chat)
    told = [message for message in chat.messages(ana.id) if "You have the points for" in said(message)]
    assert [said(message) for message in told] == [
        "You have the points for Flat white at Harbour Coffee now; it takes 80.\nYou pay €1.20 on top, at the counter."
    ]
    await ana.taps("Show it", on=told[0])
    ana.sees("It takes 80 points, and you have 80.")
    await ana.taps("Redeem")
    await ana.taps("Confirm")
    ana.sees("It is yours.")


async def test_taken_away_nothing_is_told(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana")
    await loves(ana, "Flat white")
    card = await ana.taps("♥ Remove from favourites", times=2)
    assert ana.toast == "This is no favourite of yours any more."
    assert "♡ Add to favourites" in labels(card)
    await ana.earns(100)
    await the_round(chat)
    ana.has_not_seen("You have the points for")
    await ana.says("/rewards")
    await ana.taps("Favourites")
    empty = ana.sees("You have no favourites yet.")
    assert "✓ Favourites" in labels(empty)


async def test_what_is_within_reach_is_only_kept(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await loves(ana, "Flat white")
    assert ana.toast == "Kept among your favourites."
    await the_round(chat)
    ana.has_not_seen("You have the points for")


async def test_two_favourites_two_messages_and_nobody_elses(chat: Chat, shop: int) -> None:
    for name in ("Flat white", "Cake"):
        add_reward(chat.app.units, shop, name, points=80)
    ana, bo = await comes_with(chat, "Ana"), await comes_with(chat, "Bo")
    for name in ("Flat white", "Cake"):
        await loves(ana, name)
    for person in (ana, bo):
        await person.earns(80)
    await the_round(chat)
    ana.has_seen("You have the points for Flat white")
    ana.has_seen("You have the points for Cake")
    bo.has_not_seen("You have the points for")


async def test_at_night_it_waits_for_the_morning(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana")
    await loves(ana, "Flat white")
    chat.clock.move_to(chat.clock().replace(hour=23))
    await ana.earns(80)
    await the_round(chat)
    ana.has_not_seen("You have the points for")
    chat.clock.advance(hours=10)
    await chat.courier.delivers()
    ana.has_seen("You have the points for Flat white")


async def test_hearts_of_what_is_gone(chat: Chat, shop: int) -> None:
    reward_id = add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana")
    await loves(ana, "Flat white")
    with chat.app.database.engine.begin() as connection:
        connection.execute(update(rewards).values(state=RewardState.PAUSED))
    await ana.taps_data(Heart(reward_id=reward_id, is_on=True).pack())
    ana.sees("The shop is taking a break with this one.")
    with chat.app.database.engine.begin() as connection:
        connection.execute(update(rewards).values(removed_at=chat.clock()))
    await ana.taps_data(Heart(reward_id=reward_id, is_on=False).pack())
    assert labels(ana.sees("The shop has taken this one away.")) == ["Rewards", "Home"]
    await ana.taps_data(Heart(reward_id=reward_id, is_on=True).pack())
    assert ana.alert == "The shop has taken this one away."
    await ana.says("/rewards")
    await ana.taps_data(Heart(reward_id=404, is_on=True).pack())
    assert ana.alert == "This is not there any more. Here is how things stand now."
    await ana.taps_data(Heart(reward_id=404, is_on=False).pack())
    assert ana.alert == "This is not there any more. Here is how things stand now."


async def test_in_chinese(chat: Chat, shop: int) -> None:
    words = {"zh-Hans": {"name": "澳白一杯"}, "zh-Hant": {"name": "澳式白咖啡"}}
    add_reward(chat.app.units, shop, points=80, translations=words)
    mei = await comes_with(chat, "Mei", language="zh-hans")
    fang = await comes_with(chat, "Fang", language="zh-hant")
    for person, name in ((mei, "澳白一杯"), (fang, "澳式白咖啡")):
        await loves(person, name)
        await person.earns(80)
    assert mei.toast == "已收藏。积分够了我会告诉你。"
    assert fang.toast == "已收藏。點數夠了我會告訴你。"
    await the_round(chat)
    mei.has_seen("你的积分够换港湾咖啡的澳白一杯了，需要 80 积分。")
    fang.has_seen("你的點數夠換Harbour Coffee的澳式白咖啡了，需要 80 點。")
