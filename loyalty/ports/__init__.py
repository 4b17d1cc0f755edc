"""What the rules need from outside: repositories behind a unit of work, a clock, chance, and the bridge to the threads.

Each noun has its own module here, implemented by the module of the same name in `storage/`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar

from loyalty.codes import Random as Random
from loyalty.ports.accounts import Accounts
from loyalty.ports.attempts import Attempts
from loyalty.ports.broadcast_reports import BroadcastReports
from loyalty.ports.broadcasts import Broadcasts
from loyalty.ports.catalogue import Catalogue
from loyalty.ports.ceilings import Ceilings
from loyalty.ports.claims import Claims
from loyalty.ports.contacts import Contacts
from loyalty.ports.deals import DealDesk
from loyalty.ports.destinations import Destinations
from loyalty.ports.earning import EarnRules
from loyalty.ports.favourites import Favourites
from loyalty.ports.fronts import Fronts
from loyalty.ports.group_buys import Choices, Deals, Groups
from loyalty.ports.imports import Imports
from loyalty.ports.ledger import Ledger
from loyalty.ports.live_cards import LiveCards
from loyalty.ports.members import Members
from loyalty.ports.merchants import Merchants
from loyalty.ports.movements import Movements
from loyalty.ports.offer_claims import OfferClaims
from loyalty.ports.offer_desk import OfferDesk
from loyalty.ports.offers import Offers
from loyalty.ports.outbox import Outbox
from loyalty.ports.pictures import Pictures
from loyalty.ports.purchases import Purchases
from loyalty.ports.recipients import Recipients
from loyalty.ports.referrals import Referrals
from loyalty.ports.rewards import Rewards
from loyalty.ports.segments import Segments
from loyalty.ports.settlements import Settlements
from loyalty.ports.shelf import RewardShelf
from loyalty.ports.staff import Staff
from loyalty.ports.statistics import Statistics
from loyalty.ports.sweeps import Sweeps
from loyalty.ports.tiers import Tiers
from loyalty.ports.timetable import Timetable
from loyalty.ports.updates import Updates
from loyalty.ports.vouchers import Vouchers

P = ParamSpec("P")
T = TypeVar("T")


class UnitOfWork(Protocol):
    """One transaction. Rolls back by default; `commit` is the last word, and at most one is spoken."""

    @property
    def members(self) -> Members: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def movements(self) -> Movements: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def settlements(self) -> Settlements: ...
    @property
    def sweeps(self) -> Sweeps: ...
    @property
    def earn_rules(self) -> EarnRules: ...
    @property
    def purchases(self) -> Purchases: ...
    @property
    def ceilings(self) -> Ceilings: ...
    @property
    def referrals(self) -> Referrals: ...
    @property
    def rewards(self) -> Rewards: ...
    @property
    def shelf(self) -> RewardShelf: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def favourites(self) -> Favourites: ...
    @property
    def vouchers(self) -> Vouchers: ...
    @property
    def merchants(self) -> Merchants: ...
    @property
    def staff(self) -> Staff: ...
    @property
    def deals(self) -> Deals: ...
    @property
    def deal_desk(self) -> DealDesk: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def fronts(self) -> Fronts: ...
    @property
    def choices(self) -> Choices: ...
    @property
    def live_cards(self) -> LiveCards: ...
    @property
    def offers(self) -> Offers: ...
    @property
    def offer_claims(self) -> OfferClaims: ...
    @property
    def offer_desk(self) -> OfferDesk: ...
    @property
    def broadcasts(self) -> Broadcasts: ...
    @property
    def broadcast_reports(self) -> BroadcastReports: ...
    @property
    def destinations(self) -> Destinations: ...
    @property
    def recipients(self) -> Recipients: ...
    @property
    def segments(self) -> Segments: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def timetable(self) -> Timetable: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def tiers(self) -> Tiers: ...
    @property
    def statistics(self) -> Statistics: ...
    @property
    def updates(self) -> Updates: ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


Units = Callable[[], UnitOfWork]


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, with the zone UTC."""


class Run(Protocol):
    """The bridge: runs a use case on a storage thread and answers with its result."""

    def __call__(self, use_case: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


def reads(use_case: Callable[P, T]) -> Callable[P, T]:
    """Marks a use case that writes nothing: the bridge may run it beside the one that writes."""
    use_case.is_read_only = True  # type: ignore[attr-defined]
    return use_case
