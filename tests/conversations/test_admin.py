"""The operator's commands; to everybody else they do not exist."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from loyalty.claims import NUMBER
from storage.members import addresses
from tests.kit.chat import Chat, Person, find_button, labels, said
from tests.kit.till import know


async def test_the_operator_gives_and_takes_points_and_undoes(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    code = (await ana.member()).code
    await olga.says(f"/adjust {code} 50 sorry for <the> wait")
    olga.sees("Ana: +50 points. Balance now: 50.")
    await chat.courier.delivers()
    ana.sees("The club has changed your points: +50. Reason: sorry for <the> wait")

    await olga.taps("Undo", times=2)
    olga.sees("Taken back. Ana has 0 points.")
    assert await ana.balance() == 0
    await olga.says(f"/adjust {code} -1 too much")
    olga.sees("It takes 1 point and Ana has 0: 1 to go.")


@pytest.mark.parametrize("args", ["", "ABCD", "ABCD 5", "ABCD five because", "ABCD 0 nothing", "ABCD 1.5 half"])
async def test_an_adjustment_that_is_not_quite_right_changes_nothing(chat: Chat, args: str) -> None:
    olga = chat.operator()
    await olga.says(f"/adjust {args}")
    olga.sees("Type it like this", "/adjust ABCD2345 50")


async def test_amounts_and_codes_are_checked(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    await olga.says("/adjust NOSUCH 5 because")
    olga.sees("There is no member with this code: NOSUCH.")
    await olga.says(f"/adjust {(await ana.member()).code} {10**12} because")
    olga.sees("Points are whole numbers from 1 to 100,000,000.")
    assert await ana.balance() == 0


async def test_a_repeated_command_adjusts_once(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    await olga.says("/start")
    chat.telegram.people.say(olga.id, f"/adjust {(await ana.member()).code} 5 thanks")
    raw = chat.telegram.updates.take()
    again = [{**update, "update_id": update["update_id"] + 1000} for update in raw]
    for batch in (raw, again):
        await chat.app.intake.take(batch)
        await chat.app.intake.idle()
    assert await ana.balance() == 5


async def test_half_a_million_points_are_asked_about_before_they_are_booked(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    code = (await ana.member()).code
    question = await olga.says(f"/adjust {code} 500000 typo")
    olga.sees("Change the points of Ana by +500,000? They have 0 now.", "Reason: typo")
    await olga.taps("Cancel")
    assert await ana.balance() == 0
    await olga.says(f"/adjust {code} 1000 prize")
    await olga.taps("Confirm", on=question)
    assert olga.alert is not None
    assert olga.alert.startswith("I do not know this wish any more, and nothing was changed.")
    question = await olga.says(f"/adjust {code} -1000 typo")
    olga.sees("Change the points of Ana by −1,000?")
    await olga.says(f"/adjust {code} 999 prize")
    olga.sees("Ana: +999 points. Balance now: 999.")
    question = await olga.says(f"/adjust {code} 1000 prize")
    await olga.taps("Confirm", times=2)
    olga.sees("Ana: +1,000 points. Balance now: 1,999.")
    await olga.taps("Confirm", on=question)
    assert await ana.balance() == 1_999
    await chat.courier.delivers()
    ana.sees("The club has changed your points: +1,000. Reason: prize")


async def test_a_large_credit_line_is_asked_about(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/start")
    await olga.says(f"/credit {(await ana.member()).code} 5000")
    olga.sees("Let Ana spend 5,000 points more than there are? They have 0 now.")
    await olga.taps("Confirm", times=2)
    olga.sees("Ana can spend 5,000 points more than there are.")


async def test_merchants_are_added_listed_and_staffed(chat: Chat) -> None:
    olga, wing = chat.operator(), chat.member("Wing")
    await wing.says("/start")
    await olga.says("/merchant list")
    olga.sees("No shops yet.")
    await olga.says("/merchant new Corner   Bakery")
    olga.sees("Corner Bakery is in the club. Its number is 1.")
    await olga.says("/merchant new Corner Bakery")
    olga.sees("is in the club already")
    await olga.says(f"/merchant staff 1 {(await wing.member()).code} owner")
    olga.sees("Wing is an owner at Corner Bakery now.")
    await chat.courier.delivers()
    wing.sees("You are an owner at Corner Bakery now.")
    home = await wing.says("/start")
    assert "My shop: Corner Bakery" in labels(home)
    await olga.says("/merchant staff 9 ABC owner")
    olga.sees("This is not there any more.")
    await olga.says("/merchant sell everything")
    olga.sees("It goes like this:")


async def test_merchants_are_listed_by_page(chat: Chat) -> None:
    olga = chat.operator()
    for number in range(1, 11):
        await olga.says(f"/merchant new Shop {number}")
    first = await olga.says("/merchant list")
    assert said(first).count("Shop") == 8
    await olga.taps("More »")
    olga.sees("9. Shop 9", "10. Shop 10")


async def test_stats_show_figures_and_a_chart(chat: Chat) -> None:
    olga, ana = chat.operator(), chat.member("Ana")
    await ana.says("/checkin")
    await olga.says("/admin")
    olga.sees("Running the club")
    picture = await olga.taps("How the club stands")
    olga.sees("Members: 2 · new this week: 2", "Points earned: 1 · redeemed: 0")
    assert picture["photo"]
    await olga.taps("Refresh")


@pytest.mark.permission
@pytest.mark.parametrize("command", ["/admin", "/stats", "/adjust ABCD 5 please", "/merchant new Mine"])
async def test_to_everybody_else_the_operators_commands_do_not_exist(chat: Chat, command: str) -> None:
    ana, bo = chat.members("Ana", "Bo")
    unknown = said(await ana.says("/nosuchcommand"))
    assert said(await bo.says(command)) == unknown


@pytest.mark.permission
@pytest.mark.parametrize("data", ["admin", "stats", "shops:0", "undo:1", "account:1:0", "askundo:1", "reverse:1"])
async def test_nor_do_their_buttons(chat: Chat, data: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    await ana.taps_data(data)
    ana.sees("Hello Ana.")
    assert await ana.balance() == 0


async def known_by_all(chat: Chat) -> Person:
    """Ana, with a card, a phone and a member number of before."""
    ana = chat.member("Ana")
    await ana.says("/card")
    member = await ana.member()
    know(chat.app.database, member, phone="+491701234567")
    with chat.app.database.engine.begin() as connection:
        number = {"channel": NUMBER, "external_id": "A-0815", "member_id": member.id}
        connection.execute(insert(addresses), {**number, "is_reachable": False, "changed_at": chat.clock()})
    return ana


@pytest.mark.parametrize("by", ["invitation", "card", "link", "number", "phone", "ending", "national"])
async def test_the_operator_finds_a_member_by_whatever_is_at_hand(chat: Chat, by: str) -> None:
    olga, ana = chat.operator(), await known_by_all(chat)
    member = await ana.member()
    typed = {
        "invitation": member.code,
        "card": f"{member.card_code}".lower(),
        "link": f"https://t.me/perkchat_bot?start=c_{member.card_code}",
        "number": "a-0815",
        "phone": "+491701234567",
        "ending": "4567",
        "national": "01701234567",
    }[by]
    await olga.says(f"/adjust {typed} 50 thanks")
    olga.sees("Ana: +50 points.")
    for command in (f"/ledger {typed}", f"/contacts {typed}"):
        await olga.says(command)
        olga.sees(f"Ana · {member.code}")
    await olga.says(f"/credit {typed} 5")
    olga.sees("Ana can spend 5 points more than there are.")
    await olga.says(f"/grant {typed} gold")
    olga.sees("Ana")
    await olga.says("/merchant new Corner")
    await olga.says(f"/merchant staff 1 {typed} cashier")
    olga.sees("Ana is a cashier at Corner now.")
    await olga.says(f"/merchant staff 1 {typed} none")
    olga.sees("Ana is no longer a cashier at Corner.")


async def test_where_several_members_fit_the_operator_picks_one(chat: Chat) -> None:
    olga, ana, bo = chat.operator(), await known_by_all(chat), chat.member("Bo")
    await bo.says("/start")
    know(chat.app.database, await bo.member(), phone="+33612344567")
    asked = await olga.says("/adjust 4567 50 about 4567")
    assert "Several members fit 4567" in said(asked)
    assert labels(asked) == [f"{person.name} · {(await person.member()).code}" for person in (ana, bo)]
    assert (await ana.balance(), await bo.balance()) == (0, 0)
    await olga.taps("Bo", on=asked)
    olga.sees("Bo: +50 points.")
    await olga.taps_data(find_button(asked, "Bo")["callback_data"], on=asked)
    assert (await ana.balance(), await bo.balance()) == (0, 50)
    await chat.courier.delivers()
    bo.sees("Reason: about 4567")


async def test_one_shop_by_whatever_case_its_name_is_typed(chat: Chat) -> None:
    olga = chat.operator()
    await olga.says("/merchant new corner")
    olga.sees("corner is in the club. Its number is 1.")
    for name in ("Corner", "CORNER", "Ｃｏｒｎｅｒ", "\u200bCor\u2060ner\u3164"):
        await olga.says(f"/merchant new {name}")
        olga.sees("corner is in the club already. Its number is 1.")
        assert "To the shop" in labels(chat.last_message(olga.id))
    await olga.says("/merchant new \u3164")
    olga.sees("A name has 1 to 64 characters.")
    await olga.says("/merchant new Bakery")
    await olga.taps("To the shop")
    await olga.taps("Rename")
    await olga.says("cORNER")
    olga.sees("Another shop is called cORNER already.")
    await olga.says("bakery")
    olga.sees("It is called bakery now.")
