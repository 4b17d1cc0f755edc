"""The command menu: each line is one that this person may use, and what they may use is in it, their work first."""

from __future__ import annotations

import random as chance
from typing import Any

import pytest
from aiogram.filters import Command
from aiogram.fsm.storage.memory import MemoryStorage

from handlers import features
from handlers.links import Links
from handlers.roles import allowed
from loyalty.members import Language
from loyalty.merchants import Post, Role
from loyalty.programme import Programme
from storage.database import Database
from tests.kit.chat import Chat, Person, find_button, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.counter import staff
from tests.kit.shops import add_merchant

# What Telegram itself offers (/start has a button), and the front door of a club in somebody else's bot.
IN_NO_MENU = {"start", "club"}
WORK = {
    "member": set(),
    "cashier": {"till", "voucher"},
    "marketer": {"broadcast"},
    "owner": {"till", "voucher", "broadcast"},
}
NOT_FOR_YOU = ("I did not quite get that.", "I do not know that one either.", "this is beyond me", "Only ")


def menu(chat: Chat, person: Person, in_chat: int | None = None) -> dict[str, str]:
    commands: list[dict[str, Any]] = chat.telegram.people.menu(person.id, chat_id=in_chat)["commands"]
    return {command["command"]: command["description"] for command in commands}


async def of_kind(chat: Chat, kind: str, language: str = "en") -> Person:
    if kind == "operator":
        person = chat.operator(language=language)
        await person.says("/start")
        return person
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    if kind == "member":
        person = chat.member("Mia", language=language)
    else:
        person = await staff(chat, shop, kind.title(), Role(kind), language)
    await person.says("/start")
    return person


def registered() -> dict[str, list[str]]:
    """Every command of the club, and the roles of its handlers."""
    found: dict[str, list[str]] = {}
    for feature in features.directory(MemoryStorage()).sub_routers:
        for handler in feature.observers["message"].handlers:
            for one in handler.filters or ():
                if isinstance(one.callback, Command):
                    for command in one.callback.commands:
                        found.setdefault(str(command), []).append(handler.flags["role"])
    return found


@pytest.mark.parametrize("kind", ["member", "cashier", "marketer", "owner", "operator"])
async def test_whoever_opens_the_menu_may_use_each_line_of_it(chat: Chat, kind: str) -> None:
    person = await of_kind(chat, kind)
    for command in menu(chat, person):
        answer = said(await person.says(f"/{command}"))
        assert not answer.startswith(NOT_FOR_YOU), f"{kind}: /{command} is refused: {answer}"
        assert not answer.startswith("Sorry,"), f"{kind}: /{command} fails"


@pytest.mark.parametrize("kind", ["member", "cashier", "marketer", "owner", "operator"])
async def test_whatever_somebody_may_use_is_in_their_menu(database: Database, clock: FrozenClock, kind: str) -> None:
    """In a club that has everything switched on."""
    chat = await open_chat(
        database, clock, chance.Random(7), programme=Programme(has_transfers=True, needs_approval=True)
    )
    try:
        person = await of_kind(chat, kind)
        posts = [Post(1, "Harbour Coffee", Role(kind))] if kind in set(Role) else []
        may_use = {
            command
            for command, roles in registered().items()
            if any(allowed(role, posts, is_operator=kind == "operator") for role in roles)
        }
        assert set(menu(chat, person)) == may_use - IN_NO_MENU
    finally:
        await chat.app.intake.close()


async def test_what_the_club_has_switched_off_is_in_no_menu(chat: Chat) -> None:
    assert "send" not in menu(chat, await of_kind(chat, "member"))
    assert "approvals" not in menu(chat, await of_kind(chat, "operator"))


@pytest.mark.parametrize(("kind", "work"), [*WORK.items()])
async def test_staff_find_their_work_first(chat: Chat, kind: str, work: set[str]) -> None:
    lines = list(menu(chat, await of_kind(chat, kind)))
    assert set(lines[: len(work)]) == work
    assert lines[len(work)] == "points"


async def test_the_operator_finds_the_club_first(chat: Chat) -> None:
    assert next(iter(menu(chat, await of_kind(chat, "operator")))) == "admin"


async def test_the_menu_follows_the_role(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    olga = await of_kind(chat, "operator")
    cato = await of_kind(chat, "member")
    code = (await cato.member()).code
    await olga.says(f"/merchant staff {shop} {code} cashier")
    assert list(menu(chat, cato))[:2] == ["till", "voucher"]
    await olga.says(f"/merchant staff {shop} {code} marketer")
    assert list(menu(chat, cato))[:3] == ["till", "voucher", "broadcast"]
    await olga.says(f"/merchant staff {shop} {code} none")
    assert next(iter(menu(chat, cato))) == "points"


async def test_an_invitation_brings_its_work_into_the_menu(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    olive, mika = await staff(chat, shop), await of_kind(chat, "member")
    invite = await chat.run(chat.club.invites.invite, await olive.member(), shop, Role.MARKETER, "ABCD2345")
    await mika.opens(Links("perkchat_bot").staff_invite(invite.code))
    await mika.taps("Join the staff")
    lines = list(menu(chat, mika))
    assert lines[0] == "broadcast"
    assert "till" not in lines


@pytest.mark.parametrize(("language", "words"), [("en", "Group buys"), ("zh-hans", "拼团"), ("zh-hant", "團購")])
async def test_a_group_has_a_menu_of_what_it_may_do(chat: Chat, language: str, words: str) -> None:
    await chat.app.prepare()
    ana, bo = chat.member("Ana", language=language), chat.member("Bo")
    family = chat.group("Family", ana, bo)
    lines = menu(chat, ana, family)
    assert list(lines) == ["groupbuy", "help"]
    if language != "zh-hant":  # Telegram hears two letters: whoever reads the other Chinese sees the club's there
        assert lines["groupbuy"] == words
    await ana.says("/start")
    await ana.says("/groupbuy", in_chat=family)
    answer = await ana.says("/help", in_chat=family)
    assert "/groupbuy" in said(answer)
    assert len(labels(answer)) == 1


async def test_a_traditional_club_greets_chinese_clients_in_its_own_writing(chat: Chat) -> None:
    from handlers.menu import set_menus

    await set_menus(chat.app.bot, chat.club.programme, Language.TRADITIONAL)
    assert menu(chat, chat.member("Mei", language="zh-hans"))["points"] == "我的點數"
    assert menu(chat, chat.member("Ana"))["points"] == "My points"


async def test_home_leads_to_help_and_the_operator_to_the_club(chat: Chat) -> None:
    ana, olga = await of_kind(chat, "member"), await of_kind(chat, "operator")
    home = await ana.says("/start")
    assert "Admin" not in labels(home)
    await ana.taps("Help")
    ana.sees("What is this?")
    await ana.taps("Home")
    assert find_button(ana.sees("Hello Mia."), "Help")
    await olga.taps("Admin", on=await olga.says("/start"))
    olga.sees("Running the club")
    await olga.taps("Home")
    assert "Admin" in labels(olga.sees("Hello Olga."))
    await olga.taps_data("nosuch:1")
    assert "Admin" in labels(olga.sees("Hello Olga."))
