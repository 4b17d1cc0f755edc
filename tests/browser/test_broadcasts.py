"""A marketer tells the shop's customers something, and a customer asks why and has it stop."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.browser.phone import Phone


async def test_a_marketer_composes_sends_and_watches_and_a_member_stops(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1008,1001,1002")
    mok, ana, lin = (Phone(page, name) for name in ("Mok", "Ana", "小林"))
    await ana.sees("640 points")

    # Words, a button, to whom
    await mok.says("/broadcast")
    await mok.sees("What do you want to tell the customers of Harbour Coffee?")
    await mok.says("Hello {first_name|friend}, croissants until noon.")
    await mok.sees("3 of 8 members of the club have said yes to offers and can be reached.")
    await mok.taps("Buttons: 0 of 3")
    await mok.sees("Where shall the next one lead?")
    await mok.taps("A reward")
    await mok.sees("To which of your rewards?")
    await mok.taps("Flat white")
    await mok.sees("It leads to")
    await mok.taps("All buttons")
    await mok.taps("To the draft")
    await mok.taps("To whom: Everybody")
    await mok.taps("Add a condition")
    await mok.sees("What shall it be about?")
    await mok.taps("Language")
    await mok.taps("English")
    await mok.taps("Done")
    await mok.sees("People who use the bot in English")
    await mok.taps("« Back to the message")
    await mok.sees("1 of 8 members are meant and can be reached.")

    # As it will be seen
    await mok.taps("Preview")
    await mok.sees("Hello Mok, croissants until noon.")

    # On its way
    await mok.taps("Send to 1 person")
    await mok.sees("To: People who use the bot in English")
    await mok.taps("Yes, send to 1 person")
    await ana.sees("Hello Ana, croissants until noon.")
    await mok.sees("Your message from Harbour Coffee is out. 1 person has it.")
    await expect(lin.bubbles.filter(has_text="croissants")).to_have_count(0)

    # What the member makes of it
    await ana.taps("Flat white")
    await ana.sees("Flat white")
    received = ana.bubbles.filter(has_text="Hello Ana, croissants")
    await ana.taps("Why this?")
    await ana.is_told("Harbour Coffee")
    await ana.taps("Less of this")
    await expect(ana.buttons("Nothing from Harbour Coffee")).to_be_visible()
    await ana.taps("Back")
    await ana.taps("Stop")
    await ana.is_told("no more offers")
    await expect(ana.buttons("Undo: send me offers")).to_be_visible()
    await expect(received).to_have_count(1)

    # What the marketer sees of it: figures, and nobody to write to any more
    await mok.taps("Report")
    await mok.sees("Opened: 1")
    await mok.says("/broadcast")
    await mok.says("Are you still there?")
    await mok.sees("2 of 8 members of the club have said yes to offers and can be reached.")
