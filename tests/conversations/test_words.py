"""Free text finds its way; whatever else people send gets a kind answer, never silence."""

from __future__ import annotations

import pytest

from handlers.words.wishes import wish
from loyalty.merchants import Role
from tests.kit.chat import Chat, find_button, labels, said
from tests.kit.deals import SHOP
from tests.kit.shops import add_merchant, appoint


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        ("en", "how many points do I have", "points to spend"),
        ("en", "My balance?", "points to spend"),
        ("zh-hans", "积分", "可用积分"),
        ("zh-hans", "我有多少分？", "可用积分"),
        ("zh-hant", "查詢點數", "可用點數"),
        ("zh-hans", "签到", "签到成功"),
        ("zh-hant", "我要邀請好友", "你的邀請碼"),
        ("en", "hello", "Hello Ana."),
    ],
)
async def test_wishes_open_the_right_screen(chat: Chat, language: str, text: str, answer: str) -> None:
    ana = chat.member("Ana", language=language)
    await ana.says(text)
    ana.sees(answer)


@pytest.mark.parametrize("text", ["hi", "hello", "home", "menu", "/menu", "/Home", "你好", "早安", "首頁"])
async def test_a_member_who_says_hello_is_shown_home(chat: Chat, text: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    assert said(await ana.says(text)).startswith("Hello Ana.")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/Points", "points to spend"),
        ("/POINTS", "points to spend"),
        ("/Points@Perkchat_Bot", "points to spend"),
        ("/Groupbuy", "Nothing is running just now"),
        ("/HELP", "What is this?"),
    ],
)
async def test_a_command_with_the_capital_of_a_phones_keyboard(chat: Chat, text: str, answer: str) -> None:
    ana = chat.member("Ana")
    await ana.says(text)
    ana.sees(answer)


@pytest.mark.parametrize("start", ["/START r_{code}", "/Start R_{code}", "/start\nr_{code}"])
async def test_a_newcomer_who_types_the_start_of_an_invitation_is_still_invited(chat: Chat, start: str) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.says(start.format(code=(await ana.member()).code))
    bo.sees("Ana brought you here.")


async def test_till_in_capitals_opens_the_till(chat: Chat) -> None:
    cass = chat.member("Cass")
    await cass.says("/start")
    appoint(chat.app.units, add_merchant(chat.app.units, SHOP), await cass.member(), Role.CASHIER)
    small = said(await cass.says("/till"))
    assert said(await cass.says("/TILL")) == small


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("兌換", "rewards"),
        ("我想换礼品", "rewards"),
        ("redeem", "rewards"),
        ("group buy", "groupbuy"),
        ("拼团", "groupbuy"),
        ("團購", "groupbuy"),
        ("please stop", "stop"),
        ("the appointment", None),
        ("", None),
        ("?!", None),
        ("points " * 30, None),
    ],
)
def test_wishes_are_whole_words(text: str, command: str | None) -> None:
    assert wish(text) == command


@pytest.mark.parametrize("text", ["qwertz", "/nosuchcommand", "x" * 4096, "🦊" * 50, "مرحبا كيف", "<b>bold</b>"])
async def test_what_is_not_understood_gets_help_with_buttons(chat: Chat, text: str) -> None:
    ana = chat.member("Ana")
    answer = await ana.says(text)
    ana.sees("I did not quite get that.")
    assert {"My points", "Rewards", "Group buys", "Help", "Home"} <= set(labels(answer))


async def test_what_is_not_text_gets_a_kind_answer(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    answers = []
    for kind, args in (("sticker", ()), ("voice", ()), ("location", (25.03, 121.56))):
        before = len(chat.messages(ana.id))
        await ana.sends(kind, *args)
        assert len(chat.messages(ana.id)) == before + 1, kind
        answers.append(said(ana.sees()))
    assert "I can only read words and buttons" in answers[0]
    assert len(set(answers)) == 3, "nobody hears the same twice running"


async def test_people_who_talk_in_a_group_are_left_alone(chat: Chat) -> None:
    ana, bo = chat.members("Ana", "Bo")
    family = chat.group("Family", ana, bo)
    await chat.settle()
    greeted = chat.messages(family)
    chat.telegram.people.say(ana.id, "points", chat_id=family)
    await chat.settle()
    assert chat.messages(family) == greeted


@pytest.mark.parametrize("command", ["/start", "/points", "/profile", "/rewards", "/invite", "/offers"])
async def test_ones_own_matters_are_not_for_a_group(chat: Chat, command: str) -> None:
    ana, cy = chat.members("Ana", "Cy")
    await ana.says("/start")
    family = chat.group("Family", ana, cy)
    for person in (ana, cy):
        answer = await person.says(command, in_chat=family)
        assert said(answer) == "That is between you and me. Let us talk in private."
        assert find_button(answer, "Open the chat")["url"] == "https://t.me/perkchat_bot?start=hello"


async def test_a_command_for_another_bot_is_not_ours(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    before = len(chat.messages(ana.id))
    chat.telegram.people.say(ana.id, "/points@another_bot")
    await chat.settle()
    assert len(chat.messages(ana.id)) == before


@pytest.mark.parametrize("data", ["nosuch:1", "points", "points:abc", "lang:xx", "home:1:2:3", "☃"])
async def test_stale_and_tampered_buttons_are_answered_and_redrawn(chat: Chat, data: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps_data(data)
    assert await ana.balance() == 0
    ana.sees("Hello Ana." if data != "lang:xx" else "Which language")


async def test_a_repeated_update_has_one_effect(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    chat.telegram.people.say(ana.id, "/checkin")
    raw = chat.telegram.updates.take()
    before = len(chat.messages(ana.id))
    for _ in range(3):
        await chat.app.intake.take(raw)
        await chat.app.intake.idle()
    assert await ana.balance() == 1
    assert len(chat.messages(ana.id)) == before + 1
