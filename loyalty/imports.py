"""Imports: lines of a file as they are meant, or what is wrong with each. Nothing here looks into the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from loyalty.amounts import plain_digits
from loyalty.birthdays import read_birthday
from loyalty.claims import clean_number
from loyalty.earning import AMOUNT_MAX
from loyalty.errors import InvalidBirthday, InvalidName, InvalidPhone, InvalidPurchase
from loyalty.members import Birthday, Language, Tier, clean_name, clean_phone
from loyalty.names import key_of
from loyalty.points import POINTS_MAX
from loyalty.purchases import clean_note, clean_receipt, clean_tags

YEAR_MIN = 1970
GIVEN_MAX = 80  # of what was given, as an error shows it

_AMOUNT = re.compile(r"(\d{1,12})(?:[.,](\d+))?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LOOSE_DAY = re.compile(  # the year first, so that nobody mistakes the month for the day
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?)(?:(?:[ T]|(?<=日))(\d{1,2})(:.*))?", re.ASCII
)
_SHEET_NUMBER = re.compile(r"[+-]?\d+(?:[.,]0+|[.,]\d+E[+-]?\d+|E[+-]\d+)", re.ASCII | re.IGNORECASE)
_SHEET_DAY = re.compile(r"[2-6]\d{4}(?:[.,]\d+)?", re.ASCII)  # days since 1900, as spreadsheets keep them
_SHEET_ERRORS = frozenset({"#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "#nv", "#wert!", "####"})
_NOTHING = frozenset({"null", "(null)", "n/a", "n.a.", "-", "--", "–", "—"})
_NO_CODE = frozenset({"none", "nil", "nan", "na"})  # somebody may be called Nan
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_LANGUAGES = {
    "en": Language.ENGLISH,
    "zh": Language.SIMPLIFIED,
    "zh-cn": Language.SIMPLIFIED,
    "zh-tw": Language.TRADITIONAL,
    "zh-hk": Language.TRADITIONAL,
    **{language.value.casefold(): language for language in Language},
}
T = TypeVar("T")


class ImportKind(StrEnum):
    MEMBERS = "members"
    PURCHASES = "purchases"


COLUMNS: Mapping[ImportKind, Sequence[str]] = {
    ImportKind.MEMBERS: ("number", "name", "phone", "language", "tier", "points", "birthday", "joined"),
    ImportKind.PURCHASES: ("number", "shop", "amount", "date", "receipt", "tags", "note"),
}
REQUIRED: Mapping[ImportKind, Sequence[str]] = {
    ImportKind.MEMBERS: ("number", "name"),
    ImportKind.PURCHASES: ("number", "amount", "date", "receipt"),
}


class Fault(StrEnum):
    """What can be wrong with a line."""

    MISSING = "missing"
    COLUMNS = "columns"  # more or fewer cells than the header has
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    FUTURE = "future"
    REPEATED = "repeated"  # the file has it before, with other content
    UNKNOWN = "unknown"  # no member or shop of this club
    USED = "used"  # the receipt belongs to another purchase
    SHEET_NUMBER = "sheet_number"  # a spreadsheet took a code for a number, and wrote that
    SHEET_DAY = "sheet_day"  # a spreadsheet's own number for a day
    SHEET_ERROR = "sheet_error"  # a formula of a spreadsheet that failed


class UnusableFile(Exception):
    """Nothing of the file can be taken. `reason`: empty | unknown_column | repeated_column | missing_column."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason, column)
        self.reason, self.column = reason, column


@dataclass(frozen=True, slots=True)
class LineError:
    line: int
    field: str
    fault: Fault
    given: str = ""


@dataclass(frozen=True, slots=True)
class NewMemberLine:
    line: int
    number: str
    name: str
    phone: str | None = None
    language: Language | None = None
    tier: Tier = Tier.MEMBER
    points: int = 0
    birthday: Birthday | None = None
    joined_at: datetime | None = None

    @property
    def identity(self) -> Hashable:
        return self.number


@dataclass(frozen=True, slots=True)
class NewPurchaseLine:
    """`shop` is a name or a number; empty: that of the import."""

    line: int
    number: str
    shop: str
    amount_minor: int
    at: datetime
    receipt: str
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def identity(self) -> Hashable:
        return key_of(self.shop), self.receipt


Line = TypeVar("Line", NewMemberLine, NewPurchaseLine)


@dataclass(frozen=True, slots=True)
class Batch(Generic[Line]):
    """The next lines of a file: those that can be read, how many there were, those that repeat an earlier one, and
    what is wrong with the others."""

    lines: tuple[Line, ...]
    count: int
    repeated: int = 0
    errors: tuple[LineError, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportRun:
    """How far a file has come. Each line counts once: added, known before, or refused."""

    id: int
    lines_done: int = 0
    added: int = 0
    known: int = 0
    refused: int = 0

    def further(self, lines: int, added: int, known: int, refused: int) -> ImportRun:
        return ImportRun(
            self.id, self.lines_done + lines, self.added + added, self.known + known, self.refused + refused
        )


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A purchase that has a receipt already."""

    member_id: int
    amount_minor: int


def read_header(kind: ImportKind, cells: Sequence[str]) -> list[str]:
    """The columns of a file, in its order. Raises UnusableFile."""
    columns = [key_of(cell) for cell in cells]
    if not any(columns):
        raise UnusableFile("empty")
    for column in columns:
        if column not in COLUMNS[kind]:
            raise UnusableFile("unknown_column", column)
        if columns.count(column) > 1:
            raise UnusableFile("repeated_column", column)
    for column in REQUIRED[kind]:
        if column not in columns:
            raise UnusableFile("missing_column", column)
    return columns


class MemberReader:
    """Reads lines of members. `now` and `zone` are those of the club."""

    def __init__(self, columns: Sequence[str], *, now: datetime, zone: ZoneInfo) -> None:
        self._columns, self._now, self._zone = columns, now, zone

    def read(self, line: int, cells: Sequence[str]) -> NewMemberLine | list[LineError]:
        given = _Cells(line, self._columns, cells)
        read = NewMemberLine(
            line,
            number=given.needed("number", _number, ""),
            name=given.needed("name", _name, ""),
            phone=given.read("phone", _phone, None),
            language=given.read("language", _language, None),
            tier=given.read("tier", _tier, Tier.MEMBER),
            points=given.read("points", _points, 0),
            birthday=given.read("birthday", _birthday, None),
            joined_at=given.read("joined", self._joined, None),
        )
        return given.errors or read

    def _joined(self, given: str) -> datetime:
        day = _day(given)
        if day > self._now.astimezone(self._zone).date():
            raise _Wrong(Fault.FUTURE)
        return datetime.combine(day, time.min, tzinfo=self._zone).astimezone(UTC)


class PurchaseReader:
    """Reads lines of purchases. `decimals` are the currency's; `has_shop`: a line need not name one."""

    def __init__(
        self, columns: Sequence[str], *, now: datetime, zone: ZoneInfo, decimals: int, has_shop: bool = False
    ) -> None:
        self._columns, self._now, self._zone = columns, now, zone
        self._decimals, self._has_shop = decimals, has_shop

    def read(self, line: int, cells: Sequence[str]) -> NewPurchaseLine | list[LineError]:
        given = _Cells(line, self._columns, cells)
        read = NewPurchaseLine(
            line,
            number=given.needed("number", _number, ""),
            shop=(given.read if self._has_shop else given.needed)("shop", _one_line, ""),
            amount_minor=given.needed("amount", self._amount, 0),
            at=given.needed("date", self._at, self._now),
            receipt=given.needed("receipt", _receipt, ""),
            tags=given.read("tags", _tags, ()),
            note=given.read("note", _note, ""),
        )
        return given.errors or read

    def _amount(self, given: str) -> int:
        found = _AMOUNT.fullmatch(plain_digits(given))
        if found is None or len(found[2] or "") > self._decimals:
            raise _Wrong(Fault.UNREADABLE)
        minor = int(Decimal(f"{found[1]}.{found[2] or 0}").scaleb(self._decimals))
        if not 1 <= minor <= AMOUNT_MAX:
            raise _Wrong(Fault.UNREADABLE)
        return minor

    def _at(self, given: str) -> datetime:
        """A day without an hour is taken at noon."""
        given = _tidy_day(given)
        if _DAY.fullmatch(given):
            day = _day(given)
            if day > self._now.astimezone(self._zone).date():
                raise _Wrong(Fault.FUTURE)
            at = datetime.combine(day, time(12), tzinfo=self._zone).astimezone(UTC)
            return min(at, self._now)
        if not _MOMENT.fullmatch(given):
            raise _Wrong(Fault.UNREADABLE)
        moment = _checked(datetime.fromisoformat, given)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=self._zone)
        if moment > self._now:
            raise _Wrong(Fault.FUTURE)
        return moment.astimezone(UTC)


class _Wrong(Exception):
    """A cell is not what its column takes."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class _Cells:
    """The cells of a line by column, and what was found wrong with them so far."""

    def __init__(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> None:
        self.errors: list[LineError] = []
        self._line = line
        self._is_whole = len(cells) == len(columns)
        self._given = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        if not self._is_whole:
            self.errors.append(LineError(line, "", Fault.COLUMNS, str(len(cells))))

    def read(self, column: str, parse: Callable[[str], T], default: T) -> T:
        given = self._given.get(column, "")
        if not given or not self._is_whole:
            return default
        try:
            if not given.isprintable() and any(_is_control(sign) for sign in given):
                raise _Wrong(Fault.UNREADABLE)
            if given.casefold() in _SHEET_ERRORS:
                raise _Wrong(Fault.SHEET_ERROR)
            return parse(given)
        except _Wrong as wrong:
            self.errors.append(LineError(self._line, column, wrong.fault, given[:GIVEN_MAX]))
            return default

    def needed(self, column: str, parse: Callable[[str], T], default: T) -> T:
        """Also missing: a word for nothing, which is the same one in line after line."""
        given = self._given.get(column, "")
        if self._is_whole and (not given or given.casefold() in _NOTHING):
            self.errors.append(LineError(self._line, column, Fault.MISSING, given))
            return default
        return self.read(column, parse, default)


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") and not sign.isspace()


def _no_sheet_number(given: str) -> str:
    """A code as it was, unless a spreadsheet has taken it for a number: then several of them look alike."""
    if _SHEET_NUMBER.fullmatch(given):
        raise _Wrong(Fault.SHEET_NUMBER)
    if given.casefold() in _NO_CODE:
        raise _Wrong(Fault.MISSING)
    return given


def _number(given: str) -> str:
    number = clean_number(_no_sheet_number(given))
    if number is None:
        raise _Wrong(Fault.UNREADABLE)
    return number


def _name(given: str) -> str:
    return _checked(clean_name, given)


def _one_line(given: str) -> str:
    return " ".join(given.split())


def _phone(given: str) -> str:
    given = _no_sheet_number(given)
    if not given.startswith(("+", "00", "＋")):
        raise _Wrong(Fault.UNREADABLE)  # without its country code it is a number of nowhere
    return _checked(clean_phone, given)


def _language(given: str) -> Language:
    language = _LANGUAGES.get(given.casefold().replace("_", "-"))
    if language is None:
        raise _Wrong(Fault.UNREADABLE)
    return language


def _tier(given: str) -> Tier:
    return _checked(Tier, given.casefold())


def _points(given: str) -> int:
    if not (given.isascii() and given.isdecimal()) or len(given) > 12 or int(given) > POINTS_MAX:
        raise _Wrong(Fault.UNREADABLE)
    return int(given)


def _birthday(given: str) -> Birthday:
    if _SHEET_DAY.fullmatch(given):
        raise _Wrong(Fault.SHEET_DAY)
    return _checked(read_birthday, given)


def _receipt(given: str) -> str:
    receipt = _checked(clean_receipt, _no_sheet_number(given))
    if receipt is None:  # nobody sees anything in the cell
        raise _Wrong(Fault.UNREADABLE)
    return receipt


def _tags(given: str) -> tuple[str, ...]:
    return _checked(clean_tags, re.split(r"[;|]", given))


def _note(given: str) -> str:
    return _checked(clean_note, given)


def _tidy_day(given: str) -> str:
    """A day that begins with its year, and the hour after it, with all of their digits: "2026/5/1" is 2026-05-01."""
    text = unicodedata.normalize("NFKC", given)
    if _SHEET_DAY.fullmatch(text):
        raise _Wrong(Fault.SHEET_DAY)
    found = _LOOSE_DAY.fullmatch(text)
    if found is None:
        return text
    month, day = found[3] or found[5], found[4] or found[6]
    hour = f" {found[7]:0>2}{found[8]}" if found[7] else ""
    return f"{found[1]}-{month:0>2}-{day:0>2}{hour}"


def _day(given: str) -> date:
    given = _tidy_day(given)
    if not _DAY.fullmatch(given):
        raise _Wrong(Fault.UNREADABLE)
    return _checked(date.fromisoformat, given)


def _checked(parse: Callable[[str], T] | Callable[[Sequence[str]], T], given: str | Sequence[str]) -> T:
    """What the rules make of it, or what they refuse in the words of a line's error."""
    try:
        parsed: T = parse(given)  # type: ignore[arg-type]
    except InvalidPurchase:
        raise _Wrong(Fault.TOO_LONG) from None
    except (ValueError, OverflowError, InvalidName, InvalidPhone, InvalidBirthday):
        raise _Wrong(Fault.UNREADABLE) from None
    if isinstance(parsed, date) and parsed.year < YEAR_MIN:
        raise _Wrong(Fault.UNREADABLE)
    return parsed
