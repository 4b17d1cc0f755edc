"""Who may do what: every handler that is not for all members, by every kind of person, through the real dispatcher.

The matrix is made from the registered handlers: whoever adds one gets its rows by itself.
"""

from __future__ import annotations

import random as chance
from types import SimpleNamespace

import pytest
from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message
from sqlalchemy import select

from handlers import features
from handlers.reply import toast
from handlers.roles import MEMBER
from loyalty.merchants import Role
from storage.database import Database
from storage.merchants import staff
from tests.kit.chat import Chat, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.deals import SHOP
from tests.kit.registry import (
    ELSEWHERE,
    KNOWN_ROLES,
    MAY,
    ROLE_REFUSALS,
    STALE,
    UNKNOWN,
    Way,
    World,
    is_denial,
    registered,
    ways,
)
from tests.kit.shops import add_merchant, appoint

pytestmark = pytest.mark.permission

WAYS = [way for way in ways() if way.role != "member"]


@pytest.fixture
async def world(chat: Chat) -> World:
    opened = World(chat)
    await opened.open()
    return opened


def test_every_handler_says_for_whom_it_is() -> None:
    unknown = [
        f"{feature}.{handler.callback.__name__} ({update_type}): {handler.flags.get('role')!r}"
        for feature, update_type, handler in registered()
        if handler.flags.get("role") not in KNOWN_ROLES
    ]
    assert unknown == []


def test_the_matrix_covers_every_kind_of_way() -> None:
    """So that an empty matrix does not pass for a green one."""
    roles = {way.role for way in WAYS}
    assert {"staff", "sell", "broadcast", "staff_list", "statement", "operator"} <= roles
    assert {type(way.to).__name__ for way in WAYS} >= {"Command", "State"}
    assert len(WAYS) > 50


async def test_a_handler_that_names_no_role_is_for_nobody(
    monkeypatch: pytest.MonkeyPatch, database: Database, clock: FrozenClock
) -> None:
    async def secret(event: Message | CallbackQuery) -> None:
        if isinstance(event, CallbackQuery):
            await toast(event, "secret")
        else:
            await event.answer("secret")

    class Secret(CallbackData, prefix="secret"):
        pass

    def setup() -> Router:
        router = Router(name="secrets")
        router.message.register(secret, Command("secret"))
        router.callback_query.register(secret, Secret.filter())
        router.message.register(secret, Command("known"), flags=MEMBER)
        router.message.register(secret, Command("odd"), flags={"role": "emperor"})
        return router

    monkeypatch.setattr(features, "FEATURES", (*features.FEATURES, SimpleNamespace(setup=setup)))
    chat = await open_chat(database, clock, chance.Random(7))
    try:
        olga = chat.operator()
        await olga.says("/start")
        appoint(chat.app.units, add_merchant(chat.app.units, SHOP), await olga.member(), Role.OWNER)
        assert said(await olga.says("/known")) == "secret"
        for command in ("/secret", "/odd"):
            answer = said(await olga.says(command))
            assert answer.startswith(UNKNOWN) or answer in ROLE_REFUSALS
        await olga.taps_data(Secret().pack())
        assert olga.toast == STALE
    finally:
        await chat.app.intake.close()


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_each_way_is_open_to_its_roles_and_to_nobody_else(world: World, way: Way) -> None:
    assert way.role in KNOWN_ROLES
    barred = [kind for kind, roles in MAY.items() if way.role not in roles]
    allowed = [kind for kind in MAY if kind not in barred]
    if world.is_of_the_shop(way) and way.role != "operator":
        barred.append("owner elsewhere")
    if (world.is_of_the_shop(way) or isinstance(way.to, State)) and "owner elsewhere" in allowed:
        allowed.remove("owner elsewhere")  # of a form, the next test sees to that
    before = world.rows()
    for kind in barred:
        for answer in await world.tries(world.people[kind], way):
            assert is_denial(answer), f"{kind} gets {answer!r}"
        assert world.rows() == before, f"{kind} changed something"
    for kind in allowed:
        for answer in await world.tries(world.people[kind], way):
            # Whoever comes later may find the work done.
            assert not is_denial(answer) or answer in ELSEWHERE, f"{kind} is refused: {answer!r}"
            assert not answer.startswith(("Sorry, that", "Sorry, something")), f"{kind} gets {answer!r}"


@pytest.mark.parametrize("way", [way for way in WAYS if isinstance(way.to, State)], ids=str)
async def test_in_a_form_the_owner_of_another_shop_changes_nothing(world: World, way: Way) -> None:
    before = world.rows()
    await world.tries(world.people["owner elsewhere"], way)
    assert world.rows() == before


async def test_the_world_is_as_the_matrix_believes(world: World) -> None:
    with world.chat.app.database.engine.connect() as connection:
        posts = {(row.member_id, row.merchant_id): row.role for row in connection.execute(select(staff))}
    shop = world.samples["merchant_id"]
    found = {kind: posts.get(((await person.member()).id, shop)) for kind, person in world.people.items()}
    assert found == {
        "customer": None,
        "colleague": "cashier",
        "member": None,
        "dismissed": None,
        "cashier": "cashier",
        "marketer": "marketer",
        "owner": "owner",
        "owner elsewhere": None,
        "operator": None,
    }
