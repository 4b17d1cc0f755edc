"""Spends a point under each key of a range, in a process of its own: `-m tests.services.spender URL MEMBER FROM TO`.

Prints how many were new, how many were replays and how many were refused.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime

from loyalty.errors import NotEnoughPoints
from loyalty.services import ledger
from storage.database import Database
from storage.unit_of_work import UnitFactory


def main(url: str, member_id: int, first: int, last: int) -> None:
    database = Database(url)
    units, outcomes = UnitFactory(database), Counter[str]()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()  # so that both begin together
    for number in range(first, last):
        try:
            with units() as uow:
                at = datetime(2026, 5, 1, tzinfo=UTC)
                spent = ledger.spend(uow, member_id, 1, key=f"s{number}", cause="test", actor="test", at=at)
                uow.commit()
            outcomes["replays" if spent.is_replay else "new"] += 1
        except NotEnoughPoints:
            outcomes["refused"] += 1
    database.close()
    sys.stdout.write(f"{outcomes['new']} {outcomes['replays']} {outcomes['refused']}\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
