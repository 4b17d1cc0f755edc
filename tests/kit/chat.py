"""Conversations as tests read them: people say and tap, and see what the bot answers.

The dispatcher, the handlers, the rules and the database are the real ones; Telegram is the sandbox's world without its
server, with all its strictness: an unknown method, a field too many or a callback left unanswered fails the test.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile

from bot.app import ASKED_FOR, App, Overrides, build_app
from bot.intake import Intake
from bot.pace import Pace
from bot.settings import Settings
from loyalty.codes import Random
from loyalty.live_cards import REST_INLINE
from loyalty.members import Member
from loyalty.programme import Programme
from sandbox import LimitSettings, Telegram
from sandbox.errors import ApiError
from storage.database import Database
from tests.kit.clock import FrozenClock

TOKEN = "42:SANDBOX"
OPERATOR_ID = 9_000
Message = dict[str, Any]


class BoxSession(BaseSession):
    """aiogram's way into the sandbox's world, without a network."""

    def __init__(self, telegram: Telegram) -> None:
        super().__init__()
        self.telegram = telegram

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        files: dict[str, InputFile] = {}
        params = {
            name: prepared
            for name, value in method.model_dump(warnings=False).items()
            if (prepared := self.prepare_value(value, bot=bot, files=files))
        }
        uploads = {
            name: (file.filename or name, b"".join([chunk async for chunk in file.read(bot)]))
            for name, file in files.items()
        }
        try:
            answer: Mapping[str, Any] = {
                "ok": True,
                "result": self.telegram.call(method.__api_method__, params, uploads),
            }
            status = 200
        except ApiError as error:
            answer = {"ok": False, "error_code": error.code, "description": error.description}
            answer = {**answer, "parameters": error.parameters} if error.parameters else answer
            status = error.code
        response = self.check_response(bot, method, status, json.dumps(answer))
        return cast(TelegramType, response.result)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        file = self.telegram.world.files.at_path(url.rsplit(f"{TOKEN}/", 1)[-1])
        assert file is not None, url
        yield file.content

    async def close(self) -> None:
        """Nothing is open."""


class Person:
    """Somebody with a phone."""

    def __init__(self, chat: Chat, user_id: int, name: str) -> None:
        self.chat, self.id, self.name = chat, user_id, name
        self.toast: str | None = None
        self.alert: str | None = None
        self.opened_url: str | None = None

    async def says(self, text: str, *, in_chat: int | None = None) -> Message:
        """Sends a text and answers with what the bot said last in that chat."""
        self.chat.telegram.people.say(self.id, text, chat_id=in_chat)
        await self.chat.settle()
        return self.chat.last_message(in_chat or self.id)

    async def edits(self, text: str) -> Message:
        """Rewrites what they said last in their own chat, and answers with what the bot said last there."""
        mine = [m for m in self.chat.telegram.world.chats[self.id].view()["messages"] if m["from"]["id"] == self.id]
        self.chat.telegram.people.edit(self.id, mine[-1]["message_id"], text)
        await self.chat.settle()
        return self.chat.last_message(self.id)

    async def sends(self, kind: str, *args: Any, **kwargs: Any) -> Message:
        """Sends something else: photo, document, sticker, voice, location, contact."""
        getattr(self.chat.telegram.people, f"send_{kind}")(self.id, *args, **kwargs)
        await self.chat.settle()
        return self.chat.last_message(self.id)

    async def taps(self, label: str, *, on: Message | None = None, times: int = 1) -> Message:
        """Taps the button whose label contains `label`, on the last message or on `on`; each tap must be answered."""
        message = on or self.chat.last_message(self.id)
        button = find_button(message, label)
        if "callback_data" not in button:
            assert "url" in button, f"{label!r} neither asks the bot nor leads anywhere"
            return await self.opens(button["url"])
        return await self.taps_data(button["callback_data"], on=message, times=times)

    async def taps_data(self, data: str, *, on: Message | None = None, times: int = 1) -> Message:
        """Sends callback data as it is: an old button, or one made up."""
        message = on or self.chat.last_message(self.id)
        in_chat = message["chat"]["id"]
        taps = [
            self.chat.telegram.people.forge(self.id, message["message_id"], data, chat_id=in_chat) for _ in range(times)
        ]
        await self.chat.settle()
        for tap in taps:
            answer = tap.answer
            assert answer is not None, f"{self.name}'s tap on {data!r} was not answered"
            self.alert = answer.text if answer.show_alert else None
            self.toast = answer.text or None
            self.opened_url = answer.url
        return self.chat.last_message(in_chat)

    async def opens(self, url: str) -> Message:
        """Follows a deep link into the bot."""
        self.chat.telegram.people.open_link(self.id, url)
        await self.chat.settle()
        return self.chat.last_message(self.id)

    async def shares(self, query: str, *, into: int) -> Message:
        """Types the inline query in a chat and picks the first result."""
        asked = self.chat.telegram.people.inline_query(self.id, query, chat_id=into)
        await self.chat.settle()
        answer = asked.answer
        assert answer is not None, f"{query!r} was not answered"
        assert answer.results, f"no results for {query!r}"
        sent = self.chat.telegram.people.choose_inline(self.id, asked.id, answer.results[0]["id"], chat_id=into)
        await self.chat.settle()
        return sent

    def sees(self, *texts: str) -> Message:
        """The last message of the private chat says all of this."""
        message = self.chat.last_message(self.id)
        for text in texts:
            assert text in said(message), f"{self.name} does not see {text!r} but:\n{said(message)}"
        return message

    def has_seen(self, text: str) -> Message:
        """Some message of the private chat says this."""
        for message in reversed(self.chat.messages(self.id)):
            if text in said(message):
                return message
        everything = "\n---\n".join(said(message) for message in self.chat.messages(self.id))
        raise AssertionError(f"{self.name} has not seen {text!r} but:\n{everything}")

    def has_not_seen(self, text: str) -> None:
        assert all(text not in said(message) for message in self.chat.messages(self.id)), text

    async def member(self) -> Member:
        """What the club knows of this person."""
        from bot.middlewares.member import address_of

        speaker = await self.chat.run(self.chat.club.members.speaker, address_of(self.id))
        assert speaker is not None, f"{self.name} is no member yet"
        return speaker.member

    async def earns(self, points: int) -> None:
        """The operator gives points, as a purchase would."""
        member = await self.member()
        key = f"test:{self.id}:{points}:{self.chat.clock.seconds()}"
        await self.chat.run(self.chat.club.operators.adjust, member.id, points, "test", key=key, actor="test")

    async def balance(self) -> int:
        member = await self.member()
        return (await self.chat.run(self.chat.club.points.balance, member.id)).available


@dataclass(slots=True)
class CourierAtWork:
    chat: Chat

    async def delivers(self) -> int:
        """Sends everything that is due."""
        whole = 0
        while sent := await self.chat.app.courier.deliver():
            whole += sent
        return whole


@dataclass(slots=True)
class PainterAtWork:
    chat: Chat

    async def draws(self) -> int:
        """Live cards rest a few seconds between two drawings; those pass, and everything that is due is drawn."""
        self.chat.clock.advance(seconds=REST_INLINE.total_seconds())
        whole = 0
        while drawn := await self.chat.app.painter.draw():
            whole += drawn
        return whole


@dataclass(slots=True)
class TimetableAtWork:
    chat: Chat

    async def works(self, *names: str) -> None:
        """Runs the named lines, or all of them, as if their time had come."""
        for line in self.chat.app.timetable.lines:
            if not names or line.name in names:
                await self.chat.app.timetable.work(line)


class Chat:
    """The club and the people in it. Made by the fixture `chat`."""

    def __init__(self, app: App, telegram: Telegram, clock: FrozenClock) -> None:
        self.app, self.telegram, self.clock = app, telegram, clock
        self.club, self.run = app.club, app.database.run
        self.courier, self.timetable = CourierAtWork(self), TimetableAtWork(self)
        self.painter = PainterAtWork(self)

    def member(
        self, name: str, *, language: str = "en", user_id: int | None = None, first_name: str | None = None
    ) -> Person:
        """Somebody whose first name in Telegram is `first_name`, or without one what stands before the first blank."""
        first, _, last = name.partition(" ")
        if first_name is not None or not first:
            first, last = first_name or name, ""
        person = self.telegram.people.add_person(first, last_name=last, language_code=language, user_id=user_id)
        return Person(self, person.id, name)

    def members(self, *names: str, language: str = "en") -> list[Person]:
        return [self.member(name, language=language) for name in names]

    def operator(self, name: str = "Olga", *, language: str = "en") -> Person:
        return self.member(name, language=language, user_id=OPERATOR_ID)

    def group(self, title: str, *people: Person) -> int:
        """A group chat with the bot in it; answers its id."""
        return self.telegram.groups.create(title, [person.id for person in people]).id

    def wait_with(self, sleep: Callable[[float], Awaitable[None]]) -> Intake:
        """From now on the intake waits by `sleep`, which gets the seconds between two tries."""
        app = self.app
        app.intake = Intake(
            app.bot,
            app.dispatcher,
            app.units,
            app.database.run,
            app.clock,
            allowed_updates=ASKED_FOR,
            language=app.settings.language,
            sleep=sleep,
        )
        return app.intake

    async def settle(self) -> None:
        """Everything that people did is handled."""
        while raw := self.telegram.updates.take():
            await self.app.intake.take(raw)
            await self.app.intake.idle()
            self.telegram.updates.confirm(raw[-1]["update_id"] + 1)

    def messages(self, chat_id: int) -> list[Message]:
        """What the bot said in a chat, as it stands now."""
        chat = self.telegram.world.chats[chat_id]
        return [m for m in chat.view()["messages"] if m.get("from", {}).get("is_bot") or m.get("via_bot")]

    def last_message(self, chat_id: int) -> Message:
        messages = self.messages(chat_id)
        assert messages, "the bot has not said anything there"
        return messages[-1]


def said(message: Message) -> str:
    return str(message.get("text") or message.get("caption") or "")


def labels(message: Message) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def find_button(message: Message, label: str) -> dict[str, Any]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    found = [button for row in rows for button in row if label in button["text"]]
    exact = [button for button in found if button["text"] == label]
    assert found, f"no button {label!r} among {labels(message)} under:\n{said(message)}"
    return dict((exact or found)[0])


async def open_chat(
    database: Database,
    clock: FrozenClock,
    random: Random,
    *,
    programme: Programme | None = None,
    limits: LimitSettings | None = None,
    pace: Pace | None = None,
    redis_url: str = "",
    telegram: Telegram | None = None,
) -> Chat:
    telegram = telegram or Telegram(
        TOKEN,
        "perkchat_bot",
        "Perkchat",
        clock=clock.seconds,
        limits=limits or LimitSettings(enabled=False),
    )
    session = BoxSession(telegram)
    settings = Settings.load(
        _env_file=None,
        bot_token=TOKEN,
        database_url="sqlite:///unused.db",
        redis_url=redis_url,
        admin_ids=frozenset({OPERATOR_ID}),
    )
    app = await build_app(
        settings,
        Overrides(
            clock=clock,
            random=random,
            bot=Bot(TOKEN, session=session),
            courier_bot=Bot(TOKEN, session=session),
            database=database,
            programme=programme,
            pace=pace or Pace(1_000_000, chat_gap=0, now=clock.seconds),
        ),
    )
    return Chat(app, telegram, clock)
