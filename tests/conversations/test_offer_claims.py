from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.offers.callbacks import ClaimOffer, OffersPage, ShowOffer, WhyShown
from handlers.pictures.scenes import picture
from loyalty.members import Tier
from loyalty.merchants import Role
from loyalty.offer_desk import Field
from loyalty.wares import Turn
from tests.kit.chat import Chat, Message, Person, find_button, labels, said
from tests.kit.counter import comes_with, staff
from tests.kit.deals import SHOP, add_deal
from tests.kit.offers import add_claim, add_offer, offer_of
from tests.kit.shops import add_merchant, add_reward


@pytest.fixture
def shop(chat: Chat) -> int:
    return add_merchant(chat.app.units, SHOP, {"zh-Hans": {"name": "港湾咖啡"}, "zh-Hant": {"name": "港灣咖啡"}})


async def opens(person: Person, title: str) -> Message:
    await person.says("/offers")
    return await person.taps(title)


async def test_a_member_claims_an_offer_and_the_till_takes_it(chat: Chat, shop: int) -> None:
    ana, cass = chat.member("Ana"), await staff(chat, shop, "Cass", Role.CASHIER)
    ends_at = chat.clock() + timedelta(hours=5, minutes=12)
    offer_id = add_claim(chat.app.units, shop, "Free <cookie>", stock=50, ends_at=ends_at)
    await ana.says("/offers")
    ana.sees(
        "Today for you",
        "Free <cookie> · Harbour Coffee\nfree · 50 of 50 left · once per person · ends in 5 h 12 min",
    )
    await ana.taps("Free <cookie>")
    ana.sees(
        "Free <cookie> · Harbour Coffee",
        "With any coffee.",
        "free · 50 of 50 left",
        "You get a voucher for the counter, good until 1 May 2026.",
    )
    await ana.taps("Claim")
    voucher = ana.sees("It is yours.", "Free <cookie> · Harbour Coffee", "Code: ", "Good until 1 May 2026")
    code = said(voucher).split("Code: ")[1].splitlines()[0]
    assert offer_of(chat.app.units, offer_id).stock == 49
    await cass.says(f"/voucher {code}")
    cass.sees("Free <cookie>", "For Ana\n", "Not used yet.")
    await cass.taps("Take it")
    cass.sees("Done. Ana gets Free <cookie>")
    await ana.says("/offers")
    ana.sees("49 of 50 left · you have had yours")
    await ana.taps("Free <cookie>")
    assert "Claim" not in labels(ana.sees("You have had this one already."))
    await ana.taps("My vouchers")


async def test_a_double_tap_claims_once(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    offer_id = add_claim(chat.app.units, shop, stock=5, per_member=5)
    card = await opens(ana, "Free cookie")
    await ana.taps("Claim", times=2)
    ana.sees("It is yours.")
    assert offer_of(chat.app.units, offer_id).stock == 4
    await ana.taps("Claim", on=card)
    assert offer_of(chat.app.units, offer_id).stock == 4


async def test_of_two_who_want_the_last_one_one_has_it(chat: Chat, shop: int) -> None:
    ana, bo = chat.members("Ana", "Bo")
    add_claim(chat.app.units, shop, stock=1)
    his = await opens(bo, "Free cookie")
    await opens(ana, "Free cookie")
    await ana.taps("Claim")
    ana.sees("It is yours.")
    await bo.taps("Claim", on=his)
    assert bo.alert == "The last one has just gone."
    assert "Claim" not in labels(bo.sees("0 of 1 left"))
    await bo.taps("Back")
    bo.sees("Nothing fits you today.")


async def test_what_is_given_back_is_there_for_the_next(chat: Chat, shop: int) -> None:
    ana, bo = chat.members("Ana", "Bo")
    add_claim(chat.app.units, shop, stock=1)
    card = await opens(ana, "Free cookie")
    await ana.taps("Claim")
    await ana.taps("Give it back")
    ana.sees("Give this voucher back? Somebody else can have it then, and its code will stop working.")
    await ana.taps("Give it back", times=2)
    ana.sees("Given back. Thank you: now somebody else can have it.")
    await opens(bo, "Free cookie")
    await bo.taps("Claim")
    bo.sees("It is yours.")
    await ana.taps("Claim", on=card)
    assert "It is yours." not in said(ana.has_seen("Cancelled"))


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        ("end", "This is over."),
        (Turn.PAUSE, "The shop is taking a break with this one."),
        (Turn.REMOVE, "The shop has taken this one away."),
    ],
)
async def test_an_old_button_says_what_became_of_it(chat: Chat, shop: int, turn: Turn | str, why: str) -> None:
    ana, olive = chat.member("Ana"), await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop)
    await opens(ana, "Free cookie")
    owner = await olive.member()
    if isinstance(turn, Turn):
        await chat.run(chat.club.offer_desk.turn, owner, offer_id, turn)
    else:
        await chat.run(chat.club.offer_desk.end, owner, offer_id)
    await ana.taps("Claim")
    assert ana.alert == why
    assert "Claim" not in labels(ana.sees("Free cookie", why))
    await ana.taps("Back")
    ana.sees("Nothing fits you today.")


async def test_an_offer_whose_time_ran_out_while_it_was_on_the_screen(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    add_claim(chat.app.units, shop, ends_at=chat.clock() + timedelta(minutes=1))
    card = await opens(ana, "Free cookie")
    assert "ends in 1 min" in said(card)
    chat.clock.advance(minutes=1)
    await ana.taps("Claim")
    assert ana.alert == "This is over."
    assert "ends in" not in said(ana.sees("This is over."))


async def test_a_price_that_changed_is_shown_before_it_is_claimed(chat: Chat, shop: int) -> None:
    ana, olive = chat.member("Ana"), await staff(chat, shop)
    offer_id = add_claim(chat.app.units, shop, price_minor=200)
    await opens(ana, "Free cookie")
    ana.sees("€2.00 at the counter")
    owner = await olive.member()
    await chat.run(lambda: chat.club.offer_desk.write(owner, offer_id, Field.PRICE, "3", decimals=2))
    await ana.taps("Claim")
    assert ana.alert == "The price has changed in the meantime. This is what it costs now."
    ana.sees("€3.00 at the counter")
    await ana.taps("Claim")
    ana.sees("It is yours.", "You pay €3.00 on top, at the counter.")


async def test_an_offer_for_a_higher_tier_says_so(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    offer_id = add_claim(chat.app.units, shop, tier_min=Tier.SILVER)
    await ana.says("/offers")
    ana.sees("free · 🔒 🥈 from Silver · once per person")
    await ana.taps("Free cookie")
    assert "Claim" not in labels(ana.sees("This one is for Silver members and up."))
    await ana.taps_data(ClaimOffer(offer_id=offer_id, nonce="ABCD2345", price=0, page=0).pack())
    assert ana.alert == "This one is for Silver members and up."


async def test_what_has_no_limits_says_nothing_of_any(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    add_claim(chat.app.units, shop, stock=None, per_member=None)
    await ana.says("/offers")
    ana.sees("Free cookie · Harbour Coffee\nfree\n\n")


async def test_a_distant_end_is_told_by_its_day(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    add_claim(chat.app.units, shop, stock=3, per_member=2, ends_at=chat.clock() + timedelta(days=3))
    card = await opens(ana, "Free cookie")
    assert "free · 3 of 3 left · 2 per person · ends on 4 May 2026" in said(card)
    await ana.taps("Claim")
    await opens(ana, "Free cookie")
    ana.sees("2 of 3 left · you have had 1 of 2")


async def test_offers_lead_to_rewards_and_group_buys(chat: Chat, shop: int) -> None:
    ana = await comes_with(chat, "Ana", 500)
    cake = add_reward(chat.app.units, shop, "Cake", points=80, price_minor=100, stock=4)
    add_offer(chat.app.units, shop, "Cake is back", reward_id=cake)
    add_offer(chat.app.units, shop, "Beans together", deal_id=add_deal(chat.app.units))
    await ana.says("/offers")
    ana.sees("Cake is back · Harbour Coffee\n80 points + €1.00 · 4 left", "240 points in a group · 30 left")
    await ana.taps("Cake is back")
    assert "Claim" not in labels(ana.sees("Roasted this morning."))
    await ana.taps("Show me")
    ana.sees("Cake · Harbour Coffee", "It takes 80 points")
    await opens(ana, "Beans together")
    await ana.taps("Show me")
    ana.sees("Coffee beans", "Together 240 points each")


async def test_the_list_is_leafed_through_and_a_card_leads_back_to_its_page(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    for number in range(1, 8):
        add_claim(chat.app.units, shop, f"Offer {number}")
    first = await ana.says("/offers")
    assert "Today for you · 1 of 2" in said(first)
    shown = [label for label in labels(first) if label.startswith("Offer")]
    assert len(shown) == 5
    await ana.taps("More »")
    second = ana.sees("Today for you · 2 of 2")
    rest = [label for label in labels(second) if label.startswith("Offer")]
    assert sorted(shown + rest) == [f"Offer {number}" for number in range(1, 8)]
    await ana.taps(rest[0])
    await ana.taps("Back")
    ana.sees("Today for you · 2 of 2")
    await ana.taps("« First")
    ana.sees("Today for you · 1 of 2")
    await ana.taps_data(OffersPage(number=99).pack())
    ana.sees("Today for you · 2 of 2")


async def test_a_card_has_its_picture_and_says_why(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    with chat.app.units() as uow:
        picture_id = uow.pictures.add("cookie", picture("cake", "amber"))
        uow.commit()
    offer_id = add_claim(chat.app.units, shop, picture_id=picture_id)
    card = await opens(ana, "Free cookie")
    assert card["photo"]
    await ana.taps("Why for me?")
    assert ana.alert == "We have not shown it to you lately. It costs no points."
    await ana.taps_data(WhyShown(offer_id=offer_id + 1).pack())
    assert ana.toast is not None
    await ana.taps("Claim")
    ana.sees("It is yours.")


async def test_a_friend_follows_a_shared_offer(chat: Chat, shop: int) -> None:
    ana, bo = chat.members("Ana", "Bo")
    offer_id = add_claim(chat.app.units, shop)
    card = await opens(ana, "Free cookie")
    assert f"start%3Do_{offer_id}" in find_button(card, "Share")["url"]
    await bo.opens(f"https://t.me/perkchat_bot?start=o_{offer_id}")
    await bo.taps("Claim")
    bo.sees("It is yours.")
    for broken in ("o_", "o_404", "o_x", "o_-1", f"o_{'9' * 30}", "o_²"):
        await bo.says(f"/start {broken}")
        bo.sees("This is not there any more.")


async def test_the_offer_of_the_day_leads_to_the_claim(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    await ana.says("/profile")
    await ana.taps_data("offersset:1")
    add_claim(chat.app.units, shop)
    await chat.timetable.works("send offers")
    await chat.courier.delivers()
    ana.sees("Free cookie · Harbour Coffee", "With any coffee.")
    await ana.taps("Show me")
    await ana.taps("Claim")
    ana.sees("It is yours.")


async def test_a_draft_is_nothing_to_a_member(chat: Chat, shop: int) -> None:
    ana = chat.member("Ana")
    draft = add_claim(chat.app.units, shop, published_at=None)
    await ana.says("/offers")
    ana.sees("Nothing fits you today.")
    for button in (
        ShowOffer(offer_id=draft),
        WhyShown(offer_id=draft),
        ClaimOffer(offer_id=draft, nonce="ABCD2345", price=0, page=0),
    ):
        await ana.taps_data(button.pack())
        assert ana.toast is not None
        ana.has_not_seen("Free cookie")


@pytest.mark.parametrize(
    ("language", "title", "line", "claim", "yours", "had"),
    [
        (
            "zh-hans",
            "免费曲奇",
            "免费 · 共 50 份，剩 50 份 · 每人 1 份 · 5 小时 12 分钟后结束",
            "领取",
            "领取成功，归你了。",
            "你的 1 份已经领了",
        ),
        (
            "zh-hant",
            "免費餅乾",
            "免費 · 共 50 份，剩 50 份 · 每人 1 份 · 5 小時 12 分鐘後結束",
            "領取",
            "領取成功，是你的了。",
            "你的 1 份已經領了",
        ),
    ],
)
async def test_it_is_read_in_chinese(
    chat: Chat, shop: int, language: str, title: str, line: str, claim: str, yours: str, had: str
) -> None:
    mei = chat.member("Mei", language=language)
    add_claim(
        chat.app.units,
        shop,
        stock=50,
        ends_at=chat.clock() + timedelta(hours=5, minutes=12),
        translations={
            "zh-Hans": {"name": "免费曲奇", "description": "任点咖啡即送。"},
            "zh-Hant": {"name": "免費餅乾", "description": "任點咖啡即送。"},
        },
    )
    await mei.says("/offers")
    mei.sees(title, line)
    await mei.taps(title)
    mei.sees("即送。")
    await mei.taps(claim)
    mei.sees(yours, title)
    await mei.says("/offers")
    mei.sees(had)


def test_buttons_fit_into_what_telegram_carries() -> None:
    most = ClaimOffer(offer_id=2**62, nonce="ABCD2345", price=10**9 - 1, page=10**9 - 1)
    assert len(most.pack().encode()) <= 64
    assert len(ShowOffer(offer_id=2**62, page=10**9 - 1).pack().encode()) <= 64


@pytest.mark.parametrize(
    "data",
    ["offer:0:0", "offer:-1:0", "offer:x:0", "offerclaim:1:abc:0:0", "offerspage:-1", "offerwhy:99999999999999999999"],
)
async def test_a_made_up_button_is_answered(chat: Chat, data: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps_data(data)
    assert ana.toast is not None
