"""Groups whose time is up come to their end, many at once, in a fixed number of statements.

A group is closed whole or not at all. On PostgreSQL groups that somebody is changing are passed over, and so are those
with a member whose points somebody moves: they come with the next batch. Groups come before deals, and those before
balances (`seating` has the order of locks). Only a deal is waited for: whoever holds one waits for balances at most,
and here none are held yet, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from loyalty.group_buys import CHOOSE_WITHIN, Group, GroupState
from loyalty.ports import UnitOfWork
from loyalty.ports.group_buys import HeldSeat
from loyalty.programme import Programme
from loyalty.services import seating


def close_due(uow: UnitOfWork, programme: Programme, limit: int, now: datetime) -> int:
    """Closes groups that did not fill in time, at most `limit`; answers how many.

    Everybody's points are free again, everybody has a choice and is told of it, and the stock is back.
    """
    due = uow.groups.due(now, limit)
    if not due:
        return 0
    deals = uow.deals.lock_all([group.deal_id for group in due])
    closing, held = _free(uow, due)
    if not closing:
        return 0
    until = now + CHOOSE_WITHIN
    uow.choices.offer([group.id for group in closing], until)
    seating.come_to_nothing(uow, programme, closing, held, GroupState.EXPIRED, now)
    told = [seating.expired(group, deals[group.deal_id], programme, until, now) for group in closing]
    uow.outbox.add([notice for notices in told for notice in notices], now)
    return len(closing)


def _free(uow: UnitOfWork, due: Sequence[Group]) -> tuple[Sequence[Group], Sequence[HeldSeat]]:
    """Those of the groups whose people's points nobody moves at this moment, with their seats."""
    held = uow.groups.held([group.id for group in due])
    free = uow.sweeps.lock_free([seat.member_id for seat in held])
    busy = {seat.group_id for seat in held if seat.member_id not in free}
    return [group for group in due if group.id not in busy], [seat for seat in held if seat.group_id not in busy]
