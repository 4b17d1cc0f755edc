"""Closes due groups in a process of its own until none is left: `-m tests.services.closer URL MOMENT LIMIT`.

Prints how many it closed.
"""

from __future__ import annotations

import random
import sys
from datetime import datetime

from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import open_club
from storage.database import Database
from storage.unit_of_work import UnitFactory


def main(url: str, moment: str, limit: int) -> None:
    database = Database(url)
    at = datetime.fromisoformat(moment)
    club = open_club(UnitFactory(database), lambda: at, random.Random(1), Programme(), Language.ENGLISH)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()  # so that both begin together
    closed = 0
    while more := club.group_buys.close_due(limit):
        closed += more
    database.close()
    sys.stdout.write(f"{closed}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
