"""What people hear of their purchases, and how purchases stand among their movements."""

from __future__ import annotations

import random as chance
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from handlers.refusals import words
from locales import texts_for
from loyalty.earning import EarnRule
from loyalty.errors import InvalidEarnRule, InvalidPurchase, PurchaseRefundTooLarge, ReceiptUsed
from loyalty.programme import Programme
from loyalty.purchases import Channel
from loyalty.referrals import ReferralEvent
from loyalty.services.earning import RecordedPurchase
from storage.audit import audit
from storage.database import Database
from tests.kit.chat import Chat, Person, open_chat
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant

SHOP = "Harbour Coffee"


@pytest.fixture
async def referring(database: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Chat]:
    """A club that pays commissions, and referral rewards for a first purchase."""
    programme = Programme(commission_percent=(10,), referral_event=ReferralEvent.PURCHASE, currency="HKD")
    opened = await open_chat(database, clock, random, programme=programme)
    yield opened
    await opened.app.intake.close()
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []


async def buys(person: Person, amount_minor: int, key: str = "k", **facts: Any) -> RecordedPurchase:
    """At a shop that gives a point for each unit of the currency."""
    chat = person.chat
    shop_id = add_merchant(chat.app.units, SHOP, {"zh-Hant": {"name": "港灣咖啡"}})
    chat.club.purchases.set_rule(shop_id, EarnRule())
    member = await person.member()
    book = partial(chat.club.purchases.record, member.id, shop_id, amount_minor, key=key, actor="test", **facts)
    return await chat.run(book)


async def brings_back(person: Person, bought: RecordedPurchase, amount_minor: int) -> None:
    refund = partial(person.chat.club.purchases.refund, bought.purchase.id, amount_minor, key="r", actor="test")
    await person.chat.run(refund)
    await person.chat.courier.delivers()


async def test_a_purchase_is_told_and_stands_among_the_movements(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await buys(ana, 1250)
    await chat.courier.delivers()
    ana.sees("+12 points for €12.50 at Harbour Coffee.")
    await ana.taps("My points")
    ana.sees("12 points to spend", "+12  Purchase at Harbour Coffee: €12.50")
    await buys(ana, 300, key="noted", note="Beans & cake")
    await ana.says("/points")
    ana.sees("+3  Harbour Coffee: Beans & cake")


async def test_a_shop_has_the_name_that_the_member_reads(chat: Chat) -> None:
    mei = chat.member("Mei", language="zh-hant")
    await mei.says("/start")
    await buys(mei, 1250)
    await chat.courier.delivers()
    mei.sees("港灣咖啡", "12.50")


async def test_points_of_what_was_bought_online_are_on_their_way(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await buys(ana, 5000, channel=Channel.ONLINE)
    await chat.courier.delivers()
    ana.sees("+50 points on their way for €50.00 at Harbour Coffee. They are yours on 15 May 2026.")
    await ana.says("/points")
    ana.sees("0 points to spend", "50 on their way")
    chat.clock.advance(days=14)
    await chat.timetable.works("release points")
    await ana.says("/points")
    ana.sees("50 points to spend", "+50  Purchase at Harbour Coffee: €50.00")


async def test_what_is_brought_back_is_told_with_what_it_took(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    bought = await buys(ana, 1250)
    await brings_back(ana, bought, 625)
    ana.sees("Harbour Coffee gave you €6.25 back, and 6 points went back with it.", "You have 6 points now.")
    await ana.says("/points")
    ana.sees("−6  Return to Harbour Coffee", "+12  Purchase at Harbour Coffee")


async def test_who_has_spent_the_points_already_hears_how_it_stands(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    bought = await buys(ana, 1000)
    await ana.earns(-8)
    await brings_back(ana, bought, 1000)
    ana.sees("10 points went back with it.", "you stand at −8, and what you earn next fills that first.")


async def test_a_friends_first_purchase_is_told_without_telling_who_bought_what(referring: Chat) -> None:
    ana, bo = referring.members("Ana", "Bo")
    await ana.says("/invite")
    ana.sees("Bring a friend: when they buy something for the first time, you get 50 points and they get 20.")
    await bo.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    bo.sees("With your first purchase, 20 welcome points are yours.")
    await referring.courier.delivers()
    ana.sees("When they buy something for the first time, you get 50 points.")

    bought = await buys(bo, 15_000)
    await referring.courier.delivers()
    bo.sees("+150 points for HK$150.00 at Harbour Coffee.", "And 20 more as a welcome")
    ana.has_seen("Your friend has made a first purchase: 50 points for you.")
    ana.has_seen("A friend of yours went shopping: +15 points for you on 2 May 2026.")
    ana.has_not_seen("Bo")
    ana.has_not_seen("HK$")

    referring.clock.advance(days=1)
    await referring.timetable.works("release points")
    await ana.says("/points")
    ana.sees("65 points to spend", "+15  A friend went shopping", "+50  You brought a friend")
    await brings_back(bo, bought, 15_000)
    assert (await ana.balance(), await bo.balance()) == (0, 0)
    await ana.says("/points")
    ana.sees("−15  A friend brought something back")


async def test_a_first_purchase_online_names_the_day_of_its_rewards(referring: Chat) -> None:
    ana, bo = referring.members("Ana", "Bo")
    await ana.says("/start")
    await bo.opens(f"https://t.me/perkchat_bot?start=r_{(await ana.member()).code}")
    await buys(bo, 2000, channel=Channel.ONLINE)
    await referring.courier.delivers()
    ana.has_seen("Your friend has made a first purchase: 50 points for you, to spend from 15 May 2026.")


async def test_bonuses_stand_among_the_movements_by_their_names(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.says("/points")
    shop_id = add_merchant(chat.app.units, SHOP)
    chat.club.purchases.set_rule(shop_id, EarnRule(first_points=30))
    member = await ana.member()
    await chat.run(partial(chat.club.purchases.record, member.id, shop_id, 500, key="k", actor="test"))
    await chat.courier.delivers()
    ana.sees("+35 points for €5.00 at Harbour Coffee.")
    await ana.says("/points")
    ana.sees("+30  First purchase at Harbour Coffee", "+5  Purchase at Harbour Coffee: €5.00")


def test_refusals_of_the_till_are_sentences(clock: FrozenClock) -> None:
    zone, texts = Programme().zone, texts_for("en")
    at = clock() - timedelta(days=1)
    said = [
        words(texts, refusal, zone)
        for refusal in (
            ReceiptUsed(1, "A <17>", at),
            PurchaseRefundTooLarge(1, 900, 0, "EUR"),
            PurchaseRefundTooLarge(1, 900, 450, "JPY"),
            InvalidPurchase("amount", 10),
            InvalidPurchase("tags", 20),
            InvalidPurchase("receipt", 64),
            InvalidEarnRule("percent", 99, 100, 1000),
        )
    ]
    assert len(set(said)) == len(said)
    assert "Receipt A &lt;17&gt; was booked already, on 30 Apr 2026" in said[0]
    assert said[2] == "Only ¥450 of this purchase can still be refunded."
    assert said[4:6] == ["At most 20 tags fit.", "That is too long: 64 characters fit."]
