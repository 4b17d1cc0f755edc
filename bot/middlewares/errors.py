"""Turns refusals into words. What nobody foresaw gets an apology with an incident id, and goes on to the intake."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import CancelHandler, SkipHandler
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import CallbackQuery, Message, TelegramObject
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from handlers.refusals import words
from handlers.reply import TOAST_MAX, toast
from handlers.screens import plain
from locales import texts_for
from locales.texts import Texts
from loyalty.errors import Refusal
from loyalty.members import Language, Member, language_for

log = structlog.get_logger()
# Refusals of an answer for which nobody is there: the chat is closed to us, or the question is forgotten.
NOBODY = (
    "chat not found",
    "group chat was deactivated",
    "not enough rights",
    "have no rights to send",
    "CHAT_WRITE_FORBIDDEN",
    "TOPIC_CLOSED",
    "TOPIC_DELETED",
    "message thread not found",
    "query is too old",
    "MESSAGE_ID_INVALID",
)
Next = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Incident(Exception):
    """Something failed that no rule foresaw. `is_passing`: a part of the house was away; trying again will do."""

    def __init__(self, number: str, *, is_passing: bool) -> None:
        super().__init__(number)
        self.number, self.is_passing = number, is_passing


def new_incident(error: BaseException) -> Incident:
    """With a number of its own, by which the log is searched."""
    return Incident(secrets.token_hex(3).upper(), is_passing=is_passing(error))


def is_passing(error: BaseException) -> bool:
    """Whether the database or the Bot API was away, as opposed to a defect of ours."""
    if isinstance(error, DBAPIError):
        return isinstance(error, OperationalError) or error.connection_invalidated
    return isinstance(error, PoolTimeout | TelegramNetworkError | TelegramServerError | TelegramRetryAfter | OSError)


def is_in_vain(error: BaseException) -> bool:
    """Whether whoever spoke cannot be answered: they have blocked the bot, or thrown it out of the group, since."""
    if isinstance(error, TelegramBadRequest):
        return any(words in error.message for words in NOBODY)
    return isinstance(error, TelegramForbiddenError)


class ErrorsMiddleware(BaseMiddleware):
    def __init__(self, language: Language) -> None:
        self._language = language

    async def __call__(self, handler: Next, event: TelegramObject, data: dict[str, Any]) -> Any:
        try:
            return await handler(event, data)
        except Refusal as refusal:
            member: Member | None = data.get("member")
            texts: Texts = data.get("texts") or self._texts(event)
            try:
                await tell(event, words(texts, refusal, member.zone if member else ZoneInfo("UTC")))
            except TelegramAPIError as error:
                if not is_in_vain(error):
                    raise
            return None
        except (SkipHandler, CancelHandler):
            raise
        except Exception as error:
            if is_in_vain(error):
                # What they wished is done; it is no defect that they do not hear of it.
                log.info("nobody to answer", error=type(error).__name__)
                if isinstance(event, CallbackQuery):
                    with suppress(TelegramAPIError, OSError):
                        await event.answer()
                return None
            incident = new_incident(error)
            if incident.is_passing:
                # Each try would write the same traceback, for everybody who waits.
                log.warning("incident", incident=incident.number, error=f"{type(error).__name__}: {error}")
            else:
                log.exception("incident", incident=incident.number)
            if data.get("attempt", 1) == 1:
                texts = data.get("texts") or self._texts(event)
                with suppress(TelegramAPIError, OSError):
                    # Only the intake says which attempt this is: without it nobody keeps the update.
                    await tell(event, apology(texts, incident, is_kept="attempt" in data, contact=_contact(data)))
            raise incident from error

    def _texts(self, event: TelegramObject) -> Texts:
        user = getattr(event, "from_user", None)
        return texts_for(language_for(user.language_code if user else None, self._language))


def apology(texts: Texts, incident: Incident, *, is_kept: bool = True, contact: str = "") -> str:
    """`is_kept`: the update will be tried again. `contact`: where people reach whoever runs the club."""
    if incident.is_passing and not is_kept:
        return texts(
            "Sorry, something on our side is taking a break. Please try again in a minute. ({incident})",
            incident=incident.number,
        )
    if incident.is_passing:
        return texts(
            "Sorry, something on our side is taking a break. Your message is kept and will be answered. ({incident})",
            incident=incident.number,
        )
    if contact:
        return texts(
            "Sorry, that went wrong on our side. Nothing was lost. If it happens again, write to {contact} and name "
            "this number: {incident}",
            contact=contact,
            incident=incident.number,
        )
    return texts(
        "Sorry, that went wrong on our side. Nothing was lost. If it happens again, tell the staff of a shop this "
        "number: {incident}",
        incident=incident.number,
    )


def _contact(data: dict[str, Any]) -> str:
    club = data.get("club")
    return club.programme.contact if club is not None else ""


async def tell(event: TelegramObject, said: str) -> None:
    """An alert for a tap, a message for a message."""
    match event:
        case CallbackQuery() if len(plain(said)) <= TOAST_MAX:
            await toast(event, said, alert=True)
        case CallbackQuery():
            await event.answer()
            if event.bot is not None:
                await event.bot.send_message(event.from_user.id, said, parse_mode="HTML")
        case Message():
            await event.answer(said, parse_mode="HTML")
        case _:
            pass
