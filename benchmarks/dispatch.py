"""Dispatch alone: from an update to the handler that is meant, every feature registered; no network, no database."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.filters import Command
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message, Update

from benchmarks.report import spread, table, verdict
from handlers.directory import Directory
from handlers.features import FEATURES, PUBLIC
from handlers.words import router as words

TOKEN = "42:BENCH"
ROUNDS = 7
UPDATES = 1_000
GOAL_MS = 0.3


async def nothing(message: Message) -> None:
    """The handler that is looked for."""


def feature(command: str) -> Router:
    router = Router(name=command)
    router.message.register(nothing, Command(command))
    return router


def with_directory(more: int) -> Dispatcher:
    features = [one.setup() for one in FEATURES]
    features += [feature(f"more{number}") for number in range(more)]
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(Directory([*features, feature("wanted")], words.setup(), MemoryStorage(), public=PUBLIC))
    return dispatcher


def with_walk(more: int) -> Dispatcher:
    """The same routers, asked by aiogram one after another."""
    dispatcher = Dispatcher(disable_fsm=True)
    for one in FEATURES:
        dispatcher.include_router(one.setup())
    for number in range(more):
        dispatcher.include_router(feature(f"more{number}"))
    dispatcher.include_router(feature("wanted"))
    return dispatcher


async def measure() -> str:
    contestants = {
        "Perkchat's directory": with_directory(0),
        "Perkchat's directory, 100 features more": with_directory(100),
        "aiogram's walk over the same routers": with_walk(0),
        "aiogram's walk, 100 features more": with_walk(100),
    }
    bot, update = Bot(TOKEN), _update()
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, dispatcher in contestants.items():
            begun = perf_counter()
            for _ in range(UPDATES):
                await dispatcher.feed_update(bot, update)
            taken[name].append((perf_counter() - begun) / UPDATES * 1000)
    ours = max(median(taken[name]) for name in contestants if name.startswith("Perkchat"))
    rows = [[name, spread(values, 3)] for name, values in taken.items()]
    return "\n".join(
        [
            "## Dispatch alone",
            "",
            f"All {len(FEATURES)} features registered; milliseconds per update, {ROUNDS} rounds of {UPDATES:,}.",
            f"Goal: at most {GOAL_MS} ms, however many features come: {verdict(ours, GOAL_MS)}.",
            "",
            table(["contestant", "ms per update (rounds)"], rows),
        ]
    )


def _update() -> Update:
    ana: dict[str, Any] = {"id": 1, "is_bot": False, "first_name": "Ana"}
    message = {
        "message_id": 1,
        "date": 0,
        "chat": {"id": 1, "type": "private", "first_name": "Ana"},
        "from": ana,
        "text": "/wanted",
    }
    return Update.model_validate({"update_id": 1, "message": message})
