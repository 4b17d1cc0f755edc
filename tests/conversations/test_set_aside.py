"""What could not be handled, as the operator sees it: in the chat and on the command line."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from handlers.set_aside.callbacks import HandleAgain, LetBe, SetAsidePage
from loyalty.services.set_aside import PAGE
from storage.updates import HandledUpdate, StoredUpdate
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.commands import perkchat
from tests.kit.databases import sqlite_copy


async def sends_something_odd(person: Person) -> str:
    """Answers the number under which it was set aside."""
    chat = person.chat
    chat.telegram.people.say(person.id, "my secret words")
    *_, raw = chat.telegram.updates.take()
    odd: dict[str, Any] = copy.deepcopy(raw)
    odd["message"]["message_id"] = None
    await chat.app.intake.take([odd])
    await chat.app.intake.idle()
    chat.telegram.updates.confirm(raw["update_id"] + 1)
    told = said(person.sees("It is kept as number"))
    return told.split("number ")[1].split(";")[0]


async def test_the_operator_sees_what_was_set_aside_and_never_the_words(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    await olga.says("/updates")
    olga.sees("Nothing is set aside.")
    number = await sends_something_odd(ana)
    await olga.says("/admin")
    await olga.taps("Set aside: 1")
    listed = olga.sees(number, "message", str(ana.id), "It could not be read.")
    assert "secret" not in said(listed)
    assert labels(listed) == [f"{number}: again", f"{number}: skip", "Admin"]


async def test_the_operator_skips_one(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    number = await sends_something_odd(ana)
    await olga.says("/updates")
    listed = chat.last_message(olga.id)
    await olga.taps("skip")
    assert olga.toast == "Skipped. Nobody handles it any more."
    olga.sees("Nothing is set aside.")
    await olga.taps(f"{number}: skip", on=listed)
    assert "Nothing with this number is set aside any more." in (olga.alert or "")
    await olga.says("/admin")
    assert not [label for label in labels(chat.last_message(olga.id)) if "Set aside" in label]


async def test_what_is_handled_again_has_its_effect(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    chat.telegram.people.say(ana.id, "/checkin")
    [raw] = chat.telegram.updates.take()
    await chat.app.intake.take([raw])
    await chat.app.intake.idle()
    chat.telegram.updates.confirm(raw["update_id"] + 1)
    with chat.app.units() as uow:  # as if a defect that is mended by now had kept it from being handled
        bot_id = chat.app.bot.id
        uow.updates.finish(
            bot_id, [HandledUpdate(raw["update_id"], "failed", 1, "ABC123", "defect", "message", ana.id)]
        )
        uow.commit()
    await olga.says("/updates")
    olga.sees("ABC123", "A defect of the program.")
    await olga.taps("ABC123: again")
    olga.sees("Nothing is set aside.")
    before = len(chat.messages(ana.id))
    await chat.app.intake.take_again()
    await chat.app.intake.idle()
    assert len(chat.messages(ana.id)) == before + 1
    ana.sees("+1 point for checking in.")
    assert await ana.balance() == 1
    await chat.app.intake.take_again()
    await chat.app.intake.idle()
    assert len(chat.messages(ana.id)) == before + 1


async def test_many_are_listed_page_by_page(chat: Chat) -> None:
    olga = chat.operator()
    with chat.app.units() as uow:
        stored = [StoredUpdate(number, "{}") for number in range(1, PAGE + 2)]
        uow.updates.store(chat.app.bot.id, stored, chat.clock())
        uow.updates.finish(
            chat.app.bot.id,
            [HandledUpdate(each.update_id, "failed", 3, f"ABC{each.update_id:03}", "starts") for each in stored],
        )
        uow.commit()
    await olga.says("/updates")
    olga.sees("ABC006", "The program ended each time it came to this.")
    assert "ABC001" not in said(chat.last_message(olga.id))
    await olga.taps("Older »")
    olga.sees("ABC001")
    await olga.taps("« Newest")
    olga.sees("ABC006")


async def test_nobody_but_the_operator_sees_or_decides(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await sends_something_odd(ana)
    await ana.says("/updates")
    assert "Set aside" not in said(chat.last_message(ana.id))
    for data in (SetAsidePage().pack(), HandleAgain(update_id=1).pack(), LetBe(update_id=1).pack()):
        await ana.taps_data(data)
        assert "Set aside" not in said(chat.last_message(ana.id))
    assert await chat.run(chat.club.set_aside.count) == 1


@pytest.mark.parametrize(("word", "state"), [("skip", "skipped"), ("again", "again")])
def test_the_command_line_lists_and_decides(template: Path, tmp_path: Path, word: str, state: str) -> None:
    with sqlite_copy(template, tmp_path) as database:
        url = str(database.url)
        ran = perkchat(tmp_path, "updates", "list", PERKCHAT_DATABASE_URL=url)
        assert (ran.returncode, ran.stdout) == (0, "Nothing is set aside.\n")
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO updates (bot_id, update_id, payload, state, attempts, incident, reason, kind, person_id, "
                "received_at) VALUES (42, 77, '{\"text\": \"my secret\"}', 'failed', 3, '9FCC0F', 'starts', 'message', "
                "1000001, '2026-05-01 10:00:00.000000')"
            )
        ran = perkchat(tmp_path, "updates", "list", PERKCHAT_DATABASE_URL=url)
        assert ran.returncode == 1
        for shown in ("9FCC0F", "2026-05-01 10:00:00", "message", "1000001", "tried 3", "starts", "update 77"):
            assert shown in ran.stdout
        assert "secret" not in ran.stdout
        assert perkchat(tmp_path, "updates", word, "9FCC0F", PERKCHAT_DATABASE_URL=url).returncode == 0
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT state FROM updates").scalar_one() == state
        ran = perkchat(tmp_path, "updates", word, "77", PERKCHAT_DATABASE_URL=url)
        assert ran.returncode == 2
        assert "nothing with this number is set aside" in ran.stderr
