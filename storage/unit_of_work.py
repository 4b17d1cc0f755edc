from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Transaction

from storage.accounts import SqlAccounts
from storage.broadcasts import SqlBroadcasts
from storage.database import Database
from storage.forms import SqlForms
from storage.group_buys import SqlDeals, SqlGroups
from storage.ledger import SqlLedger
from storage.members import SqlMembers
from storage.merchants import SqlMerchants
from storage.movements import SqlMovements
from storage.offers import SqlOffers
from storage.outbox import SqlOutbox
from storage.pictures import SqlPictures
from storage.referrals import SqlReferrals
from storage.rewards import SqlRewards
from storage.settlements import SqlSettlements
from storage.statistics import SqlStatistics
from storage.sweeps import SqlSweeps
from storage.timetable import SqlTimetable
from storage.updates import SqlUpdates
from storage.vouchers import SqlVouchers


class SqlUnitOfWork:
    """One transaction on the database; a savepoint where the writer thread commits several units together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own: Connection | None = None
        self._transaction: Transaction

    def __enter__(self) -> Self:
        shared = self._database.group_connection()
        if shared is not None:
            connection, self._transaction = shared, shared.begin_nested()
        else:
            connection = self._database.reader_connection() or self._connect()
            self._transaction = connection.begin()
        self._bind(connection)
        return self

    def _connect(self) -> Connection:
        self._own = self._database.engine.connect()
        return self._own

    def _bind(self, connection: Connection) -> None:
        self.members = SqlMembers(connection)
        self.ledger = SqlLedger(connection)
        self.movements = SqlMovements(connection)
        self.accounts = SqlAccounts(connection)
        self.settlements = SqlSettlements(connection)
        self.sweeps = SqlSweeps(connection)
        self.referrals = SqlReferrals(connection)
        self.rewards = SqlRewards(connection)
        self.vouchers = SqlVouchers(connection)
        self.merchants = SqlMerchants(connection)
        self.deals = SqlDeals(connection)
        self.groups = SqlGroups(connection)
        self.offers = SqlOffers(connection)
        self.broadcasts = SqlBroadcasts(connection)
        self.outbox = SqlOutbox(connection)
        self.pictures = SqlPictures(connection)
        self.timetable = SqlTimetable(connection)
        self.statistics = SqlStatistics(connection)
        self.forms = SqlForms(connection)
        self.updates = SqlUpdates(connection)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._transaction.is_active:
                self._transaction.rollback()
        finally:
            if self._own is not None:
                self._own.close()
                self._own = None

    def commit(self) -> None:
        self._transaction.commit()


class UnitFactory:
    """What services take to open units: one call, one unit of work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._database)
