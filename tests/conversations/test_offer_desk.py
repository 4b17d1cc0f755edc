from __future__ import annotations

import csv
import io

import pytest

from handlers.offer_desk.callbacks import (
    AskEndOffer,
    AskOfferTurn,
    ClaimHere,
    ClearOffer,
    EditOffer,
    EditOfferWords,
    EndOffer,
    EndWithOffer,
    GetOfferTable,
    LeadTo,
    NewShopOffer,
    PreviewOffer,
    SetOfferTier,
    ShowShopOffer,
    ShowShopOffers,
    ShowTargets,
    TakeOfferTurn,
)
from loyalty.members import Language, Tier
from loyalty.merchants import Role
from loyalty.offer_desk import Field
from loyalty.offers import OfferKind
from loyalty.wares import Turn
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.counter import staff
from tests.kit.deals import SHOP, add_deal
from tests.kit.offers import add_claim, add_offer, offer_of
from tests.kit.pictures import photo
from tests.kit.shops import add_merchant, add_reward

NOT_YOURS = "Only the owner or a marketer of this shop can change its offers."


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, SHOP)


async def opens_card(person: Person, shop: int, name: str) -> Message:
    await person.taps_data(ShowShopOffers(merchant_id=shop).pack())
    return await person.taps(name)


async def changes(person: Person, field: str, answer: str) -> Message:
    await person.taps(field)
    return await person.says(answer)


async def test_a_shop_makes_an_offer_and_a_member_has_it(chat: Chat, shop: int) -> None:
    mok, ana = await staff(chat, shop, "Mok", Role.MARKETER), chat.member("Ana")
    await mok.says("/start")
    await mok.taps("Harbour Coffee")
    await mok.taps("Our offers")
    mok.sees("Our offers · Harbour Coffee", "Your shop has no offers yet.")
    await mok.taps("New offer")
    mok.sees("What do you offer? Type it in a few words")
    await mok.says("Free cookie")
    mok.sees("Free cookie", "What does one get, and what should one know?")
    await mok.says("With any coffee.")
    mok.sees("Send me a picture of it")
    await mok.sends("photo", photo())
    mok.sees(
        "Free cookie",
        "A draft: only your shop sees it",
        "With any coffee.",
        "Members get a voucher, free.",
        "Stock: unlimited",
        "Limit: 1 per member",
        "Voucher: good for 90 days",
        "For: all members",
        "Picture: yes",
    )
    await changes(mok, "Stock", "50")
    await changes(mok, "Voucher", "14")
    mok.sees("Stock: 50 left", "Voucher: good for 14 days")
    await mok.taps("Preview")
    assert labels(mok.sees("Free cookie · Harbour Coffee", "free · 50 of 50 left · once per person")) == ["Back"]
    await mok.taps("Back")
    await ana.says("/offers")
    ana.has_not_seen("Free cookie")
    await mok.taps("Publish")
    mok.sees("Publish Free cookie? Every member can see it then.", "Members get a voucher, free.")
    await mok.taps("Publish", times=2)
    mok.sees("▶️ Running", "Seen 0 · claimed 0 · used 0 · waiting 0")
    await ana.says("/offers")
    await ana.taps("Free cookie")
    await ana.taps("Claim")
    ana.sees("It is yours.", "Good until 15 May 2026")
    await mok.taps("All offers")
    mok.sees("▶️ Running\nFree cookie\n      49 left · claimed 1 · used 0")
    await mok.taps("Free cookie")
    mok.sees("Seen 1 · claimed 1 · used 0 · waiting 1")


@pytest.mark.parametrize(
    ("language", "desk", "new", "ask", "publish", "running"),
    [
        ("zh-hans", "优惠管理", "新优惠", "这次优惠是什么？", "发布", "进行中"),
        ("zh-hant", "優惠管理", "新增優惠", "這次優惠是什麼？", "上架", "進行中"),
    ],
)
async def test_the_same_in_chinese(
    chat: Chat, shop: int, language: str, desk: str, new: str, ask: str, publish: str, running: str
) -> None:
    mei = await staff(chat, shop, "Mei", language=language)
    await mei.says("/start")
    await mei.taps("Harbour Coffee")
    await mei.taps(desk)
    await mei.taps(new)
    mei.sees(ask)
    await mei.says("免费曲奇")
    await mei.says("任点咖啡即送。")
    await mei.taps("图片" if language == "zh-hans" else "圖片")
    mei.sees("免费曲奇", "任点咖啡即送。")
    await mei.taps(publish)
    await mei.taps(publish)
    mei.sees(running)


async def test_each_step_of_a_new_one_can_be_cancelled(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    await olive.taps_data(NewShopOffer(merchant_id=shop).pack())
    await olive.taps("Cancel")
    olive.sees("Your shop has no offers yet.")
    await olive.taps("New offer")
    await olive.says("Free cookie")
    await olive.taps("Cancel")
    olive.sees("Your shop has no offers yet.")
    await olive.says("With any coffee.")
    olive.has_not_seen("A draft")
    await olive.taps_data(NewShopOffer(merchant_id=shop).pack())
    await olive.says("Free cookie")
    await olive.says("With any coffee.")
    await olive.taps("Without a picture")
    olive.sees("A draft: only your shop sees it", "Picture: no")


async def test_a_new_one_is_not_made_of_bad_answers(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    await olive.taps_data(NewShopOffer(merchant_id=shop).pack())
    for bad in ("x" * 61, "\u200b"):
        await olive.says(bad)
        olive.sees("A name has 1 to 60 characters.", "What do you offer?")
    await olive.sends("photo", photo())
    olive.sees("A name has 1 to 60 characters.")
    await olive.says("Free cookie")
    await olive.says("x" * 401)
    olive.sees("That is 401 characters long; 400 fit.", "What does one get")
    await olive.sends("photo", photo())
    olive.sees("I need words or a number here.")
    await olive.says("With any coffee.")
    await olive.says("no picture")
    olive.sees("I need a picture here.", "Send me a picture of it")


@pytest.mark.parametrize(
    ("label", "answer", "complaint"),
    [
        ("Restock", "many", "I could not read a number in that."),
        ("Restock", "-6", "Only 5 are left, so that many cannot go."),
        ("Limit", "0", "That is no limit. Type a whole number from 1 to 1,000."),
        ("Money", "cheap", "I could not read an amount in that. Type it like 4.50."),
        ("Money", "99999999", "That is more than can be paid at the counter."),
        ("Voucher", "soon", "Type a whole number from 1 to 365."),
        ("Voucher", "366", "Type a whole number from 1 to 365."),
        ("Starts", "yesterday", "I could not read a day in that."),
        ("Ends", "30.4.2026", "That day is over. Type one from today on."),
    ],
)
async def test_a_bad_answer_is_explained_and_changes_nothing(
    chat: Chat, shop: int, label: str, answer: str, complaint: str
) -> None:
    olive = await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop, stock=5)
    before = offer_of(chat.app.units, offer_id)
    await opens_card(olive, shop, "Free cookie")
    await changes(olive, label, answer)
    olive.sees(complaint, "Free cookie")
    assert offer_of(chat.app.units, offer_id) == before
    await olive.taps("Cancel")
    olive.sees("Stock: 5 left")


async def test_fields_are_taken_back_with_one_tap(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    add_claim(chat.app.units, shop, stock=5, price_minor=200, per_member=3, voucher_days=7)
    await opens_card(olive, shop, "Free cookie")
    olive.sees("Members get a voucher, and pay €2.00 at the counter.", "Limit: 3 per member", "good for 7 days")
    for label, without in (
        ("Restock", "Unlimited"),
        ("Money", "Free"),
        ("Limit", "No limit"),
        ("Voucher", "As usual"),
        ("Description", "No description"),
    ):
        await olive.taps(label)
        await olive.taps(without)
    card = olive.sees("Members get a voucher, free.", "Stock: unlimited", "Limit: none", "good for 90 days")
    assert "With any coffee." not in said(card)


async def test_it_is_paused_resumed_restocked_and_ended(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), chat.member("Ana")
    add_claim(chat.app.units, shop, stock=0)
    await opens_card(olive, shop, "Free cookie")
    olive.sees("Sold out for now.")
    await changes(olive, "Restock", "+2")
    olive.sees("Running", "Stock: 2 left")
    await olive.taps("Pause", times=2)
    olive.sees("Paused: members cannot have it just now")
    await ana.says("/offers")
    ana.sees("Nothing fits you today.")
    await olive.taps("Resume")
    await ana.says("/offers")
    await ana.taps("Free cookie")
    await ana.taps("Claim")
    await olive.taps("End")
    olive.sees(
        "End Free cookie now? Nobody can have it any more.", "1 voucher for it waits to be used, and stays good."
    )
    await olive.taps("Cancel")
    olive.sees("Running")
    question = await olive.taps("End")
    await olive.taps("End it", times=2)
    olive.sees("⏹ Ended")
    await olive.taps("End it", on=question)
    olive.sees("⏹ Ended")
    await ana.says("/vouchers")
    ana.sees("Free cookie")


async def test_it_is_removed_and_brought_back(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop, stock=3)
    card = await opens_card(olive, shop, "Free cookie")
    await olive.taps("Remove")
    olive.sees("Remove Free cookie? Members will not see it any more.")
    await olive.taps("Remove")
    olive.sees("Free cookie is removed.")
    await olive.taps_data(EditOffer(offer_id=offer_id, field=Field.STOCK).pack(), on=card)
    assert olive.alert == "This offer is removed. Bring it back first."
    await olive.taps("Bring it back")
    olive.sees("Running", "Stock: 3 left")


async def test_it_leads_to_a_reward_or_a_group_buy(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    add_claim(chat.app.units, shop, "Something new", published_at=None)
    await opens_card(olive, shop, "Something new")
    await olive.taps("Leads to")
    olive.sees("What do members get?")
    await olive.taps("One of our rewards")
    olive.sees("Your shop has no reward that members can see.")
    await olive.taps("Back")
    await olive.taps("One of our group buys")
    olive.sees("Your shop has no group buy that members can see.")
    cake = add_reward(chat.app.units, shop, "Cake")
    add_deal(chat.app.units)
    await olive.taps("Back")
    await olive.taps("One of our rewards")
    await olive.taps("Cake")
    card = olive.sees("It leads to the reward Cake.")
    assert not {"Stock", "Limit", "Money", "Voucher"} & set(labels(card))
    owner = await olive.member()
    await chat.run(chat.club.shelf.turn, owner, cake, Turn.REMOVE)
    await olive.taps("Publish")
    assert olive.alert == "What it leads to is over or not published. Choose something else under Leads to."
    await olive.taps("Leads to")
    await olive.taps("One of our group buys")
    await olive.taps("Coffee beans")
    olive.sees("It leads to the group buy Coffee beans.")
    await olive.taps("Leads to")
    await olive.taps("A voucher, claimed here")
    olive.sees("Members get a voucher, free.")


async def test_what_is_not_there_any_more_is_not_led_to(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop)
    before = offer_of(chat.app.units, offer_id)
    for target in (404, add_reward(chat.app.units, add_merchant(chat.app.units, "Tea House"))):
        await olive.taps_data(LeadTo(offer_id=offer_id, kind=OfferKind.REWARD, target=target).pack())
        assert olive.alert == "What it leads to is over or not published. Choose something else under Leads to."
    assert offer_of(chat.app.units, offer_id) == before


@pytest.mark.parametrize("kind", [OfferKind.CLAIM, OfferKind.NEWS])
async def test_nothing_is_led_to_that_is_no_place(chat: Chat, shop: int, kind: OfferKind) -> None:
    olive = await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop)
    for button in (LeadTo(offer_id=offer_id, kind=kind, target=1), ShowTargets(offer_id=offer_id, kind=kind)):
        await olive.taps_data(button.pack())
        assert olive.alert == "What it leads to is over or not published. Choose something else under Leads to."


async def test_its_vouchers_can_end_with_it(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop)
    await opens_card(olive, shop, "Free cookie")
    assert "To the offer's end" not in labels(await olive.taps("Voucher"))
    await olive.taps_data(EndWithOffer(offer_id=offer_id).pack())
    assert olive.alert == "The offer has no end yet. Set that first, or type how many days."
    await olive.taps("Cancel")
    await changes(olive, "Ends", "10.5.")
    olive.sees("Last day: 10 May 2026", "Voucher: good to the offer's end")
    await changes(olive, "Voucher", "14 days")
    olive.sees("Voucher: good for 14 days")
    await olive.taps("Voucher")
    await olive.taps("To the offer's end")
    olive.sees("Voucher: good to the offer's end")


async def test_tier_window_and_words(chat: Chat, shop: int) -> None:
    olive, mei = await staff(chat, shop), chat.member("Mei", language="zh-hans")
    offer_id = add_claim(chat.app.units, shop, published_at=None)
    await opens_card(olive, shop, "Free cookie")
    await olive.taps("Tier")
    await olive.taps("Silver")
    olive.sees("For 🥈 Silver members and up.")
    await changes(olive, "Starts", "2.5.")
    await changes(olive, "Ends", "1.5.")
    olive.sees("That is before its start on 2 May 2026.")
    await olive.says("9.5.")
    olive.sees("From: 2 May 2026", "Last day: 9 May 2026")
    await olive.taps("Other languages")
    await olive.taps("Name in 简体中文")
    await olive.says("免费曲奇")
    olive.sees("简体中文: 免费曲奇")
    await olive.taps("Back")
    olive.sees("Also in: 简体中文")
    await olive.taps("Publish")
    olive.sees("It starts on 2 May 2026.")
    await olive.taps("Publish")
    olive.sees("⏳ Soon")
    assert offer_of(chat.app.units, offer_id).tier_min is Tier.SILVER
    await mei.says("/offers")
    mei.has_not_seen("免费曲奇")
    chat.clock.advance(days=1)
    await mei.says("/offers")
    mei.sees("免费曲奇")


async def test_the_table_tells_what_became_of_all(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), chat.member("Ana")
    add_claim(chat.app.units, shop, "=Free cookie", stock=5)
    add_offer(chat.app.units, shop, "News")
    await ana.says("/offers")
    await ana.taps("=Free cookie")
    await ana.taps("Claim")
    await olive.taps_data(ShowShopOffers(merchant_id=shop).pack())
    sent = await olive.taps("As a table (CSV)")
    assert said(sent).endswith("2 offers")
    document = sent["document"]
    assert document["file_name"] == f"offers-{shop}.csv"
    file = chat.telegram.world.files.get(document["file_id"])
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows[0] == ["Title", "State", "Published", "Ends", "Left", "Seen", "Claimed", "Used", "Waiting"]
    assert [row[0].lstrip("'") for row in rows[1:]] == ["News", "=Free cookie"]
    assert [row[4:] for row in rows[1:]] == [["", "0", "0", "0", "0"], ["4", "1", "1", "0", "1"]]


async def test_the_list_is_leafed_through(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    for number in range(1, 9):
        add_claim(chat.app.units, shop, f"Offer {number}", stock=number)
    await olive.taps_data(ShowShopOffers(merchant_id=shop).pack())
    first = olive.sees("Offer 8\n      8 left · claimed 0 · used 0", "Offer 3")
    assert "Offer 2" not in said(first)
    await olive.taps("Older »")
    olive.sees("Offer 2", "Offer 1")
    await olive.taps("« Newest")
    olive.sees("Offer 8")


async def test_a_cashier_has_no_button_for_the_offers(chat: Chat, shop: int) -> None:
    cai = await staff(chat, shop, "Cai", Role.CASHIER)
    await cai.says("/start")
    assert "Our offers" not in labels(await cai.taps("Harbour Coffee"))


async def test_old_buttons_of_somebody_who_has_no_say_here(chat: Chat, shop: int) -> None:
    offer_id = add_claim(chat.app.units, shop)
    nell = await staff(chat, add_merchant(chat.app.units, "Tea House"), "Nell", Role.MARKETER)
    cai = await staff(chat, shop, "Cai", Role.CASHIER)
    before = offer_of(chat.app.units, offer_id)
    buttons = (
        ShowShopOffers(merchant_id=shop),
        NewShopOffer(merchant_id=shop),
        ShowShopOffer(offer_id=offer_id),
        EditOffer(offer_id=offer_id, field=Field.STOCK),
        ClearOffer(offer_id=offer_id, field=Field.DESCRIPTION),
        SetOfferTier(offer_id=offer_id, tier=Tier.GOLD),
        EndWithOffer(offer_id=offer_id),
        ClaimHere(offer_id=offer_id),
        ShowTargets(offer_id=offer_id, kind=OfferKind.REWARD),
        LeadTo(offer_id=offer_id, kind=OfferKind.REWARD, target=1),
        EditOfferWords(offer_id=offer_id, language=Language.ENGLISH, field=Field.NAME),
        PreviewOffer(offer_id=offer_id),
        AskOfferTurn(offer_id=offer_id, turn=Turn.REMOVE),
        TakeOfferTurn(offer_id=offer_id, turn=Turn.REMOVE),
        AskEndOffer(offer_id=offer_id),
        EndOffer(offer_id=offer_id),
        GetOfferTable(merchant_id=shop),
    )
    for person in (nell, cai):
        for button in buttons:
            await person.taps_data(button.pack())
            assert person.alert == NOT_YOURS
        await person.says("1")
    assert offer_of(chat.app.units, offer_id) == before


async def test_an_offer_that_is_not_there(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    for button in (ShowShopOffer(offer_id=404), EndOffer(offer_id=404), PreviewOffer(offer_id=404)):
        await olive.taps_data(button.pack())
        assert olive.toast is not None
        assert "not there any more" in olive.toast


def test_buttons_fit_into_what_telegram_carries() -> None:
    most = 2**62
    for button in (
        ShowShopOffers(merchant_id=most, rank=9, before=most),
        EditOfferWords(offer_id=most, language=Language.TRADITIONAL, field=Field.DESCRIPTION),
        LeadTo(offer_id=most, kind=OfferKind.REWARD, target=most),
        ShowTargets(offer_id=most, kind=OfferKind.REWARD, before=most),
        TakeOfferTurn(offer_id=most, turn=Turn.PUBLISH),
    ):
        assert len(button.pack().encode()) <= 64
