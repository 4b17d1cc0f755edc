"""What a draft means and what a shop keeps: on both databases, in few statements, without anybody's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from loyalty.errors import BroadcastRefused, InvalidSegment, ListNameTaken, NotAllowed, NotFound, SegmentChanged
from loyalty.members import Member, Topic
from loyalty.merchants import Role
from loyalty.segment_choices import Choice, Sort
from loyalty.segments import EVERYBODY, LISTS_MAX, All, Glimpse, HasPoints, InSaved, IsCustomer, Not, fingerprint
from loyalty.services import Club
from loyalty.services.segments import SegmentCard, SegmentService
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.ledger import all_at_once
from tests.kit.shops import add_merchant, appoint, enrol

SAVERS = Choice(Sort.POINTS, 50)


@pytest.fixture
def olive(units: UnitFactory) -> Member:
    member = enrol(units, "Olive")
    appoint(units, add_merchant(units, "Bean Bar"), member, Role.MARKETER)
    return member


@pytest.fixture
def draft_id(units: UnitFactory, club: Club, olive: Member) -> int:
    return club.broadcasts.draft(olive, add_merchant(units, "Bean Bar")).draft.id


def agree(units: UnitFactory, clock: FrozenClock, *names: str) -> None:
    for name in names:
        member = enrol(units, name)
        with units() as uow:
            uow.members.consent(member.id, Topic.OFFERS, True, at=clock(), wording="Yes")
            uow.commit()


def keep(club: Club, olive: Member, draft_id: int, name: str, choice: Choice) -> int:
    """A list of this one condition; the draft means everybody before and after."""
    put = club.segments.put(olive, draft_id, fingerprint(EVERYBODY), "a", choice)
    kept = club.segments.save(olive, draft_id, put.seen.mark, name)
    club.segments.clear(olive, draft_id, put.seen.mark)
    return kept.saved.id


@pytest.mark.parametrize("people", [1, 25])
def test_a_screen_counts_once_whatever_the_size_of_the_club(
    people: int, database: Database, units: UnitFactory, club: Club, clock: FrozenClock, olive: Member, draft_id: int
) -> None:
    agree(units, clock, *(f"P{number}" for number in range(people)))
    keep(club, olive, draft_id, "Savers", SAVERS)
    mark = fingerprint(EVERYBODY)
    for choice in (
        Choice(Sort.CUSTOMER, is_not=True),
        Choice(Sort.TAPPED, 30, is_not=True),
        Choice(Sort.LAST, 7, 0, True),
    ):
        mark = club.segments.put(olive, draft_id, mark, "a", choice).seen.mark
    with statements(database) as seen:
        assert club.segments.card(olive, draft_id).counted.meant == people
    assert sum("FROM consents" in text for text in seen) == 1
    assert len(seen) == 4, "\n".join(seen)  # the draft, the right, the count, what it was before


def test_samples_tell_nobodys_name(
    database: Database, units: UnitFactory, club: Club, clock: FrozenClock, olive: Member, draft_id: int
) -> None:
    agree(units, clock, *(f"ana {number}" for number in range(12)))
    with statements(database) as seen:
        _, found = club.segments.samples(olive, draft_id)
    assert len(seen) == 3, "\n".join(seen)  # the draft, the right, and all of them at once
    assert len(found) == 10
    assert {field.name for field in fields(Glimpse)} == {"initial", "tier", "language", "joined_at"}
    assert {one.initial for one in found} == {"A"}


def test_the_same_change_twice_is_one(club: Club, olive: Member, draft_id: int) -> None:
    mark = fingerprint(EVERYBODY)
    club.segments.put(olive, draft_id, mark, "a", SAVERS)
    with pytest.raises(SegmentChanged):
        club.segments.put(olive, draft_id, mark, "a", SAVERS)
    assert club.segments.card(olive, draft_id).seen.segment == All((HasPoints(50),))


def test_a_draft_that_is_deleted_and_brought_back_still_knows_the_way_back(
    units: UnitFactory, club: Club, olive: Member, draft_id: int
) -> None:
    club.segments.put(olive, draft_id, fingerprint(EVERYBODY), "a", SAVERS)
    club.broadcasts.delete(olive, draft_id)
    with pytest.raises(BroadcastRefused):
        club.segments.card(olive, draft_id)
    club.broadcasts.restore(olive, draft_id)
    assert club.segments.card(olive, draft_id).seen.segment == All((HasPoints(50),))
    with units() as uow:
        assert uow.segments.before(draft_id) == EVERYBODY


def test_deleting_and_restoring_a_list_twice_is_once(club: Club, olive: Member, draft_id: int) -> None:
    list_id = keep(club, olive, draft_id, "Savers", SAVERS)
    for _ in range(2):
        club.segments.delete(olive, draft_id, list_id)
        assert club.segments.lists(olive, draft_id)[1] == []
    with pytest.raises(NotFound):
        club.segments.saved(olive, draft_id, list_id)
    for _ in range(2):
        assert club.segments.restore(olive, draft_id, list_id).saved.name == "Savers"
    assert [one.id for one in club.segments.lists(olive, draft_id)[1]] == [list_id]


def test_a_deleted_list_is_not_mentioned_anew(club: Club, olive: Member, draft_id: int) -> None:
    list_id = keep(club, olive, draft_id, "Savers", SAVERS)
    club.segments.delete(olive, draft_id, list_id)
    with pytest.raises(InvalidSegment, match="gone"):
        club.segments.put(olive, draft_id, fingerprint(EVERYBODY), "a", Choice(Sort.SAVED, list_id))


def test_a_list_that_changes_changes_what_mentions_it(
    units: UnitFactory, club: Club, clock: FrozenClock, olive: Member, draft_id: int
) -> None:
    agree(units, clock, "Ana")
    list_id = keep(club, olive, draft_id, "Some", Choice(Sort.CUSTOMER))
    strangers = club.segments.put(olive, draft_id, fingerprint(EVERYBODY), "a", Choice(Sort.CUSTOMER, is_not=True))
    mentioning = club.segments.put(olive, draft_id, strangers.seen.mark, "a", Choice(Sort.SAVED, list_id))
    assert (strangers.counted.meant, mentioning.counted.meant) == (1, 0)
    only = club.segments.remove(olive, draft_id, mentioning.seen.mark, "1")
    club.segments.overwrite(olive, draft_id, only.seen.mark, list_id)
    again = club.segments.put(olive, draft_id, only.seen.mark, "a", Choice(Sort.SAVED, list_id))
    assert again.counted.meant == 1
    assert again.seen.segment == All((Not(IsCustomer()), InSaved(list_id)))


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_broadcast_goes_to_whom_its_list_means(
    is_deleted: bool, units: UnitFactory, club: Club, clock: FrozenClock, olive: Member, draft_id: int
) -> None:
    agree(units, clock, "Ana", "Bo")
    list_id = keep(club, olive, draft_id, "Not yet", Choice(Sort.CUSTOMER, is_not=True))
    put = club.segments.put(olive, draft_id, fingerprint(EVERYBODY), "a", Choice(Sort.SAVED, list_id))
    if is_deleted:
        club.segments.delete(olive, draft_id, list_id)
    club.broadcasts.write(olive, draft_id, text="Hello", length=5)
    assert club.broadcasts.start(olive, draft_id, "NONCE").broadcast.recipients == put.counted.meant == 2


@pytest.mark.race
def test_two_lists_that_take_each_other_in_at_once_make_no_loop(
    units: UnitFactory, club: Club, olive: Member, draft_id: int
) -> None:
    """Each alone is fine; the second to come is refused."""
    one = keep(club, olive, draft_id, "One", SAVERS)
    two = keep(club, olive, draft_id, "Two", Choice(Sort.CUSTOMER))
    otto = enrol(units, "Otto")
    appoint(units, add_merchant(units, "Bean Bar"), otto, Role.OWNER)
    his_id = club.broadcasts.draft(otto, add_merchant(units, "Bean Bar")).draft.id
    everybody = fingerprint(EVERYBODY)
    with_two = club.segments.put(olive, draft_id, everybody, "a", Choice(Sort.SAVED, two)).seen.mark
    with_one = club.segments.put(otto, his_id, everybody, "a", Choice(Sort.SAVED, one)).seen.mark
    tries = [(olive, draft_id, with_two, one), (otto, his_id, with_one, two)]
    outcomes = all_at_once(2, lambda number: club.segments.overwrite(*tries[number]), InvalidSegment)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidSegment", "ListCard"]


@pytest.mark.race
def test_one_change_of_those_made_at_once_on_the_same_screen_counts(club: Club, olive: Member, draft_id: int) -> None:
    mark = fingerprint(EVERYBODY)
    outcomes = all_at_once(
        6, lambda number: club.segments.put(olive, draft_id, mark, "a", Choice(Sort.POINTS, number)), SegmentChanged
    )
    assert sum(isinstance(outcome, SegmentCard) for outcome in outcomes) == 1
    assert len(club.segments.card(olive, draft_id).seen.segment.parts) == 1


def test_a_shop_keeps_so_many_lists_and_each_name_once(club: Club, olive: Member, draft_id: int) -> None:
    mark = club.segments.put(olive, draft_id, fingerprint(EVERYBODY), "a", SAVERS).seen.mark
    for number in range(LISTS_MAX):
        kept = club.segments.save(olive, draft_id, mark, f"List {number}")
    assert club.segments.save(olive, draft_id, mark, "List 0").saved.name == "List 0"  # the same again
    with pytest.raises(InvalidSegment, match="too_many_lists"):
        club.segments.save(olive, draft_id, mark, "One more")
    with pytest.raises(ListNameTaken):
        club.segments.rename(olive, draft_id, kept.saved.id, "List 0")
    assert club.segments.rename(olive, draft_id, kept.saved.id, kept.saved.name).saved == kept.saved


def test_others_see_and_change_nothing(units: UnitFactory, club: Club, olive: Member, draft_id: int) -> None:
    list_id = keep(club, olive, draft_id, "Savers", SAVERS)
    rita, cashier = enrol(units, "Rita"), enrol(units, "Cas")
    appoint(units, add_merchant(units, "Red Door"), rita, Role.OWNER)
    appoint(units, add_merchant(units, "Bean Bar"), cashier, Role.CASHIER)
    for member in (rita, cashier):
        for use_case in _use_cases(club.segments, member, draft_id, list_id):
            with pytest.raises(NotAllowed):
                use_case()


def _use_cases(segments: SegmentService, member: Member, draft_id: int, list_id: int) -> list[Callable[[], object]]:
    mark = fingerprint(EVERYBODY)
    return [
        lambda: segments.card(member, draft_id),
        lambda: segments.look(member, draft_id, mark),
        lambda: segments.offered(member, draft_id, mark, Sort.PRODUCT),
        lambda: segments.samples(member, draft_id),
        lambda: segments.put(member, draft_id, mark, "a", SAVERS),
        lambda: segments.clear(member, draft_id, mark),
        lambda: segments.undo(member, draft_id, mark),
        lambda: segments.lists(member, draft_id),
        lambda: segments.saved(member, draft_id, list_id),
        lambda: segments.save(member, draft_id, mark, "Mine"),
        lambda: segments.overwrite(member, draft_id, mark, list_id),
        lambda: segments.rename(member, draft_id, list_id, "Mine"),
        lambda: segments.delete(member, draft_id, list_id),
        lambda: segments.restore(member, draft_id, list_id),
    ]
