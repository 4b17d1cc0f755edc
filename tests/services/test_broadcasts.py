from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import IntegrityError

from loyalty.broadcasts import Broadcast, BroadcastState
from loyalty.deliveries import Delivery, DeliveryState, Lane, Notice, Result
from loyalty.errors import BroadcastRefused, NotAllowed, NotFound
from loyalty.members import Address, Language, Member, Topic
from loyalty.merchants import Role
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage import recipients
from storage.broadcasts import broadcasts
from storage.database import Database
from storage.members import addresses, consents
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.crowds import settle_crowd

LEASE = timedelta(seconds=90)


@pytest.fixture
def owner(club: Club, units: UnitFactory, clock: FrozenClock) -> Member:
    enrolled = club.members.enrol(Address("telegram", "1"), name="Olive", client_language="en").member
    merchant = club.shops.add("Bean Bar", key="test", actor="test").merchant
    with units() as uow:
        uow.merchants.appoint(merchant.id, enrolled.id, Role.OWNER, clock())
        uow.commit()
    return enrolled


def crowd(database: Database, clock: FrozenClock, size: int, *, agreed: int, unreachable: int = 0) -> None:
    """Members in bulk: the first `agreed` of them said yes, and of those the first `unreachable` cannot be reached."""
    ids = [10 + n for n in range(size)]
    settle_crowd(database, ids[:agreed], clock(), topics=[Topic.OFFERS])
    settle_crowd(database, ids[agreed:], clock())
    lost = [str(n) for n in ids[:unreachable]]
    with database.engine.begin() as connection:
        connection.execute(update(addresses).where(addresses.c.external_id.in_(lost)).values(is_reachable=False))


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def written(club: Club, owner: Member) -> Broadcast:
    draft = club.broadcasts.draft(owner, 1).draft
    return club.broadcasts.write(owner, draft.id, text="Hello", length=5).draft


def started(club: Club, owner: Member) -> Broadcast:
    draft = written(club, owner)
    return club.broadcasts.start(owner, draft.id, "NONCE").broadcast


def states(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        found: dict[str, int] = {}
        for state, reason in connection.execute(select(deliveries.c.state, deliveries.c.reason)):
            name = f"{state}:{reason}" if reason not in ("", "agreed", "asked_for") else state
            found[name] = found.get(name, 0) + 1
    return found


def claimed(club: Club, lane: Lane = Lane.MARKETING, limit: int = 30) -> Sequence[Delivery]:
    return club.deliveries.claim(lane, limit, LEASE)


def settled(units: UnitFactory, clock: FrozenClock, *results: Result) -> None:
    with units() as uow:
        uow.outbox.settle(results, clock())
        uow.commit()


def test_two_thousand_recipients_take_a_handful_of_statements(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2_500, agreed=2_100, unreachable=100)
    draft = written(club, owner)
    with counted(database) as statements:
        standing = club.broadcasts.start(owner, draft.id, "NONCE")
    assert standing.left == standing.broadcast.recipients == 2_000
    assert states(database) == {"queued": 2_000}
    assert len(statements) < 20


def test_chunks_leave_nobody_out(
    club: Club, owner: Member, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipients, "_CHUNK_ENDS_AT", recipients.chunk_ends_at(7))
    monkeypatch.setattr(recipients, "CHUNK", 7)
    crowd(database, clock, 50, agreed=45, unreachable=10)
    broadcast = started(club, owner)
    assert broadcast.state is BroadcastState.PREPARING
    assert not claimed(club), "nobody gets it before all are known"
    while club.broadcasts.prepare_due():
        pass
    standing = club.broadcasts.standing(owner, broadcast.id)
    assert (standing.broadcast.state, standing.broadcast.recipients) == (BroadcastState.SENDING, 35)
    with database.engine.connect() as connection:
        enlisted = set(connection.execute(select(deliveries.c.member_id)).scalars())
    assert enlisted == set(range(20, 55))


def test_starting_again_answers_the_first_start_and_adds_nobody(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 3, agreed=3)
    broadcast = started(club, owner)
    with database.engine.begin() as connection:
        connection.execute(insert(consents).values(member_id=owner.id, topic="offers", given_at=clock()))
    again = club.broadcasts.start(owner, broadcast.id, "NONCE")
    assert (again.broadcast.recipients, again.left) == (3, 3)
    with pytest.raises(BroadcastRefused) as refused:
        club.broadcasts.start(owner, broadcast.id, "OTHER")
    assert refused.value.reason == "not_draft"
    assert states(database) == {"queued": 3}


def test_nobody_to_write_to_keeps_the_draft(club: Club, owner: Member, database: Database, clock: FrozenClock) -> None:
    crowd(database, clock, 3, agreed=2, unreachable=2)
    draft = written(club, owner)
    with pytest.raises(BroadcastRefused) as refused:
        club.broadcasts.start(owner, draft.id, "NONCE")
    assert refused.value.reason == "nobody"
    assert club.broadcasts.card(owner, draft.id).draft.is_draft


def test_there_is_one_draft_per_author_and_shop(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    first = club.broadcasts.draft(owner, 1).draft
    assert club.broadcasts.draft(owner, 1).draft == first
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(
            insert(broadcasts).values(merchant_id=1, author_id=owner.id, state="draft", created_at=clock())
        )


@pytest.mark.permission
def test_every_use_case_looks_at_the_role(club: Club, owner: Member, database: Database, clock: FrozenClock) -> None:
    crowd(database, clock, 1, agreed=1)
    draft = written(club, owner)
    other = club.members.enrol(Address("telegram", "2"), name="Otto", client_language="en").member
    service = club.broadcasts
    use_cases: list[Callable[[], object]] = [
        lambda: service.shops(other),
        lambda: service.draft(other, 1),
        lambda: service.card(other, draft.id),
        lambda: service.write(other, draft.id, text="Hi", length=2),
        lambda: service.remove_picture(other, draft.id),
        lambda: service.delete(other, draft.id),
        lambda: service.ask(other, draft.id),
        lambda: service.start(other, draft.id, "NONCE"),
        lambda: service.history(other, 1),
    ]
    for use_case in use_cases:
        with pytest.raises(NotAllowed):
            use_case()
    service.start(owner, draft.id, "NONCE")
    for turn in (service.pause, service.resume, service.cancel, service.standing):
        with pytest.raises(NotAllowed):
            turn(other, draft.id)
    assert service.standing(owner, draft.id).broadcast.state is BroadcastState.SENDING


def test_paused_rows_are_not_claimed_and_cancelled_ones_never(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 6, agreed=6)
    broadcast = started(club, owner)
    under_way = claimed(club, limit=2)
    club.broadcasts.pause(owner, broadcast.id)
    assert not claimed(club)
    club.broadcasts.resume(owner, broadcast.id)
    under_way = [*under_way, *claimed(club, limit=1)]
    standing = club.broadcasts.cancel(owner, broadcast.id)
    assert standing.tally is not None
    assert (standing.left, standing.tally.suppressed) == (3, {"cancelled": 3})
    assert not claimed(club)
    settled(units, clock, *(Result(delivery, DeliveryState.SENT) for delivery in under_way))
    assert states(database) == {"sent": 3, "suppressed:cancelled": 3}
    assert club.broadcasts.resume(owner, broadcast.id).broadcast.state is BroadcastState.CANCELLED


def test_what_waits_for_a_draft_is_refused(club: Club, owner: Member) -> None:
    draft = written(club, owner)
    with pytest.raises(BroadcastRefused):
        club.broadcasts.pause(owner, draft.id)
    with pytest.raises(NotFound):
        club.broadcasts.card(owner, 999)


def test_a_small_broadcast_does_not_wait_behind_a_large_one(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 40, agreed=40)
    busy = Programme(marketing_per_day=9, marketing_per_week=9)
    club = open_club(units, clock, chance.Random(7), busy, Language.ENGLISH)
    large = started(club, owner)
    clock.advance(seconds=1)
    small = started(club, owner)
    with units() as uow:
        offers = [Notice(10 + n, "offer", "offer:1", lane=Lane.MARKETING, topic=Topic.OFFERS) for n in range(40)]
        uow.outbox.add(offers, clock())
        uow.commit()
    taken = claimed(club, limit=30)
    assert sorted((d.broadcast_id or 0) for d in taken) == [0] * 10 + [large.id] * 10 + [small.id] * 10


def test_a_better_offer_further_back_in_the_queue_goes_before_the_broadcast(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 3, agreed=3)
    broadcast = started(club, owner)
    for member_id, score in ((11, 1), (12, 1), (10, 50)):
        with units() as uow:
            notice = Notice(member_id, "offer", "offer:1", lane=Lane.MARKETING, topic=Topic.OFFERS, score=score)
            uow.outbox.add([notice], clock())
            uow.commit()
    taken = [(d.member_id, d.broadcast_id) for d in claimed(club, limit=2)]
    assert sorted(taken, key=lambda each: each[0]) == [(10, None), (11, None)]
    assert (10, broadcast.id) not in [(d.member_id, d.broadcast_id) for d in claimed(club)]
    assert states(database) == {"sending": 3, "queued:one_a_day": 3}


def test_a_claim_looks_at_consent_and_reach_again(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 3, agreed=3)
    started(club, owner)
    with database.engine.begin() as connection:
        connection.execute(consents.delete().where(consents.c.member_id == 10))
        connection.execute(update(addresses).where(addresses.c.member_id == 11).values(is_reachable=False))
    assert [delivery.member_id for delivery in claimed(club)] == [12]
    assert states(database) == {"sending": 1, "suppressed:no_consent": 1, "suppressed:unreachable": 1}


@pytest.mark.race
async def test_couriers_at_once_never_get_a_row_twice(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 300, agreed=300)
    started(club, owner)
    taken: list[int] = []
    while True:
        batches: list[Sequence[Delivery]] = await asyncio.gather(
            *(database.run(claimed, club, limit=20) for _ in range(8))
        )
        ids = [delivery.id for batch in batches for delivery in batch]
        if not ids:
            break
        taken += ids
    assert len(taken) == len(set(taken)) == 300


@pytest.mark.race
async def test_confirming_at_once_starts_once(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 20, agreed=20)
    draft = written(club, owner)
    standings = await asyncio.gather(
        *(database.run(club.broadcasts.start, owner, draft.id, "NONCE") for _ in range(10))
    )
    assert {standing.broadcast.recipients for standing in standings} == {20}
    assert states(database) == {"queued": 20}


@pytest.mark.race
async def test_cancelling_while_couriers_claim_leaves_nothing_queued(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 200, agreed=200)
    broadcast = started(club, owner)
    cancelling = asyncio.create_task(database.run(club.broadcasts.cancel, owner, broadcast.id))
    batches: list[Sequence[Delivery]] = await asyncio.gather(*(database.run(claimed, club, limit=10) for _ in range(6)))
    await cancelling
    under_way = sum(len(batch) for batch in batches)
    assert not claimed(club)
    found = states(database)
    assert found.get("sending", 0) == under_way
    assert found["suppressed:cancelled"] == 200 - under_way


@pytest.mark.race
async def test_progress_comes_up_once_in_three_seconds_for_all_couriers(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 20, agreed=20)
    started(club, owner)
    for _ in range(3):
        settled(units, clock, *(Result(delivery, DeliveryState.SENT) for delivery in claimed(club, limit=5)))
        looks = await asyncio.gather(*(database.run(club.broadcasts.due) for _ in range(6)))
        assert sum(len(drawings) for drawings in looks) == 1
        clock.advance(seconds=2.9)
        assert not club.broadcasts.is_any_due()
        clock.advance(seconds=0.1)
        assert club.broadcasts.is_any_due()


def test_a_crash_leaves_marketing_unknown_and_sends_what_people_need_again(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 3, agreed=3)
    broadcast = started(club, owner)
    with units() as uow:
        uow.outbox.add([Notice(10, "adjusted", "adjusted:1")], clock())
        uow.commit()
    assert len(claimed(club, limit=2)) == 2
    (needed,) = claimed(club, Lane.TRANSACTIONAL)
    clock.advance(seconds=89)
    assert recovered(units, clock) == (0, 0), "a lease that has not run out may belong to somebody alive"
    clock.advance(seconds=1)
    assert recovered(units, clock) == (1, 2)
    (again,) = claimed(club, Lane.TRANSACTIONAL)
    assert (again.id, again.attempts) == (needed.id, 1)
    assert [delivery.member_id for delivery in claimed(club)] == [12]
    tally = club.broadcasts.cancel(owner, broadcast.id).tally
    assert tally is not None
    assert (tally.unknown, tally.left) == (2, 1)


def recovered(units: UnitFactory, clock: FrozenClock) -> tuple[int, int]:
    with units() as uow:
        found = uow.outbox.recover(clock())
        uow.commit()
    return found


def test_whoever_is_lost_is_sent_nothing_more(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    started(club, owner)
    with units() as uow:
        uow.outbox.add([Notice(10, "adjusted", "adjusted:1"), Notice(11, "adjusted", "adjusted:1")], clock())
        uow.commit()
    (first, _second) = claimed(club)
    assert first.member_id == 10
    settled(units, clock, Result(first, DeliveryState.SUPPRESSED, "blocked", is_lost=True))
    assert states(database) == {"suppressed:blocked": 2, "sending": 1, "queued": 1}


def test_rows_given_back_keep_their_turn_and_count_no_attempt(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    started(club, owner)
    first, second = claimed(club)
    later = clock() + timedelta(seconds=5)
    settled(
        units,
        clock,
        Result(first, DeliveryState.QUEUED, not_before=later),
        Result(second, DeliveryState.QUEUED),
    )
    assert [(d.id, d.attempts) for d in claimed(club)] == [(second.id, 0)]
    clock.advance(seconds=5)
    assert [(d.id, d.attempts) for d in claimed(club)] == [(first.id, 0)]


def test_the_end_is_told_once_and_the_report_counts_rows(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 5, agreed=5)
    broadcast = started(club, owner)
    sent, failed, unknown, blocked, also_sent = claimed(club)
    settled(
        units,
        clock,
        Result(sent, DeliveryState.SENT),
        Result(also_sent, DeliveryState.SENT),
        Result(failed, DeliveryState.FAILED, "can't parse"),
        Result(unknown, DeliveryState.UNKNOWN, "network"),
        Result(blocked, DeliveryState.SUPPRESSED, "blocked", is_lost=True),
    )
    with units() as uow:
        member = uow.members.get(sent.member_id)
    assert member is not None
    club.notifications.why(member, sent.id)
    club.notifications.why(member, sent.id)
    (drawing,) = club.broadcasts.due()
    tally = drawing.standing.tally
    assert drawing.is_last
    assert tally is not None
    assert (tally.sent, tally.failed, tally.unknown, tally.opened, tally.left) == (2, 1, 1, 1, 0)
    assert tally.suppressed == {"blocked": 1}
    clock.advance(seconds=3)
    assert len(club.broadcasts.due()) == 1, "until it was drawn, it comes up again"
    club.broadcasts.drawn(drawing)
    clock.advance(seconds=3)
    assert not club.broadcasts.is_any_due()
    (notice,) = claimed(club, Lane.TRANSACTIONAL)
    assert notice.facts == {"broadcast_id": broadcast.id, "shop": "Bean Bar", "merchant_translations": {}, "sent": 2}
