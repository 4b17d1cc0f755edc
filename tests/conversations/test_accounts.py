"""The operator undoes, agrees credit and looks into an account; shops and club settle their month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from loyalty.earning import EarnRule
from loyalty.merchants import Role
from loyalty.purchases import Channel
from loyalty.services import ledger
from tests.kit.chat import Chat, Person, labels, said
from tests.kit.shops import add_merchant, add_reward, appoint


async def joins(chat: Chat, name: str, language: str = "en") -> tuple[Person, str]:
    person = chat.member(name, language=language)
    await person.says("/start")
    return person, (await person.member()).code


async def buys(chat: Chat, person: Person, shop: int, points: int, *, is_pending: bool = False) -> int:
    """Points that a shop funds; answers the number of the transaction."""
    member = await person.member()

    def earn() -> int:
        with chat.app.units() as uow:
            recorded = ledger.award(
                uow,
                chat.club.programme,
                member.id,
                points,
                key=f"test:{shop}:{points}:{chat.clock.seconds()}",
                cause="purchase",
                actor="test",
                at=chat.clock(),
                funder_id=shop,
                is_pending=is_pending,
            )
            uow.commit()
        return recorded.transaction_id

    return await chat.run(earn)


def document(chat: Chat, person: Person) -> tuple[str, str]:
    """Name and content of the last message's document."""
    sent: dict[str, Any] = chat.last_message(person.id)["document"]
    stored = chat.telegram.world.files.find(sent["file_id"])
    assert stored is not None
    return sent["file_name"], stored.content.decode("utf-8-sig")


# Undoing


async def test_a_movement_is_undone_by_its_number_once_and_the_member_hears_of_it(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    await olga.says(f"/adjust {code} 50 sorry for <the> wait")
    await olga.says(f"/ledger {code}")
    account = olga.sees(
        "Ana · ", code, "50 free · 0 set aside · 0 on their way", "+50 By the club: sorry for <the> wait"
    )
    (undo,) = [label for label in labels(account) if label.startswith("Undo")]
    number = undo.removeprefix("Undo ")
    await olga.says(f"/reverse {number}")
    question = olga.sees("Undo this?", "Ana:", "+50", "adjustment by the club", "1 May 2026")
    await olga.taps("Undo it", times=2)
    olga.sees("Undone: −50. Ana has 0 points.")
    await chat.courier.delivers()
    ana.sees("The club has undone this: By the club: sorry for <the> wait · 1 May 2026. Your points: −50")
    assert sum("has undone" in said(message) for message in chat.messages(ana.id)) == 1
    await olga.says(f"/reverse #{number}")
    olga.sees("This was taken back already.")
    await olga.taps("Undo it", on=question)
    assert await ana.balance() == 0
    await olga.says(f"/ledger {code}")
    assert "Undo" not in " ".join(labels(olga.sees("undone")))


async def test_what_was_spent_meanwhile_is_owed(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    reward = add_reward(chat.app.units, add_merchant(chat.app.units, "Harbour Coffee"), points=40)
    adjusted = await olga.says(f"/adjust {code} 50 a gift")
    await chat.run(chat.club.rewards.redeem, await ana.member(), reward, "ABCD2345")
    await olga.taps("Undo", on=adjusted)
    olga.sees("Taken back. Ana has -40 points.")
    await olga.says(f"/ledger {code}")
    olga.sees("-40 free", "Owed after refunds: 40")
    assert await ana.balance() == -40


async def test_undoing_a_redemption_gives_back_the_points_and_takes_the_voucher(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    reward = add_reward(chat.app.units, shop, points=40)
    await ana.earns(100)
    first = await chat.run(chat.club.rewards.redeem, await ana.member(), reward, "ABCD2345")
    second = await chat.run(chat.club.rewards.redeem, await ana.member(), reward, "ABCD2346")
    cass, _ = await joins(chat, "Cass")
    appoint(chat.app.units, shop, await cass.member())
    await chat.run(chat.club.vouchers.use, await cass.member(), second.voucher.code)
    account = await olga.says(f"/ledger {code}")
    assert said(account).count("Reward: Flat white") == 2
    used, waiting = [label for label in labels(account) if label.startswith("Undo")][:2]
    await olga.taps(waiting)
    olga.sees("The voucher that was given for it will no longer be good.")
    await olga.taps("Undo it")
    olga.sees("Undone: +40. Ana has 60 points.")
    await olga.taps(used, on=account)
    assert olga.alert is not None
    assert olga.alert.startswith("This voucher was used already, on 1 May 2026")
    assert await ana.balance() == 60
    await cass.says(f"/voucher {first.voucher.code}")
    cass.sees("This voucher was cancelled.")


async def test_pending_points_are_in_the_account_and_can_be_undone(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    number = await buys(chat, ana, add_merchant(chat.app.units, "Harbour Coffee"), 30, is_pending=True)
    await olga.says(f"/ledger {code}")
    olga.sees("0 free · 0 set aside · 30 on their way", "+30 (on their way) Purchase at Harbour Coffee")
    await olga.taps(f"Undo {number}")
    await olga.taps("Undo it")
    olga.sees("Undone: −30. Ana has 0 points.")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/reverse", "Type it like this, with the number of a movement"),
        ("/reverse one", "Type it like this, with the number of a movement"),
        ("/reverse -1", "Type it like this, with the number of a movement"),
        (f"/reverse {'9' * 30}", "Type it like this, with the number of a movement"),
        ("/reverse 999", "There is no movement with this number: 999."),
        ("/ledger", "Type it like this, with a member's code"),
        ("/ledger N0PE", "There is no member with this code: N0PE."),
        ("/credit", "Type it like this: a member's code"),
        ("/credit ABCD2345", "Type it like this: a member's code"),
        ("/credit ABCD2345 -5", "Type it like this: a member's code"),
        ("/credit ABCD2345 5.5", "Type it like this: a member's code"),
        ("/credit N0PE 5", "There is no member with this code: N0PE."),
        ("/settle 2026-13", "Type it like this, with year and month"),
        ("/settle October", "Type it like this, with year and month"),
    ],
)
async def test_what_is_not_quite_right_is_explained(chat: Chat, typed: str, answer: str) -> None:
    olga = chat.operator()
    await olga.says(typed)
    olga.sees(answer)


async def test_what_has_a_way_back_of_its_own_cannot_be_undone(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    await ana.earns(50)
    member = await ana.member()

    def hold() -> int:
        with chat.app.units() as uow:
            ledger.hold(uow, member.id, 20, key="h", cause="group:1", actor="test", at=chat.clock())
            uow.commit()
            return 0

    await chat.run(hold)
    account = await olga.says(f"/ledger {code}")
    olga.sees("30 free · 20 set aside")
    assert len([label for label in labels(account) if label.startswith("Undo")]) == 1
    await olga.says("/reverse 2")
    olga.sees("This cannot be taken back: it has a way back of its own, or none.")
    await olga.says("/reverse 1")
    await olga.taps("Undo it")
    await olga.says("/reverse 3")
    olga.sees("This takes something back itself. To give it again, adjust the points.")


async def test_an_old_undo_button_is_answered(chat: Chat) -> None:
    olga = chat.operator()
    ana, _ = await joins(chat, "Ana")
    await ana.earns(50)
    await olga.says("/start")
    await olga.taps_data(f"unadj:{(await ana.member()).id}:50:1")
    assert olga.toast == "This button is out of date. Here is how things stand now."
    assert await ana.balance() == 50


async def test_an_account_is_turned_page_by_page(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    for number in range(1, 9):
        await ana.earns(number)
    first = await olga.says(f"/ledger {code}")
    assert [line.split()[1] for line in said(first).splitlines()[3:]] == ["+8", "+7", "+6", "+5", "+4", "+3"]
    second = await olga.taps("Older »")
    assert [line.split()[1] for line in said(second).splitlines()[3:]] == ["+2", "+1"]
    assert "Older »" not in labels(second)
    await olga.taps("« Newest")
    olga.sees("+8")


# Credit


async def test_a_credit_line_is_agreed_used_and_taken_away(chat: Chat) -> None:
    olga = chat.operator()
    ana, code = await joins(chat, "Ana")
    await olga.says(f"/credit {code} 50")
    olga.sees("Ana can spend 50 points more than there are.", "Credit line: 50")
    await chat.courier.delivers()
    ana.sees("The club trusts you: you can spend 50 points more than you have.")
    member = await ana.member()
    await chat.run(chat.club.operators.adjust, member.id, -40, "spent", key="spent", actor="test")
    await olga.says(f"/credit {code} 0")
    olga.sees("40 points of this credit are in use.")
    await ana.earns(40)
    await olga.says(f"/credit {code} 0")
    olga.sees("Ana has no credit line.")
    await chat.courier.delivers()
    ana.sees("Your credit line has ended.")
    before = len(chat.messages(ana.id))
    await olga.says(f"/credit {code} 0")
    await chat.courier.delivers()
    assert len(chat.messages(ana.id)) == before, "who is told of nothing new is not told"


# Settlement


async def test_the_operator_settles_a_month_with_all_shops(chat: Chat) -> None:
    olga = chat.operator()
    ana, _ = await joins(chat, "Ana")
    harbour, corner = add_merchant(chat.app.units, "Harbour Coffee"), add_merchant(chat.app.units, "Corner Bakery")
    await buys(chat, ana, harbour, 100)
    reward = add_reward(chat.app.units, corner, points=60)
    await chat.run(chat.club.rewards.redeem, await ana.member(), reward, "ABCD2345")
    chat.clock.move_to(datetime(2026, 6, 2, 10, 0, tzinfo=UTC))
    await olga.says("/settle")
    olga.sees("Settlement · June 2026, so far", "Nothing moved in this month.")
    await olga.taps("« May 2026")
    month = olga.sees(
        "Settlement · May 2026",
        f"{harbour}. Harbour Coffee: +100 (100 issued, 0 redeemed, 0 expired)",
        f"{corner}. Corner Bakery: −60 (0 issued, 60 redeemed, 0 expired)",
        "All together: +40",
    )
    assert "June 2026 »" in labels(month)
    await olga.taps("As a file (CSV)")
    name, content = document(chat, olga)
    assert name == "settlement-2026-05.csv"
    assert content.splitlines()[0].startswith("month,merchant_number,merchant,")
    assert content.splitlines()[1].startswith(f"2026-05,{harbour},Harbour Coffee,100,1,")
    await olga.says("/settle 2026-05")
    olga.sees("Settlement · May 2026", "All together: +40")


@pytest.mark.parametrize(
    ("language", "button"),
    [("en", "Statement"), ("zh-hans", "shopmonth"), ("zh-hant", "shopmonth")],
)
async def test_the_owner_sees_the_shops_month_at_the_counter(chat: Chat, language: str, button: str) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    ana, _ = await joins(chat, "Ana")
    number = await buys(chat, ana, shop, 100)
    owner, _ = await joins(chat, "Olive", language)
    appoint(chat.app.units, shop, await owner.member(), Role.OWNER)
    counter = await owner.taps_data(f"shop:{shop}")
    assert any(button in str(line) for line in counter["reply_markup"]["inline_keyboard"])
    await owner.taps_data(f"shopmonth:{shop}:")
    if language == "en":
        owner.sees(
            "Harbour Coffee · May 2026, so far", "Points you gave: 100 (1 time)", "You pay the club for 100 points."
        )
    else:
        owner.sees("Harbour Coffee", "2026年5月", "100")
    await owner.taps_data(f"shopfile:{shop}:2026-05")
    name, content = document(chat, owner)
    assert name == f"statement-{shop}-2026-05.csv"
    assert content.splitlines()[1] == f"2026-05-01,{number},earn,purchase,{(await ana.member()).id},100,0,0,100"


@pytest.mark.permission
async def test_staff_who_do_not_own_the_shop_do_not_see_its_month(chat: Chat) -> None:
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    for name, role in (("Cass", Role.CASHIER), ("Max", Role.MARKETER), ("Eve", None)):
        person, _ = await joins(chat, name)
        if role is not None:
            appoint(chat.app.units, shop, await person.member(), role)
            assert "Statement" not in labels(await person.taps_data(f"shop:{shop}"))
        for data in (f"shopmonth:{shop}:", f"shopmonth:{shop}:2026-05", f"shopfile:{shop}:2026-05"):
            await person.taps_data(data)
            who = "the owner of this shop can see its statement." if role is not None else "the staff of this shop."
            assert person.alert is not None
            assert who in person.alert
        assert all("document" not in message for message in chat.messages(person.id))


@pytest.mark.permission
@pytest.mark.parametrize(
    "command", ["/ledger ABCD2345", "/reverse 1", "/credit ABCD2345 50", "/settle", "/settle 2026-05"]
)
async def test_to_everybody_else_these_commands_do_not_exist(chat: Chat, command: str) -> None:
    ana, bo = chat.members("Ana", "Bo")  # who is not understood twice is told more
    assert said(await ana.says(command)) == said(await bo.says("/nosuchcommand"))


@pytest.mark.permission
@pytest.mark.parametrize(
    "data", ["account:1:0", "askundo:1", "reverse:1", "undo:1", "settle:2026-05", "settlefile:2026-05"]
)
async def test_nor_do_their_buttons(chat: Chat, data: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.earns(5)
    await ana.taps_data(data)
    ana.sees("Hello Ana.")
    assert await ana.balance() == 5


@pytest.mark.parametrize("data", ["shopmonth:1:2026-13", "shopmonth:1:x", "shopfile:1:", "settle:1999-01"])
async def test_a_made_up_month_is_answered(chat: Chat, data: str) -> None:
    olga = chat.operator()
    await olga.says("/start")
    await olga.taps_data(data)
    assert olga.toast is not None or olga.alert is not None


async def test_a_purchase_is_named_in_the_account_and_undone_by_its_number(chat: Chat) -> None:
    ana, olga = chat.member("Ana"), chat.operator()
    await ana.says("/start")
    await olga.says("/start")
    shop_id = add_merchant(chat.app.units, "Corner")
    with chat.app.units() as uow:
        uow.earn_rules.set(shop_id, EarnRule())
        uow.commit()
    member = await ana.member()
    for key, note in (("a", "Beans"), ("b", "")):
        await chat.run(
            chat.club.purchases.record, member.id, shop_id, 1250, key=key, note=note, channel=Channel.TILL, actor="test"
        )
    await olga.says(f"/ledger {member.code}")
    account = olga.sees("Corner: Beans", "Purchase at Corner: €12.50")
    number = labels(account)[0].removeprefix("Undo ")
    await olga.says(f"/reverse {number}")
    olga.sees("Undo this?", "Corner")
    await olga.taps("Undo it")
    assert await ana.balance() == 12
