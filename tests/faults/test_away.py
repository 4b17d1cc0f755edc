"""The database or Telegram is away for a while: people hear of it, nothing is lost, and work goes on by itself."""

from __future__ import annotations

import asyncio
import random as chance
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot.app import App, Overrides, build_app
from bot.intake import WAITS
from bot.settings import Settings
from sandbox import LimitSettings, Telegram
from sandbox.bot_routes import BotRoutes
from sandbox.server import SandboxServer
from sandbox.weather import Sky, Weather
from storage.database import CONNECTIONS, Database
from tests.kit.chat import TOKEN, Chat, Person, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.databases import Postgres

INCIDENT = re.compile(r"\([0-9A-F]{6}\)")
Opened = Callable[[Database], Awaitable[Chat]]


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server that this test may stop."""
    with TemporaryDirectory(prefix="perkchat-postgres-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        yield server
        server.close()


@pytest.fixture
async def away(
    own_postgres: Postgres, clock: FrozenClock, random: chance.Random
) -> AsyncIterator[tuple[Chat, Postgres]]:
    with own_postgres.copy() as database:
        chat = await open_chat(database, clock, random)
        yield chat, own_postgres
        await chat.app.intake.close()
        own_postgres.start()


def back_after(tries: int, server: Postgres) -> tuple[list[float], Callable[[float], Awaitable[None]]]:
    """A sleep that writes down what was waited, and starts the server after so many tries."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == tries:
            server.start()
        await asyncio.sleep(0)

    return waits, sleep


def texts_of(person: Person) -> list[str]:
    return [said(message) for message in person.chat.messages(person.id)]


@pytest.mark.postgres
async def test_without_a_database_people_hear_of_it_and_are_answered_when_it_is_back(
    away: tuple[Chat, Postgres],
) -> None:
    chat, server = away
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    home = await bo.says("/start")
    waits, sleep = back_after(3, server)
    chat.wait_with(sleep)
    server.stop()

    chat.telegram.people.say(ana.id, "/points")
    tap = chat.telegram.people.tap(bo.id, home["message_id"], text="Check in").query
    await chat.settle()

    *_, apology, answer = texts_of(ana)
    assert "taking a break" in apology
    assert INCIDENT.search(apology)
    assert "to spend" in answer
    assert tap is not None
    assert tap.answer is not None
    assert tap.answer.show_alert
    assert INCIDENT.search(tap.answer.text or "")
    bo.sees("+1 point for checking in.")
    assert waits == list(WAITS[:3])
    assert await bo.balance() == 1


@pytest.mark.postgres
async def test_a_database_that_goes_between_storing_and_answering_loses_nothing(away: tuple[Chat, Postgres]) -> None:
    chat, server = away
    people = chat.members("Ana", "Bo", "Cy")
    for person in people:
        await person.says("/start")
    waits, sleep = back_after(2 * len(people), server)
    intake = chat.wait_with(sleep)
    for person in people:
        chat.telegram.people.say(person.id, "/checkin")

    await intake.take(chat.telegram.updates.take())
    server.stop()  # before any handler has had its turn
    await intake.idle()

    for person in people:
        *_, apology, answer = texts_of(person)
        assert INCIDENT.search(apology)
        assert "for checking in" in answer
        assert await person.balance() == 1
    assert len(waits) >= 2 * len(people)


@pytest.mark.postgres
async def test_the_courier_outlives_a_database_that_is_away(away: tuple[Chat, Postgres]) -> None:
    chat, server = away
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.opens(chat.app.links.referral((await ana.member()).code))
    server.stop()
    _, sleep = back_after(1, server)
    chat.app.courier._sleep = sleep
    await chat.app.timetable.beat()
    working = asyncio.create_task(chat.app.courier.work())
    await until(lambda: "A friend has joined" in texts_of(ana)[-1])
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


# Telegram's side, over HTTP


@asynccontextmanager
async def program(database: Database, url: str, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[App]:
    """The whole program, polling; its intake waits by `sleep`."""
    settings = Settings.load(_env_file=None, bot_token=TOKEN, telegram_api=url, database_url="sqlite:///unused.db")
    app = await build_app(settings, Overrides(database=database))
    Chat(app, Telegram(TOKEN), FrozenClock()).wait_with(sleep)
    running = asyncio.create_task(app.run())
    try:
        yield app
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(condition: Callable[[], bool], within: float = 60) -> None:
    """Returns when what somebody else does has come about."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


def box() -> Telegram:
    return Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))


def answers(telegram: Telegram, person_id: int, words: str) -> int:
    messages = telegram.world.chats[person_id].messages.values()
    return sum(1 for message in messages if message["from"]["is_bot"] and words in message.get("text", ""))


async def test_polling_waits_longer_and_longer_and_goes_on_when_telegram_is_back(sqlite: Database) -> None:
    telegram, waits = box(), list[float]()
    ana = telegram.people.add_person("Ana")
    async with SandboxServer(telegram) as server:

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 8:
                server.sky.weather = Weather()

        async with program(sqlite, server.url, sleep):
            telegram.people.say(ana.id, "/start")
            await until(lambda: answers(telegram, ana.id, "Hello Ana.") == 1)
            server.sky.weather = Weather(down=True)
            telegram.people.say(ana.id, "/points")
            await until(lambda: answers(telegram, ana.id, "to spend") == 1)
    assert waits == [*WAITS, WAITS[-1], WAITS[-1]]


async def test_lost_answers_are_asked_for_again_and_have_one_effect(sqlite: Database) -> None:
    telegram = box()
    people = [telegram.people.add_person(f"Guest {number}").id for number in range(12)]
    async with SandboxServer(telegram, seed=5) as server, program(sqlite, server.url, no_wait):
        server.sky.weather = Weather(lost_answers=0.15)
        for asked, answer in (("/start", "Hello"), ("/checkin", "checking in"), ("/points", "to spend")):
            for person in people:
                telegram.people.say(person, asked)
                await asyncio.sleep(0.01)  # so that they come in more than one batch
            await until(lambda answer=answer: all(answers(telegram, person, answer) for person in people))  # type: ignore[misc]
        # On a busy machine updates come in few batches: the weather stays bad until it has lost one of them.
        async with asyncio.timeout(30):
            while not telegram.updates.counts.redelivered():
                telegram.people.say(people[0], "/points")
                await asyncio.sleep(0.05)
        server.sky.weather = Weather()
        await until(lambda: not len(telegram.updates))
    with sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM check_ins").scalar_one() == len(people)
        assert connection.exec_driver_sql("SELECT SUM(available) FROM balances").scalar_one() == len(people)


async def test_error_pages_of_a_proxy_are_waited_out(sqlite: Database) -> None:
    telegram, refused, waits = box(), Counter[str](), list[float]()
    ana = telegram.people.add_person("Ana")
    routes = BotRoutes(telegram, Sky())

    async def ailing(request: web.Request) -> web.StreamResponse:
        """Answers the first three polls and the first message as a proxy without its server does."""
        method = request.match_info["method"]
        if refused[method] < {"getUpdates": 3, "sendMessage": 1}.get(method, 0):
            refused[method] += 1
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        return await routes.call(request)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    server = web.Application()
    server.router.add_route("*", "/bot{token:[^/]+}/{method}", ailing)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with program(sqlite, f"http://127.0.0.1:{runner.addresses[0][1]}", sleep):
            telegram.people.say(ana.id, "/start")
            await until(lambda: answers(telegram, ana.id, "Hello Ana.") == 1)
    finally:
        routes.interrupt()
        await runner.cleanup()
    assert refused == {"getUpdates": 3, "sendMessage": 1}
    assert waits == list(WAITS[:3])


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.postgres
async def test_one_failure_is_enough_to_ask_every_connection(away: tuple[Chat, Postgres]) -> None:
    """Each thread keeps a connection, and all of them were in use a moment ago when the server went."""
    chat, server = away
    database = chat.app.database

    def use() -> None:
        with chat.app.units() as uow:
            uow.timetable.claim("nothing", chat.clock())
            time.sleep(0.02)

    await asyncio.gather(*(database.run(use) for _ in range(CONNECTIONS)))
    server.stop()
    with pytest.raises(OperationalError):
        await database.run(use)
    server.start()
    for _ in range(3 * CONNECTIONS):
        await database.run(use)
