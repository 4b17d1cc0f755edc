"""Group buys: a deal is cheaper for people who take it together, in time.

A deal's stock counts what no group has taken. Opening a group reserves a unit for each of its places, so that no open
group can ever fail for lack of stock at its last place; a group that expires, is called off or goes into another gives
them back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from loyalty.errors import (
    AlreadyInGroup,
    CannotMerge,
    ChoiceRefused,
    DealUnavailable,
    GroupIsClosed,
    GroupIsFull,
    NotInGroup,
)
from loyalty.merchants import Merchant, Translations

SIZE_MIN, SIZE_MAX = 2, 100
CHOOSE_WITHIN = timedelta(hours=24)  # after that, the points that went back are all that comes of a group
LATE = timedelta(minutes=10)  # a group that is closed later than this was forgotten for a while, and people are told
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


class Choice(StrEnum):
    """What a participant makes of a group that did not fill. The points are back in any case."""

    REFUND = "refund"
    EXTEND = "extend"  # once: the same people, price and size, another time
    MERGE = "merge"  # into another open group of the deal
    SOLO = "solo"


@dataclass(frozen=True, slots=True)
class Choosing:
    """A participant's choice. `choice` is None until it is made; `led_to_id` is the group that it led to."""

    group_id: int
    member_id: int
    until: datetime
    choice: Choice | None = None
    led_to_id: int | None = None

    def is_open_at(self, now: datetime) -> bool:
        return self.choice is None and now < self.until

    def is_made(self, choice: Choice, now: datetime) -> bool:
        """Whether it is this that was chosen before; False where it may be chosen now. Raises ChoiceRefused."""
        if self.choice is choice:
            return True
        if self.choice is not None:
            raise ChoiceRefused(self.group_id, "made", self.choice)
        if self.until <= now:
            raise ChoiceRefused(self.group_id, "over")
        return False


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
    solo_price_minor: int = 0
    group_price_minor: int = 0
    bonus_points: int = 0
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a member has of a deal: places in open groups, places that came true, and units bought alone."""

    held: int = 0
    captured: int = 0
    bought: int = 0

    @property
    def whole(self) -> int:
        return self.held + self.captured + self.bought


@dataclass(frozen=True, slots=True)
class Deal:
    """`stock` is what is left to open groups with, or to buy alone. `per_member` counts over all of it. Prices in money
    (the smallest unit) are paid at the counter, besides the points. `bonus_points` are for the organiser, once a group
    fills. A draft (`published_at` is None) is seen by its shop only.

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
    solo_price_minor: int = 0
    group_price_minor: int = 0
    bonus_points: int = 0
    published_at: datetime | None = None
    removed_at: datetime | None = None

    def closes_at(self, at: datetime) -> datetime:
        """When a group that is opened now has to be full: after `hours`, and never after the deal itself."""
        full = at + timedelta(hours=self.hours)
        return full if self.ends_at is None else min(full, self.ends_at)

    def check_opening(self, taken: Taken, at: datetime, size: int | None = None) -> None:
        """Whether a member may open a group now, of the deal's size or another. Raises DealUnavailable."""
        self.check_running(at)
        self.check_limits(taken)
        if self.stock < (size or self.size):
            raise DealUnavailable(self.id, "sold_out")

    def check_buying(self, taken: Taken, at: datetime) -> None:
        """Whether a member may buy one alone now. Raises DealUnavailable."""
        self.check_running(at)
        self._check_count(taken)
        if self.stock < 1:
            raise DealUnavailable(self.id, "sold_out")

    def check_limits(self, taken: Taken) -> None:
        """Whether a member may take one more place. Groups that are open run on, whatever became of the deal."""
        if taken.held and not self.is_several_allowed:
            raise DealUnavailable(self.id, "one_at_a_time")
        self._check_count(taken)

    def is_running(self, at: datetime) -> bool:
        try:
            self.check_running(at)
        except DealUnavailable:
            return False
        return True

    def check_running(self, at: datetime) -> None:
        """Whether anything new can be begun with it. Raises DealUnavailable."""
        if self.published_at is None or self.removed_at is not None:
            raise DealUnavailable(self.id, "ended")
        if self.starts_at is not None and at < self.starts_at:
            raise DealUnavailable(self.id, "not_started")
        if self.ends_at is not None and self.ends_at <= at:
            raise DealUnavailable(self.id, "ended")
        if self.is_paused or self.merchant.is_orphaned:
            raise DealUnavailable(self.id, "paused")

    def _check_count(self, taken: Taken) -> None:
        if taken.whole >= self.per_member:
            raise DealUnavailable(self.id, "limit_reached", self.per_member)


@dataclass(frozen=True, slots=True)
class Seat:
    """`is_shown`: the member has agreed that others in a group buy see `name`, the first one."""

    member_id: int
    name: str
    is_shown: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One attempt at a deal. `size`, `points`, `price_minor` and `bonus_points` are the deal's as they were when it was
    opened. `extends_id` is the expired group that it gives another try, `merged_into_id` the one that took its people.

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
    price_minor: int = 0
    bonus_points: int = 0
    extends_id: int | None = None
    merged_into_id: int | None = None

    @property
    def places_left(self) -> int:
        return self.size - self.taken

    def has(self, member_id: int) -> bool:
        return any(seat.member_id == member_id for seat in self.seats)

    @property
    def is_deserted(self) -> bool:
        """Everybody has left it, or it was called off; not merged into another one."""
        return self.state is GroupState.CANCELLED and self.merged_into_id is None

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
        self.check_open(at)
        joined = replace(self, seats=(*self.seats, seat), taken=self.taken + 1)
        return replace(joined, state=GroupState.FILLED, closed_at=at) if joined.places_left == 0 else joined

    def leave(self, member_id: int, at: datetime) -> Group:
        """The group without this member. When the organiser leaves, the next one leads and the deadline stays; when
        the last one leaves, it is called off. Raises NotInGroup or GroupIsClosed."""
        if not self.has(member_id):
            raise NotInGroup(self.id)
        self.check_open(at)
        left = tuple(seat for seat in self.seats if seat.member_id != member_id)
        if not left:
            return replace(self, seats=(), taken=0, state=GroupState.CANCELLED, closed_at=at)
        organiser_id = left[0].member_id if self.organiser_id == member_id else self.organiser_id
        return replace(self, seats=left, taken=len(left), organiser_id=organiser_id)

    def again(self, deal: Deal, at: datetime) -> Group:
        """An empty group that gives this one another try, on its terms and for as long as the deal's groups have now.

        Raises ChoiceRefused: it was another try itself.
        """
        if self.extends_id is not None:
            raise ChoiceRefused(self.id, "extended_before")
        return Group(
            id=0,
            deal_id=self.deal_id,
            organiser_id=0,
            state=GroupState.OPEN,
            size=self.size,
            points=self.points,
            taken=0,
            opened_at=at,
            closes_at=deal.closes_at(at),
            price_minor=self.price_minor,
            bonus_points=self.bonus_points,
            extends_id=self.id,
        )

    def survivor(self, other: Group) -> Group:
        """Which of two that merge goes on: the one whose time is over first."""
        return min(self, other, key=lambda group: (group.closes_at, group.id))

    def absorbed(self, other: Group) -> Group:
        return other if self.survivor(other) is self else self

    def shares_people(self, other: Group) -> bool:
        return any(self.has(seat.member_id) for seat in other.seats)

    def merge(self, other: Group, at: datetime) -> tuple[Group, Group]:
        """The group whose deadline comes first, with the people of both, filled when that makes it full; and the one
        that is called off into it. Raises GroupIsClosed, CannotMerge."""
        self.check_open(at)
        other.check_open(at)
        if (self.deal_id, self.size, self.points, self.price_minor) != (
            other.deal_id,
            other.size,
            other.points,
            other.price_minor,
        ):
            raise CannotMerge(self.id, "other_terms")
        if self.taken + other.taken > self.size:
            raise CannotMerge(self.id, "too_many")
        if self.shares_people(other):
            raise CannotMerge(self.id, "same_member")
        first, second = self.survivor(other), self.absorbed(other)
        merged = replace(first, seats=(*first.seats, *second.seats), taken=first.taken + second.taken)
        if merged.places_left == 0:
            merged = replace(merged, state=GroupState.FILLED, closed_at=at)
        gone = replace(second, seats=(), taken=0, state=GroupState.CANCELLED, closed_at=at, merged_into_id=first.id)
        return merged, gone

    def check_open(self, at: datetime) -> None:
        """Raises GroupIsClosed."""
        if (state := self.state_at(at)) is not GroupState.OPEN:
            raise GroupIsClosed(self.id, state)


def ways_on(group: Group, deal: Deal, at: datetime) -> tuple[Choice, ...]:
    """What people can choose from when the time of a group is over: keeping the points, and what the deal still allows.

    A paused deal begins nothing new, but its open groups run on.
    """
    if deal.is_running(at):
        again = () if group.extends_id is not None else (Choice.EXTEND,)
        return (Choice.REFUND, *again, Choice.MERGE, Choice.SOLO)
    return (Choice.REFUND, Choice.MERGE) if deal.is_paused else (Choice.REFUND,)


def units_to_return(groups: Iterable[Group]) -> dict[int, int]:
    """What the stock of each deal gets back when these groups come to nothing."""
    units: dict[int, int] = {}
    for group in groups:
        units[group.deal_id] = units.get(group.deal_id, 0) + group.size
    return units
