"""Looking for something by words: in names of shops, too, with a slip of the finger, one word after the other."""

from __future__ import annotations

import pytest

from handlers.rewards.callbacks import Browse
from tests.kit.chat import Chat, Person, find_button, labels, said
from tests.kit.counter import comes_with
from tests.kit.shops import add_merchant, add_reward


@pytest.fixture
async def ana(chat: Chat) -> Person:
    """In a club with a coffee shop that has no coffee in the names of its rewards, and a tea house."""
    shop = add_merchant(
        chat.app.units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}, "zh-Hant": {"name": "港灣咖啡"}}
    )
    for name in ("Flat white", "Espresso", "Beans", "Carrot cake"):
        add_reward(chat.app.units, shop, name, description="")
    house = add_merchant(chat.app.units, "Tea House")
    add_reward(chat.app.units, house, "Oolong", description="", translations={"zh-Hans": {"name": "高山乌龙茶"}})
    return await comes_with(chat, "Ana", 100)


async def test_a_word_of_a_shops_name_finds_what_it_has(ana: Person) -> None:
    await ana.says("/rewards")
    await ana.taps("Search")
    await ana.says("coffee")
    page = ana.sees("Flat white", "Espresso", "Beans", "Carrot cake")
    assert "Oolong" not in said(page)
    await ana.says("咖啡")
    ana.sees("Flat white", "Espresso", "Beans", "Carrot cake")


async def test_shop_and_reward_are_found_together(ana: Person) -> None:
    await ana.says("/rewards harbour cake")
    page = ana.sees("Carrot cake · Harbour Coffee")
    assert "Espresso" not in said(page)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("expresso", "Espresso"), ("cofee", "Flat white"), ("Harbor", "Beans"), ("carot cake", "Carrot cake")],
)
async def test_a_slip_of_the_finger_finds_what_was_meant(ana: Person, typed: str, meant: str) -> None:
    await ana.says(f"/rewards {typed}")
    page = ana.sees(f"I found no reward for “{typed.casefold()}”. Perhaps you mean one of these:", meant)
    assert "Oolong" not in said(page)
    assert find_button(page, meant)


async def test_half_of_a_chinese_word_finds_the_whole(ana: Person) -> None:
    await ana.says("/rewards 乌龙奶茶")
    page = ana.sees("Oolong")
    assert "Espresso" not in said(page)


@pytest.mark.parametrize("typed", ["care", "xyzzy", "ten", "茶叶蛋糕"])
async def test_another_word_is_no_slip(ana: Person, typed: str) -> None:
    await ana.says(f"/rewards {typed}")
    page = ana.sees(f"I found no reward for “{typed}”.")
    assert "one of these" not in said(page)


async def test_the_search_stays_open_for_the_next_word(ana: Person) -> None:
    await ana.says("/rewards")
    await ana.taps("Search")
    for typed, found in (("espresso", "Espresso"), ("nothing like it", "I found no reward"), ("oolong", "Oolong")):
        await ana.says(typed)
        ana.sees(found)
    ana.sees("Type another word to go on searching.")


@pytest.mark.parametrize(
    ("said_", "answer"),
    [
        ("points", "100 points to spend"),
        ("how many points do I have", "100 points to spend"),
        ("Group buys", "Group buys"),
        ("/vouchers", "voucher"),
        ("what does it cost?", "Joining is free"),
        ("stop", "Stopped."),
    ],
)
async def test_who_says_something_else_has_left_the_search(ana: Person, said_: str, answer: str) -> None:
    await ana.says("/rewards espresso")
    await ana.says(said_)
    ana.sees(answer)
    await ana.says("qwertz")
    ana.sees("I did not quite get that.")


async def test_without_words_the_search_is_over(ana: Person) -> None:
    await ana.says("/rewards espresso")
    await ana.taps("✕ espresso")
    await ana.says("qwertz")
    ana.sees("I did not quite get that.")
    await ana.says("/rewards nothing")
    assert "Everything" in labels(ana.sees("I found no reward for “nothing”."))
    await ana.taps("Everything")
    await ana.says("qwertz")
    ana.sees("I did not quite get that.")


async def test_on_an_old_page_the_next_word_may_be_typed_as_it_says(ana: Person) -> None:
    await ana.says("/points")
    await ana.taps_data(Browse(words="espresso").pack())
    ana.sees("Espresso", "Type another word to go on searching.")
    await ana.says("oolong")
    ana.sees("Oolong")


async def test_a_word_that_is_a_wish_and_a_reward_is_looked_for_first(ana: Person, chat: Chat) -> None:
    add_reward(chat.app.units, add_merchant(chat.app.units, "Red Door"), "Birthday cake", description="")
    await ana.says("/rewards espresso")
    await ana.says("birthday cake")
    ana.sees("Birthday cake · Red Door")
