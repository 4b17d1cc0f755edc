"""What the courier asks: which messages may go now, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from loyalty.codes import Random
from loyalty.contact_policy import WEEK, History, Verdict, Wish, decide, preferences_of
from loyalty.deliveries import Delivery, Due, Lane, Postponed, Result
from loyalty.ports import Clock, UnitOfWork, Units
from loyalty.programme import Programme
from loyalty.services.trials import Trials

LOOKED_AT_MAX = 10  # times the limit: rows that may not go cost a look each, and nobody shall wait for all of them


class DeliveryService:
    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme
        self._trials = Trials(random)
        # What was claimed here and is not over. However long the program was paused, it is not taken from it as what a
        # crash left behind: the courier is still at it.
        self._in_hand: set[int] = set()

    def claim(self, lane: Lane, limit: int, lease: timedelta) -> list[Delivery]:
        """About `limit` messages of a lane that may go now, marked as being sent for so long: a member who may have
        several gets the best ones first, together. What may not go by the contact policy waits on or is dropped, with
        its reason. Empty when nothing is due that may go."""
        now = self._clock()
        claimed: list[Delivery] = []
        with self._units() as uow:
            for _ in range(LOOKED_AT_MAX):
                due = uow.outbox.due(lane, now, limit=limit - len(claimed))
                if not due:
                    break
                claimed += self._decide(uow, due, now, now + lease)
                if len(claimed) >= limit:
                    break
            self._in_hand.update(delivery.id for delivery in claimed)
            try:
                uow.commit()
            except BaseException:
                self.let_go(claimed)
                raise
        return claimed

    def let_go(self, claimed: Iterable[Delivery]) -> None:
        """The courier is not at these any more: sent, given back, or lost in a failure of its own."""
        self._in_hand.difference_update(delivery.id for delivery in claimed)

    def settle(self, results: Sequence[Result]) -> None:
        """Writes down what became of claimed messages, and who cannot be reached any more."""
        now = self._clock()
        with self._units() as uow:
            uow.outbox.settle(results, now)
            for result in results:
                if result.is_lost:
                    uow.members.set_reachable(result.delivery.address, False, now)
            uow.commit()

    def recover(self) -> tuple[int, int]:
        """What a crash left in sending: transactional rows queued again, marketing rows marked unknown. Not what this
        program has in hand."""
        with self._units() as uow:
            recovered = uow.outbox.recover(self._clock(), list(self._in_hand))
            uow.commit()
        return recovered

    def recover_due(self) -> int:
        return sum(self.recover())

    def _decide(self, uow: UnitOfWork, due: Sequence[Due], now: datetime, lease_until: datetime) -> list[Delivery]:
        """Asks the gate for each row, the best-scored of a member first, since one that goes counts for the next."""
        members = {row.delivery.member_id for row in due if row.delivery.topic is not None}
        contacts = {member_id: list(at) for member_id, at in uow.outbox.contacts(list(members), now - WEEK).items()}
        reasons: dict[int, str] = {}  # of those that go
        dropped: dict[int, str] = {}
        waiting: list[Postponed] = []
        for row in sorted(due, key=lambda row: -row.score):
            delivery = row.delivery
            sent_at = contacts.setdefault(delivery.member_id, []) if delivery.topic is not None else []
            wish = Wish(delivery.topic, delivery.merchant_id, row.deadline)
            history = History(tuple(sent_at), row.ignored, row.topic_at)
            decision = decide(wish, preferences_of(row, self._programme), history, now)
            match decision.verdict:
                case Verdict.SEND:
                    reasons[delivery.id] = decision.reason
                    sent_at.append(now)
                case Verdict.DELAY:
                    assert decision.until is not None, "what waits waits for a moment"
                    waiting.append(Postponed(delivery.id, decision.until, decision.reason))
                case Verdict.SUPPRESS:
                    dropped[delivery.id] = decision.reason
        if waiting:
            uow.outbox.postpone(waiting)
        if dropped:
            uow.outbox.drop(dropped, now)
        going = self._trials.assign(uow, [row.delivery for row in due if row.delivery.id in reasons], now)
        if going:
            uow.outbox.lease(going, reasons, lease_until)
        return going
