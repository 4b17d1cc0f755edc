"""The way to Telegram: sessions that wait when they are told to, and reading updates as they came."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import AnswerCallbackQuery, GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Message
from pydantic import ValidationError

from bot.settings import Settings

log = structlog.get_logger()
WAITS = (0.3, 1, 2, 4, 8)  # seconds between tries when the Bot API does not answer
RETRY_AFTER_MAX = 60
CALLS = 200  # that may be under way at the same time


class Patience(BaseRequestMiddleware):
    """For direct answers: waits out `retry_after` and a Bot API that is away.

    A send whose outcome is unknown is sent again: to somebody who waits, twice is better than never.
    """

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        for wait in (*WAITS, None):
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as error:
                if wait is None or error.retry_after > RETRY_AFTER_MAX:
                    raise
                await asyncio.sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError) as error:
                if wait is None or isinstance(method, GetUpdates):
                    raise
                log.warning("bot api away", method=method.__api_method__, wait=wait, error=str(error))
                await asyncio.sleep(wait)
            except TelegramBadRequest as error:
                if isinstance(method, AnswerCallbackQuery) and "query is too old" in error.message:
                    # The toast came too late; whatever the tap did stands. The declared result of the method is True.
                    return cast(Response[TelegramType], True)
                raise
        raise AssertionError("the last try returns or raises")


class RawUpdates(GetUpdates):
    """getUpdates without parsing: what is stored is what Telegram said."""

    __returning__ = list[dict[str, Any]]


# aiogram makes these models for each answer, and pydantic keeps generated ones only as long as somebody holds them:
# building them anew after garbage collections was a fifth of the main thread's samples in a profile.
HELD = (Response[Message], Response[Message | bool], Response[bool], Response[list[dict[str, Any]]])


class Session(AiohttpSession):
    """Knows an ailing Bot API by its status: what a proxy says in its place is often no JSON."""

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        if status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TelegramServerError(method, f"{status_code}: {content[:200]}")
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            if isinstance(error.original, ValidationError):
                raise  # it was done, we just do not understand the answer
            raise TelegramServerError(method, f"{status_code}, and no JSON: {content[:200]}") from error


def make_bot(
    settings: Settings, session_class: type[Session] = Session, *, is_patient: bool = True, most_calls: int = CALLS
) -> Bot:
    """`most_calls` may be under way at the same time."""
    api = TelegramAPIServer.from_base(settings.telegram_api)
    session = session_class(api=api, limit=most_calls)
    if is_patient:
        session.middleware(Patience())
    return Bot(settings.bot_token.get_secret_value(), session=session)
