"""What may be wrong with a set-up, and what to do about it."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from storage.database import Database, files_of
from storage.migrate import versions

SKEW_MAX_S = 5


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    is_well: bool
    said: str


def examine(settings: Settings) -> list[Finding]:
    """Token, clock, database, migrations, who can read the files, fonts."""
    return [*_telegram(settings), *_database(settings), *_files(settings), _fonts()]


def _telegram(settings: Settings) -> list[Finding]:
    token = settings.bot_token.get_secret_value()
    if not token:
        return [Finding("token", False, "PERKCHAT_BOT_TOKEN is not set. Ask BotFather for one: /newbot.")]
    try:
        # The address is the operator's own setting, checked to be http or https.
        with urlopen(f"{settings.telegram_api}/bot{token}/getMe", timeout=10) as response:
            me = json.load(response)["result"]
            there = parsedate_to_datetime(response.headers["Date"])
    except HTTPError as error:
        said = "Telegram does not know this token. Copy it again from BotFather." if error.code == 401 else str(error)
        return [Finding("token", False, said)]
    except (URLError, OSError, ValueError, KeyError) as error:
        return [Finding("token", False, f"{settings.telegram_api} does not answer: {error}")]
    skew = abs((datetime.now(UTC) - there).total_seconds())
    return [
        Finding("token", True, f"@{me.get('username')}"),
        Finding(
            "clock",
            skew <= SKEW_MAX_S,
            f"{skew:.0f} s from Telegram's" + ("" if skew <= SKEW_MAX_S else ". Switch on time synchronisation (NTP)."),
        ),
    ]


def _database(settings: Settings) -> list[Finding]:
    try:
        database = Database(settings.database_url)
        try:
            has, knows = versions(database)
        finally:
            database.close()
    except (SQLAlchemyError, OSError, ImportError) as error:
        hint = " Install the extra: perkchat[postgres]." if isinstance(error, ImportError) else ""
        return [Finding("database", False, f"{type(error).__name__}: {str(error).splitlines()[0]}{hint}")]
    schema = f"version {has}" if has == knows else f"version {has}, this program needs {knows}: run `perkchat migrate`."
    return [
        Finding("database", True, database.url.render_as_string(hide_password=True)),
        Finding("migrations", has == knows, schema),
    ]


def _files(settings: Settings) -> list[Finding]:
    """Whether others on this machine can read members' phones and codes, or the token."""
    ours = [*files_of(make_url(settings.database_url)), Path(".env")]
    if os.name != "posix" or not any(path.exists() for path in ours):
        return []
    loose = [path for path in ours if path.exists() and path.stat().st_mode & 0o077]
    said = [f"chmod {700 if path.is_dir() else 600} {shlex.quote(str(path))}" for path in loose]
    if loose:
        return [Finding("files", False, f"Others on this machine can read them. Run: {' && '.join(said)}")]
    return [Finding("files", True, "for you alone")]


def _fonts() -> Finding:
    from handlers.pictures import fonts

    try:
        fonts.font(24)
    except OSError as error:
        return Finding("fonts", False, f"{error}. Install again: pip install paperang-p2-fonts-cjk.")
    return Finding("fonts", True, "Chinese and Latin text in pictures")
