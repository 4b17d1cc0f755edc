"""Points from one member to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loyalty.attempts import Guess
from loyalty.codes import NONCE_LENGTH, Random, new_code
from loyalty.deliveries import Notice
from loyalty.errors import NotEnoughPoints, TransferRefused
from loyalty.members import Member
from loyalty.points import valid_amount
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import ledger, members
from loyalty.services.guessing import guarded
from loyalty.transfers import DAY, Allowance, allowance, local_midnight


@dataclass(frozen=True, slots=True)
class Quote:
    """What is asked before points are sent. Of the receiver the sender sees the first name, nothing else.

    `code` is the receiver's, `nonce` makes one confirmation happen once.
    """

    code: str
    receiver: str
    points: int
    available: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Sent:
    """`is_replay`: the same confirmation came again, and nothing was sent a second time."""

    receiver: str
    points: int
    available: int
    is_replay: bool


class TransferService:
    """Off unless the programme says otherwise: every method then raises TransferRefused."""

    def __init__(self, units: Units, clock: Clock, random: Random, programme: Programme) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme

    @reads
    def allowance(self, member: Member) -> Allowance:
        """What the member may send now."""
        self._check_on()
        with self._units() as uow:
            return self._allowance(uow, member, self._clock())

    @guarded(Guess.FRIEND)
    def quote(self, member: Member, code: str, points: int) -> Quote:
        """Raises NotFound for an unknown code, InvalidAmount, NotEnoughPoints, TransferRefused."""
        self._check_on()
        with self._units() as uow:
            receiver = members.with_code(uow, code)
            if receiver.id == member.id:
                raise TransferRefused("self")
            amount = valid_amount(points)
            allowed = self._allowance(uow, member, self._clock())
        if amount > allowed.left:
            raise TransferRefused("limit", allowed.left)
        if amount > allowed.available:
            raise NotEnoughPoints(amount, allowed.available)
        nonce = new_code(self._random, NONCE_LENGTH)
        return Quote(receiver.code, receiver.first_name, amount, allowed.available, nonce)

    def send(self, member: Member, code: str, points: int, nonce: str) -> Sent:
        """Moves the points to whose code it is and tells them, once per nonce. The lots keep their expiry and who
        funded them.

        Raises NotFound, InvalidAmount, NotEnoughPoints, TransferRefused.
        """
        self._check_on()
        now = self._clock()
        with self._units() as uow:
            receiver = members.with_code(uow, code)
            # Under the locks, so that nobody gets past the limits by sending twice at once.
            ledger.lock_all(uow, (member.id, receiver.id))
            allowed = self._allowance(uow, member, now)
            recorded = ledger.transfer(
                uow,
                member.id,
                receiver.id,
                points,
                key=f"transfer:{member.id}:{nonce}",
                cause=f"transfer:{nonce}",
                actor=f"member:{member.id}",
                at=now,
            )
            if not recorded.is_replay:
                if points > allowed.left:
                    raise TransferRefused("limit", allowed.left)
                uow.outbox.add([self._notice(uow, member, receiver.id, points, recorded.transaction_id)], now)
            available = uow.ledger.balance(member.id).available
            uow.commit()
        return Sent(receiver.first_name, points, available, recorded.is_replay)

    def _check_on(self) -> None:
        if not self._programme.has_transfers:
            raise TransferRefused("off")

    def _allowance(self, uow: UnitOfWork, member: Member, now: datetime) -> Allowance:
        today = uow.ledger.sent_since(member.id, local_midnight(now, member.zone))
        day_and_night = uow.ledger.sent_since(member.id, now - DAY)
        return allowance(self._programme, today, day_and_night, uow.ledger.balance(member.id).available)

    def _notice(self, uow: UnitOfWork, sender: Member, receiver_id: int, points: int, transaction_id: int) -> Notice:
        """What the receiver is told. Points that filled what was below zero have no day any more."""
        days = sorted({lot.expires_at for lot, _ in uow.ledger.given(transaction_id)})
        is_free = uow.ledger.balance(receiver_id).available >= points
        facts = {
            "name": sender.first_name,
            "points": points,
            "until": self._programme.local(days[0]).isoformat() if is_free else None,
            "is_all": len(days) == 1,
        }
        return Notice(receiver_id, "transfer_received", f"transfer:{transaction_id}", facts)
