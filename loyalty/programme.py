"""The numbers of the club: what the operator may turn, with RULES' defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from loyalty.currencies import Coin, till_most
from loyalty.earning import AMOUNT_MAX
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
    contact: str = (
        ""  # where people reach whoever runs the club: a @name, a t.me link, an e-mail address, a phone number
    )
    timezone: str = "UTC"
    currency: str = "EUR"  # ISO 4217; the shops of a club share it
    coin: Coin | None = None  # how amounts in it are marked; None: by any sign
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
    referral_event: ReferralEvent = ReferralEvent.PURCHASE  # a check-in can be farmed, so only with caps
    referrals_day_max: int = 10  # friends of one member who bring points in a day; more wait. 0: any number
    referrals_month_max: int = 50
    decimals: int = 2  # of the currency
    points_unit_max: int = 100  # ceilings of what a shop may give: for each unit of the currency, multipliers included
    points_purchase_max: int = 20_000  # with its bonuses
    points_member_day_max: int = 20_000  # to one member, by all shops
    points_shop_day_max: int = 200_000
    points_shop_month_max: int = 2_000_000  # until shops settle
    review_points: int = 5_000  # a purchase of so many is looked at by the operator ...
    review_days: int = 3  # ... or its points come after so many days
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
    till_amount_minor_max: int | None = None  # a larger amount is a slip of the finger; None: what fits the currency
    till_undo_minutes: int = 10
    guesses_max: int = 20  # wrong codes of one person within `guess_minutes`; a pause as long follows, then longer ones
    guess_minutes: int = 10
    guesses_day_max: int = 100
    phone_lookups_hour: int = 60  # phones that one cashier may look up
    confirm_points: int = 1_000  # an operator who moves so many is asked first
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
        if self.referral_event is ReferralEvent.CHECK_IN and not (self.referrals_day_max and self.referrals_month_max):
            raise ValueError("a friend's check-in brings points only with caps per day and month")

    def return_days(self, channel: Channel) -> int:
        """How long a purchase may be brought back, and its points are pending."""
        return self.online_pending_days if channel is Channel.ONLINE else 0

    def till_most_minor(self, decimals: int) -> int:
        """The largest amount that a till books at once, in the smallest unit of the currency."""
        wanted = self.till_amount_minor_max
        return min(till_most(self.currency) * int(10**decimals) if wanted is None else wanted, AMOUNT_MAX)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def local(self, at: datetime) -> datetime:
        """The instant on the club's clock. What ends with a day of the club is handed out so: its last day is the same
        for everybody who reads of it, wherever they live."""
        return at.astimezone(self.zone)
