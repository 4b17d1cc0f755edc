"""What waits for its time or for the operator, and how versions are compared, on both databases."""

from __future__ import annotations

import asyncio
import random as chance
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from loyalty.broadcasts import Broadcast, BroadcastState, Leads, Method, Trial
from loyalty.deliveries import Delivery, DeliveryState, Lane, Result
from loyalty.errors import BroadcastRefused, NotAllowed, NotFound, Refusal
from loyalty.members import Address, Language, Member, Topic
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.books import balances
from storage.broadcasts import broadcast_taps, broadcasts
from storage.database import Database
from storage.members import members
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.services.test_broadcasts import claimed, counted, crowd, owner, settled, states, written

__all__ = ["owner"]

APPROVED = Programme(needs_approval=True)
LAVISH = Programme(marketing_per_day=9, marketing_per_week=9)


@pytest.fixture
def strict(units: UnitFactory, clock: FrozenClock) -> Club:
    """A club whose operator looks first."""
    return open_club(units, clock, chance.Random(7), APPROVED, Language.ENGLISH)


@pytest.fixture
def operator(club: Club) -> Member:
    return club.members.enrol(Address("telegram", "9"), name="Olga", client_language="en").member


def planned(club: Club, owner: Member, moment: str) -> Broadcast:
    draft = written(club, owner)
    return club.broadcasts.plan_typed(owner, draft.id, moment).draft


def scheduled(club: Club, owner: Member, moment: str = "tomorrow 9:00") -> Broadcast:
    draft = planned(club, owner, moment)
    return club.broadcasts.start(owner, draft.id, "NONCE").broadcast


def prepared(club: Club) -> None:
    while club.broadcasts.prepare_due():
        pass


def state_of(club: Club, owner: Member, broadcast: Broadcast) -> BroadcastState:
    return club.broadcasts.standing(owner, broadcast.id).broadcast.state


def told(club: Club) -> list[str]:
    return [delivery.kind for delivery in claimed(club, Lane.TRANSACTIONAL)]


# Its time


def test_it_starts_at_its_time_and_once(club: Club, owner: Member, database: Database, clock: FrozenClock) -> None:
    crowd(database, clock, 3, agreed=3)
    broadcast = scheduled(club, owner)
    assert broadcast.state is BroadcastState.SCHEDULED
    assert club.broadcasts.start(owner, broadcast.id, "NONCE").broadcast == broadcast, "the same yes again"
    clock.move_to(datetime(2026, 5, 2, 8, 59, 59, tzinfo=UTC))
    assert not club.broadcasts.is_any_to_prepare()
    prepared(club)
    assert states(database) == {}
    clock.advance(seconds=1)
    assert club.broadcasts.is_any_to_prepare()
    for _ in range(3):
        prepared(club)
    assert states(database) == {"queued": 3}
    assert state_of(club, owner, broadcast) is BroadcastState.SENDING


@pytest.mark.race
async def test_several_programs_start_it_once(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 30, agreed=30)
    scheduled(club, owner)
    clock.advance(days=1)
    await asyncio.gather(*(database.run(club.broadcasts.prepare_due) for _ in range(8)))
    await database.run(prepared, club)
    assert states(database) == {"queued": 30}


@pytest.mark.parametrize(("hours", "is_useful"), [(47, True), (48, False)])
def test_what_was_missed_is_caught_up_while_it_is_useful(
    hours: int, is_useful: bool, club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    broadcast = scheduled(club, owner)
    clock.move_to(datetime(2026, 5, 2, 9, tzinfo=UTC) + timedelta(hours=hours))
    prepared(club)
    prepared(club)
    if is_useful:
        assert states(database) == {"queued": 2}
        assert told(club) == []
    else:
        assert state_of(club, owner, broadcast) is BroadcastState.CANCELLED
        assert states(database) == {"queued": 1}  # the word to its author
        assert told(club) == ["broadcast_missed"]


def test_nobody_is_left_when_its_time_comes(
    club: Club, owner: Member, database: Database, clock: FrozenClock, units: UnitFactory
) -> None:
    crowd(database, clock, 1, agreed=1)
    broadcast = scheduled(club, owner)
    with units() as uow:
        ana = uow.members.get(10)
        uow.commit()
    assert ana is not None
    club.members.consent(ana, Topic.OFFERS, False, "Stop")
    clock.advance(days=1)
    prepared(club)
    standing = club.broadcasts.standing(owner, broadcast.id)
    assert (standing.broadcast.recipients, standing.done, standing.left) == (0, 0, 0)
    club.broadcasts.due()
    assert state_of(club, owner, broadcast) is BroadcastState.DONE


def test_an_empty_segment_keeps_the_draft(club: Club, owner: Member, database: Database, clock: FrozenClock) -> None:
    crowd(database, clock, 1, agreed=0)
    draft = planned(club, owner, "tomorrow 9:00")
    for attempt in (
        lambda: club.broadcasts.ask(owner, draft.id),
        lambda: club.broadcasts.start(owner, draft.id, "NONCE"),
    ):
        with pytest.raises(BroadcastRefused) as refused:
            attempt()
        assert refused.value.reason == "nobody"
    assert club.broadcasts.card(owner, draft.id).draft.is_draft


def test_a_topic_that_nobody_has_agreed_to(club: Club, owner: Member, database: Database, clock: FrozenClock) -> None:
    crowd(database, clock, 1, agreed=1)
    draft = written(club, owner)
    club.broadcasts.set_topic(owner, draft.id, Topic.NEWS)
    with pytest.raises(BroadcastRefused) as refused:
        club.broadcasts.start(owner, draft.id, "NONCE")
    assert refused.value.reason == "nobody_agreed"
    with pytest.raises(BroadcastRefused):
        club.broadcasts.set_topic(owner, draft.id, Topic.BIRTHDAY)


def test_it_waits_as_long_as_the_club_says(
    units: UnitFactory, owner: Member, database: Database, clock: FrozenClock
) -> None:
    club = open_club(units, clock, chance.Random(7), Programme(broadcast_hours=3), Language.ENGLISH)
    crowd(database, clock, 1, agreed=1)
    club.broadcasts.start(owner, written(club, owner).id, "NONCE")
    with database.engine.connect() as connection:
        assert connection.execute(select(deliveries.c.deadline)).scalar_one() == clock() + timedelta(hours=3)


def test_a_clock_change_in_the_middle_moves_nobodys_hour(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    """Berlin's clocks go back on 25 October 2026, New York's a week later."""
    crowd(database, clock, 3, agreed=3)
    with database.engine.begin() as connection:
        for member_id, zone in ((10, "Europe/Berlin"), (11, "America/New_York"), (12, "Asia/Taipei")):
            connection.execute(update(members).where(members.c.id == member_id).values(timezone=zone))
    clock.move_to(datetime(2026, 10, 20, 10, tzinfo=UTC))
    draft = written(club, owner)
    club.broadcasts.plan_local(owner, draft.id, date(2026, 10, 25), 9)
    broadcast = club.broadcasts.start(owner, draft.id, "NONCE").broadcast
    assert broadcast.state is BroadcastState.SCHEDULED
    clock.move_to(datetime(2026, 10, 24, 19, tzinfo=UTC))
    prepared(club)
    with database.engine.connect() as connection:
        rows = connection.execute(select(deliveries.c.member_id, deliveries.c.not_before)).all()
    found = {row.member_id: row.not_before for row in rows}
    assert found == {
        10: datetime(2026, 10, 25, 8, tzinfo=UTC),
        11: datetime(2026, 10, 25, 13, tzinfo=UTC),
        12: datetime(2026, 10, 25, 1, tzinfo=UTC),
    }


def test_taken_back_it_is_the_authors_draft_again(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 1, agreed=1)
    broadcast = scheduled(club, owner)
    empty = club.broadcasts.draft(owner, 1).draft
    assert club.broadcasts.revise(owner, broadcast.id).draft.id == broadcast.id
    assert club.broadcasts.revise(owner, broadcast.id).draft.schedule == broadcast.schedule, "twice is once"
    assert club.broadcasts.draft(owner, 1).draft.id == broadcast.id, "the empty one gave way"
    with pytest.raises(NotFound):
        club.broadcasts.card(owner, empty.id)
    clock.advance(days=2)
    prepared(club)
    assert states(database) == {}


def test_a_draft_with_words_does_not_give_way(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 1, agreed=1)
    broadcast = scheduled(club, owner)
    other = written(club, owner)
    for attempt in (club.broadcasts.revise, club.broadcasts.copy):
        with pytest.raises(BroadcastRefused) as refused:
            attempt(owner, broadcast.id)
        assert (refused.value.reason, refused.value.facts) == ("draft_exists", {"draft_id": other.id})
    assert state_of(club, owner, broadcast) is BroadcastState.SCHEDULED


@pytest.mark.race
async def test_it_starts_or_is_taken_back_but_never_both(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 5, agreed=5)
    broadcast = scheduled(club, owner)
    clock.advance(days=1)

    async def revised() -> bool:
        try:
            return (await database.run(club.broadcasts.revise, owner, broadcast.id)).draft.is_draft
        except BroadcastRefused:
            return False

    started, is_draft = await asyncio.gather(database.run(club.broadcasts.prepare_due), revised())
    assert states(database) == ({} if is_draft else {"queued": 5})
    assert bool(started) is not is_draft


# The operator


def waiting(strict: Club, owner: Member, operators: Sequence[Member] = ()) -> Broadcast:
    draft = written(strict, owner)
    to = [operator.address for operator in operators]
    return strict.broadcasts.start(owner, draft.id, "NONCE", operators=to).broadcast


def test_it_waits_for_a_yes_and_then_goes(
    strict: Club, owner: Member, operator: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    broadcast = waiting(strict, owner, [operator])
    assert broadcast.state is BroadcastState.WAITING
    assert told(strict) == ["approval_wanted"]
    clock.advance(days=9)
    prepared(strict)
    assert strict.approvals.count() == 1
    assert [each.id for each in strict.approvals.page()[0]] == [broadcast.id]
    approved = strict.approvals.approve(operator, broadcast.id)
    assert (approved.state, approved.approved_by) == (BroadcastState.SCHEDULED, operator.id)
    prepared(strict)
    assert state_of(strict, owner, broadcast) is BroadcastState.SENDING
    assert told(strict) == ["broadcast_approved"]
    assert strict.approvals.count() == 0
    with pytest.raises(BroadcastRefused) as refused:
        strict.approvals.approve(operator, broadcast.id)
    assert refused.value.facts == {"state": "sending"}


def test_a_no_has_a_reason(
    strict: Club, owner: Member, operator: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    broadcast = waiting(strict, owner)
    for empty in ("", "  \n", "x" * 501):
        with pytest.raises(BroadcastRefused) as refused:
            strict.approvals.decline(operator, broadcast.id, empty)
        assert refused.value.reason == "reason"
    strict.approvals.decline(operator, broadcast.id, "Too\nloud")
    standing = strict.broadcasts.standing(owner, broadcast.id)
    assert (standing.broadcast.state, standing.broadcast.note) == (BroadcastState.CANCELLED, "Too loud")
    (notice,) = claimed(strict, Lane.TRANSACTIONAL)
    assert (notice.kind, notice.facts["reason"]) == ("broadcast_declined", "Too loud")
    again = strict.broadcasts.copy(owner, broadcast.id).draft
    assert (again.content.text, again.note) == ("Hello", "")


@pytest.mark.race
async def test_yes_and_no_at_once_is_one_of_them(
    strict: Club, owner: Member, operator: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    broadcast = waiting(strict, owner)
    answers = await asyncio.gather(
        *(database.run(strict.approvals.approve, operator, broadcast.id) for _ in range(3)),
        *(database.run(strict.approvals.decline, operator, broadcast.id, "No") for _ in range(3)),
        database.run(strict.broadcasts.revise, owner, broadcast.id),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, BroadcastRefused)]
    decided = [answer for answer in answers if not isinstance(answer, Exception)]
    assert all(isinstance(answer, Refusal) for answer in answers if isinstance(answer, Exception))
    # A yes can still be taken back by the shop; everything else is final.
    assert len(decided) + len(refused) == 7
    assert len(decided) <= 2
    assert len(claimed(strict, Lane.TRANSACTIONAL)) <= 1


def test_confirmed_anew_it_waits_anew(
    strict: Club, owner: Member, operator: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    draft = planned(strict, owner, "tomorrow 9:00")
    strict.broadcasts.start(owner, draft.id, "ONE")
    strict.approvals.approve(operator, draft.id)
    strict.broadcasts.revise(owner, draft.id)
    again = strict.broadcasts.start(owner, draft.id, "TWO").broadcast
    assert (again.state, again.approved_by) == (BroadcastState.WAITING, None)


# Which version does better


def tried(club: Club, owner: Member, trial: Trial, variants: str = "AB") -> Broadcast:
    draft = written(club, owner)
    for variant in variants[1:]:
        club.broadcasts.write(owner, draft.id, text=f"Hello {variant}", length=7, variant=variant)
    club.broadcasts.set_trial(owner, draft.id, trial)
    return club.broadcasts.start(owner, draft.id, "NONCE").broadcast


def variants_of(database: Database) -> Counter[str | None]:
    with database.engine.connect() as connection:
        return Counter(
            connection.execute(select(deliveries.c.variant).where(deliveries.c.kind == "broadcast")).scalars()
        )


def tap(database: Database, clock: FrozenClock, delivered: Sequence[Delivery]) -> None:
    with database.engine.begin() as connection:
        connection.execute(
            insert(broadcast_taps), [{"delivery_id": each.id, "button": 0, "at": clock()} for each in delivered]
        )


def test_the_test_is_dealt_out_evenly_and_the_rest_gets_the_winner(
    units: UnitFactory, owner: Member, database: Database, clock: FrozenClock
) -> None:
    club = open_club(units, clock, chance.Random(7), LAVISH, Language.ENGLISH)
    crowd(database, clock, 1_000, agreed=1_000)
    broadcast = tried(club, owner, Trial(percent=20, hours=4))
    dealt = variants_of(database)
    assert sum(dealt.values()) == 1_000
    assert 75 <= dealt["A"] <= 125
    assert 75 <= dealt["B"] <= 125
    tested = claimed(club, limit=1_000)
    assert len(tested) == dealt["A"] + dealt["B"], "the rest waits"
    settled(units, clock, *(Result(each, DeliveryState.SENT) for each in tested))
    tap(database, clock, [each for each in tested if each.variant == "B"][:20])
    tap(database, clock, [each for each in tested if each.variant == "A"][:5])
    clock.advance(hours=3, minutes=59)
    assert club.broadcasts.decide_due() == 0
    clock.advance(minutes=1)
    assert club.broadcasts.decide_due() == 1
    assert club.broadcasts.decide_due() == 0
    decided = club.broadcasts.standing(owner, broadcast.id).broadcast.trial
    assert (decided.winner, decided.decided_at) == ("B", clock())
    (notice,) = claimed(club, Lane.TRANSACTIONAL)
    assert notice.kind == "broadcast_decided"
    assert notice.facts["scores"] == {"A": [dealt["A"], 5], "B": [dealt["B"], 20]}
    rest = claimed(club, limit=1_000)
    assert {each.variant for each in rest} == {"B"}
    assert len(rest) == dealt[None]


def test_the_courier_decides_too_and_its_author_hears_it_once(
    units: UnitFactory, owner: Member, database: Database, clock: FrozenClock
) -> None:
    club = open_club(units, clock, chance.Random(7), LAVISH, Language.ENGLISH)
    crowd(database, clock, 200, agreed=200)
    tried(club, owner, Trial(percent=50, hours=1), "ABCD")
    settled(units, clock, *(Result(each, DeliveryState.SENT) for each in claimed(club, limit=200)))
    clock.advance(hours=1)
    assert {each.variant for each in claimed(club, limit=200)} == {"A"}, "of equal ones the first"
    assert club.broadcasts.decide_due() == 0
    assert told(club) == ["broadcast_decided"]


def test_everybody_in_equal_parts_waits_for_nothing(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 400, agreed=400)
    tried(club, owner, Trial(percent=100, hours=4), "ABCD")
    dealt = variants_of(database)
    assert set(dealt) == set("ABCD")
    assert all(70 <= n <= 130 for n in dealt.values())
    clock.advance(hours=5)
    assert club.broadcasts.decide_due() == 0


def test_thompson_goes_to_the_better_one(
    units: UnitFactory, owner: Member, database: Database, clock: FrozenClock
) -> None:
    club = open_club(units, clock, chance.Random(7), LAVISH, Language.ENGLISH)
    crowd(database, clock, 1_000, agreed=1_000)
    tried(club, owner, Trial(Method.THOMPSON, percent=10))
    dice = chance.Random(3)
    later = Counter[str | None]()
    for _ in range(20):
        batch = claimed(club, limit=50)
        settled(units, clock, *(Result(each, DeliveryState.SENT) for each in batch))
        liked = {"A": 0.05, "B": 0.4}
        tap(database, clock, [each for each in batch if dice.random() < liked[each.variant or ""]] or batch[:1])
        later.update(each.variant for each in batch)
        clock.advance(seconds=30)
    assert later["B"] > 3 * later["A"], later
    assert told(club) == [], "nothing is decided once and for all"


def test_only_what_is_offered_can_be_chosen(club: Club, owner: Member) -> None:
    draft = written(club, owner)
    for wrong in (Trial(percent=33), Trial(percent=0), Trial(hours=3)):
        with pytest.raises(BroadcastRefused):
            club.broadcasts.set_trial(owner, draft.id, wrong)


# What it says


def test_wordings_have_their_places(club: Club, owner: Member) -> None:
    draft = club.broadcasts.draft(owner, 1).draft

    def says(variant: str, language: str = "") -> None:
        club.broadcasts.write(owner, draft.id, text="Hi", length=2, variant=variant, language=language)

    for variant, language in (("B", ""), ("A", "zh-Hans"), ("E", ""), ("A", "fr")):
        with pytest.raises(BroadcastRefused):
            says(variant, language)
    says("A")
    assert club.broadcasts.card(owner, draft.id).draft.content.original == "en"
    with pytest.raises(BroadcastRefused) as refused:
        says("A", "en")
    assert refused.value.reason == "language_taken"
    says("A", "zh-Hans")
    with pytest.raises(BroadcastRefused):
        club.broadcasts.say_original(owner, draft.id, Language.SIMPLIFIED)
    says("B")
    club.broadcasts.unwrite(owner, draft.id, "B", "")
    with pytest.raises(BroadcastRefused):
        club.broadcasts.unwrite(owner, draft.id, "A", "")
    assert club.broadcasts.card(owner, draft.id).draft.content.variants == "A"


def test_a_button_tapped_again_is_one_button(club: Club, owner: Member) -> None:
    draft = written(club, owner)
    for n in range(3):
        for _ in range(2):
            club.broadcasts.link_to(owner, draft.id, n, f"https://bean.bar/{n}", "Go", {})
    with pytest.raises(BroadcastRefused) as refused:
        club.broadcasts.link_to(owner, draft.id, 3, "https://bean.bar/3", "Go", {})
    assert refused.value.reason == "buttons"
    buttons = club.broadcasts.card(owner, draft.id).draft.content.buttons
    assert [each.target[-1] for each in buttons] == ["0", "1", "2"]
    club.broadcasts.remove_button(owner, draft.id, 0, 3)
    club.broadcasts.remove_button(owner, draft.id, 0, 3)
    left = club.broadcasts.card(owner, draft.id).draft.content.buttons
    assert [each.target[-1] for each in left] == ["1", "2"]


def test_samples_are_the_latest_with_their_points_in_one_statement(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 14, agreed=12, unreachable=1)
    draft = written(club, owner)
    with database.engine.begin() as connection:
        connection.execute(insert(balances).values(member_id=15, available=70))
    with statements(database) as seen:
        _, found = club.broadcasts.samples(owner, draft.id)
    assert len(seen) == 3, "\n".join(seen)  # the draft, the right, and all of them at once
    assert [sample.member_id for sample in found] == list(range(11, 21))
    assert {sample.member_id: sample.points for sample in found if sample.points} == {15: 70}
    assert {len(sample.initial) for sample in found} == {1}


def test_a_tap_is_noted_once_and_counts_as_a_look(
    club: Club, owner: Member, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 2, agreed=2)
    draft = written(club, owner)
    club.broadcasts.link_to(owner, draft.id, 0, "https://bean.bar", "Go", {})
    club.broadcasts.start(owner, draft.id, "NONCE")
    mine, other = claimed(club)
    settled(units, clock, Result(mine, DeliveryState.SENT), Result(other, DeliveryState.SENT))
    with units() as uow:
        member = uow.members.get(mine.member_id)
    assert member is not None
    for _ in range(2):
        assert club.broadcasts.follow(member, mine.id, 0).leads is Leads.LINK
    for delivery_id, place in ((mine.id, 1), (other.id, 0), (999, 0)):
        with pytest.raises(NotFound):
            club.broadcasts.follow(member, delivery_id, place)
    with database.engine.connect() as connection:
        assert connection.execute(select(broadcast_taps.c.delivery_id)).scalars().all() == [mine.id]
    tally = club.broadcasts.cancel(owner, draft.id).tally
    assert tally is not None
    assert tally.opened == 1


@pytest.mark.permission
def test_every_new_use_case_looks_at_the_role(
    club: Club, owner: Member, database: Database, clock: FrozenClock
) -> None:
    crowd(database, clock, 1, agreed=1)
    draft = written(club, owner)
    otto = club.members.enrol(Address("telegram", "2"), name="Otto", client_language="en").member
    service = club.broadcasts
    for use_case in (
        lambda: service.write(otto, draft.id, text="Hi", length=2, variant="B"),
        lambda: service.unwrite(otto, draft.id, "B", ""),
        lambda: service.say_original(otto, draft.id, Language.ENGLISH),
        lambda: service.set_topic(otto, draft.id, Topic.NEWS),
        lambda: service.destinations(otto, draft.id, Leads.REWARD),
        lambda: service.lead_to(otto, draft.id, 0, Leads.REWARD, 1),
        lambda: service.link_to(otto, draft.id, 0, "https://bean.bar", "Go", {}),
        lambda: service.label(otto, draft.id, 0, "", "Go"),
        lambda: service.remove_button(otto, draft.id, 0, 1),
        lambda: service.times(otto, draft.id),
        lambda: service.plan_now(otto, draft.id),
        lambda: service.plan_typed(otto, draft.id, "tomorrow 9:00"),
        lambda: service.set_trial(otto, draft.id, Trial()),
        lambda: service.samples(otto, draft.id),
        lambda: service.try_on(otto, draft.id),
        lambda: service.test(otto, draft.id, "A", "", "NONCE"),
        lambda: service.restore(otto, draft.id),
        lambda: service.copy(otto, draft.id),
        lambda: service.revise(otto, draft.id),
    ):
        with pytest.raises(NotAllowed):
            use_case()
    with database.engine.connect() as connection:
        assert connection.execute(select(broadcasts.c.state)).scalars().all() == ["draft"]


# Statements


@pytest.mark.parametrize("size", [100, 400])
def test_a_start_and_a_claim_take_as_many_statements_for_few_as_for_many(
    size: int, units: UnitFactory, owner: Member, database: Database, clock: FrozenClock
) -> None:
    club = open_club(units, clock, chance.Random(7), LAVISH, Language.ENGLISH)
    crowd(database, clock, size, agreed=size)
    broadcast = tried(club, owner, Trial(percent=50, hours=1), "ABCD")
    settled(units, clock, *(Result(each, DeliveryState.SENT) for each in claimed(club, limit=size)))
    clock.advance(hours=1)
    with counted(database) as seen:
        assert club.broadcasts.decide_due() == 1
    assert len(seen) <= 7, "\n".join(seen)
    with counted(database) as seen:
        claimed(club, limit=size)
    assert len(seen) <= 12, "\n".join(seen)
    with counted(database) as seen:
        club.broadcasts.standing(owner, broadcast.id)
    assert len(seen) <= 4, "\n".join(seen)  # SQLite's BEGIN among them
