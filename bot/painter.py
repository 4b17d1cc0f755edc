"""The painter: draws live cards again as people join, each at most every few seconds, and never hits a flood limit.

Handlers only mark a card. The painter claims what is due, outcomes first, together with what each card is to show, and
edits. A chat without room does not hold the others up: its card is given back until there is room. A claimed card is
due again after a lease, so that a crash needs nobody to clear up after it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import InputMediaPhoto

from bot.middlewares.errors import is_passing
from bot.pace import GROUP_MOST, Pace
from handlers.group_buys.live_screens import live_card
from handlers.links import Links
from handlers.reply import Album, send_screen
from handlers.screens import Screen
from locales import texts_for
from loyalty.deliveries import Lane
from loyalty.errors import ClockJumped
from loyalty.live_cards import Drawing, Place
from loyalty.ports import Run
from loyalty.services.live_cards import LiveCardService

log = structlog.get_logger()

BATCH_S = 0.5
BATCH_MAX = 100
GROUP_REDRAWS = 15  # of a group's messages a minute; the others are left for answers and outcomes
RETRY_S = 5.0
AWAY_MAX_S = 60.0
IDLE_S = 0.25
UNCHANGED = "message is not modified"
NO_TEXT = "there is no text in the message to edit"
NO_PICTURES = ("not enough rights to send photos", "CHAT_SEND_PHOTOS_FORBIDDEN", "CHAT_SEND_MEDIA_FORBIDDEN")
NO_CHAT = ("chat not found", "group chat was deactivated", "CHANNEL_PRIVATE", "not enough rights")


class Painter:
    def __init__(
        self,
        bot: Bot,
        live_cards: LiveCardService,
        run: Run,
        pace: Pace,
        links: Links,
        album: Album,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot, self._live_cards, self._run = bot, live_cards, run
        self._pace, self._links, self._album, self._sleep = pace, links, album, sleep
        self._without_pictures: set[str] = set()  # chats that do not take them; asked again after a restart
        self._batch = max(1, min(BATCH_MAX, int(pace.per_second * BATCH_S)))
        self._misses = 0  # calls in a row that did not get through

    async def work(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                drawn = await self.draw()
            except ClockJumped:  # the clock has said so
                await self._sleep(RETRY_S)
                continue
            except Exception as error:
                if is_passing(error):
                    log.warning("the painter waits", error=str(error))
                else:
                    log.exception("the painter stumbled")
                await self._sleep(RETRY_S)
                continue
            if not drawn:
                await self._sleep(IDLE_S)

    async def draw(self) -> int:
        """One round; answers how many cards were taken, 0 when there was nothing to do."""
        if self._pace.pause_left(Lane.LIVE) > 0 or not await self._run(self._live_cards.is_any_due):
            return 0
        drawings = await self._run(self._live_cards.claim, self._batch)
        ahead, later = Counter[str](), list[tuple[Drawing, float]]()
        tasks: list[Coroutine[None, None, None]] = []
        for drawing in drawings:
            chat = _pace_key(drawing.card.place)
            wait = self._pace.room(chat, ahead=ahead[chat], most=_most(drawing))
            ahead[chat] += 1
            if wait > 0:
                later.append((drawing, wait))
            else:
                tasks.append(self._paint(drawing))
        if later:
            await self._run(self._live_cards.postpone, later)
        await asyncio.gather(*tasks)
        return len(drawings)

    async def _paint(self, drawing: Drawing) -> None:
        card = drawing.card
        try:
            screen = live_card(drawing.face, self._links, texts_for(card.language))
        except Exception:
            log.exception("a live card that cannot be written", card=card.id)
            await self._run(self._live_cards.lose, card, "unreadable")
            return
        wait = await self._pace.turn_if_room(_pace_key(card.place), Lane.LIVE, most=_most(drawing))
        if wait > 0:
            await self._postpone(drawing, wait)
            return
        try:
            with self._pace.under_way():
                message = await self._put(card.place, screen)
        except Exception as error:
            await self._failed(drawing, error)
            return
        self._misses = 0
        await self._run(self._live_cards.drawn, drawing, message)

    async def _put(self, place: Place, screen: Screen) -> str | None:
        """Edits the message, or sends the one that a chat with a new id needs: whoever stops between that and writing
        it down will send another. Answers the number of a new message."""
        if place.chat in self._without_pictures:
            screen = replace(screen, picture=None)
        try:
            if place.has_moved:
                topic = int(place.topic) if place.topic else None
                sent = await send_screen(self._bot, int(place.chat), screen, self._album, topic=topic)
                return str(sent.message_id)
            await self._edit(place, screen)
        except TelegramBadRequest as error:
            if screen.picture is not None and any(words in error.message for words in NO_PICTURES):
                self._without_pictures.add(place.chat)
                return await self._put(place, screen)
            if UNCHANGED not in error.message:
                raise
        return None

    async def _edit(self, place: Place, screen: Screen) -> None:
        where: dict[str, Any] = (
            {"inline_message_id": place.message}
            if place.is_inline
            else {"chat_id": int(place.chat), "message_id": int(place.message)}
        )
        said: dict[str, Any] = {"parse_mode": "HTML", "reply_markup": screen.keyboard}
        file = None if screen.picture is None else await self._album.file(self._bot, screen.picture)
        if screen.picture is not None and (isinstance(file, str) or (file is not None and not place.is_inline)):
            photo = InputMediaPhoto(media=file, caption=screen.text, parse_mode="HTML")
            edited = await self._bot.edit_message_media(photo, reply_markup=screen.keyboard, **where)
            await self._album.keep(self._bot, screen.picture, edited)
            return
        try:
            await self._bot.edit_message_text(text=screen.text, **said, **where)
        except TelegramBadRequest as error:
            if NO_TEXT not in error.message:
                raise
            await self._bot.edit_message_caption(caption=screen.text, **said, **where)  # it had a picture before

    async def _failed(self, drawing: Drawing, error: Exception) -> None:
        card, place = drawing.card, drawing.card.place
        match error:
            case TelegramRetryAfter():
                self._pace.flooded(_pace_key(place), Lane.LIVE, error.retry_after)
                await self._postpone(drawing, error.retry_after)
            case TelegramMigrateToChat():
                await self._run(self._live_cards.move, place.chat, str(error.migrate_to_chat_id))
            case TelegramForbiddenError() if not place.is_inline:
                await self._run(self._live_cards.lose_chat, place.chat, "forbidden")
            case TelegramUnauthorizedError() | TelegramNotFound():
                # The token, not the card: everything waits until somebody has seen to it.
                log.error("telegram does not know the bot", error=str(error))
                await self._wait_for_telegram(drawing)
            case TelegramBadRequest() if not place.is_inline and any(words in error.message for words in NO_CHAT):
                await self._run(self._live_cards.lose_chat, place.chat, error.message[:64])
            case TelegramBadRequest() | TelegramForbiddenError():
                await self._run(self._live_cards.lose, card, error.message[:64])
            case _ if isinstance(error, ClientDecodeError) or is_passing(error):
                log.warning("a live card was not drawn", error=str(error))
                await self._wait_for_telegram(drawing)
            case _:
                log.error("a live card that failed", card=card.id, exc_info=error)
                await self._run(self._live_cards.lose, card, type(error).__name__[:64])

    async def _wait_for_telegram(self, drawing: Drawing) -> None:
        """The lane waits, longer each time, so that an outage costs a few calls and not one for each card."""
        if self._pace.pause_left(Lane.LIVE) <= 0:
            self._pace.pause(Lane.LIVE, min(2.0**self._misses, AWAY_MAX_S))
            self._misses += 1
        await self._postpone(drawing, max(RETRY_S, self._pace.pause_left(Lane.LIVE)))

    async def _postpone(self, drawing: Drawing, seconds: float) -> None:
        await self._run(self._live_cards.postpone, [(drawing, seconds)])


def _pace_key(place: Place) -> str:
    """What the pace counts by. Of a card that was shared inline nobody says which chat it is in."""
    return f"inline:{place.message}" if place.is_inline else place.chat


def _most(drawing: Drawing) -> int:
    return GROUP_MOST if drawing.face.is_final else GROUP_REDRAWS
