"""Enrolling, the home screen, language, help, privacy, and the command menu."""

from __future__ import annotations

import pytest

from locales.texts import isolated
from tests.kit.chat import Chat, labels, said


@pytest.mark.parametrize(
    ("language", "greeting", "tier", "button"),
    [
        ("en", "Hello Ana.", "Member · 0 points", "Rewards"),
        ("zh-hans", "Ana，你好。", "会员 · 0 积分", "兑换好礼"),
        ("zh-hant", "Ana，你好。", "會員 · 0 點", "兌換好禮"),
    ],
)
async def test_start_enrols_and_shows_home_in_the_clients_language(
    chat: Chat, language: str, greeting: str, tier: str, button: str
) -> None:
    ana = chat.member("Ana", language=language)
    home = await ana.says("/start")
    ana.sees(greeting, tier)
    assert button in labels(home)


async def test_starting_again_greets_without_the_welcome_and_changes_nothing(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    ana.sees("Welcome to Perkchat.")
    before = await ana.member()
    again = await ana.says("/start")
    assert said(again).startswith("Hello Ana.")
    assert await ana.member() == before


async def test_somebody_who_never_started_is_enrolled_by_whatever_they_say(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/points")
    ana.sees("0 points to spend", "A check-in a day is an easy start.")


async def test_language_can_be_changed_and_stays(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/language")
    ana.sees("Which language do you like best?")
    await ana.taps("繁體中文")
    ana.sees("Ana，你好。")
    await ana.says("/points")
    ana.sees("可用點數 0")


async def test_help_and_privacy_answer(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/help")
    ana.sees("What is this?", "What does it cost?", "Where?", "How do I get points?")
    assert "/admin" not in said(chat.last_message(ana.id))
    await ana.says("/privacy")
    ana.sees("What Perkchat keeps about you")


async def test_the_command_menu_speaks_the_language_and_knows_the_role(chat: Chat) -> None:
    await chat.app.prepare()
    newcomer = chat.member("Nia", language="zh-hans")
    assert ("points", "我的积分") in menu(chat, newcomer.id)

    ana, olga = chat.member("Ana", language="zh-hant"), chat.operator()
    await ana.says("/start")
    await olga.says("/start")
    assert ("points", "我的點數") in menu(chat, ana.id)
    assert not any(command == "admin" for command, _ in menu(chat, ana.id))
    assert ("admin", "Run the club") in menu(chat, olga.id)


@pytest.mark.parametrize("name", ["<b>Ana</b>", "Ana&Bo", "שָׁלוֹם", "🦊🦊", "a" * 64])
async def test_names_are_shown_as_they_are_written(chat: Chat, name: str) -> None:
    ana = chat.member(name)
    await ana.says("/start")
    ana.sees(f"Hello {isolated(name)}.")


def menu(chat: Chat, user_id: int) -> list[tuple[str, str]]:
    commands = chat.telegram.people.menu(user_id)["commands"]
    return [(command["command"], command["description"]) for command in commands]
