"""A member number from before, taken over in the chat by a one-time code."""

from __future__ import annotations

import re

import pytest

from loyalty.codes import ALPHABET
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.numbers import bring_over

CODE = re.compile(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{5}}")
LINK = re.compile(r"https://t\.me/\S+")


async def code_and_link(chat: Chat, operator: Person, number: str = "4711") -> tuple[str, str]:
    if number == "4711":
        bring_over(chat.club, number, "Nora Berg", points=120)
    message = said(await operator.says(f"/claim {number}"))
    code, link = CODE.search(message), LINK.search(message)
    assert code, message
    assert link, message
    return code[0], link[0]


async def operator_of(chat: Chat) -> Person:
    olga = chat.operator()
    await olga.says("/start")
    return olga


async def test_a_link_brings_the_points_from_before(chat: Chat) -> None:
    olga = await operator_of(chat)
    code, link = await code_and_link(chat, olga)
    olga.sees("The code for number 4711:", "It works once, until 30 Jul 2026")
    nora = chat.member("Nora B.")
    question = await nora.opens(link)
    nora.sees("Is this you? N. with the number ••11", "cannot be called back")
    assert "Berg" not in said(question)
    assert code.replace("-", "") in question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await nora.taps("Yes, that is me", times=2)
    nora.sees("Welcome back, Nora. The number is yours.", "You have 120 points now.")
    assert await nora.balance() == 120
    await nora.taps("My points")
    nora.sees("120 points to spend", "From before the club was here")
    await nora.says("/start")
    nora.sees("Hello Nora.")
    assert (await nora.member()).name == "Nora Berg"


async def test_who_has_points_already_keeps_them(chat: Chat) -> None:
    olga = await operator_of(chat)
    code, _ = await code_and_link(chat, olga)
    nora = chat.member("Nora B.")
    await nora.says("/start")
    await nora.earns(30)
    await nora.says(f"/number {code.lower()}")
    await nora.taps("Yes, that is me", times=2)
    nora.sees("You have 150 points now.")
    await nora.says("/points")
    nora.sees("From your member number")


async def test_the_form_says_what_is_wrong_and_stays_open(chat: Chat) -> None:
    olga = await operator_of(chat)
    code, link = await code_and_link(chat, olga)
    nora, finder = chat.members("Nora", "Finn")
    await finder.says("/start")
    await finder.says("/number")
    finder.sees("You had a member number before?")
    for wrong in ("4711", "7F3K-9QWE-2XH4P", "💥", "A" * 4000):
        answer = await finder.says(wrong)
        finder.sees("I do not know this code. Check it letter by letter.")
        assert labels(answer) == ["Cancel"]
    await finder.sends("sticker")
    finder.sees("I do not know this code.")
    await nora.opens(link)
    await nora.taps("Yes, that is me")
    await finder.says(code)
    finder.sees("This code was used already. If it was not you, ask the club for a new one.")
    await finder.taps("Cancel", times=2)
    finder.sees("Nothing was changed.")
    await finder.says(code)
    finder.sees("I did not quite get that.")
    await nora.says(f"/number {code}")
    nora.sees("You have taken over this number already. Its points are yours.")
    assert (await finder.balance(), await nora.balance()) == (0, 120)


async def test_an_expired_code_says_when_it_ended(chat: Chat) -> None:
    olga = await operator_of(chat)
    code, link = await code_and_link(chat, olga)
    nora = chat.member("Nora")
    question = await nora.opens(link)
    chat.clock.advance(days=90)
    await nora.taps("Yes, that is me", on=question)
    said_to_her = nora.alert or nora.toast or said(chat.last_message(nora.id))
    assert "This code ended on 30 Jul 2026" in said_to_her
    await nora.says(f"/number {code}")
    nora.sees("This code ended on 30 Jul 2026", "The club can give you a new one.")
    fresh, _ = await code_and_link(chat, olga, " 4711 ")
    assert fresh != code


async def test_cancel_takes_nothing_over(chat: Chat) -> None:
    olga = await operator_of(chat)
    _, link = await code_and_link(chat, olga)
    nora = chat.member("Nora")
    await nora.opens(link)
    await nora.taps("Cancel")
    nora.sees("Nothing was changed.")
    assert await nora.balance() == 0


async def test_made_up_buttons_take_nothing_over(chat: Chat) -> None:
    nora = chat.member("Nora")
    await nora.says("/start")
    for data in ("number:", "number:x", "number:" + "0" * 13, "number:" + "0" * 14, "number:ÄÖÜ"):
        await nora.taps_data(data)
    assert await nora.balance() == 0


async def test_codes_are_the_operators_to_give(chat: Chat) -> None:
    olga = await operator_of(chat)
    nora = chat.member("Nora")
    await nora.says("/start")
    await nora.says("/claim 4711")
    nora.sees("I did not quite get that.")
    await olga.says("/claim")
    olga.sees("Type the member number", "/claim 4711")
    await olga.says("/claim 9999")
    olga.sees("There is no member number 9999.")
    _, link = await code_and_link(chat, olga)
    await nora.opens(link)
    await nora.taps("Yes, that is me")
    await olga.says("/claim 4711")
    olga.sees("This number has its member here already.")


@pytest.mark.parametrize(
    ("language", "question", "answer"),
    [("zh-hans", "这是你吗？", "欢迎回来"), ("zh-hant", "這是你嗎？", "歡迎回來")],
)
async def test_a_number_is_taken_over_in_chinese(chat: Chat, language: str, question: str, answer: str) -> None:
    olga = await operator_of(chat)
    _, link = await code_and_link(chat, olga)
    nora = chat.member("Nora", language=language)
    asked = await nora.opens(link)
    nora.sees(question)
    await nora.taps_data(asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    nora.sees(answer)
