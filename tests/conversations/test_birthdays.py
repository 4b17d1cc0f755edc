from __future__ import annotations

from datetime import UTC, datetime

from loyalty.members import Topic
from tests.kit.chat import Chat, Person, labels
from tests.kit.offers import add_offer
from tests.kit.shops import add_merchant


async def born(chat: Chat, name: str, data: str, zone: str = "UTC") -> Person:
    person = chat.member(name)
    await person.says("/profile")
    await person.taps_data(f"zone:{zone}")
    await person.taps_data(data)
    return person


async def morning(chat: Chat, at: datetime) -> None:
    chat.clock.move_to(at)
    await chat.timetable.works("greet birthdays")
    await chat.courier.delivers()


async def test_a_birthday_is_greeted_once_with_a_gift(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    for hour in (9, 9, 12, 20):
        await morning(chat, datetime(2026, 7, 1, hour, 0, tzinfo=UTC))
    assert sum("Happy birthday" in str(message) for message in chat.messages(ana.id)) == 1
    ana.sees("Happy birthday, Ana", "Your gift: 30 points")
    await ana.taps("My points")
    ana.sees("30 points to spend", "Birthday gift")


async def test_three_zones(chat: Chat) -> None:
    taipei = await born(chat, "Mei", "bdaysave:solar:7:1", "Asia/Taipei")
    lisbon = await born(chat, "Rui", "bdaysave:solar:7:1", "Europe/Lisbon")
    york = await born(chat, "Bo", "bdaysave:solar:7:1", "America/New_York")
    await morning(chat, datetime(2026, 7, 1, 1, 0, tzinfo=UTC))
    taipei.sees("Happy birthday, Mei")
    lisbon.has_not_seen("Happy birthday")
    await morning(chat, datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
    lisbon.sees("Happy birthday, Rui")
    york.has_not_seen("Happy birthday")
    await morning(chat, datetime(2026, 7, 1, 13, 0, tzinfo=UTC))
    york.sees("Happy birthday, Bo")


async def test_told_too_late_for_a_gift(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:5:20")
    await morning(chat, datetime(2026, 5, 20, 9, 0, tzinfo=UTC))
    ana.sees("Happy birthday, Ana")
    ana.has_not_seen("Your gift")
    assert await ana.balance() == 0


async def test_a_courier_that_wakes_at_night_sends_no_late_greeting(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    chat.clock.move_to(datetime(2026, 7, 1, 20, 59, tzinfo=UTC))
    await chat.timetable.works("greet birthdays")
    chat.clock.advance(minutes=1)
    await chat.courier.delivers()
    ana.has_not_seen("Happy birthday")
    assert await ana.balance() == 30


async def test_a_bot_that_was_down_all_day_greets_nobody(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    await morning(chat, datetime(2026, 7, 1, 21, 0, tzinfo=UTC))
    await morning(chat, datetime(2026, 7, 2, 9, 0, tzinfo=UTC))
    ana.has_not_seen("Happy birthday")


async def test_no_between_queue_and_send(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    chat.clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    await chat.timetable.works("greet birthdays")
    await ana.taps_data("bdaygreet:0")
    await chat.courier.delivers()
    ana.has_not_seen("Happy birthday")


async def test_the_greeting_can_be_stopped_where_it_arrives(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    await morning(chat, datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    assert labels(ana.sees("Happy birthday")) == ["My points", "Rewards", "Why this?", "Less of this", "Stop"]
    await ana.taps("Stop")
    assert ana.alert == "Done. There will be no greeting on your birthday."
    assert not (await ana.member()).agrees_to(Topic.BIRTHDAY)
    before = chat.messages(ana.id)
    await morning(chat, datetime(2027, 7, 1, 9, 0, tzinfo=UTC))
    assert len(chat.messages(ana.id)) == len(before)


async def test_on_the_birthday_the_greeting_comes_and_the_offer_does_not(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    await ana.taps_data("offersset:1")
    add_offer(chat.app.units, add_merchant(chat.app.units, "Bean Bar"))
    chat.clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    await chat.timetable.works("send offers")
    await morning(chat, chat.clock())
    ana.sees("Happy birthday, Ana")
    ana.has_not_seen("Fresh beans")


async def test_a_lunar_birthday_is_greeted(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:lunar:8:15", "Asia/Shanghai")
    await morning(chat, datetime(2026, 9, 25, 1, 0, tzinfo=UTC))  # the mid-autumn festival of 2026
    ana.sees("Happy birthday, Ana")


async def test_who_has_blocked_the_bot_is_left_alone(chat: Chat) -> None:
    ana = await born(chat, "Ana", "bdaysave:solar:7:1")
    chat.telegram.people.block(ana.id)
    await chat.settle()
    await morning(chat, datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    ana.has_not_seen("Happy birthday")
    chat.telegram.people.unblock(ana.id)
    await chat.settle()
    await morning(chat, datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
    ana.sees("Happy birthday, Ana")
