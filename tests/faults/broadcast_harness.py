"""Kills the program at random moments of a broadcast, and counts at Telegram's side what people got.

What was under way at a kill is read from a copy of what the dead process left, so that its heir does the recovery.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loyalty.broadcasts import BroadcastState, Shown
from loyalty.members import Address, Language, Topic
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.services import open_club
from sandbox import LimitSettings, Telegram
from sandbox.server import SandboxServer
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.faults.harness import Nursery
from tests.kit.chat import TOKEN
from tests.kit.clock import FrozenClock
from tests.kit.crowds import settle_crowd
from tests.kit.shops import add_merchant, appoint

OWNER_ID = 10
FIRST_ID = 1_000_001
WORDS = "Fresh croissants until noon"
PER_SECOND = 1_000
EARLY = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """`arrived`: how often each person got it, as Telegram saw it. `unknown`: those of whom the program says that it
    does not know; `in_doubt`: those to whom it was sending when it was killed."""

    people: int
    kills_while_filling: int
    kills_while_sending: int
    arrived: Counter[int]
    recipients: int
    unknown: frozenset[int]
    in_doubt: frozenset[int]
    states: dict[str, int]
    told: str

    @property
    def twice(self) -> set[int]:
        return {person for person, times in self.arrived.items() if times > 1}

    @property
    def missed(self) -> set[int]:
        """Nobody sent it to them, and nobody says so."""
        everybody = set(range(FIRST_ID, FIRST_ID + self.people))
        return everybody - set(self.arrived) - self.unknown

    def __str__(self) -> str:
        return (
            f"{self.people} people, killed {self.kills_while_filling} times while filling and "
            f"{self.kills_while_sending} while sending: {len(self.arrived)} got it, {len(self.twice)} of them twice, "
            f"{len(self.missed)} silently missed; {len(self.unknown)} unknown, of whom "
            f"{len(self.unknown & set(self.arrived))} got it"
        )


@dataclass(slots=True)
class BroadcastTrial:
    """One database with a broadcast that is due, one box, and lives that end by SIGKILL."""

    database: Path
    telegram: Telegram
    nursery: Nursery
    environment: dict[str, str]
    chance: random.Random
    people: int
    arrived: Counter[int] = field(default_factory=Counter)
    in_doubt: set[int] = field(default_factory=set)
    kills: Counter[str] = field(default_factory=Counter)
    filled_to_id: int = 0

    def note_call(self, event: dict[str, Any]) -> None:
        if event["type"] == "call" and event["call"]["ok"] and event["call"]["method"] == "sendMessage":
            params = event["call"]["params"]
            if WORDS in params["text"]:
                self.arrived[int(params["chat_id"])] += 1

    async def run(self, kills: int, *changes: str) -> Outcome:
        for number in range(kills):
            await self._live_and_die(changes, is_early=number < EARLY)
        last = await self._begin_life("later", *changes)
        await self._until_over()
        await self.nursery.kill(last)
        return self._outcome()

    async def _begin_life(self, *changes: str) -> int:
        return await self.nursery.live(self.environment, self.database.with_name("program.log"), changes)

    async def _live_and_die(self, changes: Sequence[str], *, is_early: bool) -> None:
        """The first die while the recipients are being fixed, the others while it is being sent."""
        before = self.arrived.total()
        pid = await self._begin_life(*changes)
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while self.arrived.total() == before and not (is_early and self._is_filling()):
                    await asyncio.sleep(0.005)
        await asyncio.sleep(self.chance.uniform(0.0, 0.02 if is_early else 0.35))
        await self.nursery.kill(pid)
        await asyncio.sleep(0.05)  # what it had sent before is still read from the socket
        self._note_kill()

    def _is_filling(self) -> bool:
        [(filled_to_id, filled_at)] = self.ask("SELECT filled_to_id, filled_at FROM broadcasts")
        is_further = filled_to_id > self.filled_to_id and filled_at is None
        self.filled_to_id = filled_to_id
        return is_further

    def _note_kill(self) -> None:
        copy = self.database.with_name("copy.db")
        for suffix in ("", "-wal"):
            if Path(f"{self.database}{suffix}").exists():
                shutil.copy(f"{self.database}{suffix}", f"{copy}{suffix}")
        with closing(sqlite3.connect(copy)) as connection:
            [(state,)] = connection.execute("SELECT state FROM broadcasts").fetchall()
            sending = connection.execute("SELECT member_id FROM deliveries WHERE state = 'sending'").fetchall()
        self.kills[state] += 1
        self.in_doubt |= {member_id for (member_id,) in sending}

    async def _until_over(self) -> None:
        async with asyncio.timeout(120):
            while self.ask("SELECT 1 FROM broadcasts WHERE state <> 'done' OR NOT is_told"):
                await asyncio.sleep(0.2)

    def _outcome(self) -> Outcome:
        [(recipients,)] = self.ask("SELECT recipients FROM broadcasts")
        told = self.telegram.world.chats[OWNER_ID].messages[self._progress_id()]["text"]
        return Outcome(
            people=self.people,
            kills_while_filling=self.kills["preparing"] + self.kills["scheduled"],
            kills_while_sending=self.kills["sending"],
            arrived=self.arrived,
            recipients=recipients,
            unknown=frozenset(n for (n,) in self.ask("SELECT member_id FROM deliveries WHERE state = 'unknown'")),
            in_doubt=frozenset(self.in_doubt),
            states=dict(self.ask("SELECT state, COUNT(*) FROM deliveries WHERE broadcast_id IS NOT NULL GROUP BY 1")),
            told=told,
        )

    def _progress_id(self) -> int:
        [(message_id,)] = self.ask("SELECT message_id FROM broadcasts")
        return int(message_id)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Asks the database, which the program may have open."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def broadcast_trial(nursery: Nursery, database: Path, people: int, seed: int) -> AsyncIterator[BroadcastTrial]:
    """The box around a migrated SQLite file, in which a broadcast to so many people is due."""
    telegram = Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))
    for user_id in (OWNER_ID, *range(FIRST_ID, FIRST_ID + people)):
        telegram.people.add_person("Somebody", user_id=user_id).has_started = True
    shown = telegram.call("sendMessage", {"chat_id": OWNER_ID, "text": "On its way"}, {})
    _make_due(database, range(FIRST_ID, FIRST_ID + people), shown["message_id"])
    async with SandboxServer(telegram, seed=seed) as server:
        environment = {
            "PERKCHAT_BOT_TOKEN": TOKEN,
            "PERKCHAT_TELEGRAM_API": server.url,
            "PERKCHAT_DATABASE_URL": f"sqlite:///{database}",
            "PERKCHAT_SENDS_PER_SECOND": str(PER_SECOND),
        }
        trial = BroadcastTrial(database, telegram, nursery, environment, random.Random(seed), people)
        telegram.events.watch(trial.note_call)
        yield trial


def _make_due(path: Path, ids: range, message_id: int) -> None:
    """A shop's broadcast that is confirmed and waits for the program to begin."""
    database, clock = Database(f"sqlite:///{path}"), FrozenClock()
    units = UnitFactory(database)
    club = open_club(units, clock, random.Random(1), Programme(), Language.ENGLISH)
    owner = club.members.enrol(Address("telegram", str(OWNER_ID)), name="Olive", client_language="en").member
    shop_id = add_merchant(units, "Bean Bar")
    appoint(units, shop_id, owner, Role.OWNER)
    settle_crowd(database, ids, clock(), topics=[Topic.OFFERS], is_never_quiet=True)
    draft = club.broadcasts.draft(owner, shop_id).draft
    club.broadcasts.write(owner, draft.id, text=WORDS, length=len(WORDS))
    with units() as uow:
        shown = Shown(str(OWNER_ID), message_id)
        uow.broadcasts.confirm(draft.id, BroadcastState.SCHEDULED, key="NONCE", shown=shown, at=clock())
        uow.commit()
    database.close()
