from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.lunar import lunar_day
from loyalty.deliveries import DeliveryState, Lane
from loyalty.errors import BirthdayLocked
from loyalty.members import Address, Birthday, Calendar, Language, Member, Topic
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.services.members import Speaker
from storage.books import transactions
from storage.database import Database
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock

Enrol = Callable[..., Member]


@pytest.fixture
def enrol(club: Club) -> Enrol:
    """A member with a birthday, a zone, and a yes to the greeting."""

    def enrol(number: int, birthday: Birthday | None = None, timezone: str = "UTC") -> Member:
        address = Address("telegram", str(number))
        member = club.members.enrol(address, name=f"Member {number}", client_language="en").member
        club.members.move(member, timezone)
        if birthday is not None:
            club.members.celebrate(member, birthday, "shown")
        speaker = club.members.speaker(address)
        assert isinstance(speaker, Speaker)
        return speaker.member

    return enrol


def greetings(database: Database) -> list[tuple[int, str, int]]:
    with database.engine.connect() as connection:
        rows = connection.execute(select(deliveries).order_by(deliveries.c.id))
        return [(row.member_id, row.cause, row.facts["points"]) for row in rows if row.kind == "birthday"]


def gifts(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        rows = connection.execute(select(transactions.c.key).order_by(transactions.c.id)).scalars()
        return [key for key in rows if key.startswith("birthday:")]


def test_a_greeting_and_a_gift_once(club: Club, enrol: Enrol, clock: FrozenClock, database: Database) -> None:
    ana = enrol(1, Birthday(7, 1))
    enrol(2, Birthday(7, 2))
    clock.move_to(datetime(2026, 7, 1, 8, 59, tzinfo=UTC))
    assert club.birthdays.greet_due() == 0
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    assert [club.birthdays.greet_due() for _ in range(3)] == [1, 0, 0]
    assert greetings(database) == [(ana.id, "birthday:2026", 30)]
    assert gifts(database) == [f"birthday:{ana.id}:2026"]
    assert club.points.balance(ana.id).available == 30
    clock.move_to(datetime(2027, 7, 1, 20, 59, tzinfo=UTC))
    assert club.birthdays.greet_due() == 1
    assert club.points.balance(ana.id).available == 60


def test_the_greeting_is_consented_marketing_of_that_day(
    club: Club, enrol: Enrol, clock: FrozenClock, database: Database
) -> None:
    enrol(1, Birthday(7, 1), "Asia/Taipei")
    clock.move_to(datetime(2026, 7, 1, 1, 0, tzinfo=UTC))
    club.birthdays.greet_due()
    with database.engine.connect() as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.lane, row.topic) == (Lane.MARKETING, Topic.BIRTHDAY)
    assert row.deadline == datetime(2026, 7, 1, 13, 0, tzinfo=UTC)  # nine in the evening in Taipei


def test_each_zone_has_its_own_morning(club: Club, enrol: Enrol, clock: FrozenClock, database: Database) -> None:
    zones = ["America/Los_Angeles", "Asia/Taipei", "Europe/Berlin"]
    members = [enrol(number, Birthday(7, 1), zone) for number, zone in enumerate(zones, 1)]
    greeted: dict[int, datetime] = {}
    clock.move_to(datetime(2026, 6, 30, 12, 0, tzinfo=UTC))
    for _ in range(36):
        club.birthdays.greet_due()
        for member_id, _cause, _points in greetings(database):
            greeted.setdefault(member_id, clock())
        clock.advance(hours=1)
    assert greeted == {
        members[1].id: datetime(2026, 7, 1, 1, 0, tzinfo=UTC),
        members[2].id: datetime(2026, 7, 1, 7, 0, tzinfo=UTC),
        members[0].id: datetime(2026, 7, 1, 16, 0, tzinfo=UTC),
    }


def test_who_moves_on_the_day_is_greeted_once(club: Club, enrol: Enrol, clock: FrozenClock, database: Database) -> None:
    ana = enrol(1, Birthday(7, 1), "Pacific/Auckland")
    clock.move_to(datetime(2026, 6, 30, 22, 0, tzinfo=UTC))  # ten in the morning of 1 July in Auckland
    assert club.birthdays.greet_due() == 1
    club.members.move(ana, "America/Los_Angeles")
    clock.move_to(datetime(2026, 7, 1, 17, 0, tzinfo=UTC))  # ten in the morning of 1 July there
    assert club.birthdays.greet_due() == 0
    assert len(greetings(database)) == len(gifts(database)) == 1


def test_a_changed_birthday_brings_no_second_greeting_in_the_year(
    club: Club, enrol: Enrol, clock: FrozenClock, database: Database
) -> None:
    ana = enrol(1, Birthday(6, 1))
    clock.move_to(datetime(2027, 6, 1, 9, 0, tzinfo=UTC))
    assert club.birthdays.greet_due() == 1
    club.members.celebrate(ana, Birthday(12, 1), "shown")
    clock.move_to(datetime(2027, 12, 1, 9, 0, tzinfo=UTC))
    assert club.birthdays.greet_due() == 0
    clock.move_to(datetime(2028, 12, 1, 9, 0, tzinfo=UTC))
    assert club.birthdays.greet_due() == 1
    assert gifts(database) == [f"birthday:{ana.id}:2027", f"birthday:{ana.id}:2028"]


@pytest.mark.parametrize(("days_before", "points"), [(30, 30), (29, 0), (0, 0)])
def test_a_late_birthday_brings_a_greeting_without_a_gift(
    club: Club, enrol: Enrol, clock: FrozenClock, database: Database, days_before: int, points: int
) -> None:
    day = clock.now.date() + timedelta(days=days_before)
    ana = enrol(1, Birthday(day.month, day.day))
    clock.advance(days=days_before)
    assert club.birthdays.greet_due() == 1
    assert greetings(database) == [(ana.id, "birthday:2026", points)]
    assert club.points.balance(ana.id).available == points


def test_only_those_who_agreed_and_can_be_reached(club: Club, enrol: Enrol, clock: FrozenClock) -> None:
    ana, bo = enrol(1, Birthday(7, 1)), enrol(2, Birthday(7, 1))
    club.members.consent(ana, Topic.BIRTHDAY, False, "no")
    club.members.set_reachable(bo.address, False)
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    assert club.birthdays.greet_due() == 0
    club.members.set_reachable(bo.address, True)
    assert club.birthdays.greet_due() == 1


def test_a_no_drops_what_is_queued(club: Club, enrol: Enrol, clock: FrozenClock, database: Database) -> None:
    ana = enrol(1, Birthday(7, 1))
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    club.birthdays.greet_due()
    club.members.forget_birthday(ana, "remove")
    with database.engine.connect() as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.state, row.reason) == (DeliveryState.SUPPRESSED, "no_consent")


def test_batches_greet_everybody(club: Club, enrol: Enrol, clock: FrozenClock, database: Database) -> None:
    zones = ["UTC", "Europe/Berlin", "Europe/Lisbon"]
    members = [enrol(number, Birthday(7, 1), zones[number % 3]) for number in range(1, 8)]
    clock.move_to(datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
    assert [club.birthdays.greet_due(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert {member_id for member_id, _, _ in greetings(database)} == {member.id for member in members}


def test_29_february(units: UnitFactory, enrol: Enrol, clock: FrozenClock, club: Club) -> None:
    enrol(1, Birthday(2, 29))
    in_march = open_club(units, clock, chance.Random(1), Programme(is_leap_day_in_march=True), Language.ENGLISH)
    greeted = []
    for day in (date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 28), date(2028, 2, 29), date(2029, 3, 1)):
        clock.move_to(datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC))
        if (in_march if day.year == 2029 else club).birthdays.greet_due():
            greeted.append(day)
    assert greeted == [date(2027, 2, 28), date(2028, 2, 29), date(2029, 3, 1)]


def test_lunar_birthdays(units: UnitFactory, enrol: Enrol, clock: FrozenClock, database: Database) -> None:
    lunar = open_club(units, clock, chance.Random(1), Programme(), Language.ENGLISH, lunar_day)
    ana = enrol(1, Birthday(12, 30, Calendar.LUNAR))
    greeted = []
    for _ in range(400):
        if lunar.birthdays.greet_due():
            greeted.append(clock().date())
        clock.advance(days=1)
    # The last days of the lunar year 2026, which has 30 in its last month.
    assert greeted == [date(2027, 2, 5)]
    assert greetings(database) == [(ana.id, "birthday:2026", 30)]


def test_without_the_lunar_calendar_only_solar_birthdays_are_known(club: Club) -> None:
    assert club.birthdays.calendars == (Calendar.SOLAR,)


def test_the_lock_is_looked_up_where_it_is_kept(club: Club, enrol: Enrol) -> None:
    """A member as of before the change does not open the lock."""
    before = enrol(1)
    club.members.celebrate(before, Birthday(7, 1), "shown")
    with pytest.raises(BirthdayLocked):
        club.members.celebrate(before, Birthday(7, 2), "shown")


def test_zones_are_named_once_each(units: UnitFactory, enrol: Enrol) -> None:
    with units() as uow:
        assert uow.members.timezones() == []
    for number, zone in enumerate(["UTC", "Asia/Taipei", "UTC", "Europe/Berlin", "Asia/Taipei"], 1):
        enrol(number, timezone=zone)
    with units() as uow:
        assert uow.members.timezones() == ["Asia/Taipei", "Europe/Berlin", "UTC"]


@pytest.mark.race
async def test_two_processes_greet_once(
    club: Club, enrol: Enrol, clock: FrozenClock, database: Database, units: UnitFactory
) -> None:
    members = [enrol(number, Birthday(7, 1)) for number in range(1, 31)]
    clock.move_to(datetime(2026, 7, 1, 9, 0, tzinfo=UTC))
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        elsewhere = open_club(UnitFactory(other), clock, chance.Random(1), Programme(), Language.ENGLISH)
        counts = await asyncio.gather(
            *(database.run(club.birthdays.greet_due) for _ in range(3)),
            *(other.run(elsewhere.birthdays.greet_due) for _ in range(3)),
        )
    finally:
        other.close()
    assert sum(counts) == len(members)
    assert len(greetings(database)) == len(gifts(database)) == len(members)
    assert all(club.points.balance(member.id).available == 30 for member in members)
