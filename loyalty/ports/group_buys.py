from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loyalty.group_buys import Choice, Choosing, Deal, Group, GroupState, NewDeal, Taken


@dataclass(frozen=True, slots=True)
class HeldSeat:
    """A seat whose points are set aside."""

    group_id: int
    member_id: int
    hold_id: int


class Deals(Protocol):
    def add(self, new: NewDeal) -> int:
        """Its id; a deal of that slug which is there already stays as it is."""

    def get(self, deal_id: int) -> Deal | None: ...
    def lock(self, deal_id: int) -> Deal | None:
        """The deal, and nobody else takes of its stock until the unit ends."""

    def lock_all(self, deal_ids: Sequence[int]) -> Mapping[int, Deal]:
        """The same for several, by their ids upwards."""

    def those(self, ids: Sequence[int]) -> Sequence[Deal]:
        """The deals of these ids, in any order."""

    def running(self, at: datetime, *, after_id: int, limit: int) -> Sequence[Deal]:
        """Deals that groups can be opened of or are open of, by id."""

    def reserve(self, deal_id: int, units: int) -> bool:
        """Takes from the stock. False when there is not enough."""

    def restock(self, units: Mapping[int, int]) -> None:
        """Gives back to the stock, by deal."""

    def view(self, deal_id: int, member_id: int, at: datetime) -> None:
        """Notes that a member has looked at it; the first time counts."""

    def has_viewed(self, deal_id: int, member_id: int) -> bool: ...


class Groups(Protocol):
    def open(self, group: Group, key: str) -> Group:
        """Stores a group that nobody sits in yet; answers with its id. `key` happens once."""

    def by_key(self, key: str) -> Group | None: ...
    def get(self, group_id: int) -> Group | None: ...
    def those(self, ids: Sequence[int]) -> Sequence[Group]:
        """The groups of these ids, in any order."""

    def lock(self, group_id: int) -> Group | None:
        """The group, and nobody else joins, leaves or closes it until the unit ends."""

    def change(self, before: Group, after: Group) -> None:
        """Writes what became of a locked group."""

    def seat(self, group: Group, member_id: int, hold_id: int, at: datetime) -> int: ...
    def seats_so_far(self, group_id: int, member_id: int) -> int:
        """How often this member has sat down here, given up or not."""

    def held(self, group_ids: Sequence[int]) -> Sequence[HeldSeat]:
        """Seats whose points are set aside, by member: the order in which balances are locked."""

    def release(self, group_id: int, member_id: int, at: datetime) -> None: ...
    def close_seats(self, group_ids: Sequence[int], *, is_captured: bool, at: datetime) -> None:
        """All seats that are still held, at once."""

    def due(self, at: datetime, limit: int) -> Sequence[Group]:
        """Open groups past their deadline, locked; those that somebody else has locked are left out."""

    def close(self, group_ids: Sequence[int], state: GroupState, at: datetime) -> None:
        """Open groups come to an end, at once."""

    def open_of(self, deal_id: int, at: datetime, *, after_id: int, limit: int) -> Sequence[Group]:
        """Groups of a deal that can be joined, the oldest first."""

    def lock_open(self, deal_id: int, at: datetime) -> Sequence[Group]:
        """All groups of a deal that can be joined, by id, locked."""

    def of_deal(self, deal_id: int, *, after: tuple[int, int], limit: int) -> Sequence[Group]:
        """All groups of a deal: the open ones first (rank 0, then 1), the newest first, after the one with this
        (rank, id)."""

    def nearly_full(self, at: datetime, *, without_member: int, limit: int) -> Sequence[tuple[Group, Deal]]:
        """Groups that can be joined, fewest missing first, without those that the member is in."""

    def of(self, member_id: int, *, before_id: int | None, limit: int) -> Sequence[tuple[Group, Deal]]:
        """Groups that a member is in, or was in to the end; newest first."""

    def open_count(self, member_id: int) -> int:
        """In how many open groups a member is."""

    def mine(self, deal_id: int, member_id: int) -> Group | None:
        """The newest open group of the deal that the member is in."""

    def taken(self, deal_id: int, member_id: int) -> Taken: ...
    def merge(self, before: Group, merged: Group, gone: Group, at: datetime) -> None:
        """Writes a merger of two locked groups: the seats and their holds go from `gone` to `merged`, once `before`."""

    def extension_of(self, group_id: int) -> Group | None:
        """The group that gives an expired one another try."""

    def to_join(self, group: Group, member_id: int, at: datetime) -> Group | None:
        """The open group of the same deal, no dearer than this one, that misses fewest people; none that the member is
        in."""

    def lock_to_join(self, group: Group, member_id: int, at: datetime) -> Group | None:
        """`to_join`, and nobody else joins, leaves or closes it until the unit ends."""

    def to_merge(self, group: Group, people: int, at: datetime, limit: int) -> Sequence[Group]:
        """Other open groups on the same terms with room for so many people, fewest missing first."""


class Choices(Protocol):
    def offer(self, group_ids: Sequence[int], until: datetime) -> None:
        """A choice for whoever holds a seat in these groups, at once."""

    def get(self, group_id: int, member_id: int) -> Choosing | None: ...
    def lock(self, group_id: int, member_id: int) -> Choosing | None:
        """The choice, and nobody else makes it until the unit ends."""

    def of(self, member_id: int, group_ids: Sequence[int]) -> Sequence[Choosing]:
        """What a member may choose, or has chosen, of these groups."""

    def undecided(self, group_id: int, at: datetime) -> Sequence[int]:
        """The members who still have their choice."""

    def choose(self, choosing: Choosing, choice: Choice, at: datetime, led_to_id: int | None = None) -> None:
        """Writes down the choice that was made of a locked one."""
