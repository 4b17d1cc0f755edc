"""Who may do what: every handler that is not for all members, by every kind of person, through the real dispatcher.

The matrix is made from the registered handlers. Whoever adds one gets its rows by itself; what a button carries that
is not known here yet needs a sample in `World.samples`.
"""

from __future__ import annotations

import random as chance
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram import Router
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from aiogram.fsm.state import State
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, Message
from sqlalchemy import select

from handlers import features
from handlers.earning.callbacks import Group
from handlers.filters import DeepLink
from handlers.refusals import words
from handlers.reply import toast
from handlers.roles import MEMBER
from handlers.segments.callbacks import Edit
from locales import texts_for
from loyalty.broadcasts import Leads, Method, Metric
from loyalty.earn_rules import RulePart
from loyalty.earning import EarnRule
from loyalty.errors import NotAllowed
from loyalty.members import Language, Tier, Topic
from loyalty.merchants import Role
from loyalty.offers import OfferKind
from loyalty.segment_choices import Choice, Sort
from loyalty.segments import EVERYBODY, fingerprint
from loyalty.shelf import Field
from loyalty.staff import second_of
from loyalty.wares import Turn
from storage.database import Database
from storage.merchants import staff
from storage.schema import metadata
from tests.kit.chat import Chat, Person, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.deals import SHOP, add_deal
from tests.kit.offers import add_offer
from tests.kit.shops import OPENED, add_merchant, add_reward, appoint

pytestmark = pytest.mark.permission

# What each person may, written down once more on purpose: by the names of the flags, not by the code's own table.
MAY: dict[str, set[str]] = {
    "member": set(),
    "dismissed": set(),
    "cashier": {"staff", "sell"},
    "marketer": {"staff", "rewards", "deals", "offers", "broadcast"},
    "owner": {"staff", "sell", "rewards", "deals", "offers", "broadcast", "rules", "staff_list", "statement"},
    "owner elsewhere": {"staff", "sell", "rewards", "deals", "offers", "broadcast", "rules", "staff_list", "statement"},
    "operator": {"operator"},
}
KNOWN_ROLES = {
    "member",
    "staff",
    "operator",
    "sell",
    "rewards",
    "deals",
    "offers",
    "broadcast",
    "rules",
    "staff_list",
    "statement",
}

# Fields that name nothing of a shop's: a button with no other id means the shop of whoever taps it.
OF_NO_SHOP = {"member_id", "customer_id", "delivery_id", "transaction_id"}
UNKNOWN = "I did not quite get that."
STALE = "This button is out of date. Here is how things stand now."
ELSEWHERE = {"This voucher is not for your shop.", "This is not there any more. Here is how things stand now."}
ROLE_REFUSALS = {words(texts_for("en"), NotAllowed(action), ZoneInfo("UTC")) for action in (*KNOWN_ROLES, "console")}
IGNORED = {"updates", "forms", "guesses"}  # what every update leaves behind, allowed or not; a wrong code is counted


@dataclass(frozen=True)
class Way:
    """How a handler is reached: a command, a form, a deep link, or a button."""

    feature: str
    name: str
    role: str
    to: Command | State | DeepLink | type[CallbackData]

    def __str__(self) -> str:
        to = self.to.__name__ if isinstance(self.to, type) else type(self.to).__name__
        return f"{self.feature}-{self.name}-{to}"


def registered() -> list[tuple[str, str, Any]]:
    """Feature, update type and handler, of all."""
    return [
        (feature.name, update_type, handler)
        for feature in features.directory(MemoryStorage()).sub_routers
        for update_type, observer in feature.observers.items()
        for handler in observer.handlers
    ]


def ways() -> list[Way]:
    found = []
    for feature, update_type, handler in registered():
        role, name = handler.flags.get("role"), handler.callback.__name__
        if role in (None, "member"):
            continue
        listened = [filter_.callback for filter_ in handler.filters or ()]
        to: list[Any] = [one for one in listened if isinstance(one, Command | DeepLink)]
        to += [one.callback_data for one in listened if isinstance(one, CallbackQueryFilter)]
        to += [s for one in listened if isinstance(one, StateFilter) for s in one.states if isinstance(s, State)]
        assert to, f"{feature}.{name} ({update_type}): the matrix does not know how this handler is reached"
        found += [Way(feature, name, role, one) for one in to]
    return found


class World:
    """A shop and all that belongs to it, another shop, and one person of each kind."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.people: dict[str, Person] = {}
        self.samples: dict[str, Any] = {}
        self.arguments: dict[str, str] = {}

    async def open(self) -> None:
        chat, run, club, units = self.chat, self.chat.run, self.chat.club, self.chat.app.units
        deal_id = add_deal(units)  # opens the shop
        shop, elsewhere = add_merchant(units, SHOP), add_merchant(units, "Red Door")
        hired = {"cashier": Role.CASHIER, "marketer": Role.MARKETER, "owner": Role.OWNER, "colleague": Role.CASHIER}
        for kind in ("customer", "colleague", *MAY):
            person = chat.operator() if kind == "operator" else chat.member(kind.title())
            await person.says("/start")
            self.people[kind] = person
            if kind in hired:
                appoint(units, shop, await person.member(), hired[kind])
        appoint(units, elsewhere, await self.people["owner elsewhere"].member(), Role.OWNER)
        owner, customer = await self.people["owner"].member(), await self.people["customer"].member()
        colleague, dismissed = await self.people["colleague"].member(), await self.people["dismissed"].member()
        appoint(units, shop, dismissed, Role.CASHIER)
        await run(club.staff.dismiss, owner, shop, dismissed.id, Role.CASHIER, second_of(OPENED))
        given = await run(club.operators.adjust, customer.id, 1000, "test", key="world", actor="test")
        reward_id = add_reward(units, shop, points=80)
        voucher = (await run(club.rewards.redeem, customer, reward_id, "ABCD2345")).voucher
        group = await run(club.group_buys.open, customer, deal_id, "ABCD2345")
        await run(club.purchases.set_rule, shop, EarnRule())
        bought = await run(club.purchases.record, customer.id, shop, 500, key="world", actor="test")
        draft = await run(club.broadcasts.draft, owner, shop)
        aimed = await run(
            club.segments.put, owner, draft.draft.id, fingerprint(EVERYBODY), "a", Choice(Sort.POINTS, 10)
        )
        kept = await run(club.segments.save, owner, draft.draft.id, aimed.seen.mark, "Regulars")
        invite = await run(club.invites.invite, owner, shop, Role.CASHIER, "ABCD2345")
        granted = await run(club.tiers.grant, customer.code, Tier.GOLD)
        await chat.courier.delivers()
        self.samples = {
            "merchant_id": shop,
            "member_id": colleague.id,
            "customer_id": customer.id,
            "voucher_id": voucher.id,
            "reward_id": reward_id,
            "deal_id": deal_id,
            "group_id": group.group.id,
            "purchase_id": bought.purchase.id,
            "broadcast_id": draft.draft.id,
            "invite_id": invite.id,
            "transaction_id": given.transaction_id,
            "role": Role.CASHIER,
            "since": second_of(OPENED),
            "month": "2026-04",
            "nonce": "WXYZ2345",
            "period": 30,
            "change_id": granted.change_id,
            "code": "ABCD2345",
            "amount_minor": 100,
            # a rule's parts and its example
            "group": Group.CAPS,
            "part": RulePart.DAY,
            "number": 50,
            "points": 2,
            "per_minor": 100,
            "percent": 150,
            "days": 5,
            "starts": 9 * 60,
            "ends": 10 * 60,
            "tag": "c0ffee00",
            "amount": 1250,
            "weekday": 4,
            "minute": 12 * 60,
            "tier": Tier.GOLD,
            # a reward's parts
            "field": Field.NAME,
            "language": Language.SIMPLIFIED,
            "turn": Turn.PAUSE,
            "name": "Tea",
            # a segment's
            "mark": aimed.seen.mark,
            "segment_id": kept.saved.id,
            "where": "a",
            "path": "0",
            "sort": Sort.POINTS,
            "edit": Edit.CLEAR,
            "first": 0,
            "second": 0,
            "is_not": False,
            # a deal's
            "answers": {},
            "is_allowed": True,
            "calls_off": True,
            # an offer's
            "offer_id": add_offer(units, shop, is_claimable=True),
            "kind": OfferKind.REWARD,
            # a broadcast's
            "topic": Topic.NEWS,
            "variant": "A",
            "place": 0,
            "leads": Leads.REWARD,
            "target": reward_id,
            "count": 1,
            "share": 20,
            "is_local": False,
            "day": date(2026, 5, 2).toordinal(),
            "hour": 9,
            "metric": Metric.TAPS,
            "method": Method.FIXED,
            "hours": 4,
        }
        self.arguments = {
            "voucher": voucher.code,
            "merchant": "new Mine",
            "adjust": f"{customer.code} 5 please",
            "ledger": customer.code,
            "reverse": str(given.transaction_id),
            "credit": f"{customer.code} 5",
            "settle": "2026-04",
            "grant": f"{customer.code} gold",
            "contacts": customer.code,
        }

    def data(self, button: type[CallbackData]) -> str:
        values = {}
        for name, field in button.model_fields.items():
            if name in self.samples:
                values[name] = self.samples[name]
            elif name.endswith("_id") or field.is_required():
                pytest.fail(f"{button.__name__}.{name} needs a sample in World.samples")
        return button(**values).pack()

    def rows(self) -> dict[str, list[str]]:
        """Everything that the club knows."""
        with self.chat.app.database.engine.connect() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(select(table))))
                for table in metadata.sorted_tables
                if table.name not in IGNORED
            }

    async def tries(self, person: Person, way: Way) -> list[str]:
        """Goes the way, and answers with what was answered."""
        match way.to:
            case Command():
                command = str(way.to.commands[0])
                lines = [
                    f"/{command}",
                    *([f"/{command} {self.arguments[command]}"] if command in self.arguments else ()),
                ]
                return [said(await person.says(line)) for line in lines]
            case DeepLink():
                return [said(await person.says(f"/start {way.to.prefix}_ABCD2345"))]
            case State():
                form = self.chat.app.router.form(self.chat.app.bot, person.id, person.id)
                await form.set_state(way.to)
                await form.set_data({**self.samples, "role": "cashier"})
                answer = said(await person.says("12"))
                await form.clear()
                return [answer]
            case _:
                await person.says("/start")
                shown = said(self.chat.last_message(person.id))
                await person.taps_data(self.data(way.to))
                answer = person.alert or person.toast or ""
                now = said(self.chat.last_message(person.id))
                assert not is_denial(answer) or now == shown, f"{answer!r}, and yet it shows:\n{now}"
                return [answer]

    def is_of_the_shop(self, way: Way) -> bool:
        """Whether what is asked for belongs to the one shop."""
        fields = way.to.model_fields if isinstance(way.to, type) else ()
        return any(name.endswith("_id") and name not in OF_NO_SHOP for name in fields)


def is_denial(answer: str) -> bool:
    return answer in ROLE_REFUSALS | ELSEWHERE | {STALE} or answer.startswith(UNKNOWN)


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
    roles = {way.role for way in ways()}
    assert {"staff", "sell", "broadcast", "staff_list", "statement", "operator"} <= roles
    assert {type(way.to).__name__ for way in ways()} >= {"Command", "State"}
    assert len(ways()) > 50


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


@pytest.mark.parametrize("way", ways(), ids=str)
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
            assert not answer.startswith("Sorry,"), f"{kind} gets {answer!r}"


@pytest.mark.parametrize("way", [way for way in ways() if isinstance(way.to, State)], ids=str)
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
