"""Everything that is registered is said, followed or tapped once by each kind of person, through the real dispatcher.

An answer each time, never an apology, and nothing in the log that nobody foresaw. What there is to walk is read off the
registries: a new wish, command, link, form or button is walked by itself, or fails here for want of a sample.
"""

from __future__ import annotations

import random as chance
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiogram.filters.callback_data import CallbackData
from structlog.testing import capture_logs

import locales
from handlers.rewards.callbacks import Browse
from locales import texts_for
from locales.texts import LANGUAGES
from storage.database import Database
from tests.kit.chat import Person, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.registry import UNKNOWN, World, buttons, commands, forms, links, roles

MEMBERS = ("customer", "member", "cashier", "marketer", "owner", "operator")
EVERYBODY = ("newcomer", *MEMBERS)
CLIENTS = ("en", "zh-hans", "zh-hant")
STAFFS = {"cashier": {"staff", "sell"}, "marketer": {"staff", "broadcast"}, "owner": {"staff", "sell", "broadcast"}}


class Walk:
    """One kind of person in one world. What went wrong is gathered, so that one run tells of everything."""

    def __init__(self, world: World, kind: str) -> None:
        self.world, self.chat, self.kind = world, world.chat, kind
        self.friends = world.friends
        groups = self.chat.telegram.groups
        self.forum = groups.upgrade(self.chat.group("Neighbours", *world.people.values())).id
        groups.open_forum(self.forum)
        self.topic = groups.add_topic(self.forum, "Coffee")
        self.faults: list[str] = []
        self.steps = 0

    async def person(self) -> Person:
        """Somebody new each time where it is a newcomer who walks."""
        if self.kind != "newcomer":
            return self.world.people[self.kind]
        self.steps += 1
        person = self.chat.member("Nia", language=CLIENTS[self.steps % len(CLIENTS)])
        for chat_id in (self.friends, self.forum):
            self.chat.telegram.groups.add(chat_id, person.id)
        await self.chat.settle()
        return person

    async def says(self, text: str, *, where: str = "private", person: Person | None = None) -> str:
        """What is answered in the place where it was said."""
        person = person or await self.person()
        chat_id = {"private": person.id, "group": self.friends, "topic": self.forum}[where]
        before = max((message["message_id"] for message in self.chat.messages(chat_id)), default=0)

        async def say() -> None:
            self.chat.telegram.people.say(
                person.id, text, chat_id=chat_id, topic=self.topic if where == "topic" else None
            )
            await self.chat.settle()

        await self._step(f"{self.kind} says {text!r} in {where}", say)
        new = [message for message in self.chat.messages(chat_id) if message["message_id"] > before]
        if not new:
            self.faults.append(f"{self.kind} says {text!r} in {where}: silence")
        if where == "topic" and any(message.get("message_thread_id") != self.topic for message in new):
            self.faults.append(f"{self.kind} says {text!r} in a topic and is answered elsewhere")
        return "\n".join(map(said, new))

    async def taps(self, button: type[CallbackData]) -> None:
        person, data = await self.person(), self.world.data(button)
        on = self.world.posted if self.kind == "newcomer" else self.chat.last_message(person.id)

        async def tap() -> None:
            tapped = self.chat.telegram.people.forge(person.id, on["message_id"], data, chat_id=on["chat"]["id"])
            await self.chat.settle()
            if tapped.answer is None:
                self.faults.append(f"{self.kind} taps {data!r}: the tap was not answered")

        await self._step(f"{self.kind} taps {data!r}", tap)

    def was_fine(self) -> None:
        assert not self.faults, "\n".join(self.faults)

    async def _step(self, what: str, step: Callable[[], Awaitable[None]]) -> None:
        with capture_logs() as lines:
            await step()
        self.faults += [f"{what}: {line}" for line in lines if line["log_level"] in ("warning", "error", "critical")]


def phrases() -> list[tuple[str, str]]:
    """What people say, labels of buttons in each language among it, and the command that they mean by it."""
    source = Path(locales.__file__).with_name("wishes.toml").read_text(encoding="utf-8")
    return [
        (phrase, line.partition(" ")[0])
        for line, entry in tomllib.loads(source).items()
        for phrase in (
            *entry.get("words", ()),
            *entry.get("whole", ()),
            *(texts_for(code)(label) for label in entry.get("labels", ()) for code in LANGUAGES),
        )
    ]


async def opened(database: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[World]:
    chat = await open_chat(database, clock, random)
    world = World(chat)
    await world.open()
    yield world
    await chat.app.intake.close()


@pytest.fixture
async def world(sqlite: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[World]:
    async for world in opened(sqlite, clock, random):
        yield world


@pytest.fixture
async def postgres_world(postgres: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[World]:
    async for world in opened(postgres, clock, random):
        yield world


def is_for(kind: str, to: str | type[CallbackData]) -> bool:
    mine = {"member", *STAFFS.get(kind, ()), *({"operator"} if kind == "operator" else ())}
    return bool(roles(to) & mine)


def test_there_is_something_to_walk() -> None:
    assert {"start", "points", "till", "admin"} <= set(commands())
    assert {"r", "g", "v"} <= set(links())
    assert len(buttons()) > 250
    assert len(forms()) > 20
    assert len(phrases()) > 150


@pytest.mark.parametrize("kind", EVERYBODY)
async def test_everything_that_people_wish_for_in_their_own_words(world: World, kind: str) -> None:
    walk = Walk(world, kind)
    known = set(commands())
    for phrase, command in phrases():
        answer = await walk.says(phrase)
        if command not in known:
            walk.faults.append(f"{phrase!r} means /{command}, which nobody answers")
        elif answer.startswith(UNKNOWN) and is_for(kind, command):
            walk.faults.append(f"{kind} says {phrase!r}: not understood")
    walk.was_fine()


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
async def test_everything_that_people_wish_for_in_each_language(world: World, language: str) -> None:
    walk = Walk(world, "member")
    person = world.chat.member("Nia", language=language)
    home = said(await person.says("/start"))
    world.people["member"] = person
    unknown = (await walk.says("qwertz"))[:6]
    for phrase, command in phrases():
        answer = await walk.says(phrase)
        if answer.startswith(unknown) and is_for("member", command):
            walk.faults.append(f"{phrase!r} is not understood in {language}")
    assert home not in unknown
    walk.was_fine()


@pytest.mark.parametrize("kind", EVERYBODY)
async def test_every_command_however_and_wherever_it_is_typed(world: World, kind: str) -> None:
    walk = Walk(world, kind)
    for command in commands():
        with_words = [f"/{command} {world.arguments[command]}"] if command in world.arguments else []
        for typed in (f"/{command}", f"/{command.upper()}@Perkchat_bot", *with_words, f"/{command} ☃ 1"):
            answer = await walk.says(typed)
            if answer.startswith(UNKNOWN) and kind != "newcomer" and is_for(kind, command):
                walk.faults.append(f"{kind} says {typed!r}: not understood")
        await walk.says(f"/{command}", where="group")
        await walk.says(f"/{command.title()}@perkchat_bot", where="topic")
    walk.was_fine()


@pytest.mark.parametrize("kind", EVERYBODY)
async def test_every_link_into_the_chat(world: World, kind: str) -> None:
    walk = Walk(world, kind)
    for prefix in links():
        made_up = (f"{prefix}_{rest}".rstrip("_") for rest in ("", "0", str(2**64), "x-y_z"))
        for payload in (world.link(prefix), *made_up):
            await walk.says(f"/start {payload}")
        await walk.says(f"/start@perkchat_bot {world.link(prefix)}", where="group")
    walk.was_fine()


@pytest.mark.parametrize("kind", EVERYBODY)
async def test_every_button(world: World, kind: str) -> None:
    walk = Walk(world, kind)
    for button in buttons():
        await walk.taps(button)
    walk.was_fine()


@pytest.mark.parametrize("kind", MEMBERS)
async def test_every_form(world: World, kind: str) -> None:
    walk = Walk(world, kind)
    person = await walk.person()
    form = world.chat.app.router.form(world.chat.app.bot, person.id, person.id)
    for state in forms():
        for typed in ("12", "☃", "31.12.", "/points"):
            await form.set_state(state)
            await form.set_data({**world.samples, "role": "cashier", "wanted": Browse().pack()})
            await walk.says(typed, person=person)
        await form.clear()
    walk.was_fine()


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["customer", "owner", "operator"])
async def test_every_button_on_the_other_database(postgres_world: World, kind: str) -> None:
    walk = Walk(postgres_world, kind)
    for button in buttons():
        await walk.taps(button)
    walk.was_fine()
