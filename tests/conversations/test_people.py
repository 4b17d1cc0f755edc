"""What people are called, whatever their names are made of."""

from __future__ import annotations

import pytest

from loyalty.merchants import Role
from tests.kit.chat import Chat, labels
from tests.kit.counter import comes_with, staff
from tests.kit.shops import add_merchant, add_reward

ISOLATED_OMAR = "\u2068عبد الله\u2069"


@pytest.mark.parametrize("name", ["🌸 Lily 🌸", "Dr. Ana Lopez", "Mary Ann", "王小明"])
async def test_a_shop_calls_people_by_the_first_name_that_they_have_in_telegram(chat: Chat, name: str) -> None:
    shop = add_merchant(chat.app.units, "Corner")
    olive = await staff(chat, shop)
    ana = chat.member(name, first_name=name)
    await ana.says("/card")
    code = (await ana.member()).card_code
    assert (await ana.member()).first_name == name
    await olive.says(f"/till {code}")
    olive.sees(f"{name} · 🌱 Member")


@pytest.mark.parametrize("name", ["\u3164", "\u200b\u2060", "\u2800"])
async def test_whoever_has_a_name_that_nobody_sees_is_a_friend(chat: Chat, name: str) -> None:
    shop = add_merchant(chat.app.units, "Corner")
    olive, mei = await staff(chat, shop), await staff(chat, shop, "Mei", Role.CASHIER, "zh-hans")
    ana = chat.member(name, first_name=name)
    await ana.says("/start")
    ana.sees("Hello friend.")
    await ana.says("/card")
    code = (await ana.member()).card_code
    await olive.says(f"/till {code}")
    olive.sees("friend · 🌱 Member")
    await mei.says(f"/till {code}")
    mei.sees("朋友 · 🌱")


async def test_a_name_with_signs_that_no_database_takes_is_welcomed(chat: Chat) -> None:
    ana = chat.member("A\x00na", first_name="\u202eA\x00na\u2067")
    await ana.says("/start")
    ana.sees("Hello A na.")
    assert (await ana.member()).name == (await ana.member()).first_name == "A na"


async def test_a_right_to_left_name_does_not_run_into_the_numbers_beside_it(chat: Chat) -> None:
    olga, omar = chat.operator(), chat.member("عبد الله", first_name="عبد الله")
    await omar.says("/start")
    omar.sees(f"Hello {ISOLATED_OMAR}.")
    await olga.says(f"/adjust {(await omar.member()).code} 50 thanks")
    olga.sees(f"{ISOLATED_OMAR}: +50 points.")
    shop = add_merchant(chat.app.units, "Corner")
    await olga.says("/merchant list")
    await chat.run(chat.club.shops.appoint, shop, (await omar.member()).code, Role.CASHIER, actor="test")
    await olga.taps("Corner")
    assert f"{ISOLATED_OMAR} · Cashier" in labels(chat.last_message(olga.id))


async def test_a_right_to_left_title_stays_apart_from_its_price_on_a_button(chat: Chat) -> None:
    add_reward(chat.app.units, add_merchant(chat.app.units, "Corner"), "قهوة", points=80)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    assert any(label.startswith("\u2068قهوة\u2069 · ") for label in labels(chat.last_message(ana.id)))


async def test_a_code_to_be_copied_stays_as_it_is(chat: Chat) -> None:
    olga = chat.operator()
    await olga.says("/merchant new قهوة")
    invitation = chat.last_message(olga.id)["reply_markup"]["inline_keyboard"]
    copied = [b["copy_text"]["text"] for row in invitation for b in row if "copy_text" in b]
    assert all("\u2068" not in text for text in copied)
