"""Favourites on both databases: told once each, when they come within reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from loyalty.errors import NotFound, RewardUnavailable
from loyalty.members import Member, Tier
from loyalty.rewards import RewardState
from loyalty.services import Club
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.rewards import favourites, rewards
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, add_reward, enrol


@pytest.fixture
def shop(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


@pytest.fixture
def ana(units: UnitFactory) -> Member:
    return enrol(units, "Ana")


def gives(club: Club, member: Member, points: int, key: str = "") -> None:
    club.operators.adjust(member.id, points, "test", key=key or f"test:{member.id}:{points}", actor="test")


def change(database: Database, reward_id: int, **facts: Any) -> None:
    with database.engine.begin() as connection:
        connection.execute(update(rewards).where(rewards.c.id == reward_id).values(**facts))


def told(database: Database) -> list[Any]:
    query = select(deliveries).where(deliveries.c.kind == "favourite_in_reach").order_by(deliveries.c.id)
    with database.engine.connect() as connection:
        return list(connection.execute(query))


def test_a_favourite_is_told_once_when_the_points_are_there(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    said = {"zh-Hans": {"name": "澳白一杯"}}
    reward_id = add_reward(units, shop, points=80, price_minor=120, translations=said)
    assert not club.favourites.keep(ana, reward_id).is_in_reach
    gives(club, ana, 79)
    assert club.favourites.tell_due() == 0
    gives(club, ana, 1)
    assert (club.favourites.tell_due(), club.favourites.tell_due()) == (1, 0)
    (row,) = told(database)
    assert row.member_id == ana.id
    assert row.facts == {
        "reward_id": reward_id,
        "title": "Flat white",
        "translations": said,
        "merchant": "Harbour Coffee",
        "merchant_translations": {"zh-Hans": {"name": "港湾咖啡"}},
        "points": 80,
        "price_minor": 120,
        "currency": "EUR",
    }
    # Spent and earned again: it was said once.
    gives(club, ana, -80)
    gives(club, ana, 100)
    assert club.favourites.tell_due() == 0


def test_what_was_in_reach_already_is_not_told(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    gives(club, ana, 80)
    assert club.favourites.keep(ana, add_reward(units, shop, points=80)).is_in_reach
    assert club.favourites.tell_due() == 0
    assert told(database) == []


def test_taken_away_and_added_again_it_is_told_again(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    reward_id = add_reward(units, shop, points=80)
    for points in (80, 80):
        club.favourites.keep(ana, reward_id)
        gives(club, ana, points, key=f"give:{clock()}")
        assert club.favourites.tell_due() == 1
        club.favourites.drop(ana.id, reward_id)
        club.favourites.drop(ana.id, reward_id)
        gives(club, ana, -points, key=f"take:{clock()}")
        clock.advance(minutes=1)
    assert len(told(database)) == 2


def test_adding_it_twice_does_not_forget_that_it_was_told(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    reward_id = add_reward(units, shop, points=80)
    club.favourites.keep(ana, reward_id)
    gives(club, ana, 80)
    assert club.favourites.tell_due() == 1
    clock.advance(minutes=1)
    club.favourites.keep(ana, reward_id)
    assert club.favourites.tell_due() == 0


@pytest.mark.parametrize(
    ("facts", "way"),
    [
        ({"stock": 0}, {"stock": 1}),
        ({"tier_min": Tier.SILVER}, {"tier_min": Tier.MEMBER}),
        ({"starts_at": datetime(2026, 6, 1, tzinfo=UTC)}, {"starts_at": None}),
    ],
)
def test_what_stands_in_the_way_delays_the_telling(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member, facts: Any, way: Any
) -> None:
    reward_id = add_reward(units, shop, points=80, **facts)
    gives(club, ana, 80)
    assert not club.favourites.keep(ana, reward_id).is_in_reach
    assert club.favourites.tell_due() == 0
    change(database, reward_id, **way)
    assert club.favourites.tell_due() == 1


def test_a_paused_reward_waits_and_a_removed_one_is_never_told(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    paused, removed = add_reward(units, shop, points=80), add_reward(units, shop, points=80)
    for reward_id in (paused, removed):
        club.favourites.keep(ana, reward_id)
    change(database, paused, state=RewardState.PAUSED)
    change(database, removed, removed_at=clock())
    gives(club, ana, 80)
    assert club.favourites.tell_due() == 0
    change(database, paused, state=RewardState.RUNNING)
    assert club.favourites.tell_due() == 1
    assert [row.facts["reward_id"] for row in told(database)] == [paused]


def test_who_has_had_as_many_as_one_gets_is_told_nothing(
    club: Club, units: UnitFactory, database: Database, shop: int, ana: Member
) -> None:
    reward_id = add_reward(units, shop, points=80, per_member=1)
    gives(club, ana, 80)
    club.rewards.redeem(ana, reward_id, "ABCD2345")
    club.favourites.keep(ana, reward_id)
    gives(club, ana, 100)
    assert club.favourites.tell_due() == 0


def test_what_can_be_no_favourite(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    removed, over = add_reward(units, shop), add_reward(units, shop, ends_at=clock())
    change(database, removed, removed_at=clock())
    for reward_id, reason in ((removed, "removed"), (over, "ended")):
        with pytest.raises(RewardUnavailable) as refusal:
            club.favourites.keep(ana, reward_id)
        assert refusal.value.reason == reason
    for reward_id in (404, add_reward(units, shop, published_at=None)):
        with pytest.raises(NotFound):
            club.favourites.keep(ana, reward_id)
    club.favourites.drop(ana.id, 404)
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(favourites)).scalar_one() == 0


def test_it_is_told_by_day_and_not_after_the_end(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    ends_at = datetime(2026, 5, 3, tzinfo=UTC)
    club.favourites.keep(ana, add_reward(units, shop, points=80, ends_at=ends_at))
    gives(club, ana, 80)
    with database.engine.begin() as connection:
        connection.execute(update(members).where(members.c.id == ana.id).values(timezone="Asia/Taipei"))
    clock.move_to(datetime(2026, 5, 1, 15, tzinfo=UTC))  # eleven at night there
    assert club.favourites.tell_due() == 1
    (row,) = told(database)
    assert (row.not_before, row.deadline) == (datetime(2026, 5, 2, 1, tzinfo=UTC), ends_at)


def test_many_are_told_in_batches_with_as_many_statements_as_few(
    club: Club, units: UnitFactory, database: Database, shop: int
) -> None:
    wanted = [add_reward(units, shop, points=10 + n) for n in range(2)]
    counts = []
    for many in (1, 20):
        for n in range(many):
            member = enrol(units, f"M{many}-{n}")
            for reward_id in wanted:
                club.favourites.keep(member, reward_id)
            gives(club, member, 11)
        with statements(database) as seen:
            assert club.favourites.tell_due() == 2 * many
        counts.append(len([statement for statement in seen if "deliveries" not in statement]))
    assert counts == [3, 3]
    for n in range(5):
        member = enrol(units, f"B{n}")
        club.favourites.keep(member, wanted[0])
        gives(club, member, 10)
    assert [club.favourites.tell_due(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    rows = told(database)
    assert len({(row.member_id, row.facts["reward_id"]) for row in rows}) == len(rows) == 47


@pytest.mark.race
def test_two_that_tell_at_once_tell_once(club: Club, units: UnitFactory, database: Database, shop: int) -> None:
    reward_id = add_reward(units, shop, points=10)
    for n in range(30):
        member = enrol(units, f"M{n}")
        club.favourites.keep(member, reward_id)
        gives(club, member, 10)
    counts = all_at_once(4, lambda _: club.favourites.tell_due(limit=20))
    rest = club.favourites.tell_due()
    assert sum(int(str(count)) for count in counts) + rest == len(told(database)) == 30


def test_the_span_between_points_and_telling_is_nobodys_loss(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock, shop: int, ana: Member
) -> None:
    """Points that are gone again before the round comes by: nothing is said, and later it still is."""
    club.favourites.keep(ana, add_reward(units, shop, points=80))
    gives(club, ana, 80)
    gives(club, ana, -80)
    assert club.favourites.tell_due() == 0
    clock.now += timedelta(days=1)
    gives(club, ana, 81)
    assert club.favourites.tell_due() == 1
