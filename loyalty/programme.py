"""The numbers of the club: what the operator may turn, with RULES' defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

from loyalty.members import Address, Tier
from loyalty.points import RefundPolicy
from loyalty.purchases import Channel
from loyalty.referrals import ReferralEvent
from loyalty.tiers import TierBasis

COMMISSION_LEVELS_MAX = 2


@dataclass(frozen=True, slots=True)
class Programme:
    """Points are whole numbers; days are calendar days in the club's zone."""

    club: str = "Perkchat"
    timezone: str = "UTC"
    currency: str = "EUR"  # ISO 4217; the shops of a club share it
    lot_days: int = 365
    lot_grace_days: int = 7  # for points released from a hold after their lot had expired
    online_pending_days: int = 14  # the return window of what was bought online; in a shop there is none
    refund_policy: RefundPolicy = RefundPolicy.ALLOW_NEGATIVE
    expiry_warning_days: tuple[int, ...] = (30, 7)
    has_transfers: bool = False
    transfer_points_day: int = 500  # what one member may send a day, all in all
    transfer_count_day: int = 5
    commission_percent: tuple[int, ...] = ()  # by level, two at most: the law of many countries calls more a pyramid
    commission_months: int = 12  # from when the buyer was referred
    commission_days_min: int = 1  # frozen so long even where there is no return window: tills make mistakes
    referral_event: ReferralEvent = ReferralEvent.CHECK_IN
    checkin_points: tuple[int, ...] = (1, 1, 2, 2, 3, 3, 7)  # by day of the streak; the last one repeats
    referrer_points: int = 50
    referee_points: int = 20
    birthday_points: int = 30
    birthday_notice_days: int = 30  # a birthday entered later than this brings no gift this year
    birthday_change_days: int = 365
    is_leap_day_in_march: bool = False  # 29 February in common years: 28 February, or 1 March
    morning_hour: int = 9  # greetings and offers come at nine in the member's morning ...
    evening_hour: int = 21  # ... and are dropped, not sent late, when the day is over
    marketing_per_day: int = 1  # per member, of all shops together, until the member chooses otherwise
    marketing_per_week: int = 3
    has_double_opt_in: bool = False  # a yes to marketing counts when it was confirmed in a second message
    needs_approval: bool = False  # the operator looks at a broadcast before it goes out
    broadcast_hours: int = 48  # so long a message of a broadcast may wait for its turn before it is dropped
    attribution_days: int = 7  # what somebody buys or redeems within these days after a message counts as its effect
    voucher_days: int = 90
    voucher_warning_days: int = 7
    voucher_cancel_days: int = 14  # so long a member may give an unused voucher back for the points; 0: never
    till_amount_minor_max: int = 1_000_000  # a larger amount is a slip of the finger
    till_undo_minutes: int = 10
    operators: frozenset[Address] = frozenset()  # who of them is a member is told of what they should look at
    staff_invite_hours: int = 48
    claim_days: int = 90  # how long a code that takes over a member number is good
    tier_basis: TierBasis = TierBasis.POINTS
    tier_minimums: Mapping[Tier, int] = field(  # in twelve months
        default_factory=lambda: MappingProxyType({Tier.SILVER: 500, Tier.GOLD: 2000})
    )
    tier_grace_days: int = 30  # between the warning and the lower tier
    tier_kept_days: int = 365  # for a tier that was granted, not earned

    def __post_init__(self) -> None:
        if len(self.commission_percent) > COMMISSION_LEVELS_MAX:
            raise ValueError(f"commission has at most {COMMISSION_LEVELS_MAX} levels")
        if not all(0 < percent <= 100 for percent in self.commission_percent):
            raise ValueError("commission is a percentage from 1 to 100")

    def return_days(self, channel: Channel) -> int:
        """How long a purchase may be brought back, and its points are pending."""
        return self.online_pending_days if channel is Channel.ONLINE else 0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
