"""The program with a pace that never holds it back."""

from __future__ import annotations

import gc

import uvloop

from bot.app import Overrides, build_app
from bot.pace import Pace
from bot.serve import configure_logs
from bot.settings import Settings


async def main() -> None:
    configure_logs()
    app = await build_app(Settings.load(), Overrides(pace=Pace(1_000_000, chat_gap=0)))
    gc.collect()
    gc.freeze()
    await app.run()


if __name__ == "__main__":
    uvloop.run(main())
