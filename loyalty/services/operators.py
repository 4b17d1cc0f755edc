from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from loyalty.attempts import PAUSES_COUNT, Suspect
from loyalty.deliveries import Notice
from loyalty.errors import NotEnoughPoints, NotFound
from loyalty.members import Member
from loyalty.points import Balance, Kind, valid_amount
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import ledger, members
from loyalty.services.staff import Lookups, lookups
from loyalty.statistics import ClubFigures, DayFigures

CHART_DAYS = 14
PAGE = 8


@dataclass(frozen=True, slots=True)
class Adjusted:
    """`transaction_id` is what undoes it. `is_replay`: the command came twice; nothing was written the second time."""

    member: Member
    points: int
    balance: Balance
    transaction_id: int
    is_replay: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked before many points are moved, or a large credit is agreed."""

    member: Member
    points: int
    balance: Balance


@dataclass(frozen=True, slots=True)
class Suspects:
    """A page of who tried so many codes that they were paused."""

    people: tuple[Suspect, ...]
    older_than: int | None
    is_first_page: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ClubReport:
    figures: ClubFigures
    days: tuple[tuple[date, DayFigures], ...]  # the last CHART_DAYS, without gaps, oldest first


def tell(uow: UnitOfWork, programme: Programme, kind: str, cause: str, facts: Mapping[str, Any], at: datetime) -> None:
    """Those operators who are members hear of something that they should look at. A step of a use case."""
    known = [uow.members.at(address) for address in sorted(programme.operators, key=str)]
    uow.outbox.add([Notice(each.id, kind, cause, facts) for each in known if each is not None], at)


class OperatorService:
    """What the operator does. Who is one is decided before a use case is called."""

    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def report(self) -> ClubReport:
        now = self._clock()
        with self._units() as uow:
            found = dict(uow.statistics.days(now - timedelta(days=CHART_DAYS), now + timedelta(days=1)))
            figures = uow.statistics.club(now)
        first = now.date() - timedelta(days=CHART_DAYS - 1)
        days = [first + timedelta(days=n) for n in range(CHART_DAYS)]
        return ClubReport(figures, tuple((day, found.get(day, DayFigures())) for day in days))

    @reads
    def suspects(self, before_id: int | None = None) -> Suspects:
        """Who was paused within the last week for codes that were wrong."""
        now = self._clock()
        with self._units() as uow:
            found = uow.attempts.suspects(now - PAUSES_COUNT, before_id=before_id, limit=PAGE + 1)
        older_than = found[PAGE - 1].tried.member_id if len(found) > PAGE else None
        return Suspects(tuple(found[:PAGE]), older_than, before_id is None, now)

    @reads
    def lookups(self, before_id: int | None = None) -> Lookups:
        """Whose phones were looked up at the tills of all shops, and by whom."""
        with self._units() as uow:
            return lookups(uow, 0, before_id)

    @reads
    def find_member(self, typed: str) -> Member:
        """By any code, number or phone. Raises NotFound, SeveralMembers."""
        with self._units() as uow:
            return members.meant(uow, typed)

    @reads
    def member(self, member_id: int) -> Member:
        """Raises NotFound."""
        with self._units() as uow:
            return _known(uow.members.get(member_id), member_id)

    def is_large(self, points: int) -> bool:
        """Whether an operator is asked first: one digit too many is soon typed."""
        return abs(points) >= self._programme.confirm_points

    @reads
    def ask(self, code: str, points: int) -> Asked:
        """Whose points would be changed by how much. Raises NotFound, InvalidAmount."""
        with self._units() as uow:
            member = members.with_code(uow, code)
            valid_amount(abs(points))
            return Asked(member, points, uow.ledger.balance(member.id))

    def adjust(self, member_id: int, points: int, reason: str, *, key: str, actor: str) -> Adjusted:
        """Gives (or with a minus takes) points for a reason that the member is shown.

        Raises NotFound, InvalidAmount, NotEnoughPoints.
        """
        now = self._clock()
        with self._units() as uow:
            member = _known(uow.members.get(member_id), member_id)
            cause = f"adjust:{reason}"[:160]
            if points > 0:
                recorded = ledger.award(
                    uow,
                    self._programme,
                    member.id,
                    points,
                    key=key,
                    cause=cause,
                    actor=actor,
                    at=now,
                    kind=Kind.ADJUST,
                )
            else:
                try:
                    recorded = ledger.spend(
                        uow, member.id, -points, key=key, cause=cause, actor=actor, at=now, kind=Kind.ADJUST
                    )
                except NotEnoughPoints as refusal:
                    raise NotEnoughPoints(refusal.needed, refusal.available, member.name) from None
            if not recorded.is_replay:
                facts = {"points": points, "reason": reason}
                uow.outbox.add([Notice(member.id, "adjusted", f"adjusted:{recorded.transaction_id}", facts)], now)
            balance = uow.ledger.balance(member.id)
            uow.commit()
        return Adjusted(member, points, balance, recorded.transaction_id, recorded.is_replay)


def _known(member: Member | None, member_id: int) -> Member:
    if member is None:
        raise NotFound("member", member_id)
    return member
