from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClubFigures:
    """How the club stands, in points and people."""

    members: int = 0
    members_new: int = 0  # in the last seven days
    members_active: int = 0  # with a movement in the last thirty days
    members_unreachable: int = 0
    consents_offers: int = 0
    points_available: int = 0
    points_held: int = 0
    points_earned: int = 0  # ever
    points_redeemed: int = 0
    points_expired: int = 0
    vouchers_issued: int = 0
    vouchers_used: int = 0
    groups_open: int = 0
    groups_filled: int = 0
    referrals: int = 0
    referrals_qualified: int = 0
    deliveries_queued: int = 0


@dataclass(frozen=True, slots=True)
class DayFigures:
    earned: int = 0
    spent: int = 0
    members_new: int = 0
