"""The courier: drains the outbox at the allowed pace, what people need first, and knows what a crash left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.middlewares.errors import is_passing
from bot.pace import Pace
from handlers.links import Links
from handlers.notices import render
from handlers.reply import Album, send_screen
from locales import texts_for
from loyalty.deliveries import Delivery, DeliveryState, Lane
from loyalty.ports import Clock, Run
from storage.unit_of_work import UnitFactory

log = structlog.get_logger()

BATCH = 30
LEASE = timedelta(seconds=90)  # longer than a batch takes at the slowest pace
RETRY = timedelta(seconds=5)
ATTEMPTS_MAX = 8
IDLE_S = 0.25


class Courier:
    def __init__(
        self,
        bot: Bot,
        units: UnitFactory,
        run: Run,
        clock: Clock,
        album: Album,
        pace: Pace,
        links: Links,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot, self._units, self._run, self._clock = bot, units, run, clock
        self._album, self._pace, self._links, self._sleep = album, pace, links, sleep

    async def work(self) -> None:
        """Runs until cancelled."""
        while True:
            try:
                sent = await self.deliver()
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("the courier waits", error=str(error))
                await self._sleep(RETRY.total_seconds())
                continue
            if not sent:
                await self._sleep(IDLE_S)

    async def deliver(self) -> int:
        """One batch: transactional rows while there are any, then marketing. Answers how many rows it took."""
        for lane in (Lane.TRANSACTIONAL, Lane.MARKETING):
            batch = await self._run(self._claim, lane)
            for delivery in batch:
                await self._pace.turn(delivery.address.external_id)
                await self._send(delivery)
            if batch:
                return len(batch)
        return 0

    async def recover(self) -> tuple[int, int]:
        """What a crash left in sending: transactional rows queued again, marketing rows marked unknown."""
        return await self._run(self._recover)

    async def _send(self, delivery: Delivery) -> None:
        try:
            screen = render(delivery, texts_for(delivery.language), self._links)
            await send_screen(self._bot, int(delivery.address.external_id), screen, self._album)
        except TelegramRetryAfter as error:
            self._pace.pause(error.retry_after)
            await self._run(self._retry, delivery, timedelta(seconds=error.retry_after))
        except TelegramForbiddenError:
            await self._run(self._lose, delivery)
        except (TelegramNetworkError, TelegramServerError) as error:
            await self._uncertain(delivery, error)
        except (TelegramBadRequest, TelegramNotFound) as error:
            await self._run(self._finish, delivery, DeliveryState.FAILED, error.message[:64])
        except TelegramAPIError as error:
            await self._run(self._finish, delivery, DeliveryState.FAILED, str(error)[:64])
        except (LookupError, ValueError):
            log.exception("a notice that cannot be written", delivery=delivery.id, kind=delivery.kind)
            await self._run(self._finish, delivery, DeliveryState.FAILED, "unreadable")
        else:
            await self._run(self._finish, delivery, DeliveryState.SENT, "")

    async def _uncertain(self, delivery: Delivery, error: Exception) -> None:
        """Nobody knows whether it arrived. What people need is sent again, marketing never is."""
        log.warning("a send with an unknown outcome", delivery=delivery.id, error=str(error))
        if delivery.lane is Lane.MARKETING:
            await self._run(self._finish, delivery, DeliveryState.UNKNOWN, "network")
        elif delivery.attempts + 1 >= ATTEMPTS_MAX:
            await self._run(self._finish, delivery, DeliveryState.FAILED, "network")
        else:
            await self._run(self._retry, delivery, RETRY * 2**delivery.attempts)

    def _claim(self, lane: Lane) -> list[Delivery]:
        now = self._clock()
        with self._units() as uow:
            claimed = list(uow.outbox.claim(lane, now, limit=BATCH, lease_until=now + LEASE))
            uow.commit()
        return claimed

    def _finish(self, delivery: Delivery, state: DeliveryState, reason: str) -> None:
        with self._units() as uow:
            uow.outbox.finish(delivery.id, state, self._clock(), reason=reason)
            uow.commit()

    def _retry(self, delivery: Delivery, wait: timedelta) -> None:
        with self._units() as uow:
            uow.outbox.retry(delivery.id, self._clock() + wait)
            uow.commit()

    def _lose(self, delivery: Delivery) -> None:
        """The person blocked the bot or is gone: nothing more is sent until they come back."""
        now = self._clock()
        with self._units() as uow:
            uow.outbox.finish(delivery.id, DeliveryState.SUPPRESSED, now, reason="blocked")
            uow.members.set_reachable(delivery.address, False, now)
            uow.outbox.suppress_all(delivery.member_id, "blocked", now)
            uow.commit()

    def _recover(self) -> tuple[int, int]:
        with self._units() as uow:
            recovered = uow.outbox.recover(self._clock())
            uow.commit()
        return recovered
