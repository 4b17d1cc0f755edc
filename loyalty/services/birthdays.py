from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from loyalty.birthdays import LunarDays, brings_gift, celebrated_on
from loyalty.codes import Random
from loyalty.contact_policy import ContactHours, contact_hours
from loyalty.deliveries import Lane, Notice
from loyalty.members import Birthday, Calendar, Member, Topic
from loyalty.ports import Clock, UnitOfWork, Units
from loyalty.programme import Programme
from loyalty.services import ledger

SCORE = 1_000  # where only one message may come that day, it is this one: any other can wait


class BirthdayService:
    """`lunar_days` converts into the Chinese calendar; without it only solar birthdays are known."""

    def __init__(
        self,
        units: Units,
        clock: Clock,
        random: Random,
        programme: Programme,
        lunar_days: LunarDays | None = None,
    ) -> None:
        self._units, self._clock, self._random, self._programme = units, clock, random, programme
        self._lunar_days = lunar_days

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """The calendars in which a birthday can be given."""
        return tuple(Calendar) if self._lunar_days is not None else (Calendar.SOLAR,)

    def greet_due(self, limit: int = 100) -> int:
        """Greets at most `limit` members whose birthday is today where they live and where it is day now, with the
        gift if they told in time; answers how many. Each is greeted once a year, however often this runs."""
        now = self._clock()
        greeted = 0
        with self._units() as uow:
            for timezone in uow.members.timezones():
                hours = contact_hours(now, timezone, self._programme)
                if hours is None or greeted >= limit:
                    continue
                years = self._celebrated(hours)
                causes = {birthday: f"birthday:{year}" for birthday, year in years.items()}
                celebrants = uow.members.with_birthday(timezone, causes, limit=limit - greeted)
                greeted += self._greet(uow, celebrants, years, hours, now)
            uow.commit()
        return greeted

    def _celebrated(self, hours: ContactHours) -> dict[Birthday, int]:
        lunar = self._lunar_days(hours.day) if self._lunar_days is not None else None
        return celebrated_on(hours.day, lunar, is_leap_day_in_march=self._programme.is_leap_day_in_march)

    def _greet(
        self,
        uow: UnitOfWork,
        celebrants: Sequence[Member],
        years: dict[Birthday, int],
        hours: ContactHours,
        now: datetime,
    ) -> int:
        notices, gifts = [], []
        for member in celebrants:
            assert member.birthday is not None, "that is what they were looked for by"
            year, points = years[member.birthday], self._gift(member, hours)
            notices.append(
                Notice(
                    member.id,
                    kind="birthday",
                    cause=f"birthday:{year}",
                    facts={"points": points},
                    lane=Lane.MARKETING,
                    topic=Topic.BIRTHDAY,
                    deadline=hours.ends_at,
                    score=SCORE,
                )
            )
            if points:
                gifts.append((member.id, points, year))
        greeted = uow.outbox.add(notices, now)
        for member_id, points, year in gifts:
            # The key gives it once even while another process greets the same people.
            ledger.award(
                uow,
                self._programme,
                member_id,
                points,
                key=f"birthday:{member_id}:{year}",
                cause=f"birthday:{year}",
                actor="club",
                at=now,
            )
        return greeted

    def _gift(self, member: Member, hours: ContactHours) -> int:
        """The points that come with the greeting: none for a birthday that was entered shortly before."""
        if member.birthday_set_at is None:
            return 0
        set_on = member.local(member.birthday_set_at).date()
        is_in_time = brings_gift(set_on, hours.day, self._programme.birthday_notice_days)
        return self._programme.birthday_points if is_in_time else 0
