from __future__ import annotations

import random as chance
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.serve import configure_logs
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.audit import audit
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.chat import Chat, open_chat
from tests.kit.clock import FrozenClock
from tests.kit.databases import Postgres, sqlite_copy, sqlite_template


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The few that take long come first: begun last, they keep one worker busy while the others have nothing to do."""
    items.sort(key=lambda item: not any(item.get_closest_marker(kind) for kind in ("crash", "machine")))


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """As the program writes them."""
    configure_logs()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def random() -> chance.Random:
    return chance.Random(7)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sqlite_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    # Not below pytest's folder: that is closed to others, and as root the server runs under a user of its own.
    with TemporaryDirectory(prefix="perkchat-postgres-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        yield server
        server.close()


@pytest.fixture
def sqlite(template: Path, tmp_path: Path) -> Iterator[Database]:
    with sqlite_copy(template, tmp_path) as database:
        yield database


@pytest.fixture
def postgres(postgres_server: Postgres) -> Iterator[Database]:
    with postgres_server.copy() as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """What the database decides is tested on both."""
    chosen: Database = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def units(database: Database) -> UnitFactory:
    return UnitFactory(database)


@pytest.fixture
def club(units: UnitFactory, clock: FrozenClock, random: chance.Random) -> Club:
    """The services on a real database, one test per database."""
    return open_club(units, clock, random, Programme(), Language.ENGLISH)


@pytest.fixture
async def chat(database: Database, clock: FrozenClock, random: chance.Random) -> AsyncIterator[Chat]:
    """The club in a chat, on both databases; whatever was said in it, the ledger is right afterwards."""
    opened = await open_chat(database, clock, random)
    yield opened
    await opened.app.intake.close()
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []
