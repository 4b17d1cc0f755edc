"""The operator's ceilings: how many points shops may give, whatever their rules say. What is above is not given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from loyalty.earning import Cap, Cut, Earned, EarnRule
from loyalty.errors import AboveCeiling
from loyalty.programme import Programme


class Ceiling(StrEnum):
    UNIT = "unit"  # points for each unit of the currency
    PURCHASE = "purchase"
    MEMBER_DAY = "member_day"  # of one member, at all shops
    SHOP_DAY = "shop_day"
    SHOP_MONTH = "shop_month"  # what it has not settled yet


class ReviewState(StrEnum):
    """Of an unusually large sale, whose points are pending until somebody has looked."""

    WAITING = "waiting"
    RELEASED = "released"
    REFUSED = "refused"
    UNDONE = "undone"  # at the till, before anybody looked


@dataclass(frozen=True, slots=True)
class Given:
    """What has been given already: to a member today, by a shop today and in the month."""

    member_day: int = 0
    shop_day: int = 0
    shop_month: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """A large sale on the operator's list. The points come at `releases_at`, if nobody says otherwise."""

    purchase_id: int
    merchant_id: int
    shop: str
    buyer: str
    points: int
    amount_minor: int
    currency: str
    booked_by: str
    state: ReviewState
    at: datetime
    releases_at: datetime


def check_rule(programme: Programme, rule: EarnRule) -> None:
    """Raises AboveCeiling for a rate or a bonus that would be cut whenever it is given."""
    most = programme.points_unit_max
    if rule.points * 10**programme.decimals > most * rule.per_minor:
        raise AboveCeiling("rate", rule.points, 1, most)
    for part, points in (("first_points", rule.first_points), ("birthday_points", rule.birthday_points)):
        if points > programme.points_purchase_max:
            raise AboveCeiling(part, points, 0, programme.points_purchase_max)


def cut(
    programme: Programme, amount_minor: int, earned: Earned, bonuses: Sequence[int], given: Given
) -> tuple[Earned, tuple[int, ...], Ceiling | None]:
    """A purchase's points and bonuses below every ceiling, and the one that cut them, None where none did: the bonuses
    go first, the last of them before the others."""
    most = amount_minor * programme.points_unit_max // 10**programme.decimals
    reached: Ceiling | None = None
    if earned.points > most:
        earned, reached = _less(earned, earned.points - most), Ceiling.UNIT
    wanted = earned.points + sum(bonuses)
    rooms = {
        Ceiling.PURCHASE: programme.points_purchase_max,
        Ceiling.MEMBER_DAY: programme.points_member_day_max - given.member_day,
        Ceiling.SHOP_DAY: programme.points_shop_day_max - given.shop_day,
        Ceiling.SHOP_MONTH: programme.points_shop_month_max - given.shop_month,
    }
    lowest = min(rooms, key=lambda ceiling: rooms[ceiling])
    room = max(0, rooms[lowest])
    if wanted <= room:
        return earned, tuple(bonuses), reached
    over, left = wanted - room, list(bonuses)
    for place in reversed(range(len(left))):
        part = min(over, left[place])
        left[place] -= part
        over -= part
    return _less(earned, over) if over else earned, tuple(left), lowest


def _less(earned: Earned, points: int) -> Earned:
    return replace(earned, points=earned.points - points, cuts=(*earned.cuts, Cut(Cap.CLUB, points)))
