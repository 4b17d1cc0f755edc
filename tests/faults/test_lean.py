"""The courier's road against the box's server: what arrives is what aiogram's own road brings, errors too."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile

from bot.lean import LeanSession, send
from bot.telegram import Session
from handlers.reply import NO_ALBUM, Album, send_screen
from handlers.screens import Screen, StoredPicture, link_button
from loyalty.pictures import Picture
from sandbox import LimitSettings, Telegram
from sandbox.server import SandboxServer
from sandbox.weather import Weather
from tests.kit.pictures import photo

TOKEN = "42:SANDBOX"
SCREEN = Screen('<b>Bean Bar</b>\n\nÇay & 茶 "today" 🍵', [[link_button("Look", "https://example.org/?a=1&b=2")]])


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    telegram = Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))
    async with SandboxServer(telegram) as server:
        yield server


@pytest.fixture
async def roads(server: SandboxServer) -> AsyncIterator[tuple[Bot, Bot]]:
    """Ours and aiogram's."""
    api = TelegramAPIServer.from_base(server.url)
    ours, plain = Bot(TOKEN, session=LeanSession(api=api)), Bot(TOKEN, session=Session(api=api))
    yield ours, plain
    await ours.session.close()
    await plain.session.close()


def person(server: SandboxServer) -> int:
    ana = server.telegram.people.add_person("Ana")
    server.telegram.people.say(ana.id, "/start")
    return ana.id


def received(server: SandboxServer, chat_id: int) -> list[dict[str, Any]]:
    """What stands in the chat, without what differs from message to message."""
    messages = server.telegram.world.chats[chat_id].view()["messages"]
    return [
        {name: value for name, value in message.items() if name not in ("message_id", "date")}
        for message in messages
        if message["from"]["is_bot"]
    ]


async def test_the_same_message_arrives_on_both_roads(server: SandboxServer, roads: tuple[Bot, Bot]) -> None:
    chat_id = person(server)
    for screen in (SCREEN, replace(SCREEN, rows=()), Screen(SCREEN.text, markup=SCREEN.keyboard_json)):
        for bot in roads:
            await send(bot, chat_id, screen, NO_ALBUM)
    for first in range(0, 6, 2):
        ours, theirs = received(server, chat_id)[first : first + 2]
        assert ours == theirs
    assert received(server, chat_id)[0] == received(server, chat_id)[4]


async def test_a_picture_is_uploaded_once_and_then_sent_by_its_id(
    server: SandboxServer, roads: tuple[Bot, Bot]
) -> None:
    chat_id, kept = person(server), dict[str, str]()

    async def load(picture_id: int) -> Picture:
        return Picture(picture_id, photo(), kept)

    async def remember(picture_id: int, channel: str, file_id: str) -> None:
        kept[channel] = file_id

    album, screen = Album(load, remember), Screen("A cup", picture=StoredPicture(5))
    for _ in range(3):  # uploaded, by the id that was kept, and by the one that is known by now
        await send(roads[0], chat_id, screen, album)
    first, second, third = received(server, chat_id)
    assert first == second == third
    given = [call["params"]["photo"] for call in server.telegram.calls.after(0, "sendPhoto")]
    assert given[0].startswith("attach:")
    assert given[1] == given[2] == kept["telegram:42"]


async def test_what_telegram_refuses_raises_the_same_on_both_roads(
    server: SandboxServer, roads: tuple[Bot, Bot]
) -> None:
    blocked, stranger = person(server), server.telegram.people.add_person("Bo").id
    server.telegram.people.block(blocked)
    group = server.telegram.groups.create("Flat", [person(server)]).id
    new_id = server.telegram.groups.upgrade(group).id
    flooded = person(server)
    server.telegram.limits.flood(7, times=2, chat_id=flooded)
    screens = {
        blocked: (SCREEN, TelegramForbiddenError),
        stranger: (SCREEN, TelegramForbiddenError),
        999: (SCREEN, TelegramBadRequest),
        group: (SCREEN, TelegramMigrateToChat),
        flooded: (SCREEN, TelegramRetryAfter),
        new_id: (Screen("<b>never closed"), TelegramBadRequest),
    }
    for chat_id, (screen, expected) in screens.items():
        errors = []
        for bot in roads:
            with pytest.raises(expected) as raised:
                await send(bot, chat_id, screen, NO_ALBUM)
            errors.append(raised.value)
        assert (type(errors[0]), str(errors[0])) == (type(errors[1]), str(errors[1]))
        assert getattr(errors[0], "retry_after", None) == getattr(errors[1], "retry_after", None)
        assert getattr(errors[0], "migrate_to_chat_id", None) == getattr(errors[1], "migrate_to_chat_id", None)


async def test_a_wrong_token_and_a_broken_line_are_told_as_ever(server: SandboxServer, roads: tuple[Bot, Bot]) -> None:
    chat_id = person(server)
    stranger = Bot("43:WRONG", session=roads[0].session)
    with pytest.raises(TelegramUnauthorizedError):
        await send(stranger, chat_id, SCREEN, NO_ALBUM)
    server.sky.weather = Weather(lost_answers=1)
    with pytest.raises(TelegramNetworkError):
        await send(roads[0], chat_id, SCREEN, NO_ALBUM)
    server.sky.weather = Weather(latency_ms=2_000)
    roads[0].session.timeout = 1
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await send(roads[0], chat_id, SCREEN, NO_ALBUM)
    await server.stop()
    with pytest.raises(TelegramAPIError):
        await send(roads[0], chat_id, SCREEN, NO_ALBUM)


async def test_other_methods_and_files_take_aiograms_road(server: SandboxServer, roads: tuple[Bot, Bot]) -> None:
    chat_id = person(server)
    assert (await roads[0].me()).username == "perkchat_bot"
    sent = await roads[0].send_document(chat_id, BufferedInputFile(b"a,b\n", "points.csv"))
    assert sent.document is not None
    assert sent.chat.id == chat_id
    for bot in roads:
        message = await send_screen(bot, chat_id, SCREEN)
        await bot.edit_message_text(
            "<i>Later</i>",
            chat_id=chat_id,
            message_id=message.message_id,
            parse_mode="HTML",
            reply_markup=SCREEN.keyboard,
        )
    ours, theirs = ({**each, "edit_date": 0} for each in received(server, chat_id)[-2:])
    assert ours["text"] == "Later"
    assert ours == theirs


async def test_an_answer_that_came_while_the_program_was_paused_is_read() -> None:
    """Its time is over when it wakes up; what has arrived meanwhile still counts."""
    answer = b'{"ok":true,"result":{}}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                time.sleep(0.3)
                connection.sendall(head + answer)
                connection.recv(1)

        threading.Thread(target=answer_once, daemon=True).start()
        api = TelegramAPIServer.from_base(f"http://127.0.0.1:{server.getsockname()[1]}")
        bot = Bot(TOKEN, session=LeanSession(api=api, timeout=0.5))
        sending = asyncio.create_task(send(bot, 1, SCREEN, NO_ALBUM))
        await asyncio.sleep(0.2)
        time.sleep(0.6)  # nothing of the program runs
        await sending
        await bot.session.close()
