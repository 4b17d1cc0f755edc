"""A phone on the page, as a person holds it."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect


class Phone:
    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.region = page.get_by_role("region", name=f"{name}'s phone")

    async def says(self, text: str) -> None:
        await self.region.get_by_role("textbox", name="Message").fill(text)
        await self.region.get_by_role("button", name="Send", exact=True).click()

    async def taps(self, label: str) -> None:
        """The button of that label on the newest message that has one."""
        await self.buttons(label).last.click()

    async def sees(self, text: str) -> None:
        # As patient as a tap: in the morning the club itself has something to say, at a message a second.
        await expect(self.bubbles.filter(has_text=text).last).to_be_visible(timeout=15_000)

    async def reads_code(self, beside: str) -> str:
        """The code on the newest message that says so."""
        await self.sees(beside)
        return await self.bubbles.filter(has_text=beside).last.locator("code").first.inner_text()

    async def redeems(self, title: str) -> str:
        """From the list of rewards to the voucher, and its code."""
        for label in (title, "Redeem", "Confirm"):
            await self.taps(label)
        return await self.reads_code("Code:")

    async def opens_chat(self, title: str) -> None:
        await self.region.get_by_role("tab", name=title).click()

    async def picks_chat(self, title: str) -> None:
        """In the list that a share button opens."""
        await self.page.get_by_role("dialog").get_by_role("button", name=title).click()

    def buttons(self, label: str) -> Locator:
        return self.region.get_by_role("log").get_by_role("button", name=label)

    @property
    def bubbles(self) -> Locator:
        return self.region.get_by_role("log").get_by_role("article")

    async def is_told(self, text: str) -> None:
        """An alert says so, and waits for OK."""
        alert = self.region.get_by_role("alertdialog")
        await expect(alert).to_contain_text(text)
        await alert.get_by_role("button", name="OK").click()
        await expect(alert).to_have_count(0)
