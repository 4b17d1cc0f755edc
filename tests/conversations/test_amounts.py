"""Numbers as people type them, wherever the bot asks for one."""

from __future__ import annotations

from random import Random

import pytest

from loyalty.programme import Programme
from storage.database import Database
from tests.conversations.test_till import ASK_AMOUNT, Counter, joins, opens_shop
from tests.kit.chat import Chat, open_chat
from tests.kit.clock import FrozenClock


@pytest.fixture
async def counter(chat: Chat) -> Counter:
    return await opens_shop(chat)


async def test_thousands_in_groups_are_one_amount_at_the_till(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    await cato.says("1 250,00")
    cato.sees("€1,250.00")


@pytest.mark.parametrize("typed", ["3 x 4.50", "12.50 2 coffees", "12 50"])
async def test_what_could_be_two_amounts_is_asked_back(counter: Counter, typed: str) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    await cato.says(typed)
    cato.sees("I am not sure which amount that is. Type one amount, like 12.50.", ASK_AMOUNT)
    assert counter.count() == 0


async def test_another_currency_is_refused_by_name(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    await cato.says("HK$12")
    cato.sees("HK$ is another currency. Here amounts are in EUR: type it like 12.50.", ASK_AMOUNT)


async def test_a_refund_is_read_like_a_sale(counter: Counter) -> None:
    cato = counter.cato
    await counter.sells("1 250,00 #A-1007")
    await cato.says("/till")
    await cato.taps("Purchases and refunds")
    await cato.says("#A-1007")
    await cato.taps("Refund a part")
    await cato.says("1 000,00")
    cato.sees("Give €1,000.00 back to Ana?")


async def test_a_bill_in_taipei_has_no_cents(database: Database, clock: FrozenClock, random: Random) -> None:
    chat = await open_chat(database, clock, random, programme=Programme(currency="TWD"))
    counter = await opens_shop(chat)
    await counter.cato.opens(counter.card)
    counter.cato.sees("1250 #A-1007 coffee")
    await counter.cato.says("12,800")
    counter.cato.sees("NT$12,800", "12,800 points")
    await counter.cato.says("NT$1,250")
    counter.cato.sees("NT$1,250")
    await chat.app.intake.close()


@pytest.mark.parametrize(("typed", "points"), [("1 000", 1000), ("1,000", 1000), ("1000 points", 1000)])
async def test_the_operator_adjusts_by_a_thousand(chat: Chat, typed: str, points: int) -> None:
    olga, ana = chat.operator(), await joins(chat, "Ana")
    before = await ana.balance()
    await olga.says(f"/adjust {(await ana.member()).code} {typed} sorry")
    olga.sees("by +1,000?", "Reason: sorry")
    assert await ana.balance() == before, "so many are asked about first"
    await olga.taps("Confirm", times=2)
    assert await ana.balance() == before + points


@pytest.mark.parametrize("typed", ["1_000 sorry", "1 00 sorry", "² sorry", "5 3 coffees"])
async def test_the_operator_is_asked_back_where_the_number_is_not_sure(chat: Chat, typed: str) -> None:
    olga, ana = chat.operator(), await joins(chat, "Ana")
    before = await ana.balance()
    await olga.says(f"/adjust {(await ana.member()).code} {typed}")
    olga.sees("Type it like this")
    assert await ana.balance() == before
