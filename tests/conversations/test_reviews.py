"""Large sales and ceilings: what cashier, owner and operator see of them."""

from __future__ import annotations

from dataclasses import replace

from loyalty.merchants import Role
from tests.conversations.test_till import joins, opens_shop
from tests.kit.chat import Chat, labels


async def test_an_unusually_large_sale_waits_for_the_operator(chat: Chat) -> None:
    counter = await opens_shop(chat)
    olga = chat.operator()
    await olga.says("/start")
    await counter.sells("6000")
    counter.cato.sees(
        "Done. +6,000 points for Ana", "The sale is unusually large: its points come when the club has looked at it."
    )
    await chat.courier.delivers()
    told = olga.sees(
        "Harbour Coffee has booked an unusually large sale: €6,000.00, 6,000 points.", "If you say nothing"
    )
    assert labels(told) == ["Let the points through", "Refuse the sale", "Large sales"]
    assert await counter.ana.balance() == 0
    await olga.says("/reviews")
    olga.sees("Large sales that wait for you", "Harbour Coffee · €6,000.00 for Ana · 6,000 points")
    await olga.taps("Harbour Coffee")
    await olga.taps("Let the points through", times=2)
    olga.sees("You have let the points through.")
    assert await counter.ana.balance() == 6_000
    await olga.taps("Refuse the sale", on=told)
    assert olga.alert is not None
    assert olga.alert.startswith("The points of this sale were let through already.")


async def test_a_refused_sale_is_undone_and_the_customer_hears_of_it(chat: Chat) -> None:
    counter = await opens_shop(chat)
    olga = chat.operator()
    await olga.says("/start")
    await counter.sells("6000")
    await chat.courier.delivers()
    await olga.taps("Refuse the sale")
    olga.sees("Refused: the sale is as if it had never been, and the customer is told.")
    await chat.courier.delivers()
    counter.ana.sees("Harbour Coffee has undone a purchase of €6,000.00: it was booked by mistake.")
    await olga.says("/reviews")
    olga.sees("None.")


async def test_a_ceiling_is_told_to_the_cashier_and_once_a_day_to_the_operator(chat: Chat) -> None:
    counter = await opens_shop(chat)
    olga = chat.operator()
    await olga.says("/start")
    rule = chat.club.purchases.rule(counter.shop)
    assert rule is not None
    chat.club.purchases.set_rule(counter.shop, replace(rule, points=500))
    await counter.cato.opens(counter.card)
    await counter.cato.says("10")
    counter.cato.sees("Earns 1,000 points", "More would pass the club's ceiling.")
    await counter.cato.taps("Confirm")
    await counter.sells("10")
    await chat.courier.delivers()
    olga.sees(
        "Harbour Coffee has reached a ceiling: points for each unit of the currency.",
        "A sale of €10.00 earned 1,000 points instead of more.",
    )
    assert counter.told(olga, "has reached a ceiling") == 1


async def test_an_owner_who_types_too_generous_a_rate_reads_the_ceiling(chat: Chat) -> None:
    counter = await opens_shop(chat)
    owner = await joins(chat, "Otto", counter.shop, Role.OWNER)
    await owner.says("/start")
    await owner.taps_data(f"earnrate:{counter.shop}")
    await owner.says("500 per 1")
    owner.sees("The club lets no shop give more than 100 points for each unit of the currency. Type a smaller rate.")
