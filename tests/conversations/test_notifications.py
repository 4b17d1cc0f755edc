from __future__ import annotations

import random as chance
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from loyalty.deliveries import Lane, Notice
from loyalty.members import TERMS_VERSION, Birthday, Topic
from loyalty.notifications import Choices
from loyalty.programme import Programme
from storage.database import Database
from storage.members import consent_log, consents
from storage.outbox import deliveries
from tests.kit.chat import Chat, Message, Person, find_button, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.offers import add_offer
from tests.kit.shops import add_merchant, add_reward

CLUBS = "Quiet from 21:00 to 09:00 (club default)"


async def joined(chat: Chat, name: str = "Ana", *, language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/start")
    return person


async def choices_of(chat: Chat, person: Person) -> Choices:
    return (await chat.run(chat.club.notifications.centre, await person.member())).choices


def lines(chat: Chat) -> list[Any]:
    with chat.app.database.engine.connect() as connection:
        return list(connection.execute(select(consent_log).order_by(consent_log.c.id)))


def rows(chat: Chat) -> list[Any]:
    """What was queued unasked."""
    unasked = select(deliveries).where(deliveries.c.lane == Lane.MARKETING.value)
    with chat.app.database.engine.connect() as connection:
        return list(connection.execute(unasked.order_by(deliveries.c.id)))


async def queue(chat: Chat, person: Person, shop: int | None, cause: str) -> None:
    """An offer as the timetable would queue it."""
    facts: dict[str, Any] = {"key": cause, "title": f"Offer {cause}", "text": "Fresh.", "translations": {}}
    facts |= {"merchant": "Shop", "merchant_translations": {}, "points": None, "picture_id": None}
    facts |= {"reward_id": None, "deal_id": None, "reasons": [["free", 0]]}
    deadline = chat.clock() + timedelta(days=9)
    member = await person.member()
    notice = Notice(
        member.id, "offer", cause, facts, Lane.MARKETING, topic=Topic.OFFERS, merchant_id=shop, deadline=deadline
    )
    with chat.app.units() as uow:
        uow.outbox.add([notice], chat.clock())
        uow.commit()


async def agreed(chat: Chat, name: str = "Ana", *, language: str = "en") -> Person:
    person = await joined(chat, name, language=language)
    await chat.run(chat.club.members.consent, await person.member(), Topic.OFFERS, True, "Yes", "offers")
    return person


# The centre


async def test_nothing_comes_until_a_yes_and_the_words_are_kept_with_it(chat: Chat) -> None:
    ana = await joined(chat)
    await ana.says("/notifications")
    seen = ana.sees("Always: what happens to your own points", "– Offers: no", "– News: no", CLUBS, "At most 1 a day")
    assert "Stop everything" not in labels(seen)
    await ana.taps("Offers")
    shown = ana.sees("The offer of the day: at most one")
    assert not (await ana.member()).topics
    await ana.taps("Yes, please", times=2)
    ana.sees("Offers: yes from now on.", "✓ Offers: yes, since 1 May 2026")
    (line,) = lines(chat)
    assert (line.topic, line.is_given, line.at, line.place) == ("offers", True, chat.clock(), "notifications")
    assert (line.version, line.is_confirmed) == (TERMS_VERSION, True)
    assert line.wording in said(shown)
    await ana.taps("✓ Offers")
    await ana.taps("No more of this")
    ana.sees("Offers: no more.", "– Offers: no")


async def test_every_way_leads_here(chat: Chat) -> None:
    ana = await joined(chat)
    for way in ("/profile", "/privacy"):
        await ana.says(way)
        await ana.taps("Notifications")
        ana.sees("What comes, and what does not")
    await ana.says("please stop")
    await ana.taps("Choose")
    ana.sees("What comes, and what does not")


async def test_a_greeting_needs_a_birthday(chat: Chat) -> None:
    ana = await joined(chat)
    await ana.says("/notifications")
    await ana.taps("Birthday greeting")
    assert "Yes, please" not in labels(ana.sees("For that we need to know the day."))
    await ana.taps_data("nset:birthday:1")
    ana.sees("For that we need to know the day.")
    await ana.taps_data("bdaygreet:1")
    assert ana.alert == "For a greeting we need to know your birthday. You enter it in /profile."
    assert not (await ana.member()).topics
    await ana.taps_data("ntopic:birthday")
    await ana.taps("Enter my birthday")
    await ana.taps("Dec")
    await ana.taps("24")
    await ana.taps("Save, and greet me")
    await ana.taps("Notifications")
    ana.sees("✓ Birthday greeting: yes, since 1 May 2026")
    assert (await ana.member()).birthday == Birthday(12, 24)


async def test_quiet_hours_by_buttons(chat: Chat) -> None:
    ana = await joined(chat)
    await ana.says("/notifications")
    await ana.taps("Quiet hours")
    assert "Club default" not in labels(ana.sees(CLUBS))
    await ana.taps("Other hours")
    await ana.taps("22:00")
    await ana.taps("Half hours")
    await ana.taps("07:30", times=2)
    ana.sees("Quiet from 22:00 to 07:30")
    assert await choices_of(chat, ana) == Choices(time(22), time(7, 30))
    await ana.taps("Other hours")
    await ana.taps("Half hours")
    await ana.taps("12:30")
    ana.sees("Quiet from 12:30. Until when?")
    await ana.taps("14:00")
    ana.sees("Quiet from 12:30 to 14:00")
    await ana.taps("Never quiet")
    ana.sees("Quiet hours: never")
    assert await choices_of(chat, ana) == Choices(time(0), time(0))
    await ana.taps("Club default")
    ana.sees(CLUBS)
    assert await choices_of(chat, ana) == Choices()


async def test_how_often_by_buttons(chat: Chat) -> None:
    ana = await joined(chat)
    await ana.says("/notifications")
    await ana.taps("How often")
    assert {"✓ 1 a day", "✓ 3 a week"} <= set(labels(ana.sees("At most 1 a day and 3 a week (club default)")))
    await ana.taps("2 a day")
    await ana.taps("7 a week")
    assert {"✓ 2 a day", "✓ 7 a week"} <= set(labels(ana.sees("At most 2 a day and 7 a week")))
    assert await choices_of(chat, ana) == Choices(per_day=2, per_week=7)
    await ana.taps("Club default")
    assert await choices_of(chat, ana) == Choices()


async def test_whoever_allows_more_gets_at_once_what_waits(chat: Chat) -> None:
    ana = await agreed(chat)
    shop = add_merchant(chat.app.units, "Bean Bar")
    for cause in ("one", "two"):
        await queue(chat, ana, shop, cause)
    await chat.courier.delivers()
    await ana.taps_data("nsent:0")
    ana.sees("Sent, because you had said yes.", "Waits until 2 May 2026, 09:00", "because enough came today.")
    await ana.taps_data("noftenset:2:0")
    await chat.courier.delivers()
    assert [row.state for row in rows(chat)] == ["sent", "sent"]


async def test_quiet_hours_that_end_let_go_what_waits(chat: Chat) -> None:
    chat.clock.move_to(datetime(2026, 5, 1, 22, 0, tzinfo=UTC))
    ana = await agreed(chat)
    await queue(chat, ana, None, "one")
    await chat.courier.delivers()
    await ana.says("/notifications")
    await ana.taps("What I was sent")
    ana.sees("Waits until 2 May 2026, 09:00", "because it is quiet time.")
    await ana.taps_data("nquietset:0:0")
    await chat.courier.delivers()
    ana.sees("Offer one")


async def test_a_shop_is_silenced_and_may_write_again(chat: Chat) -> None:
    ana = await agreed(chat)
    await ana.says("/notifications")
    await ana.taps("Shops")
    ana.sees("No shop has written to you yet.")
    for n in range(1, 9):
        await queue(chat, ana, add_merchant(chat.app.units, f"Shop {n}"), f"{n}")
        await chat.courier.delivers()
        chat.clock.advance(days=3)
        await ana.taps_data("why:" + str(rows(chat)[-1].id))  # who looks is not written to less often
    await queue(chat, ana, 1, "later")
    await ana.taps_data("nshops:0")
    seen = ana.sees("Here are those that have written to you.")
    assert [label for label in labels(seen) if "Shop" in label] == [f"🔔 Shop {n}: may write" for n in range(1, 7)]
    await ana.taps("More »")
    await ana.taps("Shop 8", times=2)
    assert {"🔔 Shop 7: may write", "🔕 Shop 8: silent", "« First"} <= set(labels(chat.last_message(ana.id)))
    await ana.taps("« First")
    await ana.taps("Shop 1")
    await chat.courier.delivers()
    assert (rows(chat)[-1].state, rows(chat)[-1].reason) == ("suppressed", "muted_shop")
    await ana.taps("Notifications")
    ana.sees("Nothing comes from 2 shops.")
    await ana.taps("What I said yes to")
    ana.sees("no to Shop 1 · under /notifications", "no to Shop 8")
    await ana.taps_data("nshops:0")
    await ana.taps("Shop 1")
    assert "🔔 Shop 1: may write" in labels(chat.last_message(ana.id))


async def test_stop_everything_is_one_tap_and_undo_brings_back_just_that(chat: Chat) -> None:
    ana = await agreed(chat)
    await ana.says("/notifications")
    await ana.taps("News")
    await ana.taps("Yes, please")
    await queue(chat, ana, None, "one")
    await ana.taps("Stop everything", times=2)
    ana.sees("Done. Nothing comes any more that you did not ask for.", "– Offers: no", "– News: no")
    assert not (await ana.member()).topics
    await chat.courier.delivers()
    assert [row.state for row in rows(chat)] == ["suppressed"]
    await ana.taps("Undo", times=2)
    ana.sees("It is as it was before.", "✓ Offers", "✓ News", "– Group buys: no")
    assert (await ana.member()).topics == {Topic.OFFERS, Topic.NEWS}
    assert [(line.topic, line.is_given) for line in lines(chat)] == [
        ("offers", True),
        ("news", True),
        ("offers", False),
        ("news", False),
        ("offers", True),
        ("news", True),
    ]


async def test_every_yes_and_no_is_listed_in_pages(chat: Chat) -> None:
    ana = await joined(chat)
    await ana.says("/notifications")
    await ana.taps("What I said yes to")
    ana.sees("Nothing yet.")
    for _ in range(3):
        await ana.taps_data("nset:offers:1")
        await ana.taps_data("nset:offers:0")
    await ana.taps("What I said yes to")
    seen = said(ana.sees("under /notifications", f"version {TERMS_VERSION}", "“The offer of the day: at most one"))
    assert (seen.count("yes to offers"), seen.count("no to offers")) == (2, 2)
    await ana.taps("Older »")
    seen = said(ana.sees("Every yes and no"))
    assert (seen.count("yes to offers"), seen.count("no to offers")) == (1, 1)
    await ana.taps("« Newest")
    await ana.taps("Notifications")


# The row under a message


async def with_offer(chat: Chat) -> tuple[Person, Message]:
    ana = await agreed(chat)
    await ana.earns(100)
    await chat.courier.delivers()
    shop = add_merchant(chat.app.units, "Bean Bar")
    reward = add_reward(chat.app.units, shop, "Flat white")
    add_offer(chat.app.units, shop, "Fresh beans", reward_id=reward)
    await chat.timetable.works("send offers")
    await chat.courier.delivers()
    return ana, ana.sees("Fresh beans")


async def test_less_of_this_acts_at_once_and_comes_back_as_it_was(chat: Chat) -> None:
    ana, offer = await with_offer(chat)
    await ana.taps_data("noftenset:0:7", on=offer)
    await ana.taps_data("notify")  # the offer is as it was: what was tapped drew another screen
    await queue(chat, ana, 1, "next")
    chat.clock.advance(days=1)
    await chat.courier.delivers()
    row = ["Why this?", "Less of this", "Stop"]
    assert labels(ana.sees("Offer next")) == ["Show me", *row]
    await ana.taps("Less of this")
    assert labels(ana.sees("Offer next")) == [
        "Show me",
        "At most one a week",
        "Nothing from Bean Bar",
        "No more offers at all",
        "Back",
    ]
    await ana.taps("Back")
    assert labels(ana.sees("Offer next")) == ["Show me", *row]

    await ana.taps("Less of this")
    await ana.taps("At most one a week", times=2)
    assert ana.alert == "Done. At most one message a week comes unasked, all shops together."
    assert await choices_of(chat, ana) == Choices(per_week=1)
    assert labels(ana.sees("Offer next")) == ["Show me", "Why this?", "Undo"]
    await ana.taps("Undo", times=2)
    assert await choices_of(chat, ana) == Choices(per_week=7)

    await ana.taps("Less of this")
    await ana.taps("Nothing from Bean Bar", times=2)
    assert ana.alert == "Done. Bean Bar writes to you no more."
    await queue(chat, ana, 1, "muted")
    await chat.courier.delivers()
    assert rows(chat)[-1].reason == "muted_shop"
    await ana.taps("Undo", times=2)
    assert ana.toast == "Undone. Bean Bar may write to you again."
    assert labels(ana.sees("Offer next")) == ["Show me", *row]

    await ana.taps("Less of this")
    await ana.taps("No more offers at all", times=2)
    assert not (await ana.member()).topics
    await ana.taps("Undo: send me offers", times=2)
    assert (await ana.member()).topics == {Topic.OFFERS}
    assert [(line.wording, line.place.partition(":")[0]) for line in lines(chat)[1:]] == [
        ("Nothing from Bean Bar", "message"),
        ("Undo", "message"),
        ("No more offers at all", "message"),
        ("Undo: send me offers", "message"),
    ]


async def test_what_was_stopped_elsewhere_is_not_undone_by_this_message(chat: Chat) -> None:
    ana, offer = await with_offer(chat)
    await chat.run(chat.club.members.consent, await ana.member(), Topic.OFFERS, False, "No", "notifications")
    await ana.taps("Stop", on=offer)
    assert ana.alert == "Done. You get no more offers, from no shop of the club."
    assert labels(ana.sees("Fresh beans")) == ["Show me", "Why this?", "Less of this", "Stop"]
    await ana.taps("Less of this")
    await ana.taps("Nothing from")
    await ana.taps("Undo")
    await ana.taps("Less of this")
    assert "No more offers at all" not in labels(ana.sees("Fresh beans"))


async def test_show_me_is_noted_and_shows_it(chat: Chat) -> None:
    ana, offer = await with_offer(chat)
    with chat.app.database.engine.begin() as connection:
        connection.execute(consents.update().values(ignored=5))
    await ana.taps("Show me", on=offer)
    ana.sees("Flat white", "Bean Bar")
    assert [row.opened_at for row in rows(chat)] == [chat.clock()]
    with chat.app.database.engine.connect() as connection:
        assert connection.execute(select(consents.c.ignored)).scalar_one() == 0


@pytest.mark.parametrize("label", ["Why this?", "Less of this", "Stop"])
async def test_each_tap_on_the_row_is_noted(chat: Chat, label: str) -> None:
    ana, offer = await with_offer(chat)
    await ana.taps(label, on=offer)
    assert [row.opened_at for row in rows(chat)] == [chat.clock()]


async def test_the_row_of_somebody_else_changes_nothing(chat: Chat) -> None:
    _, offer = await with_offer(chat)
    bo = await agreed(chat, "Bo")
    gone = "This is not there any more. Here is how things stand now."
    for label in ("Why this?", "Less of this", "Stop"):
        await bo.taps_data(find_button(offer, label)["callback_data"])
        assert bo.alert == gone
    for data in ("lessdo:{}:week:0", "lessdo:{}:shop:0", "lessundo:{}:all:0", "bwhy:{}", "bconsent:{}:0"):
        await bo.taps_data(data.format(rows(chat)[0].id))
        assert bo.alert == gone
    assert (await bo.member()).topics == {Topic.OFFERS}
    assert rows(chat)[0].opened_at is None
    await bo.taps_data(find_button(offer, "Show me")["callback_data"])
    bo.sees("Flat white")
    assert rows(chat)[0].opened_at is None


async def test_the_buttons_of_before_still_stop(chat: Chat) -> None:
    ana, offer = await with_offer(chat)
    number = rows(chat)[0].id
    await ana.taps_data(f"bwhy:{number}", on=offer)
    assert ana.alert is not None
    assert ana.alert.startswith("This is from Bean Bar. You said yes to offers on 1 May 2026.")
    await ana.taps_data(f"bconsent:{number}:0", on=offer)
    assert not (await ana.member()).topics
    await ana.taps_data(f"bconsent:{number}:1", on=offer)
    assert (await ana.member()).topics == {Topic.OFFERS}


@pytest.mark.parametrize(
    "data",
    [
        "nset:weather:1",
        "nset:offers:maybe",
        "ntopic",
        "nstop:32",
        "nstop:-1",
        "nquietset:10:20",
        "nquietset:0:1440",
        "nuntil:-30:0",
        "noftenset:4:0",
        "noftenset:0:15",
        "nmute:99999:1:0",
        "nmute:-1:1:0",
        "nconfirm:offers:99999:1",
        "nconfirm:weather:1:1",
        "stop:99999",
        "why:99999999999999999999",
        "less:x",
        "lessdo:1:month:0",
        "lessdo:1:week:71",
        "lessundo:99999:all:0",
        "go:1:nowhere",
        "go:x",
        "contacts:1",
    ],
)
async def test_a_made_up_button_is_answered_and_changes_nothing(chat: Chat, data: str) -> None:
    ana = await agreed(chat)
    await ana.taps_data(data)
    assert ana.toast is not None
    assert await choices_of(chat, ana) == Choices()
    assert (await ana.member()).topics == {Topic.OFFERS}
    assert len(lines(chat)) == 1


async def test_under_a_preview_nothing_happens(chat: Chat) -> None:
    ana = await agreed(chat)
    for data in ("why:0", "less:0", "stop:0", "lessdo:0:all:0", "lessundo:0:all:0"):
        await ana.taps_data(data)
        assert ana.toast == "This is a preview: for your customers the button works."
    await ana.taps_data("go:0:rewards~0")
    assert (await ana.member()).topics == {Topic.OFFERS}


# A club that asks twice


@pytest.fixture
async def careful(database: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Chat]:
    opened = await open_chat(database, clock, random, programme=Programme(has_double_opt_in=True))
    yield opened
    await opened.app.intake.close()


async def test_a_yes_counts_when_it_is_confirmed(careful: Chat) -> None:
    ana = await joined(careful)
    await ana.says("/offers")
    await ana.taps("Get offers")
    await ana.taps("Yes, please", times=2)
    ana.sees("We have sent you a message that asks once more.")
    assert not (await ana.member()).topics
    assert await careful.courier.delivers() == 1
    question = ana.sees("Please confirm: you want to get offers.", "The offer of the day: at most one")
    await ana.taps("Yes, I confirm", times=2)
    ana.sees("Offers: yes from now on.")
    assert (await ana.member()).topics == {Topic.OFFERS}
    first, second = lines(careful)
    assert [(line.is_given, line.is_confirmed, line.place) for line in (first, second)] == [
        (True, False, "offers"),
        (True, True, "confirmation"),
    ]
    assert first.wording in said(question)
    assert second.wording in said(question)
    await ana.taps_data("nsaid:0")
    ana.sees("yes to offers, asked once more · under /offers", "yes to offers · in the second question")


async def test_a_no_to_the_second_question_ends_it(careful: Chat) -> None:
    ana = await joined(careful)
    await ana.taps_data("nset:news:1")
    ana.sees("We have sent you a message that asks once more.", "– News: no")
    await careful.courier.delivers()
    question = ana.sees("Please confirm: you want to get news.")
    confirm = find_button(question, "Yes, I confirm")["callback_data"]
    await ana.taps("No", times=2)
    ana.sees("News: no more.")
    await ana.taps_data(confirm)
    ana.sees("That question is not open any more, so here it is again.", "Please confirm")
    assert not (await ana.member()).topics
    await ana.taps("Yes, I confirm")
    assert (await ana.member()).topics == {Topic.NEWS}


async def test_an_old_question_is_asked_anew(careful: Chat) -> None:
    ana = await joined(careful)
    await ana.taps_data("nset:offers:1")
    await careful.courier.delivers()
    careful.clock.advance(days=7)
    await ana.taps("Yes, I confirm", times=2)
    ana.sees("That question is not open any more, so here it is again.", "Please confirm: you want to get offers.")
    assert not (await ana.member()).topics
    await ana.taps("Yes, I confirm")
    assert (await ana.member()).topics == {Topic.OFFERS}
    assert [line.is_confirmed for line in lines(careful)] == [False, False, True]


async def test_the_question_is_for_one_member_alone(careful: Chat) -> None:
    ana, bo = await joined(careful), await joined(careful, "Bo")
    await ana.taps_data("nset:offers:1")
    await careful.courier.delivers()
    data = find_button(ana.sees("Please confirm"), "Yes, I confirm")["callback_data"]
    await bo.taps_data(data)
    assert bo.alert == "This is not there any more. Here is how things stand now."
    assert not (await ana.member()).topics | (await bo.member()).topics


async def test_a_birthday_is_kept_while_its_greeting_is_asked_about(careful: Chat) -> None:
    ana = await joined(careful)
    await ana.taps_data("bdaysave:solar:12:24")
    ana.sees("Noted: 24 Dec.", "We have sent you a message that asks once more.", "without a greeting")
    await careful.courier.delivers()
    ana.sees("Please confirm: you want to get a birthday greeting.", "30 points")
    await ana.taps("Yes, I confirm")
    assert (await ana.member()).topics == {Topic.BIRTHDAY}


async def test_an_undo_is_not_asked_about_but_a_late_one_is(careful: Chat) -> None:
    ana = await joined(careful)
    await ana.taps_data("nset:offers:1")
    await careful.courier.delivers()
    await ana.taps("Yes, I confirm")
    await queue(careful, ana, None, "one")
    await careful.courier.delivers()
    offer = ana.sees("Offer one")
    await ana.taps("Stop", on=offer)
    await ana.taps("Undo")
    assert (await ana.member()).topics == {Topic.OFFERS}
    await ana.taps("Stop")
    careful.clock.advance(days=1)
    await ana.taps("Undo")
    assert ana.alert == "We have sent you a message that asks once more. Your yes counts when you tap Yes there."
    assert not (await ana.member()).topics


# The operator


async def test_the_operator_looks_and_changes_nothing(chat: Chat) -> None:
    ana, _ = await with_offer(chat)
    olga = chat.operator()
    await olga.says("/start")
    await olga.says("/contacts")
    olga.sees("Type it like this, with a member's code:")
    await olga.says("/contacts NOBODY22")
    olga.sees("There is no member with this code: NOBODY22.")
    before = lines(chat), rows(chat)
    await olga.says(f"/contacts {(await ana.member()).code}")
    olga.sees("Ana", "✓ Offers: yes, since 1 May 2026", CLUBS, "Bean Bar · offers", "Sent, because you had said yes.")
    await olga.taps("Every yes and no")
    olga.sees("yes to offers · under /offers", "“Yes”")
    await olga.taps("Back")
    await olga.taps("What was sent")
    olga.sees("Bean Bar · offers")
    assert (lines(chat), rows(chat)) == before
