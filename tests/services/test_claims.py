"""Member numbers taken over by a code: by newcomers, by members with a history, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from loyalty.errors import ClaimRefused, NotFound
from loyalty.members import Address, Birthday, Member, Tier, Topic
from loyalty.notifications import Choices
from loyalty.points import expiry
from loyalty.programme import Programme
from loyalty.services import Club, ledger
from storage.audit import audit
from storage.books import lots
from storage.database import Database
from storage.members import claims, consent_log
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.numbers import bring_over, holder
from tests.kit.shops import add_merchant, appoint


@pytest.fixture(autouse=True)
def audited(database: Database) -> Iterator[None]:
    yield
    with database.engine.connect() as connection:
        assert [finding for finding in audit(connection) if not finding.holds] == []


def newcomer(club: Club, name: str = "Nora", user: str = "1001") -> Member:
    return club.members.enrol(Address("telegram", user), name=name, client_language="zh-TW").member


def reason(club: Club, member: Member, code: str, *, looks: bool = False) -> str:
    with pytest.raises(ClaimRefused) as refused:
        (club.claims.look if looks else club.claims.claim)(member, code)
    return refused.value.reason


def test_a_newcomer_becomes_the_member_of_the_number(club: Club, units: UnitFactory, database: Database) -> None:
    bring_over(club, "4711", points=120, tier=Tier.GOLD, birthday=Birthday(12, 24), phone="+491701234567")
    imported = holder(units, "4711")
    nora = newcomer(club)
    club.members.consent(nora, Topic.OFFERS, True, "Yes, offers", "offers")
    club.notifications.at_most(nora, 2, 0)
    shop = add_merchant(units, "Loud Shop")
    club.notifications.mute(nora, shop, True, "Nothing from Loud Shop", "notifications")
    card = club.cards.card(nora)
    code = club.claims.issue("4711").code

    offered = club.claims.look(nora, code.lower())
    assert (offered.initial, offered.number) == ("N", "••11")
    claimed = club.claims.claim(nora, code)

    assert (claimed.member.id, claimed.available, claimed.is_replay) == (imported.id, 120, False)
    speaker = club.members.speaker(nora.address)
    assert speaker is not None
    member = speaker.member
    assert (member.id, member.name, member.tier, member.address) == (imported.id, "Nora Berg", Tier.GOLD, nora.address)
    assert (member.birthday, member.phone, member.card_code) == (Birthday(12, 24), "+491701234567", card)
    assert (member.language, member.timezone) == (nora.language, nora.timezone), "as it was said in the chat"
    assert member.agrees_to(Topic.OFFERS)
    assert club.members.profile(imported.id).member.address == nora.address, "the chat is nearer than the number"
    with database.engine.connect() as connection:
        logged = select(consent_log.c.wording, consent_log.c.place, consent_log.c.merchant_id)
        assert connection.execute(logged.where(consent_log.c.member_id == imported.id)).all() == [
            ("Yes, offers", "offers", None),
            ("Nothing from Loud Shop", "notifications", shop),
        ]
    centre = club.notifications.centre(member)
    assert (centre.choices, centre.muted) == (Choices(per_day=2), 1)
    figures = club.operators.report().figures
    assert (figures.members, figures.members_unreachable) == (1, 0), "two rows are one person"
    with pytest.raises(NotFound):
        club.members.profile(nora.id)


def test_who_has_a_history_gets_points_with_their_expiry_and_funder(
    club: Club, units: UnitFactory, database: Database, clock: FrozenClock
) -> None:
    shop_id = add_merchant(units, "Corner")
    bring_over(club, "4711", points=100, tier=Tier.SILVER, birthday=Birthday(12, 24))
    imported = holder(units, "4711")
    with units() as uow:
        facts = {"key": "shop", "cause": "test", "actor": "test", "at": clock()}
        ledger.award(uow, Programme(), imported.id, 20, funder_id=shop_id, **facts)  # type: ignore[arg-type]
        uow.commit()
    opened_until = expiry(clock(), 365, Programme().zone)
    clock.advance(days=10)
    nora = newcomer(club)
    club.points.check_in(nora)
    claimed = club.claims.claim(nora, club.claims.issue("4711").code)

    assert (claimed.member.id, claimed.available) == (nora.id, 121)
    assert holder(units, "4711").id == nora.id, "imports for the number come here from now on"
    member = club.members.profile(nora.id).member
    assert (member.tier, member.birthday, member.name) == (Tier.SILVER, Birthday(12, 24), "Nora")
    assert member.tier_kept_until == clock() + timedelta(days=355)
    assert member.address == nora.address
    with database.engine.connect() as connection:
        own = select(lots.c.available, lots.c.funder_id).where(
            lots.c.member_id == nora.id, lots.c.expires_at == opened_until
        )
        assert sorted(map(tuple, connection.execute(own.order_by(lots.c.available)))) == [(20, shop_id), (100, None)]


def test_a_higher_tier_of_ones_own_stays(club: Club, units: UnitFactory) -> None:
    bring_over(club, "4711", points=5, tier=Tier.SILVER)
    bring_over(club, "4712", tier=Tier.GOLD)
    nora = newcomer(club)
    club.claims.claim(nora, club.claims.issue("4712").code)
    gold = holder(units, "4712")
    claimed = club.claims.claim(gold, club.claims.issue("4711").code)
    assert claimed.member.tier is Tier.GOLD
    assert claimed.available == 5


def test_staff_keep_their_post(club: Club, units: UnitFactory) -> None:
    nora = newcomer(club)
    appoint(units, add_merchant(units, "Corner"), nora)
    bring_over(club, "4711", points=5)
    claimed = club.claims.claim(nora, club.claims.issue("4711").code)
    assert (claimed.member.id, claimed.member.is_staff) == (nora.id, True)


@pytest.mark.parametrize("has_history", [False, True])
def test_a_second_tap_answers_as_the_first(
    has_history: bool, club: Club, units: UnitFactory, database: Database
) -> None:
    bring_over(club, "4711", points=100)
    nora = newcomer(club)
    if has_history:
        club.points.check_in(nora)
    code = club.claims.issue("4711").code
    first, second = club.claims.claim(nora, code), club.claims.claim(nora, code)
    assert (second.member, second.available) == (first.member, first.available)
    assert (first.is_replay, second.is_replay) == (False, True)
    assert reason(club, first.member, code, looks=True) == "mine"


def test_each_wrong_code_has_its_own_refusal(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    bring_over(club, "4711", points=100)
    bring_over(club, "4712", points=100)
    nora, finder = newcomer(club), newcomer(club, "Finn", "1002")
    code, other = club.claims.issue("4711").code, club.claims.issue("4712")
    for wrong in ("", "4711", "0" * 13, "💥", "A" * 5000):
        assert reason(club, finder, wrong, looks=True) == reason(club, finder, wrong) == "unknown"
    club.claims.claim(nora, code)
    assert reason(club, finder, code) == reason(club, finder, code, looks=True) == "used"
    clock.move_to(other.expires_at)
    assert reason(club, finder, other.code) == reason(club, finder, other.code, looks=True) == "expired"
    assert club.points.balance(finder.id).available == 0


def test_another_code_of_a_taken_number_is_used_up_too(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    bring_over(club, "4711", points=100)
    bring_over(club, "4712", points=100)
    nora, ana = newcomer(club), newcomer(club, "Ana", "1002")
    club.points.check_in(ana)
    for member, number in ((nora, "4711"), (ana, "4712")):
        code, imported_id = club.claims.issue(number).code, holder(units, number).id
        with units() as uow:
            uow.claims.add(f"AFTER{number}", imported_id, clock(), clock() + timedelta(days=1))
            uow.commit()
        club.claims.claim(member, code)
    finder = newcomer(club, "Finn", "1003")
    for number in ("4711", "4712"):
        assert reason(club, finder, f"AFTER{number}") == "used"
        with pytest.raises(ClaimRefused) as refused:
            club.claims.issue(number)
        assert refused.value.reason == "in_chat"


def test_what_is_not_settled_waits(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    bring_over(club, "4711", points=100)
    imported = holder(units, "4711")
    with units() as uow:
        facts = {"key": "p", "cause": "test", "actor": "test", "at": clock()}
        ledger.award(uow, Programme(), imported.id, 20, is_pending=True, **facts)  # type: ignore[arg-type]
        uow.commit()
    nora = newcomer(club)
    club.points.check_in(nora)
    code = club.claims.issue("4711").code
    assert reason(club, nora, code) == "unsettled"
    assert club.points.balance(imported.id).available == 100, "nothing has changed"
    assert reason(club, newcomer(club, "Finn", "1002"), "") == "unknown"


def test_a_number_has_one_open_code(club: Club, units: UnitFactory, clock: FrozenClock) -> None:
    bring_over(club, "A-0815")
    first = club.claims.issue("a-0815")
    assert club.claims.issue(" A-0815 ") == first
    assert first.expires_at == clock() + timedelta(days=90)
    clock.move_to(first.expires_at)
    assert club.claims.issue("A-0815").code != first.code
    for unknown in ("9999", "", "x" * 99, "💥"):
        with pytest.raises(NotFound):
            club.claims.issue(unknown)


def test_codes_for_all_are_those_of_who_is_not_here_yet(club: Club, database: Database) -> None:
    for number in range(1, 6):
        bring_over(club, f"N{number}")
    single = club.claims.issue("N2")
    club.claims.claim(newcomer(club), club.claims.issue("N3").code)
    issued, after = club.claims.issue_next()
    assert [one.number for one in issued] == ["N1", "N2", "N4", "N5"]
    assert issued[1] == single
    assert club.claims.issue_next(after or 0) == ([], None)
    assert club.claims.issue_next()[0] == issued, "asked again, they are the same"
    with database.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(claims)).scalar_one() == 5


@pytest.mark.race
def test_of_two_at_once_one_gets_the_number(club: Club, units: UnitFactory) -> None:
    bring_over(club, "4711", points=100)
    people = [newcomer(club, f"P{number}", str(1001 + number)) for number in range(4)]
    for member in people[:2]:
        club.points.check_in(member)
    code = club.claims.issue("4711").code

    outcomes = all_at_once(len(people), lambda number: club.claims.claim(people[number], code), ClaimRefused)
    refused = [outcome.reason for outcome in outcomes if isinstance(outcome, ClaimRefused)]
    assert refused == ["used"] * (len(people) - 1)
    assert sum(club.points.balance(member.id).available for member in people[:2]) in (2, 102)
