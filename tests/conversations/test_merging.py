"""Two groups become one, as people see it."""

from __future__ import annotations

import pytest

from tests.kit.buyers import buyers, group_of, time_is_over
from tests.kit.chat import Chat, labels, said
from tests.kit.deals import add_deal, stock_of

MERGE = "Merge with another group"


@pytest.fixture
def beans(chat: Chat) -> int:
    return add_deal(chat.app.units, size=5)


@pytest.mark.parametrize(
    ("language", "offer", "question", "yes", "toast", "notice"),
    [
        (
            "en",
            MERGE,
            [
                "Together: 3/5",
                "The earlier end stays: 2 May 2026, 10:00.",
                "Whoever leads the other group leads then.",
            ],
            "Merge them",
            "The two groups are one now.",
            "Your group for Coffee beans and another one are one now: 3/5, until 2 May 2026, 10:00.",
        ),
        (
            "zh-hans",
            "和另一个团合并",
            ["合并后：3/5", "以较早的截止时间为准：", "之后由另一个团的团长带团。"],
            "合并",
            "两个团已合并。",
            "你的“咖啡豆”团和另一个团合并了：3/5",
        ),
        (
            "zh-hant",
            "與另一團合併",
            ["合併後：3/5", "以較早的截止時間為準：", "之後由另一團的團主帶團。"],
            "合併",
            "兩團已合併。",
            "你的「Coffee beans」這一團與另一團合併了：3/5",
        ),
    ],
)
async def test_whoever_leads_merges_two_groups(
    chat: Chat, beans: int, language: str, offer: str, question: list[str], yes: str, toast: str, notice: str
) -> None:
    ana, bo, cy = await buyers(chat, "Ana", "Bo", "Cy", language=language)
    await group_of(chat, beans, ana)
    chat.clock.advance(hours=2)
    await group_of(chat, beans, bo, cy)
    await bo.says("/start g_2")
    asked = await bo.taps(offer)
    bo.sees("👥 2/5", "👥 1/5", *question)
    await bo.taps(yes, on=asked, times=2)
    assert bo.toast == toast
    bo.sees("👥 3/5")
    await chat.courier.delivers()
    for person in (ana, cy):
        person.sees(notice)
        assert len([message for message in chat.messages(person.id) if notice in said(message)]) == 1
    assert [await person.balance() for person in (ana, bo, cy)] == [260] * 3
    assert stock_of(chat.app.units, beans) == 25


async def test_buttons_and_links_of_a_merged_group_lead_to_the_other(chat: Chat, beans: int) -> None:
    ana, bo, cy, di = await buyers(chat, "Ana", "Bo", "Cy", "Di")
    await group_of(chat, beans, ana)
    await group_of(chat, beans, bo)
    card = await cy.says("/start g_2")
    await bo.says("/start g_2")
    await bo.taps(MERGE)
    await bo.taps("Merge them")
    await cy.taps("Join", on=card)
    cy.sees("👥 3/5 ")
    await di.says("/start g_2")
    di.sees("👥 3/5 ")
    await chat.courier.delivers()
    await ana.taps("See the group")
    ana.sees("👥 3/5 ")
    await cy.taps_data("grpleave:2")
    cy.sees("👥 2/5 ")
    await bo.says("/groupbuy")
    await bo.taps("My groups")
    assert said(bo.sees("My groups")).count("👥") == 1
    await time_is_over(chat)
    assert [await person.balance() for person in (ana, bo, cy, di)] == [500] * 4


async def test_a_merger_can_complete_the_group(chat: Chat) -> None:
    deal_id = add_deal(chat.app.units)
    ana, bo, cy = await buyers(chat, "Ana", "Bo", "Cy")
    await group_of(chat, deal_id, ana, bo)
    await group_of(chat, deal_id, cy)
    await cy.says("/start g_2")
    await cy.taps(MERGE)
    cy.sees("Together they are complete, and everybody gets the voucher at once.")
    await cy.taps("Merge them")
    assert cy.toast == "The two groups are one now, and it is complete. Your voucher is waiting for you."
    cy.sees("👥 3/3 ▓▓▓ Complete")
    await chat.courier.delivers()
    for person in (ana, bo):
        person.sees("The group for Coffee beans is complete.")


async def test_it_is_offered_to_whoever_leads_and_only_where_there_is_one(chat: Chat, beans: int) -> None:
    ana, bo, cy = await buyers(chat, "Ana", "Bo", "Cy")
    await group_of(chat, beans, ana, bo)
    await ana.says("/start g_1")
    assert MERGE not in labels(ana.sees("👥 2/5"))
    await ana.taps_data("mergeask:1")
    assert ana.alert == "No other group has a place for you just now. You can open a new one and share it."
    await group_of(chat, beans, cy)
    await bo.says("/start g_1")
    assert MERGE not in labels(bo.sees("👥 2/5"))
    for data in ("mergeask:1", "merge:1:2"):
        await bo.taps_data(data)
        assert bo.alert == "Whoever leads the group decides this. You can share it, so that it fills."
    await ana.taps("Refresh")
    assert MERGE in labels(ana.sees("👥 2/5"))
    assert stock_of(chat.app.units, beans) == 20


async def test_what_changed_between_question_and_yes(chat: Chat) -> None:
    deal_id = add_deal(chat.app.units, size=4)
    ana, bo, cy, di = await buyers(chat, "Ana", "Bo", "Cy", "Di")
    await group_of(chat, deal_id, ana, bo)
    await group_of(chat, deal_id, cy)
    await ana.says("/start g_1")
    asked = await ana.taps(MERGE)
    for number in range(2):
        [late] = await buyers(chat, f"Late{number}")
        await chat.run(chat.club.group_buys.join, await late.member(), 2)
    await ana.taps("Merge them", on=asked)
    assert ana.alert == "Together you would be more than there are places. Share yours instead, so that it fills."
    ana.sees("👥 2/4")
    await chat.run(chat.club.group_buys.join, await di.member(), 2)
    await ana.taps_data("merge:1:2")
    assert ana.alert == "This group is complete already. You can open a group of your own."
    chat.clock.advance(hours=24)
    await ana.taps_data("mergeask:1")
    assert ana.alert == "This group's time is over. You can open a new one."


@pytest.mark.parametrize(
    "data", ["mergeask:99", "mergeask:x", "merge:1:99", "merge:99:1", "merge:1:1", "merge:1", f"merge:1:{10**25}"]
)
async def test_made_up_buttons_are_answered(chat: Chat, beans: int, data: str) -> None:
    [ana] = await buyers(chat, "Ana")
    await group_of(chat, beans, ana)
    await ana.taps_data(data)
    assert ana.toast is not None
    assert await ana.balance() == 260
    assert stock_of(chat.app.units, beans) == 25
