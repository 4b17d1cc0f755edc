"""README's "A tour of the demo", each step as it is written there."""

from __future__ import annotations

from playwright.async_api import Page, expect

from locales import texts_for
from tests.browser.phone import Phone

# The owner reads Chinese; what his buttons say stands in the catalogue.
HANT = texts_for("zh-Hant")


async def test_the_tour_of_the_demo(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001,1005")
    ana, cass = Phone(page, "Ana"), Phone(page, "Cass")

    # 1. Ana has points: a reward, and what fits her today
    await ana.sees("640 points")
    await ana.taps("Rewards")
    voucher = await ana.redeems("Flat white")
    await ana.says("/start")
    await ana.taps("Today for me")
    await ana.sees("second coffee")

    # 2. At the till of Harbour Coffee
    await ana.says("/card")
    card = await ana.reads_code("Show this card before you pay")
    await cass.says("/till")
    await cass.says(card)
    await cass.sees("What is the amount?")
    await cass.says("12.50 coffee")
    await cass.taps("Confirm")
    await cass.sees("for Ana")
    await ana.sees("Harbour Coffee")
    await cass.taps("Next customer")
    await cass.says(voucher)
    await cass.taps("Take it")
    await cass.sees("Done.")
    await ana.sees("was used")

    # 3. In the group chat of the neighbours
    await page.goto(f"{town}/?people=1001,1002,1003")
    neighbours = [Phone(page, name) for name in ("Ana", "小林", "美玲")]
    for person in neighbours:
        await person.opens_chat("Neighbours")
    await ana.says("/groupbuy")
    await ana.taps("Coffee beans")
    for seated, person in enumerate(neighbours):
        await person.sees(f"{seated}/3")
        await person.taps("Join")
    for person in neighbours:
        await person.sees("It is complete, and everybody in it has a voucher.")

    # 4. A friend is invited
    await ana.opens_chat("Perkchat")
    await ana.says("/start")
    await ana.taps("Invite a friend")
    await ana.taps("Copy link")
    copied = await ana.region.get_by_text("Copied: ").inner_text()
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("menuitem", name="Add a person").click()
    await page.get_by_role("dialog", name="Add a person").get_by_label("First name").fill("Dora")
    await page.keyboard.press("Enter")
    dora = Phone(page, "Dora")
    await dora.region.get_by_role("button", name="I was sent a link").click()
    await (
        page.get_by_role("dialog", name="I was sent a link").get_by_label("Link").fill(copied.removeprefix("Copied: "))
    )
    await page.keyboard.press("Enter")
    await dora.sees("Ana brought you here.")
    await expect(dora.region.get_by_role("button", name="I was sent a link")).to_have_count(0)

    # 5. The owner tells his customers something
    await page.goto(f"{town}/?people=1006,1001,1008")
    rong, mok = Phone(page, "阿榮"), Phone(page, "Mok")
    await rong.says("/broadcast")
    await rong.says("Fresh croissants until noon.")
    await rong.taps(HANT("To whom: {people}", people=""))
    await rong.taps(HANT("« Back to the message"))
    await rong.taps(HANT("Preview"))
    await rong.sees("Fresh croissants until noon.")
    await rong.taps(HANT.plural("Send to {n} person", "Send to {n} people", 0).partition("0")[0].strip())
    await rong.taps(HANT.plural("Yes, send to {n} person", "Yes, send to {n} people", 0).partition("0")[0].strip())
    await ana.sees("Fresh croissants until noon.")
    for button in ("Why this?", "Less of this", "Stop"):
        await expect(ana.buttons(button).last).to_be_visible()
    await ana.taps("Why this?")
    await ana.is_told("Harbour Coffee")
    await ana.says("/notifications")
    await ana.sees("What comes, and what does not")
    await mok.says("/till")
    await expect(mok.buttons("Take it")).to_have_count(0)
    await mok.says("/broadcast")
    await mok.sees("What do you want to tell")

    # 6. Olga runs the club
    await page.goto(f"{town}/?people=1007,1001,1002")
    olga, lin = Phone(page, "Olga"), Phone(page, "小林")
    await olga.says("/stats")
    await olga.sees("members")
    await olga.says("/merchant new Corner Bakery")
    await olga.sees("Corner Bakery")

    # 7. A day later
    await page.get_by_role("button", name="Weather").click()
    await page.get_by_role("button", name="A day later").click()
    await page.keyboard.press("Escape")
    await ana.says("/checkin")
    await ana.sees("for checking in")

    # 8. In one's own words, and in another language
    await ana.says("how many points do I have")
    await ana.sees("points to spend")
    await lin.says("积分")
    await lin.sees("可用积分")
    await lin.says("兌換")
    await lin.sees("积分")
