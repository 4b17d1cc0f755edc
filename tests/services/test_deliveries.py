"""The one gate at the claim, with real rows: docs/contact_policy.md in the order of its rules."""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from loyalty.contact_policy import IGNORED_MAX, IGNORED_SELDOM
from loyalty.deliveries import Delivery, DeliveryState, Lane, Notice, Result
from loyalty.members import Language, Member, Topic
from loyalty.notifications import Less
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.members import consents
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import add_merchant, enrol

LEASE = timedelta(seconds=90)
NIGHT = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)
MORNING = datetime(2026, 5, 2, 9, 0, tzinfo=UTC)
Queue = Callable[..., int]


@pytest.fixture
def ana(club: Club, units: UnitFactory) -> Member:
    return agreed(club, units, "Ana")


@pytest.fixture
def queue(units: UnitFactory, clock: FrozenClock) -> Queue:
    """Queues marketing for a member; answers its id."""
    number = iter(range(1, 1_000_000))

    def add(member: Member, **facts: Any) -> int:
        facts = {"lane": Lane.MARKETING, "topic": Topic.OFFERS, "deadline": clock() + timedelta(days=30), **facts}
        cause = f"test:{next(number)}"
        with units() as uow:
            uow.outbox.add([Notice(member.id, "offer", cause, **facts)], clock())
            uow.commit()
        with units() as uow:
            return uow.contacts.unasked(member.id, None, 1)[0].id if facts["lane"] is Lane.MARKETING else 0

    return add


def agreed(club: Club, units: UnitFactory, name: str, zone: str = "UTC") -> Member:
    member = enrol(units, name)
    club.members.consent(member, Topic.OFFERS, True, "Yes")
    club.members.move(member, zone)
    return replace(member, timezone=zone)


def claimed(club: Club, lane: Lane = Lane.MARKETING, limit: int = 100) -> list[Delivery]:
    return club.deliveries.claim(lane, limit, LEASE)


def sent(club: Club) -> list[int]:
    """Claims and sends what may go; answers its ids."""
    going = claimed(club)
    club.deliveries.settle([Result(delivery, DeliveryState.SENT) for delivery in going])
    return [delivery.id for delivery in going]


def standing(database: Database, delivery_id: int) -> tuple[str, str]:
    with database.engine.connect() as connection:
        row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
    return row.state, row.reason


def ignore(database: Database, times: int, at: datetime) -> None:
    with database.engine.begin() as connection:
        connection.execute(update(consents).values(ignored=times, last_sent_at=at))


def test_what_was_agreed_to_goes_with_its_reason(club: Club, ana: Member, database: Database, queue: Queue) -> None:
    offer = queue(ana)
    assert sent(club) == [offer]
    assert standing(database, offer) == ("sent", "agreed")


def test_without_a_yes_it_is_dropped(club: Club, units: UnitFactory, database: Database, queue: Queue) -> None:
    offer = queue(enrol(units, "Bo"))
    assert sent(club) == []
    assert standing(database, offer) == ("suppressed", "no_consent")


def test_a_yes_to_one_topic_is_none_to_another(club: Club, ana: Member, database: Database, queue: Queue) -> None:
    news = queue(ana, topic=Topic.NEWS)
    assert sent(club) == []
    assert standing(database, news) == ("suppressed", "no_consent")


def test_who_cannot_be_reached_gets_nothing(club: Club, ana: Member, database: Database, queue: Queue) -> None:
    club.members.set_reachable(ana.address, False)
    offer = queue(ana)
    assert sent(club) == []
    assert standing(database, offer) == ("suppressed", "unreachable")


def test_a_silenced_shop_alone_is_silent(
    club: Club, ana: Member, units: UnitFactory, database: Database, queue: Queue
) -> None:
    shop, other = add_merchant(units, "Bean Bar"), add_merchant(units, "Red Door")
    queued = queue(ana, merchant_id=shop)
    club.notifications.mute(ana, shop, True, "Nothing from Bean Bar", "test")
    assert standing(database, queued) == ("suppressed", "muted_shop")
    late, another = queue(ana, merchant_id=shop), queue(ana, merchant_id=other)
    assert sent(club) == [another]
    assert standing(database, late) == ("suppressed", "muted_shop")


def test_at_night_it_waits_for_the_members_own_morning(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    clock.move_to(NIGHT)
    here, there = agreed(club, units, "Here"), agreed(club, units, "There", "America/New_York")
    waiting, going = queue(here), queue(there)
    assert sent(club) == [going]
    assert standing(database, waiting) == ("queued", "quiet_hours")
    clock.move_to(MORNING - timedelta(seconds=1))
    assert sent(club) == []
    clock.move_to(MORNING)
    assert sent(club) == [waiting]
    assert standing(database, waiting) == ("sent", "agreed")


def test_in_the_night_in_which_the_clocks_change_morning_is_that_of_the_wall(
    club: Club, units: UnitFactory, clock: FrozenClock, queue: Queue
) -> None:
    clock.move_to(datetime(2026, 3, 28, 22, 30, tzinfo=UTC))  # half past eleven in Berlin, an hour before summer time
    offer = queue(agreed(club, units, "Bea", "Europe/Berlin"))
    assert sent(club) == []
    clock.move_to(datetime(2026, 3, 29, 6, 59, tzinfo=UTC))
    assert sent(club) == []
    clock.move_to(datetime(2026, 3, 29, 7, 0, tzinfo=UTC))
    assert sent(club) == [offer]


def test_what_would_be_too_late_in_the_morning_is_dropped_now(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    clock.move_to(NIGHT)
    offer = queue(ana, deadline=MORNING)
    assert sent(club) == []
    assert standing(database, offer) == ("suppressed", "quiet_hours")


def test_after_its_deadline_it_is_dropped(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    offer = queue(ana, deadline=clock() + timedelta(hours=1))
    clock.advance(hours=1)
    assert sent(club) == []
    assert standing(database, offer) == ("suppressed", "too_late")


def test_one_a_day_over_two_shops(
    club: Club, ana: Member, units: UnitFactory, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    first = queue(ana, merchant_id=add_merchant(units, "Bean Bar"))
    assert sent(club) == [first]
    second = queue(ana, merchant_id=add_merchant(units, "Red Door"))
    assert sent(club) == []
    assert standing(database, second) == ("queued", "one_a_day")
    clock.move_to(datetime(2026, 5, 2, 8, 59, tzinfo=UTC))  # the next day has begun, but it is still quiet
    assert sent(club) == []
    clock.move_to(MORNING)
    assert sent(club) == [second]


def test_the_best_scored_goes_and_the_others_wait(club: Club, ana: Member, database: Database, queue: Queue) -> None:
    low, high, middle = queue(ana, score=1), queue(ana, score=9), queue(ana, score=5)
    assert sent(club) == [high]
    assert {standing(database, offer) for offer in (low, middle)} == {("queued", "one_a_day")}


def test_the_best_scored_goes_first_however_far_back_it_waits(
    club: Club, units: UnitFactory, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    """Rows of others stand between the two, and a batch takes one."""
    low = queue(ana, score=1)
    others = [queue(agreed(club, units, f"Bo {number}")) for number in range(3)]
    muted = queue(ana, score=50, topic=Topic.NEWS)  # better still, but not agreed to
    high = queue(ana, score=9)
    later = queue(ana, score=99, not_before=clock() + timedelta(hours=1))
    assert [delivery.id for delivery in claimed(club, limit=1)] == [high]
    assert standing(database, low) == ("queued", "one_a_day")
    assert standing(database, muted) == ("suppressed", "no_consent")
    assert standing(database, later) == ("queued", "")
    assert [claimed(club, limit=1)[0].id for _ in others] == others


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_may_score_higher_is_found_by_its_member_not_by_walking_the_queue(
    club: Club, ana: Member, database: Database, queue: Queue
) -> None:
    queue(ana, score=1)
    with statements(database) as seen:
        assert len(claimed(club, limit=1)) == 1
    (asked,) = [text for text in seen if "score > 0" in text]
    with database.engine.connect() as connection:
        plan = [str(row[-1]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    assert "SEARCH deliveries USING INDEX ix_deliveries_rivals (member_id=? AND not_before<?)" in plan


def test_few_a_week(club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue) -> None:
    for _ in range(3):
        (offer,) = sent_one = [queue(ana)]
        assert sent(club) == sent_one
        club.notifications.open(ana, offer)
        clock.advance(days=1)
    fourth = queue(ana)
    assert sent(club) == []
    assert standing(database, fourth) == ("queued", "few_a_week")
    clock.move_to(datetime(2026, 5, 8, 9, 59, tzinfo=UTC))
    assert sent(club) == []
    clock.move_to(datetime(2026, 5, 8, 10, 0, 1, tzinfo=UTC))  # a week after the first
    assert sent(club) == [fourth]


def test_what_may_have_been_sent_counts_as_sent(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    first, second = queue(ana), 0
    on_their_way = claimed(club)
    assert [delivery.id for delivery in on_their_way] == [first]
    second = queue(ana)
    assert sent(club) == []  # the first is on its way
    assert standing(database, second) == ("queued", "one_a_day")
    clock.advance(minutes=2)
    assert club.deliveries.recover() == (0, 0), "what is on its way is ours, however long that takes"
    club.deliveries.let_go(on_their_way)  # as when the program ends
    assert club.deliveries.recover() == (0, 1)
    third = queue(ana)
    assert sent(club) == []  # and now nobody knows
    assert standing(database, third) == ("queued", "one_a_day")


def test_whom_it_does_not_interest_gets_it_seldom_then_not_at_all_until_a_tap(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    before = queue(ana)
    assert sent(club) == [before]
    ignore(database, IGNORED_SELDOM, clock())
    clock.advance(days=2)
    seldom = queue(ana)
    assert sent(club) == []
    assert standing(database, seldom) == ("queued", "seldom")
    clock.advance(days=12)
    assert sent(club) == [seldom]
    ignore(database, IGNORED_MAX, clock())
    clock.advance(days=15)
    lost = queue(ana)
    assert sent(club) == []
    assert standing(database, lost) == ("suppressed", "lost_interest")
    club.notifications.why(ana, before)
    again = queue(ana)
    assert sent(club) == [again]


def test_nothing_holds_up_what_the_member_did(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    clock.move_to(NIGHT)
    club.members.consent(ana, Topic.OFFERS, False, "Stop")
    ignore(database, IGNORED_MAX, clock())
    for _ in range(5):
        queue(ana, lane=Lane.TRANSACTIONAL, topic=None, deadline=None)
    assert len(claimed(club, Lane.TRANSACTIONAL)) == 5


def test_what_a_member_chose_comes_before_the_club(
    units: UnitFactory, clock: FrozenClock, random: chance.Random, queue: Queue
) -> None:
    strict = Programme(marketing_per_day=1, marketing_per_week=1, evening_hour=12, morning_hour=11)
    club = open_club(units, clock, random, strict, Language.ENGLISH)
    ana = agreed(club, units, "Ana")
    club.notifications.be_quiet(ana, (time(23, 30), time(7)))
    club.notifications.at_most(ana, 2, 0)
    club.notifications.at_most(ana, 0, 3)
    offers = [queue(ana) for _ in range(3)]
    assert len(sent(club)) == 2  # ten in the morning, at which the club is quiet
    clock.move_to(datetime(2026, 5, 2, 6, 59, tzinfo=UTC))
    assert sent(club) == []
    clock.move_to(datetime(2026, 5, 2, 7, 0, tzinfo=UTC))
    assert sent(club) == [offers[2]]


def release_by_hours(club: Club, ana: Member) -> None:
    club.notifications.be_quiet(ana, (time(0), time(0)))


def release_by_moving(club: Club, ana: Member) -> None:
    club.members.move(ana, "America/New_York")  # where it is half past six in the evening


@pytest.mark.parametrize("change", [release_by_hours, release_by_moving])
def test_what_waits_is_asked_about_again_after_a_change(
    change: Callable[[Club, Member], None], club: Club, ana: Member, clock: FrozenClock, queue: Queue
) -> None:
    clock.move_to(NIGHT)
    offer = queue(ana)
    assert sent(club) == []
    change(club, ana)
    assert sent(club) == [offer]


def test_an_undo_lets_go_what_waits(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    first = queue(ana)
    assert sent(club) == [first]
    club.notifications.have_less(ana, first, Less.WEEKLY, "At most one a week")
    clock.advance(days=1)
    second = queue(ana)
    assert sent(club) == []
    assert standing(database, second) == ("queued", "few_a_week")
    club.notifications.have_it_back(ana, first, Less.WEEKLY, None, "Undo")
    assert sent(club) == [second]


def test_a_change_asks_again_and_promises_nothing(
    club: Club, ana: Member, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    clock.move_to(NIGHT)
    offer = queue(ana)
    assert sent(club) == []
    club.notifications.at_most(ana, 3, 14)
    assert sent(club) == []
    assert standing(database, offer) == ("queued", "quiet_hours")


@pytest.mark.race
async def test_two_couriers_at_once_never_send_two_to_one_member(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    people = [agreed(club, units, f"M{n}") for n in range(20)]
    shops = [add_merchant(units, f"Shop {n}") for n in range(2)]
    for shop in shops:
        for member in people:
            queue(member, merchant_id=shop)
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        elsewhere = open_club(UnitFactory(other), clock, chance.Random(1), Programme(), Language.ENGLISH)
        taken: list[Delivery] = []
        for _ in range(6):
            batches = await asyncio.gather(
                *(database.run(claimed, club, Lane.MARKETING, 7) for _ in range(3)),
                *(other.run(claimed, elsewhere, Lane.MARKETING, 7) for _ in range(3)),
            )
            taken += [delivery for batch in batches for delivery in batch]
    finally:
        other.close()
    assert sorted(delivery.member_id for delivery in taken) == sorted(member.id for member in people)


def test_a_claim_takes_as_many_statements_for_two_hundred_as_for_two(
    club: Club, units: UnitFactory, clock: FrozenClock, database: Database, queue: Queue
) -> None:
    counts = []
    for size in (2, 200):
        for n in range(size):
            queue(agreed(club, units, f"M{size}-{n}"))
        with statements(database) as seen:
            assert len(claimed(club, limit=size)) == size
        # The driver runs an UPDATE for many rows as one call for each: those are counted once.
        counts.append(len([*filter(lambda text: not text.startswith("UPDATE deliveries SET"), seen)]))
    assert counts[0] == counts[1] <= 4, counts


def test_rows_that_wait_do_not_starve_those_behind_them(club: Club, units: UnitFactory, queue: Queue) -> None:
    busy, bo = agreed(club, units, "Busy"), agreed(club, units, "Bo")
    assert queue(busy)
    assert len(sent(club)) == 1
    for _ in range(10):
        queue(busy)
    behind = queue(bo)
    assert [delivery.id for delivery in claimed(club, limit=3)] == [behind]
