from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import delete

from handlers.merchant.callbacks import CheckVoucher, Console, UseVoucher
from loyalty.merchants import Role
from loyalty.vouchers import Voucher, VoucherState
from storage.merchants import staff
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.pictures import photo
from tests.kit.shops import add_merchant, add_reward, appoint

NOT_STAFF = "That is for the staff of this shop. If you should be one of them, its owner can invite you."


@dataclass
class Counter:
    """Ana has a voucher of the shop at which Cato is the cashier."""

    chat: Chat
    shop: int
    ana: Person
    cato: Person
    voucher: Voucher

    async def state(self) -> VoucherState:
        owner = await self.ana.member()
        return (await self.chat.run(self.chat.club.vouchers.own, owner.id, self.voucher.id)).state

    async def dismiss(self, person: Person) -> None:
        member = await person.member()
        with self.chat.app.database.engine.begin() as connection:
            connection.execute(delete(staff).where(staff.c.member_id == member.id))


async def joins(chat: Chat, name: str, shop: int | None = None, role: Role = Role.CASHIER) -> Person:
    person = chat.member(name)
    await person.says("/start")
    if shop is not None:
        appoint(chat.app.units, shop, await person.member(), role)
    return person


@pytest.fixture
async def counter(chat: Chat) -> Counter:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    reward_id = add_reward(chat.app.units, shop, points=80)
    ana, cato = await joins(chat, "Ana"), await joins(chat, "Cato", shop)
    await ana.earns(80)
    result = await chat.run(chat.club.rewards.redeem, await ana.member(), reward_id, "ABCD2345")
    return Counter(chat, shop, ana, cato, result.voucher)


async def test_the_counter_takes_a_voucher_by_its_typed_code(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await cato.says("/start")
    await cato.taps("Harbour Coffee: counter")
    cato.sees("Harbour Coffee · Cashier")
    await cato.taps("Check a voucher")
    cato.sees("Type the customer's code")
    await cato.says(counter.voucher.code.lower())
    cato.sees("Flat white", "For Ana, 80 points", "Issued on 1 May 2026", "Good until 30 Jul 2026", "Not used yet.")
    await cato.taps("Take it")
    cato.sees("Done. Ana gets Flat white, taken on 1 May 2026, 10:00")
    await chat.courier.delivers()
    counter.ana.has_seen("Your voucher for Flat white was used at Harbour Coffee on 1 May 2026, 10:00")
    await counter.ana.says("/vouchers")
    await counter.ana.taps("Used")
    counter.ana.sees("Flat white", "Used on 1 May 2026, 10:00")


async def test_a_wrong_code_leaves_the_form_open(counter: Counter) -> None:
    chat, cato = counter.chat, counter.cato
    await cato.says("/voucher")
    for nonsense in ("hello", "7F3K-9QWE-2XH4P", "'; DROP TABLE vouchers; --", "v_"):
        wrong = await cato.says(nonsense)
        cato.sees("There is no voucher with this code.", "Type the customer's code")
        assert labels(wrong) == ["Cancel"]
    for kind, args in (("photo", (photo(),)), ("sticker", ()), ("voice", ())):
        await cato.sends(kind, *args)
        cato.sees("I cannot read a QR from a picture here.", "Type the customer's code")
    await cato.says(f"https://t.me/perkchat_bot?start=v_{counter.voucher.code}")
    cato.sees("For Ana, 80 points")
    # The form is closed now: the next words are no code.
    await cato.says("qwertz")
    cato.sees("I did not quite get that.")
    assert await counter.state() is VoucherState.ISSUED
    assert chat.clock() == counter.voucher.issued_at


async def test_cancel_leaves_the_form(counter: Counter) -> None:
    cato = counter.cato
    await cato.says("/voucher")
    await cato.taps("Cancel")
    cato.sees("Harbour Coffee · Cashier")
    await cato.says("Flat white")
    cato.sees("I did not quite get that.")


async def test_the_code_right_after_the_command(counter: Counter) -> None:
    await counter.cato.says(f"/voucher {counter.voucher.code}")
    counter.cato.sees("For Ana, 80 points")
    await counter.cato.says("/voucher 0000000000000")
    counter.cato.sees("There is no voucher with this code.")


async def test_a_phone_scans_the_qr(counter: Counter) -> None:
    chat, link = counter.chat, counter.chat.app.links.voucher(counter.voucher.code)
    await counter.cato.opens(link)
    counter.cato.sees("For Ana, 80 points", "Not used yet.")
    shown = await counter.ana.opens(link)
    assert "photo" in shown
    counter.ana.sees("Show this at the counter")
    bo = chat.member("Bo")
    await bo.opens(link)
    stranger = bo.sees("This is somebody's voucher.", "counter of Harbour Coffee")
    assert "Ana" not in said(stranger)
    assert "Flat white" not in said(stranger)
    await bo.opens(chat.app.links.voucher("0000000000000"))
    bo.sees("There is no voucher with this code.")
    await counter.cato.taps("Take it", on=counter.cato.has_seen("For Ana"))
    assert await counter.state() is VoucherState.USED
    await counter.cato.opens(link)
    counter.cato.sees("This voucher was used already, on 1 May 2026, 10:00")
    used = await counter.ana.opens(link)
    assert "photo" not in used
    counter.ana.sees("Used on 1 May 2026, 10:00")


async def test_a_second_tap_has_no_second_effect(counter: Counter) -> None:
    chat, cato, carl = counter.chat, counter.cato, await joins(counter.chat, "Carl", counter.shop)
    check = await cato.says(f"/voucher {counter.voucher.code}")
    await carl.says(f"/voucher {counter.voucher.code}")
    await cato.taps("Take it", times=2)
    cato.sees("Done. Ana gets Flat white")
    assert cato.alert is not None
    assert cato.alert.startswith("This voucher was used already, on 1 May 2026")
    chat.clock.advance(hours=1)
    await carl.taps("Take it")
    assert carl.alert is not None
    assert carl.alert.startswith("This voucher was used already, on 1 May 2026, 10:00")
    await cato.taps_data(UseVoucher(voucher_code=counter.voucher.code).pack(), on=check)
    await chat.courier.delivers()
    told = [message for message in chat.messages(counter.ana.id) if "Your voucher for" in said(message)]
    assert len(told) == 1


@pytest.mark.race
async def test_two_cashiers_take_one_voucher_in_the_same_second(counter: Counter) -> None:
    chat, cato, carl = counter.chat, counter.cato, await joins(counter.chat, "Carl", counter.shop)
    use = UseVoucher(voucher_code=counter.voucher.code).pack()
    checks = [(person, await person.says(f"/voucher {counter.voucher.code}")) for person in (cato, carl)]
    answers = [chat.telegram.people.forge(person.id, check["message_id"], use) for person, check in checks]
    await chat.settle()
    said_now = [said(chat.last_message(person.id)) for person in (cato, carl)]
    assert sum("Done. Ana gets Flat white" in words for words in said_now) == 1
    alerts = [tap.answer.text for tap in answers if tap.answer is not None and tap.answer.show_alert]
    assert alerts == ["This voucher was used already, on 1 May 2026, 10:00."]
    await chat.courier.delivers()
    assert sum("Your voucher for" in said(message) for message in chat.messages(counter.ana.id)) == 1


async def test_an_expired_voucher_stays_with_its_owner(counter: Counter) -> None:
    check = await counter.cato.says(f"/voucher {counter.voucher.code}")
    counter.chat.clock.advance(days=91)
    await counter.cato.taps("Take it", on=check)
    assert counter.cato.alert == "This voucher ended on 30 Jul 2026."
    await counter.cato.says("/voucher")
    await counter.cato.says(counter.voucher.code)
    counter.cato.sees("This voucher ended on 30 Jul 2026.", "Type the customer's code")
    assert await counter.state() is VoucherState.EXPIRED


@pytest.mark.permission
async def test_another_shops_staff_cannot_take_it(counter: Counter) -> None:
    chat = counter.chat
    otto = await joins(chat, "Otto", add_merchant(chat.app.units, "Red Door"), Role.OWNER)
    await otto.says(f"/voucher {counter.voucher.code}")
    otto.sees("This voucher is not for your shop.")
    await otto.opens(chat.app.links.voucher(counter.voucher.code))
    refused = otto.sees("This voucher is not for your shop.")
    assert "Ana" not in said(refused)
    await otto.taps_data(UseVoucher(voucher_code=counter.voucher.code).pack())
    assert otto.alert == "This voucher is not for your shop."
    await otto.taps_data(Console(merchant_id=counter.shop).pack())
    assert otto.alert == NOT_STAFF
    assert await counter.state() is VoucherState.ISSUED


@pytest.mark.permission
async def test_members_have_no_counter(counter: Counter) -> None:
    bo = await joins(counter.chat, "Bo")
    await bo.says("/voucher")
    bo.sees("I did not quite get that.")
    await bo.says(f"/voucher {counter.voucher.code}")
    bo.sees("I do not know that one either.")
    for button in (
        Console(merchant_id=counter.shop),
        CheckVoucher(merchant_id=counter.shop),
        UseVoucher(voucher_code=counter.voucher.code),
    ):
        await bo.taps_data(button.pack())
        assert bo.alert == NOT_STAFF
    # The owner cannot take the own voucher either.
    await counter.ana.taps_data(UseVoucher(voucher_code=counter.voucher.code).pack())
    assert counter.ana.alert == NOT_STAFF
    assert await counter.state() is VoucherState.ISSUED


@pytest.mark.permission
async def test_buttons_and_forms_end_with_the_job(counter: Counter) -> None:
    cato = counter.cato
    check = await cato.says(f"/voucher {counter.voucher.code}")
    await cato.says("/voucher")
    await counter.dismiss(cato)
    await cato.says(counter.voucher.code)
    cato.sees(NOT_STAFF)
    await cato.taps("Take it", on=check)
    assert cato.alert == NOT_STAFF
    await cato.says(counter.voucher.code)
    cato.sees("I did not quite get that.")
    assert await counter.state() is VoucherState.ISSUED


async def test_who_may_write_to_customers_is_told_so(counter: Counter) -> None:
    chat = counter.chat
    olive = await joins(chat, "Olive", counter.shop, Role.CASHIER)
    appoint(chat.app.units, counter.shop, await olive.member(), Role.OWNER)
    await olive.taps_data(Console(merchant_id=counter.shop).pack())
    assert "Tell your customers" in labels(olive.sees("Harbour Coffee · Owner"))
    await counter.cato.taps_data(Console(merchant_id=counter.shop).pack())
    assert "Tell your customers" not in labels(counter.cato.sees("Harbour Coffee · Cashier"))


async def test_only_who_takes_vouchers_is_told_how(counter: Counter) -> None:
    mark = await joins(counter.chat, "Mark", counter.shop, Role.MARKETER)
    await counter.cato.taps_data(Console(merchant_id=counter.shop).pack())
    counter.cato.sees("A customer with a voucher? Scan its QR with your phone, or type its code at the till.")
    await mark.taps_data(Console(merchant_id=counter.shop).pack())
    assert "voucher" not in said(mark.sees("Harbour Coffee · Marketer"))


async def test_after_a_voucher_comes_the_next_customer(counter: Counter) -> None:
    await counter.cato.says(f"/voucher {counter.voucher.code}")
    await counter.cato.taps("Take it")
    await counter.cato.taps("Next customer")
    counter.cato.sees("Harbour Coffee · till", "Scan the customer's card")


async def test_a_group_never_sees_a_voucher(counter: Counter) -> None:
    chat = counter.chat
    group = chat.group("Friends", counter.ana, counter.cato)
    await chat.settle()
    greeted = len(chat.messages(group))
    code = counter.voucher.code
    for person, words in ((counter.ana, "/vouchers"), (counter.ana, "/rewards"), (counter.cato, f"/voucher {code}")):
        chat.telegram.people.say(person.id, words, chat_id=group)
        await chat.settle()
    assert {said(message) for message in chat.messages(group)[greeted:]} == {
        "That is between you and me. Let us talk in private."
    }
    shared = chat.last_message(group)
    for data in ("wallet:0:waiting", "rewards:0:0", f"voucher:{counter.voucher.id}"):
        await counter.ana.taps_data(data, on=shared)
        assert counter.ana.toast == "This button is out of date. Here is how things stand now."
    assert all(code not in said(message).replace("-", "") for message in chat.messages(group))
    assert all("photo" not in message for message in chat.messages(group))
