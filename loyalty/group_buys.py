"""Group buys: a deal is cheaper for people who take it together, in time.

A deal's stock counts what no group has taken. Opening a group reserves a unit for each of its places, so that no open
group can ever fail for lack of stock at its last place; a group that expires or is called off gives them back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from loyalty.errors import AlreadyInGroup, DealUnavailable, GroupIsClosed, GroupIsFull, NotInGroup
from loyalty.merchants import Merchant, Translations

SIZE_MIN, SIZE_MAX = 2, 100
JUST_NOW = timedelta(minutes=1)  # whoever is this late lost a race; whoever is later came to something finished


class GroupState(StrEnum):
    OPEN = "open"
    FILLED = "filled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class NewDeal:
    """What a merchant offers to groups. `slug` names it once; `translations` hold `name` and `description`."""

    slug: str
    merchant_id: int
    title: str
    description: str
    solo_points: int
    group_points: int
    size: int
    hours: int
    stock: int
    per_member: int = 1
    translations: Translations = field(default_factory=dict)
    picture_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_several_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a member has of a deal, over all its groups: places in open ones, and places that came true."""

    held: int = 0
    captured: int = 0


@dataclass(frozen=True, slots=True)
class Deal:
    """`stock` is what is left to open groups with. `per_member` counts over all groups of the deal.

    `is_several_allowed`: a member may be in several open groups of it at the same time.
    """

    id: int
    merchant: Merchant
    title: str
    description: str
    translations: Translations
    solo_points: int
    group_points: int
    size: int
    hours: int
    stock: int
    per_member: int
    is_several_allowed: bool = False
    is_paused: bool = False
    picture_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def closes_at(self, at: datetime) -> datetime:
        """When a group that is opened now has to be full: after `hours`, and never after the deal itself."""
        full = at + timedelta(hours=self.hours)
        return full if self.ends_at is None else min(full, self.ends_at)

    def check_opening(self, taken: Taken, at: datetime) -> None:
        """Whether a member may open a group now. Raises DealUnavailable."""
        if self.starts_at is not None and at < self.starts_at:
            raise DealUnavailable(self.id, "not_started")
        if self.ends_at is not None and self.ends_at <= at:
            raise DealUnavailable(self.id, "ended")
        if self.is_paused:
            raise DealUnavailable(self.id, "paused")
        self.check_limits(taken)
        if self.stock < self.size:
            raise DealUnavailable(self.id, "sold_out")

    def check_limits(self, taken: Taken) -> None:
        """Whether a member may take one more place. Groups that are open run on, whatever became of the deal."""
        if taken.held and not self.is_several_allowed:
            raise DealUnavailable(self.id, "one_at_a_time")
        if taken.held + taken.captured >= self.per_member:
            raise DealUnavailable(self.id, "limit_reached", self.per_member)


@dataclass(frozen=True, slots=True)
class Seat:
    member_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """One attempt at a deal. `size` and `points` are the deal's as they were when it was opened.

    `seats` are those not given up, the first comer first; nobody sits in a group that expired or was called off,
    and `taken` then says how many did.
    """

    id: int
    deal_id: int
    organiser_id: int
    state: GroupState
    size: int
    points: int
    taken: int
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    seats: tuple[Seat, ...] = ()

    @property
    def places_left(self) -> int:
        return self.size - self.taken

    def has(self, member_id: int) -> bool:
        return any(seat.member_id == member_id for seat in self.seats)

    def state_at(self, now: datetime) -> GroupState:
        """Its state: an open group past its deadline counts as expired, swept or not."""
        if self.state is GroupState.OPEN and self.closes_at <= now:
            return GroupState.EXPIRED
        return self.state

    def join(self, seat: Seat, at: datetime) -> Group:
        """The group with one more in it, filled when that was the last place.

        Raises AlreadyInGroup, GroupIsFull (just now) or GroupIsClosed.
        """
        if self.has(seat.member_id):
            raise AlreadyInGroup(self.id)
        if self.state is GroupState.FILLED and self.closed_at is not None and at - self.closed_at < JUST_NOW:
            raise GroupIsFull(self.id)
        self._check_open(at)
        joined = replace(self, seats=(*self.seats, seat), taken=self.taken + 1)
        return replace(joined, state=GroupState.FILLED, closed_at=at) if joined.places_left == 0 else joined

    def leave(self, member_id: int, at: datetime) -> Group:
        """The group without this member. When the organiser leaves, the next one leads and the deadline stays; when
        the last one leaves, it is called off. Raises NotInGroup or GroupIsClosed."""
        if not self.has(member_id):
            raise NotInGroup(self.id)
        self._check_open(at)
        left = tuple(seat for seat in self.seats if seat.member_id != member_id)
        if not left:
            return replace(self, seats=(), taken=0, state=GroupState.CANCELLED, closed_at=at)
        organiser_id = left[0].member_id if self.organiser_id == member_id else self.organiser_id
        return replace(self, seats=left, taken=len(left), organiser_id=organiser_id)

    def _check_open(self, at: datetime) -> None:
        if (state := self.state_at(at)) is not GroupState.OPEN:
            raise GroupIsClosed(self.id, state)


def units_to_return(groups: Iterable[Group]) -> dict[int, int]:
    """What the stock of each deal gets back when these groups come to nothing."""
    units: dict[int, int] = {}
    for group in groups:
        units[group.deal_id] = units.get(group.deal_id, 0) + group.size
    return units
