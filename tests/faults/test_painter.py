"""The painter among floods, outages and crashes. Calls are counted in the sandbox, which enforces Telegram's limits."""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import EditMessageText, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.pace import Pace
from bot.painter import Painter
from loyalty.deliveries import Lane
from loyalty.live_cards import Place
from loyalty.services.live_cards import LEASE
from sandbox import LimitSettings
from storage.database import Database
from tests.kit.chat import BoxSession, Chat, Person, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.deals import add_deal

Strike = Callable[[EditMessageText], Awaitable[None]]


class Easel(BoxSession):
    """The painter's way into the sandbox: notes each edit and each refusal, and lets things happen before one."""

    def __init__(self, chat: Chat) -> None:
        super().__init__(chat.telegram)
        self.edits: list[tuple[float, str]] = []
        self.floods = 0
        self.strikes: list[Strike] = []
        self._now = chat.clock.seconds

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        if isinstance(method, EditMessageText):
            self.edits.append((self._now(), str(method.chat_id or method.inline_message_id)))
            for strike in [self.strikes.pop(0)] if self.strikes else []:
                await strike(method)
        try:
            return await super().make_request(bot, method, timeout)
        except TelegramRetryAfter:
            self.floods += 1
            raise


def raising(error: Callable[[EditMessageText], Exception]) -> Strike:
    async def strike(method: EditMessageText) -> None:
        raise error(method)

    return strike


def easel(chat: Chat) -> Easel:
    session = Easel(chat)
    chat.app.courier_bot.session = session
    return session


@pytest.fixture
async def patient(database: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Chat]:
    """A club that paces itself by the test's clock, which passes while it waits."""

    async def sleep(seconds: float) -> None:
        clock.advance(seconds=max(seconds, 0.001))
        await asyncio.sleep(0)

    opened = await open_chat(database, clock, random, pace=Pace(30, now=clock.seconds, sleep=sleep))
    yield opened
    await opened.app.intake.close()


async def members(chat: Chat, count: int, points: int = 500) -> list[Person]:
    people = [chat.member(f"P{number}") for number in range(count)]
    for person in people:
        await person.says("/start")
        await person.earns(points)
    await chat.courier.delivers()
    return people


def bare_message(chat: Chat, group: int) -> Place:
    sent = chat.telegram.call("sendMessage", {"chat_id": group, "text": "Group buys"})
    return Place(str(group), str(sent["message_id"]))


async def card_in(chat: Chat, *people: Person, deal_id: int = 1) -> Place:
    """A live card of the deal in a new group."""
    group = chat.group("Friends", *people)
    await chat.settle()
    place = bare_message(chat, group)
    await chat.run(_posts(chat, deal_id), place)
    return place


def _posts(chat: Chat, deal_id: int) -> Callable[[Place], None]:
    return lambda place: chat.club.live_cards.post(place, "en", deal_id=deal_id)


def shown(chat: Chat, place: Place) -> str:
    if place.is_inline:
        inside, message_id = chat.telegram.world.inline_messages[place.message]
        return said(inside.messages[message_id])
    return said(chat.telegram.world.chats[int(place.chat)].messages[int(place.message)])


async def joins(chat: Chat, person: Person, place: Place) -> None:
    await chat.run(chat.club.live_cards.open_or_join, await person.member(), place)


async def draws_all(chat: Chat, minutes: float) -> None:
    """The painter works for so long, by the test's clock."""
    until = chat.clock.seconds() + minutes * 60
    while chat.clock.seconds() < until:
        if not await chat.app.painter.draw():
            chat.clock.advance(seconds=0.25)


@pytest.mark.parametrize(("chats", "cards_each", "minutes"), [(200, 1, 1.5), (10, 20, 5), (0, 200, 1.5)])
async def test_two_hundred_live_cards_never_meet_a_flood_limit(
    patient: Chat, chats: int, cards_each: int, minutes: float
) -> None:
    """In 200 chats, 20 in each of 10 chats, and shared inline into 200 chats. People keep on joining all the while."""
    chat = patient
    add_deal(chat.app.units, size=7, stock=100)
    people = await members(chat, 7)
    first, *others = people
    where = await card_in(chat, first)
    await joins(chat, first, where)
    places = [where]
    groups = [chat.group(f"Group {number}", first) for number in range(chats or cards_each)]
    await chat.settle()
    for group in groups:
        for _ in range(cards_each if chats else 1):
            place = bare_message(chat, group)
            if not chats:
                message_id = int(place.message)
                place = Place("", chat.telegram.world.make_inline(chat.telegram.world.chats[group], message_id))
            places.append(place)
            await chat.run(lambda at: chat.club.live_cards.post(at, "en", group_id=1), place)
    assert len(places) == 201
    chat.clock.advance(minutes=2)
    chat.telegram.limits.apply(LimitSettings())
    session = easel(chat)
    for person in others[:5]:
        await joins(chat, person, where)
        await draws_all(chat, 0.2)
    await joins(chat, others[5], where)
    await draws_all(chat, minutes)
    assert session.floods == 0
    for place in places:
        assert "👥 7/7" in shown(chat, place)
        assert "everybody in it has a voucher" in shown(chat, place)
    edits = len(session.edits)
    await draws_all(chat, 2)
    assert len(session.edits) == edits, "what tells the outcome is not drawn again"


async def test_answers_and_outcomes_fit_beside_redraws_of_a_busy_group(patient: Chat) -> None:
    chat = patient
    add_deal(chat.app.units, size=60, stock=100)
    add_deal(chat.app.units, slug="tea", title="Tea", size=2, stock=100)
    people = await members(chat, 17)
    busy = await card_in(chat, *people)
    tea = bare_message(chat, int(busy.chat))
    await chat.run(_posts(chat, 2), tea)
    await joins(chat, people[0], tea)
    chat.clock.advance(minutes=2)
    await draws_all(chat, 0.1)
    chat.clock.advance(minutes=2)
    chat.telegram.limits.apply(LimitSettings())
    session = easel(chat)
    for person in people:
        await joins(chat, person, busy)
        await draws_all(chat, 3.2 / 60)
    assert len(session.edits) == 15, "the rest of the minute is for answers"
    await joins(chat, people[1], tea)
    await draws_all(chat, 0.1)
    assert "👥 2/2" in shown(chat, tea), "an outcome does not wait"
    for _ in range(3):
        chat.clock.advance(seconds=1)
        chat.telegram.people.say(people[0].id, "/groupbuy", chat_id=int(busy.chat))
        await chat.settle()
    await draws_all(chat, 2)
    assert session.floods == 0
    assert "👥 17/60" in shown(chat, busy)


async def test_a_card_is_drawn_at_most_every_three_seconds(patient: Chat) -> None:
    chat = patient
    add_deal(chat.app.units, size=40, stock=100)
    people = await members(chat, 20)
    place = await card_in(chat, *people)
    session = easel(chat)
    for person in people:
        await joins(chat, person, place)
        await draws_all(chat, 0.01)
    await draws_all(chat, 0.2)
    moments = [at for at, _ in session.edits]
    assert len(moments) > 3
    assert all(later - earlier >= 3 for earlier, later in pairwise(moments))
    assert "👥 20/40" in shown(chat, place)


async def two_cards(chat: Chat) -> tuple[Person, Person, Place, Place]:
    """Of one group, in two chats, both to be drawn."""
    add_deal(chat.app.units, size=9, stock=90)
    ana, bo = await members(chat, 2)
    here = await card_in(chat, ana, bo)
    await joins(chat, ana, here)
    there = bare_message(chat, chat.group("Others", ana, bo))
    await chat.settle()
    await chat.run(lambda: chat.club.live_cards.post(there, "en", group_id=1))
    await chat.painter.draws()
    chat.clock.advance(seconds=5)
    await joins(chat, bo, here)
    return ana, bo, here, there


async def test_a_chat_that_is_asked_to_wait_holds_nobody_else_up(patient: Chat) -> None:
    _, _, here, there = await two_cards(patient)
    patient.telegram.limits.flood(17, chat_id=int(here.chat))
    session = easel(patient)
    await draws_all(patient, 0.1)
    assert "👥 1/9" in shown(patient, here)
    assert "👥 2/9" in shown(patient, there)
    await draws_all(patient, 0.1)
    assert session.floods == 1
    await draws_all(patient, 0.2)
    assert "👥 2/9" in shown(patient, here)
    assert session.floods == 1


async def test_when_everybody_is_asked_to_wait_the_painter_rests(patient: Chat) -> None:
    _, _, here, there = await two_cards(patient)
    patient.telegram.limits.flood(20, times=2)
    session = easel(patient)
    await draws_all(patient, 0.1)
    assert session.floods == 2
    await joins(patient, (await members(patient, 1))[0], here)
    await draws_all(patient, 0.15)
    assert len(session.edits) == 2, "nothing is tried meanwhile"
    await draws_all(patient, 0.2)
    for place in (here, there):
        assert "👥 3/9" in shown(patient, place)


@pytest.mark.parametrize(
    "error",
    [
        lambda method: TelegramNetworkError(method=method, message="ServerDisconnectedError"),
        lambda method: TelegramServerError(method=method, message="502: Bad Gateway"),
        lambda method: TelegramUnauthorizedError(method=method, message="Unauthorized"),
    ],
)
async def test_an_outage_costs_no_card(patient: Chat, error: Callable[[EditMessageText], Exception]) -> None:
    _, _, here, there = await two_cards(patient)
    session = easel(patient)
    session.strikes = [raising(error), raising(error)]
    await draws_all(patient, 0.05)
    assert "👥 1/9" in shown(patient, here)
    await draws_all(patient, 0.5)
    for place in (here, there):
        assert "👥 2/9" in shown(patient, place)


@pytest.mark.parametrize(
    ("error", "are_lost"),
    [
        (lambda method: TelegramBadRequest(method=method, message="Bad Request: message to edit not found"), 1),
        (lambda method: TelegramBadRequest(method=method, message="Bad Request: message can't be edited"), 1),
        (lambda method: TelegramBadRequest(method=method, message="Bad Request: chat not found"), 2),
        (lambda method: TelegramForbiddenError(method=method, message="Forbidden: bot was kicked from the group"), 2),
        (lambda method: ValueError("nobody foresaw this"), 1),
    ],
)
async def test_what_cannot_be_drawn_is_not_tried_again(
    patient: Chat, error: Callable[[EditMessageText], Exception], are_lost: int
) -> None:
    """A message, or its whole chat; the other chats' cards go on."""
    _, _, here, there = await two_cards(patient)
    also_here = bare_message(patient, int(here.chat))
    await patient.run(lambda: patient.club.live_cards.post(also_here, "en", group_id=1))
    session = easel(patient)

    async def strike(method: EditMessageText) -> None:
        if str(method.chat_id) != here.chat:
            session.strikes.append(strike)
            return
        raise error(method)

    session.strikes = [strike]
    await draws_all(patient, 1)
    known = [patient.club.live_cards.known(place) for place in (here, also_here)]
    assert known.count(None) == are_lost
    assert "👥 2/9" in shown(patient, there)
    assert sum(chat == here.chat for _, chat in session.edits) == (2 if are_lost == 1 else 1)


async def test_a_card_that_shows_it_already_is_fine(patient: Chat) -> None:
    _, _, here, _ = await two_cards(patient)
    await draws_all(patient, 0.2)
    await patient.run(patient.club.live_cards.look_again, here)
    session = easel(patient)
    await draws_all(patient, 0.2)
    assert len(session.edits) == 1
    assert patient.club.live_cards.known(here) is not None


async def test_somebody_joins_while_the_card_is_under_way(patient: Chat) -> None:
    _, _, here, _ = await two_cards(patient)
    [cy] = await members(patient, 1)
    session = easel(patient)

    async def join(method: EditMessageText) -> None:
        await joins(patient, cy, here)

    session.strikes = [join]
    await patient.app.painter.draw()
    assert "👥 2/9" in shown(patient, here)
    await draws_all(patient, 0.2)
    assert "👥 3/9" in shown(patient, here)


async def test_a_painter_that_was_killed_leaves_nothing_undrawn(patient: Chat) -> None:
    chat = patient
    _, _, here, there = await two_cards(chat)
    session = easel(chat)
    hangs = asyncio.Event()

    async def hang(method: EditMessageText) -> None:
        hangs.set()
        await asyncio.Event().wait()

    session.strikes = [hang, hang]
    killed = asyncio.create_task(chat.app.painter.draw())
    await hangs.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    again = Painter(
        chat.app.courier_bot,
        chat.club.live_cards,
        chat.run,
        Pace(30, now=chat.clock.seconds),
        chat.app.links,
        chat.app.album,
    )
    assert await again.draw() == 0
    chat.clock.advance(seconds=LEASE.total_seconds())
    assert await again.draw() == 2
    for place in (here, there):
        assert "👥 2/9" in shown(chat, place)


async def test_the_painter_works_beside_the_courier_and_outlives_a_stumble(patient: Chat) -> None:
    chat = patient
    _, _, here, there = await two_cards(chat)
    stumbles = 0

    async def run(use_case: Callable[..., object], *args: object) -> object:
        nonlocal stumbles
        if not stumbles:
            stumbles += 1
            raise OSError("the database is away")
        return await chat.run(use_case, *args)

    painter = Painter(
        chat.app.courier_bot,
        chat.club.live_cards,
        run,  # type: ignore[arg-type]
        Pace(30, now=chat.clock.seconds),
        chat.app.links,
        chat.app.album,
        sleep=lambda _seconds: asyncio.sleep(0),
    )
    working = asyncio.create_task(painter.work())
    async with asyncio.timeout(30):
        while not all("👥 2/9" in shown(chat, place) for place in (here, there)):
            await asyncio.sleep(0.01)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert stumbles == 1


async def test_marketing_that_pauses_does_not_stop_live_cards(patient: Chat) -> None:
    _, _, here, _ = await two_cards(patient)
    pace = Pace(30, now=patient.clock.seconds)
    pace.pause(Lane.MARKETING, 3_600)
    app = patient.app
    assert await Painter(app.courier_bot, app.club.live_cards, patient.run, pace, app.links, app.album).draw() == 2
    assert "👥 2/9" in shown(patient, here)
