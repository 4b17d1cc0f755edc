"""Vouchers that are given back for their points, and those that end soon."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.rewards.callbacks import AskGiveBack, GiveBack
from loyalty.vouchers import VoucherState
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.deals import add_deal
from tests.kit.shops import add_merchant, add_reward, appoint


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


async def comes_with(chat: Chat, name: str, points: int = 0, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if points:
        await person.earns(points)
    return person


async def redeems(person: Person, name: str = "Flat white") -> Message:
    await person.says("/rewards")
    await person.taps(name)
    await person.taps("Redeem")
    return await person.taps("Confirm")


async def newest(person: Person) -> int:
    member = await person.member()
    wallet = await person.chat.run(person.chat.club.vouchers.wallet, member.id)
    return wallet.vouchers[0].id


async def test_a_voucher_becomes_points_again(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, stock=1)
    ana, bo = await comes_with(chat, "Ana", 100), await comes_with(chat, "Bo", 100)
    await redeems(ana)
    ana.sees("Changed your mind? You can give it back until 15 May 2026.")
    await ana.taps("Give it back")
    question = ana.sees("Flat white · Harbour Coffee", "Give this voucher back for 80 points?")
    assert labels(question) == ["Give it back", "Keep it"]
    assert await ana.balance() == 20
    await ana.taps("Give it back", times=2)
    ana.sees("Given back. 80 points are yours again", "You have 100 points now.")
    assert await ana.balance() == 100
    again = await ana.taps("Give it back", on=question)
    assert "Given back. 80 points are yours again" in said(again)
    assert await ana.balance() == 100
    await ana.says("/vouchers")
    ana.sees("Nothing waits for you at a counter.")
    await ana.taps("Expired")
    ana.sees("Flat white", "Cancelled")
    card = await ana.taps("Flat white")
    assert labels(card) == ["My vouchers", "Home"]
    # The last one is on the shelf again.
    await redeems(bo)
    bo.sees("It is yours.")


async def test_keep_it_shows_the_voucher_again(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await redeems(ana)
    await ana.taps("Give it back")
    kept = await ana.taps("Keep it")
    assert "photo" in kept
    ana.sees("Show this at the counter", "Code: ")
    assert await ana.balance() == 20


async def test_the_counter_was_faster(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana, cato = await comes_with(chat, "Ana", 100), await comes_with(chat, "Cato")
    appoint(chat.app.units, shop, await cato.member())
    code = said(await redeems(ana)).partition("Code: ")[2].splitlines()[0]
    question = await ana.taps("Give it back")
    await cato.says(f"/voucher {code}")
    await cato.taps("Take it")
    await ana.taps("Give it back", on=question)
    assert ana.alert is not None
    assert ana.alert.startswith("This voucher was used already, on 1 May 2026")
    assert labels(ana.sees("Used on 1 May 2026")) == ["My vouchers", "Home"]
    assert await ana.balance() == 20


async def test_the_member_was_faster(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, price_minor=500)
    ana, cato = await comes_with(chat, "Ana", 100), await comes_with(chat, "Cato")
    appoint(chat.app.units, shop, await cato.member())
    code = said(await redeems(ana)).partition("Code: ")[2].splitlines()[0]
    check = await cato.says(f"/voucher {code}")
    cato.sees("For Ana, 80 points", "Collect €5.00")
    await ana.taps("Give it back")
    await ana.taps("Give it back")
    await cato.taps("Take it", on=check)
    assert cato.alert == "This voucher was cancelled."
    assert await ana.balance() == 100


async def test_too_late(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await redeems(ana)
    question = await ana.taps("Give it back")
    chat.clock.advance(days=15)
    for button in ("Give it back", "Give it back"):
        await ana.taps(button, on=question)
        assert ana.alert == "It could be given back until 15 May 2026. At the counter it is still good."
    shown = ana.sees("Show this at the counter")
    assert labels(shown) == ["My vouchers", "Home"]
    await ana.taps_data(AskGiveBack(voucher_id=await newest(ana)).pack())
    assert ana.alert == "It could be given back until 15 May 2026. At the counter it is still good."
    assert await ana.balance() == 20


async def test_a_group_buy_is_not_given_back(chat: Chat, shop: int) -> None:
    deal_id = add_deal(chat.app.units, size=2, group_points=50)
    ana, bo = await comes_with(chat, "Ana", 100), await comes_with(chat, "Bo", 100)
    group = (await chat.run(chat.club.group_buys.open, await ana.member(), deal_id, "ABCD2345")).group
    await chat.run(chat.club.group_buys.join, await bo.member(), group.id)
    await ana.says("/vouchers")
    card = await ana.taps("Coffee beans")
    assert "Give it back" not in labels(card)
    for button in (AskGiveBack(voucher_id=await newest(ana)), GiveBack(voucher_id=await newest(ana))):
        await ana.taps_data(button.pack())
        assert ana.alert == "A group bought this together at its price, so nobody can give back a part of it."
    assert await ana.balance() == 50


@pytest.mark.permission
async def test_nobody_gives_back_what_is_somebody_elses(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana, bo = await comes_with(chat, "Ana", 100), await comes_with(chat, "Bo", 0)
    await redeems(ana)
    voucher_id = await newest(ana)
    for number in (voucher_id, 404):
        for button in (AskGiveBack(voucher_id=number), GiveBack(voucher_id=number)):
            await bo.taps_data(button.pack())
            assert bo.alert == "This is not there any more. Here is how things stand now."
    assert (await ana.balance(), await bo.balance()) == (20, 0)
    owner = await ana.member()
    assert (await chat.run(chat.club.vouchers.own, owner.id, voucher_id)).state is VoucherState.ISSUED


@pytest.mark.parametrize("data", ["vback:", "vback:x", "vbacknow:-1", "vbacknow:1:2", f"vback:{2**63}"])
async def test_a_made_up_button_is_out_of_date(chat: Chat, data: str) -> None:
    ana = await comes_with(chat, "Ana")
    await ana.taps_data(data)
    assert ana.toast == "This button is out of date. Here is how things stand now."


async def test_a_voucher_that_ends_soon_is_told_of_once_and_by_day(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await redeems(ana)
    chat.clock.move_to(chat.clock().replace(hour=0) + timedelta(days=84))  # a week before its last day is over
    for _ in range(2):
        await chat.timetable.works("warn of vouchers")
        await chat.courier.delivers()
    ana.has_not_seen("Do not let it go to waste.")
    chat.clock.advance(hours=9)
    for _ in range(2):
        await chat.timetable.works("warn of vouchers")
        await chat.courier.delivers()
    told = [message for message in chat.messages(ana.id) if "Do not let it go to waste." in said(message)]
    assert [said(message) for message in told] == [
        "Your voucher for Flat white at Harbour Coffee is good until 30 Jul 2026. Do not let it go to waste."
    ]
    shown = await ana.taps("Show it", on=told[0])
    assert "photo" in shown
    ana.sees("Show this at the counter")


async def test_in_chinese(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, translations={"zh-Hans": {"name": "澳白一杯"}})
    mei = await comes_with(chat, "Mei", 100, language="zh-hans")
    fang = await comes_with(chat, "Fang", 100, language="zh-hant")
    for person, reward, redeem, confirm in (
        (mei, "澳白一杯", "兑换", "确认"),
        (fang, "Flat white", "兌換", "確認"),
    ):
        await person.says("/rewards")
        await person.taps(reward)
        await person.taps(redeem)
        await person.taps(confirm)
        await person.taps("退券")
        await person.taps("退券")
        assert await person.balance() == 100
    mei.sees("已退券。80 积分回到了你的账户", "澳白一杯 · 港湾咖啡")
    fang.sees("已退券。80 點回到了你的帳戶")
