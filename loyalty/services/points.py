from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loyalty.errors import AlreadyCheckedIn, NotFound
from loyalty.members import Member, next_local_midnight
from loyalty.months import Month
from loyalty.movements import Movement, Shown, Standing, Statement, Totals, Why
from loyalty.points import Balance, streak_points
from loyalty.ports import Clock, Units, reads
from loyalty.ports.movements import MONTHS
from loyalty.programme import Programme
from loyalty.referrals import ReferralEvent
from loyalty.services import ledger, referrals
from loyalty.warnings import SPAN, warnings

PAGE = 6
SWEEP = 5_000  # lots in one transaction
FEW = 100
WARNED = 500  # members in one transaction
REWARDS_CONSIDERED = 200


@dataclass(frozen=True, slots=True)
class Overview:
    """What `/points` shows. `older_than` is the id to page on from, None on the last page; `before_id` is the one that
    this page begins under, None on the first."""

    standing: Standing
    movements: tuple[Movement, ...]
    older_than: int | None
    before_id: int | None = None
    shown: Shown = Shown.ALL


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
    def overview(self, member_id: int, before_id: int | None = None, shown: Shown = Shown.ALL) -> Overview:
        """The balance and a page of movements older than `before_id`, newest first."""
        with self._units() as uow:
            movements = uow.movements.page(member_id, before_id=before_id, limit=PAGE + 1, shown=shown)
            standing = uow.movements.standing(member_id)
            if standing.expires_next is not None:
                at, points = standing.expires_next
                standing = replace(standing, expires_next=(self._programme.local(at), points))
            return Overview(
                standing=standing,
                movements=tuple(movements[:PAGE]),
                older_than=movements[PAGE - 1].id if len(movements) > PAGE else None,
                before_id=before_id,
                shown=shown,
            )

    @reads
    def why(self, member_id: int, movement_id: int) -> Why:
        """One of the member's own movements, explained. Raises NotFound, for somebody else's too."""
        with self._units() as uow:
            why = uow.movements.why(movement_id)
        if why is None or why.member_id != member_id:
            raise NotFound("movement", movement_id)
        parts = (replace(part, expires_at=self._programme.local(part.expires_at)) for part in why.parts)
        return replace(why, parts=tuple(parts))

    @reads
    def statement(self, member: Member, month: Month) -> Statement:
        """A month on the member's calendar. Raises NotFound before the month of joining and after the present one."""
        first, last = self.months(member)
        if not (1 <= month.number <= 12 and first <= month <= last):
            raise NotFound("statement", f"{month.year}-{month.number:02}")
        with self._units() as uow:
            since, until = month.begins_at(member.zone), month.plus(1).begins_at(member.zone)
            return uow.movements.month(member.id, since, until)

    def months(self, member: Member) -> tuple[Month, Month]:
        """The first and the last month for which there is a statement."""
        return Month.of(member.joined_at, member.zone), Month.of(self._clock(), member.zone)

    @reads
    def history(self, member: Member) -> tuple[tuple[Month, Totals], ...]:
        """What was earned, spent and expired in the last months, the oldest first."""
        _, last = self.months(member)
        months = [last.plus(number - MONTHS + 1) for number in range(MONTHS + 1)]
        edges: list[datetime] = [month.begins_at(member.zone) for month in months]
        with self._units() as uow:
            return tuple(zip(months, uow.movements.months(member.id, edges), strict=False))

    def check_in(self, member: Member, wish: str = "") -> CheckedIn:
        """Points once per day on the member's clock; a missed day restarts the streak. Raises AlreadyCheckedIn.

        `wish` names the one tap or message: the same again is answered with what it brought.
        """
        now = self._clock()
        today = member.local(now).date()
        table = self._programme.checkin_points
        with self._units() as uow:
            referrer_id = referrals.waiting(uow, self._programme, member.id, ReferralEvent.CHECK_IN)
            if referrer_id is not None:
                ledger.lock_all(uow, (member.id, referrer_id))
            last = uow.members.last_check_in(member.id)
            follows = last is not None and last[0] == today - timedelta(days=1)
            streak = last[1] + 1 if last is not None and follows else 1
            # A zone moved westward may put today before the last check-in: that is no new day either.
            if wish and last is not None and last[2] == wish:
                balance = uow.ledger.balance(member.id)
                return CheckedIn(streak_points(table, last[1]), last[1], balance, streak_points(table, last[1] + 1))
            if (last is not None and last[0] >= today) or not uow.members.check_in(member.id, today, streak, wish):
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
            qualified = None
            if referrer_id is not None:
                qualified = referrals.qualify(uow, self._programme, member.id, now)
            balance = uow.ledger.balance(member.id)
            uow.commit()
        return CheckedIn(
            points, streak, balance, streak_points(table, streak + 1), qualified.referee_points if qualified else 0
        )

    def expire_due(self, limit: int = SWEEP) -> int:
        """Closes lots whose day has passed, at most `limit`; answers how many."""
        now = self._clock()
        with self._units() as uow:
            expired = uow.sweeps.expire(now, limit)
            uow.commit()
        return expired

    def confirm_due(self, limit: int = SWEEP) -> int:
        """Makes pending points available whose time has come, of at most `limit` lots; answers of how many."""
        now = self._clock()
        with self._units() as uow:
            confirmed = uow.sweeps.confirm(now, limit)
            for award_id in uow.sweeps.unconfirmed(now, FEW):
                confirmed += ledger.confirm(uow, award_id, actor="club", at=now) is not None
            uow.commit()
        return confirmed

    def warn_due(self, limit: int = WARNED) -> int:
        """Tells members of points that will expire, at most `limit` of them; answers how many.

        The later warning goes first: who hears of a week need not hear of a month.
        """
        now = self._clock()
        with self._units() as uow:
            for days in sorted(self._programme.expiry_warning_days):
                until = now + timedelta(days=days)
                member_ids = uow.sweeps.to_warn(now, until, days, limit)
                if member_ids:
                    expiring = uow.sweeps.expiring(member_ids, now, until + SPAN, days)
                    rewards = uow.rewards.running(now, after=(0, 0), limit=REWARDS_CONSIDERED)
                    uow.outbox.add(warnings(expiring, rewards, days, now, self._programme), now)
                    uow.sweeps.mark_warned(member_ids, now, until + SPAN, days)
                    uow.commit()
                    return len(member_ids)
        return 0
