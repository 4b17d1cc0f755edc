from __future__ import annotations

from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Transaction

from storage.accounts import SqlAccounts
from storage.attempts import SqlAttempts
from storage.broadcast_reports import SqlBroadcastReports
from storage.broadcasts import SqlBroadcasts
from storage.catalogue import SqlCatalogue
from storage.ceilings import SqlCeilings
from storage.claims import SqlClaims
from storage.contacts import SqlContacts
from storage.database import Database
from storage.deals import SqlDealDesk
from storage.destinations import SqlDestinations
from storage.earning import SqlEarnRules
from storage.favourites import SqlFavourites
from storage.forms import SqlForms
from storage.fronts import SqlFronts
from storage.group_buys import SqlChoices, SqlDeals, SqlGroups
from storage.imports import SqlImports
from storage.ledger import SqlLedger
from storage.live_cards import SqlLiveCards
from storage.members import SqlMembers
from storage.merchants import SqlMerchants
from storage.movements import SqlMovements
from storage.offer_claims import SqlOfferClaims
from storage.offer_desk import SqlOfferDesk
from storage.offers import SqlOffers
from storage.outbox import SqlOutbox
from storage.pictures import SqlPictures
from storage.purchases import SqlPurchases
from storage.recipients import SqlRecipients
from storage.referrals import SqlReferrals
from storage.rewards import SqlRewards
from storage.saved_segments import SqlSegments
from storage.settlements import SqlSettlements
from storage.shelf import SqlRewardShelf
from storage.staff import SqlStaff
from storage.statements import Savepoint
from storage.statistics import SqlStatistics
from storage.sweeps import SqlSweeps
from storage.tiers import SqlTiers
from storage.timetable import SqlTimetable
from storage.updates import SqlUpdates
from storage.vouchers import SqlVouchers


class SqlUnitOfWork:
    """One transaction on the database; a savepoint where the writer thread commits several units together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own: Connection | None = None
        self._connection: Connection
        self._transaction: Transaction | Savepoint

    def __enter__(self) -> Self:
        shared = self._database.group_connection()
        if shared is not None:
            self._connection, self._transaction = shared, Savepoint(shared)
        else:
            self._connection = self._database.thread_connection() or self._connect()
            self._transaction = self._connection.begin()
        return self

    def _connect(self) -> Connection:
        self._own = self._database.engine.connect()
        return self._own

    # Each on demand: a use case needs two or three of them.

    @cached_property
    def members(self) -> SqlMembers:
        return SqlMembers(self._connection)

    @cached_property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self._connection)

    @cached_property
    def movements(self) -> SqlMovements:
        return SqlMovements(self._connection)

    @cached_property
    def accounts(self) -> SqlAccounts:
        return SqlAccounts(self._connection)

    @cached_property
    def attempts(self) -> SqlAttempts:
        return SqlAttempts(self._connection)

    @cached_property
    def settlements(self) -> SqlSettlements:
        return SqlSettlements(self._connection)

    @cached_property
    def sweeps(self) -> SqlSweeps:
        return SqlSweeps(self._connection)

    @cached_property
    def earn_rules(self) -> SqlEarnRules:
        return SqlEarnRules(self._connection)

    @cached_property
    def purchases(self) -> SqlPurchases:
        return SqlPurchases(self._connection)

    @cached_property
    def ceilings(self) -> SqlCeilings:
        return SqlCeilings(self._connection)

    @cached_property
    def referrals(self) -> SqlReferrals:
        return SqlReferrals(self._connection)

    @cached_property
    def rewards(self) -> SqlRewards:
        return SqlRewards(self._connection)

    @cached_property
    def catalogue(self) -> SqlCatalogue:
        return SqlCatalogue(self._connection)

    @cached_property
    def favourites(self) -> SqlFavourites:
        return SqlFavourites(self._connection)

    @cached_property
    def shelf(self) -> SqlRewardShelf:
        return SqlRewardShelf(self._connection)

    @cached_property
    def vouchers(self) -> SqlVouchers:
        return SqlVouchers(self._connection)

    @cached_property
    def merchants(self) -> SqlMerchants:
        return SqlMerchants(self._connection)

    @cached_property
    def staff(self) -> SqlStaff:
        return SqlStaff(self._connection)

    @cached_property
    def deals(self) -> SqlDeals:
        return SqlDeals(self._connection)

    @cached_property
    def deal_desk(self) -> SqlDealDesk:
        return SqlDealDesk(self._connection)

    @cached_property
    def groups(self) -> SqlGroups:
        return SqlGroups(self._connection)

    @cached_property
    def choices(self) -> SqlChoices:
        return SqlChoices(self._connection)

    @cached_property
    def live_cards(self) -> SqlLiveCards:
        return SqlLiveCards(self._connection)

    @cached_property
    def offers(self) -> SqlOffers:
        return SqlOffers(self._connection)

    @cached_property
    def offer_claims(self) -> SqlOfferClaims:
        return SqlOfferClaims(self._connection)

    @cached_property
    def offer_desk(self) -> SqlOfferDesk:
        return SqlOfferDesk(self._connection)

    @cached_property
    def fronts(self) -> SqlFronts:
        return SqlFronts(self._connection)

    @cached_property
    def broadcasts(self) -> SqlBroadcasts:
        return SqlBroadcasts(self._connection)

    @cached_property
    def broadcast_reports(self) -> SqlBroadcastReports:
        return SqlBroadcastReports(self._connection)

    @cached_property
    def destinations(self) -> SqlDestinations:
        return SqlDestinations(self._connection)

    @cached_property
    def recipients(self) -> SqlRecipients:
        return SqlRecipients(self._connection)

    @cached_property
    def segments(self) -> SqlSegments:
        return SqlSegments(self._connection)

    @cached_property
    def contacts(self) -> SqlContacts:
        return SqlContacts(self._connection)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self._connection)

    @cached_property
    def pictures(self) -> SqlPictures:
        return SqlPictures(self._connection)

    @cached_property
    def timetable(self) -> SqlTimetable:
        return SqlTimetable(self._connection)

    @cached_property
    def imports(self) -> SqlImports:
        return SqlImports(self._connection)

    @cached_property
    def claims(self) -> SqlClaims:
        return SqlClaims(self._connection)

    @cached_property
    def tiers(self) -> SqlTiers:
        return SqlTiers(self._connection)

    @cached_property
    def statistics(self) -> SqlStatistics:
        return SqlStatistics(self._connection)

    @cached_property
    def forms(self) -> SqlForms:
        return SqlForms(self._connection)

    @cached_property
    def updates(self) -> SqlUpdates:
        return SqlUpdates(self._connection)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._transaction.is_active:
                self._transaction.rollback()
            elif isinstance(self._transaction, Transaction) and self._connection.in_transaction():
                self._connection.rollback()  # something was asked after the commit: the next unit begins anew
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
