"""The club in a box: a messenger in the browser, and behind it the real program, talking HTTP to a local Bot API."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path

from bot.app import App, Overrides, build_app
from bot.seed import CHANNEL, seed_town
from bot.serve import configure_logs, prepare
from bot.settings import Settings
from bot.town import Town, load_town
from loyalty.members import Address
from loyalty.notifications import Choices
from loyalty.programme import Programme
from sandbox.limits import LimitSettings
from sandbox.server import SandboxServer
from sandbox.telegram import Telegram
from storage.database import Database
from storage.unit_of_work import UnitFactory

TOKEN = "42:SANDBOX"
USERNAME = "perkchat_bot"
PORT = 8090
FOLDER = Path("var/demo")
DEMO_PER_DAY, DEMO_PER_WEEK = 10, 70
SHOWN = "1001,1002,1003"  # whose phones lie on the table at first


async def play(*, port: int | None) -> None:
    """Runs until cancelled. Says what it is doing, and prints one URL when everything is ready. `port` None: the usual
    one, or a free one where that is taken. Raises OSError."""
    configure_logs()
    server, app = await open_demo(port, FOLDER, say=_say)
    if port is None and not server.url.endswith(f":{PORT}"):
        _say(f"Port {PORT} is taken, so another one was found.")
    sys.stdout.write(f"\n  The club is open: {server.url}/?people={SHOWN}\n  Ctrl-C closes it.\n\n")
    sys.stdout.flush()
    try:
        await app.intake.poll()
    finally:
        await app.close()
        await server.stop()


def _say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


async def _start(server: SandboxServer, port: int | None) -> None:
    if port is not None:
        await server.start(port)
        return
    try:
        await server.start(PORT)
    except OSError:
        await server.stop()
        await server.start(0)


async def open_demo(
    port: int | None, folder: Path, *, say: Callable[[str], None] = lambda line: None
) -> tuple[SandboxServer, App]:
    """The box with the town's people in it, the seeded club, and the bot ready to poll. `say` hears what is done.

    The box forgets its chats when it closes, so the club's database is new each time as well.
    """
    town = load_town()
    database_path = folder / "perkchat.db"
    for suffix in ("", "-wal", "-shm"):
        database_path.with_name(database_path.name + suffix).unlink(missing_ok=True)
    settings = Settings.load(
        _env_file=None,
        bot_token=TOKEN,
        database_url=f"sqlite:///{database_path}",
        admin_ids=frozenset(person.user_id for person in town.people if person.role == "operator"),
        timezone=town.zone,
        currency=town.currency,
    )
    say("… the database")
    prepare(settings)
    database = Database(settings.database_url)
    telegram = Telegram(TOKEN, USERNAME, "Perkchat", limits=LimitSettings())
    _move_in(telegram, town)
    say(f"… {len(town.merchants)} shops and {len(town.people)} people, with pictures for what they offer")
    seed_town(database)
    _keep_awake(database, town)
    server = SandboxServer(telegram)
    await _start(server, port)

    def now() -> datetime:
        # The box's clock can be moved on by its page ("a day later"), and the club lives by it.
        return datetime.fromtimestamp(telegram.now(), UTC)

    # Whoever tries a broadcast has had the offer of the day already: here several may come on one day.
    programme = Programme(
        timezone=town.zone, currency=town.currency, marketing_per_day=DEMO_PER_DAY, marketing_per_week=DEMO_PER_WEEK
    )
    say("… the bot")
    app = await build_app(
        settings.model_copy(update={"telegram_api": server.url}),
        Overrides(clock=now, database=database, programme=programme),
    )
    await app.prepare()
    await app.start_background()
    return server, app


def _keep_awake(database: Database, town: Town) -> None:
    """The demo is opened at any hour, and what somebody tries shall be seen at once: nobody here has quiet hours.
    `/notifications` shows it, and brings them back."""
    with UnitFactory(database)() as uow:
        for person in town.people:
            member = uow.members.at(Address(CHANNEL, str(person.user_id)))
            assert member is not None, "the town was seeded a moment ago"
            uow.contacts.choose(member.id, Choices(quiet_from=time(0), quiet_until=time(0)))
        uow.commit()


def _move_in(telegram: Telegram, town: Town) -> None:
    """The town's people, who have started the bot, and a group chat of neighbours."""
    for person in town.people:
        telegram.people.add_person(
            person.first_name,
            last_name=person.last_name or None,
            username=person.username or None,
            language_code=person.language,
            user_id=person.user_id,
        )
        telegram.people.say(person.user_id, "/start")
    neighbours = [person.user_id for person in town.people if person.role == "member"]
    telegram.groups.create("Neighbours", neighbours)
