"""Many members at once, put straight into the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from loyalty.members import Topic
from storage.contacts import contact_preferences
from storage.database import Database
from storage.members import addresses, consents, members


def settle_crowd(
    database: Database, ids: Sequence[int], at: datetime, *, topics: Sequence[Topic] = (), is_never_quiet: bool = False
) -> None:
    """Members with these ids, each at the Telegram number of the same name, who said yes to the topics.

    `is_never_quiet`: they may be written to at any hour, whatever time it is while the test runs.
    """
    if not ids:
        return
    rows = [
        {"id": n, "name": f"M{n}", "language": "en", "timezone": "UTC", "code": f"C{n}", "joined_at": at} for n in ids
    ]
    reached = [
        {"channel": "telegram", "external_id": str(n), "member_id": n, "is_reachable": True, "changed_at": at}
        for n in ids
    ]
    agreed = [{"member_id": n, "topic": topic.value, "given_at": at} for n in ids for topic in topics]
    with database.engine.begin() as connection:
        connection.execute(insert(members), rows)
        connection.execute(insert(addresses), reached)
        if agreed:
            connection.execute(insert(consents), agreed)
        if is_never_quiet:
            connection.execute(
                insert(contact_preferences), [{"member_id": n, "quiet_from": 0, "quiet_until": 0} for n in ids]
            )
