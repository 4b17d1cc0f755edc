"""The program, from settings to running."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from itertools import chain, repeat

import structlog
from aiogram.exceptions import (
    TelegramNetworkError,
    TelegramNotFound,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from sqlalchemy.exc import SQLAlchemyError

from bot.app import build_app
from bot.scrubbing import Scrubbing, log_through
from bot.settings import Settings, WrongSetting
from bot.telegram import make_bot
from bot.watchdog import Watchdog
from storage.database import Database
from storage.migrate import migrate, versions

log = structlog.get_logger()
WAITS = (1, 2, 5, 10, 30)  # seconds between tries at the start while the Bot API is away


class NotMigrated(Exception):
    """The database has another schema than the program; on PostgreSQL the operator decides when that changes."""


def prepare(settings: Settings) -> None:
    """SQLite migrates itself at the start; for PostgreSQL `perkchat migrate` is a step of its own."""
    database = Database(settings.database_url)
    try:
        if database.is_sqlite:
            migrate(database)
        has, knows = versions(database)
        if has != knows:
            raise NotMigrated(f"The database is at version {has}, this program needs {knows}: run `perkchat migrate`.")
    finally:
        database.close()


async def serve(settings: Settings) -> None:
    configure_logs(settings)
    try:
        prepare(settings)
    except (NotMigrated, SQLAlchemyError, ImportError, OSError) as error:
        raise WrongSetting(f"PERKCHAT_DATABASE_URL: {str(error).splitlines()[0]}") from None
    await introduce(settings)
    app = await build_app(settings)
    # What is there now stays: the collector need not walk through two libraries' types again and again.
    gc.collect()
    gc.freeze()
    watching = asyncio.create_task(Watchdog(app.intake.in_hand.keys, app.intake.suspect).watch())
    try:
        await app.run()
    finally:
        watching.cancel()


async def introduce(settings: Settings) -> None:
    """Returns when Telegram has answered to the token; waits while it does not answer at all. Raises WrongSetting."""
    bot = make_bot(settings, is_patient=False)
    try:
        for wait in chain(WAITS, repeat(WAITS[-1])):
            try:
                await bot.me()
            except (TelegramUnauthorizedError, TelegramNotFound):
                raise WrongSetting(
                    "PERKCHAT_BOT_TOKEN: Telegram does not know it. Copy it again from BotFather."
                ) from None
            except (TelegramNetworkError, TelegramServerError) as error:
                log.warning("the bot api does not answer", address=settings.telegram_api, error=str(error), wait=wait)
                await asyncio.sleep(wait)
            else:
                return
    finally:
        await bot.session.close()


def configure_logs(settings: Settings | None = None) -> None:
    """One line per event, on stderr; texts of people, tokens and passwords are never logged.

    `settings`: their token is known by its words, too; every other secret by what it looks like.
    """
    scrub = Scrubbing([settings.bot_token.get_secret_value()] if settings is not None else ())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # The plain traceback: the pretty one takes seconds, and shows what people wrote in its locals.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
            scrub.processor,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    log_through(scrub, sys.stderr)
