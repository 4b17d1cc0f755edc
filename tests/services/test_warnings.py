"""Warnings before expiry: 30 and 7 days ahead, once per day of expiry, by day, with what the points would buy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update

from loyalty.members import Address, Language, Member, Tier
from loyalty.programme import Programme
from loyalty.services import Club, ledger
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import OPENED, add_merchant, add_reward

PROGRAMME = Programme()
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Enrol = Callable[..., Member]


@pytest.fixture
def enrol(units: UnitFactory) -> Enrol:
    def add(number: int, timezone: str = "UTC", tier: Tier = Tier.MEMBER) -> Member:
        with units() as uow:
            member = uow.members.add(
                address=Address("test", str(number)),
                name=f"M{number}",
                language=Language.ENGLISH,
                timezone=timezone,
                code=f"M{number}",
                at=OPENED,
            )
            uow.commit()
        assert member is not None
        if tier is not Tier.MEMBER:
            with units() as uow:
                uow.members._connection.execute(update(members).values(tier=tier).where(members.c.id == member.id))
                uow.commit()
        return member

    return add


@pytest.fixture
def award(units: UnitFactory) -> Callable[[Member, int, datetime], None]:
    """Points that a member earned at some time: they expire at the end of that day, a year on."""

    def give(member: Member, points: int, at: datetime) -> None:
        with units() as uow:
            key = f"{member.id}:{at.isoformat()}:{points}"
            ledger.award(uow, PROGRAMME, member.id, points, key=key, cause=key, actor="test", at=at)
            uow.commit()

    return give


Award = Callable[[Member, int, datetime], None]


def warned(database: Database, member: Member | None = None) -> list[Any]:
    with database.engine.connect() as connection:
        query = select(deliveries).where(deliveries.c.kind == "points_expiring").order_by(deliveries.c.id)
        if member is not None:
            query = query.where(deliveries.c.member_id == member.id)
        return list(connection.execute(query))


def warn(club: Club) -> int:
    """As the timetable does it: until nothing is left to do."""
    whole = 0
    while done := club.points.warn_due():
        whole += done
    return whole


def as_days(row: Any) -> list[tuple[int, int]]:
    """Month-and-day numbers would do too: the day of the month after which points expire, and how many."""
    return [((datetime.fromisoformat(at) - timedelta(seconds=1)).day, points) for at, points in row.facts["lots"]]


def test_a_day_is_warned_of_thirty_and_seven_days_before_and_no_more(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    ana = enrol(1)
    award(ana, 30, NOON)
    expires_at = datetime(2027, 5, 2, tzinfo=UTC)
    told: list[int] = []
    clock.move_to(expires_at - 40 * DAY + timedelta(hours=12))
    for _ in range(45):
        if warn(club):
            told.append((expires_at - clock()).days)
        clock.advance(days=1)
        club.points.expire_due()
    assert told == [29, 6], "the first noon within thirty days, and within seven"
    first, second = warned(database)
    assert first.cause.startswith("expiring:30:")
    assert second.cause.startswith("expiring:7:")
    assert [as_days(first), as_days(second)] == [[(1, 30)], [(1, 30)]]
    assert first.deadline == second.deadline == expires_at


def test_warnings_that_run_twice_warn_once(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    award(enrol(1), 30, NOON)
    clock.move_to(NOON + 340 * DAY)
    assert (warn(club), warn(club)) == (1, 0)
    clock.advance(hours=1)
    assert warn(club) == 0
    assert len(warned(database)) == 1


def test_who_hears_of_a_week_does_not_hear_of_a_month(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    ana = enrol(1)
    award(ana, 30, NOON)
    clock.move_to(NOON + 362 * DAY)
    warn(club)
    clock.advance(hours=1)
    warn(club)
    (row,) = warned(database)
    assert row.cause.startswith("expiring:7:")


def test_points_of_one_day_come_in_one_warning(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    ana = enrol(1)
    for hour, points in ((9, 3), (15, 20)):
        award(ana, points, NOON.replace(hour=hour))
    award(ana, 7, NOON + 2 * DAY)
    award(ana, 100, NOON + 60 * DAY)
    clock.move_to(NOON + 340 * DAY)
    warn(club)
    (row,) = warned(database)
    assert row.facts["points"] == 30
    assert as_days(row) == [(1, 23), (3, 7)]


def test_who_earns_every_day_hears_once_a_week_of_a_kind_and_of_every_day(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    ana = enrol(1)
    for day in range(60):
        award(ana, day + 1, NOON + day * DAY)
    heard: dict[str, list[tuple[datetime, int]]] = {"30": [], "7": []}
    clock.move_to(NOON + 320 * DAY)
    known = 0
    for _ in range(110):
        club.points.expire_due()
        warn(club)
        for row in warned(database)[known:]:
            heard[row.cause.split(":")[1]].append((clock(), len(row.facts["lots"])))
        known = len(warned(database))
        clock.advance(days=1)
    for kind, told in heard.items():
        moments = [at for at, _ in told]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert min(gaps) >= 7 * DAY, kind
        assert sum(days for _, days in told) == 60, "each day once"
    assert len(warned(database)) <= 20


@pytest.mark.parametrize(
    ("timezone", "hour", "not_before"),
    [
        ("UTC", 12, "2027-04-06T12:00"),
        ("UTC", 23, "2027-04-07T09:00"),
        ("UTC", 3, "2027-04-06T09:00"),
        ("Asia/Taipei", 14, "2027-04-07T01:00"),
        ("America/New_York", 12, "2027-04-06T13:00"),
    ],
)
def test_nobody_is_warned_at_night(
    club: Club,
    enrol: Enrol,
    award: Award,
    clock: FrozenClock,
    database: Database,
    timezone: str,
    hour: int,
    not_before: str,
) -> None:
    award(enrol(1, timezone), 30, NOON)
    clock.move_to(datetime(2027, 4, 6, hour, tzinfo=UTC))
    warn(club)
    (row,) = warned(database)
    assert row.not_before == datetime.fromisoformat(not_before).replace(tzinfo=UTC)
    assert row.deadline == datetime(2027, 5, 2, tzinfo=UTC), "of no use after that"


def test_the_rewards_are_those_that_the_points_and_the_tier_would_get(
    club: Club, enrol: Enrol, award: Award, units: UnitFactory, clock: FrozenClock, database: Database
) -> None:
    shop = add_merchant(units, "Corner")
    for name, points, facts in (
        ("Cookie", 10, {}),
        ("Flat white", 80, {"translations": {"zh-Hans": {"name": "白咖啡"}}}),
        ("Cake", 95, {"stock": 0}),
        ("Lounge", 90, {"tier_min": Tier.GOLD}),
        ("Tea", 70, {}),
        ("Machine", 900, {}),
        ("Over", 85, {"ends_at": OPENED}),
        ("Soon", 85, {"starts_at": datetime(2030, 1, 1, tzinfo=UTC)}),
    ):
        add_reward(units, shop, name, points=points, **facts)
    ana, gus, bo = enrol(1), enrol(2, tier=Tier.GOLD), enrol(3)
    for member, points in ((ana, 100), (gus, 100), (bo, 9)):
        award(member, points, NOON)
    award(bo, 500, NOON + 100 * DAY)
    clock.move_to(NOON + 340 * DAY)
    warn(club)
    offered = {row.member_id: [reward["name"] for reward in row.facts["rewards"]] for row in warned(database)}
    assert offered == {
        ana.id: ["Flat white", "Tea"],
        gus.id: ["Lounge", "Flat white"],
        bo.id: [],
    }, "bo's other points do not expire"
    assert warned(database, ana)[0].facts["rewards"][0]["names"] == {"zh-Hans": "白咖啡"}


def test_points_that_got_a_grace_are_warned_of_anew(
    club: Club, enrol: Enrol, award: Award, units: UnitFactory, clock: FrozenClock, database: Database
) -> None:
    ana = enrol(1)
    award(ana, 30, NOON)
    clock.move_to(NOON + 364 * DAY)
    warn(club)
    with units() as uow:
        held = ledger.hold(uow, ana.id, 30, key="hold", cause="group:1", actor="test", at=clock())
        uow.commit()
    clock.advance(days=5)
    warn(club)
    with units() as uow:
        ledger.release(uow, PROGRAMME, held.id, actor="test", at=clock())
        uow.commit()
    warn(club)
    first, again = warned(database)
    assert first.cause != again.cause
    assert again.cause.startswith("expiring:7:")
    assert (again.deadline, again.facts["points"]) == (clock() + 7 * DAY, 30)


def test_only_what_is_still_free_is_warned_of(
    club: Club, enrol: Enrol, award: Award, units: UnitFactory, clock: FrozenClock, database: Database
) -> None:
    ana, bo = enrol(1), enrol(2)
    award(ana, 30, NOON)
    award(bo, 30, NOON)
    with units() as uow:
        ledger.spend(uow, ana.id, 30, key="a", cause="test", actor="test", at=clock())
        ledger.spend(uow, bo.id, 12, key="b", cause="test", actor="test", at=clock())
        uow.commit()
    clock.move_to(NOON + 340 * DAY)
    warn(club)
    (row,) = warned(database)
    assert (row.member_id, row.facts["points"]) == (bo.id, 18)


def test_what_has_expired_is_not_warned_of(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    """Even where the sweep has not come by yet."""
    award(enrol(1), 30, NOON)
    clock.move_to(datetime(2027, 5, 2, tzinfo=UTC))
    assert warn(club) == 0
    assert warned(database) == []


def test_warning_many_takes_as_many_statements_as_warning_few(
    club: Club, enrol: Enrol, award: Award, units: UnitFactory, clock: FrozenClock, database: Database
) -> None:
    shop = add_merchant(units, "Corner")
    for number in range(3):
        add_reward(units, shop, f"Cookie {number}", points=10 + number)
    counts = []
    for first, many in ((0, 2), (100, 40)):
        for number in range(first, first + many):
            award(enrol(number), 30, NOON)
        clock.move_to(NOON + 340 * DAY)
        with statements(database) as seen:
            assert club.points.warn_due() == many
        counts.append(len([statement for statement in seen if "deliveries" not in statement]))
    assert counts[0] == counts[1] <= 6


def test_many_are_warned_in_batches(
    club: Club, enrol: Enrol, award: Award, clock: FrozenClock, database: Database
) -> None:
    for number in range(7):
        award(enrol(number), 30, NOON)
    clock.move_to(NOON + 340 * DAY)
    assert [club.points.warn_due(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert len({row.member_id for row in warned(database)}) == 7
