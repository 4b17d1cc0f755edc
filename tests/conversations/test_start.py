from __future__ import annotations

import pytest

from tests.kit.chat import Chat


@pytest.mark.parametrize(
    ("language", "greeting", "points"),
    [("en", "Hello Ana.", "0 points"), ("zh-hans", "Ana，你好", "0 积分"), ("zh-hant", "Ana，你好", "0 點")],
)
async def test_start_enrols_and_shows_home_in_the_clients_language(
    chat: Chat, language: str, greeting: str, points: str
) -> None:
    ana = chat.member("Ana", language=language)
    await ana.says("/start")
    ana.sees(greeting, points)


async def test_check_in_earns_once_a_day(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps("Check in")
    ana.sees("+1 point for checking in.")
    await ana.says("/checkin")
    ana.sees("You have checked in today already.")
    chat.clock.advance(days=1)
    await ana.says("/checkin")
    ana.sees("Your streak: 2 days.")
    await ana.says("how many points do I have?")
    ana.sees("2 points to spend", "Check-in")
