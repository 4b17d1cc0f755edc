"""What people read when something failed that nobody foresaw: a number, and somebody to tell it to."""

from __future__ import annotations

import random as chance
from types import SimpleNamespace

import pytest
from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from handlers import features
from handlers.roles import MEMBER
from loyalty.programme import Programme
from storage.database import Database
from tests.kit.chat import open_chat, said
from tests.kit.clock import FrozenClock


async def breaks(message: Message) -> None:
    raise ValueError("nobody foresaw this")


def setup() -> Router:
    router = Router(name="broken")
    router.message.register(breaks, Command("break"), flags=MEMBER)
    return router


@pytest.mark.parametrize(
    ("contact", "language", "words"),
    [
        ("@oldtown", "en", "If it happens again, write to @oldtown and name this number: "),
        ("", "en", "If it happens again, tell the staff of a shop this number: "),
        ("@oldtown", "zh-hans", "请联系 @oldtown，并告知编号："),
        ("", "zh-hant", "請把這個編號告訴店員："),
    ],
)
async def test_a_number_comes_with_somebody_to_tell_it_to(
    monkeypatch: pytest.MonkeyPatch, database: Database, clock: FrozenClock, contact: str, language: str, words: str
) -> None:
    monkeypatch.setattr(features, "FEATURES", (*features.FEATURES, SimpleNamespace(setup=setup)))
    chat = await open_chat(database, clock, chance.Random(7), programme=Programme(contact=contact))

    async def at_once(_seconds: float) -> None:
        """Later tries come without waiting."""

    chat.wait_with(at_once)
    try:
        ana = chat.member("Ana", language=language)
        await ana.says("/start")
        apology = said(await ana.says("/break"))
        assert words in apology
        number = apology.rpartition(words)[2]
        assert len(number) >= 6
        assert number[:6].isalnum()
    finally:
        await chat.app.intake.close()
