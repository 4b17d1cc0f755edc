"""Who may use a handler. A handler names its role with the flag `role`; one that names none is for nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.dispatcher.flags import get_flag
from aiogram.fsm.context import FSMContext
from aiogram.types import Message, TelegramObject

from handlers.directory import command_of
from handlers.roles import OPERATOR, STAFF, allowed
from loyalty.errors import NotAllowed
from loyalty.merchants import Post

Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class RoleMiddleware(BaseMiddleware):
    """To members and guests the commands of others do not exist: they get the answer to an unknown one.

    Staff who lack a right are told whose it is, and so is whoever still has a button or an open form of the staff: it
    was their work a moment ago.
    """

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        role = get_flag(data, "role")
        posts: Sequence[Post] = data.get("posts", ())
        if allowed(role, posts, is_operator=bool(data.get("is_operator"))):
            return await handler(event, data)
        is_command = isinstance(event, Message) and command_of(event) is not None
        if role in (None, OPERATOR["role"]) or (is_command and not posts):
            raise SkipHandler
        state: FSMContext | None = data.get("state")
        if state is not None:
            await state.clear()  # the form of a till that somebody has left
        raise NotAllowed(role if posts else STAFF["role"])
