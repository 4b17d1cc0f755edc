"""The last day of a voucher, of points, of an offer: one day, the club's, for whoever reads it wherever they live."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from loyalty.programme import Programme
from storage.database import Database
from tests.conversations.test_shelf import opens_card
from tests.conversations.test_till import Counter, opens_shop
from tests.kit.chat import Chat, open_chat
from tests.kit.clock import FrozenClock
from tests.kit.counter import staff
from tests.kit.offers import add_claim
from tests.kit.shops import add_reward


@pytest.fixture
async def london(database: Database, clock: FrozenClock, random: Random) -> Chat:
    """On 1 May at noon."""
    return await open_chat(database, clock, random, programme=Programme(timezone="Europe/London"))


async def comes_from_afar(chat: Chat, zone: str) -> Counter:
    """A cashier in the city of the club, and a customer who lives elsewhere and has the points for a flat white."""
    counter = await opens_shop(chat)
    await chat.run(chat.club.members.move, await counter.ana.member(), zone)
    await counter.ana.earns(100)
    return counter


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"])
async def test_a_voucher_has_one_last_day_for_the_member_and_at_the_till(london: Chat, zone: str) -> None:
    counter = await comes_from_afar(london, zone)
    ana, cato = counter.ana, counter.cato
    reward_id = add_reward(london.app.units, counter.shop, points=80)
    voucher = (await london.run(london.club.rewards.redeem, await ana.member(), reward_id, "ABCD2345")).voucher
    await ana.says("/vouchers")
    ana.sees("Good until 30 Jul 2026")
    await cato.opens(counter.card)
    cato.sees("🎟 Flat white, good until 30 Jul 2026")
    await cato.opens(london.app.links.voucher(voucher.code))
    cato.sees("Good until 30 Jul 2026")

    london.clock.advance(days=84)
    await london.run(london.club.vouchers.warn_due)
    london.clock.advance(days=1)
    await london.courier.delivers()
    ana.has_seen("is good until 30 Jul 2026. Do not let it go to waste.")
    london.clock.advance(days=6)
    await cato.opens(london.app.links.voucher(voucher.code))
    cato.sees("This voucher ended on 30 Jul 2026.")
    await ana.says("/vouchers")
    await ana.taps("Expired")
    ana.sees("Was good until 30 Jul 2026")


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
async def test_points_have_one_last_day(london: Chat, zone: str) -> None:
    counter = await comes_from_afar(london, zone)
    await counter.ana.says("/points")
    counter.ana.sees("100 of them expire after 1 May 2027")
    await counter.ana.taps("1")
    counter.ana.sees("100 points, good until 1 May 2027")


async def test_a_voucher_ends_with_its_offer_unless_the_shop_says_days(london: Chat) -> None:
    counter = await comes_from_afar(london, "Asia/Shanghai")
    ana = counter.ana
    ends_at = datetime(2026, 5, 31, 23, tzinfo=UTC)  # midnight in London
    add_claim(london.app.units, counter.shop, "Free cookie", ends_at=ends_at)
    add_claim(london.app.units, counter.shop, "Free tea", ends_at=ends_at, voucher_days=60)
    await ana.says("/offers")
    await ana.taps("Free cookie")
    ana.sees("ends on 31 May 2026", "You get a voucher for the counter, good until 31 May 2026.")
    await ana.says("/offers")
    await ana.taps("Free tea")
    ana.sees("ends on 31 May 2026", "You get a voucher for the counter, good until 30 Jun 2026.")


async def test_one_point_is_a_point(chat: Chat) -> None:
    counter = await opens_shop(chat)
    ana = counter.ana
    await ana.earns(1)
    await ana.says("/points")
    ana.sees("1 point to spend", "1 of them expires after 1 May 2027")
    olga = chat.operator()
    await olga.says(f"/adjust {(await ana.member()).code} 1 thanks")
    olga.sees("+1 point. Balance now: 2.")


async def test_a_birthday_is_typed_without_tapping_first(chat: Chat) -> None:
    mei = chat.member("Mei", language="zh-hant")
    await mei.says("/profile")
    await mei.taps("生日")
    await mei.says("3.8")
    mei.sees("3月8日")


async def test_a_price_is_typed_with_its_points(chat: Chat) -> None:
    counter = await opens_shop(chat)
    olive = await staff(chat, counter.shop)
    add_reward(chat.app.units, counter.shop)
    await opens_card(olive, counter.shop, "Flat white")
    for typed, shown in (
        ("60點", "Cost: 60 points"),
        ("1 000 points", "Cost: 1,000 points"),
        ("70分", "Cost: 70 points"),
    ):
        await olive.taps("Points")
        await olive.says(typed)
        olive.sees(shown)
