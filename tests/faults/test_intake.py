"""One effect per update, one person's wishes in their order, different people at the same time, nothing thrown away."""

from __future__ import annotations

import asyncio
import json
import random as chance
from typing import Any

import pytest
from aiogram import Dispatcher, Router
from aiogram.types import Message
from sqlalchemy import select, update

from bot.app import ASKED_FOR
from bot.intake import AT_ONCE, Intake
from bot.reading import person_of
from loyalty.members import Language
from storage.database import Database
from storage.members import members
from storage.unit_of_work import UnitFactory
from storage.updates import StoredUpdate, updates
from tests.kit.chat import Chat, open_chat
from tests.kit.clock import FrozenClock


def stored(database: Database) -> list[tuple[str, str]]:
    """State and incident of every update, in their order."""
    query = select(updates.c.state, updates.c.incident).order_by(updates.c.update_id)
    with database.engine.connect() as connection:
        return [(row.state, row.incident) for row in connection.execute(query)]


def reasons(database: Database) -> list[str]:
    """Why updates were set aside, in their order."""
    query = select(updates.c.reason).where(updates.c.state == "failed").order_by(updates.c.update_id)
    with database.engine.connect() as connection:
        return list(connection.execute(query).scalars())


async def test_an_update_that_comes_again_has_one_effect_and_one_answer(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    chat.telegram.people.say(ana.id, "/checkin")
    [raw] = chat.telegram.updates.take()
    answers = len(chat.messages(ana.id))
    await chat.app.intake.take([raw, raw])
    await chat.app.intake.take([raw])
    await chat.app.intake.idle()
    await chat.app.intake.take([raw])
    await chat.app.intake.idle()
    assert len(chat.messages(ana.id)) == answers + 1
    ana.sees("+1 point for checking in.")
    assert stored(database) == [("done", ""), ("done", "")]


async def test_a_restart_knows_what_was_answered_and_answers_what_was_not(
    sqlite: Database, clock: FrozenClock, random: chance.Random
) -> None:
    chat = await open_chat(sqlite, clock, random)
    ana = chat.member("Ana")
    await ana.says("/start")
    chat.telegram.people.say(ana.id, "/checkin")
    [first] = chat.telegram.updates.take()
    await chat.app.intake.take([first])
    await chat.app.intake.idle()
    chat.telegram.people.say(ana.id, "/points")
    [_, second] = chat.telegram.updates.take()
    # Stored and never handled, as by a kill right after the commit.
    with chat.app.units() as uow:
        uow.updates.store(chat.app.bot.id, [StoredUpdate(second["update_id"], json.dumps(second))], clock())
        uow.commit()

    heir = Intake(
        chat.app.bot,
        chat.app.dispatcher,
        chat.app.units,
        sqlite.run,
        clock,
        allowed_updates=ASKED_FOR,
        language=Language.ENGLISH,
    )
    answers = len(chat.messages(ana.id))
    await heir.resume()
    await heir.take([first, second])  # Telegram had not heard that we have them
    await heir.idle()
    assert len(chat.messages(ana.id)) == answers + 1
    ana.sees("to spend")
    assert stored(sqlite) == [("done", "")] * 3


async def test_one_persons_wishes_keep_their_order_and_people_do_not_wait_for_each_other(
    database: Database, clock: FrozenClock, chat: Chat
) -> None:
    people, wishes = 8, 3
    everybody = asyncio.Barrier(people)  # opens only when all of them are being served at once
    order: dict[int, list[str]] = {}
    served: set[int] = set()

    async def handler(message: Message) -> None:
        person = message.chat.id
        assert person not in served, "two wishes of one person at the same time"
        served.add(person)
        await everybody.wait()
        order.setdefault(person, []).append(message.text or "")
        served.discard(person)

    router = Router()
    router.message.register(handler)
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.include_router(router)
    intake = Intake(
        chat.app.bot,
        dispatcher,
        UnitFactory(database),
        database.run,
        clock,
        allowed_updates=ASKED_FOR,
        language=Language.ENGLISH,
    )
    ids = [chat.member(f"Guest {number}").id for number in range(people)]
    for number in range(wishes):
        for person in ids:
            chat.telegram.people.say(person, str(number))
    async with asyncio.timeout(10):
        await intake.take(chat.telegram.updates.take())
        await intake.idle()
    assert order == {person: ["0", "1", "2"] for person in ids}
    assert people <= AT_ONCE


async def test_an_unreadable_update_is_set_aside_and_stops_nobody(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    unreadable: list[dict[str, Any]] = [
        {"update_id": 1, "message": {"message_id": "many", "from": {"id": ana.id}}},
        {"update_id": 2, "message": {"from": "nobody", "chat": None}},
        {"update_id": 3, "callback_query": 7},
    ]
    unknown = {"update_id": 4, "telepathy": {"from": {"id": ana.id}, "thought": "points"}}
    chat.telegram.people.say(ana.id, "/start")
    await chat.app.intake.take([*unreadable, unknown, *chat.telegram.updates.take()])
    await chat.app.intake.idle()
    ana.sees("Hello Ana.")
    assert [state for state, _ in stored(database)] == ["failed"] * 3 + ["done"] * 2
    assert reasons(database) == ["unreadable"] * 3
    with database.engine.connect() as connection:
        kept = connection.execute(select(updates.c.payload).where(updates.c.update_id == 1)).scalar_one()
    assert '"many"' in kept


async def test_a_defect_is_apologised_for_once_kept_with_its_number_and_stops_nobody(
    chat: Chat, database: Database
) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.says("/start")
    with database.engine.begin() as connection:
        connection.execute(
            update(members).where(members.c.id == (await ana.member()).id).values(timezone="Atlantis/Poseidonis")
        )
    before = len(chat.messages(ana.id))
    chat.telegram.people.say(ana.id, "/checkin")
    chat.telegram.people.say(bo.id, "/checkin")
    await chat.settle()
    bo.sees("+1 point for checking in.")
    apology = ana.sees("that went wrong on our side")
    assert len(chat.messages(ana.id)) == before + 1
    [(state, incident)] = [row for row in stored(database) if row[0] != "done"]
    assert state == "failed"
    assert incident in apology["text"]


@pytest.mark.parametrize(
    ("content", "person"),
    [
        ({"message": {"from": {"id": 7}, "chat": {"id": -5}}}, 7),
        ({"message": {"chat": {"id": -5}}}, -5),
        ({"poll_answer": {"user": {"id": 8}}}, 8),
        ({"poll": {"id": "1"}}, 0),
        ({"message": {"from": None, "chat": {"id": -6}}}, -6),
        ({}, 0),
    ],
)
def test_whose_update_it_is(content: dict[str, Any], person: int) -> None:
    assert person_of({"update_id": 1, **content}) == person
