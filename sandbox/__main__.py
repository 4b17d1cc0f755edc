"""`python -m sandbox`: Telegram in a box, until Ctrl-C."""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys

from sandbox.limits import LimitSettings
from sandbox.server import SandboxServer
from sandbox.telegram import Telegram


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="Telegram in a box: a local Bot API server.")
    parser.add_argument("--port", type=int, default=8081, help="0 takes any free one")
    parser.add_argument("--token", default="42:SANDBOX", help="the bot's token; it begins with the bot's id")
    parser.add_argument("--username", default="sandbox_bot", help="the bot's username")
    parser.add_argument("--name", default="Sandbox", help="the bot's name")
    parser.add_argument("--limits", choices=("on", "off"), default="on", help="Telegram's limits (429)")
    parser.add_argument("--privacy", choices=("on", "off"), default="on", help="privacy mode in groups")
    return parser.parse_args()


async def serve(options: argparse.Namespace) -> None:
    telegram = Telegram(
        options.token,
        options.username,
        options.name,
        limits=LimitSettings(enabled=options.limits == "on"),
        has_privacy=options.privacy == "on",
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C interrupts the loop instead
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    server = SandboxServer(telegram)
    await server.start(options.port)
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    await stopped.wait()
    await server.stop()


if __name__ == "__main__":
    # Every message is kept, so a look at all objects finds little to free, and after 100,000 messages it stops all
    # answers for 0.4 s: more than Telegram ever would.
    gc.set_threshold(gc.get_threshold()[0], gc.get_threshold()[1], 1_000_000)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments()))
