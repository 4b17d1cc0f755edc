"""What people say in their own words leads to its screen: the questions of newcomers, the labels of buttons, thanks,
complaints, and that everything shall stop."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import select

from handlers.words.wishes import whole_wish, wish
from locales.texts import LANGUAGES
from loyalty.deliveries import Lane, Notice
from loyalty.members import Topic
from loyalty.merchants import Role
from loyalty.programme import Programme
from storage.members import consent_log, consents
from storage.outbox import deliveries
from tests.kit.chat import Chat, Person, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.counter import staff
from tests.kit.shops import add_merchant, add_reward
from tests.kit.wishes import every_label

FREE, EARN = "Joining is free", "How do I get points?"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("what is this", "help"),
        ("What's this?", "help"),
        ("这是什么？", "help"),
        ("is it free", "help cost"),
        ("what does it cost?", "help cost"),
        ("要錢嗎", "help cost"),
        ("how do I get points", "help earn"),
        ("怎么赚积分", "help earn"),
        ("where", "shops"),
        ("where are my points", "points"),
        ("shops", "shops"),
        ("有哪些商家", "shops"),
        ("card", "card"),
        ("QR", "card"),
        ("会员卡", "card"),
        ("二维码", "card"),
        ("條碼", "card"),
        ("優惠", "offers"),
        ("领券", "offers"),
        ("優惠券", "vouchers"),
        ("幾多分", "points"),
        ("轉點數", "send"),
        ("thanks", "help thanks"),
        ("Thank you!", "help thanks"),
        ("谢谢", "help thanks"),
        ("唔該", "help thanks"),
        ("thanks, how many points do I have?", "points"),
        ("投訴", "contact"),
        ("客服", "contact"),
        ("人工", "contact"),
        ("complaint", "contact"),
        ("I want to talk to a human", "contact"),
        ("退款", "help refund"),
        ("refund", "help refund"),
        ("delete my data", "privacy rights"),
        ("请删除我的数据", "privacy rights"),
        ("my data", "privacy"),
        ("the appointment", None),
        ("discard", None),
    ],
)
def test_each_wish_has_its_way(text: str, line: str | None) -> None:
    assert wish(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "STOP!",
        "please stop",
        "Stop messages",
        "unsubscribe",
        "TD",
        "td ",
        "停止",
        "退订",
        "退訂。",
        "请停止",
        "停止吧",
        "唔好再send",
        "唔好再send嘢俾我",
        "以后不要再发消息给我了",
        "別再傳了",
        "please stop sending me stuff",
        "opt out",
    ],
)
def test_whoever_says_so_wants_everything_to_stop(text: str) -> None:
    assert wish(text) == "stop"


@pytest.mark.parametrize(
    "text", ["the bus stop", "TD bank", "when does the offer stop", "ltd", "can I stop by at six", "不停止"]
)
def test_a_word_within_a_sentence_stops_nothing(text: str) -> None:
    assert wish(text) != "stop"
    assert whole_wish(text) is None


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_no_two_wishes_want_the_same_words(language: str) -> None:
    """A label that is the same as another wish's words would lead where the button does not."""
    assert {label: wish(label) for label in every_label(language)} == every_label(language)


CLIENTS = {"en": "en", "zh-Hans": "zh-hans", "zh-Hant": "zh-hant"}


@pytest.mark.parametrize("language", list(CLIENTS))
async def test_saying_what_a_button_of_home_says_does_what_it_does(chat: Chat, language: str) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    add_reward(chat.app.units, shop)
    ana = chat.member("Ana", language=CLIENTS[language])
    home = await ana.says("/start")
    await ana.says("/checkin")
    for label in labels(home):
        tapped = said(await ana.taps(label, on=await ana.says("/club")))
        over_the_chat = ana.alert or ana.toast  # a second check-in leaves home as it was
        assert said(await ana.says(label)) in (tapped, over_the_chat), label


async def test_newcomers_questions_are_answered(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    add_reward(chat.app.units, shop)
    ana = chat.member("Ana")
    for question, answer in (
        ("what is this", "Perkchat is one club of many shops."),
        ("is it free?", FREE),
        ("how do I get points", "1 to 7 points each day"),
        ("where", "Harbour Coffee"),
        ("refund", "The shop gives the money back, at its counter."),
        ("thanks", "You are welcome"),
        ("delete my data", "or have it deleted: people do that"),
    ):
        await ana.says(question)
        ana.sees(answer)
    help_ = await ana.says("/help")
    ana.sees("Perkchat is one club of many shops.", FREE, "1 shop takes part: Harbour Coffee", EARN)
    assert {"Shops", "My card", "Everything I understand", "Contact", "Privacy", "Home"} <= set(labels(help_))
    await ana.taps("Everything I understand")
    everything = ana.sees("/shops – ", "/stop – ", "/contact – ")
    assert "/till" not in said(everything)
    assert "/admin" not in said(everything)


async def test_help_says_only_what_is_so_in_this_club(chat: Chat) -> None:
    programme = Programme(club="Old Town", checkin_points=(2,), referrer_points=0, voucher_cancel_days=0)
    other = await open_chat(chat.app.database, FrozenClock(), chat.app.club.rewards._random, programme=programme)
    try:
        ana = other.member("Ana")
        await ana.says("/help")
        shown = ana.sees("Old Town is one club of many shops.", "/checkin: 2 points each day.")
        assert "/invite a friend" not in said(shown)
        await ana.says("refund")
        assert "/vouchers" not in said(ana.sees("The shop gives the money back"))
    finally:
        await other.app.intake.close()


async def test_without_a_contact_people_are_told_honestly_whom_to_ask(chat: Chat) -> None:
    ana = chat.member("Ana")
    shown = await ana.says("I want to complain")
    ana.sees("Perkchat has not named anybody to write to. Please ask the staff of a shop")
    assert labels(shown) == ["Shops", "Help", "Home"]
    await ana.says("/privacy")
    ana.sees("ask the staff of a shop")


@pytest.mark.parametrize(
    ("contact", "url"),
    [
        ("@oldtown", "https://t.me/oldtown"),
        ("t.me/oldtown", "https://t.me/oldtown"),
        ("https://t.me/+abc123", "https://t.me/+abc123"),
        ("hello@old.town", None),
        ("+852 2345 6789", None),
    ],
)
async def test_a_contact_is_shown_wherever_somebody_needs_it(chat: Chat, contact: str, url: str | None) -> None:
    other = await open_chat(
        chat.app.database, FrozenClock(), chat.app.club.rewards._random, programme=Programme(contact=contact)
    )
    try:
        ana = other.member("Ana")
        shown = await ana.says("客服")
        ana.sees(contact)
        links = [one["url"] for row in shown["reply_markup"]["inline_keyboard"] for one in row if "url" in one]
        assert links == ([url] if url else [])
        await ana.says("/privacy")
        ana.sees(contact)
        await ana.taps("Your rights")
        ana.sees(contact)
    finally:
        await other.app.intake.close()


@pytest.mark.parametrize("first", ["qwertz", "/nosuchcommand"])
async def test_nobody_hears_the_same_twice_running(chat: Chat, first: str) -> None:
    ana = chat.member("Ana")
    heard = []
    for text in (first, "asdfgh", "/nosuchcommand", "asdfgh", "qwertz"):
        answer = await ana.says(text)
        heard.append(said(answer))
        assert {"Help", "Home"} <= set(labels(answer))
    assert all(one != then for one, then in pairwise(heard))
    assert {"Help", "Shops", "Contact"} <= set(labels(answer))
    await ana.says("points")
    await ana.says("qwertz")
    ana.sees("I did not quite get that.")
    await ana.says("/points")
    await ana.says("qwertz")
    ana.sees("I did not quite get that.")


async def agreed(chat: Chat, person: Person, *topics: Topic) -> None:
    for topic in topics:
        await chat.run(chat.club.members.consent, await person.member(), topic, True, "Yes, please", "notifications")


def on(chat: Chat) -> set[str]:
    with chat.app.database.engine.connect() as connection:
        return {row.topic for row in connection.execute(select(consents))}


@pytest.mark.parametrize("text", ["stop", "TD", "停止", "退订", "唔好再send", "unsubscribe", "stop messages", "/stop"])
async def test_a_typed_stop_stops_everything_at_once(chat: Chat, text: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await agreed(chat, ana, Topic.OFFERS, Topic.NEWS)
    member = await ana.member()
    with chat.app.units() as uow:
        waiting = Notice(member.id, "offer", "test:1", {}, lane=Lane.MARKETING, topic=Topic.OFFERS)
        uow.outbox.add([waiting], chat.clock())
        uow.commit()
    stopped = await ana.says(text)
    ana.sees("Stopped. Nothing comes any more that you did not ask for.")
    assert labels(stopped) == ["Undo", "Choose", "Home"]
    assert on(chat) == set()
    with chat.app.database.engine.connect() as connection:
        assert [row.state for row in connection.execute(select(deliveries))] == ["suppressed"]
        last = connection.execute(select(consent_log).where(~consent_log.c.is_given)).first()
    assert last is not None
    assert (last.place, last.wording) == ("typed", text)
    await ana.says("/notifications")
    await ana.taps("What I said yes to")
    ana.sees("typed in the chat", text)


async def test_a_stop_is_undone_by_a_tap_or_chosen_finer(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await agreed(chat, ana, Topic.OFFERS, Topic.NEWS)
    stopped = await ana.says("stop")
    await ana.taps("Choose")
    ana.sees("What comes, and what does not", "– Offers: no")
    await ana.taps("Undo", on=stopped)
    ana.sees("It is as it was before.", "✓ Offers")
    assert on(chat) == {"offers", "news"}
    await ana.says("stop")
    again = await ana.says("stop")
    assert labels(again) == ["Choose", "Home"]


async def test_a_form_that_is_open_keeps_nobody_from_stopping(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    olive = await staff(chat, shop, role=Role.OWNER)
    await agreed(chat, olive, Topic.OFFERS)
    await olive.says("/till")
    await olive.says("TD")
    olive.sees("Stopped.")
    assert on(chat) == set()
    await olive.says("qwertz")
    olive.sees("I did not quite get that.")
