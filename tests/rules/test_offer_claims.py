from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.errors import OfferUnavailable, Refusal, TierTooLow
from loyalty.members import Tier
from loyalty.merchants import Merchant
from loyalty.offer_claims import TO_ITS_END, good_until, obstacle, time_left
from loyalty.offers import Offer, OfferKind

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
COOKIE = Offer(
    7, Merchant(1, "Harbour Coffee"), OfferKind.CLAIM, "Free cookie", "With any coffee.", published_at=NOW, per_member=1
)


def refused(reason: str, limit: int | None = None) -> OfferUnavailable:
    return OfferUnavailable(7, reason, limit)


@pytest.mark.parametrize(
    ("changes", "tier", "had", "expected"),
    [
        ({}, Tier.MEMBER, 0, None),
        ({"stock": 1}, Tier.MEMBER, 0, None),
        ({"stock": 0}, Tier.MEMBER, 0, refused("sold_out")),
        ({}, Tier.MEMBER, 1, refused("limit_reached", 1)),
        ({"per_member": 3}, Tier.MEMBER, 2, None),
        ({"per_member": None}, Tier.MEMBER, 99, None),
        ({"tier_min": Tier.SILVER}, Tier.MEMBER, 0, TierTooLow(Tier.SILVER, Tier.MEMBER)),
        ({"tier_min": Tier.SILVER}, Tier.GOLD, 0, None),
        ({"is_paused": True}, Tier.MEMBER, 0, refused("paused")),
        ({"starts_at": NOW}, Tier.MEMBER, 0, None),
        ({"starts_at": NOW + timedelta(seconds=1)}, Tier.MEMBER, 0, refused("not_started")),
        ({"ends_at": NOW + timedelta(seconds=1)}, Tier.MEMBER, 0, None),
        ({"ends_at": NOW}, Tier.MEMBER, 0, refused("ended")),
        ({"removed_at": NOW}, Tier.MEMBER, 0, refused("removed")),
        # What will not come back is said before what might, and what concerns all before what concerns one.
        ({"ends_at": NOW, "is_paused": True}, Tier.MEMBER, 0, refused("ended")),
        ({"stock": 0}, Tier.MEMBER, 1, refused("sold_out")),
        ({"stock": 0, "tier_min": Tier.GOLD}, Tier.MEMBER, 0, refused("sold_out")),
    ],
)
def test_what_stands_in_the_way(changes: dict[str, Any], tier: Tier, had: int, expected: Refusal | None) -> None:
    assert obstacle(replace(COOKIE, **changes), tier, had, NOW) == expected


def test_of_one_that_leads_elsewhere_neither_stock_nor_limit_is_in_the_way() -> None:
    led = replace(COOKIE, kind=OfferKind.REWARD, reward_id=3, stock=0)
    assert obstacle(led, Tier.MEMBER, 5, NOW) is None


@pytest.mark.parametrize(
    ("days", "ends_at", "expected"),
    [
        (None, None, datetime(2026, 7, 31, tzinfo=UTC)),  # ninety days, and the ninetieth to its end
        (None, NOW + timedelta(days=1), NOW + timedelta(days=1)),  # as long as the offer, where the shop says nothing
        (3, None, datetime(2026, 5, 5, tzinfo=UTC)),
        (3, NOW + timedelta(days=1), datetime(2026, 5, 5, tzinfo=UTC)),
        (TO_ITS_END, NOW + timedelta(hours=5), NOW + timedelta(hours=5)),
        (TO_ITS_END, None, datetime(2026, 7, 31, tzinfo=UTC)),
    ],
)
def test_how_long_a_voucher_is_good(days: int | None, ends_at: datetime | None, expected: datetime) -> None:
    offer = replace(COOKIE, voucher_days=days, ends_at=ends_at)
    assert good_until(offer, NOW, 90, ZoneInfo("UTC")) == expected


@pytest.mark.parametrize(
    ("ends_in", "expected"),
    [
        (timedelta(hours=5, minutes=12), timedelta(hours=5, minutes=12)),
        (timedelta(seconds=1), timedelta(seconds=1)),
        (timedelta(days=2), timedelta(days=2)),
        (timedelta(days=2, seconds=1), None),
        (timedelta(0), None),
        (timedelta(hours=-1), None),
        (None, None),
    ],
)
def test_a_countdown_counts_only_what_is_close(ends_in: timedelta | None, expected: timedelta | None) -> None:
    assert time_left(None if ends_in is None else NOW + ends_in, NOW) == expected
