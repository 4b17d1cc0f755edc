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
from handlers.roles import MEMBER, OPERATOR, STAFF
from loyalty.errors import NotAllowed
from loyalty.merchants import Post, Right, may

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


def allowed(role: str | None, posts: Sequence[Post], *, is_operator: bool) -> bool:
    """Whether somebody with these posts may use a handler of this role. At which shop, the use case checks."""
    if role == MEMBER["role"]:
        return True
    if role == OPERATOR["role"]:
        return is_operator
    if role == STAFF["role"]:
        return bool(posts)
    return role in set(Right) and may(posts, Right(role))
