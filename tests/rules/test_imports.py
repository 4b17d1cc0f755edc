"""Lines of an import: what is read out of them, and what is said of those that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from loyalty.claims import clean_number, masked
from loyalty.errors import InvalidPhone
from loyalty.imports import (
    COLUMNS,
    Fault,
    ImportKind,
    LineError,
    MemberReader,
    NewMemberLine,
    NewPurchaseLine,
    PurchaseReader,
    UnusableFile,
    read_header,
)
from loyalty.members import Birthday, Language, Tier, clean_phone

NOW = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Taipei")
MEMBER = list(COLUMNS[ImportKind.MEMBERS])
PURCHASE = list(COLUMNS[ImportKind.PURCHASES])


def member(**cells: str) -> NewMemberLine | list[LineError]:
    given = {"number": "4711", "name": "Nora Berg", **cells}
    return MemberReader(MEMBER, now=NOW, zone=ZONE).read(2, [given.get(column, "") for column in MEMBER])


def purchase(decimals: int = 2, has_shop: bool = False, /, **cells: str) -> NewPurchaseLine | list[LineError]:
    given = {"number": "4711", "shop": "Corner", "amount": "12.50", "date": "2026-04-30", "receipt": "A-1", **cells}
    reader = PurchaseReader(PURCHASE, now=NOW, zone=ZONE, decimals=decimals, has_shop=has_shop)
    return reader.read(2, [given.get(column, "") for column in PURCHASE])


def faults(read: object) -> list[tuple[str, Fault]]:
    assert isinstance(read, list), read
    return [(error.field, error.fault) for error in read]


def test_a_whole_member_is_read() -> None:
    assert member(
        number=" a-0815 ",
        name="  Nora   Berg ",
        phone="+49 (170) 123-45 67",
        language="zh-TW",
        tier="Gold",
        points="1200",
        birthday="24.12.",
        joined="2024-02-29",
    ) == NewMemberLine(
        line=2,
        number="A-0815",
        name="Nora Berg",
        phone="+491701234567",
        language=Language.TRADITIONAL,
        tier=Tier.GOLD,
        points=1200,
        birthday=Birthday(12, 24),
        joined_at=datetime(2024, 2, 28, 16, 0, tzinfo=UTC),
    )
    assert member() == NewMemberLine(2, "4711", "Nora Berg")
    assert member(number="００７") == NewMemberLine(2, "007", "Nora Berg"), "leading zeros stay"


@pytest.mark.parametrize(
    ("column", "given", "fault"),
    [
        ("number", "", Fault.MISSING),
        ("number", "-1", Fault.UNREADABLE),
        ("number", "4711;", Fault.UNREADABLE),
        ("number", "四七", Fault.UNREADABLE),
        ("number", "1" * 33, Fault.UNREADABLE),
        ("name", "", Fault.MISSING),
        ("name", "   ", Fault.MISSING),
        ("name", "N" * 65, Fault.UNREADABLE),
        ("name", "No\0ra", Fault.UNREADABLE),
        ("name", "\u200b", Fault.UNREADABLE),
        ("phone", "0170 1234567", Fault.UNREADABLE),
        ("phone", "+49", Fault.UNREADABLE),
        ("phone", "+49 170 12345x7", Fault.UNREADABLE),
        ("language", "fr", Fault.UNREADABLE),
        ("tier", "platinum", Fault.UNREADABLE),
        ("points", "-5", Fault.UNREADABLE),
        ("points", "1.5", Fault.UNREADABLE),
        ("points", "1e9", Fault.UNREADABLE),
        ("points", "十二", Fault.UNREADABLE),
        ("points", "100000001", Fault.UNREADABLE),
        ("birthday", "31.02.", Fault.UNREADABLE),
        ("birthday", "13-40", Fault.UNREADABLE),
        ("joined", "31.05.2024", Fault.UNREADABLE),
        ("joined", "2024-02-30", Fault.UNREADABLE),
        ("joined", "0001-01-01", Fault.UNREADABLE),
        ("joined", "2026-05-02", Fault.FUTURE),
    ],
)
def test_a_members_cell_that_cannot_be_read_is_named(column: str, given: str, fault: Fault) -> None:
    assert faults(member(**{column: given})) == [(column, fault)]


def test_all_that_is_wrong_with_a_line_is_said_at_once() -> None:
    read = member(name="", tier="iron", points="many")
    assert read == [
        LineError(2, "name", Fault.MISSING),
        LineError(2, "tier", Fault.UNREADABLE, "iron"),
        LineError(2, "points", Fault.UNREADABLE, "many"),
    ]


def test_a_line_with_other_cells_than_the_header_says_only_that() -> None:
    reader = MemberReader(MEMBER, now=NOW, zone=ZONE)
    for cells in (["4711"], ["4711", *[""] * 9]):
        assert reader.read(3, cells) == [LineError(3, "", Fault.COLUMNS, str(len(cells)))]


def test_a_whole_purchase_is_read() -> None:
    assert purchase(
        amount="12,50", date="2026-04-30 18:30", receipt=" A  1 ", tags="Coffee|cake; Coffee", note="two of them"
    ) == NewPurchaseLine(
        line=2,
        number="4711",
        shop="Corner",
        amount_minor=1250,
        at=datetime(2026, 4, 30, 10, 30, tzinfo=UTC),
        receipt="A 1",
        tags=("cake", "coffee"),
        note="two of them",
    )


@pytest.mark.parametrize(
    ("given", "decimals", "minor"),
    [("12.5", 2, 1250), ("0,01", 2, 1), ("12", 2, 1200), ("１２．５０", 2, 1250), ("500", 0, 500), ("1.234", 3, 1234)],
)
def test_amounts_are_those_of_the_currency(given: str, decimals: int, minor: int) -> None:
    read = purchase(decimals, amount=given)
    assert isinstance(read, NewPurchaseLine)
    assert read.amount_minor == minor


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2026-04-30", datetime(2026, 4, 30, 4, 0, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 5, 1, 4, 0, tzinfo=UTC)),
        ("2026-04-30T18:30:15", datetime(2026, 4, 30, 10, 30, 15, tzinfo=UTC)),
        ("2026-04-30T18:30Z", datetime(2026, 4, 30, 18, 30, tzinfo=UTC)),
        ("2026-04-30 18:30+02:00", datetime(2026, 4, 30, 16, 30, tzinfo=UTC)),
    ],
)
def test_days_are_at_noon_and_hours_on_the_clubs_clock(given: str, at: datetime) -> None:
    read = purchase(date=given)
    assert isinstance(read, NewPurchaseLine)
    assert read.at == at


@pytest.mark.parametrize(
    ("column", "given", "fault"),
    [
        ("number", "", Fault.MISSING),
        ("shop", "", Fault.MISSING),
        ("amount", "", Fault.MISSING),
        ("amount", "0", Fault.UNREADABLE),
        ("amount", "0.00", Fault.UNREADABLE),
        ("amount", "-5", Fault.UNREADABLE),
        ("amount", "1e9", Fault.UNREADABLE),
        ("amount", "12.505", Fault.UNREADABLE),
        ("amount", "1,234.50", Fault.UNREADABLE),
        ("amount", "12.50 EUR", Fault.UNREADABLE),
        ("amount", "十二", Fault.UNREADABLE),
        ("amount", "999999999999", Fault.UNREADABLE),
        ("date", "", Fault.MISSING),
        ("date", "30.04.2026", Fault.UNREADABLE),
        ("date", "20260430", Fault.UNREADABLE),
        ("date", "2026-W18-4", Fault.UNREADABLE),
        ("date", "2026-04-31", Fault.UNREADABLE),
        ("date", "2026-04-30 25:00", Fault.UNREADABLE),
        ("date", "0001-01-01 00:00+14:00", Fault.UNREADABLE),
        ("date", "2026-05-02", Fault.FUTURE),
        ("date", "2026-05-01 18:01", Fault.FUTURE),
        ("date", "9999-12-31 23:59-12:00", Fault.FUTURE),
        ("receipt", "", Fault.MISSING),
        ("receipt", "R" * 65, Fault.TOO_LONG),
        ("receipt", "A\0", Fault.UNREADABLE),
        ("tags", "t" * 33, Fault.TOO_LONG),
        ("tags", "|".join(map(str, range(21))), Fault.TOO_LONG),
        ("note", "n" * 121, Fault.TOO_LONG),
    ],
)
def test_a_purchases_cell_that_cannot_be_read_is_named(column: str, given: str, fault: Fault) -> None:
    assert faults(purchase(**{column: given})) == [(column, fault)]


def test_a_line_need_not_name_the_shop_of_the_import() -> None:
    read = purchase(2, True, shop="")
    assert isinstance(read, NewPurchaseLine)
    assert read.shop == ""


@pytest.mark.parametrize("given", ["4711.0", "4711,00", "1.23457E+12", "1E+09", "4,91701E+11", "+4.91701E+11"])
def test_a_number_that_a_spreadsheet_has_changed_is_refused_wherever_several_would_be_one(given: str) -> None:
    assert faults(member(number=given)) == [("number", Fault.SHEET_NUMBER)]
    assert faults(member(phone=given)) == [("phone", Fault.SHEET_NUMBER)]
    assert faults(purchase(number=given, receipt=given)) == [
        ("number", Fault.SHEET_NUMBER),
        ("receipt", Fault.SHEET_NUMBER),
    ]


@pytest.mark.parametrize("given", ["NULL", "N/A", "n/a", "-", "—"])
def test_a_word_for_nothing_is_nobodys_number_name_or_receipt(given: str) -> None:
    assert faults(member(number=given, name=given)) == [("number", Fault.MISSING), ("name", Fault.MISSING)]
    assert faults(purchase(receipt=given)) == [("receipt", Fault.MISSING)]


@pytest.mark.parametrize("given", ["None", "nan", "NA"])
def test_what_a_program_writes_for_nothing_is_no_code_and_may_be_a_name(given: str) -> None:
    assert faults(member(number=given)) == [("number", Fault.MISSING)]
    assert isinstance(member(name=given), NewMemberLine)
    assert isinstance(member(number="12E5"), NewMemberLine)


@pytest.mark.parametrize("column", ["number", "name", "phone", "birthday", "joined"])
def test_an_error_of_a_spreadsheet_is_said_to_be_one(column: str) -> None:
    for given in ("#N/A", "#REF!", "#WERT!"):
        assert faults(member(**{column: given})) == [(column, Fault.SHEET_ERROR)]


def test_the_number_of_a_day_in_a_spreadsheet_is_no_day() -> None:
    assert faults(member(joined="45443", birthday="45443")) == [
        ("birthday", Fault.SHEET_DAY),
        ("joined", Fault.SHEET_DAY),
    ]
    assert faults(purchase(date="46142.75")) == [("date", Fault.SHEET_DAY)]


@pytest.mark.parametrize("given", ["2026/4/30", "2026-4-30", "2026.04.30", "2026年4月30日", "２０２６/4/30"])
def test_a_day_that_begins_with_its_year_is_read(given: str) -> None:
    read, joined = purchase(date=given), member(joined=given)
    assert isinstance(read, NewPurchaseLine)
    assert read.at == datetime(2026, 4, 30, 4, 0, tzinfo=UTC)
    assert isinstance(joined, NewMemberLine)
    assert joined.joined_at == datetime(2026, 4, 29, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("given", ["2026/4/30 9:05", "2026-04-30T09:05", "2026年4月30日 09:05:00"])
def test_the_hour_after_it_is_read_too(given: str) -> None:
    read = purchase(date=given)
    assert isinstance(read, NewPurchaseLine)
    assert read.at == datetime(2026, 4, 30, 1, 5, tzinfo=UTC)


def test_a_shop_in_other_cases_is_the_same_one_with_its_receipts() -> None:
    first, second = purchase(shop="Corner"), purchase(shop=" CORNER ")
    assert isinstance(first, NewPurchaseLine)
    assert isinstance(second, NewPurchaseLine)
    assert first.identity == second.identity


@pytest.mark.parametrize(
    ("cells", "reason", "column"),
    [
        ([], "empty", ""),
        (["", " "], "empty", ""),
        (["number", "name", "mail"], "unknown_column", "mail"),
        (["number", "name", "Name"], "repeated_column", "name"),
        (["name", "points"], "missing_column", "number"),
    ],
)
def test_a_header_that_is_none_makes_the_file_unusable(cells: list[str], reason: str, column: str) -> None:
    with pytest.raises(UnusableFile) as unusable:
        read_header(ImportKind.MEMBERS, cells)
    assert (unusable.value.reason, unusable.value.column) == (reason, column)


def test_a_header_has_any_order_and_case() -> None:
    assert read_header(ImportKind.PURCHASES, [" Date", "RECEIPT", "amount", "number"]) == [
        "date",
        "receipt",
        "amount",
        "number",
    ]


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ("491701234567", "+491701234567"),
        ("+49 170 1234567", "+491701234567"),
        ("0049-170-1234567", "+491701234567"),
        ("+886 912 345 678", "+886912345678"),
        ("+49 (0)170 1234567", "+491701234567"),
        ("0049(0)1701234567", "+491701234567"),
    ],
)
def test_a_phone_number_is_plus_and_digits(given: str, phone: str) -> None:
    assert clean_phone(given) == phone


@pytest.mark.parametrize(
    "given", ["", "123456", "1" * 16, "+0170123456", "+49+1701234567", "call me", "+49 17O 1234567"]
)
def test_what_is_no_phone_number_is_refused(given: str) -> None:
    with pytest.raises(InvalidPhone):
        clean_phone(given)


def test_a_masked_number_shows_its_end_only() -> None:
    assert masked("12345678") == "•••••678"
    assert masked("4711") == "••11"
    assert masked("7") == "•"
    assert clean_number("47 11") == "4711"
