"""Offers that are claimed for a voucher: who may, how long the voucher is good, and what a countdown may say."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.errors import OfferUnavailable, Refusal, TierTooLow
from loyalty.members import Tier
from loyalty.offers import Offer
from loyalty.points import expiry

TO_ITS_END = 0  # the days of a voucher that is good as long as its offer
COUNTED = timedelta(days=2)  # an end this close is told in hours and minutes, a later one by its day


def obstacle(offer: Offer, tier: Tier, had: int, now: datetime) -> Refusal | None:
    """Why a member of this tier who `had` so many of it cannot have it now; None if nothing is in the way. What no
    member can change comes first. Of one that leads elsewhere, what is left there is another matter."""
    if offer.removed_at is not None:
        return OfferUnavailable(offer.id, "removed")
    if offer.ends_at is not None and now >= offer.ends_at:
        return OfferUnavailable(offer.id, "ended")
    if offer.is_paused or offer.merchant.is_orphaned:
        return OfferUnavailable(offer.id, "paused")
    if offer.starts_at is not None and now < offer.starts_at:
        return OfferUnavailable(offer.id, "not_started")
    if offer.is_sold_out:
        return OfferUnavailable(offer.id, "sold_out")
    if not tier.reaches(offer.tier_min):
        return TierTooLow(offer.tier_min, tier)
    if offer.is_claimable and offer.per_member is not None and had >= offer.per_member:
        return OfferUnavailable(offer.id, "limit_reached", had)
    return None


def good_until(offer: Offer, now: datetime, days: int, zone: ZoneInfo) -> datetime:
    """When a voucher of it that is given out now ends: after the days that the shop named, else with the offer, and
    where that does not end after the programme's `days`."""
    if not offer.voucher_days and offer.ends_at is not None:
        return offer.ends_at
    return expiry(now, offer.voucher_days or days, zone)


def time_left(ends_at: datetime | None, now: datetime) -> timedelta | None:
    """What a countdown counts; None where there is no end, it is over, or it is so far away that its day says more."""
    if ends_at is None or not now < ends_at <= now + COUNTED:
        return None
    return ends_at - now
