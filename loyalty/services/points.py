from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loyalty.errors import AlreadyCheckedIn
from loyalty.members import Member, next_local_midnight
from loyalty.points import Balance, Movement, Subject, streak_points
from loyalty.ports import Clock, UnitOfWork, Units, reads
from loyalty.programme import Programme
from loyalty.services import ledger, referrals

PAGE = 6


@dataclass(frozen=True, slots=True)
class Overview:
    """What `/points` shows. `older_than` is the id to page on from, None on the last page."""

    balance: Balance
    movements: tuple[Movement, ...]
    older_than: int | None
    expires_next: tuple[datetime, int] | None
    is_first_page: bool


@dataclass(frozen=True, slots=True)
class CheckedIn:
    points: int
    streak: int
    balance: Balance
    points_tomorrow: int
    referral_points: int = 0  # what a referred member got on top, on qualifying


class PointsService:
    def __init__(self, units: Units, clock: Clock, programme: Programme) -> None:
        self._units, self._clock, self._programme = units, clock, programme

    @reads
    def balance(self, member_id: int) -> Balance:
        with self._units() as uow:
            return uow.ledger.balance(member_id)

    @reads
    def overview(self, member_id: int, before_id: int | None = None) -> Overview:
        """The balance and a page of movements older than `before_id`, newest first."""
        with self._units() as uow:
            movements = uow.ledger.movements(member_id, before_id=before_id, limit=PAGE + 1)
            balance, expires_next = uow.ledger.standing(member_id)
            return Overview(
                balance=balance,
                movements=tuple(_named(uow, movements[:PAGE])),
                older_than=movements[PAGE - 1].id if len(movements) > PAGE else None,
                expires_next=expires_next,
                is_first_page=before_id is None,
            )

    def check_in(self, member: Member) -> CheckedIn:
        """Points once per day on the member's clock; a missed day restarts the streak. Raises AlreadyCheckedIn."""
        now = self._clock()
        today = member.local(now).date()
        table = self._programme.checkin_points
        with self._units() as uow:
            last = uow.members.last_check_in(member.id)
            follows = last is not None and last[0] == today - timedelta(days=1)
            streak = last[1] + 1 if last is not None and follows else 1
            # A zone moved westward may put today before the last check-in: that is no new day either.
            if (last is not None and last[0] >= today) or not uow.members.check_in(member.id, today, streak):
                raise AlreadyCheckedIn(next_local_midnight(now, member.zone), last[1] if last else 1)
            points = streak_points(table, streak)
            cause = f"checkin:{today.isoformat()}"
            ledger.award(
                uow,
                self._programme,
                member.id,
                points,
                key=f"{cause}:{member.id}",
                cause=cause,
                actor=f"member:{member.id}",
                at=now,
            )
            referral_points = referrals.qualify(uow, self._programme, member, now)
            balance = uow.ledger.balance(member.id)
            uow.commit()
        return CheckedIn(points, streak, balance, streak_points(table, streak + 1), referral_points)

    def expire_due(self, limit: int = 500) -> int:
        """Closes lots whose day has passed, at most `limit`; answers how many."""
        now = self._clock()
        with self._units() as uow:
            lots = uow.ledger.due_lots(now, limit)
            for lot in lots:
                ledger.expire(uow, lot, at=now)
            uow.commit()
        return len(lots)


def _named(uow: UnitOfWork, movements: Sequence[Movement]) -> list[Movement]:
    """The movements with what their causes name: the reward of "reward:7", the deal of "group:3"."""
    subjects = {
        noun: find([int(movement.cause.partition(":")[2]) for movement in movements if movement.cause.startswith(noun)])
        for noun, find in (("reward:", uow.rewards.subjects), ("group:", uow.groups.subjects))
        if any(movement.cause.startswith(noun) for movement in movements)
    }
    return [replace(movement, subject=_subject(subjects, movement.cause)) for movement in movements]


def _subject(subjects: Mapping[str, Mapping[int, Subject]], cause: str) -> Subject | None:
    noun, _, rest = cause.partition(":")
    named = subjects.get(f"{noun}:")
    return named.get(int(rest)) if named else None
