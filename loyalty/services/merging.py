"""Two open groups of a deal that miss people become one that misses fewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.codes import Random
from loyalty.errors import CannotMerge
from loyalty.group_buys import Deal, Group, GroupState, units_to_return
from loyalty.members import Member
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import ledger, seating
from loyalty.services.seating import found

LOOKED_AT = 5  # of several that fit by size, some may share people


@dataclass(frozen=True, slots=True)
class Merger:
    """What is asked before two groups become one: `merged` is what would come of it."""

    mine: Group
    other: Group
    merged: Group
    deal: Deal
    now: datetime
    currency: str

    @property
    def is_mine_kept(self) -> bool:
        return self.merged.id == self.mine.id


@dataclass(frozen=True, slots=True)
class Merged:
    """The group that goes on. `is_replay`: it was so already."""

    group: Group
    is_replay: bool


class MergeService:
    """Whoever leads a group may merge it with another one on the same terms; the earlier deadline stays."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def ask(self, member: Member, group_id: int) -> Merger:
        """The group that fits best. Raises NotFound, GroupIsClosed, CannotMerge."""
        now = self._clock()
        with self._units() as uow:
            mine = seating.standing(uow, group_id)
            mine.check_open(now)
            _check_organiser(mine, member)
            other = candidate(uow, mine, now)
            if other is None:
                raise CannotMerge(mine.id, "nobody")
            merged, _ = mine.merge(other, now)
            deal = found(uow.deals.get(mine.deal_id), "deal", mine.deal_id)
        return Merger(mine, other, merged, deal, now, self._programme.currency)

    def merge(self, member: Member, group_id: int, other_id: int) -> Merged:
        """Makes one of the two, completes it for everybody if that was all it missed, and tells the others of both. A
        replay shows what became of it.

        Raises NotFound, GroupIsClosed, CannotMerge.
        """
        now = self._clock()
        with self._units() as uow:
            # A look first: whoever locks a group that is gone could wait crosswise for somebody on the way through it.
            if (first := _before(uow, group_id, other_id)) is not None:
                return Merged(first, is_replay=True)
            locked = {key: found(uow.groups.lock(key), "group", key) for key in sorted({group_id, other_id})}
            mine, other = locked[group_id], locked[other_id]
            if (first := _before(uow, group_id, other_id)) is not None:
                return Merged(first, is_replay=True)
            _check_organiser(mine, member)
            merged = self._merge(uow, mine, other, member, now)
            uow.commit()
        return Merged(merged, is_replay=False)

    def _merge(self, uow: UnitOfWork, mine: Group, other: Group, member: Member, now: datetime) -> Group:
        merged, gone = mine.merge(other, now)
        deal = found(uow.deals.get(mine.deal_id), "deal", mine.deal_id)
        uow.groups.merge(mine.survivor(other), merged, gone, now)
        uow.deals.restock(units_to_return([mine.absorbed(other)]))
        uow.live_cards.mark([merged.id, gone.id], now)
        if merged.state is GroupState.FILLED:
            ledger.lock_all(uow, [seat.member_id for seat in merged.seats])
            seating.fill(uow, self._programme, self._random, merged, deal, member.id, now)
        else:
            others = [seat.member_id for seat in merged.seats if seat.member_id != member.id]
            more = {"taken": merged.taken, "size": merged.size, "closes_at": merged.closes_at.isoformat()}
            cause = f"group_merged:{merged.id}:{gone.id}"
            seating.tell(uow, "group_merged", merged, deal, others, now, cause=cause, more=more)
        return merged


def candidate(uow: UnitOfWork, group: Group, now: datetime) -> Group | None:
    """The open group that this one could be merged with; of several, the one that misses fewest people."""
    if group.state_at(now) is not GroupState.OPEN:
        return None
    fitting = uow.groups.to_merge(group, group.taken, now, LOOKED_AT)
    return next((other for other in fitting if not group.shares_people(other)), None)


def _before(uow: UnitOfWork, group_id: int, other_id: int) -> Group | None:
    """What the two are already, if they are one."""
    mine, other = seating.standing(uow, group_id), seating.standing(uow, other_id)
    return mine if mine.id == other.id and group_id != other_id else None


def _check_organiser(group: Group, member: Member) -> None:
    if group.organiser_id != member.id:
        raise CannotMerge(group.id, "not_organiser")
