"""The command line. It imports aiogram only where something is sent: that costs a second and 150 MB."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

from cyclopts import App, Parameter

from bot.import_cli import import_
from bot.ledger_cli import ledger
from bot.settings import Settings, WrongSetting
from bot.settlement_cli import statement
from bot.updates_cli import updates

cli = App(
    name="perkchat",
    help="A loyalty club of many shops in one chat.",
    version=lambda: version("perkchat"),
    version_flags=["--version"],
)
cli.command(ledger)
cli.command(import_)
cli.command(updates)
ledger.command(statement)


@cli.command
def run() -> None:
    """Run the club on Telegram, by long polling."""
    from bot.serve import serve

    settings = Settings.load()
    if not settings.bot_token.get_secret_value():
        raise WrongSetting("PERKCHAT_BOT_TOKEN: not set. BotFather gives you one; `perkchat demo` needs none.")
    _forever(serve(settings))


@cli.command
def demo(*, port: int | None = None) -> None:
    """Open the club in a box: a messenger in your browser, with the real program behind it.

    Parameters
    ----------
    port
        Where the page is served. Unless told, 8090, or a free one where that is taken.
    """
    print("Opening a club in a box: a database, a small town, its pictures. That takes a moment.", flush=True)
    from bot.demo import play

    try:
        _forever(play(port=port))
    except OSError as error:
        said = error.strerror or error
        raise WrongSetting(f"--port {port}: {said}. Leave --port away, and a free one is taken.") from None


@cli.command
def migrate() -> None:
    """Bring the database to the newest schema."""
    from storage.database import Database
    from storage.migrate import migrate as bring_up_to_date
    from storage.migrate import versions

    database = Database(Settings.load().database_url)
    bring_up_to_date(database)
    print(f"The database is at version {versions(database)[0]}.")
    database.close()


@cli.command
def seed(*, demo: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Fill the database with a believable town. Repeating it changes nothing.

    Parameters
    ----------
    demo
        Say that you mean it: this is for trying out, not for a club with real members.
    """
    if not demo:
        print("This fills the database with invented shops and people. Say `perkchat seed --demo` if you mean it.")
        sys.exit(2)
    from bot.seed import seed_town
    from storage.database import Database
    from storage.migrate import migrate as bring_up_to_date

    database = Database(Settings.load().database_url)
    bring_up_to_date(database)
    for line in seed_town(database):
        print(line)
    database.close()


@cli.command
def doctor() -> None:
    """Check token, database, migrations, who can read the files, clock and fonts, and say what to do."""
    from bot.doctor import examine

    try:
        settings = Settings.load()
    except WrongSetting as wrong:
        print(f"✗ settings   {wrong}")
        sys.exit(1)
    findings = examine(settings)
    for finding in findings:
        print(f"{'✓' if finding.is_well else '✗'} {finding.part:<10} {finding.said}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


def _forever(work: object) -> None:
    """Runs until Ctrl-C or SIGTERM, on uvloop where there is one."""
    import signal

    async def until_told() -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        loop = asyncio.get_running_loop()
        for told in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):
                loop.add_signal_handler(told, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    try:
        import uvloop
    except ImportError:
        asyncio.run(until_told())
    else:
        uvloop.run(until_told())


def main(words: Sequence[str] | None = None) -> None:
    """`words`: what stands behind `perkchat`; those of the shell if None."""
    try:
        cli(words)
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(2)
