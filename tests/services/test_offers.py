from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from loyalty.deliveries import DeliveryState, Lane, Notice
from loyalty.errors import NotFound
from loyalty.members import Address, Language, Member, Tier, Topic
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.offers import offer_days
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.offers import add_offer, visit
from tests.kit.shops import add_merchant, add_reward

Enrol = Callable[..., Member]


@pytest.fixture
def enrol(club: Club) -> Enrol:
    """A member who wants offers."""

    def enrol(number: int, timezone: str = "UTC", *, wants: bool = True) -> Member:
        address = Address("telegram", str(number))
        member = club.members.enrol(address, name=f"Member {number}", client_language="en").member
        club.members.move(member, timezone)
        if wants:
            club.members.consent(member, Topic.OFFERS, True, "shown")
        speaker = club.members.speaker(address)
        assert speaker is not None
        return speaker.member

    return enrol


@pytest.fixture
def coffee(units: UnitFactory) -> int:
    return add_merchant(units, "Harbour Coffee", {"zh-Hans": {"name": "港湾咖啡"}})


def sent(database: Database) -> list[tuple[int, str, str]]:
    """Member, cause and what was offered."""
    with database.engine.connect() as connection:
        rows = connection.execute(select(deliveries).where(deliveries.c.kind == "offer").order_by(deliveries.c.id))
        return [(row.member_id, row.cause, row.facts["title"]) for row in rows]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_an_offer_a_day_and_never_the_same_soon(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana = enrol(1)
    enrol(2, wants=False)
    visit(units, coffee, {ana.id: 100}, clock())
    add_reward(units, coffee, "Flat white", points=80)
    add_reward(units, coffee, "Cake", points=120)
    assert [club.offers.send_due() for _ in range(3)] == [1, 0, 0]
    for _ in range(14):
        clock.advance(days=1)
        club.offers.send_due()
    assert sent(database) == [
        (ana.id, "offer:2026-05-01", "Flat white"),
        (ana.id, "offer:2026-05-02", "Cake"),
    ]
    clock.advance(days=1)
    club.offers.send_due()
    assert sent(database)[2] == (ana.id, "offer:2026-05-16", "Flat white")


def test_an_offer_is_consented_marketing_of_that_day(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    enrol(1, "Asia/Taipei")
    add_offer(units, coffee)
    clock.move_to(datetime(2026, 5, 1, 0, 59, tzinfo=UTC))
    assert club.offers.send_due() == 0
    clock.move_to(datetime(2026, 5, 1, 1, 0, tzinfo=UTC))
    assert club.offers.send_due() == 1
    with database.engine.connect() as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.lane, row.topic) == (Lane.MARKETING, Topic.OFFERS)
    assert row.deadline == datetime(2026, 5, 1, 13, 0, tzinfo=UTC)
    assert row.facts["reasons"] == [["new", 0], ["free", 0]]
    assert row.facts["merchant_translations"] == {"zh-Hans": {"name": "港湾咖啡"}}


def test_who_nothing_fits_is_not_looked_at_again_that_day(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana = enrol(1)
    add_reward(units, coffee, points=80)
    assert club.offers.send_due() == 1
    assert sent(database) == []
    visit(units, coffee, {ana.id: 100}, clock())
    assert club.offers.send_due() == 0
    clock.advance(days=1)
    assert club.offers.send_due() == 1
    assert len(sent(database)) == 1


def test_members_get_what_fits_each_of_them(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    noodles = add_merchant(units, "Red Door Noodles")
    ana, bo, cy, dee = (enrol(number) for number in range(1, 5))
    visit(units, coffee, {ana.id: 100}, clock() - timedelta(days=89))
    visit(units, noodles, {bo.id: 100}, clock())
    visit(units, coffee, {cy.id: 60}, clock() - timedelta(days=91))  # too long ago to count as a visit
    with units() as uow:
        uow.members.promote(dee.id, Tier.GOLD)
        uow.commit()
    add_reward(units, coffee, "Flat white", points=80)
    add_reward(units, noodles, "Dumplings", points=90)
    add_reward(units, noodles, "Chopsticks", points=50)
    add_reward(units, noodles, "Sold out", points=1, stock=0)
    add_reward(units, noodles, "Tea set", points=1500, tier_min=Tier.GOLD)
    assert club.offers.send_due() == 4
    assert {member_id: title for member_id, _, title in sent(database)} == {
        ana.id: "Flat white",
        bo.id: "Chopsticks",
        cy.id: "Chopsticks",
        dee.id: "Tea set",
    }


def test_what_one_has_had_often_enough_is_not_offered(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana = enrol(1)
    visit(units, coffee, {ana.id: 500}, clock())
    tote = add_reward(units, coffee, "Tote", points=10, per_member=1)
    club.rewards.redeem(ana, tote, "AAAAAAAA")
    assert club.offers.send_due() == 1
    assert sent(database) == []
    assert club.offers.running(ana).listed == ()


def test_an_announcement_speaks_for_its_reward(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, coffee: int
) -> None:
    ana = enrol(1)
    visit(units, coffee, {ana.id: 100}, clock())
    cake = add_reward(units, coffee, "Cake", points=80)
    gone = add_reward(units, coffee, "Gone", points=80, stock=0)
    add_offer(units, coffee, "Cake is back", reward_id=cake)
    add_offer(units, coffee, "This one is gone", reward_id=gone)
    add_offer(units, coffee, "Over", ends_at=clock())
    add_offer(units, coffee, "Tomorrow", starts_at=clock() + timedelta(days=1))
    (pick,) = [listed.pick for listed in club.offers.running(ana).listed]
    assert (pick.candidate.title, pick.candidate.points, pick.candidate.reward_id) == ("Cake is back", 80, cake)


def test_an_announcement_is_added_once(units: UnitFactory, coffee: int) -> None:
    assert add_offer(units, coffee, "Beans", slug="beans") == add_offer(units, coffee, "Other beans", slug="beans")


def test_an_announcement_ends_after_it_starts(units: UnitFactory, coffee: int, clock: FrozenClock) -> None:
    with pytest.raises(IntegrityError):
        add_offer(units, coffee, starts_at=clock(), ends_at=clock())


def test_who_moves_gets_no_second_offer_that_day(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana, bo = enrol(1, "Pacific/Auckland"), enrol(2, "Pacific/Honolulu")
    add_offer(units, coffee, "One")
    add_offer(units, coffee, "Two")
    clock.move_to(datetime(2026, 5, 1, 22, 0, tzinfo=UTC))  # 2 May, 10:00 in Auckland; 1 May, 12:00 in Honolulu
    club.offers.send_due()
    club.members.move(ana, "Pacific/Honolulu")
    club.members.move(bo, "Pacific/Auckland")
    clock.advance(hours=2)
    club.offers.send_due()
    assert [(member_id, cause) for member_id, cause, _ in sent(database)] == [
        (ana.id, "offer:2026-05-02"),
        (bo.id, "offer:2026-05-01"),
    ]


def test_another_message_of_the_topic_was_the_one_of_the_day(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana, bo = enrol(1), enrol(2)
    add_offer(units, coffee)
    with units() as uow:
        uow.outbox.add(
            [
                Notice(member.id, "broadcast", "broadcast:1", lane=Lane.MARKETING, topic=Topic.OFFERS)
                for member in (ana, bo)
            ],
            clock(),
        )
        uow.outbox.suppress_topic(bo.id, Topic.OFFERS, "cancelled", clock())
        uow.commit()
    club.offers.send_due()
    assert [member_id for member_id, _, _ in sent(database)] == [bo.id]


def test_a_no_drops_what_is_queued(
    club: Club, enrol: Enrol, units: UnitFactory, database: Database, coffee: int
) -> None:
    ana = enrol(1)
    add_offer(units, coffee)
    club.offers.send_due()
    club.members.consent(ana, Topic.OFFERS, False, "Stop")
    with database.engine.connect() as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.state, row.reason) == (DeliveryState.SUPPRESSED, "no_consent")
    club.members.consent(ana, Topic.OFFERS, True, "shown")
    assert club.offers.send_due() == 0


def test_a_silenced_shop_is_passed_over_for_the_next_best(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana, other = enrol(1), add_merchant(units, "Red Door")
    add_offer(units, coffee)
    add_offer(units, other, "Noodles")
    visit(units, coffee, {ana.id: 50}, clock())
    club.notifications.mute(ana, coffee, True, "Nothing from Harbour Coffee", "notifications")
    club.offers.send_due()
    with database.engine.connect() as connection:
        row = connection.execute(select(deliveries)).one()
    assert (row.merchant_id, row.facts["title"]) == (other, "Noodles")
    assert [listed.pick.candidate.title for listed in club.offers.running(ana).listed] == ["Fresh beans", "Noodles"]


def test_who_cannot_be_reached_has_no_turn(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    ana = enrol(1)
    add_offer(units, coffee)
    club.members.set_reachable(ana.address, False)
    club.offers.send_due()
    assert sent(database) == []
    club.members.set_reachable(ana.address, True)
    clock.advance(days=1)
    club.offers.send_due()
    assert [cause for _, cause, _ in sent(database)] == ["offer:2026-05-02"]


def test_who_agrees_after_the_round_has_a_turn_that_day(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    late = enrol(1, wants=False)
    enrol(2)
    add_offer(units, coffee)
    assert [club.offers.send_due() for _ in range(2)] == [1, 0]
    clock.advance(hours=2)
    club.members.consent(late, Topic.OFFERS, True, "shown")
    later = enrol(3)
    assert [club.offers.send_due() for _ in range(2)] == [2, 0]
    assert sorted(member_id for member_id, _, _ in sent(database)[1:]) == [late.id, later.id]


def test_why_is_told_to_the_one_who_got_it(
    club: Club, enrol: Enrol, units: UnitFactory, database: Database, coffee: int
) -> None:
    ana, bo = enrol(1), enrol(2, wants=False)
    add_offer(units, coffee)
    club.offers.send_due()
    with database.engine.connect() as connection:
        delivery_id = connection.execute(select(deliveries.c.id)).scalar_one()
    assert club.notifications.why(ana, delivery_id).message.shop == "Harbour Coffee"
    for member, wanted in ((bo, delivery_id), (ana, delivery_id + 1)):
        with pytest.raises(NotFound):
            club.notifications.why(member, wanted)


def test_old_turns_are_forgotten(
    club: Club, enrol: Enrol, clock: FrozenClock, database: Database, units: UnitFactory, coffee: int
) -> None:
    enrol(1)
    for _ in range(40):
        club.offers.send_due()
        clock.advance(days=1)
    with database.engine.connect() as connection:
        assert len(connection.execute(select(offer_days)).all()) <= 18


def test_a_run_takes_few_statements_however_many_members(
    club: Club, enrol: Enrol, units: UnitFactory, clock: FrozenClock, database: Database, coffee: int
) -> None:
    counts = []
    add_offer(units, coffee)
    add_reward(units, coffee, points=10)
    number = 0
    for size in (10, 100):
        members = []
        for _ in range(size):
            number += 1
            members.append(enrol(number))
        visit(units, coffee, {member.id: 50 for member in members}, clock())
        with statements(database) as seen:
            assert club.offers.send_due(limit=100) == size
        counts.append(len(seen))
    assert max(counts) <= 13, counts
    assert len(sent(database)) == 110


def test_batches_reach_everybody(
    club: Club, enrol: Enrol, units: UnitFactory, database: Database, coffee: int, clock: FrozenClock
) -> None:
    for number in range(1, 8):
        enrol(number, ("UTC", "Europe/Berlin", "Europe/Lisbon")[number % 3])
    add_offer(units, coffee)
    while club.offers.send_due(limit=3):
        continue
    assert len(sent(database)) == 7


@pytest.mark.race
async def test_two_processes_send_one_offer_each(
    club: Club, enrol: Enrol, clock: FrozenClock, database: Database, units: UnitFactory, coffee: int
) -> None:
    for number in range(1, 31):
        enrol(number)
    add_offer(units, coffee)
    add_offer(units, coffee, "Another one")
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        elsewhere = open_club(UnitFactory(other), clock, chance.Random(1), Programme(), Language.ENGLISH)
        counts = await asyncio.gather(
            *(database.run(club.offers.send_due) for _ in range(3)),
            *(other.run(elsewhere.offers.send_due) for _ in range(3)),
        )
    finally:
        other.close()
    assert sum(counts) == 30
    assert len(sent(database)) == 30
