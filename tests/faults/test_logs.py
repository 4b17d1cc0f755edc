"""What stands in the log when something goes wrong: ids and what happened, none of people's words, and no secret.

What logs here is a process of its own, with its own stderr.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from aiogram.types import Update
from pydantic import ValidationError

from bot.scrubbing import Scrubbing
from tests.kit.databases import Postgres

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345"
SECRET = TOKEN.partition(":")[2]
PRIVATE = "I have lost my card and my mind"
ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PERKCHAT_BOT_TOKEN": TOKEN}
SCRIPT = f"""
import asyncio, logging
import structlog
from aiogram import Bot, Dispatcher
from aiohttp import web
from bot.serve import configure_logs, introduce
from bot.settings import Settings

settings = Settings.load(_env_file=None)
configure_logs(settings)
log = structlog.get_logger()

async def echo(request):
    return web.Response(status=502, text=f"Bad gateway for url: {{request.url}}")

async def begins_behind_a_proxy_that_names_the_address():
    server = web.Application()
    server.router.add_route("*", "/{{path:.*}}", echo)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there = settings.model_copy(update={{"telegram_api": f"http://127.0.0.1:{{runner.addresses[0][1]}}"}})
    try:
        async with asyncio.timeout(2):
            await introduce(there)
    except TimeoutError:
        await runner.cleanup()

asyncio.run(begins_behind_a_proxy_that_names_the_address())
log.warning("away", error="500: /bot{TOKEN}/sendMessage")
log.warning("another bot's", address="https://api.telegram.org/file/bot{TOKEN.replace("1", "9")}/photos/1.jpg")
log.warning("the database is away", error="postgresql+psycopg://club:hunter2@db.example.org/club refused")
log.warning("the database is away", error="host=db user=club password=hunter2 dbname=club")
logging.getLogger("aiohttp").error("a library says https://x/bot{TOKEN}/getMe")
try:
    raise OSError("in its words {TOKEN}")
except OSError:
    log.exception("a traceback")
    logging.getLogger("a library").exception("a traceback")
update = {{
    "update_id": 1,
    "message": {{"message_id": "many", "date": 1, "chat": {{"id": 1, "type": "private"}}, "text": "{PRIVATE}"}},
}}
try:
    asyncio.run(Dispatcher().feed_raw_update(Bot("{TOKEN}"), update))
except Exception:
    log.exception("an update that cannot be read")
asyncio.run(Dispatcher().feed_raw_update(Bot("{TOKEN}"), {{"update_id": 2, "telepathy": {{"text": "{PRIVATE}"}}}}))
int("{PRIVATE}")
"""


def test_neither_tokens_nor_passwords_nor_words_reach_the_log() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, "the last line has ended it"
    said = done.stderr
    for kept in (
        "Bad gateway for url: http://127.0.0.1",
        "/bot…/sendMessage",
        "/bot…/photos/1.jpg",
        "db.example.org/club",
        "dbname=club",
        "a library says",
        "OSError",
    ):
        assert kept in said, f"{kept} is missing in:\n{said}"
    assert said.count("in its words …") == 2
    assert "unknown update type" in said
    assert "Input should be a valid integer" in said
    assert "ValueError: invalid literal for int() with base 10: …" in said
    for secret in (SECRET, SECRET.replace("1", "9"), "hunter2", PRIVATE, "my mind"):
        assert secret not in said, said


@pytest.mark.postgres
def test_what_postgres_quotes_of_a_row_stays_out_of_the_log(postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_server.server.get_uri()) as connection:
        connection.execute("CREATE TEMP TABLE phones (phone text PRIMARY KEY, note text NOT NULL)")
        connection.execute("INSERT INTO phones VALUES ('+49170123', 'a')")
        connection.commit()
        for values in (("+49170123", "b"), ("+49170124", None)):
            with pytest.raises(psycopg.IntegrityError) as failed:
                connection.execute("INSERT INTO phones VALUES (%s, %s)", values)
            connection.rollback()
            assert values[0] in str(failed.value)
            scrubbed = Scrubbing()(f"Traceback:\n{failed.value}\nfrom here")
            assert values[0] not in scrubbed
            assert scrubbed.endswith("from here")


def test_what_pydantic_quotes_stays_out_of_the_log() -> None:
    with pytest.raises(ValidationError) as failed:
        Update.model_validate({"update_id": PRIVATE, "message": f"{PRIVATE}\n{PRIVATE}"})
    assert PRIVATE in str(failed.value)
    assert PRIVATE[:10] not in Scrubbing()(str(failed.value))
    assert "input_type=str" in Scrubbing()(str(failed.value))
