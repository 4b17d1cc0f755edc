"""A month's statement as a file: which months there are, what is in the file, and what is typed wrongly."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from loyalty.months import Month, read_month
from tests.kit.chat import Chat, Message, labels, said
from tests.kit.shops import add_merchant, add_reward


def content(chat: Chat, message: Message) -> bytes:
    return chat.telegram.world.files.get(message["document"]["file_id"]).content


def rows(chat: Chat, message: Message) -> list[list[str]]:
    """As a spreadsheet would read the file."""
    return list(csv.reader(io.StringIO(content(chat, message).decode("utf-8-sig"), newline="")))


async def test_a_statement_is_a_file_with_sums_under_it(chat: Chat) -> None:
    ana = chat.member("Ana")
    shop = add_merchant(chat.app.units, "Harbour Coffee")
    add_reward(chat.app.units, shop, "Flat white", points=80)
    await ana.says("/start")
    await ana.earns(100)
    chat.clock.advance(days=31)
    await ana.says("/checkin")
    await ana.says("/rewards")
    for label in ("Flat white", "Redeem", "Confirm"):
        await ana.taps(label)
    await ana.says("/points")
    await ana.taps("Statement")
    message = await ana.taps("Jun")
    ana.sees("Statement for June 2026", "+1 earned, −80 spent, 0 expired", "Before: 100 · after: 21")
    assert message["document"]["file_name"] == "points-2026-06.csv"
    assert content(chat, message).startswith(b"\xef\xbb\xbf"), "spreadsheets look for the mark"
    assert rows(chat, message) == [
        ["Date", "What", "Shop", "Points", "Balance"],
        ["", "Opening balance", "", "", "100"],
        ["2026-06-01", "Check-in", "", "1", "101"],
        ["2026-06-01", "Reward: Flat white", "Harbour Coffee", "-80", "21"],
        ["", "Closing balance", "", "", "21"],
    ]
    assert labels(message) == ["Chart", "Other months", "My points", "Home"]
    assert (await ana.taps("Chart"))["photo"]


async def test_the_month_can_be_typed(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/checkin")
    message = await ana.says("/statement 2026-05")
    assert [row[1] for row in rows(chat, message)] == ["What", "Opening balance", "Check-in", "Closing balance"]
    message = await ana.says("monthly statement")
    assert labels(message) == ["May", "My points", "Home"]


@pytest.mark.parametrize(
    "given",
    ["yesterday", "0000-01", "9999-12", "2026-13", "2026-00", "2026", "10", "2026-5-1", "２０２６-99", "x" * 200],
)
async def test_what_is_no_month_is_answered_with_the_months(chat: Chat, given: str) -> None:
    ana = chat.member("Ana")
    message = await ana.says(f"/statement {given}")
    ana.sees("I could not read a month in that. Write it like /statement 2026-05, or pick one.")
    assert "May" in labels(message)


@pytest.mark.parametrize("given", ["2026-04", "2026-06", "2000-01", "2099-12"])
async def test_months_before_joining_and_to_come_have_no_statement(chat: Chat, given: str) -> None:
    ana = chat.member("Ana")
    message = await ana.says(f"/statement {given}")
    ana.sees("There is no statement for that month.")
    assert "May" in labels(message)


async def test_months_are_picked_by_year(chat: Chat) -> None:
    ana = chat.member("Ana")
    await ana.says("/start")
    chat.clock.move_to(datetime(2028, 2, 10, tzinfo=UTC))
    page = await ana.says("/statement")
    assert labels(page)[:3] == ["Jan", "Feb", "« 2027"]
    page = await ana.taps("« 2027")
    assert labels(page)[0:12:11] == ["Jan", "Dec"]
    assert labels(page)[12:14] == ["« 2026", "2028 »"]
    page = await ana.taps("« 2026")
    assert labels(page) == ["May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec", "2027 »", "My points", "Home"]


@pytest.mark.parametrize("data", ["stmtmonth:2026:6", "stmtmonth:2026:99", "stmtmonth:0:0", f"stmtmonth:{2**62}:1"])
async def test_a_made_up_month_is_refused_kindly(chat: Chat, data: str) -> None:
    ana = chat.member("Ana")
    await ana.says("/statement")
    page = await ana.taps_data(data)
    assert ana.alert == "There is no statement for that month."
    assert labels(page) == ["May", "My points", "Home"]
    await ana.taps_data(f"stmt:{2**62}")
    assert labels(ana.sees()) == ["May", "My points", "Home"]


@pytest.mark.parametrize("reason", ["=1+1", "+49", "-5", "@SUM(A1)", '=HYPERLINK("http://x";"y")'])
async def test_what_shops_write_is_no_formula_in_the_file(chat: Chat, reason: str) -> None:
    ana = chat.member("Ana")
    shop = add_merchant(chat.app.units, reason)
    add_reward(chat.app.units, shop, 'Cookie, <b>fresh</b> & "warm"', points=5)
    await ana.says("/start")
    await ana.earns(9)
    await ana.says("/rewards")
    for label in ("Cookie", "Redeem", "Confirm"):
        await ana.taps(label)
    spent = rows(chat, await ana.says("/statement 2026-05"))[3]
    assert spent == ["2026-05-01", 'Reward: Cookie, <b>fresh</b> & "warm"', f"'{reason}", "-5", "4"]


async def test_days_are_those_of_the_member(chat: Chat) -> None:
    """At 20:00 UTC on the last of May it is June in Taipei."""
    mei = chat.member("Mei", language="zh-hant")
    await mei.says("/start")
    chat.app.club.members.move(await mei.member(), "Asia/Taipei")
    chat.clock.move_to(datetime(2026, 5, 31, 20, tzinfo=UTC))
    await mei.says("/checkin")
    message = await mei.says("/statement 2026年6月")
    assert "2026年6月" in said(message)
    assert rows(chat, message)[2][0] == "2026-06-01"
    assert labels(await mei.says("/statement"))[:2] == ["5月", "6月"]


@pytest.mark.parametrize(
    ("given", "month"),
    [
        ("2026-10", Month(2026, 10)),
        (" 2026/1 ", Month(2026, 1)),
        ("2026.02", Month(2026, 2)),
        ("2026年10月", Month(2026, 10)),
        ("2026年 3", Month(2026, 3)),
        ("2026 10", None),
        ("10-2026", None),
    ],
)
def test_months_are_read_as_people_write_them(given: str, month: Month | None) -> None:
    assert read_month(given) == month
