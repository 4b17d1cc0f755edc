from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from loyalty.errors import DealUnavailable, GroupIsFull, NotFound
from loyalty.group_buys import GroupState
from loyalty.live_cards import REST, Drawing, Place
from loyalty.members import Language
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from loyalty.services.live_cards import LEASE
from storage.database import Database
from storage.live_cards import live_cards
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.books import check_books
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.deals import add_deal, stock_of
from tests.kit.group_buys import all_at_once, balance_of, members_of, only_refusals

HERE = Place("-100", "7")


def place(number: int) -> Place:
    return Place(f"-{1000 + number}", "7")


def row_of(database: Database, at: Place = HERE) -> object:
    with database.engine.connect() as connection:
        return connection.execute(
            select(live_cards).where(live_cards.c.chat == at.chat, live_cards.c.message == at.message)
        ).one_or_none()


def draws(club: Club, limit: int = 50) -> list[Drawing]:
    """Claims and draws as a painter does."""
    drawings = list(club.live_cards.claim(limit))
    for drawing in drawings:
        club.live_cards.drawn(drawing)
    return drawings


def test_the_first_tap_opens_and_the_next_ones_join(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units)
    ana, bo, cy = members_of(club, 3)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    seen = [club.live_cards.open_or_join(member, HERE).group for member in (ana, bo, cy)]
    assert [(group.id, group.taken) for group in seen] == [(seen[0].id, 1), (seen[0].id, 2), (seen[0].id, 3)]
    assert seen[-1].state is GroupState.FILLED
    assert stock_of(units, deal_id) == 27
    [drawing] = club.live_cards.claim(10)
    assert drawing.face.is_final
    with database.engine.connect() as connection:
        told = connection.execute(select(deliveries.c.member_id).where(deliveries.c.kind == "group_seat")).scalars()
        assert sorted(told) == [ana.id, bo.id, cy.id]
    check_books(database)


@pytest.mark.race
async def test_many_tap_the_first_join_of_one_card_at_once(club: Club, units: UnitFactory, database: Database) -> None:
    """Two processes have a club each on one database."""
    deal_id = add_deal(units, size=20, stock=100)
    people = members_of(club, 12)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    other = open_club(units, FrozenClock(), random.Random(9), Programme(), Language.ENGLISH)
    calls: list[Callable[[], object]] = [
        partial((club, other)[number % 2].live_cards.open_or_join, member, HERE) for number, member in enumerate(people)
    ]
    assert only_refusals(await all_at_once(database, calls)) == []
    group = club.group_buys.group(1).group
    assert group.taken == 12
    assert [seen.id for seen, _ in club.group_buys.mine(people[0].id).groups] == [1]
    with pytest.raises(NotFound):
        club.group_buys.group(2)
    assert stock_of(units, deal_id) == 80
    check_books(database)


@pytest.mark.race
async def test_taps_redraws_and_moves_at_once(club: Club, units: UnitFactory, database: Database) -> None:
    """Whoever joins marks cards under the locks of group and balances; painters claim them meanwhile."""
    deal_id = add_deal(units, size=5)
    people = members_of(club, 30)
    places = [place(number) for number in range(10)]
    club.live_cards.post(places[0], "en", deal_id=deal_id)
    group_id = club.live_cards.open_or_join(people[0], places[0]).group.id
    for at in places[1:]:
        club.live_cards.post(at, "en", group_id=group_id)
    calls: list[Callable[[], object]] = [
        partial(club.live_cards.open_or_join, member, places[0]) for member in people[1:]
    ]
    for number in range(0, 30, 5):
        calls.insert(number, partial(draws, club, 4))
        calls.insert(number, partial(club.live_cards.look_again, places[number // 5]))
    calls.insert(3, partial(club.live_cards.move, places[9].chat, "-5000"))
    calls.insert(9, partial(club.live_cards.lose_chat, places[8].chat, "removed"))
    refusals = only_refusals(await all_at_once(database, calls))
    assert len(refusals) == 25
    assert all(isinstance(refusal, GroupIsFull) for refusal in refusals)
    check_books(database)


def test_posting_twice_keeps_the_first(club: Club, units: UnitFactory) -> None:
    beans, tea = add_deal(units), add_deal(units, slug="tea")
    club.live_cards.post(HERE, "en", deal_id=beans)
    club.live_cards.post(HERE, "zh-Hans", deal_id=tea)
    card = club.live_cards.known(HERE)
    assert card is not None
    assert (card.deal_id, card.language) == (beans, "en")


def test_a_refused_first_tap_opens_nothing(club: Club, units: UnitFactory, database: Database) -> None:
    deal_id = add_deal(units, per_member=5)
    [ana] = members_of(club, 1)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    club.live_cards.post(place(1), "en", deal_id=deal_id)
    club.live_cards.open_or_join(ana, HERE)
    with pytest.raises(DealUnavailable) as refusal:
        club.live_cards.open_or_join(ana, place(1))
    assert refusal.value.reason == "one_at_a_time"
    card = club.live_cards.known(place(1))
    assert card is not None
    assert card.group_id is None
    assert stock_of(units, deal_id) == 27
    assert balance_of(club, ana) == 260
    check_books(database)


@pytest.mark.parametrize("noun", ["deal_id", "group_id"])
def test_what_is_not_there_gets_no_card(club: Club, database: Database, noun: str) -> None:
    with pytest.raises(NotFound):
        club.live_cards.post(HERE, "en", **{noun: 99})  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        club.live_cards.post(HERE, "en")
    assert row_of(database) is None
    with pytest.raises(NotFound):
        club.live_cards.open_or_join(members_of(club, 1)[0], HERE)


def test_a_claimed_card_is_nobody_elses_until_its_painter_is_given_up(
    club: Club, units: UnitFactory, clock: FrozenClock
) -> None:
    club.live_cards.post(HERE, "en", deal_id=add_deal(units))
    assert len(club.live_cards.claim(10)) == 1
    assert not club.live_cards.is_any_due()
    assert club.live_cards.claim(10) == []
    clock.advance(seconds=LEASE.total_seconds())
    assert len(club.live_cards.claim(10)) == 1, "the painter was killed: another one draws it"


def test_a_card_rests_between_two_drawings(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    deal_id = add_deal(units)
    ana, bo = members_of(club, 2)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    assert len(draws(club)) == 1
    club.live_cards.open_or_join(ana, HERE)
    clock.advance(seconds=REST.total_seconds() - 0.1)
    club.live_cards.open_or_join(bo, HERE)
    assert draws(club) == []
    clock.advance(seconds=0.1)
    [drawing] = draws(club)
    assert drawing.face.group is not None
    assert drawing.face.group.taken == 2


def test_whoever_joins_while_it_is_drawn_is_drawn_next(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    deal_id = add_deal(units)
    ana, bo = members_of(club, 2)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    club.live_cards.open_or_join(ana, HERE)
    [drawing] = club.live_cards.claim(10)
    club.live_cards.open_or_join(bo, HERE)
    assert club.live_cards.claim(10) == [], "no two draw it at once"
    club.live_cards.drawn(drawing)
    clock.advance(seconds=REST.total_seconds())
    [again] = draws(club)
    assert again.face.group is not None
    assert again.face.group.taken == 2
    clock.advance(minutes=29)
    assert draws(club) == []


def test_an_open_card_tells_the_time_and_a_final_one_rests_for_ever(
    club: Club, units: UnitFactory, clock: FrozenClock
) -> None:
    deal_id = add_deal(units)
    ana, bo, cy = members_of(club, 3)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    club.live_cards.open_or_join(ana, HERE)
    draws(club)
    clock.advance(minutes=30)
    assert len(draws(club)) == 1
    for member in (bo, cy):
        club.live_cards.open_or_join(member, HERE)
    clock.advance(seconds=3)
    [last] = draws(club)
    assert last.face.is_final
    clock.advance(days=3)
    assert draws(club) == []


def test_outcomes_are_drawn_first(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    deal_id = add_deal(units, size=2, stock=100, per_member=9, is_several_allowed=True, group_points=10)
    ana, bo = members_of(club, 2)
    for number in range(6):
        club.live_cards.post(place(number), "en", deal_id=deal_id)
        club.live_cards.open_or_join(ana, place(number))
    club.live_cards.open_or_join(bo, place(5))
    first = club.live_cards.claim(1)
    assert [drawing.card.place for drawing in first] == [place(5)]
    assert len(club.live_cards.claim(10)) == 5


def test_claiming_takes_as_many_statements_for_one_card_as_for_many(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    deal_id = add_deal(units, stock=100, per_member=50, is_several_allowed=True, group_points=5)
    [ana] = members_of(club, 1)
    counts = []
    for number in range(20):
        club.live_cards.post(place(number), "en", deal_id=deal_id)
        club.live_cards.open_or_join(ana, place(number))
        if number in (0, 19):
            with statements(database) as seen:
                claimed = club.live_cards.claim(50)
            assert len(claimed) == number + 1
            counts.append(len(seen))
            for drawing in claimed:
                club.live_cards.drawn(drawing)
            clock.advance(seconds=3)
            club.live_cards.look_again(place(0))
        clock.advance(minutes=31)
    assert counts[0] == counts[1]


def test_a_lost_chat_is_left_alone_and_a_tap_finds_its_card_again(
    club: Club, units: UnitFactory, database: Database
) -> None:
    deal_id = add_deal(units)
    [ana] = members_of(club, 1)
    for at in (HERE, Place(HERE.chat, "8"), place(1), Place("", "inline")):
        club.live_cards.post(at, "en", deal_id=deal_id)
    club.live_cards.lose_chat(HERE.chat, "removed")
    assert {drawing.card.place for drawing in draws(club)} == {place(1), Place("", "inline")}
    assert club.live_cards.known(HERE) is None
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    assert club.live_cards.open_or_join(ana, HERE).group.taken == 1
    [drawing] = draws(club)
    assert drawing.card.place == HERE


def test_cards_shared_inline_are_of_no_chat(club: Club, units: UnitFactory) -> None:
    club.live_cards.post(Place("", "inline"), "en", deal_id=add_deal(units))
    club.live_cards.lose_chat("", "removed")
    assert club.live_cards.known(Place("", "inline")) is not None


def test_a_chat_moves_with_what_still_has_something_to_tell(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    deal_id = add_deal(units, size=2, stock=100, per_member=9, is_several_allowed=True, group_points=10)
    ana, bo = members_of(club, 2)
    places = [Place("-100", str(number)) for number in range(4)]
    for at in places:
        club.live_cards.post(at, "en", deal_id=deal_id)
    club.live_cards.open_or_join(ana, places[0])  # over and told
    club.live_cards.open_or_join(bo, places[0])
    draws(club)
    clock.advance(seconds=3)
    club.live_cards.open_or_join(ana, places[2])  # over, not told yet
    club.live_cards.open_or_join(bo, places[2])
    club.live_cards.open_or_join(ana, places[1])  # open
    for _ in range(2):
        club.live_cards.move("-100", "-5000")  # from the service message, and from the answer to an edit
    drawings = club.live_cards.claim(10)
    assert len(drawings) == 3
    assert all(drawing.card.place.chat == "-5000" and drawing.card.place.has_moved for drawing in drawings)
    for number, drawing in enumerate(drawings):
        club.live_cards.drawn(drawing, str(50 + number))
    assert all(club.live_cards.known(Place("-5000", str(number))) is not None for number in (50, 51, 52))
    assert club.live_cards.known(places[0]) is not None
    clock.advance(seconds=3)
    club.live_cards.move("-5000", "-6000")
    assert len(club.live_cards.claim(10)) == 2, "the one that was over has told it"


def test_a_new_message_that_was_tapped_before_it_was_noted(club: Club, units: UnitFactory) -> None:
    deal_id = add_deal(units)
    club.live_cards.post(HERE, "en", deal_id=deal_id)
    club.live_cards.move(HERE.chat, "-5000")
    [drawing] = club.live_cards.claim(10)
    club.live_cards.post(Place("-5000", "2"), "en", deal_id=deal_id)  # by a tap on it
    club.live_cards.drawn(drawing, "2")
    card = club.live_cards.known(Place("-5000", "2"))
    assert card is not None
    assert card.id != drawing.card.id
    assert [drawn.card.id for drawn in draws(club)] == [card.id]


def test_showing_a_name_marks_what_it_stands_on(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    deal_id = add_deal(units, stock=100, per_member=9, is_several_allowed=True, group_points=10)
    ana, bo = members_of(club, 2)
    for number, member in enumerate((ana, bo, ana)):
        club.live_cards.post(place(number), "en", deal_id=deal_id)
        club.live_cards.open_or_join(member, place(number))
    club.group_buys.leave(ana, 3)
    draws(club)
    clock.advance(seconds=3)
    for is_shown in (True, False):
        club.members.show_name(ana, is_shown)
        [drawing] = draws(club)
        assert drawing.card.place == place(0)
        assert drawing.face.group is not None
        assert [seat.is_shown for seat in drawing.face.group.seats] == [is_shown]
        clock.advance(seconds=3)


def test_what_runs_is_found_by_the_words_of_its_title(club: Club, units: UnitFactory) -> None:
    add_deal(units)
    add_deal(units, slug="soon", title="Coffee soon", starts_at=FrozenClock()() + timedelta(hours=1))
    add_deal(units, slug="gone", title="Coffee gone", stock=1)
    for words, language, found in (
        ("", "en", ["Coffee beans"]),
        ("beans COFFEE", "en", ["Coffee beans"]),
        ("咖啡", "zh-Hans", ["Coffee beans"]),
        ("coffee", "zh-Hans", ["Coffee beans"]),
        ("咖啡", "en", []),
        ("tea", "en", []),
        ("harbour", "en", ["Coffee beans"]),  # by the shop
        ("harbour beans", "en", ["Coffee beans"]),
        ("cofee", "en", ["Coffee beans"]),
    ):
        assert [face.deal.title for face in club.live_cards.search(words, language)] == found
