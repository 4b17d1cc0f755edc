"""The one place where the parts are put together, by hand."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import BaseStorage

from bot.clock import WatchedClock, utc_now
from bot.courier import Courier
from bot.forms import DatabaseForms, ValkeyForms
from bot.intake import Intake
from bot.lean import LeanSession
from bot.lunar import chinese_calendar
from bot.middlewares.errors import ErrorsMiddleware
from bot.middlewares.member import MemberMiddleware, address_of
from bot.middlewares.role import RoleMiddleware
from bot.pace import CountedAnswers, Pace
from bot.painter import Painter
from bot.settings import Settings
from bot.shared_pace import SharedPace
from bot.telegram import CALLS, make_bot
from bot.timetable import Timetable, lines
from handlers.directory import Directory
from handlers.features import directory
from handlers.links import Links
from handlers.menu import set_menus
from handlers.reply import Album
from loyalty.codes import Random
from loyalty.pictures import Picture
from loyalty.ports import Clock, reads
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.unit_of_work import UnitFactory

log = structlog.get_logger()

ASKED_FOR = ["message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member"]
ROLES_HEED = ("message", "callback_query", "inline_query", "chosen_inline_result", "my_chat_member")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What tests and guests bring along: time, chance, a bot, a username."""

    clock: Clock = utc_now
    random: Random = field(default_factory=secrets.SystemRandom)
    bot: Bot | None = None
    courier_bot: Bot | None = None
    database: Database | None = None
    programme: Programme | None = None
    pace: Pace | None = None
    is_guest: bool = False
    commands_without: frozenset[str] = frozenset()


@dataclass(slots=True)
class App:
    settings: Settings
    database: Database
    units: UnitFactory
    club: Club
    bot: Bot
    courier_bot: Bot
    forms: BaseStorage
    links: Links
    router: Directory
    dispatcher: Dispatcher
    album: Album
    pace: Pace
    intake: Intake
    courier: Courier
    painter: Painter
    timetable: Timetable
    clock: Clock
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def prepare(self) -> None:
        """What Telegram keeps for the bot: the command menus."""
        await set_menus(self.bot, has_transfers=self.club.programme.has_transfers)

    async def run(self) -> None:
        """Everything at once, until cancelled."""
        await self.prepare()
        await self.start_background()
        log.info("open", bot=self.links.username, database=self.database.url.get_backend_name())
        try:
            await self.intake.poll()
        finally:
            await self.close()

    async def start_background(self) -> None:
        """The courier, the painter and the timetable; what a guest needs besides the router."""
        await self.timetable.start()
        self._tasks.append(asyncio.create_task(self.courier.work(), name="courier"))
        self._tasks.append(asyncio.create_task(self.painter.work(), name="painter"))

    async def close(self) -> None:
        self.timetable.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.intake.close()
        await self.forms.close()
        await self.pace.close()
        await self.bot.session.close()
        await self.courier_bot.session.close()
        self.database.close()


async def build_app(settings: Settings, overrides: Overrides | None = None) -> App:
    """Puts the club together and asks Telegram who the bot is. The database must be migrated."""
    over = overrides or Overrides()
    database = over.database or Database(settings.database_url)
    units, run, clock = UnitFactory(database), database.run, over.clock
    operators = frozenset(address_of(operator) for operator in settings.admin_ids)
    programme = replace(over.programme or settings.programme, operators=operators)
    # A clock that somebody brings along may jump as it likes; the machine's must not take points with it.
    points_clock = WatchedClock() if clock is utc_now else clock
    club = open_club(units, points_clock, over.random, programme, settings.language, chinese_calendar())
    bot = over.bot or make_bot(settings)
    # However long Telegram takes to answer, up to a second, it does not hold the pace up.
    courier_bot = over.courier_bot or make_bot(
        settings, LeanSession, is_patient=False, most_calls=max(CALLS, int(settings.sends_per_second))
    )
    pace = over.pace or _pace(settings)
    bot.session.middleware(CountedAnswers(pace))
    links = Links((await bot.me()).username or "")
    # A file is one program's; a server may have several.
    own_forms = DatabaseForms(units, run, clock, is_alone=database.is_sqlite)
    forms = ValkeyForms(settings.redis_url) if settings.redis_url else own_forms
    album = _album(units, database)
    router = directory(forms, is_guest=over.is_guest, commands_without=over.commands_without)
    facts = {"club": club, "run": run, "links": links, "album": album, "directory": router}
    facts |= {"operators": settings.admin_ids, "language": settings.language}
    _furnish(router, settings, club, database, facts)
    # Forms are ours (only a few updates need them), so aiogram need not look for one on every update.
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router)
    return App(
        settings=settings,
        database=database,
        units=units,
        club=club,
        bot=bot,
        courier_bot=courier_bot,
        forms=forms,
        links=links,
        router=router,
        dispatcher=dispatcher,
        album=album,
        pace=pace,
        intake=Intake(bot, dispatcher, units, run, clock, allowed_updates=ASKED_FOR, language=settings.language),
        courier=Courier(courier_bot, club.deliveries, run, clock, album, pace, links, club.broadcasts),
        painter=Painter(courier_bot, club.live_cards, run, pace, links),
        timetable=Timetable(lines(club, units, clock), units, run, clock),
        clock=clock,
    )


def _furnish(router: Directory, settings: Settings, club: Club, database: Database, facts: dict[str, Any]) -> None:
    """Everything the handlers are handed comes with the router, so that a host's dispatcher needs to know nothing."""

    async def hand_over(handler: Callable[..., Any], event: Any, data: dict[str, Any]) -> Any:
        return await handler(event, data | facts)

    errors = ErrorsMiddleware(settings.language)
    member = MemberMiddleware(club, database.run, settings.admin_ids, settings.language)
    for name in ("message", "callback_query", "inline_query", "chosen_inline_result"):
        observer = router.observers[name]
        observer.outer_middleware(hand_over)
        observer.outer_middleware(errors)
        observer.outer_middleware(member)
    router.observers["my_chat_member"].outer_middleware(hand_over)
    for feature in router.sub_routers:
        for name in ROLES_HEED:
            feature.observers[name].middleware(RoleMiddleware())


def _pace(settings: Settings) -> Pace:
    """Several programs that share a Valkey share the limit, too."""
    if not settings.redis_url:
        return Pace(settings.sends_per_second)
    return SharedPace(settings.sends_per_second, settings.redis_url)


def _album(units: UnitFactory, database: Database) -> Album:
    @reads
    def load(picture_id: int) -> Picture | None:
        with units() as uow:
            return uow.pictures.get(picture_id)

    def remember(picture_id: int, channel: str, file_id: str) -> None:
        with units() as uow:
            uow.pictures.remember(picture_id, channel, file_id)
            uow.commit()

    async def load_picture(picture_id: int) -> Picture | None:
        return await database.run(load, picture_id)

    async def remember_picture(picture_id: int, channel: str, file_id: str) -> None:
        await database.run(remember, picture_id, channel, file_id)

    return Album(load_picture, remember_picture)
