"""What comes after a group that did not fill, as people see it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.kit.buyers import buyers, group_of, time_is_over
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import change_deal

OVER = "The group for Coffee beans did not fill in time. Your 240 points are back."
WAYS = ["Keep my points", "Once more with the others", "Join another group", "Alone for 360 points"]


@pytest.fixture
def beans(chat: Chat) -> int:
    return add_deal(chat.app.units)


async def left_over(chat: Chat, deal_id: int, *names: str) -> list[Person]:
    """People whose group did not fill."""
    people = await buyers(chat, *names)
    await group_of(chat, deal_id, *people)
    await time_is_over(chat)
    return people


@pytest.mark.parametrize(
    ("language", "over", "ways", "kept", "made"),
    [
        ("en", OVER, WAYS, "Your points stay with you.", "You have chosen already: you kept your points."),
        (
            "zh-hans",
            "“咖啡豆”没能按时成团，你的 240 积分已退回。",
            ["保留积分", "和大家再拼一次", "换一个团", "单独买：360 积分"],
            "积分留在你这里",
            "你已经选过了：保留积分。",
        ),
        (
            "zh-hant",
            "「Coffee beans」沒能及時成團，你的 240 點已退回。",
            ["保留點數", "跟大家再團一次", "換一團", "單獨買：360 點"],
            "點數留在你這裡",
            "你已經選過了：保留點數。",
        ),
    ],
)
async def test_keeping_the_points(
    chat: Chat, beans: int, language: str, over: str, ways: list[str], kept: str, made: str
) -> None:
    [ana] = await buyers(chat, "Ana", language=language)
    await group_of(chat, beans, ana)
    await time_is_over(chat)
    notice = ana.sees(over)
    assert labels(notice) == ways
    assert len([message for message in chat.messages(ana.id) if over in said(message)]) == 1
    keep, again, _, alone = ways
    await ana.taps(keep, on=notice, times=2)
    ana.sees(kept)
    for other in (again, alone):
        await ana.taps_data(f"choose:1:{'extend:0:0' if other is again else 'solo:360:0'}")
        assert ana.alert is not None
        assert ana.alert.startswith(made)
    assert await ana.balance() == 500
    assert stock_of(chat.app.units, beans) == 30


async def test_the_notice_says_until_when_in_ones_own_time(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana")
    await chat.run(chat.club.members.move, await ana.member(), "Taipei")
    await group_of(chat, beans, ana)
    await time_is_over(chat)
    ana.sees("Until 3 May 2026, 18:00 you can choose what comes next. If you do nothing, the points stay with you.")
    assert "tell you late" not in said(chat.last_message(ana.id))


async def test_after_a_silence_the_truth_is_told(chat: Chat, beans: int) -> None:
    [ana] = await buyers(chat, "Ana")
    await group_of(chat, beans, ana)
    await time_is_over(chat, hours=31)
    ana.sees(OVER, "Its time was over on 2 May 2026, 10:00. We were away and tell you late; sorry for that.")
    ana.sees("Until 3 May 2026, 17:00 you can choose")  # a whole day from when it was told
    await ana.taps("Keep my points")
    assert await ana.balance() == 500


async def test_once_more_with_the_others(chat: Chat, beans: int) -> None:
    ana, bo = await left_over(chat, beans, "Ana", "Bo")
    [cy] = await buyers(chat, "Cy")
    await bo.taps("Once more with the others", times=2)
    assert bo.toast == "You are trying it once more."
    bo.sees("👥 1/3", "2 places left · 1 day", "240 of your points are set aside")
    await chat.courier.delivers()
    ana.sees("Somebody is trying Coffee beans once more with all of you", "Joining sets 240 points aside.")
    notice = chat.last_message(ana.id)
    await ana.taps("Join", on=notice, times=2)
    ana.sees("👥 2/3", "240 of your points are set aside")
    assert (await ana.balance(), await bo.balance()) == (260, 260)
    await cy.says("/start g_2")
    await cy.taps("Join")
    cy.sees("👥 3/3 ▓▓▓ Complete")
    await chat.courier.delivers()
    ana.sees("The group for Coffee beans is complete.")
    assert stock_of(chat.app.units, beans) == 27


async def test_a_second_try_is_the_last_one(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    await ana.taps("Once more with the others")
    await time_is_over(chat)
    assert labels(ana.sees(OVER)) == ["Keep my points", "Join another group", "Alone for 360 points"]
    await ana.taps_data("choose:2:extend:0:0")
    assert ana.alert == "This was a second try already, and there is no third one. You can open a new group."
    assert await ana.balance() == 500


async def test_over_to_another_group(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    notice = chat.last_message(ana.id)
    await ana.taps("Join another group", on=notice)
    assert ana.alert == "No other group has a place for you just now. You can open a new one and share it."
    choices = ana.sees("It did not fill in time", "Choose until 3 May 2026, 10:00", "Once more: 240 points")
    assert "Join another group" not in labels(choices)
    bo, cy = await buyers(chat, "Bo", "Cy")
    await group_of(chat, beans, bo, cy)
    await ana.taps_data("choices:1")
    ana.sees("Another group: 240 points", "👥 2/3 ▓▓░ 1 place left")
    await ana.taps("Join another group", times=2)
    assert ana.toast == "You went over to another group."
    ana.sees("👥 3/3 ▓▓▓ Complete", "Your voucher is waiting for you.")
    await chat.courier.delivers()
    bo.sees("The group for Coffee beans is complete.")


async def test_alone_for_points_and_money(chat: Chat) -> None:
    deal_id = add_deal(chat.app.units, solo_price_minor=800, group_price_minor=500)
    [ana] = await left_over(chat, deal_id, "Ana")
    notice = chat.last_message(ana.id)
    await ana.taps("Alone for 360 points + €8.00", on=notice, times=2)
    ana.sees("It is yours. You have 140 points left.", "You pay €8.00 on top, at the counter.", "Code:")
    assert "Give it back" not in labels(chat.last_message(ana.id))
    await ana.says("/vouchers")
    assert said(ana.sees("My vouchers")).count("Coffee beans") == 1
    assert stock_of(chat.app.units, deal_id) == 29
    await ana.taps_data("choose:1:refund:0:0")
    assert ana.alert == "You have chosen already: you bought it alone. The voucher is under /vouchers."
    ana.sees("You bought it alone.")


async def test_a_price_that_changed_is_asked_for_anew(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    change_deal(chat.app.database, beans, solo_points=380)
    await ana.taps("Alone for 360 points")
    assert ana.alert == "The price has changed in the meantime. This is what it costs now."
    assert await ana.balance() == 500
    await ana.taps("Alone for 380 points")
    ana.sees("You have 120 points left.")


async def test_when_the_time_to_choose_is_over(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    notice = chat.last_message(ana.id)
    chat.clock.advance(hours=24)
    for data in [button["callback_data"] for [button] in notice["reply_markup"]["inline_keyboard"]]:
        await ana.taps_data(data, on=notice)
        assert ana.alert is not None
        assert ana.alert.startswith("The time to choose is over, and you kept your points.")
        shown = ana.sees("You kept your points.")
        assert "Open a new group" in labels(shown)
    assert await ana.balance() == 500


async def test_what_became_of_the_deal_meanwhile(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    notice = chat.last_message(ana.id)
    change_deal(chat.app.database, beans, is_paused=True)
    for data in ("choose:1:extend:0:0", "choose:1:solo:360:0"):
        await ana.taps_data(data, on=notice)
        assert ana.alert == "The shop is taking a break with this one."
    assert labels(ana.sees("Choose until"))[0] == "Keep my points"
    change_deal(chat.app.database, beans, is_paused=False, stock=0)
    for data in ("choose:1:extend:0:0", "choose:1:solo:360:0"):
        await ana.taps_data(data)
        assert ana.alert == "The last one has just gone. Your points are untouched."
    assert await ana.balance() == 500


async def test_only_what_the_deal_allows_is_offered(chat: Chat) -> None:
    paused = add_deal(chat.app.units, slug="paused", title="Tea")
    ended = add_deal(chat.app.units, slug="ended", title="Cake", ends_at=chat.clock() + timedelta(hours=24))
    ana, bo = await buyers(chat, "Ana", "Bo")
    await group_of(chat, paused, ana)
    await group_of(chat, ended, bo)
    change_deal(chat.app.database, paused, is_paused=True)
    await time_is_over(chat)
    assert labels(ana.sees("The group for Tea did not fill")) == ["Keep my points", "Join another group"]
    assert labels(bo.sees("The group for Cake did not fill")) == ["Open a new group", "Group buys"]


async def test_too_few_points_come_with_ways_to_more(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    member = await ana.member()
    await chat.run(chat.club.operators.adjust, member.id, -400, "test", key="spent", actor="test")
    await ana.taps("Alone for 360 points")
    assert {"Check in", "Invite a friend", "My points"} <= set(labels(ana.sees("you have 100: 260 to go")))
    await ana.taps("Back")
    ana.sees("Choose until", "You have 100 points.")
    await ana.taps("Once more with the others")
    ana.sees("140 to go")


async def test_my_groups_and_old_links_know_of_the_choice(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    await ana.says("/groupbuy")
    await ana.taps("My groups")
    ana.sees("Time is over", "Choose until 3 May 2026, 10:00 what becomes of it.")
    await ana.says("/start g_1")
    ana.sees("It did not fill in time", "Choose until")
    await ana.taps("Choose")
    await ana.taps("Once more with the others")
    await ana.says("/groupbuy")
    await ana.taps("My groups")
    ana.sees("You are trying it once more.")
    await ana.says("/start g_1")
    assert "Choose" not in labels(ana.sees("You are trying it once more."))


async def test_who_was_not_in_it_has_nothing_to_choose(chat: Chat, beans: int) -> None:
    await left_over(chat, beans, "Ana")
    [bo] = await buyers(chat, "Bo")
    await bo.says("/start g_1")
    assert "Choose" not in labels(bo.sees("Time is over"))
    for data in (
        "choices:1",
        "choose:1:refund:0:0",
        "choose:1:extend:0:0",
        "choose:1:merge:0:0",
        "choose:1:solo:360:0",
    ):
        await bo.taps_data(data)
        assert bo.alert == "This is not there any more. Here is how things stand now."
    assert await bo.balance() == 500


@pytest.mark.parametrize(
    "data",
    [
        "choices:99",
        "choices:x",
        "choices",
        "choose:99:refund:0:0",
        "choose:1:steal:0:0",
        "choose:1:solo:-5:0",
        "choose:1:solo",
        f"choose:{10**25}:refund:0:0",
        "choose:1:solo:1:0",
    ],
)
async def test_made_up_buttons_are_answered(chat: Chat, beans: int, data: str) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    await ana.taps_data(data)
    assert ana.toast is not None
    assert await ana.balance() == 500


async def test_choices_are_for_ones_own_chat(chat: Chat, beans: int) -> None:
    [ana] = await left_over(chat, beans, "Ana")
    friends = chat.group("Friends", ana)
    listed = await ana.says("/groupbuy@perkchat_bot", in_chat=friends)
    await ana.taps_data("choose:1:solo:360:0", on=listed)
    assert ana.toast is not None
    assert "500" not in said(chat.last_message(friends))
    assert await ana.balance() == 500
