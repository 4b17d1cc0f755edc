"""The courier's road to Telegram: a message without files goes as JSON, and of the answer to it only the number of the
message is read. aiogram's road costs about three times as much: a form, and a model of everything that Telegram repeats
about a message which we have just written ourselves.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, cast

from aiogram import Bot
from aiogram.client.default import Default
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardMarkup, Message
from aiohttp import ClientError, ClientTimeout

from bot.telegram import Session

LEAN = frozenset({"sendMessage", "sendPhoto", "editMessageText"})
PLAIN = (str, int, float)
HEADERS = {"Content-Type": "application/json"}
_SENT = Message.model_validate({"message_id": 0, "date": 0, "chat": {"id": 0, "type": "private"}})


class LeanSession(Session):
    """Of a message that it sent only `message_id` is told; that is enough for who sends much and looks at nothing.

    What carries a file, is another method or has not gone well takes aiogram's road, so that errors are the same.
    """

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> TelegramType:
        body = encoded(bot, method) if method.__api_method__ in LEAN else None
        if body is None:
            return await super().make_request(bot, method, timeout)
        session = await self.create_session()
        try:
            async with session.post(
                self.api.api_url(bot.token, method.__api_method__),
                data=body,
                headers=HEADERS,
                timeout=ClientTimeout(self.timeout if timeout is None else timeout),
            ) as answer:
                status, content = answer.status, await answer.read()
        except TimeoutError as error:
            raise TelegramNetworkError(method, "Request timeout error") from error
        except ClientError as error:
            raise TelegramNetworkError(method, f"{type(error).__name__}: {error}") from error
        if status == HTTPStatus.OK and (number := message_id(content)) is not None:
            return cast(TelegramType, _SENT.model_copy(update={"message_id": number}))
        text = content.decode(errors="replace")
        return cast(TelegramType, self.check_response(bot, method, status, text).result)


def encoded(bot: Bot, method: TelegramMethod[Any]) -> bytes | None:
    """The method as JSON; None when something in it is more than words, numbers and buttons."""
    fields: dict[str, Any] = {}
    for name, value in method.__dict__.items():
        given = bot.default[value.name] if isinstance(value, Default) else value
        if given is None:
            continue
        if isinstance(given, InlineKeyboardMarkup):
            fields[name] = given.model_dump(exclude_none=True)
        elif isinstance(given, PLAIN):
            fields[name] = given
        else:
            return None
    return json.dumps(fields).encode()


def message_id(content: bytes) -> int | None:
    """The number of the message that was sent or edited; None when the answer says anything else."""
    try:
        answer = json.loads(content)
    except ValueError:
        return None
    result = answer.get("result") if isinstance(answer, dict) and answer.get("ok") is True else None
    number = result.get("message_id") if isinstance(result, dict) else None
    return number if isinstance(number, int) else None
