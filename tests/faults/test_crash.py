"""Kill -9 at random moments, twenty times: nothing is lost, nothing happens twice."""

from __future__ import annotations

import random as chance
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.middlewares.member import address_of
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import open_club
from sandbox import Telegram
from storage.audit import audit
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.faults.harness import Nursery, Trial, trial
from tests.kit.clock import FrozenClock

pytestmark = pytest.mark.crash

KILLS = 20
REGULARS = 60
PROGRAMME = Programme()
Open = Callable[[int], AbstractAsyncContextManager[Trial]]


@pytest.fixture(scope="session")  # the imports once per worker, also where other modules come in between
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture
def open_trial(nursery: Nursery, template: Path, tmp_path: Path) -> Open:
    path = tmp_path / "club.db"

    def invite(telegram: Telegram) -> list[str]:
        """Sixty members of old, who invite the newcomers."""
        database = Database(f"sqlite:///{path}")
        club = open_club(UnitFactory(database), FrozenClock(), chance.Random(1), PROGRAMME, Language.ENGLISH)
        links = []
        for number in range(REGULARS):
            person = telegram.people.add_person(f"Regular {number}")
            person.has_started = True
            member = club.members.enrol(address_of(person.id), name=f"Regular {number}", client_language="en").member
            links.append(f"https://t.me/perkchat_bot?start=r_{member.code}")
        database.close()
        return links

    @asynccontextmanager
    async def opened(seed: int) -> AsyncIterator[Trial]:
        shutil.copy(template, path)
        async with trial(nursery, path, invite, seed) as begun:
            yield begun

    return opened


async def test_twenty_kills_lose_nothing_and_double_nothing(open_trial: Open) -> None:
    async with open_trial(20) as running:
        outcome = await running.run(KILLS, "blame_nobody")
        sys.stdout.write(f"{outcome}\n")
        people, referred = running.crowd.people, [link for link in running.crowd.people.values() if link]

        assert outcome.lost == ()
        assert outcome.handed_out == outcome.wishes >= KILLS * 10
        assert outcome.repeated_without_a_kill == ()
        assert running.ask("SELECT state, COUNT(*) FROM updates GROUP BY state") == [("done", outcome.wishes)]
        assert doubled_effects(running) == []
        [(members,)] = running.ask("SELECT COUNT(*) FROM members")
        assert members == REGULARS + len(people)
        [(bound, qualified)] = running.ask("SELECT COUNT(*), COUNT(qualified_at) FROM referrals")
        assert bound == qualified == len(referred)
        [(checked_in,)] = running.ask("SELECT COUNT(DISTINCT member_id) FROM check_ins")
        assert checked_in == len(people)
        # What the courier owes to others arrives as well, at least once.
        assert running.ask("SELECT DISTINCT state FROM deliveries") == [("sent",)]
        [(notices,)] = running.ask("SELECT COUNT(*) FROM deliveries")
        assert notices == 2 * len(referred) <= outcome.notices.total()


def doubled_effects(running: Trial) -> list[object]:
    """What happened more than once, and what does not add up; asked in the database."""
    doubled: list[object] = []
    for once in (
        "SELECT external_id FROM addresses GROUP BY external_id HAVING COUNT(*) > 1",
        "SELECT cause, actor FROM transactions WHERE cause LIKE 'checkin:%' GROUP BY 1, 2 HAVING COUNT(*) > 1",
        "SELECT cause FROM transactions WHERE cause LIKE 'referral%' GROUP BY 1 HAVING COUNT(*) > 1",
        "SELECT member_id, cause FROM deliveries GROUP BY 1, 2 HAVING COUNT(*) > 1",
        # A point for each of the first two days of a streak, and 20 for having been brought.
        """
        SELECT b.member_id, b.available FROM balances b JOIN check_ins c ON c.member_id = b.member_id
        LEFT JOIN referrals r ON r.referee_id = b.member_id GROUP BY b.member_id
        HAVING b.available <> COUNT(c.day) + CASE WHEN r.referee_id IS NULL THEN 0 ELSE 20 END
        """,
        """
        SELECT r.referrer_id, b.available FROM referrals r JOIN balances b ON b.member_id = r.referrer_id
        GROUP BY r.referrer_id HAVING b.available <> 50 * COUNT(*)
        """,
    ):
        doubled += running.ask(once)
    database = Database(f"sqlite:///{running.database}")
    with database.engine.connect() as connection:
        doubled += [finding for finding in audit(connection) if not finding.holds]
    database.close()
    return doubled


@pytest.mark.parametrize("mutant", ["store_nothing", "mark_early"])
async def test_the_harness_finds_what_a_careless_intake_loses(open_trial: Open, mutant: str) -> None:
    async with open_trial(21) as running:
        outcome = await running.run(8, mutant)
        assert outcome.lost


async def test_the_harness_finds_effects_without_keys(open_trial: Open) -> None:
    async with open_trial(22) as running:
        await running.run(2, "forget_keys")
        assert doubled_effects(running)
