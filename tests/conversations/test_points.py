"""The balance, its history by pages, why each movement was, the warning before expiry, and the check-in."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from handlers.points.callbacks import ListMovements, PointsPage, ShowWhy
from loyalty.movements import Shown
from loyalty.programme import Programme
from loyalty.services import ledger
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.counting import statements
from tests.kit.deals import add_deal
from tests.kit.shops import add_merchant, add_reward

PROGRAMME = Programme()
NUMBERS = ["1", "2", "3", "4", "5", "6"]


def numbered(message: dict[str, object]) -> list[str]:
    return [line for line in said(message).splitlines() if line[:1].isdecimal() and line[1:3] == ". "]


async def checks_in(chat: Chat, person: Person, days: int) -> None:
    for _ in range(days):
        await person.says("/checkin")
        chat.clock.advance(days=1)


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
    await mei.says("/start")
    chat.app.club.members.move(await mei.member(), "Asia/Taipei")
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
    ana.sees("26 points to spend", "1 of them expires after 1 May 2027", "1. +7  Check-in", "6. +2  Check-in")
    assert said(first).count("Check-in") == 6
    second = await ana.taps("Older »")
    assert numbered(second) == ["1. +1  Check-in · 2 May 2026", "2. +1  Check-in · 1 May 2026"]
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


async def test_movements_are_shown_by_kind_and_paged_within_it(chat: Chat) -> None:
    ana = chat.member("Ana")
    await checks_in(chat, ana, 8)
    await ana.says("/points")
    await ana.earns(-5)
    page = await ana.taps("Earned")
    assert "✓ Earned" in labels(page)
    assert [line.partition("  ")[2].partition(" ")[0] for line in numbered(page)] == ["Check-in"] * 6
    page = await ana.taps("Older »")
    assert len(numbered(page)) == 2
    assert "✓ Earned" in labels(page)
    page = await ana.taps("« Newest")
    assert len(numbered(page)) == 6
    page = await ana.taps("Spent")
    assert numbered(page) == ["1. −5  By the club: test · 9 May 2026"]
    page = await ana.taps("All")
    assert "−5  By the club" in numbered(page)[0]


async def test_every_empty_list_says_so_in_its_own_words(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/points")
    ana.sees("Nothing here yet. A check-in a day is an easy start.")
    for label, words in (
        ("Earned", "Nothing earned yet."),
        ("Spent", "Nothing spent yet."),
        ("Expired", "has expired"),
    ):
        page = await ana.taps(label)
        ana.sees(words)
        assert set(NUMBERS).isdisjoint(labels(page))
    await ana.taps_data(ListMovements(shown=Shown.SPENT, before=1).pack())
    ana.sees("That was all of them.")


async def test_buttons_of_older_messages_still_turn_pages(chat: Chat) -> None:
    ana = chat.member("Ana")
    await checks_in(chat, ana, 8)
    await ana.says("/points")
    older = await ana.taps_data("points:3")  # ids of movements: here each check-in has two postings
    assert numbered(older) == ["1. +1  Check-in · 1 May 2026"]
    newest = await ana.taps_data("points:0")
    assert len(numbered(newest)) == 6
    await ana.taps_data("points:0:earned")
    assert ana.toast == "This button is out of date. Here is how things stand now."


async def test_why_tells_where_points_came_from_and_leads_back(chat: Chat) -> None:
    ana = chat.member("Ana")
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    add_reward(chat.app.units, shop, "Flat white", points=80)
    await checks_in(chat, ana, 1)
    await ana.earns(100)
    await ana.says("/rewards")
    for label in ("Flat white", "Redeem", "Confirm"):
        await ana.taps(label)
    await ana.says("/points")
    await ana.taps("Spent")
    await ana.taps("1")
    ana.sees(
        "−80  Reward: Flat white",
        "2 May 2026, 10:00",
        "Done by you",
        "At Harbour Coffee",
        "1 from: Check-in, 1 May 2026 · good until 1 May 2027",
        "79 from: By the club: test, 2 May 2026 · good until 2 May 2027",
        "Points after this: 21",
        "Number for questions: 3",
    )
    back = await ana.taps("« Back")
    assert "✓ Spent" in labels(back)
    assert numbered(back) == ["1. −80  Reward: Flat white · 2 May 2026"]


async def test_why_of_an_earning_tells_what_became_of_it(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.earns(100)
    await ana.earns(-30)
    await ana.says("/points")
    await ana.taps("2")
    ana.sees("+100", "Paid for by the club", "100 points, good until 1 May 2027", "Of these: 30 spent, 70 still there")


async def test_why_of_many_lots_names_the_first_and_counts_the_others(chat: Chat) -> None:
    ana = chat.member("Ana")
    await checks_in(chat, ana, 20)
    await ana.earns(-100)
    await ana.says("/points")
    message = await ana.taps("1")
    ana.sees("They came from:", "1 from: Check-in, 1 May 2026")
    (last,) = [line for line in said(message).splitlines() if "other lots" in line]
    assert said(message).count("from: Check-in") == 8
    assert last == f"• {100 - (1 + 1 + 2 + 2 + 3 + 3 + 7 + 7)} more in 11 other lots"


async def test_why_of_points_set_aside_tells_how_it_ended(chat: Chat) -> None:
    ana = chat.member("Ana")
    add_deal(chat.app.units, hours=1)
    await ana.says("/start")
    await ana.earns(300)
    await ana.says("/groupbuy")
    for label in ("Coffee beans", "Open", "Open it"):
        await ana.taps(label)
    await ana.says("/points")
    ana.sees("60 points to spend", "240 set aside for group buys", "−240  Group buy: Coffee beans")
    await ana.taps("1")
    ana.sees("They are still set aside")
    chat.clock.advance(hours=2)
    await chat.timetable.works("close due groups")
    await ana.says("/points")
    await ana.taps("1")
    ana.sees("+240  Back from a group buy: Coffee beans", "They went back to:", "240 from: By the club: test")
    await ana.says("/points")
    await ana.taps("2")
    ana.sees("They came back to you.")


async def test_nobody_is_told_why_of_others(chat: Chat) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/checkin")
    await bo.says("/checkin")
    await bo.says("/points")
    await bo.taps_data(ShowWhy(movement_id=1, shown=Shown.EARNED).pack())
    assert bo.alert == "I can explain your own points only. Here they are."
    assert "✓ Earned" in labels(bo.sees("1 point to spend", "Check-in"))
    for tampered in ("ptwhy:-1:all:0", "ptwhy:x:all:0", "ptwhy:1:none:0", "ptwhy"):
        await bo.taps_data(tampered)
        assert bo.toast == "This button is out of date. Here is how things stand now."


async def test_what_is_owed_and_what_is_on_its_way_is_said(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    member, at = await ana.member(), chat.clock()

    def give(points: int, key: str, days: int) -> int:
        with chat.app.units() as uow:
            due = at + timedelta(days=days) if days else None
            recorded = ledger.award(
                uow, PROGRAMME, member.id, points, key=key, cause="purchase", actor="club", at=at, releases_at=due
            )
            uow.commit()
        return recorded.transaction_id

    award = give(50, "bought", 0)
    give(20, "later", 9)
    give(30, "soon", 2)
    await ana.earns(-40)
    with chat.app.units() as uow:
        ledger.refund(uow, PROGRAMME, award, 30, key="back", cause="purchase", actor="club", at=at)
        uow.commit()
    await ana.says("/points")
    ana.sees(
        "0 points to spend",
        "You owe 20: your next points fill that first.",
        "50 on their way, the next 30 on 3 May 2026",
    )
    await ana.taps("1")
    ana.sees("20 of them are owed", f"This takes back points of number {award}.", "Points after this: -20")
    chat.clock.advance(days=3)
    await chat.timetable.works("release points")
    await ana.says("/points")
    ana.sees("10 points to spend", "20 on their way, here on 10 May 2026")
    await ana.taps("1")
    ana.sees(
        "20 of them filled what was below zero.", "10 points, good until", "10 still there", "Points after this: 10"
    )


async def test_a_screen_of_points_asks_the_database_three_times(chat: Chat) -> None:
    """Who speaks, the page with all its names, and how the member stands."""
    ana = chat.member("Ana")
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    add_reward(chat.app.units, shop, "Flat white", points=5)
    await checks_in(chat, ana, 8)
    await ana.earns(500)
    add_deal(chat.app.units)
    await ana.says("/groupbuy")
    for label in ("Coffee beans", "Open", "Open it"):
        await ana.taps(label)
    for label in ("Flat white", "Redeem", "Confirm"):
        await ana.taps(label, on=None if label != "Flat white" else await ana.says("/rewards"))
    message = await ana.says("/points")
    ana.sees("Reward: Flat white", "Group buy: Coffee beans", "Check-in")
    for data, most in ((PointsPage().pack(), 3), (ListMovements(shown=Shown.SPENT).pack(), 3)):
        with statements(chat.app.database) as seen:
            await ana.taps_data(data, on=message)
        selects = [statement for statement in seen if statement.startswith("SELECT") and "updates" not in statement]
        assert len(selects) <= most, selects


async def test_months_are_shown_as_a_chart_with_their_figures(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.earns(100)
    await ana.earns(-30)
    chat.clock.advance(days=31)
    await ana.says("/checkin")
    await ana.says("/points")
    message = await ana.taps("Chart")
    assert message["photo"]
    ana.sees("May 2026: +100 earned, −30 spent, 0 expired", "June 2026: +1 earned")
    await ana.taps("My points")
    ana.sees("71 points to spend")


async def test_without_the_charts_extra_the_figures_do(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    ana = chat.member("Ana")
    await ana.says("/checkin")
    await ana.says("/points")
    message = await ana.taps("Chart")
    assert "photo" not in message
    ana.sees("May 2026: +1 earned, 0 spent, 0 expired")


async def test_the_warning_leads_to_what_the_points_would_buy(chat: Chat) -> None:
    ana = chat.member("Ana")
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    for name, points in (("Cookie", 20), ("Flat white", 80), ("Machine", 900)):
        add_reward(chat.app.units, shop, name, points=points)
    await ana.says("/start")
    await ana.earns(50)
    chat.clock.advance(days=3)
    await ana.earns(40)
    chat.clock.advance(days=340)
    await chat.timetable.works("warn of expiry")
    await chat.courier.delivers()
    warning = ana.sees("90 of your points expire soon: 50 after 1 May, 40 after 4 May.", "they would get you:")
    assert labels(warning) == ["Flat white · 80", "Cookie · 20", "My points"]
    await ana.taps("Flat white")
    ana.sees("It takes 80 points, and you have 90.")
    await ana.taps("My points", on=warning)
    ana.sees("90 points to spend")


async def test_a_warning_of_one_day_and_one_of_many_are_short(chat: Chat) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/checkin")
    await checks_in(chat, bo, 7)
    chat.clock.advance(days=329)
    await chat.timetable.works("warn of expiry")
    await chat.courier.delivers()
    assert said(ana.sees()) == "1 of your points expires after 1 May."
    bo.sees("19 of your points expire soon: 1 after 1 May, 1 after 2 May, 2 after 3 May, 15 more by 7 May.")
    assert labels(bo.sees()) == ["My points"]


@pytest.mark.parametrize(
    ("language", "name", "day"), [("zh-hans", "白咖啡", "5月1日"), ("zh-hant", "白咖啡豆", "5月1日")]
)
async def test_warnings_and_whys_are_told_in_the_members_words(chat: Chat, language: str, name: str, day: str) -> None:
    mei = chat.member("Mei", language=language)
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    names = {"zh-Hans": {"name": "白咖啡"}, "zh-Hant": {"name": "白咖啡豆"}}
    add_reward(chat.app.units, shop, "Flat white", points=30, translations=names)
    await mei.says("/start")
    await mei.earns(50)
    chat.clock.advance(days=340)
    await chat.timetable.works("warn of expiry")
    await chat.courier.delivers()
    warning = mei.sees(day)
    assert labels(warning)[0] == f"{name} · 30"
    await mei.says("/points")
    await mei.taps("1")
    mei.sees("2026年5月1日, 10:00", "2027年5月1日")
