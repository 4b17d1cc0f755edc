"""Kills the program at random moments under load, and counts at Telegram's side and in the database what came of it.

The box runs in this process and is never killed: it knows every update that it handed out and every call that the bot
made. Each person sends each kind of wish once, so that an answer names the wish it belongs to.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import LimitSettings, Telegram
from sandbox.server import SandboxServer
from tests.kit.chat import TOKEN

ROOT = Path(__file__).parents[2]
PER_SECOND = 100
UNDER_WAY_MAX = 100  # a machine that cannot keep up is not buried in work: newcomers wait outside
NAMED_BY = {  # which wish an answer belongs to
    "start": ("Hello ",),
    "points": ("points to spend",),
    "checkin": ("for checking in", "checked in today already"),
    "help": ("What is this?",),
    "language": ("Which language",),
}
GATHERED = "Your friends today"  # the message that is drawn again for each friend from the third on


@dataclass(slots=True)
class Wish:
    """An update, and the lives of the program in which it was answered."""

    update_id: int
    person_id: int
    kind: str
    answered_in: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    wishes: int
    kills: int
    handed_out: int
    redelivered: int
    lost: tuple[Wish, ...]
    repeated: tuple[Wish, ...]
    repeated_without_a_kill: tuple[Wish, ...]
    """Answered twice in one life, or though no kill found them under way."""
    notices: Counter[tuple[int, str]]
    """Messages of the courier as they arrived, by person and how they begin."""

    def __str__(self) -> str:
        return (
            f"{self.wishes} updates, {self.kills} kills: {len(self.lost)} lost, {len(self.repeated)} answered twice "
            f"({len(self.repeated_without_a_kill)} of them not under way at a kill), "
            f"{self.redelivered} handed out more than once"
        )


class Book:
    """What people asked, which calls answered it, and in which of the program's lives."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self.wishes: dict[int, Wish] = {}
        self.unanswered = 0
        self.calls_in_this_life = 0
        self.said = 0
        self._by_kind: dict[tuple[int, str], Wish] = {}
        self._by_query: dict[str, Wish] = {}
        self._notices: Counter[tuple[int, str]] = Counter()
        self._life = -1
        self._under_way: list[set[int]] = []  # at each kill: handed out, not marked as done
        telegram.updates.watch(self._note_wish)
        telegram.events.watch(self._note_call)

    def begin_life(self) -> None:
        self._life += 1
        self.calls_in_this_life = 0

    def end_life(self, done: set[int]) -> None:
        self._under_way.append(set(self._telegram.updates.counts.handed_out) - done)

    def outcome(self) -> Outcome:
        counts, wishes = self._telegram.updates.counts, self.wishes.values()
        repeated = tuple(wish for wish in wishes if len(wish.answered_in) > 1)
        return Outcome(
            wishes=len(wishes),
            kills=len(self._under_way),
            handed_out=len(counts.handed_out),
            redelivered=len(counts.redelivered()),
            lost=tuple(wish for wish in wishes if not wish.answered_in),
            repeated=repeated,
            repeated_without_a_kill=tuple(wish for wish in repeated if not self._was_cut_short(wish)),
            notices=self._notices,
        )

    def _was_cut_short(self, wish: Wish) -> bool:
        """Each answer but the last came in a life whose kill found the update not yet marked as done."""
        *before, _last = wish.answered_in
        return len(set(wish.answered_in)) == len(wish.answered_in) and all(
            life < len(self._under_way) and wish.update_id in self._under_way[life] for life in before
        )

    def _note_wish(self, update: dict[str, Any]) -> None:
        if "callback_query" in update:
            query = update["callback_query"]
            wish = Wish(update["update_id"], query["from"]["id"], "tap")
            self._by_query[query["id"]] = wish
        else:
            message = update["message"]
            wish = Wish(update["update_id"], message["from"]["id"], message["text"].split()[0].removeprefix("/"))
            assert (wish.person_id, wish.kind) not in self._by_kind, "each says each thing once"
            self._by_kind[wish.person_id, wish.kind] = wish
        self.wishes[wish.update_id] = wish
        self.unanswered += 1

    def _note_call(self, event: dict[str, Any]) -> None:
        if event["type"] != "call":
            return
        call = event["call"]
        self.calls_in_this_life += 1
        wish, params = None, call["params"]
        # Two friends at once: the first drawing tells of both, and the second finds the message as it should be.
        if not call["ok"] and "message is not modified" not in call["description"]:
            return
        self.said += call["method"] in ("sendMessage", "answerCallbackQuery")
        if call["method"] == "answerCallbackQuery":
            wish = self._by_query[params["callback_query_id"]]
        elif call["method"] == "sendMessage":
            wish = self._by_kind.get((int(params["chat_id"]), kind_of(params["text"])))
            if wish is None:
                self._note_notice(params)
        elif call["method"] == "editMessageText" and GATHERED in params["text"]:
            self._note_notice(params)
        if wish is not None:
            self.unanswered -= not wish.answered_in
            wish.answered_in.append(self._life)

    def _note_notice(self, params: dict[str, Any]) -> None:
        self._notices[int(params["chat_id"]), params["text"].partition(":")[0].partition(".")[0]] += 1


def kind_of(text: str) -> str:
    return next((kind for kind, words in NAMED_BY.items() if any(word in text for word in words)), "")


class Crowd:
    """Newcomers who keep coming, half of them through a friend's link; each says and taps what there is, once."""

    def __init__(self, telegram: Telegram, chance: random.Random, links: list[str], is_crowded: Callable[[], bool]):
        self._telegram, self._chance, self._links, self._is_crowded = telegram, chance, links, is_crowded
        self.people: dict[int, str] = {}  # by id: the link they came through, or nothing
        self._busy: set[asyncio.Task[None]] = set()

    async def come(self) -> None:
        """Until cancelled."""
        while True:
            if not self._is_crowded():
                visit = asyncio.create_task(self._visit())
                self._busy.add(visit)
                visit.add_done_callback(self._busy.discard)
            await asyncio.sleep(len(NAMED_BY) * self._chance.uniform(0.5, 1.5) / PER_SECOND)

    def leave(self) -> None:
        """Who still waits for an answer waits in vain."""
        for visit in self._busy:
            visit.cancel()

    async def _visit(self) -> None:
        people = self._telegram.people
        person = people.add_person(f"Guest {len(self.people)}")
        link = self._chance.choice(self._links) if self._chance.random() < 0.5 else ""
        self.people[person.id] = link
        if link:
            people.open_link(person.id, link)
        else:
            people.say(person.id, "/start")
        await self._pause()
        people.say(person.id, "/points")
        while (home := self._home_of(person.id)) is None:
            await asyncio.sleep(0.05)
        people.tap(person.id, home, text="Check in")
        for said in ("/checkin", "/help", "/language"):
            await self._pause()
            people.say(person.id, said)

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.05, 0.6))

    def _home_of(self, person_id: int) -> int | None:
        for message in self._telegram.world.chats[person_id].messages.values():
            if message["from"]["is_bot"] and "Hello " in message.get("text", ""):
                return int(message["message_id"])
        return None


class Nursery:
    """Where the program's lives come from. To be closed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._hear() == "ready"

    async def live(self, environment: dict[str, str], log: Path, changes: Sequence[str]) -> int:
        return await asyncio.to_thread(self._ask, environment=environment, log=str(log), changes=list(changes))

    async def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        status = await asyncio.to_thread(self._ask, bury=pid)
        assert os.WTERMSIG(status) == signal.SIGKILL, "it had died before, by itself"

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, **wanted: object) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(wanted)}\n")
        self._process.stdin.flush()
        return int(self._hear())

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@dataclass(slots=True)
class Trial:
    """One database, one box, one crowd; lives that end by SIGKILL, and a last one that answers what is left."""

    database: Path
    telegram: Telegram
    nursery: Nursery
    environment: dict[str, str]
    book: Book
    crowd: Crowd
    chance: random.Random

    async def run(self, kills: int, *changes: str) -> Outcome:
        coming = asyncio.create_task(self.crowd.come())
        for _ in range(kills):
            await self._live_and_die(changes)
            if coming.done():
                coming.result()
        coming.cancel()
        last = await self._begin_life("later", *changes)
        await self._until_quiet()
        self.crowd.leave()
        await self.nursery.kill(last)
        return self.book.outcome()

    async def _begin_life(self, *changes: str) -> int:
        self.book.begin_life()
        return await self.nursery.live(self.environment, self.database.with_name("program.log"), changes)

    async def _live_and_die(self, changes: tuple[str, ...]) -> None:
        pid = await self._begin_life(*changes)
        if self.chance.random() < 0.15:
            await asyncio.sleep(self.chance.uniform(0.0, 0.4))  # while it starts
        else:
            with suppress(TimeoutError):
                async with asyncio.timeout(8):
                    while self.book.calls_in_this_life < 12:  # it has set its menus and is at work
                        await asyncio.sleep(0.01)
            await asyncio.sleep(self.chance.uniform(0.0, 1.2))
        await self.nursery.kill(pid)
        await asyncio.sleep(0.05)  # what it had sent before is still read from the socket
        self.book.end_life(self._done())

    async def _until_quiet(self) -> None:
        """For two seconds nothing waits, at Telegram's side or in the database, and the bot says nothing more."""
        still, said = 0, -1
        async with asyncio.timeout(120):
            while still < 4:
                await asyncio.sleep(0.5)
                is_quiet = not len(self.telegram.updates) and not self.ask(WAITING) and said == self.book.said
                still, said = still + 1 if is_quiet else 0, self.book.said

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Asks the database, which the program may have open."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def _done(self) -> set[int]:
        """What is marked as done in what the dead process left: in a copy, so that its heir does the recovery."""
        copy = self.database.with_name("copy.db")
        for suffix in ("", "-wal"):
            if Path(f"{self.database}{suffix}").exists():
                shutil.copy(f"{self.database}{suffix}", f"{copy}{suffix}")
        with closing(sqlite3.connect(copy)) as connection:
            return {row[0] for row in connection.execute("SELECT update_id FROM updates WHERE state <> 'waiting'")}


WAITING = """
    SELECT update_id FROM updates WHERE state = 'waiting'
    UNION ALL SELECT id FROM deliveries WHERE state IN ('queued', 'sending')
"""


@asynccontextmanager
async def trial(
    nursery: Nursery, database: Path, links: Callable[[Telegram], list[str]], seed: int
) -> AsyncIterator[Trial]:
    """The box around a migrated SQLite file. `links` says how friends invite."""
    telegram = Telegram(TOKEN, "perkchat_bot", "Perkchat", limits=LimitSettings(enabled=False))
    chance, book = random.Random(seed), Book(telegram)
    async with SandboxServer(telegram, seed=seed) as server:
        environment = {
            "PERKCHAT_BOT_TOKEN": TOKEN,
            "PERKCHAT_TELEGRAM_API": server.url,
            "PERKCHAT_DATABASE_URL": f"sqlite:///{database}",
            "PERKCHAT_SENDS_PER_SECOND": "1000",
            # What the crowd does qualifies its friends, however many they are.
            "PERKCHAT_REFERRAL_EVENT": "check_in",
            "PERKCHAT_REFERRAL_CAPS": "1000,1000",
        }
        crowd = Crowd(telegram, chance, links(telegram), lambda: book.unanswered > UNDER_WAY_MAX)
        yield Trial(database, telegram, nursery, environment, book, crowd, chance)
