"""A club of members who said yes to offers, straight into the database, and a broadcast to all of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from sqlalchemy import update

from bot.clock import utc_now
from loyalty.members import Address, Language, Member, Topic
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.members import consents
from storage.migrate import migrate
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.crowds import settle_crowd

FIRST_ID = 2_000_001  # of members and of people in the sandbox alike
OWNER_ID = FIRST_ID - 1
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = "Fresh <b>croissants</b> until noon"


class Town:
    """A second hand on the database of a running program."""

    def __init__(self, database_url: str) -> None:
        self.database = Database(database_url)
        migrate(self.database)
        self._units = UnitFactory(self.database)
        self.club = self._open()
        self._merchant_id, self._owner = self._shop()

    def _open(self) -> Club:
        return open_club(self._units, utc_now, random.Random(7), Programme(), Language.ENGLISH)

    def _shop(self) -> tuple[int, Member]:
        owner = self.club.members.enrol(Address("telegram", str(OWNER_ID)), name="Olive", client_language="en").member
        merchant = self.club.shops.add("Bean Bar", key="bench", actor="bench").merchant
        with self._units() as uow:
            uow.merchants.appoint(merchant.id, owner.id, Role.OWNER, utc_now())
            uow.commit()
        return merchant.id, owner

    def settle(self, count: int) -> None:
        """Members with the ids from FIRST_ID on, who said yes to offers, at any hour."""
        ids = range(FIRST_ID, FIRST_ID + count)
        settle_crowd(self.database, ids, datetime.now(UTC), topics=[Topic.OFFERS], is_never_quiet=True)

    def broadcast(self, nonce: str) -> int:
        """Starts one to everybody, which the running program sends; answers its number."""
        self._let_weeks_pass()
        draft = self.club.broadcasts.draft(self._owner, self._merchant_id).draft
        self.club.broadcasts.write(self._owner, draft.id, text=WORDS, length=30)
        self.club.broadcasts.start(self._owner, draft.id, nonce)
        return draft.id

    def _let_weeks_pass(self) -> None:
        """Nobody is sent two messages a day, or another one after many that were ignored."""
        with self.database.engine.begin() as connection:
            sent = update(deliveries).where(deliveries.c.finished_at.is_not(None))
            connection.execute(sent.values(finished_at=LONG_AGO))
            connection.execute(update(consents).values(ignored=0))

    def cancel(self, broadcast_id: int) -> None:
        self.club.broadcasts.cancel(self._owner, broadcast_id)

    def close(self) -> None:
        self.database.close()
