"""Whom Telegram limits or refuses waits alone: everybody else is answered, and so is the same person's next wish."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from aiohttp import web

from bot.intake import AT_ONCE
from sandbox.model import Json
from storage.database import Database
from tests.faults.odd_server import box, no_wait, odd_server, polling
from tests.faults.test_away import answers, until
from tests.kit.chat import said

LIMITED = 70


def as_it_is(_method: str, _params: Json) -> None:
    return None


def failing(status: int) -> web.Response:
    return web.json_response({"ok": False, "error_code": status, "description": "Internal Server Error"}, status=status)


def aside(database: Database) -> list[tuple[Any, ...]]:
    with database.engine.connect() as connection:
        query = "SELECT reason, state FROM updates WHERE state <> 'done' ORDER BY update_id"
        return [tuple(row) for row in connection.exec_driver_sql(query)]


async def test_seventy_chats_that_telegram_limits_hold_up_nobody_else(sqlite: Database) -> None:
    telegram, over, waited = box(), asyncio.Event(), list[float]()
    limited = [telegram.people.add_person(f"Guest {number}").id for number in range(LIMITED)]
    bo = telegram.people.add_person("Bo").id

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await over.wait()

    assert LIMITED > AT_ONCE
    async with odd_server(telegram, as_it_is) as url, polling(sqlite, url, sleep):
        for person in limited:
            telegram.limits.flood(30, chat_id=person)
            telegram.people.say(person, "/start")
        await until(lambda: waited.count(30) == LIMITED)  # more wait than there are places
        for asked, answer in (("/start", "Hello Bo."), ("/points", "to spend"), ("/checkin", "checking in")):
            telegram.people.say(bo, asked)
            await until(lambda answer=answer: answers(telegram, bo, answer) == 1)  # type: ignore[misc]
        assert all(answers(telegram, person, "Hello") == 0 for person in limited)
        over.set()
        await until(lambda: all(answers(telegram, person, "Hello") == 1 for person in limited))
    assert waited == [30] * LIMITED


async def test_a_break_of_an_hour_is_kept_and_the_answer_is_the_first(sqlite: Database) -> None:
    telegram, over, waited = box(), asyncio.Event(), list[float]()
    ana = telegram.people.add_person("Ana").id

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await over.wait()

    async with odd_server(telegram, as_it_is) as url, polling(sqlite, url, sleep):
        telegram.people.say(ana, "/start")
        await until(lambda: answers(telegram, ana, "Hello Ana.") == 1)
        telegram.limits.flood(3600, chat_id=ana)
        telegram.people.say(ana, "/checkin")
        telegram.people.say(ana, "/points")
        await until(lambda: waited == [3600])
        asked = len(telegram.calls.after(method="sendMessage"))
        await asyncio.sleep(0.3)
        assert len(telegram.calls.after(method="sendMessage")) == asked
        over.set()
        await until(lambda: answers(telegram, ana, "to spend") == 1)
    assert answers(telegram, ana, "+1 point for checking in.") == 1
    assert answers(telegram, ana, "checked in today already") == 0
    assert waited == [3600]


async def test_a_group_that_telegram_limits_does_not_hold_up_what_its_people_do_in_their_own_chats(
    sqlite: Database,
) -> None:
    telegram, over = box(), asyncio.Event()
    ana = telegram.people.add_person("Ana").id
    group = telegram.groups.create("Neighbours", [ana]).id

    async def sleep(seconds: float) -> None:
        if seconds == 600:
            await over.wait()

    async with odd_server(telegram, as_it_is) as url, polling(sqlite, url, sleep):
        telegram.people.say(ana, "/start")
        await until(lambda: answers(telegram, ana, "Hello Ana.") == 1)
        telegram.limits.flood(600, chat_id=group)
        telegram.people.say(ana, "/groupbuy", chat_id=group)
        telegram.people.say(ana, "/points")
        await until(lambda: answers(telegram, ana, "to spend") == 1)
        over.set()


async def test_a_picture_that_telegram_never_takes_is_left_out_and_the_next_message_is_answered(
    sqlite: Database,
) -> None:
    telegram, tries = box(), Counter[str]()
    ana = telegram.people.add_person("Ana").id

    def oddity(method: str, _params: Json) -> web.Response | None:
        tries[method] += 1
        return failing(500) if method == "sendPhoto" else None

    async with odd_server(telegram, oddity) as url, polling(sqlite, url, no_wait):
        telegram.people.say(ana, "/start")
        telegram.people.say(ana, "/card")
        telegram.people.say(ana, "/points")
        await until(lambda: answers(telegram, ana, "to spend") == 1)
    assert 2 <= tries["sendPhoto"] <= 5
    [_, card, _] = [message for message in telegram.world.chats[ana].messages.values() if message["from"]["is_bot"]]
    assert "card" in said(card)
    assert "inline_keyboard" in card["reply_markup"]
    assert aside(sqlite) == []


async def test_a_picture_that_telegram_refuses_with_an_odd_reason_is_left_out(sqlite: Database) -> None:
    telegram = box()
    ana = telegram.people.add_person("Ana").id

    def oddity(method: str, _params: Json) -> web.Response | None:
        if method != "sendPhoto":
            return None
        return web.json_response(
            {"ok": False, "error_code": 400, "description": "Bad Request: PHOTO_INVALID_DIMENSIONS"}, status=400
        )

    async with odd_server(telegram, oddity) as url, polling(sqlite, url, no_wait):
        telegram.people.say(ana, "/start")
        telegram.people.say(ana, "/card")
        await until(lambda: answers(telegram, ana, "card") == 1)
    assert aside(sqlite) == []


async def test_an_answer_that_telegram_never_takes_is_set_aside_and_the_next_message_is_answered(
    sqlite: Database,
) -> None:
    telegram, tries = box(), 0
    ana = telegram.people.add_person("Ana").id

    def oddity(method: str, params: Json) -> web.Response | None:
        nonlocal tries
        if method == "sendMessage" and "What is this?" in params["text"]:
            tries += 1
            return failing(500)
        return None

    async with odd_server(telegram, oddity) as url, polling(sqlite, url, no_wait):
        telegram.people.say(ana, "/start")
        telegram.people.say(ana, "/help")
        telegram.people.say(ana, "/points")
        await until(lambda: answers(telegram, ana, "to spend") == 1)
        await until(lambda: answers(telegram, ana, "kept as number") == 1)
        await until(lambda: aside(sqlite) == [("call", "failed")])
    assert tries <= 30


async def test_an_outage_sets_nothing_aside(sqlite: Database) -> None:
    telegram, waits = box(), 0
    people = [telegram.people.add_person(f"Guest {number}").id for number in range(3)]
    is_down = False

    def oddity(method: str, _params: Json) -> web.Response | None:
        return failing(502) if is_down and method != "getUpdates" else None

    async def sleep(_seconds: float) -> None:
        nonlocal waits, is_down
        waits += 1
        is_down = is_down and waits < 300
        await asyncio.sleep(0)

    async with odd_server(telegram, oddity) as url, polling(sqlite, url, sleep):
        for person in people:
            telegram.people.say(person, "/start")
        await until(lambda: all(answers(telegram, person, "Hello") == 1 for person in people))
        is_down = True
        for person in people:
            telegram.people.say(person, "/points")
        await until(lambda: all(answers(telegram, person, "to spend") == 1 for person in people))
    assert waits >= 300
    assert aside(sqlite) == []


async def test_an_update_that_is_no_json_hides_no_other(sqlite: Database) -> None:
    telegram = box()
    ana, bo = telegram.people.add_person("Ana").id, telegram.people.add_person("Bo").id
    telegram.people.say(ana, "/start")
    telegram.people.say(ana, "/points")
    telegram.people.say(bo, "/start")
    [first, second, third] = telegram.updates.pending()
    nested = '{"a":[' * 30_000 + "]}" * 30_000
    torn = json.dumps(second)[:-1] + f', "more": {nested}}}'
    batch = f'{{"ok":true,"result":[{json.dumps(first)},{torn},{json.dumps(third)}]}}'
    times = 0

    def oddity(method: str, params: Json) -> web.Response | None:
        nonlocal times
        if method == "getUpdates" and int(params.get("offset", 0)) <= third["update_id"]:
            times += 1
            return web.Response(text=batch, content_type="application/json")
        return None

    async with odd_server(telegram, oddity) as url, polling(sqlite, url, no_wait):
        await until(lambda: answers(telegram, bo, "Hello Bo.") == 1)
        telegram.people.say(bo, "/points")
        await until(lambda: answers(telegram, bo, "to spend") == 1)
    assert times == 1
    assert answers(telegram, ana, "Hello Ana.") == 1
    assert aside(sqlite) == [("unreadable", "failed")]
