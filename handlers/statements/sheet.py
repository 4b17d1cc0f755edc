"""A statement as a file for spreadsheets."""

from __future__ import annotations

from handlers.points.causes import because, named
from handlers.screens import Document, plain
from locales.texts import Texts
from loyalty.members import Member
from loyalty.months import Month, written
from loyalty.movements import Statement
from loyalty.sheets import Cell, csv_file


def sheet(statement: Statement, month: Month, member: Member, texts: Texts) -> Document:
    """A line for each movement, oldest first, between the opening and the closing balance."""
    titles = (texts("Date"), texts("What"), texts("Shop"), texts("Points"), texts("Balance"))
    rows: list[list[Cell]] = [
        [plain(title) for title in titles],
        ["", plain(texts("Opening balance")), "", "", statement.before],
    ]
    balance = statement.before
    for movement in statement.movements:
        balance += movement.amount
        rows.append(
            [
                member.local(movement.at).date().isoformat(),
                plain(because(texts, movement)),
                named(texts, movement.merchant),
                movement.amount,
                balance,
            ]
        )
    rows.append(["", plain(texts("Closing balance")), "", "", balance])
    return Document(f"points-{written(month)}.csv", csv_file(rows))
