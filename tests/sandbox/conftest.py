"""A box with a clock that stands still until a test moves it, in-process and on a port."""

from collections.abc import AsyncIterator

import pytest

from sandbox import LimitSettings, Telegram
from sandbox.model import Person
from sandbox.server import SandboxServer

NOW = 1_800_000_000.0


def still() -> float:
    return NOW


@pytest.fixture
def telegram() -> Telegram:
    """Without limits, for tests that are about something else."""
    limits = LimitSettings(enabled=False)
    return Telegram("42:SANDBOX", "perkchat_bot", "Perkchat", clock=still, limits=limits)


@pytest.fixture
def limited() -> Telegram:
    """With Telegram's limits."""
    return Telegram("42:SANDBOX", "perkchat_bot", "Perkchat", clock=still)


@pytest.fixture
def ana(telegram: Telegram) -> Person:
    """Somebody who has started the bot."""
    person = telegram.people.add_person("Ana", username="ana_k")
    telegram.people.say(person.id, "/start")
    telegram.updates.drop()
    return person


@pytest.fixture
async def server(telegram: Telegram) -> AsyncIterator[SandboxServer]:
    """The box on a free port."""
    async with SandboxServer(telegram, seed=1, webhook_retry_s=0.01) as running:
        yield running
