"""A box with a clock that stands still until a test moves it."""

import asyncio
import io
from collections.abc import Callable

import pytest
from PIL import Image

from sandbox import LimitSettings, Telegram
from sandbox.model import Person

NOW = 1_800_000_000.0


def still() -> float:
    return NOW


@pytest.fixture
def telegram() -> Telegram:
    """Without limits, for tests that are about something else."""
    return Telegram("42:SANDBOX", "perkchat_bot", "Perkchat", clock=still, limits=LimitSettings(enabled=False))


@pytest.fixture
def limited() -> Telegram:
    """With Telegram's limits."""
    return Telegram("42:SANDBOX", "perkchat_bot", "Perkchat", clock=still)


@pytest.fixture
def ana(telegram: Telegram) -> Person:
    """Somebody who has started the bot."""
    person = telegram.people.add_person("Ana", username="ana_k")
    telegram.people.say(person.id, "/start")
    telegram.call("getUpdates", {"offset": -1})
    telegram.updates.drop()
    return person


def picture(width: int = 640, height: int = 480, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(buffer, kind)
    return buffer.getvalue()


async def until(condition: Callable[[], bool], within: float = 5.0) -> None:
    """Waits for something that another task does; fails if it does not come."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.005)
