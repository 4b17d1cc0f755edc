"""Buttons that nobody was given: every kind of them, pressed by people whose it is not, wherever a message can stand.

A client can be tampered with, and ids count up, so what a button carries is no proof of anything. Each press is
answered, changes nothing of anybody else's, and tells nobody's name, code or voucher to others.
"""

from __future__ import annotations

import json
import os
import random as chance
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlalchemy import select
from structlog.testing import capture_logs

from handlers.features import PUBLIC
from handlers.group_buys.callbacks import JoinGroup, OpenHere
from storage.database import Database
from storage.schema import metadata
from tests.kit.chat import Message, open_chat
from tests.kit.clock import FrozenClock
from tests.kit.registry import IGNORED, STALE, World, buttons, roles, ways

pytestmark = pytest.mark.permission

DEEP = int(os.environ.get("PERKCHAT_DEEP", "0"))
EACH = 5 * max(1, DEEP)  # presses of each kind of button; PERKCHAT_DEEP=20 tries twenty times as many, other ones
SEED = 7 if not DEEP else chance.SystemRandom().randrange(10**9)
FORGERS = ("stranger", "member", "owner elsewhere", "dismissed", "operator")
PLACES = ("private", "group", "inline")
MADE_UP = (
    "0",
    "-1",
    "999999",
    str(2**62),
    str(2**63),
    str(2**64),
    "1e3",
    "x",
    "",
    " 1",
    "²",
    "１",
    "☃",
    "1 OR 1=1",
    "None",
)
# What looking at something leaves behind, besides what every update does: that it was looked at, and how often.
LOOKS = {"deal_views", "offer_members", "live_cards"}
TOGETHER = (JoinGroup, OpenHere)  # what people do together concerns the others as well
OWN = ("member_id", "organiser_id", "referrer_id", "referee_id", "by_id", "author_id")


@dataclass(frozen=True)
class Press:
    button: type[CallbackData]
    who: str
    place: str
    data: str
    is_altered: bool

    def __str__(self) -> str:
        return f"{self.who} presses {self.data!r} ({self.button.__name__}) in {self.place}"


def altered(data: str, button: type[CallbackData], random: chance.Random) -> str:
    """The data as somebody tampers with it: another id, a text in the place of a number, more, less, cut off."""
    parts = data.split(":")
    ids = [n for n, name in enumerate(button.model_fields, 1) if name.endswith("_id")]
    match random.choice(("id", "field", "more", "less", "cut") if ids else ("field", "more", "less", "cut")):
        case "id":
            for n in ids:
                parts[n] = random.choice(MADE_UP)
        case "field" if len(parts) > 1:
            parts[random.randrange(1, len(parts))] = random.choice(MADE_UP)
        case "less" if len(parts) > 1:
            parts.pop()
        case "cut" if len(data) > 2:
            return data[: random.randrange(1, len(data))]
        case _:
            parts.append(random.choice(MADE_UP))
    said = ":".join(parts)
    return said.encode()[:64].decode(errors="ignore")


class Forging:
    """The world, a card that was shared inline, and what must not be told."""

    def __init__(self, world: World) -> None:
        self.world, self.chat = world, world.chat
        self.places: dict[str, Message] = {"group": world.posted}
        self.secrets: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.faults: list[str] = []

    async def open(self) -> None:
        world, chat = self.world, self.chat
        stranger = world.people["stranger"] = chat.member("Stranger")
        chat.telegram.groups.add(world.friends, stranger.id)
        family = chat.telegram.groups.create("Family", [p.id for p in world.people.values()], with_bot=False).id
        self.places["inline"] = await world.people["customer"].shares(f"d_{world.samples['deal_id']}", into=family)
        await chat.settle()
        for kind in ("customer", "colleague", "cashier", "marketer", "owner"):
            member = await world.people[kind].member()
            self.secrets |= {member.name: f"the name of {kind}", member.code: f"the code of {kind}"}
            if member.card_code:
                self.secrets[member.card_code] = f"the card of {kind}"
        self.secrets[world.arguments["voucher"]] = "the customer's voucher"
        for kind in ("member", "owner elsewhere"):
            await world.people[kind].earns(2000)  # with what can be done for points
        for kind in FORGERS:
            self.numbers[kind] = 0 if kind == "stranger" else (await world.people[kind].member()).id

    def presses(self, random: chance.Random) -> Iterator[Press]:
        for button in buttons():
            whole = self.world.data(button)
            for _ in range(EACH):
                is_altered = random.random() < 0.5
                data = altered(whole, button, random) if is_altered else whole
                yield Press(button, random.choice(FORGERS), random.choice(PLACES), data, is_altered)

    async def press(self, press: Press) -> None:
        person = self.world.people[press.who]
        if press.place == "private" and press.who == "stranger":
            return  # has no message from us yet
        on = self.places.get(press.place) or self.chat.last_message(person.id)
        before, seen_before = self.rows(), self.seen(person.id)
        with capture_logs() as lines:
            tapped = self.chat.telegram.people.forge(person.id, on["message_id"], press.data, chat_id=on["chat"]["id"])
            await self.chat.settle()
        self.faults += [f"{press}: {line}" for line in lines if line["log_level"] in ("warning", "error", "critical")]
        if tapped.answer is None:
            self.faults.append(f"{press}: the tap was not answered")
            return
        answer = " ".join(filter(None, (tapped.answer.text, tapped.answer.url)))
        self.faults += [f"{press} changed {what}" for what in self.changes(press, before, self.rows())]
        seen = self.seen(person.id)
        if press.who == "operator" and press.place == "private":
            return
        told = answer + "".join(text for place, text in seen.items() if text != seen_before[place])
        told = told.replace("-", "")  # codes are written in groups
        own = (await person.member()).name if press.who != "stranger" else ""
        for secret, what in self.secrets.items():
            if secret in told and secret not in press.data and secret != own:
                self.faults.append(f"{press} is told {what}: {told}")
        if press.place != "private" and not self.is_public(press.button):
            for place in ("group", "inline"):
                if seen[place] != seen_before[place]:
                    self.faults.append(f"{press} writes into the {place}: {seen[place]}")

    def is_public(self, button: type[CallbackData]) -> bool:
        return any(way.to is button and way.feature in PUBLIC for way in ways())

    def seen(self, user_id: int) -> dict[str, str]:
        """What stands at last in the forger's own chat, and the messages that others see."""
        stands = {}
        for place, message in self.places.items():
            chat = self.chat.telegram.world.chats[message["chat"]["id"]]
            stands[place] = json.dumps(chat.messages[message["message_id"]], ensure_ascii=False, default=str)
        mine = self.chat.messages(user_id)
        return {"private": json.dumps(mine[-2:], ensure_ascii=False), **stands}

    def rows(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Everything that the club knows, row by row."""
        with self.chat.app.database.engine.connect() as connection:
            return {
                table.name: {repr(row): dict(row._mapping) for row in connection.execute(select(table))}
                for table in metadata.sorted_tables
                if table.name not in IGNORED | LOOKS
            }

    def changes(
        self, press: Press, before: dict[str, dict[str, dict[str, Any]]], after: dict[str, dict[str, dict[str, Any]]]
    ) -> Iterator[str]:
        """What was changed that was not the forger's to change."""
        needs = roles(press.button)
        is_for_all = "member" in needs
        is_out_of_place = press.place != "private" and not self.is_public(press.button)
        if press.who == "operator" and "operator" in needs and not is_out_of_place:
            return  # it is their work
        if press.button in TOGETHER and press.who != "stranger":
            return  # a full group gives everybody in it something
        me = self.numbers[press.who]
        for table, rows in after.items():
            for key in rows.keys() ^ before[table].keys():
                row = rows.get(key) or before[table][key]
                owners = {row[column] for column in OWN if row.get(column) is not None}
                # Members act for themselves; what they take is missing in a stock, which belongs to nobody's person.
                is_theirs = is_for_all and not is_out_of_place and press.who != "stranger" and owners <= {me}
                is_own_shop = press.who == "owner elsewhere" and row.get("merchant_id") == self.shop_elsewhere
                if not is_theirs and not is_own_shop:
                    yield f"{table}: {key}"

    @property
    def shop_elsewhere(self) -> int:
        return int(self.world.samples["merchant_id"]) + 1


@pytest.fixture
async def forging(sqlite: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Forging]:
    chat = await open_chat(sqlite, clock, random)
    world = World(chat)
    await world.open()
    opened = Forging(world)
    await opened.open()
    yield opened
    await chat.app.intake.close()


async def test_pressing_buttons_that_nobody_was_given(forging: Forging) -> None:
    random = chance.Random(SEED)
    pressed = list(forging.presses(random))
    random.shuffle(pressed)
    for press in pressed:
        await forging.press(press)
    assert not forging.faults, f"seed {SEED}:\n" + "\n".join(forging.faults)


async def test_the_forgers_of_a_test_are_found_out(forging: Forging) -> None:
    """So that a test which sees nothing does not pass for a club in which nothing happens."""
    customer = forging.world.people["customer"]
    before = forging.rows()
    await customer.says("/checkin")
    me = Press(buttons()[0], "member", "private", "", is_altered=False)
    assert any(
        "transactions" in change or "balances" in change for change in forging.changes(me, before, forging.rows())
    )
    assert STALE not in forging.secrets
