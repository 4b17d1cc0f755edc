"""Who tries codes, and who looks phones up: they hear why it stops, and owner and operator see it."""

from __future__ import annotations

from loyalty.merchants import Role
from tests.conversations.test_till import CARD, joins, opens_shop
from tests.kit.chat import OPERATOR_ID, Chat, Person


def operator(chat: Chat) -> Person:
    return chat.member("Olga", user_id=OPERATOR_ID)


async def test_a_cashier_who_tries_codes_is_paused_and_the_operator_sees_it(chat: Chat) -> None:
    counter = await opens_shop(chat)
    olga, cato = operator(chat), counter.cato
    await olga.says("/start")
    await cato.says("/till")
    for number in range(20):
        await cato.says(f"7F3K9{number:03}")
    cato.sees("No card has this code.")
    await cato.says(CARD)
    cato.sees("Too many wrong codes. Codes can be tried again at 10:10; everything else goes on as always.")
    await cato.says("/points")
    cato.sees("0 points to spend")

    await chat.courier.delivers()
    olga.sees("Cato", "has tried so many wrong codes that their tries are paused: at a till.")
    await olga.taps("Wrong codes")
    olga.sees("Who tried many wrong codes this week", "Cato", "at a till · wrong in a day: 20 · paused until")
    chat.clock.advance(minutes=11)
    await cato.says("/till")
    await cato.says(CARD)
    cato.sees("Ana")
    await olga.says("/guesses")
    olga.sees("Cato", "wrong in a day: 20")
    olga.has_not_seen("Nobody.")


async def test_look_ups_are_seen_by_owner_and_operator(chat: Chat) -> None:
    counter = await opens_shop(chat)
    olga = operator(chat)
    owner = await joins(chat, "Otto", counter.shop, Role.OWNER)
    await counter.cato.says("/till 4567")
    await counter.cato.says("/till")
    await counter.cato.says("0170 1234567")
    await owner.says("/start")
    await owner.taps_data(f"stlook:{counter.shop}:0")
    owner.sees(
        "Phones looked up at your till", "Cato · whole number, ending in 4567 · found: 1", "Cato · ending in 4567"
    )
    await olga.says("/guesses")
    olga.sees("Nobody.")
    await olga.taps("Phones looked up")
    olga.sees("Phones looked up at the tills", "Cato · ending in 4567 · found: 1 · Harbour Coffee")


async def test_who_looks_up_a_phone_a_minute_is_told_to_scan(chat: Chat) -> None:
    counter = await opens_shop(chat)
    owner = await joins(chat, "Otto", counter.shop, Role.OWNER)
    for _ in range(60):
        await counter.cato.says("/till 4567")
    await counter.cato.says("/till 4567")
    counter.cato.sees("So many phones were looked up within the hour that this rests until 11:00.")
    await chat.courier.delivers()
    owner.sees("Cato has looked up 60 phones within an hour at the till of Harbour Coffee.")
