"""An update that the program cannot get over: it is set aside after a few starts, and the next one is answered."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox import LimitSettings, Telegram
from sandbox.server import SandboxServer
from tests.faults.harness import ROOT
from tests.faults.test_away import answers, until
from tests.kit.chat import TOKEN

pytestmark = pytest.mark.crash


@contextmanager
def defective(database: Path, url: str, log: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PERKCHAT_BOT_TOKEN": TOKEN,
        "PERKCHAT_TELEGRAM_API": url,
        "PERKCHAT_DATABASE_URL": f"sqlite:///{database}",
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.spinning", *words], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def asked(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


SET_ASIDE = "SELECT reason, attempts FROM updates WHERE state = 'failed'"


async def test_a_message_that_keeps_the_program_busy_for_ever_is_set_aside_and_the_next_is_answered(
    template: Path, tmp_path: Path
) -> None:
    database, log = tmp_path / "club.db", tmp_path / "program.log"
    shutil.copy(template, database)
    telegram = Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))
    ana, bo = telegram.people.add_person("Ana"), telegram.people.add_person("Bo")
    async with SandboxServer(telegram) as server:
        with defective(database, server.url, log) as process:
            telegram.people.say(ana.id, "/start")
            await until(lambda: answers(telegram, ana.id, "Hello Ana.") == 1)
            telegram.people.say(ana.id, "/points secret words")
            telegram.people.say(ana.id, "/help")
            telegram.people.say(bo.id, "/start")
            await until(lambda: answers(telegram, bo.id, "Hello Bo.") == 1, within=120)
            await until(lambda: answers(telegram, ana.id, "What is this?") == 1, within=120)
            await until(lambda: answers(telegram, ana.id, "kept as number") == 1)
            assert process.poll() is None, "the same process all along"
            await until(lambda: asked(database, SET_ASIDE) == [("starts", 3)])
    said = log.read_text()
    assert said.count("the program does not go on") == 2  # once unforeseen, once alone
    assert "spinning.py" in said
    assert "secret words" not in said


async def test_a_message_that_ends_the_program_is_set_aside_after_three_starts(template: Path, tmp_path: Path) -> None:
    database, log = tmp_path / "club.db", tmp_path / "program.log"
    shutil.copy(template, database)
    telegram = Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))
    ana, bo = telegram.people.add_person("Ana"), telegram.people.add_person("Bo")
    async with SandboxServer(telegram) as server:
        telegram.people.say(ana.id, "/points")
        telegram.people.say(bo.id, "/start")
        for _ in range(3):
            with defective(database, server.url, log, "dies") as process:
                await until(lambda: process.poll() is not None)
                assert process.returncode == -signal.SIGKILL
        with defective(database, server.url, log, "dies"):
            telegram.people.say(ana.id, "/help")
            await until(lambda: answers(telegram, ana.id, "What is this?") == 1)
            await until(lambda: answers(telegram, ana.id, "kept as number") == 1)
            await until(lambda: asked(database, SET_ASIDE) == [("starts", 3)])
            await until(lambda: asked(database, "SELECT 1 FROM updates WHERE state = 'waiting'") == [])
    assert answers(telegram, bo.id, "Hello Bo.") >= 1


async def test_a_program_that_was_paused_is_not_taken_for_stuck(template: Path, tmp_path: Path) -> None:
    database, log = tmp_path / "club.db", tmp_path / "program.log"
    shutil.copy(template, database)
    telegram = Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))
    ana = telegram.people.add_person("Ana")
    async with SandboxServer(telegram) as server:
        with defective(database, server.url, log) as process:
            telegram.people.say(ana.id, "/start")
            await until(lambda: answers(telegram, ana.id, "Hello Ana.") == 1)
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(3)  # twice as long as it may stand still
            process.send_signal(signal.SIGCONT)
            telegram.people.say(ana.id, "/help")
            await until(lambda: answers(telegram, ana.id, "What is this?") == 1)
    assert "does not go on" not in log.read_text()
