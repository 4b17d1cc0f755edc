from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.pictures.scenes import picture
from storage.members import consent_log
from storage.outbox import deliveries
from tests.kit.chat import Chat, Message, Person, labels, said
from tests.kit.offers import add_offer, visit
from tests.kit.shops import add_merchant, add_reward


async def agreed(chat: Chat, name: str = "Ana", *, zone: str = "UTC", language: str = "en") -> Person:
    person = chat.member(name, language=language)
    await person.says("/profile")
    await person.taps_data(f"zone:{zone}")
    await person.taps_data("offersset:1")
    return person


def coffee(chat: Chat) -> int:
    return add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


async def works(chat: Chat, at: datetime | None = None) -> None:
    if at is not None:
        chat.clock.move_to(at)
    await chat.timetable.works("send offers")
    await chat.courier.delivers()


def offers_to(chat: Chat, person: Person, text: str = "Fresh beans") -> list[Message]:
    return [message for message in chat.messages(person.id) if text in said(message)]


async def test_a_yes_is_asked_for_in_words_and_logged_with_them(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/profile")
    await ana.taps("Get offers")
    seen = ana.sees("Shall we send you offers?", "The offer of the day: at most one", "a shop of the club writes")
    await ana.taps("Yes, please", times=2)
    ana.sees("Offers are on")
    with chat.app.database.engine.connect() as connection:
        (row,) = connection.execute(consent_log.select())
    assert (row.topic, row.is_given, row.at) == ("offers", True, chat.clock())
    assert row.wording in said(seen)
    await ana.taps("Profile")
    ana.sees("Offers: yes, please")
    await ana.taps("Stop offers")
    ana.sees("Offers are off.")


async def test_no_thanks_is_a_no(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/profile")
    await ana.taps("Get offers")
    await ana.taps("No, thanks")
    add_offer(chat.app.units, coffee(chat))
    await works(chat)
    assert offers_to(chat, ana) == []


async def test_the_offer_of_the_day_comes_once_and_says_why(chat: Chat) -> None:
    ana, bo = await agreed(chat), chat.member("Bo")
    await bo.says("/start")
    shop = coffee(chat)
    visit(chat.app.units, shop, {(await ana.member()).id: 100}, chat.clock())
    add_reward(chat.app.units, shop, "Flat <white>", points=80)
    for _ in range(3):
        await works(chat)
    (offer,) = offers_to(chat, ana, "Flat <white>")
    assert labels(offer) == ["Show me", "Why this?", "Less of this", "Stop"]
    ana.sees("Harbour Coffee · 80 points", "With silky milk.")
    bo.has_not_seen("Flat <white>")
    await ana.taps("Why this?")
    assert ana.alert == (
        "This is from Harbour Coffee. You said yes to offers on 1 May 2026. You have been to Harbour Coffee lately. "
        "Your points are enough for it. We have not shown it to you lately."
    )
    await ana.taps("Show me")
    ana.sees("Flat <white>", "Harbour Coffee")
    assert labels(chat.last_message(ana.id)) != labels(offer)


async def test_words_come_in_the_members_language(chat: Chat) -> None:
    ling = await agreed(chat, "小玲", zone="Asia/Shanghai", language="zh-hans")
    words = {"zh-Hans": {"name": "新鲜咖啡豆", "description": "今早烘焙。"}}
    add_offer(chat.app.units, coffee(chat), translations=words)
    await works(chat)
    ling.sees("新鲜咖啡豆", "港湾咖啡", "今早烘焙。")


async def test_an_offer_comes_with_its_picture(chat: Chat) -> None:
    ana = await agreed(chat)
    with chat.app.units() as uow:
        picture_id = uow.pictures.add("beans", picture("coffee", "amber"))
        uow.commit()
    add_offer(chat.app.units, coffee(chat), picture_id=picture_id)
    await works(chat)
    (offer,) = offers_to(chat, ana)
    assert offer["photo"]
    await ana.taps("Stop")
    assert labels(ana.sees("Fresh beans")) == ["Show me", "Why this?", "Undo: send me offers"]


async def test_three_zones_each_in_their_morning(chat: Chat) -> None:
    mei = await agreed(chat, "Mei", zone="Asia/Taipei")
    rui = await agreed(chat, "Rui", zone="Europe/Lisbon")
    bo = await agreed(chat, "Bo", zone="America/Sao_Paulo")
    add_offer(chat.app.units, coffee(chat))
    got = []
    for hour in range(24):
        await works(chat, datetime(2026, 5, 2, hour, 0, tzinfo=UTC))
        got.append([len(offers_to(chat, person)) for person in (mei, rui, bo)])
    assert [got[hour] for hour in (0, 1, 7, 8, 11, 12, 23)] == [
        [0, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 0],
        [1, 1, 1],
        [1, 1, 1],
    ]


async def test_stop_is_one_tap_and_can_be_undone(chat: Chat) -> None:
    ana = await agreed(chat)
    shop = coffee(chat)
    for number in range(5):
        add_offer(chat.app.units, shop, f"Fresh beans {number}")
    await works(chat)
    assert len(offers_to(chat, ana)) == 1
    await ana.taps("Stop")
    assert ana.alert == "Done. You get no more offers, from no shop of the club."
    chat.clock.advance(days=1)
    await works(chat)
    assert len(offers_to(chat, ana)) == 1
    await ana.taps("Undo")
    assert ana.toast == "Undone. You get offers again."
    for _ in range(2):
        await works(chat)
        assert len(offers_to(chat, ana)) == 2


async def test_stop_and_undo_on_one_day_bring_no_second_offer(chat: Chat) -> None:
    ana = await agreed(chat)
    shop = coffee(chat)
    add_offer(chat.app.units, shop, "Fresh beans 1")
    add_offer(chat.app.units, shop, "Fresh beans 2")
    await works(chat)
    await ana.taps("Stop")
    await ana.taps("Undo")
    await works(chat)
    assert len(offers_to(chat, ana)) == 1


async def test_a_no_between_queue_and_send(chat: Chat) -> None:
    ana = await agreed(chat)
    add_offer(chat.app.units, coffee(chat))
    await chat.timetable.works("send offers")
    await ana.taps_data("offersset:0")
    await chat.courier.delivers()
    assert offers_to(chat, ana) == []


async def test_what_was_not_sent_by_the_evening_is_dropped(chat: Chat) -> None:
    ana = await agreed(chat)
    add_offer(chat.app.units, coffee(chat))
    await chat.timetable.works("send offers")
    chat.clock.move_to(datetime(2026, 5, 1, 21, 0, tzinfo=UTC))
    await works(chat)
    await works(chat, datetime(2026, 5, 2, 8, 59, tzinfo=UTC))
    assert offers_to(chat, ana) == []
    with chat.app.database.engine.connect() as connection:
        (row,) = connection.execute(deliveries.select().where(deliveries.c.kind == "offer"))
    assert (row.state, row.reason) == ("suppressed", "too_late")


async def test_who_blocked_the_bot_gets_none_until_they_are_back(chat: Chat) -> None:
    ana = await agreed(chat)
    add_offer(chat.app.units, coffee(chat))
    chat.telegram.people.block(ana.id)
    await chat.settle()
    await works(chat)
    chat.telegram.people.unblock(ana.id)
    await chat.settle()
    assert offers_to(chat, ana) == []
    chat.clock.advance(days=1)
    await works(chat)
    assert len(offers_to(chat, ana)) == 1


async def test_today_shows_the_best_three_to_whoever_asks(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/offers")
    ana.sees("Nothing fits you today.", "If you like, the best one comes to you each day.")
    await ana.taps("Rewards")
    await ana.earns(100)
    shop, other = coffee(chat), add_merchant(chat.app.units, "Red Door Noodles")
    for name, points, merchant in (
        ("Espresso", 50, shop),
        ("Cake", 120, shop),
        ("Dumplings", 90, other),
        ("Bubble tea", 110, other),
        ("Beef noodles", 220, other),
    ):
        add_reward(chat.app.units, merchant, name, points=points)
    await ana.says("/start")
    await ana.taps("Today for me")
    seen = ana.sees("Today for you", "Espresso", "Dumplings", "Your points are enough for it.", "10 points are missing")
    assert [label for label in labels(seen) if label not in ("Get offers", "Home")] == [
        "Espresso",
        "Dumplings",
        "Bubble tea",
    ]
    await ana.taps("Get offers")
    await ana.taps("Yes, please")
    await ana.taps("Today for me")
    assert "Get offers" not in labels(ana.sees("Today for you"))


async def test_in_a_group_what_fits_stays_private(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    group = chat.group("Friends", ana)
    assert "Nothing fits" not in said(await ana.says("/offers", in_chat=group))


async def test_somebody_elses_why_is_not_told(chat: Chat) -> None:
    ana, bo = await agreed(chat), await agreed(chat, "Bo", zone="Asia/Tokyo")
    add_offer(chat.app.units, coffee(chat))
    await works(chat)
    (offer,) = offers_to(chat, ana)
    data = offer["reply_markup"]["inline_keyboard"][1][0]["callback_data"]
    await bo.taps_data(data)
    assert bo.alert is not None
    assert "Harbour Coffee" not in bo.alert


@pytest.mark.parametrize("data", ["why:0", "why:99999999999999999999", "why:-1", "why:x", "offersset:maybe"])
async def test_a_made_up_button_is_answered(chat: Chat, data: str) -> None:
    ana = await agreed(chat)
    await ana.taps_data(data)
    assert ana.toast is not None
