"""The numbers of the club: what the operator may turn, with RULES' defaults."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Programme:
    """Points are whole numbers; days are calendar days in the club's zone."""

    club: str = "Perkchat"
    timezone: str = "UTC"
    lot_days: int = 365
    lot_grace_days: int = 7  # for points released from a hold after their lot had expired
    checkin_points: tuple[int, ...] = (1, 1, 2, 2, 3, 3, 7)  # by day of the streak; the last one repeats
    referrer_points: int = 50
    referee_points: int = 20
    birthday_points: int = 30
    birthday_notice_days: int = 30  # a birthday entered later than this brings no gift this year
    birthday_change_days: int = 365
    is_leap_day_in_march: bool = False  # 29 February in common years: 28 February, or 1 March
    morning_hour: int = 9  # greetings and offers come at nine in the member's morning ...
    evening_hour: int = 21  # ... and are dropped, not sent late, when the day is over
    voucher_days: int = 90

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
