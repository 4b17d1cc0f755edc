"""Transfers between members: how much somebody may send, and when a member's day began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from loyalty.programme import Programme

DAY = timedelta(days=1)

Sent = tuple[int, int]  # points, and how many times


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a member may still send: so many points, so many times. `available` is what there is to send."""

    points: int
    count: int
    available: int

    @property
    def left(self) -> int:
        """Points that the limits leave, whether the member has them or not."""
        return self.points if self.count else 0


def allowance(programme: Programme, today: Sent, day_and_night: Sent, available: int) -> Allowance:
    """From what was sent since the member's midnight, and in the last 24 hours.

    The limits are per local day. Over any 24 hours an honest member can come to twice as much; who keeps moving to
    zones where it is just past midnight comes to no more.
    """
    points, count = programme.transfer_points_day, programme.transfer_count_day
    return Allowance(
        points=max(0, min(points - today[0], 2 * points - day_and_night[0])),
        count=max(0, min(count - today[1], 2 * count - day_and_night[1])),
        available=max(0, available),
    )


def local_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the day of `at` began in `zone`, in UTC."""
    return datetime.combine(at.astimezone(zone).date(), time.min, tzinfo=zone).astimezone(UTC)
