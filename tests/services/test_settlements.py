"""Merchants' months: every figure against postings counted by hand, months of the club's zone, files that calculate
nothing."""

from __future__ import annotations

import csv
import io
import random as chance
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from loyalty.errors import NotAllowed, NotFound
from loyalty.members import Language
from loyalty.merchants import Role
from loyalty.months import Month, read_month, span, written
from loyalty.points import Kind, Recorded
from loyalty.programme import Programme
from loyalty.services import Club, ledger, open_club
from loyalty.services.settlements import File
from loyalty.settlements import Carried, Sum
from loyalty.sheets import csv_lines
from storage.books import postings
from storage.database import Database
from storage.unit_of_work import UnitFactory
from tests.kit.clock import FrozenClock
from tests.kit.shops import add_merchant, appoint, enrol

PROGRAMME = Programme(timezone="Asia/Taipei")
MAY, JUNE = Month(2026, 5), Month(2026, 6)


class Coalition:
    """A club in Taipei with two shops, and Ana."""

    def __init__(self, database: Database, units: UnitFactory, clock: FrozenClock) -> None:
        self.database, self.units, self.clock = database, units, clock
        self.club: Club = open_club(units, clock, chance.Random(7), PROGRAMME, Language.ENGLISH)
        self.harbour, self.corner = add_merchant(units, "Harbour Coffee"), add_merchant(units, "Corner Bakery")
        self.ana = enrol(units, "Ana")
        self._keys = 0

    def key(self) -> str:
        self._keys += 1
        return f"test:{self._keys}"

    def earns(self, points: int, funder_id: int | None, cause: str = "purchase:R1") -> Recorded:
        with self.units() as uow:
            recorded = ledger.award(
                uow,
                PROGRAMME,
                self.ana.id,
                points,
                key=self.key(),
                cause=cause,
                actor="test",
                at=self.clock(),
                funder_id=funder_id,
            )
            uow.commit()
        return recorded

    def spends(self, points: int, merchant_id: int | None) -> Recorded:
        with self.units() as uow:
            recorded = ledger.spend(
                uow,
                self.ana.id,
                points,
                key=self.key(),
                cause="coffee",
                actor="test",
                at=self.clock(),
                merchant_id=merchant_id,
            )
            uow.commit()
        return recorded

    def refunds(self, award: Recorded, points: int) -> None:
        with self.units() as uow:
            ledger.refund(
                uow,
                PROGRAMME,
                award.transaction_id,
                points,
                key=self.key(),
                cause="purchase:R1",
                actor="test",
                at=self.clock(),
            )
            uow.commit()

    def posted(self, merchant_id: int) -> int:
        """The sum of all postings on a merchant's accounts, whenever they were made."""
        with self.database.engine.connect() as connection:
            query = select(func.coalesce(func.sum(postings.c.amount), 0)).where(postings.c.merchant_id == merchant_id)
            return int(connection.execute(query).scalar_one())


@pytest.fixture
def coalition(database: Database, units: UnitFactory, clock: FrozenClock) -> Coalition:
    return Coalition(database, units, clock)


def rows(file: File) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


def test_a_month_is_issued_less_redeemed_less_expired(coalition: Coalition) -> None:
    coalition.earns(100, coalition.harbour)
    coalition.earns(50, coalition.harbour)
    coalition.earns(40, coalition.corner)
    coalition.earns(30, None)
    coalition.spends(60, coalition.corner)
    coalition.spends(20, coalition.harbour)
    coalition.spends(5, None)
    may = coalition.club.settlements.of_all()
    harbour, corner = may.settlements
    assert (may.month, may.is_running) == (MAY, True)
    assert (harbour.merchant.name, harbour.awarded, harbour.spent) == ("Harbour Coffee", Sum(150, 2), Sum(20, 1))
    assert (corner.awarded, corner.spent) == (Sum(40, 1), Sum(60, 1))
    assert (harbour.net, corner.net, may.net) == (130, -20, 110)
    assert (harbour.net, corner.net) == (-coalition.posted(coalition.harbour), -coalition.posted(coalition.corner))
    assert coalition.club.settlements.carried() == Carried(merchants=-110, club=-30 + 5, members=135)


def test_refunds_and_reversals_have_lines_of_their_own(coalition: Coalition) -> None:
    first, second = coalition.earns(100, coalition.harbour), coalition.earns(50, coalition.harbour)
    coalition.refunds(first, 30)
    coalition.refunds(first, 10)
    coalition.club.accounts.reverse(second.transaction_id, actor="operator:1")
    spent = coalition.spends(25, coalition.harbour)
    coalition.club.accounts.reverse(spent.transaction_id, actor="operator:1")
    month = coalition.club.settlements.of(coalition.harbour).settlement
    assert (month.awarded, month.refunded, month.reversed) == (Sum(150, 2), Sum(40, 2), Sum(50, 1))
    assert (month.spent, month.returned) == (Sum(25, 1), Sum(25, 1))
    assert (month.issued, month.redeemed, month.expired, month.net) == (60, 0, 0, 60)
    assert month.net == -coalition.posted(coalition.harbour)
    assert coalition.club.settlements.carried().holds


def test_what_expires_comes_off_and_what_is_refunded_afterwards_counts_there(coalition: Coalition) -> None:
    award = coalition.earns(100, coalition.harbour)
    coalition.spends(10, coalition.corner)
    coalition.clock.advance(days=367)
    assert coalition.club.points.expire_due() == 1
    coalition.refunds(award, 20)
    settlements = coalition.club.settlements
    earlier, later = settlements.of(coalition.harbour, MAY), settlements.of(coalition.harbour)
    assert (earlier.settlement.net, earlier.is_running) == (100, False)
    assert (later.settlement.lapsed, later.settlement.revived) == (Sum(90, 1), Sum(20, 1))
    assert later.settlement.refunded == Sum(20, 1)
    assert (later.settlement.expired, later.settlement.issued, later.settlement.net) == (70, -20, -90)
    assert earlier.settlement.net + later.settlement.net == -coalition.posted(coalition.harbour)
    assert settlements.carried().holds


def test_points_that_were_sent_to_a_friend_still_name_who_funded_them(coalition: Coalition) -> None:
    coalition.earns(100, coalition.harbour)
    bo = enrol(coalition.units, "Bo")
    with coalition.units() as uow:
        ledger.transfer(
            uow, coalition.ana.id, bo.id, 40, key="t", cause="transfer:t", actor="test", at=coalition.clock()
        )
        uow.commit()
    coalition.clock.advance(days=367)
    assert coalition.club.points.expire_due() == 2
    assert coalition.club.settlements.of(coalition.harbour).settlement.lapsed == Sum(100, 2)


def test_a_month_begins_and_ends_at_midnight_of_the_clubs_zone(coalition: Coalition) -> None:
    """The first of June begins in Taipei at 16:00 UTC of the thirty-first of May."""
    begins = datetime(2026, 5, 31, 16, 0, tzinfo=UTC)
    coalition.clock.move_to(begins - timedelta(microseconds=1))
    coalition.earns(10, coalition.harbour)
    coalition.clock.move_to(begins)
    coalition.earns(200, coalition.harbour)
    settlements = coalition.club.settlements
    assert settlements.of(coalition.harbour, MAY).settlement.awarded == Sum(10, 1)
    assert settlements.of(coalition.harbour, JUNE).settlement.awarded == Sum(200, 1)
    assert [entry["date"] for entry in rows(settlements.merchant_file(coalition.harbour, JUNE))] == ["2026-06-01"]
    assert settlements.of_all(Month(2026, 9)).month == JUNE, "a month that has not begun is the one that runs"


def test_a_shop_without_movements_is_left_out_of_the_clubs_month_and_has_one_of_its_own(coalition: Coalition) -> None:
    coalition.earns(10, coalition.harbour)
    settlements = coalition.club.settlements
    assert [of.merchant.id for of in settlements.of_all().settlements] == [coalition.harbour]
    assert settlements.of(coalition.corner).settlement.net == 0
    assert rows(settlements.merchant_file(coalition.corner)) == []
    for ask in (settlements.of, settlements.merchant_file):
        with pytest.raises(NotFound):
            ask(999)


def test_the_files_say_the_same_as_the_figures(coalition: Coalition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.services.settlements.ENTRIES", 2)  # so that it takes several pages
    award = coalition.earns(100, coalition.harbour, cause="=HYPERLINK(1)")
    coalition.spends(30, coalition.harbour)
    coalition.refunds(award, 20)
    coalition.earns(7, coalition.harbour)
    coalition.earns(50, coalition.corner)
    (harbour, corner) = rows(coalition.club.settlements.file())
    assert (harbour["month"], harbour["merchant"], harbour["merchant_number"]) == (
        "2026-05",
        "Harbour Coffee",
        str(coalition.harbour),
    )
    assert (harbour["awarded"], harbour["awarded_count"], harbour["refunded"]) == ("107", "2", "20")
    assert (harbour["issued"], harbour["redeemed"], harbour["net"], corner["net"]) == ("87", "30", "57", "50")
    lines = rows(coalition.club.settlements.merchant_file(coalition.harbour))
    assert [line["kind"] for line in lines] == ["earn", "redeem", "refund", "earn"]
    assert [line["cause"] for line in lines] == ["'=HYPERLINK(1)", "coffee", "purchase:R1", "purchase:R1"]
    assert [line["net"] for line in lines] == ["100", "-30", "-20", "7"]
    assert {line["member_number"] for line in lines} == {str(coalition.ana.id)}
    assert {line["date"] for line in lines} == {"2026-05-01"}
    assert "Ana" not in coalition.club.settlements.merchant_file(coalition.harbour).content.decode()


@pytest.mark.permission
def test_only_the_owner_sees_a_shops_month(coalition: Coalition) -> None:
    owner, cashier, neighbour = (enrol(coalition.units, name) for name in ("Olive", "Cass", "Nia"))
    appoint(coalition.units, coalition.harbour, owner, Role.OWNER)
    appoint(coalition.units, coalition.harbour, cashier, Role.CASHIER)
    appoint(coalition.units, coalition.harbour, cashier, Role.MARKETER)
    appoint(coalition.units, coalition.corner, neighbour, Role.OWNER)
    settlements = coalition.club.settlements
    assert settlements.own(owner.id, coalition.harbour).settlement.merchant.id == coalition.harbour
    assert settlements.own_file(owner.id, coalition.harbour).name == f"statement-{coalition.harbour}-2026-05.csv"
    for stranger in (cashier, neighbour, coalition.ana):
        for ask in (settlements.own, settlements.own_file):
            with pytest.raises(NotAllowed):
                ask(stranger.id, coalition.harbour)


# Plain rules


@pytest.mark.parametrize(
    "given",
    ["", "2026", "2026-13", "2026-00", "26-10", "2026-1-1", "10-2026", "1999-12", "\uff12\uff10\uff12\uff16-10"],
)
def test_what_is_no_month_is_none(given: str) -> None:
    assert read_month(given) is None


def test_months_follow_each_other_over_the_turn_of_the_year() -> None:
    december = read_month(" 2026-12 ")
    assert december is not None
    assert (written(december.plus(1)), written(Month(2026, 1).plus(-1))) == ("2027-01", "2025-12")
    berlin = ZoneInfo("Europe/Berlin")
    assert span(Month(2026, 3), berlin) == (
        datetime(2026, 2, 28, 23, 0, tzinfo=UTC),
        datetime(2026, 3, 31, 22, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("words", "defused"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
    ],
)
def test_words_that_a_spreadsheet_would_calculate_get_an_apostrophe(words: str, defused: str) -> None:
    ((cell, number, plain),) = csv.reader(io.StringIO(csv_lines([[words, -5, "a=b"]]), newline=""))
    assert (cell, number, plain) == (defused, "-5", "a=b")


@pytest.mark.parametrize("words", ["x;=1+1", "x; +1", 'x;"=1+1', "x|-1", "x\t@y", "x\n=1+1", "x\r\n=1+1"])
@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_no_spreadsheet_calculates_whatever_it_parts_cells_at(words: str, delimiter: str) -> None:
    """Where a comma is the decimal sign, a spreadsheet parts cells at semicolons."""
    lines = csv_lines([["first", words, -5, "a;b"], [words, "Lunch - and more"]])
    cells = [cell for row in csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter) for cell in row]
    assert [cell for cell in cells if cell.lstrip(" \t\r\n\"'").startswith(("=", "+", "@")) and "'" not in cell] == []
    assert any("Lunch - and more" in cell for cell in cells), "words with a dash stay as they are"
    assert any("a;b" in cell for cell in cells) or delimiter == ";"


def test_kinds_without_a_line_of_their_own_count_as_what_their_account_says(coalition: Coalition) -> None:
    with coalition.units() as uow:
        ledger.award(
            uow,
            PROGRAMME,
            coalition.ana.id,
            9,
            key="c",
            cause="test",
            actor="test",
            at=coalition.clock(),
            funder_id=coalition.harbour,
            kind=Kind.COMMISSION,
        )
        uow.commit()
    assert coalition.club.settlements.of(coalition.harbour).settlement.awarded == Sum(9, 1)
