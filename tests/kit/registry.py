"""Everything that can be said or tapped, read off the registered handlers, and a club in which it means something.

Whoever adds a command, a link, a form or a button has it walked by every test that goes through these; what a new one
carries that is not known here yet needs a sample in `World`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from aiogram.fsm.state import State
from aiogram.fsm.storage.memory import MemoryStorage
from sqlalchemy import select

from handlers import features
from handlers.earning.callbacks import Group
from handlers.filters import DeepLink
from handlers.refusals import words
from handlers.segments.callbacks import Edit
from locales import texts_for
from loyalty.broadcasts import Leads, Method, Metric
from loyalty.earn_rules import RulePart
from loyalty.earning import EarnRule
from loyalty.errors import NotAllowed
from loyalty.group_buys import Choice as GroupChoice
from loyalty.members import Calendar, Language, Tier, Topic
from loyalty.merchants import Role
from loyalty.notifications import Less
from loyalty.offers import OfferKind
from loyalty.segment_choices import Choice, Sort
from loyalty.segments import EVERYBODY, fingerprint
from loyalty.shelf import Field
from loyalty.staff import second_of
from loyalty.wares import Turn
from storage.schema import metadata
from storage.updates import StoredUpdate
from tests.kit.broadcasts import add_broadcast, deliver
from tests.kit.chat import Chat, Message, Person, said
from tests.kit.deals import SHOP, add_deal
from tests.kit.offers import add_offer
from tests.kit.shops import OPENED, add_merchant, add_reward, appoint

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

# Names that stand in no text of ours, so that one that is told is found.
NAMES = {
    "customer": "Quenelda",
    "colleague": "Zebulon",
    "member": "Wilfrida",
    "dismissed": "Ottokar",
    "cashier": "Xenokrates",
    "marketer": "Yolanthe",
    "owner": "Vasilisa",
    "owner elsewhere": "Ulrike",
    "operator": "Olga",
}

# Fields that name nothing of a shop's: a button with no other id means the shop of whoever taps it.
OF_NO_SHOP = {"member_id", "customer_id", "delivery_id", "transaction_id"}
CATCH_ALL = "words"
NO_WAY = {"Moved", "Recognised"}  # filters of what only Telegram says, or of what looks like a code
UNKNOWN = ("I did not quite get that.", "I do not know that one either.", "Sorry, I am a program")
STALE = "This button is out of date. Here is how things stand now."
ELSEWHERE = {"This voucher is not for your shop.", "This is not there any more. Here is how things stand now."}
ROLE_REFUSALS = {words(texts_for("en"), NotAllowed(action), ZoneInfo("UTC")) for action in (*KNOWN_ROLES, "console")}
SET_ASIDE = 7  # the number of an update that could not be handled
IGNORED = {"updates", "forms", "guesses"}  # what every update leaves behind, allowed or not; and a wrong code


@dataclass(frozen=True)
class Way:
    """How a handler is reached: a command, a form, a deep link, or a button."""

    feature: str
    name: str
    role: str  # the flag of the handler, for whom it is
    to: Command | State | DeepLink | type[CallbackData]

    def __str__(self) -> str:
        to = self.to.__name__ if isinstance(self.to, type) else type(self.to).__name__
        return f"{self.feature}-{self.name}-{to}"


@cache
def registered() -> list[tuple[str, str, Any]]:
    """Feature, update type and handler, of all."""
    return [
        (feature.name, update_type, handler)
        for feature in features.directory(MemoryStorage()).sub_routers
        for update_type, observer in feature.observers.items()
        for handler in observer.handlers
    ]


@cache
def ways() -> list[Way]:
    """All ways that messages and taps can take, but for the catch-all's."""
    found = []
    for feature, update_type, handler in registered():
        role, name = str(handler.flags.get("role")), handler.callback.__name__
        if feature == CATCH_ALL or update_type not in ("message", "callback_query"):
            continue
        listened = [filter_.callback for filter_ in handler.filters or ()]
        to: list[Any] = [one for one in listened if isinstance(one, Command | DeepLink)]
        to += [one.callback_data for one in listened if isinstance(one, CallbackQueryFilter)]
        to += [s for one in listened if isinstance(one, StateFilter) for s in one.states if isinstance(s, State)]
        assert to or {type(one).__name__ for one in listened} & NO_WAY, (
            f"{feature}.{name} ({update_type}): nobody knows how this handler is reached"
        )
        found += [Way(feature, name, role, one) for one in to]
    return found


def commands() -> list[str]:
    return sorted({str(command) for way in ways() if isinstance(way.to, Command) for command in way.to.commands})


def links() -> list[str]:
    """The prefixes of the deep links."""
    return sorted({way.to.prefix for way in ways() if isinstance(way.to, DeepLink)})


def buttons() -> list[type[CallbackData]]:
    found = {way.to.__prefix__: way.to for way in ways() if isinstance(way.to, type)}
    return [found[prefix] for prefix in sorted(found)]


def forms() -> list[State]:
    return list({str(way.to.state): way.to for way in ways() if isinstance(way.to, State)}.values())


def roles(to: str | type[CallbackData]) -> set[str]:
    """For whom a command or a button is."""
    if isinstance(to, str):
        return {way.role for way in ways() if isinstance(way.to, Command) and to in way.to.commands}
    return {way.role for way in ways() if way.to is to}


class World:
    """A shop and all that belongs to it, another shop, and one person of each kind."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.people: dict[str, Person] = {}
        self.friends = 0  # a group with all of them in it
        self.posted: Message = {}  # a list of group buys there
        self.samples: dict[str, Any] = {}
        self.particular: dict[str, dict[str, Any]] = {}  # what a button means by a name that others use as well
        self.arguments: dict[str, str] = {}
        self.payloads: dict[str, str] = {}

    async def open(self) -> None:
        chat, run, club, units = self.chat, self.chat.run, self.chat.club, self.chat.app.units
        deal_id = add_deal(units)  # opens the shop
        shop, elsewhere = add_merchant(units, SHOP), add_merchant(units, "Red Door")
        hired = {"cashier": Role.CASHIER, "marketer": Role.MARKETER, "owner": Role.OWNER, "colleague": Role.CASHIER}
        for kind in ("customer", "colleague", *MAY):
            person = chat.operator() if kind == "operator" else chat.member(NAMES[kind])
            await person.says("/start")
            self.people[kind] = person
            if kind in hired:
                appoint(units, shop, await person.member(), hired[kind])
        appoint(units, elsewhere, await self.people["owner elsewhere"].member(), Role.OWNER)
        await self.people["customer"].says("/card")  # which gives the card its code
        owner, customer = await self.people["owner"].member(), await self.people["customer"].member()
        assert customer.card_code is not None
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
        self.friends = chat.group("Friends", *self.people.values())
        self.posted = await self.people["customer"].says("/groupbuy", in_chat=self.friends)
        sent = add_broadcast(chat.app.database, shop, owner.id, OPENED)
        delivery_id = deliver(chat.app.database, sent, shop, customer.id, OPENED)
        with units() as uow:
            uow.updates.store(chat.app.bot.id, [StoredUpdate(SET_ASIDE, "{}", state="failed")], chat.clock())
            uow.commit()
        await chat.courier.delivers()
        self.samples = {
            "merchant_id": shop,
            "member_id": colleague.id,
            "customer_id": customer.id,
            "voucher_id": voucher.id,
            "voucher_code": voucher.code,
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
            "movement_id": given.transaction_id,
            "update_id": SET_ASIDE,
            "receiver_id": customer.id,
            "other_id": group.group.id,
            "delivery_id": delivery_id,
            "line_id": 1,
            "price": 0,
            "year": 2026,
            "page": 0,
            "choice": GroupChoice.REFUND,
            "calendar": Calendar.SOLAR,
            "less": Less.TOPIC,
            "to": "offers",
            "topics": 1,
            "given": True,
            "is_muted": True,
            "is_on": True,
            "on": True,
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
        self.particular = {
            "PickLanguage": {"code": "en"},
            "HelpOn": {"topic": "cost"},
            "PrivacyOn": {"topic": "kept"},
            "Meant": {"start": 0, "end": 4},
            "GetStatement": {"month": 4},
            "SendPoints": {"points": 5},
            "Redeem": {"points": 80, "price": 0},
            "OpenGroup": {"points": 240, "price": 0},
            "BuySolo": {"points": 360, "price": 0},
            "SetQuiet": {"starts": 22 * 60, "ends": 8 * 60},
            "PickBirthday": {"month": 5, "day": 0},
            "SaveBirthday": {"month": 5, "day": 17},
            "PickZone": {"name": "Asia/Taipei"},
            "JoinStaff": {"code": invite.code},
            "TakeNumber": {"code": "ABCD2345ABCD2"},
            "HaveLess": {"per_week": 1},
            "AskNewCode": {"instead_of": customer.card_code},
            "NewCode": {"instead_of": customer.card_code},
        }
        self.payloads = {
            "r": customer.code,
            "hello": "",
            "g": str(group.group.id),
            "d": str(deal_id),
            "o": str(self.samples["offer_id"]),
            "v": voucher.code,
            "s": invite.code,
            "c": customer.card_code or "",
            "m": "ABCD2345ABCD2",
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

    def values(self, button: type[CallbackData]) -> dict[str, Any]:
        """What the fields of a button can be."""
        values, particular = {}, self.particular.get(button.__name__, {})
        for name, field in button.model_fields.items():
            if name in particular or name in self.samples:
                values[name] = particular.get(name, self.samples.get(name))
            elif name.endswith("_id") or field.is_required():
                pytest.fail(f"{button.__name__}.{name} needs a sample in World.samples")
        return values

    def data(self, button: type[CallbackData]) -> str:
        return button(**self.values(button)).pack()

    def link(self, prefix: str) -> str:
        """The payload of a deep link that leads somewhere."""
        if prefix not in self.payloads:
            pytest.fail(f"the link {prefix!r} needs a sample in World.payloads")
        return f"{prefix}_{self.payloads[prefix]}".rstrip("_")

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
