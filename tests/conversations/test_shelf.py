from __future__ import annotations

import io

import pytest
from PIL import Image

from handlers.shelf.callbacks import (
    AskTurn,
    Clear,
    Edit,
    EditWords,
    NewReward,
    PreviewReward,
    SetSpan,
    SetTier,
    ShowShelf,
    ShowStocked,
    TakeTurn,
)
from loyalty.members import Language, Tier
from loyalty.merchants import Role
from loyalty.rewards import Reward
from loyalty.shelf import Field
from loyalty.wares import Turn
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.counter import comes_with, staff
from tests.kit.pictures import photo
from tests.kit.shops import add_merchant, add_reward

NOT_YOURS = "Only the owner or a marketer of this shop can change its rewards."
CARD = "Redeemed 0 · used 0 · waiting 0"


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, "Harbour Coffee")


def heavy_picture() -> bytes:
    """More than 5 MB and less than Telegram's 10."""
    drawn = io.BytesIO()
    Image.effect_noise((2400, 2400), 90).save(drawn, "PNG")
    return drawn.getvalue()


def stored(chat: Chat, reward_id: int) -> Reward:
    with chat.app.units() as uow:
        reward = uow.rewards.get(reward_id)
    assert reward is not None
    return reward


async def opens_card(person: Person, shop: int, name: str) -> Message:
    await person.taps_data(ShowShelf(merchant_id=shop).pack())
    return await person.taps(name)


async def test_a_shop_makes_a_reward_and_a_member_has_it(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 200)
    await olive.says("/start")
    await olive.taps("Harbour Coffee")
    await olive.taps("Our rewards")
    olive.sees("Our rewards · Harbour Coffee", "Your shop has no rewards yet.")
    await olive.taps("New reward")
    olive.sees("What is the reward called?")
    await olive.says("Iced latte")
    olive.sees("Iced latte. How many points does it take?")
    await olive.says("120")
    olive.sees("Send me a picture of it")
    await olive.sends("photo", photo())
    olive.sees("Iced latte", "A draft: only your shop sees it", "Cost: 120 points", "Picture: yes", CARD)
    await ana.says("/rewards")
    ana.has_not_seen("Iced latte")
    await olive.taps("Publish")
    olive.sees("Publish Iced latte for 120 points? Every member can see it then.")
    await olive.taps("Publish", times=2)
    olive.sees("Running")
    await ana.says("/rewards")
    await ana.taps("Iced latte")
    await ana.taps("Redeem")
    await ana.taps("Confirm")
    ana.sees("It is yours. You have 80 points left.")
    await olive.taps("All rewards")
    olive.sees("▶️ Running", "120 points · unlimited · redeemed 1")
    await olive.taps("Iced latte")
    olive.sees("Redeemed 1 · used 0 · waiting 1")


@pytest.mark.parametrize(
    ("language", "rewards", "new", "ask_name", "skip", "publish", "running"),
    [
        ("zh-hans", "好礼", "新好礼", "好礼叫什么名字？", "不加图片", "发布", "进行中"),
        ("zh-hant", "好禮", "新增好禮", "好禮叫什麼名字？", "不加圖片", "上架", "進行中"),
    ],
)
async def test_the_same_in_chinese(
    chat: Chat, shop: int, language: str, rewards: str, new: str, ask_name: str, skip: str, publish: str, running: str
) -> None:
    mei = await staff(chat, shop, "Mei", language=language)
    await mei.says("/start")
    await mei.taps("Harbour Coffee")
    await mei.taps(rewards)
    await mei.taps(new)
    mei.sees(ask_name)
    await mei.says("冰拿铁")
    await mei.says("１２０")
    await mei.taps(skip)
    mei.sees("冰拿铁", "120")
    await mei.taps(publish)
    await mei.taps(publish)
    mei.sees(running)


async def test_each_step_of_a_new_one_can_be_cancelled(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    await olive.taps_data(ShowShelf(merchant_id=shop).pack())
    await olive.taps("New reward")
    await olive.taps("Cancel")
    olive.sees("Your shop has no rewards yet.")
    await olive.says("Iced latte")
    olive.has_not_seen("How many points")
    await olive.taps_data(NewReward(merchant_id=shop).pack())
    await olive.says("Iced latte")
    await olive.taps("Cancel")
    olive.sees("Your shop has no rewards yet.")
    await olive.taps("New reward")
    await olive.says("Iced latte")
    await olive.says("120")
    await olive.taps("Without a picture")
    olive.sees("A draft: only your shop sees it", "Picture: no")
    await olive.says("/rewards")
    olive.sees("The shops have no rewards just now.")


async def test_a_new_one_is_not_made_of_bad_answers(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    await olive.taps_data(NewReward(merchant_id=shop).pack())
    for bad in ("x" * 61, "\u200b"):
        await olive.says(bad)
        olive.sees("A name has 1 to 60 characters.", "What is the reward called?")
    await olive.sends("sticker")
    olive.sees("A name has 1 to 60 characters.")
    await olive.says("Fish & <b>chips</b>")
    olive.sees("Fish & <b>chips</b>. How many points does it take?")
    for bad in ("0", "-5", "1.5", "many", "100000001"):
        await olive.says(bad)
        olive.sees("Points are whole numbers from 1 to 100,000,000.")
    await olive.sends("voice")
    olive.sees("Points are whole numbers from 1 to 100,000,000.")
    await olive.says("80")
    olive.sees("Send me a picture of it")
    await olive.says("later")
    olive.sees("I need a picture here. Send it as a photo, not as a file.")
    assert labels(chat.last_message(olive.id)) == ["Without a picture"]
    await olive.taps("Without a picture")
    olive.sees("Fish & <b>chips</b>", "Cost: 80 points")


async def test_every_part_can_be_changed_and_taken_back(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    reward_id = add_reward(chat.app.units, shop, published_at=None)
    await opens_card(olive, shop, "Flat white")
    for edit, typed, shown in (
        ("Title", "Cortado", "Cortado"),
        ("Description", "Small & strong.", "Small & strong."),
        ("Points", "60", "Cost: 60 points"),
        ("Money", "1,50", "Cost: 60 points and €1.50 at the counter"),
        ("Stock", "20", "Stock: 20 left"),
        ("Restock", "+5", "Stock: 25 left"),
        ("Restock", "-3", "Stock: 22 left"),
        ("Starts", "2026-06-01", "From: 1 Jun 2026"),
        ("Ends", "30.6.", "Last day: 30 Jun 2026"),
    ):
        await olive.taps(edit)
        await olive.says(typed)
        olive.sees(shown)
    await olive.taps("Limit")
    await olive.says("2")
    olive.sees("One member can have it 2 times. Within what time?")
    await olive.taps("A week")
    olive.sees("Limit: 2 per member a week")
    await olive.taps("Tier")
    await olive.taps("Silver", times=2)
    olive.sees("For 🥈 Silver members and up.")
    for edit, take_back, shown in (
        ("Money", "Points alone", "Cost: 60 points\n"),
        ("Restock", "Unlimited", "Stock: unlimited"),
        ("Limit", "No limit", "Limit: none"),
        ("Tier", "Member", "For: all members"),
    ):
        await olive.taps(edit)
        await olive.taps(take_back)
        olive.sees(shown)
    for edit, take_back in (("Starts", "From now"), ("Ends", "No end"), ("Description", "No description")):
        await olive.taps(edit)
        await olive.taps(take_back, times=2)
    card = said(chat.last_message(olive.id))
    assert "2026" not in card
    assert "Small" not in card
    reward = stored(chat, reward_id)
    assert (reward.name, reward.points, reward.description) == ("Cortado", 60, "")
    assert (reward.starts_at, reward.ends_at, reward.per_member, reward.price_minor) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("edit", "bad", "answer"),
    [
        ("Title", "x" * 61, "A name has 1 to 60 characters."),
        ("Description", "x" * 401, "That is 401 characters long; 400 fit."),
        ("Points", "ten", "Points are whole numbers from 1 to 100,000,000."),
        ("Money", "1.505", "I could not read an amount in that. Type it like 4.50."),
        ("Money", "2000000", "That is more than a reward may cost besides its points."),
        ("Restock", "lots", "I could not read a number in that. Type it like 20, or a change like +10 or -2."),
        ("Restock", "-4", "Only 3 are left, so that many cannot go."),
        ("Restock", "1000001", "A stock has at most 1,000,000 pieces."),
        ("Limit", "0", "That is no limit. Type a whole number from 1 to 1,000."),
        ("Starts", "3/5", "That could be 3 May or 5 Mar. Write the month as a word, like 3 May."),
        ("Starts", "some day", "I could not read a day in that. Type it like 24 Dec or 2026-12-24."),
        ("Starts", "30.6.2026", "That is after its last day, 1 Jun 2026."),
        ("Ends", "2026-04-30", "That day is over. Type one from today on."),
        ("Ends", "2099-01-01", "That is too far away. Type a day up to 2036."),
    ],
)
async def test_a_bad_answer_is_explained_and_the_form_stays_open(
    chat: Chat, shop: int, edit: str, bad: str, answer: str
) -> None:
    olive = await staff(chat, shop)
    reward_id = add_reward(chat.app.units, shop, stock=3)
    await chat.run(chat.club.shelf.write, await olive.member(), reward_id, Field.ENDS, "1.6.", decimals=2)
    before = stored(chat, reward_id)
    await opens_card(olive, shop, "Flat white")
    await olive.taps(edit)
    await olive.says(bad)
    olive.sees(answer)
    await olive.sends("sticker")
    olive.sees("I need words or a number here. Type the answer.")
    await olive.says(bad)
    olive.sees(answer)
    await olive.taps("Cancel")
    olive.sees("Flat white", CARD)
    assert stored(chat, reward_id) == before
    await olive.says("Nothing is asked any more")
    assert stored(chat, reward_id) == before


async def test_nothing_is_added_to_a_stock_that_is_not_counted(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    add_reward(chat.app.units, shop)
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Stock")
    await olive.says("+5")
    olive.sees("It is unlimited now. To count it from here, type how many there are.")
    await olive.says("5")
    olive.sees("Stock: 5 left")


async def test_a_picture_is_sent_as_a_photo_and_seen_in_the_preview(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    reward_id = add_reward(chat.app.units, shop)
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Picture")
    await olive.sends("document", "menu.pdf", b"%PDF-1.4")
    olive.sees("I need a picture here. Send it as a photo, not as a file.")
    await olive.sends("document", "photo.png", photo())
    olive.sees("I need a picture here. Send it as a photo, not as a file.")
    await olive.sends("photo", heavy_picture())
    olive.sees("That picture is too large. Up to 5 MB fit.")
    assert stored(chat, reward_id).picture_id is None
    await olive.sends("photo", photo())
    olive.sees("Picture: yes")
    preview = await olive.taps("Preview")
    assert "photo" in preview
    await olive.taps("Back")
    await olive.taps("Picture")
    await olive.taps("Remove picture")
    olive.sees("Picture: no")


async def test_the_preview_is_what_a_member_sees(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 100)
    await olive.earns(100)
    add_reward(chat.app.units, shop, published_at=None, stock=2, price_minor=150, per_member=1)
    await opens_card(olive, shop, "Flat white")
    preview = said(await olive.taps("Preview"))
    assert labels(chat.last_message(olive.id)) == ["Back"]
    await olive.taps("Back")
    await olive.taps("Publish")
    await olive.taps("Publish")
    await ana.says("/rewards")
    assert said(await ana.taps("Flat white")) == preview


async def test_pausing_and_resuming(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop, role=Role.MARKETER), await comes_with(chat, "Ana", 100)
    add_reward(chat.app.units, shop)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    question = await ana.taps("Redeem")
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Pause", times=2)
    olive.sees("Paused: members cannot have it just now")
    await ana.taps("Confirm", on=question)
    assert ana.alert == "The shop is taking a break with this one."
    assert await ana.balance() == 100
    await ana.says("/rewards")
    ana.sees("The shops have no rewards just now.")
    await olive.taps("Resume")
    olive.sees("▶️ Running")
    await ana.says("/rewards")
    ana.sees("Flat white")


async def test_removing_asks_first_and_can_be_undone(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 100)
    reward_id = add_reward(chat.app.units, shop)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    await ana.taps("Redeem")
    await ana.taps("Confirm")
    card = await opens_card(olive, shop, "Flat white")
    await olive.taps("Remove")
    olive.sees("Remove Flat white?", "1 voucher for it waits to be used, and stays good.")
    await olive.taps("Cancel")
    assert stored(chat, reward_id).removed_at is None
    await olive.taps("Remove")
    await olive.taps("Remove", times=2)
    olive.sees("Flat white is removed.", "vouchers that they have stay good")
    await ana.says("/rewards")
    ana.sees("The shops have no rewards just now.")
    await ana.says("/vouchers")
    ana.sees("Flat white", "Good until")
    # An old button does not change what is removed, and the removed screen is found again by it.
    await olive.taps_data(Edit(reward_id=reward_id, field=Field.POINTS).pack(), on=card)
    assert olive.alert == "This reward is removed. Bring it back first."
    await olive.taps_data(ShowStocked(reward_id=reward_id).pack(), on=card)
    await olive.taps("Bring it back", times=2)
    olive.sees("▶️ Running")
    await ana.says("/rewards")
    ana.sees("Flat white")


async def test_a_reward_that_is_removed_while_somebody_types(chat: Chat, shop: int) -> None:
    olive, mary = await staff(chat, shop), await staff(chat, shop, "Mary", Role.MARKETER)
    reward_id = add_reward(chat.app.units, shop)
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Points")
    await mary.taps_data(TakeTurn(reward_id=reward_id, turn=Turn.REMOVE).pack())
    await olive.says("60")
    olive.sees("This reward is removed. Bring it back first.")
    await mary.taps("Bring it back")
    await olive.says("60")
    assert stored(chat, reward_id).points == 80, "the form is closed"


async def test_words_in_other_languages(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    mei = chat.member("Mei", language="zh-hans")
    await mei.says("/start")
    add_reward(chat.app.units, shop)
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Other languages")
    olive.sees("简体中文: as first written", "繁體中文: as first written")
    await olive.taps("Name in 简体中文")
    olive.sees("Type its name in 简体中文", "“Flat white”")
    await olive.says("x" * 61)
    olive.sees("A name has 1 to 60 characters.")
    await olive.sends("sticker")
    olive.sees("I need words or a number here.")
    await olive.says("澳白一杯")
    olive.sees("简体中文: 澳白一杯", "繁體中文: as first written")
    await olive.taps("Text in 简体中文")
    await olive.says("双份浓缩")
    olive.sees("简体中文: 澳白一杯 · 双份浓缩")
    await mei.says("/rewards")
    await mei.taps("澳白一杯")
    mei.sees("双份浓缩")
    await olive.taps("Back")
    olive.sees("Also in: 简体中文")
    await olive.taps("Other languages")
    await olive.taps("Name in 简体中文")
    await olive.taps("As first written", times=2)
    olive.sees("简体中文: 双份浓缩")
    await mei.says("/rewards")
    mei.sees("Flat white")


async def test_staff_read_the_names_that_their_customers_read(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Flat white", translations={"zh-Hant": {"name": "澳式白咖啡一杯"}})
    rong, olive = await staff(chat, shop, "Rong", language="zh-hant"), await staff(chat, shop)
    for person, label, card in (
        (rong, "澳式白咖啡一杯", "澳式白咖啡一杯（Flat white）"),
        (olive, "Flat white", "Flat white\n"),
    ):
        await person.taps_data(ShowShelf(merchant_id=shop).pack(), on=chat.last_message(person.id))
        person.sees(label)
        await person.taps(label)
        person.sees(card)


async def test_the_price_changes_while_a_member_thinks(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 200)
    add_reward(chat.app.units, shop, points=80)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    question = await ana.taps("Redeem")
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Points")
    await olive.says("90")
    await ana.taps("Confirm", on=question, times=2)
    assert ana.alert == "The price has changed in the meantime. This is what it costs now."
    ana.sees("Redeem this for 90 points?")
    assert await ana.balance() == 200
    await ana.taps("Confirm")
    ana.sees("It is yours. You have 110 points left.")
    await ana.taps("Confirm", on=question)
    assert ana.alert == "The price has changed in the meantime. This is what it costs now."
    assert await ana.balance() == 110


async def test_a_price_that_became_too_high_leads_back_to_the_card(chat: Chat, shop: int) -> None:
    olive, ana = await staff(chat, shop), await comes_with(chat, "Ana", 100)
    add_reward(chat.app.units, shop, points=80)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    question = await ana.taps("Redeem")
    await opens_card(olive, shop, "Flat white")
    await olive.taps("Points")
    await olive.says("150")
    await ana.taps("Confirm", on=question)
    assert ana.alert == "It takes 150 points and you have 100: 50 to go."
    ana.sees("Still missing: 50.")
    assert await ana.balance() == 100


async def test_old_buttons_of_somebody_who_has_no_say_here(chat: Chat, shop: int) -> None:
    reward_id = add_reward(chat.app.units, shop)
    other = add_merchant(chat.app.units, "Tea House")
    nell = await staff(chat, other, "Nell", Role.MARKETER)
    cai = await staff(chat, shop, "Cai", Role.CASHIER)
    before = stored(chat, reward_id)
    buttons = (
        ShowShelf(merchant_id=shop),
        NewReward(merchant_id=shop),
        ShowStocked(reward_id=reward_id),
        Edit(reward_id=reward_id, field=Field.POINTS),
        Clear(reward_id=reward_id, field=Field.DESCRIPTION),
        SetTier(reward_id=reward_id, tier=Tier.GOLD),
        SetSpan(reward_id=reward_id, days=7),
        EditWords(reward_id=reward_id, language=Language.ENGLISH, field=Field.NAME),
        PreviewReward(reward_id=reward_id),
        AskTurn(reward_id=reward_id, turn=Turn.REMOVE),
        TakeTurn(reward_id=reward_id, turn=Turn.REMOVE),
    )
    for person in (nell, cai):
        for button in buttons:
            await person.taps_data(button.pack())
            assert person.alert == NOT_YOURS
        await person.says("1")
    assert stored(chat, reward_id) == before


async def test_a_cashier_has_no_button_for_the_rewards(chat: Chat, shop: int) -> None:
    cai = await staff(chat, shop, "Cai", Role.CASHIER)
    await cai.says("/start")
    console = await cai.taps("Harbour Coffee")
    assert "Our rewards" not in labels(console)


async def test_a_span_nobody_offers_changes_nothing(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    reward_id = add_reward(chat.app.units, shop, per_member=2)
    await olive.taps_data(SetSpan(reward_id=reward_id, days=3).pack())
    assert olive.alert == "That is no limit. Type a whole number from 1 to 1,000."
    assert stored(chat, reward_id).per_member_days is None


async def test_the_shelf_is_leafed_through(chat: Chat, shop: int) -> None:
    olive = await staff(chat, shop)
    for number in range(1, 9):
        add_reward(chat.app.units, shop, f"Reward {number}", stock=number)
    await olive.taps_data(ShowShelf(merchant_id=shop).pack())
    first = olive.sees("Reward 8", "80 points · 8 left · redeemed 0", "Reward 3")
    assert "Reward 2" not in said(first)
    await olive.taps("Older »")
    olive.sees("Reward 2", "Reward 1")
    await olive.taps("« Newest")
    olive.sees("Reward 8")


def test_buttons_fit_into_what_telegram_carries() -> None:
    most = 2**62
    for button in (
        ShowShelf(merchant_id=most, rank=9, before=most),
        EditWords(reward_id=most, language=Language.TRADITIONAL, field=Field.DESCRIPTION),
        SetSpan(reward_id=most, days=most),
        TakeTurn(reward_id=most, turn=Turn.PUBLISH),
    ):
        assert len(button.pack().encode()) <= 64
