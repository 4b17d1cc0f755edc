"""Wrong codes slow whoever tries them, at every place where there is something to guess, and nobody else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from loyalty.attempts import Guess
from loyalty.errors import CustomerNotFound, GuessingPaused, Refusal
from loyalty.members import Address, Language, Member
from loyalty.merchants import Role
from loyalty.services import open_club
from loyalty.services.customers import Face
from loyalty.services.guessing import GUARDED
from storage.attempts import guesses, phone_lookups
from storage.database import Database
from storage.outbox import deliveries
from tests.kit.clock import FrozenClock
from tests.kit.ledger import all_at_once
from tests.kit.shops import appoint, enrol
from tests.kit.till import Till, know

Try = Callable[[Till, Member, str], object]
WRONG = "7777777777777"
OLGA = Address("telegram", "9000")

# How somebody tries a code at each place. The test below asks for a line here from whoever adds a place.
PLACES: dict[str, Try] = {
    "TillService.find": lambda till, who, code: till.club.till.find(who, till.shop_id, f"c_{code}"),
    "TillService.card_owner": lambda till, who, code: till.club.till.card_owner(who, code),
    "VoucherService.check": lambda till, who, code: till.club.vouchers.check(who, code),
    "VoucherService.use": lambda till, who, code: till.club.vouchers.use(who, code),
    "VoucherService.scan": lambda till, who, code: till.club.vouchers.scan(who, code),
    "ClaimService.look": lambda till, who, code: till.club.claims.look(who, code),
    "ClaimService.claim": lambda till, who, code: till.club.claims.claim(who, code),
    "InviteService.invitation": lambda till, who, code: till.club.invites.invitation(who, code),
    "InviteService.join": lambda till, who, code: till.club.invites.join(who, code),
    "TransferService.quote": lambda till, who, code: till.club.transfers.quote(who, code, 1),
}
# Lookups by a code that need no guard, and why.
UNGUARDED = {
    "referrals.py": "once in a life, by who is no member yet",
    "members.py": "only what others call",
    "customers.py": "only what the till calls",
    "operators.py": "only operators come here",
}


@pytest.fixture
def till(database: Database, clock: FrozenClock) -> Till:
    return Till(database, clock, has_transfers=True, operators=frozenset({OLGA}))


@pytest.fixture
def cato(till: Till) -> Member:
    return till.cashier("Cato")


def tries(till: Till, who: Member, place: str, count: int, code: str = WRONG) -> list[type[Refusal]]:
    found = []
    for _ in range(count):
        with pytest.raises(Refusal) as caught:
            PLACES[place](till, who, code)
        found.append(type(caught.value))
    return found


def test_every_place_is_tried_here() -> None:
    assert set(GUARDED) == set(PLACES)
    assert set(GUARDED.values()) == set(Guess)


def test_nobody_looks_a_code_up_beside_the_guard() -> None:
    looks = re.compile(r"\.(by_code|by_card|invite_by_code)\(|\.claims\.get\(|with_code\(")
    guarded = {"till.py", "vouchers.py", "claims.py", "invites.py", "transfers.py"}
    files = sorted(Path("loyalty/services").glob("*.py"))
    assert {file.name for file in files if looks.search(file.read_text())} == guarded | set(UNGUARDED)


@pytest.mark.parametrize("place", PLACES)
def test_three_hundred_wrong_codes_in_fifteen_seconds_are_twenty(till: Till, cato: Member, place: str) -> None:
    found = tries(till, cato, place, 300)
    assert GuessingPaused not in found[:20]
    assert found[20:] == [GuessingPaused] * 280


def test_a_pause_holds_for_every_place_and_for_one_person(till: Till, cato: Member, clock: FrozenClock) -> None:
    tries(till, cato, "TillService.find", 20)
    for place in PLACES:
        assert tries(till, cato, place, 1) == [GuessingPaused], place
    carl = till.cashier("Carl")
    assert tries(till, carl, "TillService.find", 1) == [CustomerNotFound]
    clock.advance(minutes=10)
    assert tries(till, cato, "TillService.find", 1) == [CustomerNotFound]


def test_a_pause_stops_nothing_but_guessing(till: Till, cato: Member) -> None:
    (ana,) = till.customers("Ana")
    tries(till, cato, "TillService.find", 20)
    assert till.sells(cato, ana, "12.50").points == 12
    assert till.club.points.check_in(cato).points == 1


def test_a_pause_outlives_the_program(till: Till, cato: Member, clock: FrozenClock) -> None:
    tries(till, cato, "TillService.find", 20)
    till.club = open_club(till.units, clock, random.Random(1), till.programme, Language.ENGLISH)
    assert tries(till, cato, "TillService.find", 1) == [GuessingPaused]


def test_a_right_code_takes_the_count_back(till: Till, cato: Member) -> None:
    (ana,) = till.customers("Ana")
    know(till.database, ana, card="7F3K9QWE")
    for _ in range(4):
        tries(till, cato, "TillService.find", 19)
        assert till.club.till.find(cato, till.shop_id, "7F3K9QWE") == Face(ana.id, "Ana", ana.tier)
    assert tries(till, cato, "TillService.find", 19)[-1] is CustomerNotFound
    assert tries(till, cato, "TillService.find", 6)[-1] is GuessingPaused, "a hundred a day, whatever is found between"


def test_what_can_be_no_code_is_no_try(till: Till, cato: Member) -> None:
    for typed in ("hello", "123", "Ana") * 20:
        with pytest.raises(CustomerNotFound):
            till.club.till.find(cato, till.shop_id, typed)
    with till.database.engine.connect() as connection:
        assert connection.execute(select(guesses)).all() == []


def test_the_operator_hears_once_a_day(till: Till, cato: Member, clock: FrozenClock) -> None:
    olga = till.club.members.enrol(OLGA, name="Olga", client_language="en").member
    for _ in range(2):
        tries(till, cato, "TillService.find", 20)
        clock.advance(minutes=30)
    assert till.told(olga) == ["guessing"]
    with till.database.engine.connect() as connection:
        facts = connection.execute(select(deliveries.c.facts)).scalar_one()
    assert facts == {"name": "Cato", "code": cato.code, "place": "till"}
    (suspect,) = till.club.operators.suspects().people
    assert (suspect.name, suspect.tried.pauses) == ("Cato", 2)


@pytest.mark.race
def test_sixteen_tries_at_once_count_sixteen(till: Till, cato: Member) -> None:
    all_at_once(16, lambda _: PLACES["TillService.find"](till, cato, WRONG), CustomerNotFound, GuessingPaused)
    with till.database.engine.connect() as connection:
        assert connection.execute(select(guesses.c.misses)).scalar_one() == 16


# Phones


def test_a_phone_cannot_be_read_out_digit_by_digit(till: Till, cato: Member) -> None:
    (ana,) = till.customers("Ana")
    know(till.database, ana, phone="+491701234567")
    whole = "491701234567"
    found: dict[int, object] = {}
    for length in range(4, len(whole) + 1):
        try:
            found[length] = till.club.till.find(cato, till.shop_id, whole[-length:])
        except CustomerNotFound:
            found[length] = None
    assert [length for length, face in found.items() if face is not None] == [4, 10, 12]


def test_phones_are_looked_up_sixty_times_an_hour_and_cards_go_on(till: Till, cato: Member, clock: FrozenClock) -> None:
    olga = till.club.members.enrol(OLGA, name="Olga", client_language="en").member
    owner = enrol(till.units, "Otto")
    appoint(till.units, till.shop_id, owner, Role.OWNER)
    (ana,) = till.customers("Ana")
    know(till.database, ana, card="7F3K9QWE", phone="+491701234567")
    for _ in range(60):
        assert isinstance(till.club.till.find(cato, till.shop_id, "4567"), Face)
        clock.advance(seconds=10)
    with pytest.raises(GuessingPaused) as caught:
        till.club.till.find(cato, till.shop_id, "4567")
    assert caught.value.reason == "phones"
    assert isinstance(till.club.till.find(cato, till.shop_id, "7F3K9QWE"), Face)
    assert (till.told(olga), till.told(owner)) == (["club_lookups"], ["many_lookups"])
    clock.advance(minutes=50, seconds=1)
    assert isinstance(till.club.till.find(cato, till.shop_id, "4567"), Face)


def test_every_look_up_is_written_down_also_of_nobody(till: Till, cato: Member) -> None:
    people = till.customers("Ana", "Bo")
    for number, person in enumerate(people):
        know(till.database, person, phone=f"+49170{number}234567")
    till.club.till.find(cato, till.shop_id, "4567")
    till.club.till.find(cato, till.shop_id, "0170 1234567")
    with pytest.raises(CustomerNotFound):
        till.club.till.find(cato, till.shop_id, "9999")
    with till.database.engine.connect() as connection:
        query = select(phone_lookups.c.ending, phone_lookups.c.is_whole, phone_lookups.c.found)
        seen = [tuple(row) for row in connection.execute(query.order_by(phone_lookups.c.id))]
    assert seen == [("4567", False, 2), ("4567", True, 1), ("9999", False, 0)]


def test_owner_and_operator_see_the_look_ups_by_pages(till: Till, cato: Member) -> None:
    owner = enrol(till.units, "Otto")
    appoint(till.units, till.shop_id, owner, Role.OWNER)
    for number in range(12):
        with pytest.raises(CustomerNotFound):
            till.club.till.find(cato, till.shop_id, f"{1000 + number}")
    for page in (lambda before: till.club.staff.lookups(owner, till.shop_id, before), till.club.operators.lookups):
        first = page(None)
        assert [one.ending for one in first.lookups] == [str(1000 + number) for number in range(11, 3, -1)]
        assert (first.lookups[0].staff, first.lookups[0].merchant) == ("Cato", "Corner")
        rest = page(first.older_than)
        assert [one.ending for one in rest.lookups] == ["1003", "1002", "1001", "1000"]
        assert rest.older_than is None
    with pytest.raises(Refusal):
        till.club.staff.lookups(cato, till.shop_id)
