"""How the page carries itself: on a desk, on a phone, and without a mouse."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.demo import PORT, open_demo
from tests.browser.phone import Phone

OPEN_STOPS = "log => [...log.querySelectorAll('article')].filter(a => a.querySelector('[tabindex=\"0\"]')).length"
WIDTHS = """log => [...log.querySelectorAll('.picture')].map(
    picture => [picture, picture.closest('.bubble')].map(part => Math.round(part.getBoundingClientRect().width)))"""


async def test_a_picture_is_as_wide_as_what_is_said_under_it(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001")
    ana = Phone(page, "Ana")
    await ana.says("/card")
    await ana.sees("Show this card before you pay")
    widths = await ana.region.get_by_role("log").evaluate(WIDTHS)
    assert widths
    assert all(picture == bubble for picture, bubble in widths), widths


async def test_old_buttons_are_no_tab_stops_until_somebody_goes_there(page: Page, town: str) -> None:
    await page.goto(f"{town}/?people=1001")
    ana = Phone(page, "Ana")
    await ana.says("/rewards")
    await ana.sees("Flat white")
    await ana.says("/points")
    await ana.sees("points to spend")
    log = ana.region.get_by_role("log")
    assert await log.evaluate(OPEN_STOPS) == 1
    older = log.get_by_role("article").filter(has_text="Flat white").last
    await older.get_by_role("button", name="Home").focus()
    assert await log.evaluate(OPEN_STOPS) == 1
    await expect(older.get_by_role("button", name="Home")).to_have_attribute("tabindex", "0")


async def test_on_a_phone_the_chip_of_whom_one_sees_is_in_sight(page: Page, town: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 780})
    await page.goto(f"{town}/?people=1001,1002,1008")
    olga = page.locator(".chip").last
    await olga.click()
    await expect(olga).to_have_attribute("aria-pressed", "true")
    await expect(olga).to_be_in_viewport(ratio=1)


@pytest.fixture
def taken() -> Iterator[None]:
    """The demo's usual port is somebody else's."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", PORT))
            other.listen()
        except OSError:
            pass  # then it is taken already
        yield


async def test_the_demo_takes_another_port_where_the_usual_one_is_taken(taken: None, tmp_path: Path) -> None:
    said: list[str] = []
    server, app = await open_demo(None, tmp_path, say=said.append)
    try:
        assert server.url.startswith("http://127.0.0.1:")
        assert not server.url.endswith(f":{PORT}")
        assert len(said) >= 3, "it says what it is doing while one waits"
    finally:
        await app.close()
        await server.stop()
