"""The files of an import: the CSV that is read, and the report of what was refused in it."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Generic

from loyalty.imports import Batch, Fault, ImportKind, Line, LineError, read_header
from loyalty.sheets import BOM, csv_lines

BATCH = 500
REPORT_HEAD = ("line", "field", "problem", "given", "content")


class Unreadable(Exception):
    """The file cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file that can be read from its beginning to its end. `fingerprint` changes with its content."""

    path: Path
    columns: tuple[str, ...]
    delimiter: str
    lines: int
    fingerprint: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row below the header with the line of the file on which it ends; empty ones are left out."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            rows = ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
            yield from islice(rows, 1, None)


def open_source(kind: ImportKind, path: Path) -> Source:
    """Reads all of the file once, so that nothing is booked of one that breaks off in the middle.

    Raises UnusableFile, Unreadable.
    """
    try:
        with path.open("rb") as file:
            fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter_of(next((line for line in file if line.strip()), ""))
            file.seek(0)
            rows = (row for row in csv.reader(file, delimiter=delimiter, strict=True) if any(map(str.strip, row)))
            columns = read_header(kind, next(rows, []))
            count = sum(1 for _ in rows)
    except UnicodeDecodeError:
        raise Unreadable("this is no UTF-8; save it as “CSV UTF-8”") from None
    except csv.Error as error:
        raise Unreadable(f"this is no CSV: {error}") from None
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    return Source(path, tuple(columns), delimiter, count, fingerprint)


def _delimiter_of(header: str) -> str:
    """Names of columns hold none of them."""
    return next((each for each in (";", "\t") if each in header), ",")


class Batches(Generic[Line]):
    """The lines of a file in batches. A line that repeats an earlier one is told apart here, because the database
    forgets who brought it."""

    def __init__(self, source: Source, read: Callable[[int, Sequence[str]], Line | list[LineError]]) -> None:
        self._source = source
        self._read: Callable[[int, Sequence[str]], Line | list[LineError]] = read
        self._seen: dict[object, tuple[int, int]] = {}  # by identity: a digest of the line, and its number
        self._rows: dict[int, list[str]] = {}  # of the batch that was handed out last

    def after(self, lines_done: int) -> Iterator[Batch[Line]]:
        """From the line after so many. Those before are read all the same: later ones may repeat them."""
        rows = self._source.rows()
        self._batch(list(islice(rows, lines_done)))
        while part := list(islice(rows, BATCH)):
            yield self._batch(part)

    def line(self, number: int) -> str:
        """A line of the last batch as it stands in the file, more or less."""
        return self._source.delimiter.join(self._rows.get(number, ()))

    def _batch(self, rows: Sequence[tuple[int, list[str]]]) -> Batch[Line]:
        lines: list[Line] = []
        errors: list[LineError] = []
        repeated = 0
        self._rows = dict(rows)
        for number, cells in rows:
            found = self._read(number, cells)
            if isinstance(found, list):
                errors += found
                continue
            content = hash(tuple(cell.strip() for cell in cells))
            first = self._seen.setdefault(found.identity, (content, number))
            if first[1] == number:
                lines.append(found)
            elif first[0] == content:
                repeated += 1
            else:
                errors.append(LineError(number, "", Fault.REPEATED, str(first[1])))
        return Batch(tuple(lines), len(rows), repeated, tuple(errors))


def open_private(path: Path) -> int:
    """An empty file to write to, for whoever runs this alone, also where there was another one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    path.chmod(0o600)
    return descriptor


class Report:
    """What was refused, beside the file: a row for each fault, with words from `say` and the line itself from `line`.

    Written before a batch is counted, and again from the same place if the batch is tried again; one that was cut off
    goes on after the lines that are counted.
    """

    def __init__(
        self, path: Path, say: Callable[[LineError], str], line: Callable[[int], str], lines_before: int = 0
    ) -> None:
        self.path, self._say, self._line = path, say, line
        kept = self._kept(lines_before) if lines_before else []
        self._file: IO[bytes] = os.fdopen(open_private(path), "wb")
        self._file.write((BOM + csv_lines([REPORT_HEAD, *kept])).encode())
        self._end = self._file.tell()
        self.close_batch()

    def add(self, errors: Sequence[LineError]) -> None:
        self._file.seek(self._end)
        self._file.truncate()
        rows = [(error.line, error.field, self._say(error), error.given, self._line(error.line)) for error in errors]
        self._file.write(csv_lines(rows).encode())
        self._file.flush()
        if rows:
            os.fsync(self._file.fileno())

    def close_batch(self) -> None:
        """What was added stays: its lines are counted."""
        self._file.flush()
        self._end = self._file.tell()

    def close(self) -> None:
        self._file.close()

    def _kept(self, line_last: int) -> list[tuple[int | str, ...]]:
        """What an earlier run has said of lines up to this one."""
        kept: list[tuple[int | str, ...]] = []
        with suppress(OSError, ValueError, csv.Error), self.path.open(encoding="utf-8-sig", newline="") as file:
            for line, *said in islice(csv.reader(file), 1, None):
                if int(line) <= line_last:
                    kept.append((int(line), *(cell.removeprefix("'") for cell in said)))
        return kept
