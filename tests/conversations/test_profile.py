from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from locales.texts import isolated
from loyalty.members import Birthday, Calendar, Topic
from loyalty.programme import Programme
from storage.database import Database
from storage.members import consent_log
from tests.kit.chat import Chat, Person, labels, open_chat
from tests.kit.clock import FrozenClock


async def opened(chat: Chat, name: str = "Ana", language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/profile")
    return person


def wordings(chat: Chat) -> list[tuple[str, bool, str]]:
    with chat.app.database.engine.connect() as connection:
        rows = connection.execute(consent_log.select().order_by(consent_log.c.id))
        return [(row.topic, row.is_given, row.wording) for row in rows]


async def test_profile_shows_what_is_known(chat: Chat) -> None:
    ana = await opened(chat)
    ana.sees(
        "Name: Ana",
        "Birthday: not given",
        "UTC, where it is 10:00 now",
        "Language: English",
        "Offers: none",
        "Member, with us since 1 May 2026",
    )
    await ana.taps("Language")
    await ana.taps("Home")
    await ana.taps("Profile")
    ana.sees("Your profile")


async def test_in_a_group_the_profile_stays_private(chat: Chat) -> None:
    ana = await opened(chat)
    group = chat.group("Friends", ana)
    seen = await ana.says("/profile", in_chat=group)
    assert "Birthday" not in str(seen)
    await ana.taps("Open the chat", on=seen)
    ana.sees("Hello Ana.")


@pytest.mark.parametrize("name", ["李小龍", "<b>Bo & Co</b>", "محمد", "👩‍👩‍👧", "x" * 64])
async def test_a_name_is_shown_as_typed(chat: Chat, name: str) -> None:
    ana = await opened(chat)
    await ana.taps("Name")
    await ana.says(f"  {name} ")
    ana.sees(f"Name: {isolated(name)}")
    assert (await ana.member()).name == name


@pytest.mark.parametrize("bad", ["x" * 65, "\u200b\u200d", "   \u2067 "])
async def test_a_bad_name_leaves_the_form_open(chat: Chat, bad: str) -> None:
    ana = await opened(chat)
    await ana.taps("Name")
    await ana.says(bad)
    ana.sees("A name has 1 to 64 characters.", "What shall we call you?")
    await ana.sends("sticker")
    ana.sees("A name has 1 to 64 characters.")
    await ana.says("Ana Maria")
    ana.sees("Nice to meet you, Ana Maria.")


async def test_signs_that_turn_the_text_around_are_left_out_of_a_name(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps("Name")
    await ana.says("\u202eevil\u202c one")
    assert (await ana.member()).name == "evil one"


async def test_a_form_can_be_left(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps("Name")
    await ana.taps("Cancel")
    ana.sees("Your profile")
    await ana.says("how many points do I have")
    ana.sees("points to spend")
    assert (await ana.member()).name == "Ana"


async def test_a_command_closes_the_form(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps("Birthday")
    await ana.taps("Type it")
    await ana.says("/points")
    ana.sees("points to spend")
    await ana.says("24.12.")
    assert (await ana.member()).birthday is None


async def test_a_birthday_by_buttons(chat: Chat) -> None:
    ana = await opened(chat)
    months = await ana.taps("Birthday")
    assert [label for label in labels(months) if label in ("Jan", "Dec")] == ["Jan", "Dec"]
    days = await ana.taps("Feb")
    assert "29" in labels(days)
    assert "30" not in labels(days)
    await ana.taps("Another month")
    await ana.taps("Dec")
    await ana.taps("24")
    ana.sees("24 Dec", "a greeting from us, once a year", "30 points", "at least 30 days before", "once a year")
    assert (await ana.member()).birthday is None
    await ana.taps("Save, and greet me", times=2)
    ana.sees("Noted: 24 Dec.", "Birthday: 24 Dec, with a greeting")
    assert (await ana.member()).birthday == Birthday(12, 24)
    ((topic, is_given, wording),) = wordings(chat)
    assert (topic, is_given) == ("birthday", True)
    assert "30 points come with it" in wording


async def test_a_birthday_by_typing(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps("Birthday")
    await ana.taps("Type it")
    for bad in ("31 February", "soon", "99.99."):
        await ana.says(bad)
        ana.sees("I could not read a day in that.", "Type day and month")
    await ana.sends("sticker")
    ana.sees("I could not read a day in that.")
    await ana.says("24 December")
    ana.sees("24 Dec", "is that right?")
    await ana.taps("Save, and greet me")
    assert (await ana.member()).birthday == Birthday(12, 24)


async def test_a_lunar_birthday(chat: Chat) -> None:
    ling = await opened(chat, "小玲", "zh-hans")
    await ling.taps_data("bday")
    await ling.taps_data("bdaypick:lunar:0:0")
    assert {"正月", "冬月", "腊月"} <= set(labels(chat.last_message(ling.id)))
    days = await ling.taps("八月")
    assert {"初一", "十五", "廿三", "三十"} <= set(labels(days))
    await ling.taps("十五")
    await ling.taps_data("bdaysave:lunar:8:15")
    assert (await ling.member()).birthday == Birthday(8, 15, Calendar.LUNAR)


async def test_a_typed_lunar_birthday(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps("Birthday")
    await ana.taps("Chinese lunar calendar")
    await ana.taps("Type it")
    await ana.says("2-30")
    ana.sees("lunar month 2, day 30", "on its last day")
    await ana.taps("Save, and greet me")
    ana.sees("Birthday: lunar month 2, day 30, with a greeting")


async def test_the_29th_of_february_is_explained(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps_data("bdaypick:solar:2:29")
    ana.sees("In other years we greet you on 28 Feb.")


@pytest.mark.parametrize(
    "data",
    [
        "bdaysave:solar:12:99",
        "bdaysave:solar:2:30",
        "bdaysave:lunar:1:31",
        "bdaypick:solar:99:0",
        "bdaypick:solar:12:99",
    ],
)
async def test_a_tampered_day_is_refused(chat: Chat, data: str) -> None:
    ana = await opened(chat)
    await ana.taps_data(data)
    assert ana.alert is not None
    assert "I could not read a day in that." in ana.alert
    assert (await ana.member()).birthday is None


@pytest.mark.parametrize(
    "data",
    ["bdaypick:solar:-1:0", "bdaysave:mayan:1:1", "bdaysave:solar:x:1", "bdaysave:solar", "zone", "bdaygreet:perhaps"],
)
async def test_a_made_up_button_is_answered(chat: Chat, data: str) -> None:
    ana = await opened(chat)
    await ana.taps_data(data)
    assert ana.toast is not None
    assert (await ana.member()).birthday is None


async def test_a_birthday_changes_once_a_year(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps_data("bdaysave:solar:12:24")
    await ana.taps("Birthday")
    ana.sees("A birthday can be changed once a year, next on 1 May 2027.")
    assert "Change" not in labels(chat.last_message(ana.id))
    await ana.taps_data("bdaysave:solar:12:25")
    assert ana.alert is not None
    assert "next on 1 May 2027" in ana.alert
    assert (await ana.member()).birthday == Birthday(12, 24)
    chat.clock.move_to(datetime(2027, 5, 1, 10, 0, tzinfo=UTC))
    await ana.taps("Profile")
    await ana.taps("Birthday")
    await ana.taps("Change")
    await ana.taps("Dec")
    await ana.taps("25")
    await ana.taps("Save")
    assert (await ana.member()).birthday == Birthday(12, 25)


async def test_a_removed_birthday_waits_for_its_year(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps_data("bdaysave:solar:12:24")
    await ana.taps("Birthday")
    await ana.taps("Remove")
    ana.sees("You could enter one again on 1 May 2027.")
    await ana.taps("Yes, remove it")
    ana.sees("Your birthday is removed.", "Birthday: not given")
    member = await ana.member()
    assert member.birthday is None
    assert not member.agrees_to(Topic.BIRTHDAY)
    await ana.taps("Birthday")
    ana.sees("next on 1 May 2027")
    await ana.taps_data("bdaysave:solar:12:24")
    assert (await ana.member()).birthday is None


async def test_the_greeting_is_turned_off_and_on(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps_data("bdaysave:solar:12:24")
    await ana.taps("Birthday")
    await ana.taps("No greeting, please")
    ana.sees("Birthday: 24 Dec, without a greeting")
    await ana.taps("Birthday")
    ana.sees("a greeting from us, once a year")
    await ana.taps("Greet me on my birthday")
    ana.sees("Birthday: 24 Dec, with a greeting")
    assert [(topic, is_given) for topic, is_given, _ in wordings(chat)] == [
        ("birthday", True),
        ("birthday", False),
        ("birthday", True),
    ]


async def test_a_time_zone_by_button(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps("Time zone")
    await ana.taps("Hong Kong · 18:00")
    ana.sees("Time zone: Hong Kong, where it is 18:00 now")
    assert (await ana.member()).timezone == "Asia/Hong_Kong"


@pytest.mark.parametrize(
    ("typed", "timezone"),
    [
        ("taipei", "Asia/Taipei"),
        ("台北", "Asia/Taipei"),
        ("北京", "Asia/Shanghai"),
        ("San Francisco", "America/Los_Angeles"),
        ("I live in London", "Europe/London"),
        ("台北市", "Asia/Taipei"),
        ("São Paulo", "America/Sao_Paulo"),
        ("New York", "America/New_York"),
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("UTC+8", "Etc/GMT-8"),
        ("-3", "Etc/GMT+3"),
    ],
)
async def test_a_time_zone_by_city(chat: Chat, typed: str, timezone: str) -> None:
    ana = await opened(chat)
    await ana.taps("Time zone")
    await ana.taps("Another city")
    for bad in ("Atlantis", "UTC+99", "<b>", "localtime", "Factory", "posixrules", "UTC+²"):
        await ana.says(bad)
        ana.sees("I do not know that place.", "Type a large city near you")
    await ana.says(typed)
    ana.sees("Your profile")
    assert (await ana.member()).timezone == timezone


async def test_a_tampered_zone_is_refused(chat: Chat) -> None:
    ana = await opened(chat)
    await ana.taps_data("zone:Mars/Olympus")
    assert ana.alert is not None
    assert "I do not know that place." in ana.alert


async def test_who_blocks_the_bot_is_not_written_to_until_they_come_back(chat: Chat) -> None:
    ana = await opened(chat)
    chat.telegram.people.block(ana.id)
    await chat.settle()
    assert not (await ana.member()).is_reachable
    chat.telegram.people.unblock(ana.id)
    await chat.settle()
    assert (await ana.member()).is_reachable


async def test_what_happens_to_the_bot_in_a_group_is_not_about_a_member(chat: Chat) -> None:
    ana = await opened(chat)
    group = chat.group("Friends", ana)
    chat.telegram.groups.remove(group, chat.telegram.world.bot_id, by=ana.id)
    await chat.settle()
    assert (await ana.member()).is_reachable


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant", "zh-HK"])
async def test_a_new_member_lives_where_the_club_does(
    database: Database, clock: FrozenClock, random: Random, language: str
) -> None:
    chat = await open_chat(database, clock, random, programme=Programme(timezone="Europe/London"))
    ling = chat.member("Ling", language=language)
    await ling.says("/start")
    assert (await ling.member()).timezone == "Europe/London"
    await chat.app.intake.close()
