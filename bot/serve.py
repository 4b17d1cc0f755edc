"""The program, from settings to running."""

from __future__ import annotations

import gc
import logging
import sys

import structlog

from bot.app import build_app
from bot.settings import Settings
from storage.database import Database
from storage.migrate import migrate, versions


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
    configure_logs()
    prepare(settings)
    app = await build_app(settings)
    # What is there now stays: the collector need not walk through two libraries' types again and again.
    gc.collect()
    gc.freeze()
    await app.run()


def configure_logs() -> None:
    """One line per event, on stderr; texts of people and tokens are never logged."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # The plain traceback: the pretty one takes seconds, and shows what people wrote in its locals.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
