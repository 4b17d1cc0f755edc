"""Two versions of a message, and what becomes of them."""

from __future__ import annotations

import random as chance

from loyalty.members import Language
from loyalty.programme import Programme
from storage.database import Database
from tests.conversations.test_broadcasts import agree, club_of, composes, owner_of
from tests.conversations.test_composing import speaks
from tests.kit.chat import Chat, Person, labels, open_chat, said
from tests.kit.clock import FrozenClock

VERSIONS = ("Fresh croissants until noon", "Warm croissants, now")


async def with_two_versions(chat: Chat, owner: Person) -> None:
    await composes(owner)
    await owner.taps("Buttons")
    await owner.taps("A link")
    await owner.says("https://bean.bar")
    await owner.taps("To the draft")
    await owner.taps("Languages and versions")
    owner.sees("With a second version you can test which of them does better.")
    await owner.taps("Add version B")
    owner.sees("Type version B, as the customers of Bean Bar shall read it.")
    await owner.says(VERSIONS[1])
    owner.has_seen(f"Bean Bar\n\n{VERSIONS[1]}")
    owner.sees("Version A", "Version B")


async def test_the_rest_gets_the_better_version(database: Database, clock: FrozenClock) -> None:
    chat = await open_chat(database, clock, chance.Random(7), programme=Programme(marketing_per_day=9))
    owner = await owner_of(chat)
    people = await club_of(chat, *(f"P{n}" for n in range(40)))
    await agree(chat, *people)
    await with_two_versions(chat, owner)
    await owner.taps("To the draft")
    owner.sees("✅ Versions: A, B", "✅ Test: the best of a test, by taps on its buttons")
    await owner.taps("Test")
    owner.sees("20 % get them in equal parts. After 4 h", "⚠️ So few people show nothing in a test")
    await owner.taps("50 %")
    owner.sees("50 % get them in equal parts.", "⚠️ That is 10 people for each version")
    await owner.taps("1 h", times=2)
    chosen = {"✅ 50 %", "✅ 1 h", "✅ the best of a test", "✅ taps on its buttons"}
    assert chosen < set(labels(owner.sees("After 1 h")))
    await owner.taps("To the draft")
    await owner.taps("Preview")
    await owner.taps("Version B")
    assert said(chat.messages(owner.id)[-2]) == f"Bean Bar\n\n{VERSIONS[1]}"
    await owner.taps("To the draft")
    await owner.taps("Send to 40 people")
    await owner.taps("Yes, send")
    await chat.courier.delivers()
    owner.sees("on its way", "The test is decided 1 h after the start; so long the rest waits.")
    first = {person.name: version_of(chat, person) for person in people}
    tested = [person for person in people if first[person.name] is not None]
    assert {first[person.name] for person in tested} == set(VERSIONS)
    assert 10 <= len(tested) <= 30
    for person in tested:
        if first[person.name] == VERSIONS[1]:
            await person.taps("Read more")
    clock.advance(hours=1)
    await chat.timetable.works("decide tests")
    await chat.courier.delivers()
    owner.has_seen("Your test for Bean Bar is decided: version B did best, by taps on its buttons.")
    assert all(version_of(chat, person) == VERSIONS[1] for person in people if first[person.name] is None)
    await chat.app.intake.close()


async def test_a_test_of_five_people_goes_out_at_once_and_calls_nobody_best(chat: Chat) -> None:
    owner = await owner_of(chat)
    people = await club_of(chat, *(f"P{n}" for n in range(5)))
    await agree(chat, *people)
    await with_two_versions(chat, owner)
    await owner.taps("To the draft")
    await owner.taps("Send to 5 people")
    owner.sees("So few people show nothing in a test: all versions go out at once, in equal parts.")
    await owner.taps("Yes, send")
    await chat.courier.delivers()
    assert {version_of(chat, person) for person in people} <= set(VERSIONS)
    chat.clock.advance(hours=4)
    await chat.timetable.works("decide tests")
    await chat.courier.delivers()
    owner.has_seen("Your message from Bean Bar is out. 5 people have it.")
    owner.has_not_seen("did best")
    owner.has_not_seen("Your test for Bean Bar")


async def test_a_version_that_is_ahead_by_chance_is_not_called_the_best(database: Database, clock: FrozenClock) -> None:
    chat = await open_chat(database, clock, chance.Random(7), programme=Programme(marketing_per_day=9))
    owner = await owner_of(chat)
    people = await club_of(chat, *(f"P{n}" for n in range(40)))
    await agree(chat, *people)
    await with_two_versions(chat, owner)
    for label in ("To the draft", "Test", "50 %", "1 h", "To the draft", "Send to 40 people", "Yes, send"):
        await owner.taps(label)
    await chat.courier.delivers()
    first = next(person for person in people if version_of(chat, person) == VERSIONS[1])
    await first.taps("Read more")
    clock.advance(hours=1)
    await chat.timetable.works("decide tests")
    await chat.courier.delivers()
    owner.has_seen("Your test for Bean Bar is over, and by taps on its buttons no version is clearly better.")
    owner.has_seen("The rest gets version B.")
    owner.has_not_seen("did best")
    await chat.app.intake.close()


def version_of(chat: Chat, person: Person) -> str | None:
    everything = [said(message) for message in chat.messages(person.id)]
    return next((version for version in VERSIONS if f"Bean Bar\n\n{version}" in everything), None)


async def test_versions_come_and_go_in_every_language(chat: Chat) -> None:
    owner = await owner_of(chat)
    await with_two_versions(chat, owner)
    await owner.taps("B · 简体中文")
    await owner.says("热腾腾的可颂")
    owner.sees("简体中文: “热腾腾的可颂”")
    for variant in "CD":
        await owner.taps(f"Add version {variant}")
        await owner.says(f"Version {variant} says so")
    assert not any("Add version" in label for label in labels(chat.last_message(owner.id)))
    for variant in "DC":
        await owner.taps(f"Remove {variant}")
    await owner.taps("Remove B", times=2)
    owner.sees("With a second version")
    await owner.taps("To the draft")
    assert "Test" not in labels(owner.sees("✅ “Fresh croissants until noon”"))
    await owner.taps_data("btrial:1")
    owner.sees("There is one version.")


async def test_learning_as_it_goes_waits_for_nothing(chat: Chat) -> None:
    owner = await owner_of(chat)
    await with_two_versions(chat, owner)
    await owner.taps("To the draft")
    await owner.taps("Test")
    await owner.taps("learning as it goes")
    owner.sees("Everybody else gets each version as often as it is likely to be the best one", "Nobody waits.")
    await owner.taps("redemptions")
    await owner.taps("100 %")
    assert "1 h" not in labels(owner.sees("Everybody gets one of them, in equal parts."))


async def test_a_test_in_chinese(chat: Chat) -> None:
    owner = await owner_of(chat)
    await with_two_versions(chat, owner)
    await speaks(chat, Language.SIMPLIFIED, owner)
    await owner.taps_data("btrial:1")
    owner.sees("版本 A、B 的测试", "先让 20 % 的人平均收到各个版本。4 小时后")
