from __future__ import annotations

import pytest

from handlers.deals.callbacks import (
    AllowSeveral,
    AskDealTurn,
    AskEnd,
    ChangeDeal,
    ClearDeal,
    EditDeal,
    EditDealWords,
    EndDeal,
    GetTable,
    NewDeal,
    PreviewDeal,
    ShowDealGroups,
    ShowFigures,
    ShowShopDeal,
    ShowShopDeals,
    TakeDealTurn,
)
from loyalty.deals import Field
from loyalty.group_buys import Deal
from loyalty.members import Language
from loyalty.merchants import Role
from loyalty.wares import Turn
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.counter import comes_with, staff
from tests.kit.deals import SHOP, add_deal
from tests.kit.pictures import photo
from tests.kit.shops import add_merchant

NOT_YOURS = "Only the owner or a marketer of this shop can change its group buys."


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, SHOP)


async def opens(chat: Chat, person: Person, deal_id: int, nonce: str = "ABCD2345") -> int:
    return (await chat.run(chat.club.group_buys.open, await person.member(), deal_id, nonce)).group.id


async def joins(chat: Chat, person: Person, group_id: int) -> None:
    await chat.run(chat.club.group_buys.join, await person.member(), group_id)


def stored(chat: Chat, deal_id: int) -> Deal:
    with chat.app.units() as uow:
        deal = uow.deals.get(deal_id)
    assert deal is not None
    return deal


async def opens_card(person: Person, shop: int, title: str = "Coffee beans") -> Message:
    await person.taps_data(ShowShopDeals(merchant_id=shop).pack())
    return await person.taps(title)


def table_of(chat: Chat, person: Person) -> list[str]:
    sent = chat.last_message(person.id)
    assert sent["document"]["mime_type"] == "text/csv"
    file = chat.telegram.world.files.get(sent["document"]["file_id"])
    assert file is not None
    return file.content.decode("utf-8-sig").splitlines()


async def test_a_shop_makes_a_group_buy_and_three_members_fill_it(chat: Chat, shop: int) -> None:
    mary = await staff(chat, shop, "Mary", Role.MARKETER)
    ana = await comes_with(chat, "Ana", 500)
    await mary.says("/start")
    await mary.taps("Harbour Coffee")
    await mary.taps("Our group buys")
    mary.sees("Our group buys · Harbour Coffee", "Your shop has no group buys yet.")
    await mary.taps("New group buy")
    mary.sees("What do people buy together?")
    await mary.says("Coffee beans")
    mary.sees("Coffee beans", "How many points does it take from each in a group?")
    await mary.says("240")
    mary.sees("How many points does it take alone?")
    await mary.says("360")
    mary.sees("How many people make a group? Type a whole number from 2 to 100.")
    await mary.says("3")
    mary.sees("How many are there?")
    await mary.says("30")
    mary.sees("Send me a picture of it")
    await mary.sends("photo", photo())
    mary.sees("A draft: only your shop sees it", "Together: 240 points", "Alone: 360 points")
    mary.sees("A group: 3 people within 24 h", "Stock: 30 left", "At most 1 per member", "Picture: yes")
    await ana.says("/groupbuy")
    ana.has_not_seen("Coffee beans")
    await mary.taps("Publish")
    mary.sees("Publish Coffee beans? Every member can open a group then.", "Together: 240 points")
    await mary.taps("Publish", times=2)
    mary.sees("▶️ Running", "No group is open just now.")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    await ana.taps("Open a group")
    await ana.taps("Open it for 240 points")
    await mary.taps("All group buys")
    mary.sees("▶️ Running", "240 points · 27 left · open groups 1 · sold 0")
    await mary.taps("Coffee beans")
    mary.sees("Sold 0 · collected 0", "Open now: 1 group with 1 person")


@pytest.mark.parametrize(
    ("language", "ours", "new", "ask_name", "answers", "skip", "publish", "running", "end", "end_it", "ended"),
    [
        (
            "zh-hans",
            "拼团管理",
            "新拼团",
            "大家一起买什么？",
            ("每人需要多少积分？", "单独购买需要多少积分？", "几个人成一团？", "有多少件？"),
            "不加图片",
            "发布",
            "进行中",
            "结束",
            "确定结束",
            "已结束",
        ),
        (
            "zh-hant",
            "團購管理",
            "新增團購",
            "大家一起買什麼？",
            ("每人需要多少點數？", "單獨購買需要多少點數？", "幾個人成一團？", "有多少件？"),
            "不加圖片",
            "上架",
            "進行中",
            "結束",
            "確定結束",
            "已結束",
        ),
    ],
)
async def test_the_same_in_chinese(
    chat: Chat,
    shop: int,
    language: str,
    ours: str,
    new: str,
    ask_name: str,
    answers: tuple[str, ...],
    skip: str,
    publish: str,
    running: str,
    end: str,
    end_it: str,
    ended: str,
) -> None:
    mei = await staff(chat, shop, "Mei", language=language)
    await mei.says("/start")
    await mei.taps("Harbour Coffee")
    await mei.taps(ours)
    await mei.taps(new)
    mei.sees(ask_name)
    for given, asks in zip(("咖啡豆", "２４０", "360", "3"), answers, strict=True):
        await mei.says(given)
        mei.sees("咖啡豆", asks)
    await mei.says("30")
    await mei.taps(skip)
    mei.sees("咖啡豆", "240", "360")
    await mei.taps(publish)
    await mei.taps(publish)
    mei.sees(running)
    await mei.taps(end)
    await mei.taps(end_it)
    mei.sees(ended)


async def test_each_step_of_a_new_one_can_be_cancelled(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    for answers in ((), ("Beans",), ("Beans", "240"), ("Beans", "240", "360"), ("Beans", "240", "360", "3")):
        await olive.taps_data(NewDeal(merchant_id=shop).pack())
        for answer in answers:
            await olive.says(answer)
        await olive.taps("Cancel")
        olive.sees("Your shop has no group buys yet.")
        await olive.says("30")
        olive.has_not_seen("A draft")
    await olive.says("/groupbuy")
    olive.has_not_seen("Beans ·")


async def test_a_new_one_is_not_made_of_bad_answers(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    await olive.taps_data(NewDeal(merchant_id=shop).pack())
    for bad in ("x" * 61, "\u200b"):
        await olive.says(bad)
        olive.sees("A name has 1 to 60 characters.", "What do people buy together?")
    await olive.sends("sticker")
    olive.sees("I need words or a number here. Type the answer.", "What do people buy together?")
    await olive.says("Fish & <b>chips</b>")
    olive.sees("Fish & <b>chips</b>", "How many points does it take from each in a group?")
    for bad in ("0", "-5", "1.5", "many", "100000001", "十二"):
        await olive.says(bad)
        olive.sees("Points are whole numbers from 1 to 100,000,000.", "How many points does it take from each")
    await olive.says("240")
    await olive.says("200")
    olive.sees("Together it would take 240 points and alone 200: together it cannot cost more.", "alone?")
    await olive.says("240")
    olive.sees("Together it has to be cheaper than alone, in points or in money.")
    await olive.says("360")
    for bad in ("1", "101", "two", "2.5"):
        await olive.says(bad)
        olive.sees("Type a whole number from 2 to 100.", "How many people make a group?")
    await olive.sends("voice")
    olive.sees("I need words or a number here. Type the answer.")
    await olive.says("2")
    for bad in ("a few", "1.5"):
        await olive.says(bad)
        olive.sees("I could not read a number in that.", "How many are there?")
    await olive.says("unlimited")
    olive.sees("A group buy has a stock that is counted. Type how many there are, up to 1,000,000.")
    await olive.says("10")
    await olive.says("later")
    olive.sees("I need a picture here. Send it as a photo, not as a file.")
    assert labels(chat.last_message(olive.id)) == ["Without a picture"]
    await olive.taps("Without a picture")
    olive.sees("Fish & <b>chips</b>", "Together: 240 points", "A group: 2 people within 24 h")


async def test_every_part_can_be_changed_and_taken_back(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units, published_at=None, translations={})
    await opens_card(olive, shop)
    await olive.taps("Change")
    for edit, typed, shown in (
        ("Title", "House roast", "House roast"),
        ("Description", "Dark & sweet.", "Dark & sweet."),
        ("Alone: points", "400", "Alone: 400 points"),
        ("Together: points", "250", "Together: 250 points"),
        ("Alone: money", "5", "Alone: 400 points and €5.00 at the counter"),
        ("Together: money", "1,50", "Together: 250 points and €1.50 at the counter"),
        ("People", "5", "A group: 5 people within 24 h"),
        ("Hours", "48", "within 48 h"),
        ("Restock", "+10", "Stock: 40 left"),
        ("Restock", "=20", "Stock: 20 left"),
        ("Per member", "2", "At most 2 per member"),
        ("Organiser's bonus", "30", "For the organiser: 30 points when the group is full"),
        ("Starts", "2026-06-01", "From: 1 Jun 2026"),
        ("Ends", "30.6.", "Last day: 30 Jun 2026"),
    ):
        await olive.taps(edit)
        await olive.says(typed)
        olive.sees(shown)
    olive.sees("Several groups at once: no")
    await olive.taps("Allow several groups at once", times=2)
    olive.sees("Several groups at once: yes")
    await olive.taps("One group at a time")
    olive.sees("Several groups at once: no")
    for edit, take_back in (
        ("Together: money", "Points alone"),
        ("Alone: money", "Points alone"),
        ("Organiser's bonus", "No bonus"),
        ("Starts", "From now"),
        ("Ends", "No end"),
        ("Description", "No description"),
    ):
        await olive.taps(edit)
        await olive.taps(take_back, times=2)
    shown = said(chat.last_message(olive.id))
    for gone in ("2026", "Dark", "€", "organiser"):
        assert gone not in shown
    deal = stored(chat, deal_id)
    assert (deal.title, deal.description, deal.group_points, deal.solo_points) == ("House roast", "", 250, 400)
    assert (deal.size, deal.hours, deal.stock, deal.per_member) == (5, 48, 20, 2)
    assert (deal.group_price_minor, deal.solo_price_minor, deal.bonus_points) == (0, 0, 0)
    assert (deal.starts_at, deal.ends_at) == (None, None)


@pytest.mark.parametrize(
    ("edit", "bad", "answer"),
    [
        ("Title", "x" * 61, "A name has 1 to 60 characters."),
        ("Description", "x" * 401, "That is 401 characters long; 400 fit."),
        ("Together: points", "ten", "Points are whole numbers from 1 to 100,000,000."),
        ("Together: points", "361", "Together it would take 361 points and alone 360: together it cannot cost more."),
        ("Together: points", "360", "Together it has to be cheaper than alone, in points or in money."),
        ("Alone: points", "100", "Together it would take 240 points and alone 100: together it cannot cost more."),
        ("Together: money", "0.50", "Together it would cost more money than alone."),
        ("Alone: money", "1.505", "I could not read an amount in that. Type it like 4.50."),
        ("Alone: money", "2000000", "That is more than a group buy may cost besides its points."),
        ("People", "1", "Type a whole number from 2 to 100."),
        ("Hours", "169", "Type a whole number from 1 to 168."),
        ("Restock", "lots", "I could not read a number in that. Type it like 20, or a change like +10 or -2."),
        ("Restock", "-31", "Only 30 are left, so that many cannot go."),
        ("Restock", "1000001", "A stock has at most 1,000,000 pieces."),
        ("Restock", "∞", "A group buy has a stock that is counted."),
        ("Per member", "0", "That is no limit. Type a whole number from 1 to 1,000."),
        ("Organiser's bonus", "-5", "Points are whole numbers from 1 to 100,000,000."),
        ("Starts", "some day", "I could not read a day in that. Type it like 24 Dec or 2026-12-24."),
        ("Ends", "2026-04-30", "That day is over. Type one from today on."),
    ],
)
async def test_a_bad_answer_is_explained_and_the_form_stays_open(
    chat: Chat, shop: int, edit: str, bad: str, answer: str
) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units)
    before = stored(chat, deal_id)
    await opens_card(olive, shop)
    await olive.taps("Change")
    await olive.taps(edit)
    await olive.says(bad)
    olive.sees(answer)
    await olive.sends("sticker")
    olive.sees("I need words or a number here. Type the answer.")
    await olive.says(bad)
    olive.sees(answer)
    await olive.taps("Cancel")
    olive.sees("Coffee beans", "Together: 240 points")
    assert stored(chat, deal_id) == before
    await olive.says("Nothing is asked any more")
    assert stored(chat, deal_id) == before


async def test_a_picture_is_sent_as_a_photo_and_seen_in_the_preview(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units)
    await opens_card(olive, shop)
    await olive.taps("Change")
    await olive.taps("Picture")
    await olive.sends("document", "photo.png", photo())
    olive.sees("I need a picture here. Send it as a photo, not as a file.")
    assert stored(chat, deal_id).picture_id is None
    await olive.sends("photo", photo())
    olive.sees("Picture: yes", "▶️ Running")
    preview = await olive.taps("Preview")
    assert "photo" in preview
    await olive.taps("Back")
    await olive.taps("Change")
    await olive.taps("Picture")
    await olive.taps("Remove picture")
    olive.sees("Picture: no")


async def test_the_preview_is_what_a_member_sees(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 500)
    await olive.earns(500)
    add_deal(chat.app.units, published_at=None)
    await opens_card(olive, shop)
    preview = said(await olive.taps("Preview"))
    assert labels(chat.last_message(olive.id)) == ["Back"]
    await olive.taps("Back")
    await olive.taps("Publish")
    await olive.taps("Publish")
    await ana.says("/groupbuy")
    assert said(await ana.taps("Coffee beans")) == preview


async def test_nothing_is_published_of_which_no_group_could_be_opened(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units, published_at=None, stock=2)
    await opens_card(olive, shop)
    await olive.taps("Publish")
    assert olive.alert == "One group takes 3, and 2 are left. Restock it first."
    await olive.taps_data(TakeDealTurn(deal_id=deal_id, turn=Turn.PUBLISH).pack())
    assert olive.alert == "One group takes 3, and 2 are left. Restock it first."
    assert stored(chat, deal_id).published_at is None


async def test_pausing_and_resuming(chat: Chat, shop: int) -> None:
    olive, ana, bo = await staff(chat, shop), await comes_with(chat, "Ana", 500), await comes_with(chat, "Bo", 500)
    deal_id = add_deal(chat.app.units)
    group_id = await opens(chat, ana, deal_id)
    await bo.says("/groupbuy")
    await bo.taps("Coffee beans", on=chat.last_message(bo.id))
    await opens_card(olive, shop)
    await olive.taps("Pause", times=2)
    olive.sees("⏸ Paused: nobody can open a group just now. Open ones run on.", "Open now: 1 group with 1 person")
    await bo.says("/start d_1")
    bo.sees("The shop is taking a break with this one.")
    await joins(chat, bo, group_id)
    await olive.taps("Resume", times=2)
    olive.sees("▶️ Running", "Open now: 1 group with 2 people")


async def test_what_is_changed_is_for_new_groups_and_the_shop_is_told_so(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 500)
    deal_id = add_deal(chat.app.units)
    group_id = await opens(chat, ana, deal_id)
    await opens_card(olive, shop)
    await olive.taps("Change")
    olive.sees("1 group is open and keeps its terms. What you change is for new ones.")
    await olive.taps("Together: points")
    await olive.says("300")
    olive.sees("Together: 300 points")
    group = (await chat.run(chat.club.group_buys.group, group_id)).group
    assert (group.points, await ana.balance()) == (240, 260)


async def test_ending_without_open_groups_is_one_question(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    add_deal(chat.app.units)
    await opens_card(olive, shop)
    await olive.taps("End")
    olive.sees("End Coffee beans? Nobody can open a group of it any more.")
    assert labels(chat.last_message(olive.id)) == ["End it", "Cancel"]
    await olive.taps("Cancel")
    olive.sees("▶️ Running")
    await olive.taps("End")
    await olive.taps("End it", times=2)
    olive.sees("⏹ Ended")
    await olive.says("/groupbuy")
    olive.sees("Nothing is running just now.")


async def test_open_groups_may_run_to_their_end(chat: Chat, shop: int) -> None:
    olive, ana, bo = await staff(chat, shop), await comes_with(chat, "Ana", 500), await comes_with(chat, "Bo", 500)
    deal_id = add_deal(chat.app.units, size=2)
    group_id = await opens(chat, ana, deal_id)
    await opens_card(olive, shop)
    await olive.taps("End")
    olive.sees("Open now: 1 group with 1 person", "everybody has all points back at once and is told")
    await olive.taps("Let them run to their end", times=2)
    olive.sees("⏹ Ended", "Open now: 1 group with 1 person")
    assert "Remove" not in labels(chat.last_message(olive.id))
    await joins(chat, bo, group_id)
    await olive.taps_data(ShowShopDeal(deal_id=deal_id).pack())
    olive.sees("Sold 2 · collected 0", "No group is open just now.")


async def test_open_groups_may_be_called_off_and_everybody_is_told_kindly(chat: Chat, shop: int) -> None:
    olive, ana, bo = await staff(chat, shop), await comes_with(chat, "Ana", 500), await comes_with(chat, "Bo", 500)
    mei = chat.member("Mei", language="zh-hans")
    await mei.says("/start")
    await mei.earns(500)
    deal_id = add_deal(chat.app.units)
    group_id = await opens(chat, ana, deal_id)
    await joins(chat, bo, group_id)
    await opens(chat, mei, deal_id)
    await opens_card(olive, shop)
    await olive.taps("End")
    olive.sees("Open now: 2 groups with 3 people")
    await olive.taps("Call them off now", times=2)
    olive.sees("⏹ Ended", "Stock: 30 left", "No group is open just now.")
    await chat.courier.delivers()
    for person in (ana, bo):
        person.sees("The shop had to call off the group for Coffee beans, and is sorry. Your 240 points are back.")
        assert await person.balance() == 500
    mei.sees("咖啡豆", "240", "抱歉")
    assert [said(message) for message in chat.messages(ana.id)].count(said(chat.last_message(ana.id))) == 1
    await ana.says(f"/start g_{group_id}")
    ana.sees("Called off")


async def test_groups_left_to_run_can_still_be_called_off(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 500)
    deal_id = add_deal(chat.app.units)
    await opens(chat, ana, deal_id)
    await chat.run(chat.club.deals.end, await olive.member(), deal_id, calls_off=False)
    await opens_card(olive, shop)
    await olive.taps("Call off the open groups")
    question = olive.sees("Call off the open groups of Coffee beans?", "1 group with 1 person")
    assert labels(question) == ["Call them off now", "Cancel"]
    await olive.taps("Call them off now")
    assert await ana.balance() == 500
    await olive.taps_data(AskEnd(deal_id=deal_id).pack())
    olive.sees("Coffee beans has ended, and none of its groups is open any more.")


async def test_removing_asks_first_and_can_be_undone(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units)
    card = await opens_card(olive, shop)
    assert "Remove" not in labels(card)
    await olive.taps_data(AskDealTurn(deal_id=deal_id, turn=Turn.REMOVE).pack())
    assert olive.alert == "Members can still take part in this group buy. End it first."
    await olive.taps_data(TakeDealTurn(deal_id=deal_id, turn=Turn.REMOVE).pack())
    assert olive.alert == "Members can still take part in this group buy. End it first."
    await olive.taps("End")
    await olive.taps("End it")
    await olive.taps("Remove")
    olive.sees("Remove Coffee beans? Members will not see it any more.")
    await olive.taps("Cancel")
    assert stored(chat, deal_id).removed_at is None
    await olive.taps("Remove")
    await olive.taps("Remove", times=2)
    olive.sees("Coffee beans is removed.")
    await olive.taps_data(EditDeal(deal_id=deal_id, field=Field.SIZE).pack())
    assert olive.alert == "This group buy is removed. Bring it back first."
    await olive.taps("Bring it back", times=2)
    olive.sees("⏹ Ended")


async def test_open_groups_keep_a_deal_from_being_removed(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 500)
    deal_id = add_deal(chat.app.units)
    await opens(chat, ana, deal_id)
    await chat.run(chat.club.deals.end, await olive.member(), deal_id, calls_off=False)
    await olive.taps_data(TakeDealTurn(deal_id=deal_id, turn=Turn.REMOVE).pack())
    assert olive.alert == "1 group of it is open still. Wait until it is over, or call it off."
    assert stored(chat, deal_id).removed_at is None


async def test_a_deal_that_is_removed_while_somebody_types(chat: Chat, shop: int) -> None:
    olive, mary = await staff(chat, shop), await staff(chat, shop, "Mary", Role.MARKETER)
    deal_id = add_deal(chat.app.units, published_at=None)
    await opens_card(olive, shop)
    await olive.taps("Change")
    await olive.taps("People")
    await mary.taps_data(TakeDealTurn(deal_id=deal_id, turn=Turn.REMOVE).pack())
    await olive.says("5")
    olive.sees("This group buy is removed. Bring it back first.")
    await mary.taps("Bring it back")
    await olive.says("5")
    assert stored(chat, deal_id).size == 3, "the form is closed"


async def test_words_in_other_languages(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    mei = chat.member("Mei", language="zh-hant")
    await mei.says("/start")
    add_deal(chat.app.units, translations={})
    await opens_card(olive, shop)
    await olive.taps("Other languages")
    olive.sees("简体中文: as first written", "繁體中文: as first written")
    await olive.taps("Name in 繁體中文")
    olive.sees("Type its name in 繁體中文", "“Coffee beans”")
    await olive.says("x" * 61)
    olive.sees("A name has 1 to 60 characters.")
    await olive.sends("sticker")
    olive.sees("I need words or a number here.")
    await olive.says("咖啡豆")
    await olive.taps("Text in 繁體中文")
    await olive.says("半公斤")
    olive.sees("繁體中文: 咖啡豆 · 半公斤")
    await mei.says("/groupbuy")
    await mei.taps("咖啡豆")
    mei.sees("半公斤")
    await olive.taps("Name in 繁體中文")
    await olive.taps("As first written", times=2)
    olive.sees("繁體中文: 半公斤")
    await olive.taps("Back")
    olive.sees("Also in: 繁體中文")


async def test_the_figures_and_the_groups(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    ana, bo, cy = [await comes_with(chat, name, 500) for name in ("Ana", "Bo", "Cy")]
    deal_id = add_deal(chat.app.units, size=2)
    full = await opens(chat, ana, deal_id)
    await joins(chat, bo, full)
    await opens(chat, cy, deal_id)
    await opens_card(olive, shop)
    shown = await olive.taps("Figures")
    assert "photo" in shown
    olive.sees("Looked at it: 3", "Took part: 3 · 100 %", "Groups opened: 2", "Groups filled: 1 · 50 %")
    olive.sees("Sold: 2 (2 in groups, 0 alone)", "Collected: 0 · 0 %", "Stock: 26 left")
    await olive.taps("Its groups")
    listed = said(olive.sees("Groups of Coffee beans", "👥 1/2 ▓░ 1 place left · 1 day"))
    assert listed.index("👥 1/2") < listed.index("👥 2/2 ▓▓ Complete"), "the open ones come first"
    for name in ("Ana", "Bo", "Cy"):
        assert name not in listed
    await olive.taps("Back")
    olive.sees("▶️ Running")


async def test_figures_of_what_nobody_has_looked_at(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units)
    await olive.taps_data(ShowFigures(deal_id=deal_id).pack())
    olive.sees("Looked at it: 0", "Took part: 0\n", "Sold: 0")
    await olive.taps("Its groups")
    olive.sees("Nobody has opened a group yet.")


async def test_the_table_names_first_names_only_and_calculates_nothing(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    villain = await comes_with(chat, "=HYPERLINK(1) Smith", 500)
    ana = await comes_with(chat, "Ana Maria", 500)
    deal_id = add_deal(chat.app.units, size=2, group_price_minor=150, solo_price_minor=200)
    await joins(chat, ana, await opens(chat, villain, deal_id))
    await olive.taps_data(ShowFigures(deal_id=deal_id).pack())
    await olive.taps("As a table (CSV)", times=2)
    olive.sees("Groups of Coffee beans", "1 group")
    head, row = table_of(chat, olive)
    assert head == "Opened at,Closes,State,Places,Taken,Organiser,Points,Price (EUR),Collected"
    opened, closes, *rest = row.split(",")
    assert rest == ["Complete", "2", "2", "'=HYPERLINK(1)", "240", "1.50", "0"]
    assert (opened[:10], len(closes)) == (chat.clock().date().isoformat(), 16)


async def test_groups_are_leafed_through(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units, stock=100)
    for number in range(8):
        await opens(chat, await comes_with(chat, f"P{number}", 500), deal_id)
    await olive.taps_data(ShowDealGroups(deal_id=deal_id).pack())
    first = said(chat.last_message(olive.id))
    assert first.count("👥") == 6
    await olive.taps("More »")
    assert said(chat.last_message(olive.id)).count("👥") == 2
    await olive.taps("« First")
    assert said(chat.last_message(olive.id)) == first


async def test_old_buttons_of_somebody_who_has_no_say_here(chat: Chat, shop: int) -> None:
    deal_id = add_deal(chat.app.units)
    nell = await staff(chat, add_merchant(chat.app.units, "Tea House"), "Nell", Role.OWNER)
    cai = await staff(chat, shop, "Cai", Role.CASHIER)
    before = stored(chat, deal_id)
    buttons = (
        ShowShopDeals(merchant_id=shop),
        NewDeal(merchant_id=shop),
        ShowShopDeal(deal_id=deal_id),
        ChangeDeal(deal_id=deal_id),
        EditDeal(deal_id=deal_id, field=Field.SIZE),
        ClearDeal(deal_id=deal_id, field=Field.DESCRIPTION),
        AllowSeveral(deal_id=deal_id, is_allowed=True),
        EditDealWords(deal_id=deal_id, language=Language.ENGLISH, field=Field.NAME),
        PreviewDeal(deal_id=deal_id),
        AskDealTurn(deal_id=deal_id, turn=Turn.REMOVE),
        TakeDealTurn(deal_id=deal_id, turn=Turn.PAUSE),
        AskEnd(deal_id=deal_id),
        EndDeal(deal_id=deal_id, calls_off=True),
        ShowFigures(deal_id=deal_id),
        ShowDealGroups(deal_id=deal_id),
        GetTable(deal_id=deal_id),
    )
    for person in (nell, cai):
        for button in buttons:
            await person.taps_data(button.pack())
            assert person.alert == NOT_YOURS
        await person.says("1")
    assert stored(chat, deal_id) == before


async def test_a_cashier_has_no_button_for_the_group_buys(chat: Chat, shop: int) -> None:
    cai = await staff(chat, shop, "Cai", Role.CASHIER)
    await cai.says("/start")
    assert "Our group buys" not in labels(await cai.taps("Harbour Coffee"))


async def test_a_made_up_field_has_no_words(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    deal_id = add_deal(chat.app.units)
    before = stored(chat, deal_id)
    await olive.taps_data(EditDealWords(deal_id=deal_id, language=Language.SIMPLIFIED, field=Field.SIZE).pack())
    await olive.says("5")
    olive.sees("I need words or a number here.")
    await olive.taps("Cancel")
    assert stored(chat, deal_id) == before


def test_buttons_fit_into_what_telegram_carries() -> None:
    most = 2**62
    for button in (
        ShowShopDeals(merchant_id=most, rank=9, before=most),
        ShowDealGroups(deal_id=most, rank=1, before=most),
        EditDealWords(deal_id=most, language=Language.TRADITIONAL, field=Field.DESCRIPTION),
        EditDeal(deal_id=most, field=Field.GROUP_POINTS),
        TakeDealTurn(deal_id=most, turn=Turn.PUBLISH),
        EndDeal(deal_id=most, calls_off=True),
    ):
        assert len(button.pack().encode()) <= 64
