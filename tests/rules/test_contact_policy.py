from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from loyalty.contact_policy import ContactHours, contact_hours
from loyalty.programme import Programme


@pytest.mark.parametrize(
    ("now", "timezone", "is_day"),
    [
        (datetime(2026, 5, 1, 8, 59, tzinfo=UTC), "UTC", False),
        (datetime(2026, 5, 1, 9, 0, tzinfo=UTC), "UTC", True),
        (datetime(2026, 5, 1, 20, 59, tzinfo=UTC), "UTC", True),
        (datetime(2026, 5, 1, 21, 0, tzinfo=UTC), "UTC", False),
        (datetime(2026, 5, 1, 1, 0, tzinfo=UTC), "Asia/Taipei", True),
        (datetime(2026, 5, 1, 10, 0, tzinfo=UTC), "America/New_York", False),
        (datetime(2026, 5, 1, 3, 30, tzinfo=UTC), "Asia/Kathmandu", True),
    ],
)
def test_people_are_written_to_by_day(now: datetime, timezone: str, is_day: bool) -> None:
    assert (contact_hours(now, timezone, Programme()) is not None) is is_day


def test_the_day_is_the_local_one_and_ends_in_the_evening() -> None:
    hours = contact_hours(datetime(2026, 4, 30, 22, 0, tzinfo=UTC), "Pacific/Auckland", Programme())
    assert hours == ContactHours(
        date(2026, 5, 1), datetime(2026, 4, 30, 12, 0, tzinfo=UTC), datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    )


def test_the_day_on_which_the_clocks_change_begins_at_its_own_midnight() -> None:
    hours = contact_hours(datetime(2026, 3, 29, 12, 0, tzinfo=UTC), "Europe/Berlin", Programme())
    assert hours is not None
    assert hours.day_began_at == datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert hours.ends_at == datetime(2026, 3, 29, 19, 0, tzinfo=UTC)
