"""A group buy without a group, what it costs in money, and what whoever organises gets."""

from __future__ import annotations

import pytest

from loyalty.merchants import Role
from tests.kit.buyers import buyers, group_of
from tests.kit.chat import Chat, labels, said
from tests.kit.deals import SHOP, add_deal, stock_of
from tests.kit.group_buys import change_deal
from tests.kit.shops import add_merchant, appoint

ALONE = "Alone for 360 points"


@pytest.fixture
def beans(chat: Chat) -> int:
    return add_deal(chat.app.units)


@pytest.mark.parametrize(
    ("language", "alone", "question", "yes", "done", "because"),
    [
        (
            "en",
            ALONE,
            "Buy this alone for 360 points? You keep 140.",
            "Confirm",
            "You have 140",
            "Bought alone: Coffee",
        ),
        ("zh-hans", "单独买：360 积分", "用 360 积分单独买吗？买后剩 140。", "确认", "140", "单独买：咖啡豆"),
        ("zh-hant", "單獨買：360 點", "用 360 點單獨買嗎？買後剩 140。", "確認", "140", "單獨買：Coffee beans"),
    ],
)
async def test_alone_from_the_deals_own_screen(
    chat: Chat, beans: int, language: str, alone: str, question: str, yes: str, done: str, because: str
) -> None:
    [ana] = await buyers(chat, "Ana", language=language)
    await ana.says("/start d_1")
    await ana.taps(alone)
    asked = ana.sees(question)
    await ana.taps(yes, on=asked, times=2)
    assert chat.last_message(ana.id)["photo"]
    ana.sees(done)
    assert await ana.balance() == 140
    assert stock_of(chat.app.units, beans) == 29
    await ana.says("/points")
    ana.sees(because)
    await ana.taps("1")
    ana.sees(because)


async def test_money_is_said_wherever_points_are(chat: Chat) -> None:
    add_deal(chat.app.units, group_price_minor=500, solo_price_minor=800, size=2)
    ana, bo = await buyers(chat, "Ana", "Bo")
    friends = chat.group("Friends", ana, bo)
    await ana.says("/groupbuy")
    ana.sees("240 points each instead of 360 · + €5.00 at the counter · 2 people")
    await ana.taps("Coffee beans")
    ana.sees("At the counter, on top: together €5.00 each, alone €8.00.")
    await ana.taps("Alone for 360 points + €8.00")
    ana.sees("You pay €8.00 on top, at the counter.")
    await ana.taps("Cancel")
    await ana.taps("Open a group")
    ana.sees("You pay €5.00 on top, at the counter.")
    await ana.taps("Open it for 240 points + €5.00")
    ana.sees("together €5.00 each, alone €8.00")
    card = await ana.shares("g_1", into=friends)
    assert "Together 240 points + €5.00 each, alone 360 points + €8.00." in said(card)
    await bo.says("/start g_1")
    bo.sees("Joining sets 240 points aside", "You pay €5.00 on top, at the counter.")
    await bo.taps("Join")
    await bo.says("/vouchers")
    await bo.taps("Coffee beans")
    bo.sees("You pay €5.00 on top, at the counter.")


async def test_where_there_is_no_money_none_is_mentioned(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    for step in ("Open a group", "Open it for 240 points"):
        assert "counter" not in said(chat.last_message(ana.id))
        await ana.taps(step)
    assert "counter" not in said(chat.last_message(ana.id))


async def test_the_till_collects_the_money_of_one_bought_alone(chat: Chat) -> None:
    add_deal(chat.app.units, solo_price_minor=800)
    ana, cass = await buyers(chat, "Ana Lee", "Cass")
    appoint(chat.app.units, add_merchant(chat.app.units, SHOP), await cass.member(), Role.CASHIER)
    bought = await chat.run(chat.club.solo.buy, await ana.member(), 1, "ABCD2345")
    await cass.says(f"/voucher {bought.voucher.code}")
    cass.sees("Coffee beans", "For Ana, 360 points", "Collect €8.00")
    await cass.taps("Take it")
    cass.sees("Done. Ana gets Coffee beans")
    await chat.courier.delivers()
    ana.sees("Coffee beans")


async def test_a_price_that_changed_is_asked_for_anew(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana")
    await ana.says("/start d_1")
    await ana.taps(ALONE)
    change_deal(chat.app.database, beans, solo_points=380)
    await ana.taps("Confirm")
    assert ana.alert == "The price has changed in the meantime. This is what it costs now."
    ana.sees("Buy this alone for 380 points?")
    await ana.taps("Cancel")
    await ana.taps("Open a group")
    change_deal(chat.app.database, beans, group_points=250)
    await ana.taps("Open it for 240 points")
    assert ana.alert == "The price has changed in the meantime. This is what it costs now."
    assert await ana.balance() == 500
    await ana.taps("Open it for 250 points")
    ana.sees("👥 1/3")


async def test_the_last_piece_went_to_somebody_else(chat: Chat) -> None:
    add_deal(chat.app.units, stock=1)
    ana, bo = await buyers(chat, "Ana", "Bo")
    for person in (ana, bo):
        await person.says("/start d_1")
        await person.taps(ALONE)
    await ana.taps("Confirm")
    ana.sees("It is yours.")
    await bo.taps("Confirm")
    assert bo.alert == "The last one has just gone. Your points are untouched."
    assert ALONE not in labels(bo.sees("Coffee beans"))
    assert await bo.balance() == 500
    await bo.taps_data("solo:1")
    assert bo.alert == "The last one has just gone. Your points are untouched."


async def test_too_few_points_come_with_ways_to_more(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana", points=100)
    await ana.says("/start d_1")
    await ana.taps(ALONE)
    assert {"Check in", "Invite a friend", "Back"} <= set(labels(ana.sees("It takes 360 points and you have 100")))
    await ana.taps("Back")
    ana.sees("You have 100 points.")
    await ana.taps_data("solobuy:1:ABCD2345:360:0")
    ana.sees("260 to go")


async def test_somebody_who_has_it_already(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana", points=2000)
    await ana.says("/start d_1")
    await ana.taps(ALONE)
    await ana.taps("Confirm")
    await ana.says("/start d_1")
    assert ALONE not in labels(ana.sees("You have had this one already."))
    await ana.taps_data("solobuy:1:WXYZ2345:360:0")
    assert ana.alert == "You have had this one already."


async def test_what_is_bought_alone_is_not_given_back(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana")
    bought = await chat.run(chat.club.solo.buy, await ana.member(), beans, "ABCD2345")
    for data in (f"vback:{bought.voucher.id}", f"vbacknow:{bought.voucher.id}"):
        await ana.taps_data(data)
        assert ana.alert == "What is bought alone is not given back. At the counter it is still good."
    assert await ana.balance() == 140


async def test_whoever_organises_hears_of_the_bonus_and_gets_it(chat: Chat) -> None:
    add_deal(chat.app.units, size=2, bonus_points=30)
    ana, bo = await buyers(chat, "Ana", "Bo")
    await ana.says("/start d_1")
    ana.sees("Whoever opens a group gets 30 points when it fills.")
    await ana.taps("Open a group")
    ana.sees("You get 30 points when it fills.")
    await ana.taps("Open it for 240 points")
    ana.sees("You get 30 points when it fills.")
    await bo.says("/start g_1")
    assert "30" not in said(bo.sees("👥 1/2"))
    await bo.taps("Join")
    assert (await ana.balance(), await bo.balance()) == (290, 260)
    await ana.says("/points")
    ana.sees("Your group filled: Coffee beans")
    await ana.taps("1")
    ana.sees("+30", "Your group filled: Coffee beans", f"Paid for by {SHOP}", "good until")


async def test_a_look_counts_once_for_the_shop(chat: Chat, beans: int) -> None:
    ana, bo = await buyers(chat, "Ana", "Bo")
    await group_of(chat, beans, ana)
    for person in (ana, bo):
        for _ in range(2):
            await person.says("/start d_1")
            await person.says("/start g_1")
    for person in (ana, bo):
        member = await person.member()
        assert not (await chat.run(chat.club.group_buys.deal, member.id, beans)).is_first_look


@pytest.mark.parametrize(
    "data",
    ["solo:99", "solo:x", "solo", "solobuy:99:ABCD2345:360:0", "solobuy:1:short:360:0", "solobuy:1:ABCD2345:-1:0",
     "solobuy:1:ABCD2345", "solobuy:1:ABCD2345:0:0", "solobuy:1:ABCD2345:360:1"],
)  # fmt: skip
async def test_made_up_buttons_are_answered(chat: Chat, beans: int, data: str) -> None:
    [ana] = await buyers(chat, "Ana")
    await ana.taps_data(data)
    assert ana.toast is not None
    assert await ana.balance() == 500
    assert stock_of(chat.app.units, beans) == 30


async def test_buying_alone_is_for_ones_own_chat(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana")
    friends = chat.group("Friends", ana)
    listed = await ana.says("/groupbuy@perkchat_bot", in_chat=friends)
    await ana.taps_data("solobuy:1:ABCD2345:360:0", on=listed)
    assert ana.toast is not None
    assert await ana.balance() == 500
