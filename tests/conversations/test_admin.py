"""The operator's commands; to everybody else they do not exist."""

from __future__ import annotations

import pytest

from tests.kit.chat import Chat, labels, said


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
    olga.sees("It takes 1 point and you have 0: 1 to go.")


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
