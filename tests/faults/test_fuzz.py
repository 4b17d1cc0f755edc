"""Whatever Telegram hands over, in whatever shape: the program goes on, nobody waits, each tap is answered, and the
books are right.

`PERKCHAT_DEEP=20` feeds twenty times as many updates, other ones each time.
"""

from __future__ import annotations

import asyncio
import json
import os
import random as chance
import tomllib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

import locales
from bot.settings import Settings
from bot.telegram import make_bot
from handlers.directory import Directory
from handlers.filters import DeepLink, Shared
from handlers.footers import ShowFooter
from loyalty.merchants import Role
from sandbox.bot_routes import BotRoutes
from sandbox.model import CallbackQuery, InlineQuery
from sandbox.weather import Sky
from storage.database import Database
from storage.updates import updates
from tests.kit.chat import TOKEN, Chat, said
from tests.kit.deals import SHOP, add_deal
from tests.kit.odd_updates import Cast, Json, OddUpdates
from tests.kit.offers import add_offer
from tests.kit.shops import add_merchant, add_reward, appoint

DEEP = int(os.environ.get("PERKCHAT_DEEP", "1"))
SEED = 20_261_128 if DEEP == 1 else chance.SystemRandom().randrange(2**32)
UPDATES = 20_000 * DEEP  # on each of the two databases
ON_THE_WIRE = 1_000
BATCH, BATCH_MAX_S = 100, 30.0
PEOPLE = 40
WISHES = Path(locales.__file__).with_name("wishes.toml")
FIRST_ID = 2_000_000_000  # far from those of the box


def registered(router: Directory) -> tuple[list[type[CallbackData]], list[str]]:
    """Every kind of button, and the prefixes of links and inline queries."""
    buttons: dict[str, type[CallbackData]] = {}
    links: set[str] = set()
    for feature in router.sub_routers:
        for observer in feature.observers.values():
            for handler in observer.handlers:
                for listened in (one.callback for one in handler.filters or ()):
                    if isinstance(listened, CallbackQueryFilter):
                        buttons[listened.callback_data.__prefix__] = listened.callback_data
                    elif isinstance(listened, DeepLink | Shared):
                        links.add(listened.prefix)
    return [buttons[prefix] for prefix in sorted(buttons)], sorted(links)


async def opened(chat: Chat) -> Cast:
    """A club at work: members with points, a shop's staff, an operator, people who blocked the bot, groups."""
    units, people = chat.app.units, chat.members(*(f"Guest {number}" for number in range(PEOPLE)))
    people.append(chat.operator())
    for person in people[PEOPLE // 4 :]:
        await person.says("/start")
    for person in people[PEOPLE // 2 :]:
        await person.earns(500)
    add_deal(units)  # opens the shop
    shop = add_merchant(units, SHOP)
    add_reward(units, shop, points=80)
    add_offer(units, shop, is_claimable=True)
    roles = (Role.OWNER, Role.MARKETER, Role.CASHIER, Role.CASHIER)
    for person, role in zip(people[-1 - len(roles) : -1], roles, strict=True):
        appoint(units, shop, await person.member(), role)
    groups = [chat.group(f"Group {number}", *people) for number in range(3)]
    await chat.settle()
    for person in people:
        chat.telegram.world.people[person.id].has_started = True
    for person in people[:4]:
        chat.telegram.people.block(person.id)
    buttons, links = registered(chat.app.router)

    def shown(chat_id: int) -> Json | None:
        known = chat.telegram.world.chats.get(chat_id)
        written = reversed(known.messages.values()) if known is not None else ()
        return next((message for message in written if message["from"]["is_bot"]), None)

    return Cast(
        people=[chat.telegram.world.people[person.id].user for person in people],
        groups=[chat.telegram.world.chats[group].info for group in groups],
        buttons=buttons,
        commands=sorted(chat.app.router.commands),
        links=links,
        wishes=sorted(
            phrase
            for entry in tomllib.loads(WISHES.read_text()).values()
            for kind in ("words", "whole")
            for phrase in entry.get(kind, ())
        ),
        shown=shown,
    )


class Taps:
    """The queries that the box is told of, so that it takes an answer to them."""

    def __init__(self, chat: Chat) -> None:
        self._world = chat.telegram.world
        self._now = chat.telegram.now
        self.asked: dict[str, Json] = {}
        self._seen: set[int] = set()

    def note(self, update: Json) -> None:
        """Of several updates with one number only the first counts: the others are it, delivered again."""
        number = update.get("update_id")
        if isinstance(number, int):
            if number in self._seen:
                return
            self._seen.add(number)
        if query_id := _query_id(update, "callback_query"):
            self._world.callback_queries[query_id] = CallbackQuery(query_id, 0, 0, self._now())
            self.asked[query_id] = update
        if query_id := _query_id(update, "inline_query"):
            self._world.inline_queries[query_id] = InlineQuery(query_id, 0, 0, self._now())

    def unanswered(self) -> list[Json]:
        return [update for query_id, update in self.asked.items() if not self._world.callback_queries[query_id].answer]


def _query_id(update: Json, kind: str) -> str:
    """The id by which the update can be answered, nothing where it has none that anybody could read."""
    content = update.get(kind)
    found = content.get("id") if isinstance(content, dict) else None
    is_readable = isinstance(found, str) and 0 < len(found.strip()) <= 64 and found.isascii() and found.isprintable()
    return str(found) if is_readable else ""


async def test_who_blocks_the_bot_before_it_answers_is_no_incident(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    home = chat.last_message(ana.id)
    chat.telegram.people.say(ana.id, "/points")
    tap = chat.telegram.people.tap(ana.id, home["message_id"], text="Rewards")
    chat.telegram.people.block(ana.id)
    await chat.settle()
    assert tap.query is not None
    assert tap.query.answer is not None, "a tap is answered also where nothing can be drawn"
    assert states(database) == {"done"}


async def test_a_tap_on_a_message_that_is_deleted_meanwhile_gets_a_new_one(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    home = chat.last_message(ana.id)
    chat.telegram.people.tap(ana.id, home["message_id"], text="My points")
    chat.telegram.call("deleteMessage", {"chat_id": ana.id, "message_id": home["message_id"]})
    await chat.settle()
    ana.sees("to spend")
    assert states(database) == {"done"}


def states(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(connection.execute(select(updates.c.state)).scalars())


@dataclass
class Aside:
    """What became of the updates: how many in which state, and those that one of our own defects set aside."""

    counts: Counter[str]
    defects: list[str]


def aside(database: Database) -> Aside:
    with database.engine.connect() as connection:
        rows = connection.execute(select(updates.c.state, updates.c.reason, updates.c.payload)).all()
    defects = [row.payload[:1_000] for row in rows if row.state == "failed" and row.reason != "unreadable"]
    return Aside(Counter(row.state for row in rows), defects)


async def test_odd_updates_stop_nobody(chat: Chat, database: Database) -> None:
    """Each batch is whatever getUpdates may give, and more. The ledger is audited by the fixture."""
    cast = await opened(chat)
    odd, taps = OddUpdates(SEED, cast, first_id=FIRST_ID), Taps(chat)
    witness = chat.member("Witness")
    await witness.says("/start")
    await witness.earns(77)
    fed = 0
    for _ in range(UPDATES // BATCH):
        batch = odd.batch(BATCH)
        fed += len(batch)
        for update in batch:
            taps.note(update)
        await chat.app.intake.take(batch)
        async with asyncio.timeout(BATCH_MAX_S):
            await chat.app.intake.idle()
    await witness.says("/points")
    witness.sees("77")
    assert taps.unanswered() == [], f"seed {SEED}"
    found = aside(database)
    assert found.counts["waiting"] == found.counts["dropped"] == 0
    assert found.defects == [], f"seed {SEED}: {len(found.defects)} of {fed}"
    assert found.counts["done"] > fed * 0.6, "most must be readable, or nothing is tried"


async def test_odd_json_over_the_wire_stops_nobody(chat: Chat, database: Database) -> None:
    """The same through aiogram's own session, beside updates that are hardly JSON."""
    if not database.is_sqlite:
        pytest.skip("what is read off the wire is the same for every database")
    cast = await opened(chat)
    odd, taps, routes = OddUpdates(SEED + 1, cast, first_id=FIRST_ID), Taps(chat), BotRoutes(chat.telegram, Sky())
    ana = chat.member("Ana")
    bodies = []
    for number in range(ON_THE_WIRE // BATCH):
        batch = odd.batch(BATCH)
        for update in batch:
            taps.note(update)
        bodies.append(", ".join([*map(json.dumps, batch), *hardly_json(FIRST_ID * 2 + number * 10)]))
    hello = {"message_id": 1, "date": 1, "chat": chat.telegram.world.chats[ana.id].info, "text": "/start"}
    hello["from"] = chat.telegram.world.people[ana.id].user
    chat.telegram.world.people[ana.id].has_started = True
    bodies.append(json.dumps({"update_id": FIRST_ID * 3, "message": hello}))

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] != "getUpdates":
            return await routes.call(request)
        await asyncio.sleep(0 if bodies else 0.05)
        body = f'{{"ok": true, "result": [{bodies.pop(0) if bodies else ""}]}}'
        return web.Response(text=body, content_type="application/json")

    server = web.Application()
    server.router.add_route("*", "/bot{token:[^/]+}/{method}", answer)
    async with TestServer(server) as there:
        url = str(there.make_url("")).rstrip("/")
        settings = Settings.load(_env_file=None, bot_token=TOKEN, telegram_api=url, database_url="sqlite:///unused.db")
        chat.app.bot = make_bot(settings)
        await chat.app.bot.me()
        polling = asyncio.create_task(chat.wait_with(asyncio.sleep).poll())
        async with asyncio.timeout(120):
            while not any("Hello Ana" in said(message) for message in chat.messages(ana.id)):
                await asyncio.sleep(0.05)
            await chat.app.intake.idle()
        polling.cancel()
        with suppress(asyncio.CancelledError):
            await polling
        await chat.app.bot.session.close()
    assert bodies == []
    assert taps.unanswered() == [], f"seed {SEED}"
    found = aside(database)
    assert found.counts["waiting"] == 0
    assert found.defects == [], f"seed {SEED}: {len(found.defects)}"


def hardly_json(first_id: int) -> list[str]:
    """A number of 5,000 digits, brackets that no parser follows to the end, and half a sign."""
    deep = 50_000
    return [
        f'{{"update_id": {first_id}, "message": {{"date": {"9" * 5_000}, "chat": {{"id": 1, "type": "private"}}}}}}',
        f'{{"update_id": {first_id + 1}, "poll": {"[" * deep}{"]" * deep}}}',
        f'{{"update_id": {first_id + 2}, "message": {{"text": "\\ud83d", "date": 1e999, "chat": null}}}}',
    ]


async def test_a_tap_under_a_keyboard_with_a_dead_button_redraws_the_others(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    home = chat.last_message(ana.id)
    chat.telegram.people.forge(ana.id, home["message_id"], ShowFooter(delivery_id=1).pack())
    [update] = chat.telegram.updates.take()
    tapped = {
        **home,
        "reply_markup": {"inline_keyboard": [[{"text": "Dead"}], [{"text": "Home", "callback_data": ""}]]},
    }
    update["callback_query"]["message"] = tapped
    await chat.settle()
    assert states(database) == {"done"}


async def test_a_tap_of_a_bot_and_one_without_an_id_leave_nothing_waiting(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    home = chat.last_message(ana.id)
    tap = chat.telegram.people.tap(ana.id, home["message_id"], text="My points")
    [update] = chat.telegram.updates.take()
    query = update["callback_query"]
    nameless = {**query, "id": ""}
    update["callback_query"] = {**query, "from": {**query["from"], "is_bot": True}}
    await chat.app.intake.take([update, {"update_id": FIRST_ID, "callback_query": nameless}])
    await chat.app.intake.idle()
    assert tap.query is not None
    assert tap.query.answer is not None
    assert aside(database).defects == []


async def test_a_refusal_to_somebody_who_has_just_blocked_the_bot_is_no_incident(
    chat: Chat, database: Database
) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    chat.telegram.people.say(ana.id, "/start s_ABCD2345")
    chat.telegram.people.block(ana.id)
    await chat.settle()
    assert states(database) == {"done"}
