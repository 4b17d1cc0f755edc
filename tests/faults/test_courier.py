"""What the courier does when Telegram, the network or the program fails. Effects are counted in the sandbox."""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError
from aiohttp.client_reqrep import ConnectionKey
from sqlalchemy import select, update

from bot.app import App, Overrides, build_app
from bot.courier import HANDS, LEASE
from bot.pace import Pace
from loyalty.deliveries import Lane, Notice
from loyalty.members import Topic
from loyalty.merchants import Role
from sandbox import LimitSettings
from storage.database import Database
from storage.members import addresses
from storage.outbox import deliveries
from tests.kit.chat import TOKEN, BoxSession, Chat, Person, open_chat, said
from tests.kit.clock import FrozenClock

WORDS = "Fresh croissants until noon"


class Weather(BoxSession):
    """The way into the sandbox, on which a test lets things happen before a message is sent."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat.telegram)
        self.strikes: list[Callable[[SendMessage], BaseException | None]] = []
        self.holds: Callable[[SendMessage], asyncio.Event | None] = lambda _method: None

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        if isinstance(method, SendMessage):
            if (gate := self.holds(method)) is not None:
                await gate.wait()
            for strike in self.strikes:
                if (error := strike(method)) is not None:
                    self.strikes.remove(strike)
                    raise error
        return await super().make_request(bot, method, timeout)


def weather(chat: Chat) -> Weather:
    session = Weather(chat)
    chat.app.courier_bot.session = session
    return session


def towards(
    person: Person, error: Callable[[SendMessage], BaseException]
) -> Callable[[SendMessage], BaseException | None]:
    return lambda method: error(method) if str(method.chat_id) == str(person.id) else None


def broken_line(method: SendMessage) -> BaseException:
    return TelegramNetworkError(method=method, message="ServerDisconnectedError")


def no_line(method: SendMessage) -> BaseException:
    """The connection was never there: nothing can have arrived."""
    error = TelegramNetworkError(method=method, message="ClientConnectorError")
    error.__cause__ = ClientConnectorError(ConnectionKey("t", 443, True, True, None, None, None), OSError("refused"))
    return error


async def owner_and(chat: Chat, *names: str) -> tuple[Person, list[Person]]:
    """An owner, and members who said yes to offers."""
    owner, *people = chat.members("Olive", *names)
    for person in (owner, *people):
        await person.says("/start")
    merchant = (await chat.run(chat.club.shops.add, "Bean Bar", key="test", actor="test")).merchant
    owner_id = (await owner.member()).id

    def appointed() -> None:
        with chat.app.units() as uow:
            uow.merchants.appoint(merchant.id, owner_id, Role.OWNER, chat.clock())
            uow.commit()

    await chat.run(appointed)
    for person in people:
        await chat.run(chat.club.members.consent, await person.member(), Topic.OFFERS, True, "Send me offers")
    return owner, people


async def sends(owner: Person) -> None:
    await owner.says("/broadcast")
    await owner.says(WORDS)
    await owner.taps("Send to")
    await owner.taps("Yes, send")


async def is_told(chat: Chat, person: Person) -> None:
    """Something that people need is queued for a person."""
    member = await person.member()
    facts = {"points": 5}

    def queued() -> None:
        with chat.app.units() as uow:
            uow.outbox.add(
                [Notice(member.id, "referral_qualified", f"told:{chat.clock.seconds()}", facts)], chat.clock()
            )
            uow.commit()

    await chat.run(queued)


def received(chat: Chat, person: Person) -> int:
    """How often a person was sent the broadcast, by the sandbox's own book."""
    return sum(
        call["ok"] and str(call["params"]["chat_id"]) == str(person.id) and WORDS in call["params"]["text"]
        for call in chat.telegram.calls.after(0, "sendMessage")
    )


def states(chat: Chat, lane: Lane = Lane.MARKETING) -> list[tuple[str, str]]:
    with chat.app.database.engine.connect() as connection:
        rows = connection.execute(
            select(deliveries.c.state, deliveries.c.reason).where(deliveries.c.lane == lane.value)
        )
        return sorted((row.state, "" if row.reason in ("agreed", "asked_for") else row.reason) for row in rows)


async def test_who_blocked_the_bot_is_written_to_no_more_and_the_others_are(chat: Chat) -> None:
    owner, (ana, bo, cy) = await owner_and(chat, "Ana", "Bo", "Cy")
    await sends(owner)
    chat.telegram.people.block(bo.id)
    await chat.courier.delivers()
    await is_told(chat, bo)
    calls = chat.telegram.calls.last
    await chat.courier.delivers()
    assert not any(str(call["params"]["chat_id"]) == str(bo.id) for call in chat.telegram.calls.after(calls))
    assert (received(chat, ana), received(chat, bo), received(chat, cy)) == (1, 0, 1)
    assert not (await bo.member()).is_reachable
    await owner.taps("Report")
    owner.sees("Sent: 2", "Have blocked the bot: 1")


async def test_a_chat_that_is_not_there_fails_alone(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await sends(owner)
    del chat.telegram.world.chats[ana.id]
    await chat.courier.delivers()
    assert received(chat, bo) == 1
    assert states(chat) == [("failed", "unreachable"), ("sent", "")]
    assert not (await ana.member()).is_reachable


async def test_a_message_that_telegram_cannot_read_fails_and_the_broadcast_goes_on(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await sends(owner)
    cannot_parse = "Bad Request: can't parse entities"
    weather(chat).strikes.append(towards(ana, lambda method: TelegramBadRequest(method=method, message=cannot_parse)))
    await chat.courier.delivers()
    assert (received(chat, ana), received(chat, bo)) == (0, 1)
    await owner.taps("Report")
    owner.sees("Sent: 1", "Failed: 1")


async def test_a_flood_pauses_its_lane_and_loses_nothing(chat: Chat) -> None:
    owner, people = await owner_and(chat, *(f"P{n}" for n in range(12)))
    await sends(owner)
    chat.clock.advance(seconds=10)  # so that no chat has had too many lately, and the lane is to blame
    chat.telegram.limits.flood(7)
    await chat.courier.delivers()
    assert ("sending", "") not in states(chat), "nothing is held while it pauses"
    assert ("queued", "") in states(chat)
    sent = sum(received(chat, person) for person in people)
    await is_told(chat, people[0])
    await chat.courier.delivers()
    people[0].sees("Your friend has checked in")
    chat.clock.advance(seconds=6)
    await chat.courier.delivers()
    assert sum(received(chat, person) for person in people) == sent, "not before Telegram said so"
    chat.clock.advance(seconds=1)
    await chat.courier.delivers()
    assert [received(chat, person) for person in people] == [1] * 12
    refused = [call for call in chat.telegram.calls.after() if call.get("error_code") == 429]
    assert len(refused) == 1


async def test_a_flood_of_transactional_messages_holds_up_no_marketing(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await is_told(chat, ana)
    chat.clock.advance(seconds=10)
    chat.telegram.limits.flood(30)
    await chat.courier.delivers()
    await sends(owner)
    await chat.courier.delivers()
    assert (received(chat, ana), received(chat, bo)) == (1, 1)
    ana.has_not_seen("Your friend has checked in")
    chat.clock.advance(seconds=30)
    await chat.courier.delivers()
    ana.has_seen("Your friend has checked in")


async def test_a_chat_that_had_too_many_messages_waits_alone(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await sends(owner)
    chat.clock.advance(seconds=10)
    for _ in range(4):
        await ana.says("/points")
    chat.telegram.limits.flood(60, chat_id=ana.id)
    await chat.courier.delivers()
    assert (received(chat, ana), received(chat, bo)) == (0, 1)
    chat.clock.advance(seconds=60)
    await chat.courier.delivers()
    assert (received(chat, ana), received(chat, bo)) == (1, 1)


async def test_a_chat_with_a_new_id_gets_it_there_at_once(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    group = chat.group("Ana's flat", ana)
    await sends(owner)
    with chat.app.database.engine.begin() as connection:
        of_ana = addresses.c.external_id == str(ana.id)
        connection.execute(update(addresses).where(of_ana).values(external_id=str(group)))
    new_id = chat.telegram.groups.upgrade(group).id
    await chat.courier.delivers()
    assert WORDS in said(chat.last_message(new_id))
    assert (received(chat, bo), states(chat)) == (1, [("sent", "")] * 2)


async def test_a_broken_line_leaves_marketing_unknown_and_never_repeats_it(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await sends(owner)
    weather(chat).strikes.append(towards(ana, broken_line))
    for _ in range(4):
        await chat.courier.delivers()
        chat.clock.advance(minutes=1)
    assert (received(chat, ana), received(chat, bo)) == (0, 1)
    await owner.taps("Report")
    owner.sees("Sent: 1", "Perhaps arrived, perhaps not: 1")


@pytest.mark.parametrize(
    "error", [broken_line, no_line, lambda method: TelegramServerError(method=method, message="502 Bad Gateway")]
)
async def test_what_people_need_is_sent_again_after_a_broken_line(
    chat: Chat, error: Callable[[SendMessage], BaseException]
) -> None:
    _, (ana,) = await owner_and(chat, "Ana")
    await is_told(chat, ana)
    weather(chat).strikes.append(towards(ana, error))
    await chat.courier.delivers()
    ana.has_not_seen("Your friend has checked in")
    chat.clock.advance(seconds=5)
    await chat.courier.delivers()
    ana.sees("Your friend has checked in")
    assert states(chat, Lane.TRANSACTIONAL) == [("sent", "")]


async def test_marketing_that_never_left_the_house_is_not_lost(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await sends(owner)
    session = weather(chat)
    session.strikes += [towards(ana, no_line), towards(bo, no_line)]
    for _ in range(3):
        await chat.courier.delivers()
        chat.clock.advance(seconds=5)
    assert (received(chat, ana), received(chat, bo)) == (1, 1)


async def test_an_outage_costs_one_batch_and_not_the_broadcast(chat: Chat) -> None:
    owner, people = await owner_and(chat, *(f"P{n}" for n in range(12)))
    await sends(owner)
    chat.app.courier._batch = 3
    session = weather(chat)
    session.strikes += [lambda method: broken_line(method)] * 3
    await chat.courier.delivers()
    assert states(chat).count(("queued", "")) >= 9
    for _ in range(3):
        chat.clock.advance(minutes=1)
        await chat.courier.delivers()
    arrived = sum(received(chat, person) for person in people)
    assert arrived == 12 - states(chat).count(("unknown", "network"))
    assert arrived >= 9


async def test_a_wrong_token_loses_nothing(chat: Chat) -> None:
    owner, (ana,) = await owner_and(chat, "Ana")
    await sends(owner)
    await is_told(chat, ana)
    session = weather(chat)
    session.strikes += [lambda method: TelegramUnauthorizedError(method=method, message="Unauthorized")] * 2
    await chat.courier.delivers()
    await chat.courier.delivers()
    assert received(chat, ana) == 0
    chat.clock.advance(minutes=1)
    await chat.courier.delivers()
    assert received(chat, ana) == 1
    ana.has_seen("Your friend has checked in")


async def test_a_killed_program_leaves_marketing_unknown_and_goes_on_in_the_same_message(
    chat: Chat, database: Database
) -> None:
    owner, people = await owner_and(chat, "Ana", "Bo", "Cy", "Di")
    await sends(owner)
    progress = chat.last_message(owner.id)
    await is_told(chat, people[3])
    chat.app.courier._batch = 1
    # The rows are marked, committed, and nobody ever comes back for them.
    (in_doubt,) = await chat.run(chat.club.deliveries.claim, Lane.MARKETING, 1, LEASE)
    await chat.run(chat.club.deliveries.claim, Lane.TRANSACTIONAL, 1, LEASE)
    restarted = await start_again(chat, database)
    await deliver_all(restarted)
    assert said_in(chat, owner, progress["message_id"]).startswith("Bean Bar: on its way")
    chat.clock.advance(seconds=90)
    assert await restarted.courier.recover() == (1, 1)
    await deliver_all(restarted)
    assert [received(chat, person) for person in people].count(1) == 3
    assert received(chat, next(p for p in people if str(p.id) == in_doubt.address.external_id)) == 0
    people[3].has_seen("Your friend has checked in")
    report = said_in(chat, owner, progress["message_id"])
    assert "Sent: 3" in report
    assert "Perhaps arrived, perhaps not: 1" in report


async def start_again(chat: Chat, database: Database) -> App:
    bot = Bot(TOKEN, session=BoxSession(chat.telegram))
    pace = Pace(1_000_000, chat_gap=0, now=chat.clock.seconds)
    return await build_app(
        chat.app.settings,
        Overrides(clock=chat.clock, random=chance.Random(8), bot=bot, courier_bot=bot, database=database, pace=pace),
    )


async def deliver_all(app: App) -> None:
    while await app.courier.deliver():
        pass


def said_in(chat: Chat, person: Person, message_id: int) -> str:
    return next(said(message) for message in chat.messages(person.id) if message["message_id"] == message_id)


async def test_a_program_that_stops_gives_back_what_it_did_not_send(chat: Chat) -> None:
    owner, people = await owner_and(chat, *(f"P{n}" for n in range(6)))
    await sends(owner)
    gate, is_under_way = asyncio.Event(), asyncio.Event()

    async def wait_for_the_gate(seconds: float) -> None:
        is_under_way.set()
        await gate.wait()
        chat.clock.advance(seconds=seconds)

    chat.clock.advance(seconds=10)
    chat.app.courier._pace = Pace(2, chat_gap=0, now=chat.clock.seconds, sleep=wait_for_the_gate)
    weather(chat).holds = lambda _method: gate
    working = asyncio.create_task(chat.app.courier.work())
    await is_under_way.wait()
    working.cancel()
    while not chat.app.courier._is_closing:
        await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(working, return_exceptions=True)
    assert states(chat) == [("queued", "")] * 4 + [("sent", "")] * 2
    assert sum(received(chat, person) for person in people) == 2


async def test_a_send_that_hangs_holds_up_nobody_who_needs_something(chat: Chat) -> None:
    owner, (ana, bo) = await owner_and(chat, "Ana", "Bo")
    await sends(owner)
    gate, is_needed = asyncio.Event(), asyncio.Event()
    session = weather(chat)

    def hold(method: SendMessage) -> asyncio.Event | None:
        if WORDS in method.text:
            return gate
        is_needed.set()
        return None

    session.holds = hold
    working = asyncio.create_task(chat.app.courier.work())
    await is_told(chat, bo)
    await asyncio.wait_for(is_needed.wait(), 10)
    assert (received(chat, ana), received(chat, bo)) == (0, 0)
    working.cancel()
    gate.set()
    await asyncio.gather(working, return_exceptions=True)
    assert ("sending", "") not in states(chat)


async def test_a_send_that_hangs_holds_up_its_batch_only_and_little_is_in_doubt(chat: Chat) -> None:
    owner, people = await owner_and(chat, *(f"P{n}" for n in range(12)))
    await sends(owner)
    chat.app.courier._batch = 2
    gate, hung = asyncio.Event(), people[0].id
    weather(chat).holds = lambda method: gate if int(method.chat_id) == hung else None
    working = asyncio.create_task(chat.app.courier.work())
    async with asyncio.timeout(30):
        while sum(received(chat, person) for person in people) < 11:
            assert states(chat).count(("sending", "")) <= HANDS * 2
            await asyncio.sleep(0.01)
    assert received(chat, people[0]) == 0
    gate.set()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert states(chat) == [("sent", "")] * 12


@pytest.fixture
async def limited(sqlite: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Chat]:
    """With Telegram's own limits, and a pace whose waiting moves the clock."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds=seconds)
        await asyncio.sleep(0)

    opened = await open_chat(
        sqlite, clock, random, limits=LimitSettings(), pace=Pace(30, now=clock.seconds, sleep=sleep)
    )
    yield opened
    await opened.app.intake.close()


async def test_the_pace_keeps_telegrams_limits(limited: Chat) -> None:
    limited.telegram.limits.settings.enabled = False
    owner, people = await owner_and(limited, *(f"P{n}" for n in range(80)))
    await sends(owner)
    limited.clock.advance(minutes=1)
    limited.telegram.limits.settings.enabled = True
    began: float = limited.clock.seconds()
    await limited.courier.delivers()
    assert [received(limited, person) for person in people] == [1] * 80
    refused: list[Any] = [call for call in limited.telegram.calls.after() if call.get("error_code") == 429]
    assert not refused
    assert limited.clock.seconds() - began >= 2, "80 at 30 a second"


async def test_a_program_that_was_paused_does_not_take_its_own_rows_for_those_of_a_dead_one(chat: Chat) -> None:
    """It stands still while messages are on their way, for longer than a lease, and finds that on waking up."""
    owner, (ana,) = await owner_and(chat, "Ana")
    await sends(owner)
    await is_told(chat, ana)
    gates, session, before = list[asyncio.Event](), weather(chat), chat.telegram.calls.last

    def hold(_method: SendMessage) -> asyncio.Event:
        gates.append(asyncio.Event())
        return gates[-1]

    session.holds = hold
    while await chat.app.courier._prepare():
        pass
    lanes = (Lane.TRANSACTIONAL, Lane.MARKETING)
    sending = [asyncio.create_task(chat.app.courier._deliver(lane)) for lane in lanes]
    while len(gates) < len(lanes):
        await asyncio.sleep(0.01)
    chat.clock.advance(seconds=LEASE.total_seconds() + 10)
    await chat.timetable.works("recover outbox")
    again = [asyncio.create_task(chat.app.courier._deliver(lane)) for lane in lanes]
    await asyncio.sleep(0.2)
    for gate in gates:
        gate.set()
    await asyncio.gather(*sending, *again)
    session.holds = lambda _method: None
    await chat.courier.delivers()
    calls = chat.telegram.calls.after(before, "sendMessage")
    told = [call["params"]["text"] for call in calls if str(call["params"]["chat_id"]) == str(ana.id)]
    assert sorted(WORDS in words for words in told) == [False, True], "each once"
    assert {state for lane in lanes for state, _ in states(chat, lane)} == {"sent"}
