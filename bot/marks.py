"""The club's manners in somebody else's bot: its buttons carry a mark, and the host's command menu stays the host's.

Callback data such as "help" or "home" may well be the host's too. So whatever the club sends as a guest is marked on
its way out, and only what comes back with the mark is taken for the club's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, TypeVar, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.methods import AnswerInlineQuery, Response, SetMyCommands, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from pydantic import BaseModel

from bot.telegram import Patience

MARK = "pk~"
Sent = TypeVar("Sent", bound=BaseModel)


def marked(data: str) -> str:
    return data if data.startswith(MARK) else MARK + data


def unmarked(data: str | None) -> str | None:
    """What the club wrote; None if it was not the club."""
    return data.removeprefix(MARK) if data is not None and data.startswith(MARK) else None


class Manners(BaseRequestMiddleware):
    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        if isinstance(method, SetMyCommands):
            return cast(Response[TelegramType], True)  # the declared result of the method
        return await make_request(bot, _with_marks(method))


class GuestSession(BaseSession):
    """The host's way to Telegram, with its connections, proxy and middlewares. Closing it closes nothing."""

    def __init__(self, host: BaseSession, *, is_patient: bool = True) -> None:
        super().__init__(api=host.api, json_loads=host.json_loads, json_dumps=host.json_dumps, timeout=host.timeout)
        self._host = host
        self.middleware(Manners())
        if is_patient:
            self.middleware(Patience())

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109
    ) -> TelegramType:
        return await self._host(bot, method, timeout=timeout)

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,  # noqa: ASYNC109 - aiogram's signature
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        async for chunk in self._host.stream_content(url, headers, timeout, chunk_size, raise_for_status):
            yield chunk

    async def close(self) -> None:
        """The host closes what is the host's."""


def _with_marks(method: Sent) -> Sent:
    if isinstance(method, AnswerInlineQuery):
        return method.model_copy(update={"results": [_on_keyboard(result) for result in method.results]})
    return _on_keyboard(method)


def _on_keyboard(sent: Sent) -> Sent:
    markup = getattr(sent, "reply_markup", None)
    if not isinstance(markup, InlineKeyboardMarkup):
        return sent
    return sent.model_copy(update={"reply_markup": _keyboard(markup)})


def _keyboard(markup: InlineKeyboardMarkup) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[_button(button) for button in row] for row in markup.inline_keyboard])


def _button(button: InlineKeyboardButton) -> InlineKeyboardButton:
    changes: dict[str, Any] = {
        name: marked(said)
        for name in ("callback_data", "switch_inline_query", "switch_inline_query_current_chat")
        if (said := getattr(button, name)) is not None
    }
    if (chosen := button.switch_inline_query_chosen_chat) is not None:
        changes["switch_inline_query_chosen_chat"] = chosen.model_copy(update={"query": marked(chosen.query or "")})
    return button.model_copy(update=changes) if changes else button
