"""Who may use a handler. A handler names its role with the flag `role`; without one it is for members."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.dispatcher.flags import get_flag
from aiogram.types import TelegramObject

Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class RoleMiddleware(BaseMiddleware):
    """To everybody else such a handler does not exist: they get the answer to an unknown command."""

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not allowed(get_flag(data, "role"), data):
            raise SkipHandler
        return await handler(event, data)


def allowed(role: str | None, data: dict[str, Any]) -> bool:
    """`role`: None | staff (of any merchant) | operator. At which merchant, the use case checks."""
    match role:
        case None:
            return True
        case "operator":
            return bool(data.get("is_operator"))
        case "staff":
            return bool(data.get("posts"))
        case _:
            return False
