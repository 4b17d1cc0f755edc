"""The demo in real Chromium: the sandbox's page in front, the real program behind it, HTTP between them."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from bot.demo import open_demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
IS_REQUIRED = os.environ.get("PERKCHAT_BROWSER") == "required"
INSTALL = "no Chromium here; apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and not IS_REQUIRED:
                item.add_marker(pytest.mark.skip(reason=INSTALL))  # as a marker, so that all of them are one line


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[str]:
    """The open demo; answers its address."""
    server, app = await open_demo(0, tmp_path)
    polling = asyncio.create_task(app.intake.poll())
    yield server.url
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await app.close()
    await server.stop()


@pytest.fixture
async def page(town: str) -> AsyncIterator[Page]:
    """A window of a desktop's size. Fails on any error that the page throws."""
    assert CHROMIUM is not None, INSTALL
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        opened = await context.new_page()
        opened.set_default_timeout(15_000)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        await browser.close()
    assert errors == []
