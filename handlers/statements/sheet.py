"""A statement as a file for spreadsheets."""

from __future__ import annotations

import csv
import io

from handlers.points.causes import because, named
from handlers.screens import Document, plain
from locales.texts import Texts
from loyalty.members import Member
from loyalty.movements import Month, Statement

ENCODING = "utf-8-sig"  # with its mark, by which spreadsheets know that it is not in the machine's old encoding
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is reckoned by the reader's spreadsheet


def sheet(statement: Statement, month: Month, member: Member, texts: Texts) -> Document:
    """A line for each movement, oldest first, between the opening and the closing balance."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    titles = (texts("Date"), texts("What"), texts("Shop"), texts("Points"), texts("Balance"))
    writer.writerow(_cell(title) for title in titles)
    writer.writerow(["", _cell(texts("Opening balance")), "", "", statement.before])
    balance = statement.before
    for movement in statement.movements:
        balance += movement.amount
        writer.writerow(
            [
                member.local(movement.at).date().isoformat(),
                _cell(because(texts, movement)),
                _cell(named(texts, movement.merchant)),
                movement.amount,
                balance,
            ]
        )
    writer.writerow(["", _cell(texts("Closing balance")), "", "", balance])
    return Document(f"points-{month.year}-{month.number:02}.csv", file.getvalue().encode(ENCODING))


def _cell(markup: str) -> str:
    """Words for a cell: no HTML, and nothing that a spreadsheet would take for a formula."""
    words = plain(markup)
    return f"'{words}" if words.startswith(FORMULAS) else words
