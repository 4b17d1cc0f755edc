"""The operator looks at what shops want to send, where the club has it so."""

from __future__ import annotations

import random as chance
from collections.abc import AsyncIterator

import pytest

from loyalty.members import Language
from loyalty.programme import Programme
from storage.database import Database
from tests.conversations.test_broadcasts import agree, club_of, composes, owner_of
from tests.conversations.test_composing import data_of, plans, speaks
from tests.kit.chat import Chat, Message, Person, labels, open_chat, said
from tests.kit.clock import FrozenClock


@pytest.fixture
async def strict(database: Database, clock: FrozenClock) -> AsyncIterator[Chat]:
    chat = await open_chat(database, clock, chance.Random(7), programme=Programme(needs_approval=True))
    yield chat
    await chat.app.intake.close()


async def wants(chat: Chat) -> tuple[Person, Person, Person]:
    """An owner whose message waits, a member for whom it is, and an operator who has heard of it."""
    olga = chat.operator()
    await olga.says("/start")
    owner = await owner_of(chat)
    (ana,) = await club_of(chat, "Ana")
    await agree(chat, ana)
    await composes(owner)
    await owner.taps("Send to")
    owner.sees("The operator of the club looks at it first.")
    await owner.taps("Yes, send")
    owner.sees("Bean Bar: waits for the operator", "It goes out as soon as it is approved. You are told.")
    await chat.courier.delivers()
    return owner, ana, olga


async def looks(olga: Person) -> Message:
    olga.sees("Bean Bar wants to write to its customers, and waits for your yes or no.")
    return await olga.taps("Look at it")


async def test_a_yes_lets_it_go(strict: Chat) -> None:
    owner, ana, olga = await wants(strict)
    ana.has_not_seen("croissants")
    await looks(olga)
    olga.has_seen("Bean Bar\n\nFresh croissants until noon")
    olga.sees("Bean Bar wants to send this.", "1 of 3 members of the club have said yes to offers", "In English")
    card = await olga.taps("Approve", times=2)
    assert olga.alert == "This one was approved already."
    olga.sees("Approved. The message of Bean Bar goes out now.")
    await strict.courier.delivers()
    ana.sees("Fresh croissants until noon")
    owner.has_seen("The operator has approved your message from Bean Bar.")
    await olga.taps("All that wait", on=card)
    olga.sees("No message waits for you. Well done.")


async def test_a_no_comes_with_its_reason(strict: Chat) -> None:
    owner, ana, olga = await wants(strict)
    await looks(olga)
    card = await olga.taps("Decline")
    olga.sees("Why not? Bean Bar reads what you type")
    await olga.says("x" * 501)
    olga.sees("Type why, in up to 500 characters.", "Why not?")
    await olga.says("Please say <until when> & where")
    olga.sees("Declined. Bean Bar is told why.")
    await olga.taps_data(card["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    assert olga.alert == "This one was called off or declined already."
    await strict.courier.delivers()
    owner.sees("The operator has declined your message from Bean Bar: “Please say <until when> & where”")
    ana.has_not_seen("croissants")
    await owner.taps("Use as a new draft")
    owner.sees("✅ “Fresh croissants until noon”")
    await owner.taps("Sent before")
    await owner.taps("Fresh croissants")
    owner.sees("called off, nobody has got it", "The operator said: “Please say <until when> & where”")


async def test_what_waits_is_counted_and_listed(strict: Chat) -> None:
    owner, _ana, olga = await wants(strict)
    await olga.says("/admin")
    await olga.taps("Messages to approve: 1")
    await olga.taps("Bean Bar · Fresh croissants")
    olga.sees("Bean Bar wants to send this.")
    await owner.taps("Take it back and change it")
    await olga.taps("Approve")
    assert olga.alert == "The shop has taken this one back. There is nothing to decide."
    await olga.says("/approvals")
    olga.sees("No message waits for you. Well done.")
    await olga.says("/admin")
    assert not any("approve" in label for label in labels(strict.last_message(olga.id)))


async def test_a_time_that_passed_while_it_waited(strict: Chat) -> None:
    olga = strict.operator()
    await olga.says("/start")
    owner = await owner_of(strict)
    (ana,) = await club_of(strict, "Ana")
    await agree(strict, ana)
    await composes(owner)
    await plans(owner, "tomorrow 9:00")
    await owner.taps("Schedule for")
    await owner.taps("Yes, schedule")
    owner.sees("It goes out once it is approved: 2 May 2026, 09:00 (UTC).")
    await strict.courier.delivers()
    strict.clock.advance(days=30)
    await looks(olga)
    await olga.taps("Approve")
    await strict.courier.delivers()
    ana.has_not_seen("croissants")
    owner.sees("could not start at its time")


async def test_an_operator_reads_chinese(strict: Chat) -> None:
    _owner, _ana, olga = await wants(strict)
    await speaks(strict, Language.TRADITIONAL, olga)
    await olga.says("/approvals")
    olga.sees("這些店家訊息等你決定。")
    await olga.taps("Fresh croissants")
    olga.sees("想發送這則訊息。")
    assert labels(strict.last_message(olga.id)) == ["核准", "拒絕", "所有待核准的"]


@pytest.mark.permission
async def test_a_shop_cannot_approve_its_own(strict: Chat) -> None:
    owner, _ana, olga = await wants(strict)
    card = await looks(olga)
    for label in ("Approve", "Decline"):
        await owner.taps_data(data_of(card, label))
        assert await strict.run(strict.club.approvals.count) == 1
    await owner.says("/approvals")
    assert "yes or no" not in said(strict.last_message(owner.id))
