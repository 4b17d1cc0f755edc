from __future__ import annotations

import asyncio
import random as chance
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from loyalty.deliveries import DeliveryState, Lane, Notice
from loyalty.errors import NotFound
from loyalty.members import Language, Member, Topic
from loyalty.notifications import Choices, Less, Said
from loyalty.programme import Programme
from loyalty.services import Club, open_club
from storage.database import Database
from storage.members import consent_log
from storage.outbox import deliveries
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.counting import statements
from tests.kit.shops import add_merchant, enrol

WEEKS_MAX = 70


@pytest.fixture
def ana(units: UnitFactory) -> Member:
    return enrol(units, "Ana")


@pytest.fixture
def careful(units: UnitFactory, clock: FrozenClock, random: chance.Random) -> Club:
    return open_club(units, clock, random, Programme(has_double_opt_in=True), Language.ENGLISH)


def offer(units: UnitFactory, clock: FrozenClock, member: Member, cause: str, shop: int | None = None) -> int:
    notice = Notice(member.id, "offer", cause, lane=Lane.MARKETING, topic=Topic.OFFERS, merchant_id=shop)
    with units() as uow:
        uow.outbox.add([notice], clock())
        uow.commit()
    with units() as uow:
        return uow.contacts.unasked(member.id, None, 1)[0].id


def questions(database: Database) -> list[int]:
    with database.engine.connect() as connection:
        found = select(deliveries.c.facts).where(deliveries.c.kind == "consent_question")
        return [facts["line_id"] for facts in connection.execute(found).scalars()]


def said(database: Database) -> Counter[tuple[str, bool, bool]]:
    with database.engine.connect() as connection:
        rows = connection.execute(select(consent_log.c.topic, consent_log.c.is_given, consent_log.c.is_confirmed))
        return Counter((row.topic, row.is_given, row.is_confirmed) for row in rows)


@pytest.mark.race
async def test_saying_yes_many_times_at_once_asks_once_and_counts_once(
    careful: Club, ana: Member, database: Database
) -> None:
    answers = await asyncio.gather(
        *(database.run(careful.members.consent, ana, Topic.OFFERS, True, "Terms", "offers") for _ in range(8))
    )
    assert set(answers) == {Said.ASKED}
    (line_id,) = questions(database)
    await asyncio.gather(
        *(database.run(careful.notifications.confirm, ana, Topic.OFFERS, line_id, True, "Terms") for _ in range(8))
    )
    assert said(database) == {("offers", True, False): 1, ("offers", True, True): 1}
    assert careful.notifications.centre(ana).agreed.keys() == {Topic.OFFERS}


def test_a_question_names_its_topic_and_its_member(
    careful: Club, ana: Member, units: UnitFactory, database: Database
) -> None:
    careful.members.consent(ana, Topic.OFFERS, True, "Terms")
    (line_id,) = questions(database)
    for member, topic in ((ana, Topic.NEWS), (enrol(units, "Bo"), Topic.OFFERS)):
        with pytest.raises(NotFound):
            careful.notifications.confirm(member, topic, line_id, True, "Terms")
    assert not careful.notifications.centre(ana).agreed


def test_a_no_meanwhile_closes_the_question(careful: Club, ana: Member, database: Database) -> None:
    careful.members.consent(ana, Topic.OFFERS, True, "Terms")
    (line_id,) = questions(database)
    careful.members.consent(ana, Topic.OFFERS, False, "Stop")
    answer = careful.notifications.confirm(ana, Topic.OFFERS, line_id, True, "Terms")
    assert answer.said is Said.ASKED
    assert answer.question not in (None, line_id)
    assert not careful.notifications.centre(ana).agreed


def test_a_confirmed_yes_is_not_asked_about_again(careful: Club, ana: Member, database: Database) -> None:
    careful.members.consent(ana, Topic.OFFERS, True, "Terms")
    careful.notifications.confirm(ana, Topic.OFFERS, questions(database)[0], True, "Terms")
    assert careful.members.consent(ana, Topic.OFFERS, True, "Terms") is Said.DONE
    assert len(questions(database)) == 1


@pytest.mark.parametrize(("hours", "expected"), [(23, Said.DONE), (24, Said.ASKED)])
def test_a_stop_is_taken_back_within_a_day(
    hours: int, expected: Said, careful: Club, ana: Member, clock: FrozenClock, database: Database
) -> None:
    careful.members.consent(ana, Topic.OFFERS, True, "Terms")
    careful.notifications.confirm(ana, Topic.OFFERS, questions(database)[0], True, "Terms")
    assert careful.notifications.stop_all(ana, "Stop everything", "test") == [Topic.OFFERS]
    clock.advance(hours=hours)
    assert careful.notifications.take_stop_back(ana, [Topic.OFFERS], "Undo", "test") is expected


def test_refusing_the_question_is_no_stop_that_could_be_undone(careful: Club, ana: Member, database: Database) -> None:
    careful.members.consent(ana, Topic.OFFERS, True, "Terms")
    careful.notifications.confirm(ana, Topic.OFFERS, questions(database)[0], False, "No")
    assert careful.members.consent(ana, Topic.OFFERS, True, "Terms") is Said.ASKED
    assert len(questions(database)) == 2


def test_a_question_is_asked_even_at_night(careful: Club, ana: Member, clock: FrozenClock) -> None:
    clock.advance(hours=13)
    careful.members.consent(ana, Topic.OFFERS, True, "Terms")
    (asked,) = careful.deliveries.claim(Lane.TRANSACTIONAL, 10, timedelta(seconds=90))
    assert asked.kind == "consent_question"


@pytest.mark.parametrize("before", [None, 3, WEEKS_MAX])
def test_an_undo_of_once_a_week_restores_what_was_chosen(
    before: int | None, club: Club, ana: Member, units: UnitFactory, clock: FrozenClock
) -> None:
    with units() as uow:
        uow.contacts.choose(ana.id, Choices(per_day=2, per_week=before))
        uow.commit()
    message = offer(units, clock, ana, "one")
    assert club.notifications.less(ana, message).per_week == before
    for _ in range(2):
        club.notifications.have_less(ana, message, Less.WEEKLY, "At most one a week")
    assert club.notifications.centre(ana).choices == Choices(per_day=2, per_week=1)
    for _ in range(2):
        club.notifications.have_it_back(ana, message, Less.WEEKLY, before, "Undo")
    assert club.notifications.centre(ana).choices == Choices(per_day=2, per_week=before)


def test_an_old_undo_leaves_what_was_chosen_since_then(
    club: Club, ana: Member, units: UnitFactory, clock: FrozenClock
) -> None:
    message = offer(units, clock, ana, "one")
    club.notifications.have_less(ana, message, Less.WEEKLY, "At most one a week")
    club.notifications.at_most(ana, 0, 7)
    club.notifications.have_it_back(ana, message, Less.WEEKLY, None, "Undo")
    assert club.notifications.centre(ana).choices == Choices(per_week=7)


def test_a_message_of_no_shop_silences_none(club: Club, ana: Member, units: UnitFactory, clock: FrozenClock) -> None:
    message = offer(units, clock, ana, "one")
    assert Less.SHOP not in club.notifications.less(ana, message).ways
    with pytest.raises(NotFound):
        club.notifications.have_less(ana, message, Less.SHOP, "Nothing from")


def test_the_pages_take_one_look_however_much_there_is(
    club: Club, ana: Member, units: UnitFactory, clock: FrozenClock, database: Database
) -> None:
    for n in range(30):
        offer(units, clock, ana, f"{n}", add_merchant(units, f"Shop {n:02}"))
    with statements(database) as seen:
        page = club.notifications.unasked(ana)
    assert len(seen) == 1
    assert (page.is_first, len(page.messages), page.messages[0].shop) == (True, 6, "Shop 29")
    older = club.notifications.unasked(ana, page.older_than)
    assert [message.shop for message in older.messages] == [f"Shop {n}" for n in range(23, 17, -1)]
    assert {message.state for message in older.messages} == {DeliveryState.QUEUED}
