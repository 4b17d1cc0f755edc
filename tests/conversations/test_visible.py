"""What a shop has not published nobody else sees: every ware, however it stands, by every way that leads to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from sqlalchemy import Table, update

from handlers.group_buys.callbacks import AskToOpen, OpenGroup, OpenHere, PostDeal, ShowDeal
from handlers.offers.callbacks import ClaimOffer, ShowOffer, WhyShown
from handlers.rewards.callbacks import AskRedeem, Browse, Heart, Redeem, ShowFound, ShowReward
from handlers.solo.callbacks import AskSolo, BuySolo
from loyalty.merchants import Role
from storage.group_buys import deals
from storage.offers import offers
from storage.rewards import rewards
from tests.kit.chat import Chat, Person, said
from tests.kit.deals import SHOP, add_deal
from tests.kit.offers import add_claim
from tests.kit.shops import add_merchant, add_reward, appoint

NAME, TEXT = "Xanadu", "Kubla"  # in no other text
NONCE = "WXYZ2345"


@dataclass(frozen=True)
class Ways:
    """`cards` show one ware to whoever has its number, `acts` take it, `lists` and `inline` show what there is, `kept`
    those of them that one has a heart for."""

    table: Table
    cards: tuple[CallbackData | str, ...]
    acts: tuple[CallbackData, ...]
    lists: tuple[CallbackData | str, ...]
    kept: CallbackData | None = None
    inline: tuple[str, ...] = ()
    in_groups: tuple[CallbackData | str, ...] = ()


WARES = {
    "reward": Ways(
        rewards,
        cards=(ShowReward(reward_id=1), ShowFound(reward_id=1)),
        acts=(
            AskRedeem(reward_id=1),
            Heart(reward_id=1, is_on=True),
            Redeem(reward_id=1, nonce=NONCE, points=80, price=0),
        ),
        lists=("/rewards", f"/rewards {NAME}", Browse(in_reach=True), Browse(shop=1), "/offers"),
        kept=Browse(favourite=True),
    ),
    "offer": Ways(
        offers,
        cards=(ShowOffer(offer_id=1), "/start o_1"),
        acts=(WhyShown(offer_id=1), ClaimOffer(offer_id=1, nonce=NONCE, price=0, page=0)),
        lists=("/offers",),
    ),
    "deal": Ways(
        deals,
        cards=(ShowDeal(deal_id=1), "/start d_1"),
        acts=(
            AskToOpen(deal_id=1),
            AskSolo(deal_id=1),
            BuySolo(deal_id=1, nonce=NONCE, points=360, price=0),
            OpenGroup(deal_id=1, nonce=NONCE, points=240, price=0),
        ),
        lists=("/groupbuy",),
        inline=("d_1", "", NAME),
        in_groups=("/start@perkchat_bot d_1", PostDeal(deal_id=1), OpenHere(deal_id=1)),
    ),
}
STATES = ("draft", "draft that was removed", "planned", "running", "paused", "ended", "removed")


def standing(state: str, table: Table, now: datetime) -> dict[str, Any]:
    """The columns of a ware that stands so."""
    day = timedelta(days=1)
    paused = {"is_paused": True} if "is_paused" in table.c else {"state": "paused"}
    facts: dict[str, dict[str, Any]] = {
        "draft": {"published_at": None, **paused},
        "draft that was removed": {"published_at": None, "removed_at": now, **paused},
        "planned": {"starts_at": now + day},
        "running": {},
        "paused": paused,
        "ended": {"ends_at": now - day},
        "removed": {"ends_at": now - day, "removed_at": now},
    }
    return facts[state]


async def opened(chat: Chat, ware: str, state: str) -> tuple[Person, Person]:
    """A shop with one ware, its owner, and a member with points enough for it."""
    units, table = chat.app.units, WARES[ware].table
    shop = add_merchant(units, SHOP)
    if ware == "reward":
        add_reward(units, shop, NAME, description=TEXT)
    elif ware == "offer":
        add_claim(units, shop, NAME, text=TEXT)
    else:
        add_deal(units, title=NAME, description=TEXT, translations={})
    if changes := standing(state, table, chat.clock()):
        with chat.app.database.engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == 1).values(changes))
    owner, ana = chat.members("Olive", "Ana")
    for person in (owner, ana):
        await person.says("/start")
    appoint(units, shop, await owner.member(), Role.OWNER)
    await ana.earns(1000)
    return owner, ana


async def goes(person: Person, way: CallbackData | str, friends: int | None = None) -> str:
    """Everything that is answered there."""
    chat_id = friends or person.id
    chat = person.chat
    before = max(message["message_id"] for message in chat.messages(chat_id))
    if isinstance(way, str):
        await person.says(way, in_chat=friends)
        answers = [message for message in chat.messages(chat_id) if message["message_id"] > before]
        return json.dumps(answers, ensure_ascii=False)
    on = chat.last_message(chat_id)
    shown = await person.taps_data(way.pack(), on=on)
    answer = json.dumps([person.toast, shown], ensure_ascii=False)
    if friends is None:
        await person.says("/start")  # so that nothing of it stands there at the next step
    return answer


async def types(person: Person, query: str, chat_id: int) -> str:
    """What is offered for an inline query."""
    asked = person.chat.telegram.people.inline_query(person.id, query, chat_id=chat_id)
    await person.chat.settle()
    assert asked.answer is not None
    return json.dumps(asked.answer.results, ensure_ascii=False)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("ware", WARES)
async def test_members_see_of_a_ware_what_its_shop_has_published(chat: Chat, ware: str, state: str) -> None:
    _, ana = await opened(chat, ware, state)
    friends = chat.group("Friends", ana)
    await chat.settle()
    ways, is_running, is_draft = WARES[ware], state == "running", state.startswith("draft")
    points = await ana.balance()
    for way in ways.lists:
        assert (NAME in await goes(ana, way)) == is_running, way
    for query in ways.inline:
        assert (NAME in await types(ana, query, friends)) == is_running, query
    for way in ways.cards:
        assert (NAME in await goes(ana, way)) == (not is_draft), way
    for way in (*ways.acts, *((ways.kept,) if ways.kept else ())):
        answer = await goes(ana, way)
        assert not is_draft or not (NAME in answer or TEXT in answer), way
    for way in ways.in_groups:
        answer = await goes(ana, way, friends)
        await chat.painter.draws()
        assert not is_draft or NAME not in answer + said(chat.last_message(friends)), way
    assert is_running or await ana.balance() == points


@pytest.mark.parametrize("ware", WARES)
async def test_its_own_shop_sees_a_draft_at_the_counter(chat: Chat, ware: str) -> None:
    owner, _ = await opened(chat, ware, "draft")
    await owner.says("/start")
    await owner.taps(SHOP)
    await owner.taps({"reward": "Our rewards", "offer": "Our offers", "deal": "Our group buys"}[ware])
    await owner.taps(NAME)
    owner.sees(NAME, TEXT)
