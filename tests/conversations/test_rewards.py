from __future__ import annotations

import io

import pytest
from PIL import Image

from handlers.rewards.callbacks import AskRedeem, Redeem, RewardsPage, ShowReward, ShowVoucher, Wallet
from loyalty.answers import PRICE_MINOR_MAX
from loyalty.members import Tier
from loyalty.points import POINTS_MAX
from loyalty.vouchers import Shelf
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.shops import add_merchant, add_reward

CHINESE = {"zh-Hans": {"name": "澳白一杯", "description": "双份浓缩"}, "zh-Hant": {"name": "澳式白咖啡一杯"}}


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


async def comes_with(chat: Chat, name: str, points: int, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    if points:
        await person.earns(points)
    return person


def picture(colour: str) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(drawn, "PNG")
    return drawn.getvalue()


async def test_points_become_a_voucher(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, stock=3, per_member=2)
    ana = await comes_with(chat, "Ana", 100)
    await ana.taps("Rewards")
    ana.sees("You have 100 points.", "✅ Flat white · Harbour Coffee", "80 points · yours if you like")
    await ana.taps("Flat white")
    ana.sees("With silky milk.", "Harbour Coffee", "Only 3 left.", "Up to 2 times per member.")
    await ana.taps("Redeem")
    ana.sees("Redeem this for 80 points?", "You keep 20.", "good for 90 days")
    assert await ana.balance() == 100
    voucher = await ana.taps("Confirm")
    ana.sees("It is yours. You have 20 points left.", "Flat white", "Good until 30 Jul 2026", "Code: ")
    assert "photo" in voucher
    assert await ana.balance() == 20
    await ana.says("/points")
    ana.sees("−80", "Reward: Flat white")
    await ana.says("/rewards")
    ana.sees("▫️ Flat white", "60 points missing")


async def test_the_voucher_can_be_opened_again_from_the_wallet(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    voucher = await redeems(ana)
    code = said(voucher).partition("Code: ")[2].splitlines()[0]
    await ana.says("/vouchers")
    ana.sees("My vouchers · Waiting", "Flat white · Harbour Coffee", "Good until 30 Jul 2026")
    again = await ana.taps("Flat white")
    assert "photo" in again
    ana.sees(code)
    assert len(code.replace("-", "")) == 13
    await ana.taps("My vouchers")
    await ana.taps("Used")
    ana.sees("You have not handed in a voucher yet.")
    await ana.taps("Expired")
    ana.sees("Nothing has expired.")
    chat.clock.advance(days=91)
    await ana.says("/vouchers")
    ana.sees("Nothing waits for you at a counter.")
    await ana.taps("Expired")
    ana.sees("Was good until 30 Jul 2026")
    gone = await ana.taps("Flat white")
    assert "photo" not in gone
    assert "Code" not in said(gone)


async def redeems(person: Person, name: str = "Flat white") -> Message:
    await person.says("/rewards")
    await person.taps(name)
    await person.taps("Redeem")
    return await person.taps("Confirm")


async def test_a_double_tap_on_confirm_pays_once_and_shows_the_same_voucher(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 500)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    question = await ana.taps("Redeem")
    first = await ana.taps("Confirm", times=2)
    assert await ana.balance() == 420
    # And long after: the old button knows its voucher still.
    again = await ana.taps("Confirm", on=question)
    assert said(again) == said(first)
    assert await ana.balance() == 420
    await ana.says("/vouchers")
    assert [label for label in labels(chat.last_message(ana.id)) if "Flat white" in label] == ["🎟 Flat white"]


async def test_cancel_keeps_the_points(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    await ana.taps("Redeem")
    await ana.taps("Cancel")
    ana.sees("It takes 80 points, and you have 100.")
    assert await ana.balance() == 100


async def test_too_few_points_says_what_is_missing_and_how_to_get_there(chat: Chat, shop: int) -> None:
    reward_id = add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 50)
    await ana.says("/rewards")
    ana.sees("30 points missing")
    card = await ana.taps("Flat white")
    ana.sees("Still missing: 30.")
    assert labels(card) == ["Check in", "Invite a friend", "♡ Add to favourites", "Rewards", "Home"]
    for button in (AskRedeem(reward_id=reward_id), Redeem(reward_id=reward_id, nonce="ABCD2345", points=80, price=0)):
        await ana.taps_data(button.pack(), on=card)
        assert ana.alert == "It takes 80 points and you have 50: 30 to go."
        ana.sees("Still missing: 30.")
    assert await ana.balance() == 50
    await ana.taps("Check in")
    ana.sees("+1 point for checking in.")


async def test_the_last_one_goes_while_somebody_thinks(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, stock=1)
    ana, bo = await comes_with(chat, "Ana", 100), await comes_with(chat, "Bo", 100)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    ana.sees("Only 1 left.")
    await ana.taps("Redeem")
    await redeems(bo)
    await ana.taps("Confirm")
    assert ana.alert == "The last one has just gone. Your points are untouched."
    card = ana.sees("Sold out for now.")
    assert labels(card) == ["♡ Add to favourites", "Rewards", "Home"]
    assert await ana.balance() == 100
    await ana.says("/rewards")
    ana.sees("Flat white", "sold out")


async def test_tier_and_limit_are_told_on_the_card(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Tote", points=10, tier_min=Tier.SILVER)
    add_reward(chat.app.units, shop, "Film ticket", points=20, per_member=1)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    ana.sees("🔒 Tote", "🥈 from Silver")
    await ana.taps("Tote")
    card = ana.sees("This one is for Silver members and up.")
    assert labels(card) == ["♡ Add to favourites", "Rewards", "Home"]
    await redeems(ana, "Film ticket")
    await ana.says("/rewards")
    await ana.taps("Film ticket")
    card = ana.sees("Once per member.", "You have had this one already.")
    assert labels(card) == ["♡ Add to favourites", "Rewards", "Home"]
    assert await ana.balance() == 80


async def test_a_stale_button_of_a_reward_that_is_over(chat: Chat, shop: int) -> None:
    ends_at = chat.clock().replace(day=2)
    add_reward(chat.app.units, shop, points=80, ends_at=ends_at)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    await ana.taps("Flat white")
    question = await ana.taps("Redeem")
    chat.clock.now = ends_at
    await ana.taps("Confirm", on=question)
    assert ana.alert == "This is over."
    ana.sees("This is over.")
    assert await ana.balance() == 100
    await ana.says("/rewards")
    ana.sees("The shops have no rewards just now.")
    await ana.taps("Check in")
    ana.sees("+1 point for checking in.")


async def test_pages_of_rewards_and_vouchers(chat: Chat, shop: int) -> None:
    for n in range(8):
        add_reward(chat.app.units, shop, f"Coffee {n}", points=10)
    ana = await comes_with(chat, "Ana", 100)
    page = await ana.says("/rewards")
    assert "« First" not in labels(page)
    await ana.taps("More »")
    page = ana.sees("Coffee 6", "Coffee 7")
    assert "More »" not in labels(page)
    await ana.taps("« First")
    ana.sees("Coffee 0", "Coffee 5")
    for n in range(7):
        await redeems(ana, f"Coffee {n}") if n < 6 else await redeems(ana, "Coffee 0")
    await ana.says("/vouchers")
    await ana.taps("Older »")
    page = ana.sees("Coffee 0")
    assert [label for label in labels(page) if "🎟" in label] == ["🎟 Coffee 0"]
    await ana.taps("« Newest")
    ana.sees("Coffee 5", "Coffee 1")
    await ana.taps_data(Wallet(before=1, shelf=Shelf.WAITING).pack())
    ana.sees("That was all of them.")
    await ana.taps_data(RewardsPage(points=10**6, after=1).pack())
    ana.sees("That was all of them.")


async def test_a_reward_with_a_picture_is_shown_with_it_and_becomes_the_voucher_in_place(chat: Chat, shop: int) -> None:
    with chat.app.units() as uow:
        picture_id = uow.pictures.add("flat-white", picture("brown"))
        uow.commit()
    add_reward(chat.app.units, shop, points=80, picture_id=picture_id)
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    card = await ana.taps("Flat white")
    assert "photo" in card
    question = await ana.taps("Redeem")
    voucher = await ana.taps("Confirm")
    assert card["message_id"] == question["message_id"] == voucher["message_id"]
    assert voucher["photo"] != card["photo"]


@pytest.mark.permission
async def test_nobody_opens_another_persons_voucher(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana, bo = await comes_with(chat, "Ana", 100), await comes_with(chat, "Bo", 0)
    await redeems(ana)
    before = said(chat.last_message(bo.id))
    for made_up in ("1", "2"):
        await bo.taps_data(f"voucher:{made_up}")
        assert bo.alert == "This is not there any more. Here is how things stand now."
        assert said(chat.last_message(bo.id)) == before


@pytest.mark.parametrize(
    "data",
    [
        "voucher:-1",
        "voucher:99999999999999999999",
        "voucher:x",
        "reward:",
        "rewards:1:99999999999999999999",
        "wallet:0:elsewhere",
        "redeem:1:",
        "redeem:1:ABC",
        "redeem:1:ABCD2345:more",
    ],
)
async def test_a_made_up_button_is_out_of_date(chat: Chat, shop: int, data: str) -> None:
    add_reward(chat.app.units, shop, points=80)
    ana = await comes_with(chat, "Ana", 100)
    await ana.taps_data(data)
    assert ana.toast == "This button is out of date. Here is how things stand now."
    ana.sees("Hello Ana.")
    assert await ana.balance() == 100


async def test_a_button_of_a_reward_that_never_was(chat: Chat) -> None:
    ana = await comes_with(chat, "Ana", 100)
    for button in (
        ShowReward(reward_id=404),
        AskRedeem(reward_id=404),
        Redeem(reward_id=404, nonce="ABCD2345", points=80, price=0),
        ShowVoucher(voucher_id=404),
    ):
        await ana.taps_data(button.pack())
        assert ana.alert == "This is not there any more. Here is how things stand now."


async def test_merchants_own_words_in_the_members_language(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, points=80, translations=CHINESE)
    mei = await comes_with(chat, "Mei", 100, language="zh-hans")
    await mei.says("/rewards")
    mei.sees("澳白一杯", "港湾咖啡")
    await mei.taps("澳白一杯")
    mei.sees("双份浓缩")
    fang = await comes_with(chat, "Fang", 100, language="zh-hant")
    await fang.says("/rewards")
    # The shop has no name of its own in this language, and the reward no description: as first written.
    fang.sees("澳式白咖啡一杯", "Harbour Coffee")
    await fang.taps("澳式白咖啡一杯")
    fang.sees("With silky milk.")


async def test_what_people_wrote_is_no_markup(chat: Chat, shop: int) -> None:
    add_reward(chat.app.units, shop, "Fish & <b>chips</b>", points=80, description="1 < 2 & so on")
    ana = await comes_with(chat, "Ana", 100)
    await ana.says("/rewards")
    ana.sees("Fish & <b>chips</b>")
    await ana.taps("Fish & <b>chips</b> · 80")
    ana.sees("1 < 2 & so on")
    await ana.taps("Redeem")
    await ana.taps("Confirm")
    ana.sees("Fish & <b>chips</b>")


def test_buttons_fit_into_what_telegram_carries() -> None:
    most = 2**62
    for button in (
        RewardsPage(points=most, after=most),
        Redeem(reward_id=most, nonce="ABCD2345", points=POINTS_MAX, price=PRICE_MINOR_MAX),
        Wallet(before=most, shelf=Shelf.WAITING),
        ShowVoucher(voucher_id=most),
    ):
        assert len(button.pack().encode()) <= 64
