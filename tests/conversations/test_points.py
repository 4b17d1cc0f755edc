"""The balance, its history by pages, and the check-in."""

from __future__ import annotations

from tests.kit.chat import Chat, labels, said


async def test_check_in_earns_once_a_day_and_counts_the_streak(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps("Check in")
    ana.sees("+1 point for checking in.", "Your streak: 1 day.")
    await ana.says("/checkin")
    ana.sees("You have checked in today already.")
    chat.clock.advance(days=1)
    await ana.says("/checkin")
    ana.sees("Your streak: 2 days.", "Tomorrow brings 2.", "You have 2 points now.")
    chat.clock.advance(days=2)
    await ana.says("/checkin")
    ana.sees("Your streak: 1 day.")


async def test_the_seventh_day_brings_seven_and_so_does_the_eighth(chat: Chat) -> None:
    ana = chat.member("Ana")
    for _ in range(8):
        await ana.says("/checkin")
        chat.clock.advance(days=1)
    ana.sees("Your streak: 8 days.")
    assert await ana.balance() == 1 + 1 + 2 + 2 + 3 + 3 + 7 + 7


async def test_a_day_is_the_members_own_day(chat: Chat) -> None:
    """At 16:30 UTC it is still the first of May in London, and the second in Taipei."""
    mei = chat.member("Mei", language="zh-hant")
    await mei.says("/checkin")
    chat.clock.advance(hours=6, minutes=30)
    await mei.says("/checkin")
    mei.sees("已連續簽到 2 天。")


async def test_two_taps_at_once_check_in_once(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps("Check in", times=2)
    assert await ana.balance() == 1
    assert ana.alert == "You have checked in today already. Come back after 00:00."


async def test_points_show_balance_expiry_and_movements_by_page(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    for _ in range(8):
        await ana.says("/checkin")
        chat.clock.advance(days=1)
    first = await ana.says("/points")
    ana.sees("26 points to spend", "expire after", "+7  Check-in")
    assert said(first).count("Check-in") == 6
    second = await ana.taps("Older »")
    assert said(second).count("Check-in") == 2
    assert "Older »" not in labels(second)
    back = await ana.taps("« Newest")
    assert said(back) == said(first)


async def test_points_expire_at_the_end_of_their_day(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/checkin")
    chat.clock.advance(days=365)
    await chat.timetable.works("expire points")
    assert await ana.balance() == 1, "the last day counts"
    chat.clock.advance(days=1)
    await chat.timetable.works("expire points")
    await ana.says("/points")
    ana.sees("0 points to spend", "−1  Expired")
