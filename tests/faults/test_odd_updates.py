"""Updates that are odd in themselves: stored as they came, read as far as anybody needs, and never in anybody's way."""

from __future__ import annotations

import ast
import asyncio
import copy
import json
import random as chance
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Update
from sqlalchemy import select, update

from bot import reading
from bot.intake import LANE_MAX, STARTS_MAX, TOASTS_MAX
from bot.reading import KINDS, Shape, Unreadable
from loyalty.earning import EarnRule
from storage.database import Database
from storage.updates import StoredUpdate, updates
from tests.kit.chat import Chat, Person, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, appoint
from tests.kit.till import know

ROOT = Path(__file__).parents[2]


def rows(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    with database.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(updates.c.update_id))]


def states(database: Database) -> list[tuple[str, str]]:
    return [tuple(row) for row in rows(database, updates.c.state, updates.c.reason)]


def asked(person: Person, text: str) -> dict[str, Any]:
    """What a person says, on its way to the bot; to be made odd by the test."""
    person.chat.telegram.people.say(person.id, text)
    *_, raw = person.chat.telegram.updates.take()
    person.chat.telegram.updates.confirm(raw["update_id"] + 1)
    return copy.deepcopy(raw)


def tapped(person: Person, data: str) -> tuple[dict[str, Any], Any]:
    message = person.chat.last_message(person.id)
    tap = person.chat.telegram.people.forge(person.id, message["message_id"], data)
    *_, raw = person.chat.telegram.updates.take()
    person.chat.telegram.updates.confirm(raw["update_id"] + 1)
    return copy.deepcopy(raw), tap


async def hand_over(chat: Chat, *raw: Any) -> None:
    await chat.app.intake.take(list(raw))
    await chat.app.intake.idle()


# Oddities of a single update


async def test_half_a_surrogate_pair_in_words_and_names_is_read_without_it(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    raw = asked(ana, "/start")
    raw["message"]["from"]["last_name"] = "half \ud83d"
    await hand_over(chat, raw)
    ana.sees("Hello Ana")
    raw = asked(ana, "hello")
    raw["message"]["text"] = "half \ud83d"
    await hand_over(chat, raw)
    await ana.says("/points")
    ana.sees("to spend")
    assert {state for state, _ in states(database)} == {"done"}
    payload = rows(database, updates.c.payload)[1][0]
    assert json.loads(payload)["message"]["text"] == "half \ud83d"


@pytest.mark.parametrize(
    "odd",
    [
        {"message": {"from": {"id": None}}},
        {"message": {"from": {"id": "seven"}}},
        {"message": {"from": {"id": 2**64}}},
        {"message": {"from": {"id": True}}},
        {"message": {"chat": None}},
        {"message": {"message_id": -1}},
        {"message": []},
        {"message": None},
        {"callback_query": {"from": None}},
    ],
)
async def test_what_cannot_be_read_is_set_aside_and_the_next_one_goes_on(
    chat: Chat, database: Database, odd: dict[str, Any]
) -> None:
    ana = chat.member("Ana")
    raw, good = asked(ana, "/help"), asked(ana, "/start")
    [(kind, wrong)] = odd.items()
    content = {**raw["message"], **wrong} if isinstance(wrong, dict) else wrong
    await hand_over(chat, {"update_id": raw["update_id"], kind: content}, good)
    ana.sees("Hello Ana.")
    assert states(database) == [("failed", "unreadable"), ("done", "")]
    [(stored,), _] = rows(database, updates.c.payload)
    assert json.loads(stored)[kind] == content


@pytest.mark.parametrize("update_id", [2**64, -(2**70), "7", None, 1.5, True])
async def test_an_update_without_a_number_of_use_is_stored_under_another_one(
    chat: Chat, database: Database, update_id: object
) -> None:
    ana = chat.member("Ana")
    raw, good = asked(ana, "/help"), asked(ana, "/start")
    raw["update_id"] = update_id
    await hand_over(chat, raw, good)
    await hand_over(chat, raw)  # Telegram has not heard that we have it
    ana.has_seen("Hello Ana.")
    ana.has_seen("It is kept as number")
    assert states(database) == [("failed", "unreadable"), ("done", "")]


@pytest.mark.parametrize("raw", [None, 7, "no JSON", [], {}, {"update_id": 5}, {"update_id": 6, "poll": 3}])
async def test_what_is_no_update_at_all_is_in_nobodys_way(chat: Chat, raw: object) -> None:
    ana = chat.member("Ana")
    await hand_over(chat, raw, asked(ana, "/start"))
    ana.sees("Hello Ana.")


async def test_a_kind_that_nobody_asked_for_is_not_looked_at(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    answered = {"update_id": 3, "poll_answer": {"poll_id": "1", "user": {"id": "no number"}, "option_ids": []}}
    await hand_over(chat, answered, asked(ana, "/start"))
    ana.sees("Hello Ana.")
    assert states(database) == [("done", "")] * 2


class Watched(dict[str, Any]):
    """Counts how often somebody looks into it."""

    looks = 0

    def __getitem__(self, key: str) -> Any:
        Watched.looks += 1
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        Watched.looks += 1
        return super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        Watched.looks += 1
        return super().__iter__()


def nested(levels: int) -> dict[str, Any]:
    text: Any = "deep"
    for _ in range(levels):
        text = Watched(type="bold", text=text)
    return Watched(blocks=[Watched(type="paragraph", text=text)])


def test_formats_that_are_nested_deeply_are_not_even_looked_at() -> None:
    raw = {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "date": 1_700_000_000,
            "chat": {"id": 5, "type": "private"},
            "from": {"id": 5, "is_bot": False, "first_name": "Ana"},
            "text": "/points",
            "rich_message": nested(8),
            "reply_to_message": Watched(message_id=0, rich_message=nested(8)),
        },
    }
    Watched.looks = 0
    read = reading.read(raw)
    assert Watched.looks == 0
    assert read is not None
    assert "rich_message" not in read["message"]
    message = Update.model_validate(read).message
    assert message is not None
    assert message.text == "/points"


async def test_a_message_with_deeply_nested_formats_is_answered_like_any_other(chat: Chat) -> None:
    ana = chat.member("Ana")
    raw = asked(ana, "/start")
    raw["message"]["rich_message"] = json.loads(json.dumps(nested(8)))
    await hand_over(chat, raw)
    ana.sees("Hello Ana.")


def test_a_host_gets_updates_as_they_came_unless_they_are_nested_deeply() -> None:
    content = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "venue": {"title": "Quay"}}
    raw = {"update_id": 1, "message": content}
    assert reading.read_as_it_came(raw) == raw
    raw["message"] = {**content, "rich_message": nested(8)}
    assert reading.read_as_it_came(raw) == {"update_id": 1, "message": {k: content[k] for k in content if k != "venue"}}


async def test_words_are_bounded_and_hold_no_nul(chat: Chat) -> None:
    ana = chat.member("Ana")
    raw = asked(ana, "/start")
    raw["message"]["from"]["first_name"] = "A" * 100_000
    read = reading.read(raw)
    assert read is not None
    assert len(read["message"]["from"]["first_name"]) <= reading.NAME_MAX
    assert reading.sound("a\0b") == "a b"
    assert reading.sound("\ud83d\ude00 \udc00") == "\U0001f600 �"


# Taps


async def test_a_tap_whose_message_is_odd_is_answered_by_a_new_message(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    raw, tap = tapped(ana, "points:0")
    raw["callback_query"]["message"]["chat"] = {"id": "here"}
    raw["callback_query"].pop("chat_instance")
    await hand_over(chat, raw)
    assert tap.answer is not None
    assert {state for state, _ in states(database)} == {"done"}


async def test_a_tap_that_cannot_be_read_is_answered_all_the_same(chat: Chat, database: Database) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    raw, tap = tapped(ana, "points:0")
    raw["callback_query"]["from"] = {"id": None}
    await hand_over(chat, raw)
    assert tap.answer is not None
    [(number,)] = [row for row in rows(database, updates.c.incident) if row[0]]
    assert number in tap.answer.text


# The table, and what is looked at

NOT_READ = {  # attributes that are methods or ours, or of things that are not updates
    "answer", "as_", "bot", "model_copy", "edit_text", "edit_media", "edit_reply_markup", "register",
    "outer_middleware", "middleware", "handlers", "filters", "callback", "flags", "handler", "full_name",
    "content_type", "html_text",
}  # fmt: skip
RENAMED = {"from_user": "from"}


def fields_of(shape: object, seen: set[int]) -> Iterator[str]:
    """The names in a shape and in those below it."""
    if callable(shape) and not isinstance(shape, Shape):
        for cell in getattr(shape, "__closure__", None) or ():
            yield from fields_of(cell.cell_contents, seen)
        if shape is reading.CHAT:
            yield from fields_of(reading._CHAT, seen)
    if isinstance(shape, Shape) and id(shape) not in seen:
        seen.add(id(shape))
        for name, reader in shape.fields():
            yield name
            yield from fields_of(reader, seen)


def looked_at() -> Iterator[tuple[str, str]]:
    """Attributes of what handlers are handed by Telegram, by the names that such parameters have."""
    of_telegram = {"Message", "CallbackQuery", "InlineQuery", "ChosenInlineResult", "ChatMemberUpdated", "User"}
    for folder in ("handlers", "bot"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for function in ast.walk(ast.parse(path.read_text())):
                if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                names = {
                    arg.arg
                    for arg in function.args.args
                    if arg.annotation is not None
                    and of_telegram & {n.id for n in ast.walk(arg.annotation) if isinstance(n, ast.Name)}
                }
                for node in ast.walk(function):
                    chain = []
                    while isinstance(node, ast.Attribute):
                        chain.append(node.attr)
                        node = node.value
                    if isinstance(node, ast.Name) and node.id in names:
                        for attribute in reversed(chain):
                            if attribute in NOT_READ or attribute.startswith("__"):
                                break
                            yield f"{path.relative_to(ROOT)}:{function.name}", attribute


def test_whatever_a_handler_looks_at_is_in_the_table() -> None:
    known = {name for shape in KINDS.values() for name in fields_of(shape, set())} | set(KINDS)
    found = list(looked_at())
    assert len({attribute for _, attribute in found}) > 15, "the test sees what handlers do"
    ours = {"lower", "split", "strip", "startswith", "partition", "casefold", "encode", "get", "removeprefix"}
    missing = {(where, name) for where, name in found if RENAMED.get(name, name) not in known | ours}
    assert missing == set()


def test_an_unreadable_field_is_named_and_not_told() -> None:
    with pytest.raises(Unreadable) as raised:
        reading.read({"update_id": 1, "message": {"message_id": "my secret", "chat": {"id": 1}}})
    assert str(raised.value) == "message: message_id"


async def test_the_log_of_an_unreadable_update_has_none_of_its_words(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    ana = chat.member("Ana")
    raw = asked(ana, "my secret")
    raw["message"]["message_id"] = "my secret, too"
    await hand_over(chat, raw)
    ana.sees("It is kept as number")
    said_by_us = capsys.readouterr()
    assert "secret" not in said_by_us.err + said_by_us.out


# Floods


async def test_a_flood_of_twelve_thousand_is_answered_once_while_others_are_answered(
    sqlite: Database, clock: FrozenClock, random: chance.Random
) -> None:
    chat = await open_chat(sqlite, clock, random)
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.says("/start")
    told: list[tuple[int, str]] = []
    waiting = 0

    def note(event: dict[str, Any]) -> None:
        if event["type"] == "call" and event["call"]["method"] == "sendMessage":
            told.append((int(event["call"]["params"]["chat_id"]), event["call"]["params"]["text"]))

    chat.telegram.events.watch(note)
    for number in range(120):
        for _ in range(100):
            chat.telegram.people.say(ana.id, "/points")
        if number == 40:
            chat.telegram.people.say(bo.id, "/points")
        raw = chat.telegram.updates.take(limit=200)
        await chat.app.intake.take(raw)
        chat.telegram.updates.confirm(raw[-1]["update_id"] + 1)
        waiting = max(waiting, chat.app.intake.backlog)
        if number == 60:
            assert [person for person, _ in told].count(bo.id) == 1  # with half of the flood still to come
    await chat.app.intake.idle()
    answers = [words for person, words in told if person == ana.id]
    assert waiting <= LANE_MAX + 1
    assert sum("That was a lot at once" in answer for answer in answers) == 1
    assert sum("to spend" in answer for answer in answers) <= 2 * LANE_MAX
    assert len(states(sqlite)) == 12_000 + 3
    assert chat.app.intake.backlog == 0


async def test_after_a_flood_the_same_person_is_answered_again(
    sqlite: Database, clock: FrozenClock, random: chance.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await open_chat(sqlite, clock, random)
    ana = chat.member("Ana")
    await ana.says("/start")
    monkeypatch.setattr("bot.intake.FLOOD_REST_S", 0.05)
    await hand_over(chat, *[asked(ana, "/points") for _ in range(3 * LANE_MAX)])
    await asyncio.sleep(0.1)
    await ana.says("/help")
    ana.sees("What is this?")


async def test_a_flood_of_taps_is_answered_with_a_few_toasts(
    sqlite: Database, clock: FrozenClock, random: chance.Random
) -> None:
    chat = await open_chat(sqlite, clock, random)
    ana = chat.member("Ana")
    await ana.says("/start")
    taps = [tapped(ana, "help") for _ in range(LANE_MAX + 5 * TOASTS_MAX)]
    await hand_over(chat, *[raw for raw, _ in taps])
    answered = [tap for _, tap in taps if tap.answer is not None]
    assert len(answered) == LANE_MAX + TOASTS_MAX


async def test_many_people_of_one_group_are_no_flood(
    sqlite: Database, clock: FrozenClock, random: chance.Random
) -> None:
    chat = await open_chat(sqlite, clock, random)
    people = chat.members(*(f"Guest {number}" for number in range(2 * LANE_MAX)))
    for person in people:
        await person.says("/start")
    group = chat.group("Neighbours", *people)
    for person in people:
        chat.telegram.people.say(person.id, "/groupbuy", chat_id=group)
    await chat.settle()
    assert {state for state, _ in states(sqlite)} == {"done"}


async def test_a_restart_takes_up_no_more_of_one_person_than_a_lane_holds(
    database: Database, clock: FrozenClock, random: chance.Random
) -> None:
    chat = await open_chat(database, clock, random)
    ana = chat.member("Ana")
    await ana.says("/start")
    raws = [asked(ana, "/points") for _ in range(3 * LANE_MAX)]
    with chat.app.units() as uow:
        stored = [StoredUpdate(raw["update_id"], json.dumps(raw)) for raw in raws]
        uow.updates.store(chat.app.bot.id, stored, clock())
        uow.commit()
    before = len(chat.messages(ana.id))
    await chat.app.intake.resume()
    await chat.app.intake.idle()
    assert len(chat.messages(ana.id)) == before + LANE_MAX
    assert [state for state, _ in states(database)].count("dropped") == 2 * LANE_MAX


# Attempts


async def crash(chat: Chat, *raw: dict[str, Any]) -> None:
    """The program dies before it could mark these as done, and starts anew."""
    with chat.app.database.engine.begin() as connection:
        ids = [each["update_id"] for each in raw]
        connection.execute(update(updates).where(updates.c.update_id.in_(ids)).values(state="waiting", attempts=1))
    await chat.wait_with(asyncio.sleep).resume()
    await chat.app.intake.idle()


async def test_the_attempt_is_written_down_before_the_handling(
    chat: Chat, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bo = chat.members("Ana", "Bo")
    await ana.says("/start")
    await bo.says("/start")
    seen, at_once, most = list[int](), 0, 0
    feed = chat.app.dispatcher.feed_update

    async def look(bot: Any, update: Update, **data: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        with database.engine.connect() as connection:
            query = select(updates.c.attempts).where(updates.c.update_id == update.update_id)
            seen.append(connection.execute(query).scalar_one())
        await asyncio.sleep(0.01)
        answer = await feed(bot, update, **data)
        at_once -= 1
        return answer

    monkeypatch.setattr(chat.app.dispatcher, "feed_update", look)
    both = asked(ana, "/points"), asked(bo, "/points")
    await hand_over(chat, *both)
    assert (seen, most) == ([1, 1], 2)
    seen.clear()
    most = 0
    await crash(chat, *both)
    assert (seen, most) == ([2, 2], 1)  # one at a time: none is blamed for the other
    assert {state for state, _ in states(database)} == {"done"}


async def test_what_ended_the_program_three_times_is_set_aside_and_the_person_is_told_once(
    chat: Chat, database: Database
) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    raws = [asked(ana, "/help"), asked(ana, "/points")]
    with chat.app.units() as uow:
        stored = [
            StoredUpdate(raw["update_id"], json.dumps(raw), attempts=attempts)
            for raw, attempts in zip(raws, (STARTS_MAX, 1), strict=True)
        ]
        uow.updates.store(chat.app.bot.id, stored, chat.clock())
        uow.commit()
    await chat.app.intake.resume()
    await chat.app.intake.idle()
    await chat.wait_with(asyncio.sleep).resume()
    await chat.app.intake.idle()
    assert states(database) == [("done", ""), ("failed", "starts"), ("done", "")]
    told = [said(message) for message in chat.messages(ana.id) if "It is kept as number" in said(message)]
    assert len(told) == 1
    ana.has_seen("to spend")
    ana.has_not_seen("What is this?")


async def test_a_program_that_ends_in_peace_suspects_nothing(
    sqlite: Database, clock: FrozenClock, random: chance.Random
) -> None:
    chat = await open_chat(sqlite, clock, random)
    ana = chat.member("Ana")
    raw = asked(ana, "/start")
    with chat.app.units() as uow:
        uow.updates.store(chat.app.bot.id, [StoredUpdate(raw["update_id"], json.dumps(raw), attempts=2)], clock())
        uow.commit()
    chat.app.intake.backlog = 1  # it came, and has not been handled
    await chat.app.intake.close()
    assert rows(sqlite, updates.c.state, updates.c.attempts) == [("waiting", 0)]


# What is repeated after a crash shows what it was at first


async def test_a_check_in_that_is_handled_again_after_a_crash_shows_its_points(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    raw = asked(ana, "/checkin")
    await hand_over(chat, raw)
    await crash(chat, raw)
    assert [said(message) for message in chat.messages(ana.id)].count(said(ana.sees("+1 point"))) == 2
    assert await ana.balance() == 1
    await ana.says("/checkin")
    ana.sees("today already")


async def test_an_amount_that_is_handled_again_after_a_crash_leaves_the_first_question_good(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Corner")
    chat.club.purchases.set_rule(shop, EarnRule())
    cato, ana = chat.members("Cato", "Ana")
    await cato.says("/start")
    await ana.says("/start")
    appoint(chat.app.units, shop, await cato.member())
    know(chat.app.database, await ana.member(), card="7F3K9QWE")
    await cato.opens(chat.app.links.card("7F3K9QWE"))
    raw = asked(cato, "12.50")
    await hand_over(chat, raw)
    question = chat.last_message(cato.id)
    await crash(chat, raw)
    await cato.taps("Confirm", on=question)
    assert await ana.balance() == 12
    cato.has_not_seen("begin again")
