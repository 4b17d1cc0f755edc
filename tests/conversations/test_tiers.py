"""Tiers in the chat: what one has, what the next one needs, and what is said when they come and go."""

from __future__ import annotations

import random as chance
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import pytest

from handlers.tiers.callbacks import UndoGrant
from loyalty.earning import EarnRule
from loyalty.members import Tier
from loyalty.programme import Programme
from loyalty.services.earning import RecordedPurchase
from loyalty.tiers import TierBasis
from storage.audit import audit
from storage.database import Database
from tests.kit.chat import Chat, Person, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant

HOW_TO = "Type it like this: a member's code and a tier"


async def joins(chat: Chat, name: str, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    return person


async def buys(person: Person, amount_minor: int, key: str = "k") -> RecordedPurchase:
    """At a shop that gives a point for each unit of the currency."""
    chat = person.chat
    shop_id = add_merchant(chat.app.units, "Harbour Coffee")
    chat.club.purchases.set_rule(shop_id, EarnRule())
    member = await person.member()
    return await chat.run(
        partial(chat.club.purchases.record, member.id, shop_id, amount_minor, key=f"{person.id}:{key}", actor="test")
    )


async def round_passes(chat: Chat) -> None:
    await chat.timetable.works("review tiers")
    await chat.courier.delivers()


@pytest.mark.parametrize(
    ("language", "way", "tier"),
    [
        ("en", "120 of 500 points in twelve months; 380 to Silver", "Member"),
        ("zh-hans", "十二个月内 120 / 500 积分；再得 380 积分就是银卡", "会员"),
        ("zh-hant", "十二個月內 120 / 500 點；再得 380 點就是銀卡", "會員"),
    ],
)
async def test_the_own_tier_with_a_bar_and_what_the_next_one_needs(
    chat: Chat, language: str, way: str, tier: str
) -> None:
    ana = await joins(chat, "Ana", language)
    await buys(ana, 12_000)
    await ana.says("/tier")
    ana.sees(f"🌱 {tier}", "▓▓░░░░░░░░", way, "🥈", "🥇")


async def test_the_way_there_and_back(chat: Chat) -> None:
    ana = await joins(chat, "Ana")
    await ana.says("/points")
    await ana.taps("My tier", times=2)
    ana.sees("🌱 Member", "0 of 500 points in twelve months; 500 to Silver", "🥈 Silver from 500 points")
    await ana.taps("My points")
    ana.sees("0 points to spend")
    await ana.says("my tier")
    ana.sees("🌱 Member")


async def test_up_at_once_and_told_so(chat: Chat) -> None:
    ana = await joins(chat, "Ana")
    for _ in range(2):
        await buys(ana, 50_000)
    await chat.courier.delivers()
    told = ana.has_seen("🥈 You are Silver now.")
    assert len([message for message in chat.messages(ana.id) if "You are Silver" in said(message)]) == 1
    await ana.taps("My tier", on=told)
    ana.sees("🥈 Silver", "500 of 2,000 points in twelve months; 1,500 to Gold")
    await buys(ana, 150_000, "more")
    await ana.says("/tier")
    ana.sees("🥇 Gold", "You are at the top.")
    assert "▓" not in said(chat.last_message(ana.id))


async def test_too_little_is_told_in_time_and_ends_a_step_down(chat: Chat) -> None:
    ana = await joins(chat, "Ana")
    await buys(ana, 250_000)
    chat.clock.move_to(datetime(2027, 5, 2, 10, tzinfo=UTC))
    await round_passes(chat)
    ana.sees("You are Gold until 1 Jun 2027, then Silver.", "To keep it, it takes 2,000 points more")
    await ana.taps("My tier")
    ana.sees("🥇 Gold", "⚠️ Gold is yours until 1 Jun 2027. To keep it: 2,000 points more.")
    chat.clock.move_to(datetime(2027, 6, 1, 23, 59, tzinfo=UTC))
    await round_passes(chat)
    await ana.says("/tier")
    ana.sees("🥇 Gold")
    chat.clock.move_to(datetime(2027, 6, 2, 10, tzinfo=UTC))
    await round_passes(chat)
    ana.has_seen("Your Gold has ended. You are 🥈 Silver now.\n2,000 points more, and you are Gold again, at once.")
    # Nothing was bought for a year: an hour later Silver has a warning and a grace of its own.
    await round_passes(chat)
    ana.has_seen("You are Silver until 2 Jul 2027, then Member.")
    await ana.says("/tier")
    ana.sees("🥈 Silver", "⚠️ Silver is yours until 2 Jul 2027. To keep it: 500 points more.")


@pytest.mark.parametrize(
    ("language", "warning", "end"),
    [
        ("zh-hans", "你的银卡到2026年5月31日为止，之后是会员。", "你的银卡已到期，现在是 🌱 会员。"),
        ("zh-hant", "你的銀卡到2026年5月31日為止，之後是會員。", "你的銀卡已到期，現在是 🌱 會員。"),
    ],
)
async def test_warning_and_end_in_the_members_language(chat: Chat, language: str, warning: str, end: str) -> None:
    """On the member's clock: the club's day ends in the morning of the next one in Taipei and Shanghai."""
    ana = await joins(chat, "Ana", language)
    member = await ana.member()
    with chat.app.units() as uow:
        uow.members.promote(member.id, Tier.SILVER)
        uow.commit()
    await round_passes(chat)
    await chat.timetable.works("review tiers")
    chat.clock.move_to(datetime(2026, 5, 31, 23, tzinfo=UTC))
    await chat.courier.delivers()
    ana.has_seen(warning)
    chat.clock.move_to(datetime(2026, 6, 1, 10, tzinfo=UTC))
    await round_passes(chat)
    ana.has_seen(end)


@pytest.fixture
async def spending(database: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Chat]:
    """A club whose tiers go by what is paid, in a currency without cents."""
    programme = Programme(
        currency="JPY", tier_basis=TierBasis.SPEND, tier_minimums={Tier.SILVER: 10_000, Tier.GOLD: 30_000}
    )
    opened = await open_chat(database, clock, random, programme=programme)
    yield opened
    await opened.app.intake.close()
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []


async def test_a_club_may_go_by_what_is_paid(spending: Chat) -> None:
    ana = await joins(spending, "Ana")
    await buys(ana, 2_500)
    await ana.says("/tier")
    ana.sees("▓▓░░░░░░░░", "¥2,500 of ¥10,000 spent in twelve months; ¥7,500 to Silver", "🥇 Gold from ¥30,000")


# The operator


async def test_the_operator_grants_a_tier_and_takes_it_back(chat: Chat) -> None:
    ana, olga = await joins(chat, "Ana"), chat.operator()
    code = (await ana.member()).code
    await olga.says(f"/grant {code.lower()} Gold")
    done = olga.sees("Ana is Gold until 1 May 2027, whatever is bought.")
    await olga.says(f"/grant {code} gold")
    again = olga.sees("It stood so already. Ana is Gold until 1 May 2027")
    assert "Undo" not in labels(again)
    await chat.courier.delivers()
    ana.sees("The club has set your tier: you are Gold until 1 May 2027.")
    await ana.says("/tier")
    ana.sees("🥇 Gold", "Gold is yours until 1 May 2027.")
    await olga.taps("Undo", on=done, times=2)
    olga.has_seen("Taken back. Ana is Member again.")
    assert olga.alert == "This was taken back already."
    await chat.courier.delivers()
    ana.has_seen("The club has set your tier: you are Member now.")
    assert (await ana.member()).tier is Tier.MEMBER


async def test_a_grant_is_read_strictly(chat: Chat) -> None:
    ana, olga = await joins(chat, "Ana"), chat.operator()
    code = (await ana.member()).code
    for wrong in ("", code, f"{code} platinum", f"{code} gold now", f"gold {code}", f"{code} 金卡"):
        await olga.says(f"/grant {wrong}")
        olga.sees(HOW_TO, "/grant ABCD2345 gold")
    await olga.says("/grant N0SUCH gold")
    olga.sees("There is no member with this code: N0SUCH.")
    assert (await ana.member()).tier is Tier.MEMBER
    await olga.says("/admin")
    olga.sees("/grant ABCD2345 gold")


@pytest.mark.permission
async def test_only_the_operator_grants(chat: Chat) -> None:
    ana, bo, olga = await joins(chat, "Ana"), await joins(chat, "Bo"), chat.operator()
    await ana.says(f"/grant {(await ana.member()).code} gold")
    ana.sees("I did not quite get that.")
    await olga.says(f"/grant {(await bo.member()).code} gold")
    with chat.app.units() as uow:
        change = uow.tiers.last_change((await bo.member()).id)
    assert change is not None
    for data in (
        UndoGrant(member_id=change.member_id, change_id=change.id).pack(),
        f"ungrant:{change.member_id}:{change.id}:-5",
    ):
        await ana.taps_data(data)
    assert (await bo.member()).tier is Tier.GOLD
    for kept in (10**18, 2**62):
        await olga.taps_data(UndoGrant(member_id=change.member_id, change_id=change.id, kept=kept).pack())
        assert olga.alert is not None
    assert (await bo.member()).tier is Tier.GOLD
