"""The program as it is, with one defect more: what says "spin" keeps it from going on, for ever.

`python -m tests.faults.spinning` is `perkchat run`, watched closely.
"""

from __future__ import annotations

import sys
from typing import Any
from unittest.mock import patch

import bot.cli
import bot.watchdog
from handlers.points import router


async def spins(message: Any, **_: Any) -> None:
    while True:
        pass


async def dies(message: Any, **_: Any) -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    patch.object(bot.watchdog, "TICK_S", 0.1).start()
    patch.object(bot.watchdog, "STALL_TICKS", 15).start()
    patch.object(router, "points", dies if "dies" in sys.argv else spins).start()
    sys.argv = ["perkchat", "run"]
    bot.cli.main()


if __name__ == "__main__":
    main()
