"""The operator's yes or no to what a shop wants to send, where the club has it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from loyalty.broadcasts import Broadcast, BroadcastState
from loyalty.deliveries import Notice
from loyalty.errors import BroadcastRefused
from loyalty.members import Member
from loyalty.names import one_line
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.services.draft_steps import Card, found, reach
from loyalty.services.drafts import PAGE

REASON_MAX = 500


class ApprovalService:
    """Who is an operator is decided before a use case is called."""

    def __init__(self, units: Units, clock: Clock) -> None:
        self._units, self._clock = units, clock

    @reads
    def count(self) -> int:
        """How many wait."""
        with self._units() as uow:
            return uow.broadcasts.waiting()

    @reads
    def page(self, before_id: int | None = None) -> tuple[Sequence[Broadcast], int | None]:
        """A page of those that wait, newest first, and the id to page on from."""
        with self._units() as uow:
            page = uow.broadcasts.awaiting(before_id=before_id, limit=PAGE + 1)
        return page[:PAGE], page[PAGE - 1].id if len(page) > PAGE else None

    @reads
    def card(self, broadcast_id: int) -> Card:
        """One that waits, and whom it would reach. Raises BroadcastRefused when it does not wait any more."""
        with self._units() as uow:
            broadcast = _waiting(uow.broadcasts.get(broadcast_id))
            return Card(broadcast, reach(uow, broadcast, self._clock()))

    def approve(self, operator: Member, broadcast_id: int) -> Broadcast:
        """It goes when its time comes, at once where that is now or was a short while ago. Raises BroadcastRefused when
        it does not wait any more."""
        now = self._clock()
        with self._units() as uow:
            broadcast = _waiting(uow.broadcasts.lock(broadcast_id))
            uow.broadcasts.turn(broadcast.id, BroadcastState.SCHEDULED, left=0, at=now)
            uow.broadcasts.approve(broadcast.id, operator.id)
            _tell(uow, broadcast, "broadcast_approved", now)
            uow.commit()
        return replace(broadcast, state=BroadcastState.SCHEDULED, approved_by=operator.id)

    def decline(self, operator: Member, broadcast_id: int, given: str) -> Broadcast:
        """It will not go; its author reads why. Raises BroadcastRefused without a reason, or when it does not wait any
        more."""
        reason, now = one_line(given), self._clock()
        with self._units() as uow:
            broadcast = _waiting(uow.broadcasts.lock(broadcast_id))
            if not 0 < len(reason) <= REASON_MAX:
                raise BroadcastRefused("reason", {"most": REASON_MAX})
            uow.broadcasts.turn(broadcast.id, BroadcastState.CANCELLED, left=0, at=now)
            uow.broadcasts.approve(broadcast.id, operator.id)
            uow.broadcasts.note(broadcast.id, reason)
            _tell(uow, broadcast, "broadcast_declined", now, reason=reason)
            uow.commit()
        return replace(broadcast, state=BroadcastState.CANCELLED, note=reason)


def _waiting(broadcast: Broadcast | None) -> Broadcast:
    known = found(broadcast)
    if known.state is not BroadcastState.WAITING:
        raise BroadcastRefused("not_waiting", {"state": known.state.value})
    return known


def _tell(uow: UnitOfWork, broadcast: Broadcast, kind: str, at: datetime, **more: str) -> None:
    """A confirmation is answered once: taken back and confirmed anew, it has another key."""
    facts = {**broadcast.facts, **more}
    uow.outbox.add([Notice(broadcast.author_id, kind, f"{kind}:{broadcast.id}:{broadcast.key}", facts)], at)
