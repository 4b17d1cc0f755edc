"""`perkchat import`: members and purchases from CSV files, once each, however often it is run."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import os
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from bot.import_file import Batches, Report, Source, Unreadable, open_private, open_source
from bot.ledger_cli import opened, progress_bar
from bot.settings import Settings, WrongSetting
from loyalty.codes import grouped
from loyalty.errors import ImportRunsElsewhere, NotFound
from loyalty.imports import (
    COLUMNS,
    Batch,
    Fault,
    ImportKind,
    ImportRun,
    LineError,
    MemberReader,
    PurchaseReader,
    UnusableFile,
)
from loyalty.merchants import Merchant
from loyalty.ports import reads

if TYPE_CHECKING:
    from loyalty.services.claims import ClaimService
    from loyalty.services.imports import ImportService, Outcome
    from storage.database import Database

import_ = App(name="import", help="Members and purchases from before, or from a till of its own.")
Flag = Annotated[bool, Parameter(negative="")]

EXAMPLES = {
    "number": "letters and digits, such as 4711 or A-0815, at most 32",
    "name": "1 to 64 characters",
    "phone": "with its country code, such as +49 170 1234567; format the column as text to keep the plus",
    "language": "en, zh-Hans or zh-Hant",
    "tier": "member, silver or gold",
    "points": "a whole number from 0 to 100000000",
    "birthday": "month and day, such as 12-24 or 24.12.",
    "joined": "a day such as 2024-05-31",
    "amount": "an amount above 0 such as 12.50 or 12,50, without signs for thousands or a currency",
    "date": "a day such as 2024-05-31, or with an hour: 2024-05-31 18:30",
    "receipt": "one line of words",
    "tags": "words with ; or | between them",
    "note": "one line of words",
    "shop": "the name or the number of a shop",
}
LONGEST = {"receipt": "at most 64 characters", "note": "at most 120 characters", "tags": "at most 20 of 32 characters"}


@import_.command
def members(file: Path | None = None, /, *, shop: str = "", dry_run: Flag = False, codes: Path | None = None) -> None:
    """Add members by their numbers. Exit code 0 if all lines were taken, 1 if some were refused, 2 if the file was.

    Parameters
    ----------
    file
        CSV with a header: number and name; if you have them phone, language, tier, points, birthday, joined.
    shop
        Who pays for the opening balances: a shop's name or number. Without it, the club.
    dry_run
        Check everything and write nothing but the report.
    codes
        A file to write to: a one-time code for each number whose holder is not in the chat yet.
    """
    if file is None and codes is None:
        raise WrongSetting("FILE: which one? Or with --codes: the file to write codes to.")
    with opened() as database:
        refused = _import_members(database, file, shop, dry_run=dry_run) if file is not None else 0
        if codes is not None and not dry_run:
            _write_codes(database, codes)
    sys.exit(1 if refused else 0)


@import_.command
def purchases(file: Path, /, *, shop: str = "", dry_run: Flag = False) -> None:
    """Book purchases, with the points they would have earned at the till. Exit codes as for members.

    Parameters
    ----------
    file
        CSV with a header: number, amount, date, receipt; shop, unless --shop names it; if you have them tags and note.
    shop
        The shop of all lines that name none: its name or number.
    dry_run
        Check everything and write nothing but the report.
    """
    with opened() as database:
        refused = _import_purchases(database, file, shop, dry_run=dry_run)
    sys.exit(1 if refused else 0)


def _import_members(database: Database, file: Path, shop: str, *, dry_run: bool) -> int:
    settings, service = Settings.load(), _service(database)
    source = _source(ImportKind.MEMBERS, file)
    payer = _shop(service, shop)
    reader = MemberReader(source.columns, now=datetime.now(UTC), zone=settings.zone)

    def book(run: ImportRun, batch: Batch[Any], report: Report) -> ImportRun:
        return service.book_members(
            run, batch, language=settings.language, funder_id=payer.id if payer is not None else None, report=report.add
        )

    work = _Work(database, service, ImportKind.MEMBERS, source, shop, service.check_members, book)
    return work.check(Batches(source, reader.read)) if dry_run else work.book(Batches(source, reader.read))


def _import_purchases(database: Database, file: Path, shop: str, *, dry_run: bool) -> int:
    from locales.texts import decimals_of

    settings, service = Settings.load(), _service(database)
    source = _source(ImportKind.PURCHASES, file)
    seller = _shop(service, shop)
    if seller is None and "shop" not in source.columns:
        raise WrongSetting(f"{file}: no column shop. Add it, or say --shop NAME.")
    reader = PurchaseReader(
        source.columns,
        now=datetime.now(UTC),
        zone=settings.zone,
        decimals=decimals_of(settings.currency),
        has_shop=seller is not None,
    )

    @reads
    def check(batch: Batch[Any]) -> Outcome:
        return service.check_purchases(batch, seller)

    def book(run: ImportRun, batch: Batch[Any], report: Report) -> ImportRun:
        return service.book_purchases(run, batch, shop=seller, report=report.add)

    work = _Work(database, service, ImportKind.PURCHASES, source, shop, check, book)
    return work.check(Batches(source, reader.read)) if dry_run else work.book(Batches(source, reader.read))


class _Work:
    """A file on its way into the club. Both ways answer how many lines were refused."""

    def __init__(
        self,
        database: Database,
        service: ImportService,
        kind: ImportKind,
        source: Source,
        shop: str,
        check: Callable[[Batch[Any]], Outcome],
        book: Callable[[ImportRun, Batch[Any], Report], ImportRun],
    ) -> None:
        self._database, self._service, self._kind, self._source = database, service, kind, source
        self._check, self._book, self._shop = check, book, shop

    def check(self, batches: Batches[Any]) -> int:
        done = ImportRun(0)
        report = Report(self._report_path(), _words, batches.line)
        with progress_bar("Checking") as progress:
            for batch in batches.after(0):
                outcome = asyncio.run(self._database.run(self._check, batch))
                report.add(sorted(outcome.errors, key=lambda error: error.line))
                report.close_batch()
                done = done.further(batch.count, outcome.added, outcome.known, outcome.refused)
                self._show(progress, done)
        report.close()
        self._say("Would be added", done)
        return done.refused

    def book(self, batches: Batches[Any]) -> int:
        run = self._service.begin(self._kind, self._fingerprint())
        if run.lines_done:
            print(f"Going on after {run.lines_done} lines.")
        report = Report(self._report_path(), _words, batches.line, self._line_of(run.lines_done))
        try:
            with progress_bar("Importing") as progress:
                for batch in batches.after(run.lines_done):
                    run = asyncio.run(self._database.run(self._book, run, batch, report))
                    report.close_batch()
                    self._show(progress, run)
        except ImportRunsElsewhere:
            raise WrongSetting(f"{self._source.path}: another import of this file is running.") from None
        finally:
            report.close()
        self._service.finish(run)
        self._say("Added", run)
        return run.refused

    def _fingerprint(self) -> str:
        """Of the file and the shop: with another one it is another import."""
        return hashlib.sha256(f"{self._source.fingerprint}|{self._shop}".encode()).hexdigest()

    def _line_of(self, lines_done: int) -> int:
        """On which line of the file the last of so many ends."""
        if not lines_done:
            return 0
        return next(line for done, (line, _) in enumerate(self._source.rows(), 1) if done == lines_done)

    def _report_path(self) -> Path:
        return self._source.path.with_name(f"{self._source.path.name}.report.csv")

    def _show(self, progress: Callable[[int, int], None] | None, run: ImportRun) -> None:
        if progress is not None:
            progress(run.lines_done, self._source.lines)

    def _say(self, added: str, run: ImportRun) -> None:
        print(f"{added}: {run.added}. Known already: {run.known}. Refused: {run.refused}.")
        if run.refused:
            print(f"What was refused and why: {self._report_path()}")


def _service(database: Database) -> ImportService:
    from bot.lunar import chinese_calendar
    from loyalty.services.imports import ImportService
    from storage.unit_of_work import UnitFactory

    return ImportService(
        UnitFactory(database), _now, secrets.SystemRandom(), Settings.load().programme, chinese_calendar()
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _source(kind: ImportKind, file: Path) -> Source:
    try:
        return open_source(kind, file)
    except Unreadable as wrong:
        raise WrongSetting(f"{file}: {wrong}") from None
    except UnusableFile as wrong:
        columns = ", ".join(COLUMNS[kind])
        said = {
            "empty": "there is no header",
            "unknown_column": f"unknown column {wrong.column!r}",
            "repeated_column": f"column {wrong.column} is there twice",
            "missing_column": f"no column {wrong.column}",
        }[wrong.reason]
        raise WrongSetting(f"{file}: {said}. The columns of {kind} are {columns}.") from None


def _shop(service: ImportService, given: str) -> Merchant | None:
    try:
        return service.shop(given) if given else None
    except NotFound:
        raise WrongSetting(f"--shop {given}: there is no shop with this name or number.") from None


def _write_codes(database: Database, path: Path) -> None:
    from loyalty.services.claims import ClaimService
    from storage.unit_of_work import UnitFactory

    service = ClaimService(UnitFactory(database), _now, secrets.SystemRandom(), Settings.load().programme)
    try:
        # Whoever has a code has the number's points: nobody else on this machine reads them.
        with os.fdopen(open_private(path), "w", encoding="utf-8", newline="") as file:
            count = _write_all(service, csv.writer(file).writerow)
    except OSError as error:
        raise WrongSetting(f"--codes {path}: {error.strerror or error}") from None
    print(f"Codes written to {path}: {count}.")


def _write_all(service: ClaimService, write: Callable[[tuple[str, str]], Any]) -> int:
    write(("number", "code"))
    count = 0
    issued, after = service.issue_next()
    while after is not None:
        for one in issued:
            write((one.number, grouped(one.code)))
        count += len(issued)
        issued, after = service.issue_next(after)
    return count


def _words(error: LineError) -> str:
    match error.fault:
        case Fault.MISSING:
            return f"missing: {EXAMPLES[error.field]}"
        case Fault.SHEET_NUMBER:
            return (
                "a spreadsheet took this for a number and changed it: format the column as text, enter it as it was "
                f"({EXAMPLES[error.field]}), and save the file anew"
            )
        case Fault.SHEET_DAY:
            return f"a spreadsheet's number for a day: format the column as a date ({EXAMPLES[error.field]})"
        case Fault.SHEET_ERROR:
            return "an error of a spreadsheet's formula: enter the value itself, or leave the cell empty"
        case Fault.COLUMNS:
            return "not as many cells as the header has; cells with the delimiter in them need quotes"
        case Fault.TOO_LONG:
            return f"too long: {LONGEST[error.field]}"
        case Fault.FUTURE:
            return "in the future"
        case Fault.REPEATED:
            return f"line {error.given} is the same one with other content"
        case Fault.UNKNOWN if error.field == "number":
            return "no member has this number"
        case Fault.UNKNOWN:
            return "there is no shop with this name or number"
        case Fault.USED:
            return "another purchase at this shop has this receipt"
        case Fault.UNREADABLE:
            return f"not readable: {EXAMPLES[error.field]}"
