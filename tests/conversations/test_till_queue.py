"""The till as cashiers with a queue use it: they type on, mistype, and correct themselves."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import insert, update

from handlers.merchant.callbacks import PutBack, UseVoucher
from handlers.till.callbacks import AskTake, TakeVoucher
from loyalty.claims import NUMBER
from loyalty.earning import EarnRule
from loyalty.members import Member
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.vouchers import Voucher, VoucherState
from storage.database import Database
from storage.members import addresses, members
from tests.conversations.test_till import ASK_AMOUNT, ASK_CUSTOMER, CARD, Counter, joins, opens_shop
from tests.kit.chat import Chat, Person, labels, open_chat, said
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, add_reward, appoint, enrol
from tests.kit.till import know


@pytest.fixture
async def counter(chat: Chat) -> Counter:
    return await opens_shop(chat)


async def voucher_of(counter: Counter, person: Person, nonce: str = "ABCD2345") -> Voucher:
    reward_id = add_reward(counter.chat.app.units, counter.shop, points=80)
    await person.earns(80)
    member = await person.member()
    return (await counter.chat.run(counter.chat.club.rewards.redeem, member, reward_id, nonce)).voucher


def holds_number(chat: Chat, member: Member, number: str) -> None:
    """As an import leaves it, and as it stays after the member has taken the number over."""
    row = {"channel": NUMBER, "external_id": number, "member_id": member.id, "is_reachable": False}
    with chat.app.database.engine.begin() as connection:
        connection.execute(insert(addresses), row | {"changed_at": chat.clock()})


def imported(chat: Chat, name: str, number: str, phone: str | None = None) -> Member:
    """Somebody who is in no chat yet: the number of before is their only address."""
    member = enrol(chat.app.units, name)
    with chat.app.database.engine.begin() as connection:
        of_member = update(addresses).where(addresses.c.member_id == member.id)
        connection.execute(of_member.values(channel=NUMBER, external_id=number))
    if phone is not None:
        know(chat.app.database, member, phone=phone)
    return member


# Member numbers of before


@pytest.mark.parametrize("number", ["A-0815", "4711", "0042", "42"])
async def test_a_member_number_of_before_finds_its_holder(counter: Counter, number: str) -> None:
    chat, cato = counter.chat, counter.cato
    imported(chat, "Bo", number)
    await cato.says("/till")
    await cato.says(number.lower())
    cato.sees("Bo · 🌱 Member", ASK_AMOUNT)
    await cato.says("12.50")
    await cato.taps("Confirm")
    cato.sees("Done. +12 points for Bo")


async def test_a_member_number_finds_who_has_taken_it_over(counter: Counter) -> None:
    holds_number(counter.chat, await counter.ana.member(), "A-0815")
    await counter.cato.says("/till a-0815")
    counter.cato.sees("Ana", ASK_AMOUNT)


async def test_a_member_number_that_is_the_end_of_a_phone_asks_who(counter: Counter) -> None:
    imported(counter.chat, "Bo", "4567")
    await counter.cato.says("/till")
    asked = await counter.cato.says("4567")
    counter.cato.sees("Who is it?")
    assert labels(asked) == ["Bo · 🌱 Member", "Ana · 🌱 Member", "Cancel"]


async def test_two_of_one_name_have_words_of_their_own(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    other = await joins(chat, "Ana Miller")
    know(chat.app.database, await other.member(), phone="+447700114567")
    asked = await cato.says("/till 4567")
    assert labels(asked)[:2] == ["Ana · 🌱 Member · L.", "Ana · 🌱 Member · M."]
    assert "4567" not in "".join(labels(asked))
    await cato.taps("M.", on=asked)
    await cato.says("5.00")
    await cato.taps("Confirm")
    cato.sees("Done. +5 points for Ana")
    assert (await other.balance(), await counter.ana.balance()) == (5, 0)


async def test_two_of_one_whole_name_differ_by_when_they_bought_here(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await counter.sells("5.00")
    other = await joins(chat, "Ana Long")
    know(chat.app.database, await other.member(), phone="+447700114567")
    asked = await cato.says("/till 4567")
    assert len(set(labels(asked)[:2])) == 2
    assert labels(asked)[1].endswith("new here")


async def test_three_whom_nothing_tells_apart_have_different_words(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    for number in (1, 2, 3):
        know(chat.app.database, enrol(chat.app.units, "Eve"), phone=f"+4477001{number}5678")
    asked = await cato.says("/till 5678")
    assert len(set(labels(asked)[:3])) == 3


async def test_a_phone_that_telegram_vouches_for_offers_the_number_of_before(chat: Chat) -> None:
    old = imported(chat, "Ana Lopez", "A-0815", "+491701234567")
    await chat.run(chat.club.operators.adjust, old.id, 70, "test", key="opening", actor="test")
    ana = await joins(chat, "Ana")
    await ana.says("/card")
    await ana.taps("My phone number")
    await ana.taps("Share my number")
    await ana.sends("contact", "+49 170 1234567", "Ana", contact_user_id=ana.id)
    ana.sees("Is this you? A. with the number", "815")
    await ana.taps("Yes, that is me")
    ana.sees("The number is yours.", "You have 70 points now.")


async def test_a_phone_of_two_numbers_of_before_offers_neither(chat: Chat) -> None:
    imported(chat, "Ana Lopez", "A-0815", "+491701234567")
    imported(chat, "Bo Lopez", "A-0816", "+491701234567")
    ana = await joins(chat, "Ana")
    await ana.says("/card")
    await ana.taps("My phone number")
    await ana.taps("Share my number")
    await ana.sends("contact", "+49 170 1234567", "Ana", contact_user_id=ana.id)
    ana.sees("Your number: +491701234567.")


# Answers that are edited


async def test_a_cashier_edits_the_amount_before_confirming(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    first = await cato.says("1250")
    cato.sees("€1,250.00")
    await cato.edits("12.50")
    cato.sees("Ana", "€12.50", "Earns 12 points")
    await cato.taps("Confirm", on=first)
    assert cato.alert is not None
    assert counter.count() == 0
    await cato.taps("Confirm")
    cato.sees("Done. +12 points for Ana, for €12.50.")
    assert await counter.ana.balance() == 12


async def test_an_answer_that_could_not_be_read_is_edited(counter: Counter) -> None:
    cato = counter.cato
    await cato.opens(counter.card)
    await cato.says("twelve")
    cato.sees("I could not read an amount in that.")
    await cato.edits("12.50")
    cato.sees("€12.50", "Earns 12 points")


async def test_a_customers_code_is_edited_while_the_amount_is_asked_for(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    bo = await joins(chat, "Bo")
    know(chat.app.database, await bo.member(), card="B0B12345")
    await cato.says("/till")
    await cato.says(CARD)
    cato.sees("Ana", ASK_AMOUNT)
    await cato.edits("B0B12345")
    cato.sees("Bo", ASK_AMOUNT)
    await cato.says("5.00")
    await cato.taps("Confirm")
    cato.sees("Done. +5 points for Bo")


async def test_an_amount_that_is_edited_after_it_was_booked_says_so(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await cato.opens(counter.card)
    await cato.says("125")
    await cato.taps("Confirm")
    await cato.edits("12.50")
    cato.sees("€125.00 for Ana is booked already; changing your message does not change it.", "Undo it")
    await cato.taps("Undo")
    cato.sees("Undone: €125.00 for Ana.")
    chat.clock.advance(minutes=11)
    await cato.says(CARD)
    cato.sees("Ana", ASK_AMOUNT)
    await cato.says("8")
    await cato.taps("Confirm")
    chat.clock.advance(minutes=11)
    await cato.edits("9")
    cato.sees("€8.00 for Ana is booked already", "A refund takes it back.")
    assert await counter.ana.balance() == 8


async def test_the_part_of_a_refund_is_edited_before_it_is_confirmed(counter: Counter) -> None:
    cato = counter.cato
    await counter.sells("12.00 #A-1007")
    await cato.says("/till")
    await cato.taps("Purchases and refunds")
    await cato.says("A-1007")
    await cato.taps("Refund a part")
    await cato.says("10")
    await cato.edits("1")
    cato.sees("Give €1.00 back to Ana?")
    await cato.taps("Refund")
    cato.sees("Done. €1.00 goes back to Ana.")


async def test_an_edit_of_what_no_form_took_is_left_alone(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    for person in (cato, ana):
        await person.says("hm, well")
        count = len(chat.messages(person.id))
        await person.edits("hm, well, no")
        assert len(chat.messages(person.id)) == count
    await cato.opens(counter.card)
    await cato.says("125")
    await cato.taps("Cancel")
    count = len(chat.messages(cato.id))
    await cato.edits("12.50")
    assert len(chat.messages(cato.id)) == count, "the purchase was left"


async def test_an_answer_to_another_form_is_edited(counter: Counter) -> None:
    """The last answer begins a reward; what it says after it was edited is what the reward costs."""
    chat = counter.chat
    olive = await joins(chat, "Olive", counter.shop, Role.OWNER)
    await olive.says("/start")
    await olive.taps("My shop: Harbour Coffee")
    await olive.taps("Our rewards")
    await olive.taps("New")
    await olive.says("Cofee")
    await olive.edits("Coffee")
    olive.sees("Coffee")
    await olive.says("800")
    await olive.edits("80")
    await olive.taps("Without")
    olive.sees("Coffee", "80 points")
    olive.has_not_seen("Cofee</b> ")


# A till that stays open


async def test_after_done_the_next_card_is_typed(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    bo = await joins(chat, "Bo")
    know(chat.app.database, await bo.member(), card="B0B12345", phone="+447700119876")
    voucher = await voucher_of(counter, bo)
    await counter.sells("12.50")
    for typed in ("B0B1-2345", chat.app.links.card("B0B12345"), "9876"):
        await cato.says(typed)
        cato.sees("Bo", ASK_AMOUNT)
        await cato.says("5.00")
        await cato.taps("Confirm")
        cato.sees("Done. +5 points for Bo, for €5.00.")
    await cato.says(voucher.code)
    cato.sees("For Bo, 80 points", "Not used yet.")
    await cato.taps("Take it")
    await cato.says(CARD)
    cato.sees("Ana", ASK_AMOUNT)
    assert counter.count() == 4


async def test_home_leaves_the_till(counter: Counter) -> None:
    cato = counter.cato
    await counter.sells("12.50")
    await cato.taps("Home")
    await cato.says("Ana")
    cato.sees("I did not quite get that.")


async def test_a_bare_number_that_is_the_next_customers_phone_is_asked_about(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    bo = await joins(chat, "Bo")
    know(chat.app.database, await bo.member(), phone="+447700114321")
    await cato.opens(counter.card)
    asked = await cato.says("4321")
    cato.sees("Is that €4,321.00, or the customer whose phone or number is 4321?")
    assert "Confirm" not in labels(asked)
    await cato.taps("The customer 4321")
    cato.sees("Bo", ASK_AMOUNT)
    await cato.says("4321")
    await cato.taps("The amount €4,321.00")
    cato.sees("Bo", "€4,321.00")
    await cato.taps("Confirm")
    cato.sees("Done. +4,321 points for Bo")
    assert await counter.ana.balance() == 0


async def test_where_amounts_have_four_digits_every_day_one_tap_more_is_for_the_customer(
    database: Database, clock: FrozenClock, random: Random
) -> None:
    chat = await open_chat(database, clock, random, programme=Programme(currency="JPY", till_amount_minor_max=99_999))
    counter = await opens_shop(chat)
    bo = await joins(chat, "Bo")
    know(chat.app.database, await bo.member(), phone="+447700114321")
    await counter.cato.opens(counter.card)
    asked = await counter.cato.says("4321")
    counter.cato.sees("Ana", "¥4,321")
    assert labels(asked)[:2] == ["Confirm", "No, the customer 4321"]
    await counter.cato.taps("No, the customer 4321")
    counter.cato.sees("Bo", ASK_AMOUNT)
    await chat.app.intake.close()


async def test_the_next_customers_code_is_typed_where_an_amount_is_asked_for(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    bo = await joins(chat, "Bo")
    know(chat.app.database, await bo.member(), card="B0B12345")
    voucher = await voucher_of(counter, bo)
    await cato.opens(counter.card)
    await cato.says("B0B12345")
    cato.sees("Bo", ASK_AMOUNT)
    await cato.says(CARD)
    cato.sees("Ana", ASK_AMOUNT)
    await cato.says(voucher.code)
    cato.sees("For Bo, 80 points")
    assert counter.count() == 0


@pytest.mark.parametrize("typed", ["7f3k-9qwe", "4567", "A-0815", f"https://t.me/perkchat_bot?start=c_{CARD}"])
async def test_staff_type_a_customer_without_opening_the_till(counter: Counter, typed: str) -> None:
    holds_number(counter.chat, await counter.ana.member(), "A-0815")
    await counter.cato.says(typed)
    counter.cato.sees("Ana", ASK_AMOUNT)


async def test_staff_type_a_voucher_without_opening_the_till(counter: Counter) -> None:
    voucher = await voucher_of(counter, counter.ana)
    await counter.cato.says(voucher.code.lower())
    counter.cato.sees("For Ana, 80 points", "Not used yet.")
    await counter.cato.taps("Take it")
    counter.cato.sees("Done. Ana gets Flat white")
    await counter.cato.says("7F3K9QWE2XH4P")
    counter.cato.sees("There is no voucher with this code.", ASK_CUSTOMER)


async def test_a_card_of_letters_alone_is_known_too(counter: Counter) -> None:
    know(counter.chat.app.database, await counter.ana.member(), card="SHAREBAG")
    await counter.cato.says("sharebag 5.00")
    counter.cato.sees("Ana", "€5.00")


async def test_words_of_staff_are_not_taken_for_codes(counter: Counter) -> None:
    mark = await joins(counter.chat, "Mark", counter.shop, Role.MARKETER)
    for person, words in ((counter.cato, "somebody"), (counter.cato, "table 12"), (mark, CARD), (counter.ana, CARD)):
        await person.says("/start")  # who is not understood twice is told more
        await person.says(words)
        person.sees("I did not quite get that.")


@pytest.mark.parametrize("typed", [f"{CARD} 12.50 coffee", "7F3K 9QWE 12.50 coffee", "4567 12.50 coffee"])
@pytest.mark.parametrize("is_open", [True, False])
async def test_code_and_amount_in_one_line_go_straight_to_the_question(
    counter: Counter, typed: str, is_open: bool
) -> None:
    cato = counter.cato
    if is_open:
        await cato.says("/till")
    await cato.says(typed)
    cato.sees("Ana", "€12.50", "coffee", "Earns 25 points")
    await cato.taps("Confirm")
    cato.sees("Done. +25 points for Ana, for €12.50.")


async def test_a_code_and_an_amount_are_no_voucher(counter: Counter) -> None:
    await counter.cato.says(f"/till {CARD} 12500")  # thirteen signs, as many as a voucher's code has
    counter.cato.sees("That is more than a till books at once", "Ana", ASK_AMOUNT)
    await counter.cato.says(f"/till {CARD} 12.50")
    counter.cato.sees("Ana", "€12.50")


async def test_several_who_may_be_meant_keep_the_amount(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    amy = await joins(chat, "Amy")
    know(chat.app.database, await amy.member(), phone="+447700114567")
    await cato.says("4567 12.50 coffee")
    await cato.taps("Amy")
    cato.sees("Amy", "€12.50", "Earns 25 points")


async def test_the_command_keeps_the_code_while_it_asks_at_which_shop(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    appoint(chat.app.units, add_merchant(chat.app.units, "Red Door"), await cato.member(), Role.CASHIER)
    for typed in (f"/till {CARD}", "/till 4567", CARD):
        await cato.says("/help")
        await cato.says(typed)
        cato.sees("At which shop are you?")
        await cato.taps("Harbour Coffee")
        cato.sees("Ana", ASK_AMOUNT)
    await cato.says(f"/till {CARD} 12.50")
    await cato.taps("Harbour Coffee")
    cato.sees("Ana", "€12.50")


# One's own card


async def test_a_cashier_cannot_book_on_their_own_card(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    carl = await joins(chat, "Carl", counter.shop)
    know(chat.app.database, await cato.member(), card="CAT01234")
    await cato.says("/till CAT01234")
    cato.sees("This is your own card. A colleague has to book it for you.", ASK_CUSTOMER)
    await cato.says("CAT01234 12.50")
    cato.sees("This is your own card.")
    await carl.says("CAT01234 12.50")
    await carl.taps("Confirm")
    carl.sees("Done. +12 points for Cato")
    assert counter.count() == 1


async def test_who_works_alone_books_their_own_purchase_and_it_is_marked(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    know(chat.app.database, await cato.member(), card="CAT01234")
    await cato.says("/till CAT01234")
    await cato.says("12.50")
    cato.sees("This is your own purchase. It is marked as such in the list of purchases.")
    await cato.taps("Confirm")
    cato.sees("Done. +12 points for Cato", "Your own purchase")
    await cato.says("/till")
    await cato.taps("Purchases and refunds")
    cato.sees("€12.50 · own purchase")


# Receipts


async def test_receipt_numbers_begin_again_each_morning(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    olive = await joins(chat, "Olive", counter.shop, Role.OWNER)
    await olive.says("/start")
    await olive.taps("My shop: Harbour Coffee")
    await olive.taps("How purchases earn")
    await olive.taps("Receipts")
    await olive.taps("begin again each day")
    olive.sees("Saved.", "Receipt numbers begin again each day.")
    await counter.sells("12.50 #0043")
    await cato.says(CARD)
    await cato.says("8 # 0043")
    cato.sees("Receipt 0043 was booked already", ASK_AMOUNT)
    chat.clock.advance(days=1)
    await cato.says("8 # 0043")
    cato.sees("€8.00 · Receipt 0043", "Earns 8 points")
    await cato.taps("Confirm")
    cato.sees("Done. +8 points for Ana", "Receipt 0043")
    await cato.says("/till")
    await cato.taps("Purchases and refunds")
    asked = await cato.says("0043")
    cato.sees("Receipt 0043 was given out on several days. Which one is it?")
    assert labels(asked)[:2] == ["1. Ana · €8.00", "2. Ana · €12.50"]
    await cato.taps("2. Ana")
    await cato.taps("Refund all")
    await cato.taps("Refund")
    assert await counter.ana.balance() == 8
    assert counter.count() == 2


async def test_a_receipt_is_booked_once_where_numbers_do_not_begin_again(counter: Counter) -> None:
    await counter.sells("12.50 #0043")
    counter.chat.clock.advance(days=1)
    await counter.cato.says(CARD)
    await counter.cato.says("8 # 0043")
    counter.cato.sees("Receipt 0043 was booked already")


# Vouchers


async def test_a_voucher_of_the_customer_is_asked_about_taken_and_put_back(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    voucher = await voucher_of(counter, ana)
    await cato.says("4567")
    await cato.taps("Accept voucher: Flat white")
    cato.sees("For Ana, 80 points", "Not used yet.")
    await cato.taps("Take it")
    assert cato.toast == "Done. Ana gets Flat white."
    await chat.courier.delivers()
    ana.has_seen("Your voucher for Flat white was used at Harbour Coffee")
    await cato.taps("Undo (10 min)")
    cato.sees("Undone: Ana keeps the voucher for Flat white, as good as before.")
    await chat.courier.delivers()
    ana.sees("Harbour Coffee took your voucher for Flat white by mistake. It is yours again, good until 30 Jul 2026.")
    await ana.taps("Show it")
    ana.sees("Code:")
    chat.clock.advance(minutes=1)
    await cato.says(voucher.code)
    await cato.taps("Take it")
    await chat.courier.delivers()
    assert counter.told(ana, "Your voucher for Flat white was used") == 2
    chat.clock.advance(minutes=10)
    await cato.taps("Undo")
    assert cato.alert == "A voucher can be put back for 10 minutes after it was taken, not later."
    own = await chat.run(chat.club.vouchers.own, (await ana.member()).id, voucher.id)
    assert own.state is VoucherState.USED


@pytest.mark.permission
async def test_nobody_takes_a_voucher_that_was_not_shown(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    bo = await joins(chat, "Bo")
    voucher = await voucher_of(counter, bo)
    await cato.opens(counter.card)  # Ana's, who has none
    for data in (
        f"vuse:{voucher.id}",
        UseVoucher(voucher_code="7F3K9QWE2XH4P").pack(),
        TakeVoucher(voucher_id=voucher.id).pack(),
        AskTake(voucher_id=voucher.id).pack(),
    ):
        await cato.taps_data(data)
        cato.has_not_seen("Flat white")
        cato.has_not_seen("Bo")
    otto = await joins(chat, "Otto", add_merchant(chat.app.units, "Red Door"), Role.OWNER)
    await cato.says(voucher.code)
    await cato.taps("Take it")
    for person in (otto, ana):
        await person.taps_data(PutBack(voucher_id=voucher.id).pack())
        assert person.alert is not None
    own = await chat.run(chat.club.vouchers.own, (await bo.member()).id, voucher.id)
    assert own.state is VoucherState.USED


async def test_a_used_voucher_loses_its_picture_its_code_and_its_way_back(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    voucher = await voucher_of(counter, ana)
    await ana.says("/vouchers")
    shown = await ana.taps("Flat white")
    assert "Give it back" in labels(shown)
    picture = shown["photo"][-1]["file_unique_id"]
    await cato.opens(chat.app.links.voucher(voucher.code))
    await cato.taps("Take it")
    await chat.courier.delivers()
    [now] = [m for m in chat.messages(ana.id) if m["message_id"] == shown["message_id"]]
    assert "Used on 1 May 2026, 10:00" in said(now)
    assert "Code" not in said(now)
    assert labels(now) == ["My vouchers", "Home"]
    assert now["photo"][-1]["file_unique_id"] != picture
    await cato.taps("Undo (10 min)")
    await chat.courier.delivers()
    [again] = [m for m in chat.messages(ana.id) if m["message_id"] == shown["message_id"]]
    assert "Good until 30 Jul 2026" in said(again)
    assert labels(again) == ["Show it", "My vouchers", "Home"]


async def test_a_voucher_that_was_given_back_loses_its_picture(counter: Counter) -> None:
    chat, ana = counter.chat, counter.ana
    await voucher_of(counter, ana)
    await ana.says("/vouchers")
    shown = await ana.taps("Flat white")
    await ana.taps("Give it back")
    await ana.taps("Give it back")
    await chat.courier.delivers()
    [now] = [m for m in chat.messages(ana.id) if m["message_id"] == shown["message_id"]]
    assert "Cancelled" in said(now)
    assert "Code" not in said(now)


async def test_a_voucher_whose_message_was_deleted_is_used_all_the_same(counter: Counter) -> None:
    chat, cato, ana = counter.chat, counter.cato, counter.ana
    voucher = await voucher_of(counter, ana)
    await ana.says("/vouchers")
    shown = await ana.taps("Flat white")
    await chat.app.bot.delete_message(ana.id, shown["message_id"])
    await cato.says(voucher.code)
    await cato.taps("Take it")
    await chat.courier.delivers()
    ana.sees("Your voucher for Flat white was used")


# Limits and slips


async def test_a_limit_is_said_to_the_cashier_and_to_the_customer(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    chat.club.purchases.set_rule(counter.shop, EarnRule(points_day_max=300))
    await cato.opens(counter.card)
    await cato.says("1250.00")
    cato.sees("Earns 300 points", "300 of 1,250: today's limit here.")
    await cato.taps("Confirm")
    cato.sees("Done. +300 points for Ana", "300 of 1,250: today's limit here.")
    await chat.courier.delivers()
    counter.ana.sees("+300 points for €1,250.00", "300 of 1,250: today's limit here.")
    await cato.says(CARD)
    await cato.says("10.00")
    cato.sees("This purchase earns no points.", "0 of 10: today's limit here.")
    chat.club.purchases.set_rule(counter.shop, EarnRule(amount_minor_min=500))
    await cato.says("4.00")
    cato.sees("It is below the amount from which purchases earn here.")


async def test_an_amount_far_beyond_the_usual_is_asked_about(counter: Counter) -> None:
    cato = counter.cato
    for _ in range(19):
        await counter.sells("4.50")
    await cato.opens(counter.card)
    await cato.says("1250")
    cato.sees("Earns 1,250 points")  # nineteen do not tell what is usual
    await counter.sells("4.50")
    await cato.says(CARD)
    asked = await cato.says("1250")
    cato.sees("€1,250.00 is far more than usual here: most purchases are around €4.50. Is it right?")
    assert labels(asked) == ["Yes, it is €1,250.00", "Change amount"]
    await cato.edits("12.50")
    cato.sees("Earns 12 points")
    await cato.says("45")
    cato.sees("Earns 45 points")
    await cato.says("45.01")
    await cato.taps("Yes, it is €45.01")
    cato.sees("€45.01", "Earns 45 points")
    await cato.taps("Confirm")
    cato.sees("Done. +45 points for Ana, for €45.01.")
    assert await counter.ana.balance() == 20 * 4 + 45


async def test_nothing_that_was_typed_is_shown_of_a_phone(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    with chat.app.database.engine.begin() as connection:
        connection.execute(update(members).values(phone="+491701234567", phone_ending="4567"))
    await cato.says("/till 4567")
    cato.has_not_seen("170")
    assert ASK_CUSTOMER not in said(cato.sees("Who is it?"))
