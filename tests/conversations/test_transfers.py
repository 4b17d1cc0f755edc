"""Members send points to each other, where the club allows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from random import Random

import pytest
from aiogram.types import BotCommandScopeChat

from loyalty.programme import Programme
from storage.database import Database
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.chat import open_chat as open_club_chat
from tests.kit.clock import FrozenClock

PROGRAMME = Programme(has_transfers=True, transfer_points_day=100, transfer_count_day=3)


@pytest.fixture
async def open_chat(database: Database, clock: FrozenClock, random: Random) -> AsyncIterator[Chat]:
    """A club in which points can be sent."""
    opened = await open_club_chat(database, clock, random, programme=PROGRAMME)
    yield opened
    await opened.app.intake.close()


async def friends(chat: Chat, *, language: str = "en", points: int = 200) -> tuple[Person, Person, str]:
    """Two members, and the code of the second."""
    ana, bo = chat.member("Ana Silva", language=language), chat.member("Bo Chen", language=language)
    await ana.says("/start")
    await bo.says("/start")
    if points:
        await ana.earns(points)
    return ana, bo, (await bo.member()).code


async def test_points_are_sent_in_one_line_and_both_hear_of_it(open_chat: Chat) -> None:
    ana, bo, code = await friends(open_chat)
    await ana.says(f"/send {code} 20")
    question = ana.sees("Send 20 points to Bo?", "You have 200 now, and 180 afterwards.")
    assert "Chen" not in said(question)
    await ana.taps("Send")
    ana.sees("Done. Bo has 20 points from you.", "You have 180 points now.")
    await open_chat.courier.delivers()
    told = bo.sees("Ana sent you 20 points. Good until 1 May 2027.")
    assert "Silva" not in said(told)
    await bo.taps("My points")
    bo.sees("20 points to spend", "From a friend")
    await ana.says("/points")
    ana.sees("Sent to a friend")


async def test_the_form_explains_what_was_wrong_and_stays_open(open_chat: Chat) -> None:
    ana, bo, code = await friends(open_chat)
    await ana.says("/send")
    ana.sees("Type your friend's code and the number", "You have 200 points, and can send 100 of them today.")
    for typed, answer in (
        ("hello", "I could not read a code and a whole number in that."),
        (f"{code} 2.5", "I could not read a code and a whole number in that."),
        ("N0PE 20", "There is no member with this code: N0PE."),
        (f"{code} 0", "Points are whole numbers from 1 to 100,000,000."),
        (f"{code} -5", "Points are whole numbers from 1 to 100,000,000."),
        (f"{code} 101", "Today 100 points are left to send."),
        (f"{(await ana.member()).code} 5", "That is your own code."),
    ):
        wrong = await ana.says(typed)
        ana.sees(answer, "ABCD2345 20")
        assert labels(wrong) == ["Cancel"]
    await ana.sends("sticker")
    ana.sees("I could not read a code")
    await ana.says(f"{code.lower()} 30")
    ana.sees("Send 30 points to Bo?")
    await ana.says(f"{code} 40")
    ana.sees("Send 40 points to Bo?")
    assert await bo.balance() == 0


async def test_a_number_of_points_is_edited_before_it_is_confirmed(open_chat: Chat) -> None:
    ana, bo, code = await friends(open_chat)
    await ana.says("/send")
    await ana.says(f"{code} 100")
    await ana.edits(f"{code} 10")
    ana.sees("Send 10 points to Bo?")
    await ana.taps("Send")
    assert await bo.balance() == 10
    await ana.edits(f"{code} 20")
    assert await bo.balance() == 10


async def test_cancel_leaves_the_form_and_the_question(open_chat: Chat) -> None:
    ana, bo, code = await friends(open_chat)
    await ana.says("/send")
    await ana.taps("Cancel")
    ana.sees("Nothing was sent.")
    await ana.says(f"{code} 30")
    ana.sees("I did not quite get that.")
    await ana.says(f"/send {code} 30")
    await ana.taps("Cancel")
    ana.sees("Nothing was sent.")
    assert await bo.balance() == 0


async def test_two_taps_send_once(open_chat: Chat) -> None:
    ana, bo, code = await friends(open_chat)
    await ana.says(f"/send {code} 20")
    await ana.taps("Send", times=2)
    ana.sees("You have 180 points now.")
    await open_chat.courier.delivers()
    assert await bo.balance() == 20
    assert sum("sent you" in said(message) for message in open_chat.messages(bo.id)) == 1


async def test_points_that_are_gone_meanwhile_are_not_sent(open_chat: Chat) -> None:
    ana, bo, code = await friends(open_chat, points=30)
    question = await ana.says(f"/send {code} 20")
    await ana.says(f"/send {code} 25")
    await ana.taps("Send")
    await ana.taps("Send", on=question)
    assert ana.alert == "It takes 20 points and you have 5: 15 to go."
    assert await bo.balance() == 25


async def test_the_day_has_its_limit(open_chat: Chat) -> None:
    ana, _, code = await friends(open_chat)
    for points in (50, 40, 10):
        await ana.says(f"/send {code} {points}")
        await ana.taps("Send")
    await ana.says(f"/send {code} 1")
    ana.sees("You have sent as much as can be sent in a day.", "can send 0 of them today")
    open_chat.clock.advance(days=1)
    await ana.says(f"/send {code} 1")
    ana.sees("Send 1 point to Bo?")


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
async def test_in_chinese(open_chat: Chat, language: str) -> None:
    """The club's day ends at midnight UTC, which is the next morning there."""
    ana, bo, code = await friends(open_chat, language=language)
    await ana.says(f"/send {code} 20")
    question = ana.sees("20", "Bo", "180")
    await ana.taps(labels(question)[0])
    await open_chat.courier.delivers()
    bo.sees("Ana", "20", "2027年5月1日")
    assert await bo.balance() == 20


async def test_where_it_is_off_it_says_so_kindly(chat: Chat) -> None:
    ana, _, code = await friends(chat)
    for command in ("/send", f"/send {code} 20", "/send nonsense"):
        await ana.says(command)
        ana.sees("In this club points stay with those who earned them.")
    await ana.taps_data(f"send:{(await ana.member()).id}:5:ABCD2345")
    assert ana.alert is not None
    assert ana.alert.startswith("In this club points stay with those who earned them.")
    await ana.says(f"{code} 20")
    ana.sees("I did not quite get that.")


@pytest.mark.parametrize("is_on", [True, False])
async def test_the_menu_and_the_help_name_it_only_where_it_is_on(
    database: Database, clock: FrozenClock, random: Random, is_on: bool
) -> None:
    chat = await open_club_chat(database, clock, random, programme=Programme(has_transfers=is_on))
    ana = chat.member("Ana")
    await ana.says("/start")
    menu = await chat.app.bot.get_my_commands(scope=BotCommandScopeChat(chat_id=ana.id))
    assert ("send" in [command.command for command in menu]) is is_on
    assert ("/send" in said(await ana.says("/help commands"))) is is_on
    assert ("Whoever you send points to" in said(await ana.says("/privacy seen"))) is is_on
    await chat.app.intake.close()


async def test_a_made_up_button_sends_nothing_and_tells_nobodys_name(open_chat: Chat) -> None:
    """Ids count up; a code is known to whom it was given."""
    ana, bo, _ = await friends(open_chat)
    member = await bo.member()
    for made_up in (f"send:{member.id}:1:ABCD2345", "send:ZZZZZZZZ:1:ABCD2345"):
        await ana.taps_data(made_up)
        answers = [ana.alert or "", ana.toast or "", *map(said, open_chat.messages(ana.id))]
        assert not [answer for answer in answers if "Bo" in answer]
    assert await ana.balance() == 200
    assert await bo.balance() == 0
