"""Shops that nobody runs any more: they sell nothing new, and what they owe stays good."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from loyalty.merchants import Role
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.counter import comes_with, staff
from tests.kit.deals import add_deal
from tests.kit.shops import add_merchant, add_reward


@dataclass
class Corner:
    """With an owner, a cashier, a reward, a group buy, and Ana, who has a voucher."""

    chat: Chat
    shop: int
    deal: int
    olga: Person
    olive: Person
    cato: Person
    ana: Person


@pytest.fixture
async def corner(chat: Chat) -> Corner:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    reward = add_reward(chat.app.units, shop, "Flat white", points=80)
    deal = add_deal(chat.app.units)
    olga = chat.operator()
    await olga.says("/start")
    olive, cato = await staff(chat, shop), await staff(chat, shop, "Cato", Role.CASHIER)
    ana = await comes_with(chat, "Ana", 1000)
    await chat.courier.delivers()
    await chat.run(chat.club.rewards.redeem, await ana.member(), reward, "ABCD2345")
    return Corner(chat, shop, deal, olga, olive, cato, ana)


async def is_deserted(corner: Corner) -> None:
    """What is true of a shop without an owner, for everybody."""
    chat, ana = corner.chat, corner.ana
    await chat.courier.delivers()
    corner.olga.sees("Nobody who owns Harbour Coffee can be reached any more.")
    listed = await ana.says("/rewards")
    assert "Flat white" not in str(labels(listed))
    deals = await ana.says("/groupbuy")
    assert "Coffee beans" not in str(labels(deals)) + said(deals)
    await ana.opens(f"https://t.me/perkchat_bot?start=d_{corner.deal}")
    assert not any("Open a group" in label for label in labels(chat.last_message(ana.id)))


@pytest.mark.parametrize("way", ["taken off", "blocks the bot"])
async def test_a_shop_whose_only_owner_leaves_sells_nothing_new(corner: Corner, way: str) -> None:
    chat, olga, olive = corner.chat, corner.olga, corner.olive
    code = (await olive.member()).code
    if way == "taken off":
        await olga.says(f"/merchant staff {corner.shop} {code} none")
    else:
        chat.telegram.people.block(olive.id)
        await chat.settle()
        await chat.timetable.works("look after shops")
    await is_deserted(corner)
    for _ in range(2):
        await chat.timetable.works("look after shops")
    await chat.courier.delivers()
    told = [one for one in chat.messages(olga.id) if "Nobody who owns Harbour Coffee" in said(one)]
    assert len(told) == 1, "once"

    await olga.taps("To the shop", on=told[0])
    olga.sees("Nobody who owns it can be reached: it sells nothing new.")
    assert "Invite an owner" in labels(chat.last_message(olga.id))

    if way == "taken off":
        await olga.says(f"/merchant staff {corner.shop} {code} owner")
    else:
        chat.telegram.people.unblock(olive.id)
        await olive.says("/start")
        await chat.timetable.works("look after shops")
    listed = await corner.ana.says("/rewards")
    assert "Flat white" in str(labels(listed))


async def test_at_the_till_of_a_deserted_shop_vouchers_are_taken_and_nothing_is_booked(corner: Corner) -> None:
    chat, ana, cato = corner.chat, corner.ana, corner.cato
    await corner.olga.says(f"/merchant staff {corner.shop} {(await corner.olive.member()).code} none")
    await ana.says("/card")
    await cato.says(f"/till {(await ana.member()).card_code}")
    await cato.says("12.50")
    cato.sees("Nobody who owns this shop can be reached, so nothing new is booked here.")
    with chat.app.units() as uow:
        [voucher] = uow.vouchers.usable((await ana.member()).id, corner.shop, chat.clock(), limit=5)
    await cato.says(f"/till {voucher.code}")
    await cato.taps("Take")
    assert "Done. Ana gets Flat white" in said(chat.last_message(cato.id))


async def test_nobody_joins_a_group_of_a_deserted_shop(corner: Corner) -> None:
    chat, ana = corner.chat, corner.ana
    bo = await comes_with(chat, "Bo", 1000)
    await ana.opens(f"https://t.me/perkchat_bot?start=d_{corner.deal}")
    await ana.taps("Open a group")
    chat.telegram.people.block(corner.olive.id)
    await chat.settle()
    await chat.timetable.works("look after shops")
    await bo.opens("https://t.me/perkchat_bot?start=g_1")
    await bo.taps_data("join:1:en")
    assert await bo.balance() == 1000


async def test_a_shop_that_has_no_owner_yet_is_nobodys_worry(chat: Chat) -> None:
    olga = chat.operator()
    await olga.says("/merchant new Bakery")
    await chat.timetable.works("look after shops")
    await chat.courier.delivers()
    olga.has_not_seen("Nobody who owns")
