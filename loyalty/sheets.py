"""Rows for spreadsheets, as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int
BOM = "\ufeff"  # without it, spreadsheets take names that are not Latin for something else
_ISOLATES = {0x2068: None, 0x2069: None}  # for lines on a screen; in a cell a name stands alone
# With these a spreadsheet begins to calculate: at the beginning of a cell, and behind whatever it may take for the end
# of one. Where a comma is the decimal sign, semicolons part cells, and a quote within a cell holds nothing together.
_FORMULA = re.compile(r"(^|[;|\t\r\n])(?=[\s\"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])")


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Words that a spreadsheet would take for a formula get an apostrophe before them; numbers stay numbers."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[_safe(cell) for cell in row] for row in rows])
    return text.getvalue()


def csv_file(rows: Iterable[Sequence[Cell]]) -> bytes:
    return (BOM + csv_lines(rows)).encode()


def money_cell(minor: int, decimals: int) -> str:
    """An amount in the smallest unit of a currency with so many decimals, as spreadsheets read it."""
    return f"{minor / 10**decimals:.{decimals}f}"


def _safe(cell: Cell) -> Cell:
    return _FORMULA.sub(r"\g<0>'", cell.translate(_ISOLATES)) if isinstance(cell, str) else cell
