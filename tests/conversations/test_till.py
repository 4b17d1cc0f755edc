"""The till as cashier and customer see it."""

from __future__ import annotations

from collections import Counter as Count
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from handlers.merchant.callbacks import UseVoucher
from handlers.till.callbacks import (
    AskPart,
    AskRefund,
    BookSale,
    ListSales,
    OpenTill,
    PickCustomer,
    RefundSale,
    ServeCard,
    ShowSale,
    TakeVoucher,
    UndoSale,
)
from loyalty.earning import EarnRule
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.vouchers import VoucherState
from storage.database import Database
from storage.merchants import staff
from storage.purchases import purchases
from tests.kit.chat import Chat, Message, Person, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.pictures import photo
from tests.kit.shops import add_merchant, add_reward, appoint
from tests.kit.till import know

CARD = "7F3K9QWE"
NOT_STAFF = "That is for the staff of this shop. If you should be one of them, its owner can invite you."
NOT_SELLING = "The till is for the owner and the cashiers of this shop."
ASK_CUSTOMER = "Scan the customer's card with your phone's camera"
ASK_AMOUNT = "What is the amount?"


@dataclass
class Counter:
    """Cato is the cashier of a shop that gives a point for each euro; Ana has a card."""

    chat: Chat
    shop: int
    ana: Person
    cato: Person

    @property
    def card(self) -> str:
        return self.chat.app.links.card(CARD)

    def count(self) -> int:
        with self.chat.app.database.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(purchases)).scalar_one()

    async def dismiss(self, person: Person, shop: int | None = None) -> None:
        member = await person.member()
        with self.chat.app.database.engine.begin() as connection:
            connection.execute(
                delete(staff).where(staff.c.member_id == member.id, staff.c.merchant_id == (shop or self.shop))
            )

    async def sells(self, given: str) -> Message:
        """Ana buys something; answers with the screen that says so."""
        await self.cato.opens(self.card)
        await self.cato.says(given)
        return await self.cato.taps("Confirm")

    def told(self, person: Person, words: str) -> int:
        return sum(words in said(message) for message in self.chat.messages(person.id))


def kind_of(update: dict[str, Any]) -> str:
    """What a hand did: the camera's link is opened by a tap as well."""
    is_tap = "callback_query" in update or update["message"]["text"].startswith("/start c_")
    return "tap" if is_tap else "amount"


async def joins(chat: Chat, name: str, shop: int | None = None, role: Role = Role.CASHIER, **facts: Any) -> Person:
    person = chat.member(name, **facts)
    await person.says("/start")
    if shop is not None:
        appoint(chat.app.units, shop, await person.member(), role)
    return person


async def opens_shop(chat: Chat, language: str = "en") -> Counter:
    shop = add_merchant(chat.app.units, "Harbour Coffee", {"zh-Hant": {"name": "港灣咖啡"}})
    chat.club.purchases.set_rule(shop, EarnRule(tags={"coffee": 200}))
    ana, cato = await joins(chat, "Ana Lopez", language=language), await joins(chat, "Cato", shop, language=language)
    know(chat.app.database, await ana.member(), card=CARD, phone="+491701234567")
    return Counter(chat, shop, ana, cato)


@pytest.fixture
async def counter(chat: Chat) -> Counter:
    return await opens_shop(chat)


# A purchase


async def test_a_purchase_takes_a_scan_an_amount_and_one_tap(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    done: Count[str] = Count()
    chat.telegram.updates.watch(lambda update: done.update([kind_of(update)]))
    await cato.opens(counter.card)
    cato.sees("Ana · 🌱 Member", ASK_AMOUNT, "12.50 #A-1007 coffee")
    await cato.says("12,50")
    cato.sees("Ana · 🌱 Member", "€12.50", "Earns 12 points")
    await cato.taps("Confirm")
    cato.sees("Done. +12 points for Ana, for €12.50.")
    assert done == {"tap": 2, "amount": 1}
    assert labels(chat.last_message(cato.id)) == ["Undo (10 min)", "Next customer", "Home"]
    await cato.taps("Next customer")
    cato.sees("Harbour Coffee · till", ASK_CUSTOMER)
    assert done == {"tap": 3, "amount": 1}, "at most three taps and one amount"
    await chat.courier.delivers()
    counter.ana.sees("+12 points for €12.50 at Harbour Coffee.")
    assert await counter.ana.balance() == 12
    cato.has_not_seen("Lopez")


async def test_a_purchase_from_the_command_with_a_typed_code(counter: Counter) -> None:
    cato = counter.cato
    asked = await cato.says("/till")
    cato.sees("Harbour Coffee · till", ASK_CUSTOMER)
    assert labels(asked) == ["Purchases and refunds", "Cancel"]
    await cato.says("7f3k-9qwe")
    cato.sees("Ana", ASK_AMOUNT)
    await cato.says("12.50 #A-1007 Coffee to go")
    cato.sees("€12.50 · Receipt A-1007 · Note: Coffee to go", "Earns 25 points")
    await cato.taps("Confirm")
    cato.sees("Done. +25 points for Ana, for €12.50.", "Receipt A-1007")
    await counter.ana.says("/points")
    counter.ana.sees("+25  Harbour Coffee: to go")


async def test_the_till_is_the_first_button_of_the_counter(counter: Counter) -> None:
    cato = counter.cato
    await cato.says("/start")
    console = await cato.taps("Harbour Coffee: counter")
    assert labels(console)[0] == "Till"
    await cato.taps("Till")
    cato.sees(ASK_CUSTOMER)
    await cato.taps("Cancel")
    cato.sees("Harbour Coffee · Cashier")
    await cato.says("Ana")
    cato.sees("I did not quite get that.")


async def test_help_and_menu_name_the_till_to_staff_only(counter: Counter) -> None:
    await counter.cato.says("/help")
    counter.cato.sees("At the counter", "/till – Till: purchases and points")
    await counter.ana.says("/help")
    assert "/till" not in said(counter.chat.last_message(counter.ana.id))
    await counter.cato.says("/start")
    assert "till" in [line["command"] for line in counter.chat.telegram.people.menu(counter.cato.id)["commands"]]


async def test_a_customer_is_picked_by_the_end_of_the_phone(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await cato.says("/till 4567")
    cato.sees("Ana", ASK_AMOUNT)
    amy = await joins(chat, "Amy")
    know(chat.app.database, await amy.member(), phone="+447700114567")
    await cato.says("/till")
    await cato.says("4567")
    cato.sees("Who is it?")
    assert labels(chat.last_message(cato.id)) == ["Ana · 🌱 Member", "Amy · 🌱 Member", "Cancel"]
    await cato.says("114567")
    cato.sees("Type its last four digits or the whole number, nothing between", ASK_CUSTOMER)
    await cato.says("07700 114567")
    cato.sees("Amy", ASK_AMOUNT)
    await cato.says("/till")
    offer = await cato.says("4567")
    bo = await joins(chat, "Bo")
    await cato.taps_data(PickCustomer(customer_id=(await bo.member()).id).pack(), on=offer)
    assert cato.alert is not None
    assert cato.alert.startswith("I do not know this purchase any more")
    await cato.taps("Amy", on=offer)
    cato.sees("Amy", ASK_AMOUNT)
    cato.has_not_seen("Bo")


async def test_who_is_not_found_leaves_the_form_open(counter: Counter) -> None:
    cato = counter.cato
    await cato.says("/till")
    for typed, answer in (
        ("7F3K9QWX", "No card has this code."),
        ("9999", "Nobody has this phone."),
        ("12", "Type the last four digits of the phone"),
        ("Ana", "That is neither the code of a card nor the digits of a phone."),
        ((await counter.ana.member()).code, "No card has this code."),
        ("0000000000000X", "That is neither"),
        ("v_0000000000000", "There is no voucher with this code."),
    ):
        wrong = await cato.says(typed)
        cato.sees(answer, ASK_CUSTOMER)
        assert labels(wrong) == ["Purchases and refunds", "Cancel"]
    for kind, args in (("photo", (photo(),)), ("sticker", ()), ("voice", ())):
        await cato.sends(kind, *args)
        cato.sees("I cannot read a QR from a picture here. Scan it with your phone's camera", ASK_CUSTOMER)
    await cato.says(CARD)
    cato.sees("Ana", ASK_AMOUNT)
    assert counter.count() == 0


async def test_what_is_no_amount_leaves_the_form_open(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    for typed, answer in (
        ("0", "Nothing was paid with zero."),
        ("-5", "An amount is above zero, like 12.50."),
        ("1e9", "I could not read an amount in that. Type it in digits, like 12.50."),
        ("1000000000", "That is more than a till books at once: at most €10,000.00."),
        ("十二", "I could not read an amount in that."),
        ("12.505", "An amount has at most 2 decimals, like 12.50."),
        ("coffee", "I could not read an amount in that."),
        ("12.50 " + "x" * 121, "That is too long: 120 characters fit."),
        ("12.50 #" + "x" * 65, "That is too long: 64 characters fit."),
    ):
        wrong = await cato.says(typed)
        cato.sees(answer, "Ana", ASK_AMOUNT)
        assert labels(wrong) == ["Cancel"]
    await cato.sends("sticker")
    cato.sees("I could not read an amount in that.", ASK_AMOUNT)
    await cato.says("１２．５０")
    cato.sees("Earns 12 points")
    await cato.taps("Cancel")
    cato.sees(ASK_CUSTOMER)
    assert counter.count() == 0


async def test_another_amount_makes_another_question(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    first = await cato.says("125")
    second = await cato.says("12.50")
    await cato.taps("Confirm", on=first)
    assert cato.alert == "I do not know this purchase any more, and nothing was booked. Please begin again."
    await cato.taps("Change amount", on=second)
    cato.sees("Ana", ASK_AMOUNT)
    third = await cato.says("8.00")
    await cato.taps("Confirm", on=second)
    assert cato.alert is not None
    await cato.taps("Confirm", on=third)
    cato.sees("Done. +8 points for Ana, for €8.00.")
    assert counter.count() == 1


async def test_a_confirmation_that_comes_again_books_once(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await cato.opens(counter.card)
    question = await cato.says("12.50")
    await cato.taps("Confirm", times=2)
    cato.sees("Done. +12 points for Ana, for €12.50.")
    nonce = BookSale.unpack(question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]).nonce
    await cato.taps("Next customer")
    await cato.taps_data(BookSale(nonce=nonce).pack())
    cato.sees("Done. +12 points for Ana, for €12.50.")
    await chat.courier.delivers()
    assert counter.count() == 1
    assert counter.told(counter.ana, "+12 points") == 1
    assert await counter.ana.balance() == 12


async def test_a_question_whose_form_was_left_is_not_booked(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    question = await cato.says("12.50")
    await cato.says("/help")
    await cato.taps("Confirm", on=question)
    assert cato.alert == "I do not know this purchase any more, and nothing was booked. Please begin again."
    assert counter.count() == 0


async def test_a_purchase_without_points_is_told_all_the_same(counter: Counter) -> None:
    await counter.sells("0.50")
    counter.cato.sees("Done. €0.50 is booked for Ana; it earns no points.")
    await counter.chat.courier.delivers()
    counter.ana.sees("Your purchase at Harbour Coffee is booked: €0.50. It earns no points this time.")


async def test_a_receipt_is_booked_once(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    carl = await joins(chat, "Carl", counter.shop)
    await cato.opens(counter.card)
    await cato.says("12.50 #A-1007")
    await carl.opens(counter.card)
    await carl.says("12.50 #A-1007")
    await cato.taps("Confirm")
    await carl.taps("Confirm")
    assert carl.alert is not None
    assert carl.alert.startswith("Receipt A-1007 was booked already, on 1 May 2026, 10:00")
    await carl.says("12.50 #A-1007")
    carl.sees("Receipt A-1007 was booked already", ASK_AMOUNT)
    assert counter.count() == 1
    assert await counter.ana.balance() == 12


async def test_what_people_write_is_shown_as_they_wrote_it(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    eve = await joins(chat, "<i>Eve & Co")
    know(chat.app.database, await eve.member(), card="EVE12345")
    await cato.says("/till EVE12345")
    cato.sees("<i>Eve · 🌱 Member")
    await cato.says("12.50 #<7> <b>beans")
    cato.sees("Receipt <7> · Note: <b>beans")
    await cato.taps("Confirm")
    cato.sees("for <i>Eve", "Receipt <7>")
    await cato.taps("Next customer")
    await cato.taps("Purchases and refunds")
    await cato.says("<7>")
    cato.sees("€12.50 · <i>Eve", "Receipt <7>", "Note: <b>beans")


async def test_a_currency_without_decimals(database: Database, clock: FrozenClock, random: Random) -> None:
    chat = await open_chat(database, clock, random, programme=Programme(currency="JPY", till_amount_minor_max=99_999))
    counter = await opens_shop(chat)
    await counter.cato.opens(counter.card)
    counter.cato.sees("1250 #A-1007 coffee")
    for typed, answer in (
        ("12.50", "This currency has no decimals. Type it like 1250."),
        ("100,000", "at most ¥99,999. Type it like 1250."),
        ("円", "Type it in digits, like 1250."),
    ):
        await counter.cato.says(typed)
        counter.cato.sees(answer, ASK_AMOUNT)
    await counter.cato.says("1,250")
    counter.cato.sees("¥1,250", "Earns 12 points")
    await chat.app.intake.close()


# Vouchers


async def test_vouchers_of_the_customer_are_taken_on_the_way(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    add_reward(chat.app.units, counter.shop, "Cake", points=30)
    reward_id = add_reward(chat.app.units, counter.shop, points=80)
    await ana.earns(120)
    member = await ana.member()
    voucher = (await chat.run(chat.club.rewards.redeem, member, reward_id, "ABCD2345")).voucher
    await cato.opens(counter.card)
    cato.sees(
        "Vouchers for you to take:", "🎟 Flat white, good until 30 Jul 2026", "Can redeem now:", "Cake (30 points)"
    )
    question = await cato.says("12.50")
    cato.sees("Earns 12 points", "🎟 Flat white")
    assert labels(question) == ["Confirm", "Accept voucher: Flat white", "Change amount", "Cancel"]
    await cato.taps("Accept voucher: Flat white")
    cato.sees("For Ana, 80 points", "Not used yet.")
    await cato.taps("« Back")
    cato.sees("Earns 12 points")
    await cato.taps("Accept voucher: Flat white")
    await cato.taps("Take it")
    assert cato.toast == "Done. Ana gets Flat white."
    assert labels(cato.sees("Earns 12 points")) == ["Confirm", "Change amount", "Cancel", "Undo (10 min)"]
    await cato.taps_data(TakeVoucher(voucher_id=voucher.id).pack())
    assert cato.alert is not None
    assert cato.alert.startswith("This voucher was used already")
    await cato.taps("Confirm")
    cato.sees("Done. +12 points for Ana")
    assert (await chat.run(chat.club.vouchers.own, member.id, voucher.id)).state is VoucherState.USED
    await chat.courier.delivers()
    assert counter.told(ana, "Your voucher for Flat white was used") == 1


async def test_a_voucher_is_taken_from_the_form_for_customers(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    reward_id = add_reward(chat.app.units, counter.shop, points=80)
    await ana.earns(80)
    voucher = (await chat.run(chat.club.rewards.redeem, await ana.member(), reward_id, "ABCD2345")).voucher
    carl = await joins(chat, "Carl", counter.shop)
    for cashier in (cato, carl):
        await cashier.says("/till")
        await cashier.says(voucher.code.lower())
        cashier.sees("For Ana, 80 points", "Not used yet.")
    await cato.taps("Take it")
    cato.sees("Done. Ana gets Flat white")
    await carl.taps("Take it")
    assert carl.alert is not None
    assert carl.alert.startswith("This voucher was used already, on 1 May 2026, 10:00")
    await carl.says(voucher.code)
    carl.sees("This voucher was used already", ASK_CUSTOMER)


async def test_another_shops_voucher_is_not_taken(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    other = add_merchant(chat.app.units, "Red Door")
    appoint(chat.app.units, other, await cato.member(), Role.CASHIER)
    reward_id = add_reward(chat.app.units, other, points=80)
    await ana.earns(80)
    voucher = (await chat.run(chat.club.rewards.redeem, await ana.member(), reward_id, "ABCD2345")).voucher
    await cato.says("/till")
    await cato.taps("Harbour Coffee")
    await cato.says(voucher.code)
    cato.sees("This voucher is not for your shop.", ASK_CUSTOMER)
    await cato.opens(counter.card)
    await cato.taps("Harbour Coffee")
    await cato.taps_data(TakeVoucher(voucher_id=voucher.id).pack())
    assert cato.alert is not None
    assert cato.alert.startswith("There is no voucher with this code.")
    await counter.dismiss(cato, other)
    await cato.taps_data(UseVoucher(voucher_code=voucher.code).pack())
    assert cato.alert == "This voucher is not for your shop."


@pytest.mark.parametrize("way", ["scanned", "typed at the till", "typed as a voucher"])
async def test_each_voucher_that_cannot_be_taken_has_its_own_answer(counter: Counter, way: str) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    other = add_merchant(chat.app.units, "Red Door")
    member = await ana.member()
    await ana.earns(400)
    codes = []
    for number, shop in enumerate((counter.shop, counter.shop, other, counter.shop)):
        reward_id = add_reward(chat.app.units, shop, points=80)
        redeemed = await chat.run(chat.club.rewards.redeem, member, reward_id, f"ABCD234{number}")
        codes.append(redeemed.voucher.code)
    used, expired, elsewhere, back = codes
    await chat.run(chat.club.vouchers.use, await cato.member(), used)
    await chat.run(chat.club.vouchers.give_back, member.id, 4)
    answers = [
        ("7F3K9QWE2XH4P", "There is no voucher with this code."),
        (used, "This voucher was used already, on 1 May 2026, 10:00"),
        (elsewhere, "This voucher is not for your shop."),
        (back, "This voucher was cancelled."),
    ]
    for code, answer in [*answers, (expired, "This voucher ended on 30 Jul 2026.")]:
        if code == expired:
            chat.clock.advance(days=91)
        if way == "scanned":
            await cato.opens(chat.app.links.voucher(code))
        elif way == "typed at the till":
            await cato.says(f"/till {code}")
        else:
            await cato.says(f"/voucher {code}")
        shown = cato.sees(answer)
        assert "Take it" not in labels(shown)
    states = [(await chat.run(chat.club.vouchers.own, member.id, number)).state for number in (1, 2, 3, 4)]
    assert states == [VoucherState.USED, VoucherState.EXPIRED, VoucherState.EXPIRED, VoucherState.CANCELLED]


# Several shops, and no shop


async def test_who_works_at_two_shops_says_first_at_which(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    other = add_merchant(chat.app.units, "Red Door")
    appoint(chat.app.units, other, await cato.member(), Role.OWNER)
    asked = await cato.says("/till")
    cato.sees("At which shop are you?")
    assert labels(asked) == ["Harbour Coffee", "Red Door", "Home"]
    await cato.taps("Red Door")
    cato.sees("Red Door · till", ASK_CUSTOMER)
    await cato.opens(counter.card)
    cato.sees("At which shop are you?")
    await cato.taps("Harbour Coffee")
    cato.sees("Ana", ASK_AMOUNT)
    await cato.says("12.50")
    await cato.taps("Confirm")
    await chat.courier.delivers()
    counter.ana.sees("+12 points for €12.50 at Harbour Coffee.")
    await cato.opens(chat.app.links.card("7F3K9QWX"))
    cato.sees("No card has this code.")


async def test_a_card_tells_a_stranger_nothing_about_its_owner(counter: Counter) -> None:
    chat = counter.chat
    bo = await joins(chat, "Bo")
    marketer = await joins(chat, "Mark", counter.shop, Role.MARKETER)
    for person in (bo, marketer):
        await person.opens(counter.card)
        strange = person.sees("This is a member's card.")
        await person.opens(chat.app.links.card("7F3K9QWX"))
        assert said(person.sees("This is a member's card.")) == said(strange)
        person.has_not_seen("Ana")
    await counter.ana.opens(counter.card)
    counter.ana.sees("This is your card. Show it at the till of a shop")


# Undo and refund


async def test_a_mistake_is_undone_and_both_sides_hear_of_it(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    done = await counter.sells("125 #A-1007")
    await chat.courier.delivers()
    chat.clock.advance(minutes=9)
    await cato.taps("Undo (10 min)", times=2)
    cato.sees("Undone: €125.00 for Ana.", "125 points went back.")
    await chat.courier.delivers()
    counter.ana.sees(
        "Harbour Coffee has undone a purchase of €125.00: it was booked by mistake.",
        "125 points went back.",
        "You have 0 points now.",
    )
    assert counter.told(counter.ana, "booked by mistake") == 1
    await counter.sells("12.50 #A-1007")
    cato.sees("Done. +12 points for Ana", "Receipt A-1007")
    await cato.taps_data(UndoSale(purchase_id=1).pack(), on=done)
    assert await counter.ana.balance() == 12


async def test_after_ten_minutes_undo_points_to_the_refund(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await counter.sells("12.50")
    chat.clock.advance(minutes=10)
    await cato.taps("Undo")
    assert cato.alert is not None
    assert cato.alert.startswith("A purchase can be undone for 10 minutes. A refund does it now")
    assert await counter.ana.balance() == 12
    await cato.taps("Next customer")
    await cato.taps("Purchases and refunds")
    await cato.taps("Ana")
    assert "Undo" not in labels(chat.last_message(cato.id))


async def test_a_refund_by_receipt(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await counter.sells("12.00 #A-1007")
    chat.clock.advance(days=2)
    await cato.says("/till")
    await cato.taps("Purchases and refunds")
    cato.sees("1. 1 May 2026, 10:00", "· Ana · €12.00 · Receipt A-1007", "type the number of its receipt")
    for wrong in ("A-1008", "'; --"):
        await cato.says(wrong)
        cato.sees("No purchase here has this receipt.", "1. 1 May 2026")
    await cato.sends("sticker")
    cato.sees("No purchase here has this receipt.")
    await cato.says("1" * 65)
    cato.sees("That is too long: 64 characters fit.")
    await cato.says("#A-1007")
    cato.sees("€12.00 · Ana", "Receipt A-1007")
    assert labels(chat.last_message(cato.id)) == ["Refund all", "Refund a part", "« Back"]
    await cato.taps("Refund a part")
    cato.sees("How much goes back to Ana? At most €12.00.")
    for typed, answer in (("12.01", "Only €12.00 of this purchase can still be refunded."), ("x", "Type it in digits")):
        await cato.says(typed)
        cato.sees(answer, "How much goes back to Ana?")
    await cato.says("3")
    cato.sees("Give €3.00 back to Ana?", "Ana loses 3 points.")
    await cato.taps("Refund", times=2)
    cato.sees("Done. €3.00 goes back to Ana.", "3 points went back.")
    await chat.courier.delivers()
    counter.ana.sees("Harbour Coffee gave you €3.00 back, and 3 points went back with it.")
    assert await counter.ana.balance() == 9
    await cato.taps("Purchases and refunds")
    cato.sees("€3.00 refunded")
    await cato.taps("Ana")
    whole = await cato.taps("Refund all")
    cato.sees("Give €9.00 back to Ana?", "Ana loses 9 points.")
    await cato.taps("Cancel")
    cato.sees("€3.00 refunded")
    await cato.taps("Refund all")
    await cato.taps("Refund")
    assert await counter.ana.balance() == 0
    await cato.taps_data(AskRefund(purchase_id=1).pack(), on=whole)
    assert cato.alert == "All of this purchase was refunded already."


async def test_the_list_of_purchases_has_pages(counter: Counter) -> None:
    cato = counter.cato
    await cato.taps_data(ListSales(merchant_id=counter.shop).pack(), on=counter.chat.last_message(cato.id))
    cato.sees("Nothing was sold here yet.")
    for amount in range(1, 8):
        await counter.sells(str(amount))
    await cato.taps("Next customer")
    first = await cato.taps("Purchases and refunds")
    assert labels(first)[:1] == ["1. Ana · €7.00"]
    await cato.taps("Older »")
    assert labels(counter.chat.last_message(cato.id)) == ["1. Ana · €1.00", "« Newest", "Back to the till"]
    await cato.taps("« Newest")
    cato.sees("1. 1 May 2026, 10:00", "· Ana · €7.00", "6. 1 May 2026, 10:00", "· Ana · €2.00")


# Who may


@pytest.mark.permission
async def test_a_till_ends_with_the_job(counter: Counter) -> None:
    cato = counter.cato
    done = await counter.sells("5.00")
    await cato.opens(counter.card)
    question = await cato.says("12.50")
    await counter.dismiss(cato)
    await cato.taps("Confirm", on=question)
    assert cato.alert == NOT_STAFF
    await cato.taps("Undo", on=done)
    assert cato.alert == NOT_STAFF
    await cato.says("12.50")
    cato.sees("I did not quite get that.")
    assert counter.count() == 1
    assert await counter.ana.balance() == 5


@pytest.mark.permission
async def test_a_form_ends_with_the_job_at_this_shop(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    appoint(chat.app.units, add_merchant(chat.app.units, "Red Door"), await cato.member(), Role.CASHIER)
    for opening, typed in (([], CARD), ([CARD], "12.50"), (["list"], "A-1007")):
        appoint(chat.app.units, counter.shop, await cato.member(), Role.CASHIER)
        await cato.says("/till")
        await cato.taps("Harbour Coffee")
        for step in opening:
            await (cato.taps("Purchases and refunds") if step == "list" else cato.says(step))
        await counter.dismiss(cato)
        await cato.says(typed)
        cato.sees(NOT_SELLING)
        await cato.says("Ana")
        cato.sees("I did not quite get that.")
    assert counter.count() == 0


@pytest.mark.permission
async def test_nobody_else_sees_or_touches_a_shops_till(counter: Counter) -> None:
    chat = counter.chat
    await counter.sells("12.50 #A-1007")
    otto = await joins(chat, "Otto", add_merchant(chat.app.units, "Red Door"), Role.OWNER)
    mark, bo = await joins(chat, "Mark", counter.shop, Role.MARKETER), await joins(chat, "Bo")
    await bo.says("/till")
    bo.sees("I did not quite get that.")
    await mark.says("/till")
    mark.sees(NOT_SELLING)
    for button in (
        OpenTill(merchant_id=counter.shop),
        ServeCard(merchant_id=counter.shop, code=CARD),
        UndoSale(purchase_id=1),
        ListSales(merchant_id=counter.shop),
        ShowSale(purchase_id=1),
        AskRefund(purchase_id=1),
        AskPart(purchase_id=1),
        RefundSale(purchase_id=1, amount_minor=1250, nonce="ABCD2345"),
    ):
        for person, answer in ((otto, NOT_SELLING), (mark, NOT_SELLING), (bo, NOT_STAFF)):
            await person.taps_data(button.pack())
            assert person.alert == answer
            person.has_not_seen("Ana")
    assert await counter.ana.balance() == 12


async def test_buttons_that_were_made_up_change_nothing(counter: Counter) -> None:
    cato = counter.cato
    await cato.says("/till")
    for data in (
        "tillbook:",
        "tillbook:abc",
        f"tillcard:{counter.shop}:x",
        "tillundo:-1",
        f"tillundo:{2**70}",
        f"tillundo:{2**60}",
        "tillrefund:1:0:ABCD2345",
        "tillsale:99",
        "tillamount",
        "tillwho:1",
    ):
        await cato.taps_data(data)
        assert cato.toast is not None
    assert counter.count() == 0


# Languages


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (ASK_CUSTOMER, ASK_AMOUNT, "Earns 12 points", "Confirm", "+12 points for Ana", "Undo", "Undone: €12.50"),
        ),
        (
            "zh-hans",
            ("扫描会员卡", "金额是多少", "可得 12 积分", "确认", "Ana消费 €12.50，得到 +12 积分", "撤销", "已撤销："),
        ),
        (
            "zh-hant",
            ("掃描會員卡", "金額是多少", "可得 12 點", "確認", "Ana消費 €12.50，得到 +12 點", "撤銷", "已撤銷："),
        ),
    ],
)
async def test_a_purchase_in_three_languages(chat: Chat, language: str, words: tuple[str, ...]) -> None:
    scan, ask, earns, confirm, done, undo, undone = words
    counter = await opens_shop(chat, language)
    cato = counter.cato
    await cato.says("/till")
    cato.sees(scan)
    await cato.says(CARD)
    cato.sees(ask)
    await cato.says("１２．５０")
    cato.sees(earns)
    await cato.taps(confirm)
    cato.sees(done)
    await chat.courier.delivers()
    await cato.taps(undo)
    cato.sees(undone)
    await chat.courier.delivers()
    counter.ana.sees("12.50", "港灣咖啡" if language == "zh-hant" else "Harbour Coffee")
