"""What goes into a message: words in languages and versions, placeholders, buttons, a time; and how it is looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiogram.types import Chat as TelegramChat
from aiogram.types import Message as TelegramMessage
from aiogram.types import MessageEntity
from sqlalchemy import select

from handlers.broadcasts.typed import typed_html
from loyalty import broadcasts
from loyalty.broadcasts import PICTURE_BYTES_MAX
from loyalty.members import Language, Topic
from loyalty.merchants import Role
from storage.broadcasts import broadcast_taps
from tests.conversations.test_broadcasts import agree, appoint, club_of, composes, open_shop, owner_of, sends
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.deals import SHOP, add_deal
from tests.kit.offers import add_offer
from tests.kit.pictures import photo
from tests.kit.shops import add_reward


async def goes(owner: Person) -> Message:
    """From the draft's card into people's chats."""
    await owner.taps("Send to")
    shown = await owner.taps("Yes, send")
    await owner.chat.courier.delivers()
    return shown


async def speaks(chat: Chat, language: Language, *people: Person) -> None:
    for person in people:
        member = await person.member()
        await chat.run(chat.club.members.speak, member, language)


# The card


async def test_the_card_says_what_there_is_and_what_is_missing(chat: Chat) -> None:
    owner = await owner_of(chat)
    await owner.says("/broadcast")
    await owner.taps("Cancel")
    assert labels(owner.sees("✏️ There are no words in it yet.", "▫️ No picture", "▫️ No buttons")) == [
        "Type the text", "Add picture", "Delete draft", "Sent before", "Home",
    ]  # fmt: skip
    await owner.taps("Type the text")
    await owner.says("Fresh croissants")
    card = owner.sees("✅ “Fresh croissants”", "✅ About: Offers", "✅ When: as soon as you say so")
    assert labels(card) == [
        "Change text", "Languages and versions", "Add picture", "Buttons: 0 of 3", "About: Offers", "When",
        "To whom: Everybody who said yes to this", "Preview", "Send to 0 people", "Delete draft", "Sent before", "Home",
    ]  # fmt: skip


async def test_a_deleted_draft_comes_back_with_one_tap(chat: Chat) -> None:
    owner = await owner_of(chat)
    await composes(owner)
    gone = await owner.taps("Delete draft")
    await owner.taps("Sent before")
    owner.sees("Your customers have not been sent anything yet.")
    await owner.taps_data(data_of(gone, "Undo"), on=gone, times=2)
    owner.sees("✅ “Fresh croissants until noon”")
    deleted = await owner.taps("Delete draft")
    await composes(owner, "Other words")
    await owner.taps_data(data_of(deleted, "Undo"), on=deleted)
    answer = owner.has_seen("You have begun another message for this shop.")
    await owner.taps("Show that draft", on=answer)
    owner.sees("✅ “Other words”")


async def test_a_topic_reaches_those_who_said_yes_to_it(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = await club_of(chat, "Ana", "Bo")
    await agree(chat, ana)
    await chat.run(chat.club.members.consent, await bo.member(), Topic.NEWS, True, "Yes")
    await composes(owner)
    await owner.taps("About: Offers")
    await owner.taps("News")
    owner.sees("✅ About: News", "1 of 3 members of the club have said yes to this and can be reached: News.")
    await goes(owner)
    bo.sees("Fresh croissants until noon")
    ana.has_not_seen("Fresh croissants until noon")


def data_of(message: Message, label: str) -> str:
    rows = message["reply_markup"]["inline_keyboard"]
    return next(str(each["callback_data"]) for row in rows for each in row if label in each["text"])


# Words


async def test_everybody_is_called_by_their_own_name(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, nobody = await club_of(chat, "Ana <3 Lee", "…")
    await agree(chat, ana, nobody)
    await ana.earns(1_250)
    await sends(owner, "Dear {first_name|friend}, {points|no} points wait at {shop}, {Tier}! {{really}}")
    await chat.courier.delivers()
    ana.sees("Dear Ana, 1,250 points wait at Bean Bar, Member! {really}")
    nobody.sees("Dear friend, no points wait at Bean Bar, Member! {really}")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("Dear {frist_name}", "I do not know {frist_name}. There are {first_name}, {points}, {tier}, {shop}."),
        ("Dear {}", "I do not know {}."),
        ("Dear {first_name, hello", "A brace is not closed here: “{first_name, hello”."),
    ],
)
async def test_an_unknown_placeholder_is_explained_and_changes_nothing(chat: Chat, typed: str, answer: str) -> None:
    owner = await owner_of(chat)
    await composes(owner)
    await owner.taps("Change text")
    await owner.says(typed)
    owner.sees(answer, "For a brace itself, type {{ or }}.")
    await owner.says("Dear {first_name}")
    owner.sees("✅ “Dear {first_name}”")


async def test_formatting_around_a_placeholder_stays(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await owner.says("/broadcast")
    chat.telegram.people.say(owner.id, "Dear <b>{first_name}</b> &amp; <i>all</i>", parse_mode="HTML")
    await chat.settle()
    await goes(owner)
    received = ana.sees("Dear Ana & all")
    assert [(each["type"], each["offset"], each["length"]) for each in received["entities"][1:]] == [
        ("bold", 15, 3),
        ("italic", 21, 3),
    ]


async def test_names_count_at_their_longest(chat: Chat) -> None:
    """A text that fits for Bo must fit for everybody."""
    owner = await owner_of(chat)
    await owner.says("/broadcast")
    await owner.says("x" * 3_380 + "{first_name}")
    owner.sees("That is 3,508 characters long; 3,500 fit.")
    await owner.says("x" * 3_372 + "{first_name}")
    owner.sees("can be reached")


async def test_each_reads_their_own_language(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo, cy = await club_of(chat, "Ana", "Bo", "Cy")
    await agree(chat, ana, bo, cy)
    await speaks(chat, Language.SIMPLIFIED, bo)
    await speaks(chat, Language.TRADITIONAL, cy)
    await composes(owner, "Good morning")
    await owner.taps("Languages and versions")
    assert labels(owner.sees("as it was first written (English)"))[:2] == ["简体中文", "繁體中文"]
    await owner.taps("简体中文")
    owner.sees("Type it in 简体中文, as the customers of Bean Bar shall read it.")
    await owner.says("早上好")
    owner.has_seen("Bean Bar\n\n早上好")
    owner.sees("简体中文: “早上好”")
    await owner.taps("To the draft")
    owner.sees("In English, 简体中文")
    await goes(owner)
    ana.sees("Good morning")
    bo.sees("早上好")
    cy.sees("Good morning")  # nobody wrote in their language


async def test_a_translation_is_taken_away_and_the_original_named(chat: Chat) -> None:
    owner = await owner_of(chat)
    await composes(owner, "早上好")
    await owner.taps("Languages and versions")
    await owner.taps("First written in: English")
    await owner.taps("简体中文")
    assert labels(owner.sees("first written (简体中文)"))[:2] == ["English", "繁體中文"]
    await owner.taps("English")
    await owner.says("Good morning")
    await owner.taps("✅ English")
    owner.sees("Good morning")
    await owner.taps("As first written")
    assert "✅ English" not in labels(owner.sees("first written (简体中文)"))


async def test_what_is_too_long_in_any_language_is_refused(chat: Chat) -> None:
    owner = await owner_of(chat)
    await composes(owner)
    await owner.taps("Languages and versions")
    await owner.taps("繁體中文")
    await owner.says("長" * 3_501)
    owner.sees("That is 3,501 characters long; 3,500 fit.")
    await owner.says("長" * 1_000)
    await owner.taps("To the draft")
    await owner.taps("Add picture")
    await owner.sends("photo", photo())
    owner.sees("Under a picture 894 characters fit, and the text has 1,000.")


async def test_a_large_picture_is_answered(chat: Chat) -> None:
    owner = await owner_of(chat)
    await composes(owner)
    await owner.taps("Add picture")
    await owner.sends("document", "poster.png", b"\0" * (12 * 1024 * 1024))
    owner.sees("That file has 12 MB, and a picture up to 10 MB. Send it as a photo: then it becomes small enough.")
    await owner.sends("photo", photo())
    owner.sees("✅ With a picture")
    assert PICTURE_BYTES_MAX == 10 * 1024 * 1024


async def test_five_thousand_characters_are_answered(chat: Chat) -> None:
    """Telegram cuts what somebody types into messages of 4,096; a caption cannot have them either."""
    owner = await owner_of(chat)
    await owner.says("/broadcast")
    await owner.says("x" * 4_096)
    owner.sees("That is 4,096 characters long; 3,500 fit.")


# Buttons


async def test_buttons_lead_to_links_rewards_and_group_buys(chat: Chat) -> None:
    owner = await owner_of(chat, SHOP)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    add_reward(chat.app.units, 1, "Flat white", translations={"zh-Hans": {"name": "馥芮白"}})
    add_deal(chat.app.units)
    await composes(owner)
    await owner.taps("Buttons: 0 of 3")
    owner.sees("Where shall the next one lead?")
    await owner.taps("A link")
    for typed in ("javascript:alert(1)", "http://bean.bar", "https://bean", "https:// bean.bar", "bean.bar"):
        await owner.says(typed)
        owner.sees("That is no address that I can open safely.")
    await owner.says("https://bean.bar/menu")
    owner.sees("Read more", "It leads to https://bean.bar/menu.")
    await owner.taps("What it says")
    await owner.says("x" * 41)
    owner.sees("A button says something in 1 to 40 characters.")
    await owner.says("The <menu> & more")
    owner.sees("The <menu> & more")
    await owner.taps("All buttons")
    await owner.taps("A reward")
    await owner.taps("Flat white")
    owner.sees("Flat white", "简体中文: 馥芮白", "It leads to a reward.")
    await owner.taps("All buttons")
    await owner.taps("A group buy")
    await owner.taps("Coffee beans")
    await owner.taps("All buttons")
    assert "A link" not in labels(chat.last_message(owner.id))
    await owner.taps("To the draft")
    owner.sees("✅ Buttons: The <menu> & more · Flat white · Coffee beans")
    await goes(owner)
    received = ana.sees("Fresh croissants")
    assert labels(received)[:3] == ["The <menu> & more", "Flat white", "Coffee beans"]
    shown = await ana.taps("The <menu> & more", on=received)
    assert said(shown) == "Here you go: https://bean.bar/menu"
    assert shown["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://bean.bar/menu"
    await ana.taps("Flat white", on=received, times=2)
    ana.sees("Flat white", "80 points")
    await ana.taps("Coffee beans", on=received)
    ana.sees("Coffee beans", "240")
    assert labels(received)[:3] == labels(ana.has_seen("Fresh croissants"))[:3], "the message stays as it was"
    assert taps_of(chat) == [0, 1, 2]


def taps_of(chat: Chat) -> list[int]:
    with chat.app.database.engine.connect() as connection:
        return sorted(connection.execute(select(broadcast_taps.c.button)).scalars())


async def test_an_offer_leads_to_what_is_running(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    add_offer(chat.app.units, 1, "Fresh beans")
    await composes(owner)
    await owner.taps("Buttons")
    await owner.taps("A reward")
    owner.sees("Your shop has no reward that members can see.")
    await owner.taps("Back")
    await owner.taps("An offer")
    await owner.taps("Fresh beans")
    await owner.taps("To the draft")
    await goes(owner)
    await ana.taps("Fresh beans")
    ana.sees("Fresh beans")


async def test_labels_in_languages_and_removal(chat: Chat) -> None:
    owner = await owner_of(chat)
    (bo,) = await club_of(chat, "Bo")
    await agree(chat, bo)
    await speaks(chat, Language.SIMPLIFIED, bo)
    await composes(owner)
    await owner.taps("Buttons")
    await owner.taps("A link")
    await owner.says("https://bean.bar")
    owner.sees("简体中文: 了解更多")
    await owner.taps("What it says")
    await owner.says("Book")
    await owner.taps("简体中文")
    owner.sees("What shall the button say in 简体中文?")
    await owner.says("预订")
    owner.sees("简体中文: 预订")
    card = chat.last_message(owner.id)
    await owner.taps("All buttons")
    await owner.taps("A link")
    await owner.says("https://bean.bar/two")
    remove = data_of(owner.sees("two"), "Remove button")
    await owner.taps_data(remove, times=2)
    await owner.taps_data(data_of(card, "Remove button"), on=card)  # made when there was one, and it was another one
    await owner.taps("To the draft")
    owner.sees("▫️ No buttons")


async def test_targets_come_in_pages(chat: Chat) -> None:
    owner = await owner_of(chat)
    for n in range(9):
        add_reward(chat.app.units, 1, f"Cake {n}")
    await composes(owner)
    await owner.taps("Buttons")
    await owner.taps("A reward")
    assert [each for each in labels(owner.sees("To which of your rewards?")) if "Cake" in each] == [
        f"Cake {n}" for n in range(8)
    ]
    await owner.taps("More »")
    await owner.taps("Cake 8")
    owner.sees("Cake 8", "It leads to a reward.")


async def test_only_ones_own_rewards_can_be_led_to(chat: Chat) -> None:
    owner = await owner_of(chat)
    elsewhere = await open_shop(chat, "Red Door")
    foreign = add_reward(chat.app.units, elsewhere, "Door key")
    await composes(owner)
    await owner.taps_data(f"blead:1:0:reward:{foreign}")
    assert owner.alert == "This is not there any more. Here is how things stand now."


async def test_old_foreign_and_preview_taps_are_polite(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = await club_of(chat, "Ana", "Bo")
    await agree(chat, ana)
    await composes(owner)
    await owner.taps("Buttons")
    await owner.taps("A link")
    await owner.says("https://bean.bar")
    await owner.taps("To the draft")
    await owner.taps("Preview")
    await owner.taps("Read more", on=chat.messages(owner.id)[-2])
    assert owner.toast == "This is a preview: for your customers the button works."
    await owner.taps("To the draft")
    await goes(owner)
    tap = data_of(chat.last_message(ana.id), "Read more")
    await bo.taps_data(tap)
    assert bo.alert == "This is not there any more. Here is how things stand now."
    await ana.taps_data(tap.replace(":0", ":2"))
    assert ana.alert == "This is not there any more. Here is how things stand now."
    assert taps_of(chat) == []


# With whose eyes


async def test_a_preview_in_each_language_and_as_a_member(chat: Chat) -> None:
    owner = await owner_of(chat)
    ana, bo = await club_of(chat, "Anastasia", "Bo")
    await agree(chat, ana, bo)
    await ana.earns(70)
    await speaks(chat, Language.SIMPLIFIED, ana)
    await composes(owner, "{first_name} has {points|no}")
    await owner.taps("Languages and versions")
    await owner.taps("简体中文")
    await owner.says("{first_name} 有 {points|零}")
    await owner.taps("To the draft")
    await owner.taps("Preview")
    assert said(chat.messages(owner.id)[-2]) == "Bean Bar\n\nOlive has no"
    await owner.taps("简体中文")
    assert said(chat.messages(owner.id)[-2]) == "Bean Bar\n\nOlive 有 零"
    assert labels(chat.messages(owner.id)[-2]) != labels(chat.messages(owner.id)[-4]), "the footer, too"
    await owner.taps("As a member")
    samples = owner.sees("You see no more of them than this.")
    assert {"A… · Member · 简体中文", "B… · Member · English"} < set(labels(samples))
    await owner.taps("A… · Member")
    owner.sees("This is how A… · Member · 简体中文 would see it.")
    assert said(chat.messages(owner.id)[-2]) == "Bean Bar\n\nA… 有 70"
    assert "Anastasia" not in "".join(said(each) for each in chat.messages(owner.id))


async def test_nobody_else_is_looked_up_by_a_preview(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")  # she has agreed to nothing
    await composes(owner, "Dear {first_name}")
    await owner.taps_data(f"bseen:1:A::{(await ana.member()).id}")
    assert owner.alert == "This is not there any more. Here is how things stand now."
    await owner.taps("Preview")
    await owner.taps("As a member")
    owner.sees("It would reach nobody yet")


async def test_a_test_goes_to_oneself_once_and_the_couriers_way(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner, "Dear {first_name}")
    await owner.taps("Preview")
    await owner.taps("Send me a test", times=2)
    assert owner.toast == "A test is on its way to you, and to nobody else."
    before = len(chat.messages(owner.id))
    await chat.courier.delivers()
    assert [said(each) for each in chat.messages(owner.id)[before:]] == ["Bean Bar\n\nDear Olive"]
    ana.has_not_seen("Dear")
    await owner.taps("Why this?")
    assert owner.toast == "This is a preview: for your customers the button works."


# When


async def test_it_waits_for_its_time(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await chat.run(chat.club.members.move, await owner.member(), "Asia/Taipei")  # it is 18:00 there
    await composes(owner)
    await owner.taps("When")
    owner.sees("Your clock: Asia/Taipei.")
    await owner.taps("At a time on my clock")
    assert labels(owner.sees("On which day, by your clock (Asia/Taipei)?"))[:2] == ["Fri 1 May", "Sat 2 May"]
    await owner.taps("Fri 1 May")
    assert labels(chat.last_message(owner.id)) == ["19:00", "20:00", "Back"]
    await owner.taps("20:00")
    owner.sees("✅ When: 1 May 2026, 20:00 (Asia/Taipei)")
    await owner.taps("Schedule for 1 person")
    owner.sees("Send this to 1 person, 1 May 2026, 20:00 (Asia/Taipei)? Until then you can take it back.")
    progress = await owner.taps("Yes, schedule for 1 person")
    owner.sees("Bean Bar: scheduled", "It goes out: 1 May 2026, 20:00 (Asia/Taipei).")
    await chat.courier.delivers()
    ana.has_not_seen("croissants")
    await owner.taps("Sent before")
    await owner.taps("⏳ 1 May 2026 · Fresh croissants")
    owner.sees("Bean Bar: scheduled")
    chat.clock.move_to(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    await chat.courier.delivers()
    ana.sees("Fresh croissants until noon")
    report = next(m for m in chat.messages(owner.id) if m["message_id"] == progress["message_id"])
    assert "Sent: 1" in said(report)


async def test_a_time_is_typed_as_people_write_it(chat: Chat) -> None:
    owner = await owner_of(chat)
    await composes(owner)
    await owner.taps("When")
    await owner.taps("Type day and time")
    owner.sees("Type day and time by your clock (UTC), like 3 June 18:30.")
    await owner.says("soon")
    owner.sees("I could not read a day and a time in that.", "like 3 June 18:30")
    await owner.says("today 9:00")
    owner.sees("That is over already. The next time is 2 May 2026, 09:00 (UTC).")
    await owner.says("3 December 18:30")
    owner.sees("3 Dec 2026, 18:30 is too far away. It can wait until 30 Jul 2026")
    await owner.says("3 June 18:30")
    owner.sees("✅ When: 3 Jun 2026, 18:30 (UTC)")


async def test_a_chinese_time_and_chinese_screens(chat: Chat) -> None:
    owner = await owner_of(chat)
    await speaks(chat, Language.SIMPLIFIED, owner)
    await owner.says("/broadcast")
    await owner.says("早上好，{first_name|朋友}")
    owner.sees("朋友")
    await owner.taps("时间")
    await owner.taps("输入日期和时间")
    owner.sees("6月3日 18:30")
    await owner.says("6月3日 18:30")
    owner.sees("2026/6/3 18:30")


async def test_what_waits_is_taken_back_changed_or_cancelled(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    await plans(owner, "tomorrow 9:00")
    waiting = await schedules(owner)
    await owner.taps("Take it back and change it", times=2)
    owner.sees("✅ “Fresh croissants until noon”", "✅ When: 2 May 2026, 09:00 (UTC)")
    await owner.taps("Change text")
    await owner.says("Other words")
    await schedules(owner)
    await owner.taps_data(data_of(waiting, "Cancel"), times=2)
    owner.sees("Bean Bar: called off, nobody has got it", "“Other words”")
    await owner.taps_data(data_of(waiting, "Take it back"))
    assert owner.alert == "This one is on its way already."
    chat.clock.advance(days=2)
    await chat.courier.delivers()
    ana.has_not_seen("words")
    await owner.taps("Use as a new draft")
    owner.sees("✅ “Other words”", "✅ When: as soon as you say so")


async def plans(owner: Person, moment: str) -> Message:
    await owner.taps("When")
    await owner.taps("Type day and time")
    return await owner.says(moment)


async def schedules(owner: Person) -> Message:
    await owner.taps("Schedule for")
    return await owner.taps("Yes, schedule")


async def test_its_time_went_by_before_it_was_confirmed(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    await plans(owner, "11:00")
    await owner.taps("Schedule for")
    chat.clock.advance(hours=2)
    await owner.taps("Yes, schedule")
    assert owner.alert == "That is over already. The next time is 2 May 2026, 11:00 (UTC)."
    await owner.taps("Not yet")
    owner.sees("✅ When: 1 May 2026")


async def test_each_gets_it_at_the_hour_on_their_own_clock(chat: Chat) -> None:
    owner = await owner_of(chat)
    tai, zoe = await club_of(chat, "Tai", "Zoe")
    await agree(chat, tai, zoe)
    await chat.run(chat.club.members.move, await tai.member(), "Asia/Taipei")
    await composes(owner)
    await owner.taps("When")
    await owner.taps("At an hour on each member's clock")
    await owner.taps("Sun 3 May")
    await owner.taps("9:00")
    owner.sees("✅ When: 3 May 2026 at 9:00 on each member's own clock")
    await schedules(owner)
    chat.clock.move_to(datetime(2026, 5, 3, 1, 0, tzinfo=UTC))
    await chat.courier.delivers()
    tai.sees("Fresh croissants")
    zoe.has_not_seen("Fresh croissants")
    owner.sees("on its way", "1 / 2", "Each gets it at 9:00 on their own clock.")
    chat.clock.move_to(datetime(2026, 5, 3, 9, 0, tzinfo=UTC))
    await chat.courier.delivers()
    zoe.sees("Fresh croissants")


async def test_what_could_not_start_in_time_is_called_off(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    await plans(owner, "tomorrow 9:00")
    await schedules(owner)
    chat.clock.advance(days=4)  # nothing ran in between
    await chat.courier.delivers()
    ana.has_not_seen("croissants")
    owner.sees("Your message from Bean Bar could not start at its time, and now it would come too late.")
    await owner.taps("Use as a new draft")
    owner.sees("✅ “Fresh croissants until noon”")


# The last question


async def test_many_are_asked_about_twice(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcasts, "EVERYBODY_MIN", 5)
    owner = await owner_of(chat)
    crowd = await club_of(chat, *(f"P{n}" for n in range(5)))
    await agree(chat, *crowd)
    await composes(owner)
    await owner.taps("Send to 5 people")
    owner.sees("Send this to 5 people now?", "To: Everybody who said yes to this.")
    await owner.taps("Yes, send to 5 people")
    owner.sees("Everybody who said yes to this: 5 people.")
    await owner.taps("Not yet")
    await owner.taps("Send to 5 people")
    await owner.taps("Yes, send")
    await owner.taps("Yes, to all 5 people", times=2)
    owner.sees("0 / 5")


async def test_a_new_draft_from_what_was_sent(chat: Chat) -> None:
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await sends(owner)
    await chat.courier.delivers()
    await owner.taps("Report")
    report = chat.last_message(owner.id)
    await composes(owner, "Begun meanwhile")
    await owner.taps_data(data_of(report, "Use as a new draft"), on=report)
    answer = owner.has_seen("You have begun another message for this shop.")
    await owner.taps("Write over it", on=answer, times=2)
    await owner.says("/broadcast")
    owner.sees("✅ “Fresh croissants until noon”")


@pytest.mark.permission
async def test_a_marketer_elsewhere_can_do_nothing_with_a_draft(chat: Chat) -> None:
    owner = await owner_of(chat)
    (other,) = await club_of(chat, "Otto")
    await appoint(chat, other, await open_shop(chat, "Red Door"), Role.OWNER)
    await composes(owner)
    for data in ("bwrite:1:A:zh-Hans", "blink:1:0", "bseen:1:A::0", "btest:1:A:ABCD2345:", "bcopy:1:1", "brevise:1"):
        await other.taps_data(data)
        assert other.alert == "Only the owner or a marketer of this shop can write to its customers.", data


# What clients send that no person would


async def test_a_made_up_button_leads_to_no_address(chat: Chat) -> None:
    owner = await owner_of(chat)
    await composes(owner)
    await owner.taps_data("blead:1:0:link:3")
    assert owner.alert == "This is not there any more. Here is how things stand now."
    card = await chat.run(chat.club.broadcasts.card, await owner.member(), 1)
    assert card.draft.content.buttons == ()


@pytest.mark.parametrize(
    ("entities", "shown"),
    [
        ([("bold", 0, 2), ("italic", 2, 2)], "<b>a</b>🙂<i>b</i>&lt;"),
        ([("bold", 1, 1)], "a🙂b&lt;"),
        ([("bold", 1, 2)], "a<b>🙂</b>b&lt;"),
        ([("bold", 0, 3), ("italic", 1, 4)], "<b>a<i>🙂</i></b>b&lt;"),
        ([("bold", -3, 99), ("text_link", 0, 2), ("sparkles", 0, 2)], "<b>a🙂b&lt;</b>"),
    ],
)
def test_formatting_that_cuts_an_emoji_or_lies_beside_the_text(
    entities: list[tuple[str, int, int]], shown: str
) -> None:
    given = [MessageEntity(type=kind, offset=offset, length=length) for kind, offset, length in entities]
    chat = TelegramChat(id=1, type="private")
    message = TelegramMessage(message_id=1, date=datetime(2026, 5, 1, tzinfo=UTC), chat=chat, text="a🙂b<")
    assert typed_html(message.model_copy(update={"entities": given})) == shown


async def test_a_photo_of_unknown_size_is_fetched_up_to_the_limit_only(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is a hundred times as large as a picture may be."""
    owner = await owner_of(chat)
    await composes(owner)
    await owner.taps("Add picture")
    fetched = 0

    async def endless(*_args: object, **_facts: object) -> AsyncIterator[bytes]:
        nonlocal fetched
        for _ in range(100):
            fetched += 1
            yield bytes(PICTURE_BYTES_MAX // 2)

    monkeypatch.setattr(chat.app.bot.session, "stream_content", endless)
    chat.telegram.people.send_photo(owner.id, photo())
    [update] = chat.telegram.updates.take()
    for size in update["message"]["photo"]:
        del size["file_size"]
    await chat.settle()
    owner.sees("That picture is too large.")
    assert fetched == 3
