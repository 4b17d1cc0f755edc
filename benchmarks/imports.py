"""An import of 100,000 lines, by the command as an operator runs it, against the two minutes that it may take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.report import table, verdict
from loyalty.earning import EarnRule
from loyalty.members import Tier
from storage.database import Database
from storage.migrate import migrate
from storage.unit_of_work import UnitFactory
from tests.kit.shops import add_merchant

LINES = 100_000
SECONDS_MOST = 120.0
RULE = EarnRule(tiers={Tier.SILVER: 150}, tags={"coffee": 200}, points_day_max=500, first_points=5)


def measure() -> str:
    with TemporaryDirectory(prefix="perkchat-bench-", ignore_cleanup_errors=True) as folder:
        _prepare(Path(folder))
        rows = [
            _measured(Path(folder), what, file)
            for what, file in (("members", "members"), ("purchases", "purchases"), ("the same once more", "purchases"))
        ]
    return "\n".join(
        [
            "## Imports",
            "",
            f"{LINES:,} lines on SQLite, by `perkchat import`; the rule of the shop has tiers, a tag, a cap a day and",
            f"a bonus for the first purchase. Goal: less than {SECONDS_MOST:.0f} seconds.",
            "",
            table(["what", "seconds", "CPU seconds", "lines a second", "of the limit", ""], rows),
        ]
    )


def _measured(folder: Path, what: str, file: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    before, begun = getrusage(RUSAGE_CHILDREN), perf_counter()
    command = [sys.executable, "-m", "bot", "import", file, f"{file}.csv"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    seconds, after = perf_counter() - begun, getrusage(RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ratio = seconds / SECONDS_MOST
    return [what, f"{seconds:.1f}", f"{processor:.1f}", f"{LINES / seconds:,.0f}", f"{ratio:.2f}", verdict(ratio, 1)]


def _prepare(folder: Path) -> None:
    """A club with one shop, and two files for it."""
    database = Database(f"sqlite:///{folder}/var/perkchat.db")
    migrate(database)
    shop_id = add_merchant(UnitFactory(database), "Corner")
    with UnitFactory(database)() as uow:
        uow.earn_rules.set(shop_id, RULE)
        uow.commit()
    database.close()
    chance = Random(1)
    members = [f"{n:06},Member {n},+4917{n:08},{'silver' if n % 10 else 'member'},{n % 500}" for n in range(LINES)]
    bought = []
    for n in range(LINES):
        number, euros = chance.randrange(LINES), chance.randrange(1, 200)
        bought.append(f"{number:06},Corner,{euros}.50,2026-0{1 + n % 6}-{1 + n % 28:02},R{n},coffee")
    for name, head, lines in (
        ("members", "number,name,phone,tier,points", members),
        ("purchases", "number,shop,amount,date,receipt,tags", bought),
    ):
        (folder / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n")


if __name__ == "__main__":
    sys.stdout.write(measure() + "\n")
