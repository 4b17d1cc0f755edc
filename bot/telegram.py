"""The way to Telegram: sessions that wait when they are told to, and reading updates as they came."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    GetUpdates,
    Response,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import InputMediaPhoto, Message
from aiohttp import ClientError, ClientTimeout
from pydantic import ValidationError
from yarl import URL

from bot import reading
from bot.places import given_back, note_wait
from bot.settings import Settings

log = structlog.get_logger()
WAITS = (0.3, 1, 2, 4, 8)  # seconds between tries when the Bot API does not answer
ROUNDS = 5  # so often a call is made again when its time has come, as Telegram had said
ASKED_AFTER = 2  # tries of one call that failed: is it the Bot API that is away, or this call alone?
PROBE_S = 10
CALLS = 200  # that may be under way at the same time
KNOWN = ("message is not modified", "chat not found", "can't parse entities")  # no other way would mend these
UPDATE_ID = re.compile(r'"update_id"\s*:\s*(-?\d{1,19})(?!\d)')


class RawUpdates(GetUpdates):
    """getUpdates without parsing: what is stored is what Telegram said. One that is no JSON comes as the text it is."""

    __returning__ = list[Any]


class Probe(TelegramMethod[Any]):
    """Asks whether the Bot API is there at all, and is not repeated."""

    __returning__ = Any
    __api_method__ = "getMe"


async def is_up(ask: Callable[[Probe], Awaitable[Any]]) -> bool:
    try:
        await asyncio.wait_for(ask(Probe()), PROBE_S)
    except TelegramRetryAfter:
        return True
    except (TelegramNetworkError, TelegramServerError, TimeoutError, OSError):
        return False
    except TelegramAPIError:
        return True
    return True


class Patience(BaseRequestMiddleware):
    """For direct answers: waits out `retry_after` and a Bot API that is away, without holding a place.

    A send whose outcome is unknown is sent again: to somebody who waits, twice is better than never. A call that fails
    while the Bot API answers others is made in another way, where there is one: a picture's words without the picture,
    a new message in the place of an edit.
    """

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        if isinstance(method, GetUpdates | Probe):
            return await make_request(bot, method)
        async with given_back():
            return await self._call(make_request, bot, method)

    async def _call(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        failures = rounds = 0
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                rounds += 1
                if rounds > ROUNDS:
                    raise
                note_wait()
                await self._sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError) as error:
                failures += 1
                if failures > len(WAITS):
                    raise
                if failures > ASKED_AFTER and await is_up(lambda probe: make_request(bot, cast(Any, probe))):
                    other = another_way(method)
                    if other is None:
                        raise
                    return await self._otherwise(make_request, bot, method, other, error)
                wait = WAITS[failures - 1]
                log.warning("bot api away", method=method.__api_method__, wait=wait, error=type(error).__name__)
                note_wait()
                await self._sleep(wait)
            except TelegramBadRequest as error:
                if isinstance(method, AnswerCallbackQuery) and "query is too old" in error.message:
                    # The toast came too late; whatever the tap did stands. The declared result of the method is True.
                    return cast(Response[TelegramType], True)
                other = None if isinstance(method, AnswerCallbackQuery) else another_way(method)
                if other is None or any(words in error.message for words in KNOWN):
                    raise
                return await self._otherwise(make_request, bot, method, other, error)

    async def _otherwise(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
        other: TelegramMethod[Any] | bool,
        error: TelegramAPIError,
    ) -> Response[TelegramType]:
        log.warning("a call that fails for good", method=method.__api_method__, error=type(error).__name__)
        if isinstance(other, bool):
            return cast(Response[TelegramType], other)
        return await self._call(cast(Any, make_request), bot, other)


def another_way(method: TelegramMethod[Any]) -> TelegramMethod[Any] | bool | None:
    """What says the same in another way, True where one can do without; None where there is nothing of the kind."""
    match method:
        case SendPhoto(caption=str(said)):
            return SendMessage(
                chat_id=method.chat_id,
                message_thread_id=method.message_thread_id,
                text=said,
                parse_mode=method.parse_mode,
                reply_markup=method.reply_markup,
            )
        case EditMessageMedia(chat_id=int() | str() as chat_id, media=InputMediaPhoto(caption=str(said)) as media):
            return SendMessage(
                chat_id=chat_id, text=said, parse_mode=media.parse_mode, reply_markup=method.reply_markup
            )
        case EditMessageText(chat_id=int() | str() as chat_id, text=str(said)):
            return SendMessage(
                chat_id=chat_id, text=said, parse_mode=method.parse_mode, reply_markup=method.reply_markup
            )
        case EditMessageReplyMarkup() | AnswerCallbackQuery():
            return True
        case _:
            return None


# aiogram makes these models for each answer, and pydantic keeps generated ones only as long as somebody holds them:
# building them anew after garbage collections was a fifth of the main thread's samples in a profile.
HELD = (Response[Message], Response[Message | bool], Response[bool], Response[list[Any]])


class Session(AiohttpSession):
    """Knows an ailing Bot API by its status: what a proxy says in its place is often no JSON."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        if isinstance(method, RawUpdates):
            return cast(TelegramType, await self._updates(bot, method, timeout))
        return await super().make_request(bot, method, timeout)

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        if status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TelegramServerError(method, f"{status_code}: {content[:200]}")
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            if not isinstance(error.original, ValidationError):
                raise TelegramServerError(method, f"{status_code}, and no JSON: {content[:200]}") from error
            sent = _sent(error.data, bot) if method.__returning__ is Message else None
            if sent is None:
                raise  # it was done, we just do not understand the answer
            return cast(Response[TelegramType], Response[Message](ok=True, result=sent))

    async def _updates(self, bot: Bot, method: RawUpdates, within: float | None) -> list[Any]:
        """One update that cannot be decoded does not hide the others of its batch."""
        session = await self.create_session()
        try:
            async with session.post(
                URL(self.api.api_url(bot.token, method.__api_method__)),
                json=method.model_dump(include={"offset", "limit", "timeout", "allowed_updates"}, exclude_none=True),
                timeout=ClientTimeout(within if within is not None else self.timeout),
            ) as answer:
                status, content = answer.status, (await answer.read()).decode(errors="replace")
        except TimeoutError as error:
            raise TelegramNetworkError(method, "Request timeout error") from error
        except ClientError as error:
            raise TelegramNetworkError(method, f"{type(error).__name__}: {error}") from error
        if status == HTTPStatus.OK and (found := updates_in(content)) is not None:
            return found
        return self.check_response(bot, method, status, content).result or []


def updates_in(content: str) -> list[Any] | None:
    """The updates of an answer to getUpdates. One that is no JSON, or is nested too deeply to be read, is the text that
    stands there. None if the answer is no list of updates."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return _torn(content)
    found = answer.get("result") if isinstance(answer, dict) and answer.get("ok") is True else None
    return found if isinstance(found, list) else None


def update_id_in(text: str) -> int | None:
    """The number of an update that is no JSON."""
    found = UPDATE_ID.search(text)
    return int(found[1]) if found else None


_LIST = re.compile(r'\s*\{\s*"ok"\s*:\s*true\s*,\s*"result"\s*:\s*\[')
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def _torn(content: str) -> list[Any] | None:
    """The objects of the list, each read by itself; found by counting brackets, however deep they are."""
    begins = _LIST.match(content)
    if begins is None:
        return None
    found: list[Any] = []
    depth = start = 0
    for mark in _MARKS.finditer(content, begins.end()):
        match mark[0]:
            case "{" | "[":
                if depth == 0:
                    start = mark.start()
                depth += 1
            case "}" | "]":
                depth -= 1
                if depth < 0:
                    break
                if depth == 0:
                    text = content[start : mark.end()]
                    try:
                        found.append(json.loads(text))
                    except (ValueError, RecursionError):
                        found.append(text)
    return found


def _sent(answer: Any, bot: Bot) -> Message | None:
    """A message as Telegram repeats it to us, read as leniently as one of a person; None if it is none."""
    said = reading.MESSAGE(answer.get("result")) if isinstance(answer, dict) and answer.get("ok") is True else None
    if not isinstance(said, dict):
        return None
    return Message.model_validate(
        {name: value for name, value in said.items() if value is not None}, context={"bot": bot}
    )


def make_bot(
    settings: Settings, session_class: type[Session] = Session, *, is_patient: bool = True, most_calls: int = CALLS
) -> Bot:
    """`most_calls` may be under way at the same time."""
    api = TelegramAPIServer.from_base(settings.telegram_api)
    session = session_class(api=api, limit=most_calls)
    if is_patient:
        session.middleware(Patience())
    return Bot(settings.bot_token.get_secret_value(), session=session)
