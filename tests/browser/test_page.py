"""The feature as people use it: phones side by side in one window."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.browser.phone import Phone


async def test_a_new_person_enrols_and_checks_in(page: Page, town: str) -> None:
    await page.goto(town)
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("menuitem", name="Add a person").click()
    dialog = page.get_by_role("dialog", name="Add a person")
    await dialog.get_by_label("First name").fill("Dora")
    await page.keyboard.press("Enter")
    dora = Phone(page, "Dora")
    await dora.region.get_by_role("button", name="Start").click()
    await dora.sees("Welcome to Perkchat.")
    await dora.taps("Check in")
    await dora.sees("+1 point for checking in.")


async def test_a_reward_is_redeemed_and_taken_at_the_counter(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001,1005")
    ana, cass = Phone(page, "Ana"), Phone(page, "Cass")
    await ana.sees("640 points")
    await ana.taps("Rewards")
    code = await ana.redeems("Flat white")
    await cass.says(f"/voucher {code}")
    await cass.taps("Take it")
    await cass.sees("Done.")
    await ana.sees("was used")


async def test_a_cashier_and_a_member_side_by_side_do_a_purchase_and_a_redemption(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001,1005")
    ana, cass = Phone(page, "Ana"), Phone(page, "Cass")
    await ana.sees("640 points")
    await ana.says("/card")
    card = await ana.reads_code("Show this card before you pay")
    await cass.says("/till")
    await cass.sees("Scan the customer's card")
    await cass.says(card)
    await cass.sees("What is the amount?")
    await cass.says("38.00 coffee")
    await cass.taps("Confirm")
    await cass.sees("points for Ana")
    await ana.sees("Harbour Coffee")
    await ana.says("/rewards")
    voucher = await ana.redeems("Flat white")
    await cass.taps("Next customer")
    await cass.says(voucher)
    await cass.taps("Take it")
    await cass.sees("Done.")
    await ana.sees("was used")


async def test_three_people_fill_a_group_side_by_side(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001,1002,1003")
    ana, lin, mei = (Phone(page, name) for name in ("Ana", "小林", "美玲"))
    await ana.sees("Hello Ana.")
    for person in (ana, lin, mei):
        await person.opens_chat("Neighbours")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    for person in (ana, lin, mei):
        await person.sees("0/3")
    await ana.taps("Join")
    await mei.sees("1/3")
    await lin.taps("Join")
    await ana.sees("Ana ⭐, 小林")
    if target := os.environ.get("PERKCHAT_SCREENSHOT"):
        await page.screenshot(path=Path(target))
    await mei.taps("Join")
    for person in (ana, lin, mei):
        await person.sees("It is complete, and everybody in it has a voucher.")
        # One card moved all the time: there is no other.
        await expect(person.bubbles.filter(has_text="Together 240 points")).to_have_count(1)
        await expect(person.buttons("Join")).to_have_count(0)
    await mei.opens_chat("Perkchat")
    await mei.says("/vouchers")
    await mei.sees("咖啡豆")
    await ana.opens_chat("Perkchat")
    await ana.sees("The group for Coffee beans is complete.")


async def test_a_group_is_shared_into_a_chat_and_joined_there(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001,1002")
    ana, lin = Phone(page, "Ana"), Phone(page, "小林")
    await ana.sees("Hello Ana.")
    await ana.taps("Group buys")
    await ana.taps("Bicycle Sunday")
    await ana.taps("Open a group")
    await ana.taps("Open it for")
    await ana.sees("1/5")
    await ana.taps("Share")
    await ana.picks_chat("Neighbours")
    await ana.region.get_by_role("listbox", name="Inline results").get_by_role("option").first.click()
    await lin.opens_chat("Neighbours")
    await lin.taps("Join")
    await ana.sees("2/5")
    await ana.sees("HK$80")


async def test_points_are_explained_to_the_member_the_owner_and_the_operator(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001,1006,1007")
    ana, rong, olga = (Phone(page, name) for name in ("Ana", "阿榮", "Olga"))
    await ana.sees("640 points")
    await ana.says("/points")
    await ana.sees("points to spend")
    await ana.taps("1")
    await ana.sees("Paid for by Harbour Coffee")
    said = await ana.bubbles.filter(has_text="Number for questions").last.inner_text()
    number = said.partition("Number for questions: ")[2].split()[0]
    await ana.taps("Home")
    await ana.says("/statement")
    await ana.sees("Which month would you like as a file?")
    await ana.taps(f"{datetime.now(ZoneInfo('Asia/Taipei')):%b}")
    await ana.sees("Statement for")
    await rong.says("/start")
    await rong.taps("我的店：港灣咖啡")
    await rong.taps("對帳單")
    await rong.sees("應結算")
    await olga.says("/start")
    await olga.says(f"/reverse {number}")
    await olga.taps("Undo it")
    await olga.sees("Undone")
    await ana.sees("The club has undone this")


async def test_the_page_works_by_keyboard_and_in_the_dark(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001&theme=dark")
    ana = Phone(page, "Ana")
    await ana.sees("Hello Ana.")
    await ana.region.get_by_role("textbox", name="Message").focus()
    await page.keyboard.type("/points")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    await ana.sees("points to spend")
    scheme = await page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert scheme == "dark"


async def test_somebody_who_needs_chinese_reads_chinese(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1002,1003")
    lin, mei = Phone(page, "小林"), Phone(page, "美玲")
    await lin.says("积分")
    await lin.sees("可用积分")
    await mei.says("兌換")
    await mei.sees("點")
    await expect(mei.region).to_be_visible()
